//! What a column counts, and what it is called in front of people.

use super::Cell;
use crate::metrics::{Course, Metric, Unit};
use crate::scenario::schema;
use crate::sim::Verdict;
use crate::sink::shown;
use crate::sweep::column::REFUSED;

/// What a summary says of each figure, as the ends of its columns' names.
const STATISTICS: [(&str, &str); 7] = [
    ("_runs", RUNS),
    ("_cut_off", CUT_OFF),
    ("_median", "median"),
    ("_p5", "5 % below"),
    ("_p95", "5 % above"),
    ("_mean", "mean"),
    ("_ci95", "95 % interval"),
];

/// The statistic that counts runs, whatever the figure.
const RUNS: &str = "runs that have it";
/// The one that counts the runs of these that were cut off.
const CUT_OFF: &str = "runs cut off";

/// The outcome's field of that name, or whose statistic has that name.
pub fn metric(name: &str) -> Option<&'static Metric> {
    Metric::of(name).or_else(|| Metric::of(statistic(name)?.0))
}

/// The field and the statistic that a column of a summary is named for.
fn statistic(name: &str) -> Option<(&str, &'static str)> {
    STATISTICS.iter().find_map(|(end, shown)| Some((name.strip_suffix(end)?, *shown)))
}

/// Columns that tell where a row comes from, and are no result.
const ORIGIN: [(&str, Unit); 18] = [
    ("point", Unit::Count),
    ("repeat", Unit::Count),
    ("seed", Unit::Count),
    ("precopy", Unit::Words),
    ("scenario", Unit::Words),
    ("qemu", Unit::Words),
    ("memory", Unit::Words),
    ("reason", Unit::Words),
    ("runs", Unit::Count),
    // Of a drain.
    ("attempt", Unit::Count),
    ("moved", Unit::Words),
    ("start_ms", Unit::Ms),
    ("end_ms", Unit::Ms),
    ("share_bytes_per_s", Unit::Rate),
    ("host", Unit::Words),
    ("destination", Unit::Words),
    ("guest_memory_bytes", Unit::Bytes),
    ("unknown", Unit::Words),
];

/// Columns of a drain that hold names, also where a name looks like a number.
const NAMES: [&str; 2] = ["guest", "missed"];

/// The unit of a column that tells where a row comes from.
fn origin(name: &str) -> Option<Unit> {
    ORIGIN.iter().find(|(column, _)| *column == name).map(|(_, unit)| *unit)
}

/// Whether a column is named for a key of the scenario: it is no result, and tells not where a row comes from.
pub fn is_key(name: &str) -> bool {
    origin(name).is_none() && metric(name).is_none() && !name.ends_with("_pct")
}

/// The base unit of a column: that of the outcome's field, or of the scenario key that its name is.
pub fn unit(name: &str) -> Unit {
    if let Some(metric) = metric(name) {
        let counts = statistic(name).is_some_and(|(_, shown)| [RUNS, CUT_OFF].contains(&shown));
        return if counts { Unit::Count } else { metric.unit };
    }
    if share_of(name).is_some() {
        return Unit::Percent;
    }
    if NAMES.contains(&name) {
        return Unit::Words;
    }
    origin(name).or_else(|| schema::unit(name).map(Unit::of_key)).unwrap_or(Unit::Count)
}

/// The column of a summary that says over how many runs the statistic `name` was taken; none of another column.
pub fn runs_of(name: &str) -> Option<String> {
    statistic(name).map(|(figure, _)| format!("{figure}_runs"))
}

/// Whether two columns of a summary tell of the same figure.
pub fn are_siblings(one: &str, other: &str) -> bool {
    let figure = |name| statistic(name).map(|(figure, _)| figure);
    let [of_one, of_other] = [one, other].map(|name| figure(name).unwrap_or(name));
    of_one == of_other
}

/// The column of a summary that has another statistic of the figure that the column `name` tells of.
pub fn sibling(name: &str, other: &str) -> String {
    let figure = statistic(name).map_or(name, |(figure, _)| figure);
    format!("{figure}_{other}")
}

/// The verdict whose share a column of a summary is.
pub fn share_of(name: &str) -> Option<&str> {
    let verdict = name.strip_suffix("_pct")?;
    verdicts().any(|known| known == verdict).then_some(verdict)
}

/// What a row may say of how its migration ended.
pub(super) fn verdicts() -> impl Iterator<Item = &'static str> {
    Verdict::ALL.map(Verdict::as_str).into_iter().chain([REFUSED])
}

/// Whether a migration that did not end has no such figure. Files of 0.1.0 have a number there all the same.
pub fn needs_end(name: &str) -> bool {
    metric(name).is_some_and(|metric| metric.course == Course::AtEnd)
}

/// What a column is called at an axis or above a table, without its unit.
pub fn label(name: &str) -> String {
    if let Some(metric) = metric(name) {
        let of = statistic(name).map_or(String::new(), |(_, shown)| format!(", {shown}"));
        return format!("{}{of}", metric.name);
    }
    if let Some(verdict) = share_of(name) {
        return verdict.to_owned();
    }
    match name {
        "qemu.version" | "qemu" => return "QEMU version".to_owned(),
        "orchestrator.kind" => return "orchestrator".to_owned(),
        _ => {}
    }
    let words: Vec<&str> = match name.split('.').collect::<Vec<_>>()[..] {
        ["qemu" | "orchestrator", ref key @ ..] if !key.is_empty() => key.to_vec(),
        // The first workload is the only one in most scenarios.
        ["guest", "workload", "0", ref key @ ..] => [&["workload"], key].concat(),
        ["guest", "workload", ref key @ ..] => [&["workload"], key].concat(),
        ref key => key.to_vec(),
    };
    shown(&words.join(" ")).into_owned()
}

/// A value as people read it: `10 Gbit/s`, `300 ms`, `nova`.
pub fn show(name: &str, cell: Cell) -> String {
    match cell {
        Cell::Number(number) => match unit(name) {
            Unit::Count | Unit::Words if number.fract() != 0.0 => number.to_string(),
            unit => unit.show(number),
        },
        Cell::Word(word) => shown(word).into_owned(),
        Cell::Empty => "–".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_named_for_people() {
        for (name, shown) in [
            ("downtime_ms", "downtime"),
            ("downtime_ms_p95", "downtime, 5 % above"),
            ("downtime_ms_runs", "downtime, runs that have it"),
            ("link.bandwidth", "link bandwidth"),
            ("guest.workload.0.rate", "workload rate"),
            ("guest.workload.1.rate", "workload 1 rate"),
            ("qemu.max-cpu-throttle", "max-cpu-throttle"),
            ("qemu.version", "QEMU version"),
            ("orchestrator.kind", "orchestrator"),
            ("not-converged_pct", "not-converged"),
            ("strange", "strange"),
        ] {
            assert_eq!(label(name), shown);
            assert!(
                are_siblings(name, &sibling(name, "p95")) && !are_siblings(name, "guest_slowdown_pct_p5"),
                "{name}"
            );
        }
    }

    #[test]
    fn a_value_has_the_unit_that_reads_best() {
        for (name, value, shown) in [
            ("link.bandwidth", 1.25e9, "10 Gbit/s"),
            ("guest.workload.0.rate", 60_000.0, "60 000 pages/s"),
            ("guest.memory", 17_179_869_184.0, "16 GiB"),
            ("downtime_ms", 268.25, "268 ms"),
            ("downtime_ms_median", 268.25, "268 ms"),
            ("downtime_ms_runs", 19.0, "19"),
            ("qemu.max-cpu-throttle", 80.0, "80 %"),
            ("qemu.vcpu-dirty-limit", 52_428_800.0, "50 MiB/s"),
            ("qemu.x-vcpu-dirty-limit-period", 500.0, "500 ms"),
            ("orchestrator.migrate_downtime", 250.0, "250 ms"),
            ("orchestrator.live_migration_downtime", 500.0, "500 ms"),
            ("orchestrator.live_migration_downtime_delay", 75.0, "75 s for each GiB"),
            ("orchestrator.bandwidth", 64.0, "64 MiB/s"),
            ("orchestrator.vm.migrate.wait", 30.0, "30 s"),
            ("orchestrator.dirty_threshold", 50.0, "50"),
            ("orchestrator.poll", 400.0, "400 ms"),
            ("guest.zero", 20.0, "20 %"),
            ("guest.zero", 2_147_483_648.0, "2 GiB"),
            ("link.bandwidth.1.0", 60_000.0, "60 s"),
            ("at.1.set.downtime-limit", 500.0, "500 ms"),
            ("orchestrator.rule.2.when.memory_remaining", 1_073_741_824.0, "1 GiB"),
            ("not-converged_pct", 5.0, "5 %"),
            ("strange", 0.5, "0.5"),
        ] {
            assert_eq!(show(name, Cell::Number(value)), shown);
        }
    }
}
