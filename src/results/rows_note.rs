//! What is written beside rows of `run`, `plan` and `drain`: what made them, as JSON of the same says it, and checksums.

use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;

use super::Origin;
use crate::disk::with_suffix;
use crate::units::bounded;

/// A note that was read.
#[derive(Clone, Debug)]
pub struct RowsNote {
    /// What made the rows.
    pub(super) origin: Origin,
    /// Of the rows.
    checksum: u64,
}

/// Largest note [bytes]: the files that it keeps, with what JSON adds to their letters.
const MOST: u64 = 64 << 20;
/// What its first lines are, before the checksum of all lines after them.
const HEAD: &str = "{\n  \"checksum\": ";

impl RowsNote {
    /// What is behind the name of the rows.
    pub const SUFFIX: &str = ".origin.json";

    /// Where the note of the rows at `path` is.
    pub fn place(path: &Path) -> PathBuf {
        with_suffix(path, RowsNote::SUFFIX)
    }

    /// The text of the note of some rows, which a record describes.
    pub fn text(rows: &[u8], made_by: &impl Serialize) -> String {
        // A record of words and numbers always has a JSON form, and it is an object.
        let Ok(Value::Object(mut fields)) = serde_json::to_value(made_by) else { return String::new() };
        fields.insert("rows_checksum".to_owned(), crc32fast::hash(rows).into());
        if let Some(origin) = Origin::of(&String::from_utf8_lossy(rows)) {
            fields.insert("last_seed".to_owned(), origin.seeds.1.into());
        }
        let text = serde_json::to_string_pretty(&fields).unwrap_or_default();
        let body = text.strip_prefix("{\n").unwrap_or_default().to_owned() + "\n";
        format!("{HEAD}{},\n{body}", crc32fast::hash(body.as_bytes()))
    }

    /// The note of the rows at `path`; `None` if there is none.
    ///
    /// # Errors
    /// Says why it cannot be used.
    pub(super) fn beside(path: &Path) -> Result<Option<RowsNote>, String> {
        let place = RowsNote::place(path);
        let text = match std::fs::File::open(&place).and_then(|file| bounded::text(file, MOST)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            text => text.map_err(|error| format!("cannot read `{}`: {error}", place.display()))?,
        };
        let damaged = || format!("`{}` is damaged, or was changed; make the results again", place.display());
        RowsNote::of(&text).map(Some).ok_or_else(damaged)
    }

    fn of(text: &str) -> Option<RowsNote> {
        let (checksum, body) = text.strip_prefix(HEAD)?.split_once(",\n")?;
        if checksum.parse() != Ok(crc32fast::hash(body.as_bytes())) {
            return None;
        }
        let document: Value = serde_json::from_str(text).ok()?;
        let checksum = document.get("rows_checksum")?.as_u64()?;
        Some(RowsNote { origin: Origin::of(text)?, checksum })
    }

    /// Whether these are the rows that it is of.
    pub(super) fn is_of(&self, rows: &[u8]) -> bool {
        u64::from(crc32fast::hash(rows)) == self.checksum
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_note_knows_its_rows_and_vouches_for_itself() {
        let rows = "precopy,scenario,qemu,seed,memory\n0.1.0,a,8.2,3,expected\n0.1.0,a,8.2,5,expected\n";
        let made_by: BTreeMap<&str, Value> = BTreeMap::from([
            ("precopy", "0.1.0".into()),
            ("scenario", "a".into()),
            ("qemu", "8.2".into()),
            ("memory", "expected".into()),
            ("seed", 3.into()),
            ("command", "precopy run a.toml".into()),
            ("files", serde_json::json!({ "a.toml": "text\n" })),
        ]);
        let text = RowsNote::text(rows.as_bytes(), &made_by);
        let note = RowsNote::of(&text).unwrap();
        assert!(note.is_of(rows.as_bytes()) && !note.is_of(b"precopy\n"));
        assert_eq!(note.origin.words(), "scenario a, QEMU 8.2, memory expected, seeds 3 to 5");
        assert_eq!(note.origin.archive.unwrap().files["a.toml"], "text\n");
        for changed in [text.replace("text", "other"), text.replace("3", "4"), text[..20].to_owned(), String::new()] {
            assert!(RowsNote::of(&changed).is_none(), "{changed}");
        }
    }
}
