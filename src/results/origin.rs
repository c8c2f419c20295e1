//! What a file of results says of where it came from.

use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::RowsNote;
use crate::disk::Archive;
use crate::sweep::{Journal, JournalError};
use crate::units::bounded;

/// Largest file whose rows are looked at [bytes].
const MOST: u64 = 1 << 30;

/// Where results came from: all that it takes to make them again, beside the scenario's file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// Version of the program.
    pub precopy: String,
    /// Name of the scenario.
    pub scenario: String,
    /// Release of QEMU whose rules were followed; none of a sweep, which may vary it.
    pub qemu: Option<String>,
    /// Memory model.
    pub memory: String,
    /// Seeds of the first and of the last run.
    pub seeds: (u64, u64),
    /// Of a sweep: changes with any key of the scenario, any file that it names, and any value that is varied.
    pub fingerprint: Option<String>,
    /// The command, and the files that it read; none of rows without their note, or of an earlier version.
    pub archive: Option<Archive>,
    /// Whether the rows are those that were written.
    pub rows: RowsCheck,
}

/// What a note says of the rows that it is beside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RowsCheck {
    /// There is no note, and so no checksum.
    #[default]
    Unvouched,
    /// They are as they were written, and so is what the note keeps.
    AsWritten,
    /// They are not; which.
    Changed(String),
    /// The note is here, and they are not.
    NotHere,
}

impl Origin {
    /// Reads it from results as JSON or CSV, or from the note beside rows; the note itself may also be named.
    ///
    /// # Errors
    /// Says why it cannot be told.
    pub fn read(path: &Path) -> Result<Origin, String> {
        let name = path.to_string_lossy();
        let of_note = |suffix: &str| name.strip_suffix(suffix).map(Path::new);
        let rows = of_note(Journal::NOTE).or(of_note(RowsNote::SUFFIX)).unwrap_or(path);
        if let Some(origin) = Origin::noted(rows)? {
            return Ok(origin);
        }
        let text = bounded::open(path).and_then(|source| bounded::text(source, MOST));
        let text = text.map_err(|error| format!("cannot read `{}`: {error}", path.display()))?;
        Origin::of(&text).ok_or_else(|| {
            format!(
                "`{}` does not say which version made it; results of `run`, `plan` and `drain` as JSON or CSV do, and those of \
                 `sweep` by the note beside them",
                path.display()
            )
        })
    }

    /// Why the rows at `path` are not to be trusted, by a note beside them; none where they are as written or have no note.
    pub fn fault_beside(path: &Path) -> Option<String> {
        // What cannot be read is told by whoever reads it.
        if !path.is_file() {
            return None;
        }
        match Origin::noted(path) {
            Ok(Some(Origin { rows: RowsCheck::Changed(what), .. })) => {
                Some(format!("the rows of `{}` are {what}", path.display()))
            }
            Ok(_) => None,
            // 0.1.0 wrote no checksums, so that none fails.
            Err(_) if matches!(Journal::beside(path), Err(JournalError::Unvouched(_))) => None,
            Err(why) => Some(why),
        }
    }

    /// From the notes beside rows; `None` if there are none.
    fn noted(rows: &Path) -> Result<Option<Origin>, String> {
        let noted = match RowsNote::beside(rows)? {
            Some(RowsNote { origin, .. }) if !rows.exists() => Some(Origin { rows: RowsCheck::NotHere, ..origin }),
            Some(note) => {
                let found = std::fs::File::open(rows).and_then(|file| bounded::bytes(file, MOST));
                let found = found.map_err(|error| format!("cannot read `{}`: {error}", rows.display()))?;
                let check = match note.is_of(&found) {
                    true => RowsCheck::AsWritten,
                    false => RowsCheck::Changed("not the ones that the note beside them is of".to_owned()),
                };
                Some(Origin { rows: check, ..note.origin })
            }
            None => None,
        };
        // A sweep and a run may have written the same file, one after the other.
        if let Some(noted) = noted.clone().filter(|noted| noted.rows == RowsCheck::AsWritten) {
            return Ok(Some(noted));
        }
        Ok(Origin::of_sweep(rows)?.or(noted))
    }

    /// From the note beside the rows of a sweep; `None` if there is none.
    fn of_sweep(rows: &Path) -> Result<Option<Origin>, String> {
        let Some((sweep, archive)) = Journal::beside(rows).map_err(|error| error.to_string())? else { return Ok(None) };
        let check = match Journal::fault_beside(rows).map_err(|error| error.to_string())? {
            _ if !rows.exists() => RowsCheck::NotHere,
            None => RowsCheck::AsWritten,
            Some(fault) => RowsCheck::Changed(format!("damaged or changed: {fault}")),
        };
        Ok(Some(Origin {
            precopy: sweep.precopy,
            scenario: sweep.scenario,
            qemu: None,
            memory: sweep.memory,
            seeds: (sweep.seed, sweep.seed.wrapping_add(u64::from(sweep.repeats.saturating_sub(1)))),
            fingerprint: Some(sweep.fingerprint),
            archive,
            rows: check,
        }))
    }

    /// From the text of results.
    pub(super) fn of(text: &str) -> Option<Origin> {
        if text.trim_start().starts_with('{') {
            let document: Value = serde_json::from_str(text).ok()?;
            let word = |key: &str| Some(document.get(key)?.as_str()?.to_owned());
            let runs = document.get("runs").and_then(Value::as_array);
            let seed = |of: &Value| of.get("seed").and_then(Value::as_u64);
            let first = seed(&document)?;
            let last = document.get("last_seed").and_then(Value::as_u64);
            return Some(Origin {
                precopy: word("precopy")?,
                scenario: word("scenario")?,
                qemu: word("qemu"),
                memory: word("memory")?,
                seeds: (first, runs.and_then(|runs| seed(runs.last()?)).or(last).unwrap_or(first)),
                fingerprint: None,
                archive: Archive::deserialize(&document).ok(),
                rows: RowsCheck::Unvouched,
            });
        }
        let mut rows = csv::Reader::from_reader(text.as_bytes());
        let places = rows.headers().ok().map(|names| {
            ["precopy", "scenario", "qemu", "memory", "seed"].map(|name| names.iter().position(|known| known == name))
        })?;
        let mut origin: Option<Origin> = None;
        for row in rows.records() {
            let row = row.ok()?;
            let cell = |at: usize| row.get(places[at]?).map(str::to_owned);
            let seed = cell(4)?.parse().ok()?;
            match &mut origin {
                Some(origin) => origin.seeds.1 = seed,
                None => {
                    origin = Some(Origin {
                        precopy: cell(0)?,
                        scenario: cell(1)?,
                        qemu: cell(2),
                        memory: cell(3)?,
                        seeds: (seed, seed),
                        fingerprint: None,
                        archive: None,
                        rows: RowsCheck::Unvouched,
                    });
                }
            }
        }
        origin
    }

    /// In words, for a note to a citation.
    pub fn words(&self) -> String {
        let Origin { scenario, qemu, memory, seeds: (first, last), fingerprint, .. } = self;
        let qemu = qemu.as_ref().map_or(String::new(), |release| format!(", QEMU {release}"));
        let seeds = if first == last { format!("seed {first}") } else { format!("seeds {first} to {last}") };
        let keys = fingerprint.as_ref().map_or(String::new(), |digits| format!(", fingerprint {digits}"));
        format!("scenario {scenario}{qemu}, memory {memory}, {seeds}{keys}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_say_where_they_came_from() {
        let head = r#""precopy": "0.1.0", "scenario": "a", "qemu": "8.2", "memory": "expected""#;
        let csv = "precopy,scenario,qemu,seed,memory,verdict\n0.1.0,a,8.2,3,expected,converged\n";
        for (text, words) in [
            (format!("{{{head}, \"seed\": 3}}"), "scenario a, QEMU 8.2, memory expected, seed 3"),
            (
                format!("{{{head}, \"seed\": 3, \"runs\": [{{\"seed\": 3}}, {{\"seed\": 4}}]}}"),
                "scenario a, QEMU 8.2, memory expected, seeds 3 to 4",
            ),
            (csv.to_owned(), "scenario a, QEMU 8.2, memory expected, seed 3"),
            (format!("{csv}0.1.0,a,8.2,9,expected,converged\n"), "scenario a, QEMU 8.2, memory expected, seeds 3 to 9"),
        ] {
            let origin = Origin::of(&text).unwrap();
            assert_eq!((origin.words().as_str(), origin.precopy.as_str()), (words, "0.1.0"), "{text}");
        }
        for text in ["", "{}", "[]", "a,b\n1,2\n", "{", "precopy,seed\n0.1.0,x\n"] {
            assert_eq!(Origin::of(text), None, "{text}");
        }
    }
}
