//! A recorded migration: what was configured, what happened, and what a client saw on the way.

use std::io::{self, Read};
use std::path::Path;

use super::parts::{self, NoScenario, TraceParts, TraceProblem, until_ended};
use super::{MigrationRecord, kind};
use crate::scenario::Scenario;
use crate::sim::Timeline;
use crate::units::{Bytes, bounded};

/// A recorded migration: what was to be moved and how, and what came of it.
///
/// The scenario comes from the trace's configuration and from what was seen of the guest before the migration, never
/// from the outcome. `docs/trace-format.md` lists the fields.
#[derive(Clone, Debug)]
pub struct Trace {
    /// File name without its extension.
    pub name: String,
    /// What to simulate, or why the trace does not lead to that.
    pub scenario: Result<Scenario, NoScenario>,
    /// What happened.
    pub measured: MigrationRecord,
    /// What a client saw while it happened: a sample for each look, a row for each sync. `downtime_limit_ms` is 0, as
    /// no client sees it.
    pub timeline: Timeline,
    /// All RAM of the guest, if the statistics tell it.
    pub memory: Option<Bytes>,
    /// What was done to the measured figures, if anything.
    pub note: Option<String>,
}

/// A trace that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {problem}")]
pub struct TraceError {
    /// The file as it was named.
    pub file: String,
    /// What is wrong with it.
    pub problem: TraceProblem,
}

impl Trace {
    /// Largest file that is read [bytes]. In memory a trace takes some ten times its size.
    pub const MAX_BYTES: u64 = parts::MAX_BYTES;

    /// Reads a trace file; `-` is standard input.
    ///
    /// # Errors
    /// [`TraceError`] names the file and, where the text is JSON, the field.
    pub fn read(path: &Path) -> Result<Trace, TraceError> {
        let error = |problem| TraceError { file: path.display().to_string(), problem };
        let name = match path.as_os_str() == "-" {
            true => "stdin".into(),
            false => path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy(),
        };
        let source = bounded::open(path).map_err(|cause| error(cause.into()))?;
        let text = self::read(source).map_err(error)?;
        Trace::parse(&name, text.as_bytes()).map_err(error)
    }

    /// Reads the text of a trace, which is to be called `name`; what kind it is shows in its text.
    ///
    /// # Errors
    /// [`TraceProblem::Scenario`], [`TraceProblem::Json`], [`TraceProblem::Line`] or [`TraceProblem::Field`].
    pub fn parse(name: &str, text: &[u8]) -> Result<Trace, TraceProblem> {
        // Some editors put a mark of the encoding before it.
        let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
        if is_scenario(text) {
            return Err(TraceProblem::Scenario);
        }
        let TraceParts { scenario, measured, timeline, memory, note } = kind::read(text)?;
        let scenario = scenario.and_then(|scenario| match scenario.check() {
            Ok(_) => Ok(scenario),
            Err(invalid) => Err(NoScenario::Unstated(invalid.to_string())),
        });
        Ok(Trace { name: name.to_owned(), scenario, measured, timeline, memory, note })
    }

    /// This migration, to be predicted with another scenario than its own.
    ///
    /// Where it was ended from outside, the scenario's time limit comes no later than that.
    pub fn with_scenario(mut self, scenario: Scenario) -> Trace {
        self.scenario = Ok(until_ended(scenario, self.measured.verdict, self.measured.seen_ms));
        self
    }
}

/// Whether a text that is no JSON looks like a scenario file.
fn is_scenario(text: &[u8]) -> bool {
    text.split(|byte| *byte == b'\n').any(|line| line.trim_ascii() == b"[guest]")
}

fn read(source: impl Read) -> Result<String, TraceProblem> {
    bounded::text(source, Trace::MAX_BYTES).map_err(|error| match error.kind() {
        io::ErrorKind::FileTooLarge => TraceProblem::TooLarge,
        _ => error.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_beyond_the_limit_is_refused() {
        assert!(matches!(read(io::repeat(b'\n')), Err(TraceProblem::TooLarge)));
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = Trace::read(Path::new("no/such.json")).unwrap_err().to_string();
        assert!(error.starts_with("no/such.json: cannot be read: "), "{error}");
    }
}
