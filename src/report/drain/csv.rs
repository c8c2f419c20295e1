//! A drain as CSV: a row for each migration, with the outcome's own field names.

use std::io;

use super::super::csv::{PROVENANCE, provenance};
use super::super::metrics::METRICS;
use super::Drained;
use super::rows::{DrainedRow, rows};
use crate::sink::table::Table;
use crate::units::Time;

/// Columns between provenance and outcome.
pub const COLUMNS: [&str; 15] = [
    "scheduler",
    "slots",
    "rules",
    "rules_brought",
    "guest",
    "attempt",
    "moved",
    "missed",
    "start_ms",
    "end_ms",
    "share_bytes_per_s",
    "host",
    "destination",
    "guest_memory_bytes",
    "unknown",
];

/// Writes a header, and a row for each migration by the time of its end.
///
/// # Errors
/// Whatever the writer fails with.
pub fn write(to: impl io::Write, drained: &Drained) -> io::Result<()> {
    write_rows(to, drained, &rows(drained))
}

/// Writes a header, and these rows.
pub(super) fn write_rows(to: impl io::Write, drained: &Drained, rows: &[DrainedRow]) -> io::Result<()> {
    let from = drained.provenance;
    let mut table = Table::default();
    table.head(PROVENANCE.into_iter().chain(COLUMNS).chain(METRICS.iter().map(|metric| metric.key)));
    for row in rows {
        let ms = |time: Option<Time>| time.map_or_else(String::new, |time| (time - Time::ZERO).ms().to_string());
        let attempt = row.attempt;
        let own = [
            drained.host.scheduler().name.to_owned(),
            drained.plan.slots.to_string(),
            drained.host.rules(row.index).to_owned(),
            drained.host.rules_came_along(row.index).to_string(),
            row.guest.name.clone(),
            row.number().to_string(),
            row.moved().to_string(),
            row.missed.clone(),
            ms(attempt.map(|attempt| attempt.start)),
            ms(attempt.map(|attempt| attempt.end)),
            attempt.and_then(|attempt| attempt.share).map_or_else(String::new, |share| share.0.to_string()),
            row.host.unwrap_or_default().to_owned(),
            row.destination.unwrap_or_default().to_owned(),
            row.guest.scenario.guest.memory.bytes().0.to_string(),
            row.unknown.to_string(),
        ];
        let figures = METRICS.iter().map(|metric| match (attempt, &row.lack) {
            (Some(attempt), _) => (metric.get)(&attempt.outcome).to_string(),
            (None, Some(lack)) if metric.key == "reason" => lack.clone(),
            _ => String::new(),
        });
        table.row(provenance(from, from.seed).into_iter().chain(own).chain(figures));
    }
    table.csv(to)
}
