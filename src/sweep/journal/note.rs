//! What stands beside a complete file: what its rows belong to, and a checksum of each block of them.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::checksum::checksum;
use super::{JournalError, io_at};
use crate::disk::Archive;
use crate::sweep::Identity;
use crate::units::bounded;

/// Some rows that follow each other in a complete file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::sweep) struct RowBlock {
    /// The first row, from 0.
    pub first: u64,
    /// How many.
    pub rows: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Of them.
    pub checksum: u32,
}

/// The note.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::sweep) struct SweepNote {
    /// Of all that follows.
    checksum: u32,
    /// What the rows belong to.
    pub sweep: Identity,
    /// What it takes to make them again; notes of earlier builds do not say it.
    pub archive: Option<Archive>,
    /// The rows, in their order and all of them. The file is a header, if its form has one, and then these.
    pub blocks: Vec<RowBlock>,
}

/// Largest note [bytes].
pub(super) const MOST: u64 = 16 << 20;
/// Most bytes of a block: more than any disk has, and few enough to be added up.
const MOST_BYTES: u64 = 1 << 44;
/// Most blocks of a file; see [`SweepNote::block`].
const BLOCKS: u64 = 1000;

impl SweepNote {
    pub(crate) fn new(sweep: Identity, blocks: Vec<RowBlock>, archive: Option<Archive>) -> SweepNote {
        SweepNote { checksum: own_checksum(&sweep, archive.as_ref(), &blocks), sweep, archive, blocks }
    }

    /// Least bytes of a block, so that a note stays small beside its file.
    pub(crate) fn block(bytes: u64) -> u64 {
        (bytes / BLOCKS).max(1 << 14)
    }

    /// Bytes of all rows.
    pub(crate) fn bytes(&self) -> u64 {
        self.blocks.iter().map(|block| block.bytes).sum()
    }

    /// Its text: JSON, with a line for each block.
    pub(crate) fn text(&self) -> String {
        let json = |value: serde_json::Result<String>| value.unwrap_or_default();
        let blocks: Vec<String> = self.blocks.iter().map(|block| json(serde_json::to_string(block))).collect();
        let sweep = json(serde_json::to_string_pretty(&self.sweep));
        let archive = self.archive.as_ref().map(|archive| json(serde_json::to_string_pretty(archive)));
        let archive = archive.map_or(String::new(), |archive| format!("\"archive\": {archive},\n"));
        format!(
            "{{\n\"checksum\": {},\n\"sweep\": {sweep},\n{archive}\"blocks\": [\n{}\n]\n}}\n",
            self.checksum,
            blocks.join(",\n")
        )
    }

    /// Reads a note; all numbers of what it gives are within their bounds.
    ///
    /// # Errors
    /// It cannot be read, is damaged, or of a version that vouched for nothing.
    pub(crate) fn read(path: &Path) -> Result<SweepNote, JournalError> {
        let damaged = |why: String| JournalError::Damaged { path: path.to_owned(), why };
        // A pipe would be waited for.
        if !fs::metadata(path).map_err(io_at(path))?.is_file() {
            return Err(damaged("it is no file".to_owned()));
        }
        let text = File::open(path).and_then(|file| bounded::text(file, MOST));
        let text = text.map_err(|error| match error.kind() {
            io::ErrorKind::FileTooLarge | io::ErrorKind::InvalidData => damaged(error.to_string()),
            _ => io_at(path)(error),
        })?;
        let note: SweepNote = match serde_json::from_str(&text) {
            Ok(note) => note,
            Err(error) => {
                return Err(match serde_json::from_str::<Identity>(&text) {
                    Ok(_) => JournalError::Unvouched(path.to_owned()),
                    Err(_) => damaged(error.to_string()),
                });
            }
        };
        match note.fault() {
            None => Ok(note),
            Some(why) => Err(damaged(why)),
        }
    }

    fn fault(&self) -> Option<String> {
        if own_checksum(&self.sweep, self.archive.as_ref(), &self.blocks) != self.checksum {
            return Some("its checksum is another one".to_owned());
        }
        if let Some(fault) = self.sweep.fault() {
            return Some(fault);
        }
        let mut rows = 0u64;
        for block in &self.blocks {
            // Blocks that are too large for any file have no sum to be trusted.
            if block.first != rows || block.rows > self.sweep.rows - rows || block.bytes > MOST_BYTES {
                return Some(format!("its block of row {} does not follow the one before", block.first));
            }
            rows += block.rows;
        }
        (rows != self.sweep.rows).then(|| format!("its blocks have {rows} rows, not {}", self.sweep.rows))
    }
}

/// A record of words and numbers always has a JSON form, and always the same.
fn own_checksum(sweep: &Identity, archive: Option<&Archive>, blocks: &[RowBlock]) -> u32 {
    let bytes = match archive {
        Some(archive) => serde_json::to_vec(&(sweep, archive, blocks)),
        None => serde_json::to_vec(&(sweep, blocks)),
    };
    checksum(0, &bytes.unwrap_or_default())
}
