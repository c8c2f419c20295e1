//! One outcome as a JSON object for programs: base units, full precision, stable names.
//!
//! All of it is flat but `actions`, the list of what an orchestrator did.

use std::io;

use serde::Serialize;

use super::{Provenance, Report};
use crate::sim::{Action, Outcome};

/// The object: provenance and outcome side by side, then the actions.
#[derive(Serialize)]
struct Flat<'a> {
    #[serde(flatten)]
    provenance: &'a Provenance,
    #[serde(flatten)]
    outcome: &'a Outcome,
    actions: &'a [Action],
}

/// Writes the report as one indented object and a newline; the timeline is left out. A number that is not finite is
/// `null`.
///
/// # Errors
/// Whatever the writer fails with.
pub fn write(mut to: impl io::Write, report: &Report) -> io::Result<()> {
    let Report { provenance, outcome, timeline } = report;
    serde_json::to_writer_pretty(&mut to, &Flat { provenance, outcome, actions: &timeline.actions })?;
    writeln!(to)
}
