//! A drain as CSV: a row for each migration, with the outcome's own field names.

use std::io;

use super::super::csv::{PROVENANCE, provenance};
use super::super::metrics::METRICS;
use super::Drained;
use crate::sink::table::Table;
use crate::units::Time;

/// Columns between provenance and outcome.
pub const COLUMNS: [&str; 11] = [
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
];

/// Writes a header, and a row for each migration by the time of its end.
///
/// # Errors
/// Whatever the writer fails with.
pub fn write(to: impl io::Write, drained: &Drained) -> io::Result<()> {
    let from = drained.provenance;
    let mut table = Table::default();
    table.head(PROVENANCE.into_iter().chain(COLUMNS).chain(METRICS.iter().map(|metric| metric.key)));
    for (at, attempt) in drained.timetable.attempts.iter().enumerate() {
        let row = [
            drained.host.scheduler().name.to_owned(),
            drained.plan.slots.to_string(),
            drained.host.rules(attempt.guest).to_owned(),
            drained.host.rules_came_along(attempt.guest).to_string(),
            drained.host.guests()[attempt.guest].name.clone(),
            attempt.number.to_string(),
            attempt.is_gone().to_string(),
            missed(drained, at),
            (attempt.start - Time::ZERO).ms().to_string(),
            (attempt.end - Time::ZERO).ms().to_string(),
            attempt.share.map_or_else(String::new, |share| share.0.to_string()),
        ];
        let figures = METRICS.iter().map(|metric| (metric.get)(&attempt.outcome).to_string());
        table.row(provenance(from, from.seed).into_iter().chain(row).chain(figures));
    }
    table.csv(to)
}

/// Goals that an attempt misses, with commas between.
pub(super) fn missed(drained: &Drained, attempt: usize) -> String {
    let missed = drained.judgement.iter().flat_map(|judgement| &judgement.missed);
    let of_it = missed.filter(|miss| miss.attempt == attempt).map(|miss| miss.comparison.text.as_str());
    of_it.collect::<Vec<_>>().join(", ")
}
