//! A recorded migration, read from the JSON of the rig that made it.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde_json::Value;

use super::json::{FieldError, Node};
use super::{Record, qmp, virsh};
use crate::scenario::Scenario;

/// A recorded migration: what was to be moved and how, and what came of it.
///
/// The scenario comes from the trace's configuration and from what was seen of the guest before the migration, never
/// from the outcome. `docs/trace-format.md` lists the fields.
#[derive(Clone, Debug)]
pub struct Trace {
    /// File name without its extension.
    pub name: String,
    /// What to simulate, or why that is not possible yet.
    pub scenario: Result<Scenario, NotCovered>,
    /// What happened.
    pub measured: Record,
    /// What was done to the measured figures, if anything.
    pub note: Option<String>,
}

/// The trace uses a lever that is not modelled yet; the text names it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotCovered(pub String);

/// A trace that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {problem}")]
pub struct TraceError {
    /// The file as it was named.
    pub file: String,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a trace.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// The file cannot be opened or read.
    #[error("cannot be read: {0}")]
    Read(#[from] io::Error),
    /// The file is larger than [`Trace::MAX_BYTES`].
    #[error("is larger than {} MiB; a trace of an hour has about 5", Trace::MAX_BYTES >> 20)]
    TooLarge,
    /// The file is a scenario.
    #[error("is a scenario, and a recorded migration is JSON; `precopy run` takes scenarios")]
    Scenario,
    /// The file is not JSON.
    #[error("is not valid JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// A field is missing or impossible.
    #[error(transparent)]
    Field(#[from] FieldError),
}

impl Trace {
    /// Largest file that is read [bytes]. In memory a trace takes some ten times its size.
    pub const MAX_BYTES: u64 = 64 << 20;

    /// Reads a trace file; `-` is standard input.
    ///
    /// # Errors
    /// [`TraceError`] names the file and, where the text is JSON, the field.
    pub fn read(path: &Path) -> Result<Trace, TraceError> {
        let error = |problem| TraceError { file: path.display().to_string(), problem };
        if path.as_os_str() == "-" {
            let text = read_limited(io::stdin().lock(), Trace::MAX_BYTES).map_err(error)?;
            return Trace::parse("stdin", &text).map_err(error);
        }
        let name = path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy();
        let file = File::open(path).map_err(|cause| error(cause.into()))?;
        let text = read_limited(file, Trace::MAX_BYTES).map_err(error)?;
        Trace::parse(&name, &text).map_err(error)
    }

    /// Reads the text of a trace, which is to be called `name`.
    ///
    /// # Errors
    /// [`Problem::Scenario`], [`Problem::Json`] or [`Problem::Field`].
    pub fn parse(name: &str, text: &[u8]) -> Result<Trace, Problem> {
        let value: Value = serde_json::from_slice(text).map_err(|error| match is_scenario(text) {
            true => Problem::Scenario,
            false => Problem::Json(error),
        })?;
        let root = Node::root(&value);
        let schema = root.get("schema")?;
        let (scenario, measured, note) = match schema.text()? {
            qmp::SCHEMA => qmp::read(&root)?,
            virsh::SCHEMA => virsh::read(&root)?,
            _ => return Err(schema.expected(&format!("{} or {}", qmp::SCHEMA, virsh::SCHEMA)).into()),
        };
        Ok(Trace { name: name.to_owned(), scenario, measured, note })
    }
}

/// What a schema's reader makes of a trace: the scenario, what happened, a note.
pub(super) type Parts = (Result<Scenario, NotCovered>, Record, Option<String>);

/// Whether a text that is no JSON looks like a scenario file.
fn is_scenario(text: &[u8]) -> bool {
    text.split(|byte| *byte == b'\n').any(|line| line.trim_ascii() == b"[guest]")
}

fn read_limited(source: impl Read, limit: u64) -> Result<Vec<u8>, Problem> {
    let mut text = Vec::new();
    source.take(limit + 1).read_to_end(&mut text)?;
    if text.len() as u64 > limit { Err(Problem::TooLarge) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_beyond_the_limit_is_refused() {
        assert_eq!(read_limited(&b"1234"[..], 4).unwrap(), b"1234");
        assert!(matches!(read_limited(&b"12345"[..], 4), Err(Problem::TooLarge)));
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = Trace::read(Path::new("no/such.json")).unwrap_err().to_string();
        assert!(error.starts_with("no/such.json: cannot be read: "), "{error}");
    }
}
