//! Outcome and timeline as CSV for programs: base units, full precision, the same names as in JSON.

use std::io;

use super::metrics::METRICS;
use super::{Provenance, Report};
use crate::sim::{Outcome, Timeline};
use crate::sink::table::Table;

/// Columns that stand before the outcome's: where the row came from.
pub const PROVENANCE: [&str; 5] = ["precopy", "scenario", "qemu", "seed", "memory"];

/// The cells of those columns.
pub(super) fn provenance(from: &Provenance, seed: u64) -> [String; 5] {
    let Provenance { precopy, scenario, qemu, memory, .. } = from;
    [(*precopy).to_owned(), scenario.clone(), qemu.to_string(), seed.to_string(), memory.as_str().to_owned()]
}

/// Writes a header and one row: provenance, then every field of the outcome.
///
/// # Errors
/// Whatever the writer fails with.
pub fn write(to: impl io::Write, report: &Report) -> io::Result<()> {
    let Provenance { seed, .. } = *report.provenance;
    write_runs(to, report.provenance, [(seed, report.outcome)])
}

/// Writes a header, and a row for each run with its own seed.
///
/// # Errors
/// Whatever the writer fails with.
pub fn write_runs<'a>(
    to: impl io::Write,
    from: &Provenance,
    runs: impl IntoIterator<Item = (u64, &'a Outcome)>,
) -> io::Result<()> {
    let mut table = Table::default();
    table.head(PROVENANCE.into_iter().chain(METRICS.iter().map(|metric| metric.key)));
    for (seed, outcome) in runs {
        let figures = METRICS.iter().map(|metric| (metric.get)(outcome).to_string());
        table.row(provenance(from, seed).into_iter().chain(figures));
    }
    table.csv(to)
}

/// Writes a header and a row per row of the timeline; an empty timeline is an empty file.
///
/// # Errors
/// Whatever the writer fails with.
pub fn write_timeline(to: impl io::Write, timeline: &Timeline) -> io::Result<()> {
    let mut csv = crate::sink::csv::writer(to);
    for row in &timeline.rows {
        csv.serialize(row)?;
    }
    csv.flush()
}
