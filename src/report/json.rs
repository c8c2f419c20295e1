//! One outcome as a JSON object for programs: base units, full precision, stable names.

use std::io;

use serde::Serialize;

use super::{Provenance, Report};
use crate::sim::Outcome;

/// The object: provenance and outcome side by side, nothing nested.
#[derive(Serialize)]
struct Flat<'a> {
    #[serde(flatten)]
    provenance: &'a Provenance,
    #[serde(flatten)]
    outcome: &'a Outcome,
}

/// Writes the report as one indented object and a newline; the timeline is left out. A number that is not finite is
/// `null`.
///
/// # Errors
/// Whatever the writer fails with.
pub fn write(mut to: impl io::Write, report: &Report) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut to, &Flat { provenance: report.provenance, outcome: report.outcome })?;
    writeln!(to)
}
