//! What a column counts, and what it is called in front of people.

use super::Cell;
use crate::metrics::{Course, Metric, Unit};
use crate::orchestrator::Product;
use crate::qemu::{MigrationOption, QemuForm};
use crate::sim::Verdict;
use crate::sink::shown;
use crate::sweep::column::REFUSED;

/// What a summary says of each figure, as the ends of its columns' names.
const STATISTICS: [(&str, &str); 6] = [
    ("_runs", RUNS),
    ("_median", "median"),
    ("_p5", "5 % below"),
    ("_p95", "5 % above"),
    ("_mean", "mean"),
    ("_ci95", "95 % interval"),
];

/// The statistic that counts runs, whatever the figure.
const RUNS: &str = "runs that have it";

/// The outcome's field of that name, or whose statistic has that name.
pub fn metric(name: &str) -> Option<&'static Metric> {
    Metric::of(name).or_else(|| Metric::of(statistic(name)?.0))
}

/// The field and the statistic that a column of a summary is named for.
fn statistic(name: &str) -> Option<(&str, &'static str)> {
    STATISTICS.iter().find_map(|(end, shown)| Some((name.strip_suffix(end)?, *shown)))
}

/// The base unit of a column: that of the outcome's field, or of the scenario key that its name is.
pub fn unit(name: &str) -> Unit {
    if let Some(metric) = metric(name) {
        let counts = statistic(name).is_some_and(|(_, shown)| shown == RUNS);
        return if counts { Unit::Count } else { metric.unit };
    }
    if let Some(option) = name.strip_prefix("qemu.").and_then(MigrationOption::modelled) {
        return unit_of(&option.form);
    }
    if let Some(option) = name.strip_prefix("orchestrator.").and_then(Product::option) {
        return Unit::named(option.form.unit());
    }
    match name.rsplit('.').next().unwrap_or(name) {
        "version" | "machine-type" | "qemu" => Unit::Words,
        "rate" => Unit::PageRate,
        "memory" | "region" | "offset" | "start" => Unit::Bytes,
        "t_ms" | "latency" | "time" | "every" | "fails-at" | "catch-up" | "fault-cost" | "poll" | "first-poll" => {
            Unit::Ms
        }
        "zero" | "hot" | "share" | "cpu" | "changed" | "deviation" => Unit::Percent,
        key if key.ends_with("bandwidth") || key == "zero-scan" => Unit::Rate,
        key if key.ends_with("-time") => Unit::Ms,
        key if key.ends_with("_pct") => Unit::Percent,
        _ => Unit::Count,
    }
}

/// The base unit of what an option of QEMU holds.
fn unit_of(form: &QemuForm) -> Unit {
    match form {
        QemuForm::Percent(..) => Unit::Percent,
        QemuForm::Count(..) => Unit::Count,
        QemuForm::BandwidthLimit(_) | QemuForm::SwitchoverBandwidth(_) => Unit::Rate,
        QemuForm::DirtyRate(_) => Unit::DirtyRate,
        QemuForm::Time(..) => Unit::Ms,
        QemuForm::CacheSize(_) => Unit::Bytes,
        QemuForm::Unmodelled | QemuForm::Capability(_) | QemuForm::Switch(_) => Unit::Words,
        QemuForm::Compression(_) | QemuForm::Detection(_) | QemuForm::Name(_) => Unit::Words,
    }
}

/// The column of a summary that says over how many runs the statistic `name` was taken; none of another column.
pub fn runs_of(name: &str) -> Option<String> {
    statistic(name).map(|(figure, _)| format!("{figure}_runs"))
}

/// The verdict whose share a column of a summary is.
pub fn share_of(name: &str) -> Option<&str> {
    let verdict = name.strip_suffix("_pct")?;
    let mut known = Verdict::ALL.map(Verdict::as_str).into_iter().chain([REFUSED]);
    known.any(|known| known == verdict).then_some(verdict)
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
pub fn show(name: &str, cell: &Cell) -> String {
    match cell {
        Cell::Number(number) => match unit(name) {
            Unit::Count | Unit::Words if number.fract() != 0.0 => number.to_string(),
            unit => unit.show(*number),
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
            ("strange", 0.5, "0.5"),
        ] {
            assert_eq!(show(name, &Cell::Number(value)), shown);
        }
    }
}
