//! A recorded migration: what was configured, what happened, and what a client saw on the way.

use std::io;
use std::path::Path;

use super::parts::{self, NoScenario, TraceParts, TraceProblem, until_ended};
use super::told::Told;
use super::{Fate, MigrationRecord, encoding, kind};
use crate::scenario::Scenario;
use crate::sim::{Event, Row, Timeline};
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
    /// What its log says beside the figures; of a recording nothing.
    pub told: Told,
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

    /// Reads a trace file; `-` is standard input. Of several migrations in it this is the first.
    ///
    /// # Errors
    /// [`TraceError`] names the file and, where the text is JSON, the field.
    pub fn read(path: &Path) -> Result<Trace, TraceError> {
        Trace::read_nth(path, 1)
    }

    /// Reads one of the migrations in a file, counted from 1.
    ///
    /// # Errors
    /// As [`Trace::read`], or there are not so many.
    pub fn read_nth(path: &Path, nth: usize) -> Result<Trace, TraceError> {
        let error = |problem| TraceError { file: path.display().to_string(), problem };
        self::nth(Trace::read_all(path)?, nth).map_err(error)
    }

    /// Reads all migrations in a file, in the order in which they begin; there is one or more.
    ///
    /// # Errors
    /// As [`Trace::read`].
    pub fn read_all(path: &Path) -> Result<Vec<Trace>, TraceError> {
        let error = |problem| TraceError { file: path.display().to_string(), problem };
        let name = match path.as_os_str() == "-" {
            true => "stdin".into(),
            false => path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy(),
        };
        let name = name.strip_suffix(".log").or_else(|| name.strip_suffix(".txt")).unwrap_or(&name);
        let source = bounded::open(path).map_err(|cause| error(cause.into()))?;
        let packed = bounded::bytes(source, Trace::MAX_BYTES).map_err(|cause| error(unread(cause)))?;
        let bytes = encoding::unpacked(packed, Trace::MAX_BYTES).map_err(|cause| error(unread(cause)))?;
        let text = bounded::text(&bytes[..], Trace::MAX_BYTES).map_err(|cause| error(unread(cause)))?;
        Trace::parse_all(name, text.as_bytes()).map_err(error)
    }

    /// Reads the text of a trace, which is to be called `name`; what kind it is shows in its text.
    ///
    /// # Errors
    /// [`TraceProblem::Scenario`], [`TraceProblem::Json`], [`TraceProblem::Line`] or [`TraceProblem::Field`].
    pub fn parse(name: &str, text: &[u8]) -> Result<Trace, TraceProblem> {
        nth(Trace::parse_all(name, text)?, 1)
    }

    /// As [`Trace::parse`], of all migrations in a text.
    ///
    /// # Errors
    /// As [`Trace::parse`].
    pub fn parse_all(name: &str, text: &[u8]) -> Result<Vec<Trace>, TraceProblem> {
        if is_scenario(text) {
            return Err(TraceProblem::Scenario);
        }
        let all = kind::read(text)?;
        let several = all.len() > 1;
        let trace = |(at, parts): (usize, TraceParts)| {
            let TraceParts { scenario, measured, timeline, memory, note, told } = parts;
            let valid = |scenario: &Scenario| match scenario.check() {
                Ok(_) => Ok(()),
                Err(invalid) => Err(NoScenario::Unstated(invalid.to_string())),
            };
            let scenario = match scenario {
                Ok(scenario) => valid(&scenario).map(|()| scenario),
                Err(NoScenario::Program(around)) => valid(&around).and_then(|()| Err(NoScenario::Program(around))),
                Err(reason) => Err(reason),
            };
            let name = if several { format!("{name}-{}", at + 1) } else { name.to_owned() };
            Trace { name, scenario, measured, timeline, memory, note, told }
        };
        Ok(all.into_iter().enumerate().map(trace).collect())
    }

    /// This migration as a client knows it that has looked until then [ms], and no farther.
    #[must_use]
    pub fn until(mut self, ms: f64) -> Trace {
        if ms >= self.measured.seen_ms {
            return self;
        }
        self.timeline.rows.retain(|row| row.t_ms <= ms);
        let Some(last) = self.timeline.rows.last().cloned() else { return self };
        let measured = &mut self.measured;
        (measured.verdict, measured.total_time_ms, measured.downtime_ms) = (Fate::Running, None, None);
        measured.seen_ms = ms;
        measured.sync_times_ms.retain(|sync| *sync <= ms);
        measured.dirty_sync_count = last.pass;
        measured.transferred_bytes = Some(last.transferred_bytes);
        (measured.normal_pages, measured.guest_work_lost_ms) = (None, None);
        self.timeline.rows.push(Row { t_ms: ms, event: Event::End, ..last });
        self
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

/// One of several, counted from 1, which says how many there are.
fn nth(mut all: Vec<Trace>, nth: usize) -> Result<Trace, TraceProblem> {
    let count = all.len();
    if nth == 0 || nth > count {
        return Err(TraceProblem::Few { nth, count });
    }
    let mut trace = all.swap_remove(nth - 1);
    if count > 1 {
        let several = format!("migration {nth} of the {count} in this log; `--nth N` is another one");
        trace.note = Some(trace.note.map_or(several.clone(), |note| format!("{note}; {several}")));
    }
    Ok(trace)
}

fn unread(error: io::Error) -> TraceProblem {
    match error.kind() {
        io::ErrorKind::FileTooLarge => TraceProblem::TooLarge,
        _ => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_beyond_the_limit_is_refused() {
        let error = bounded::bytes(io::repeat(b'\n'), Trace::MAX_BYTES).map_err(unread);
        assert!(matches!(error, Err(TraceProblem::TooLarge)));
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = Trace::read(Path::new("no/such.json")).unwrap_err().to_string();
        assert!(error.starts_with("no/such.json: cannot be read: "), "{error}");
    }
}
