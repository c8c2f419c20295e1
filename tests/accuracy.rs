//! The figures of `docs/accuracy.md` and of the README are those of the recorded migrations as predicted now.

mod files;
mod page;

use std::fmt::Write as _;
use std::path::PathBuf;

use files::files;
use page::hold_parts;
use precopy::compare::{MigrationRecord, Summary, Trace, TraceComparison};
use precopy::sim::Options;

/// The recordings of several releases, from the guest's rate before and from that under way.
fn versions() -> String {
    let mut out = String::new();
    let mut all = [Vec::new(), Vec::new()];
    for release in ["5.2", "7.2", "10.0", "11.1"] {
        for path in files(&format!("tests/data/traces-versions/{release}"), "json") {
            for (under_way, all) in [false, true].into_iter().zip(&mut all) {
                let mut trace = Trace::read(&path).unwrap();
                trace.name = format!("{release} {}", trace.name);
                let trace = if under_way { trace.at_rate_under_way() } else { trace };
                all.push(TraceComparison::of(trace, &Options::default()));
            }
        }
    }
    for (rate, all) in ["before the migration", "under way"].into_iter().zip(all) {
        writeln!(out, "From the rate {rate}:\n\n{}\n{}", figures(&all), summary(&all)).unwrap();
    }
    out.trim_end().to_owned() + "\n"
}

/// Every trace, with the guest's writes `factor` times as fast as they were seen before the migration.
fn comparisons(factor: f64) -> Vec<TraceComparison> {
    let predict = |path: &PathBuf| {
        let mut trace = Trace::read(path).unwrap();
        for workload in trace.scenario.iter_mut().flat_map(|scenario| &mut scenario.guest.workloads) {
            workload.rate.0 *= factor;
        }
        TraceComparison::of(trace, &Options::default())
    };
    files("tests/data/traces", "json").iter().map(predict).collect()
}

fn seconds(ms: f64) -> String {
    format!("{:.1}", ms / 1e3)
}

fn or_dash(figure: Option<String>) -> String {
    figure.unwrap_or_else(|| "-".to_owned())
}

/// Predicted / measured, of every trace.
fn figures(all: &[TraceComparison]) -> String {
    let mut out = "\
        | trace | verdict | total [s] | error | syncs | throttle [%] | downtime [ms] | work lost [s] | of total |\n\
        |---|---|---:|---:|---:|---:|---:|---:|---:|\n"
        .to_owned();
    for TraceComparison { trace, measured, predicted, error, not_covered, .. } in all {
        let (Some(predicted), Some(error)) = (predicted, error) else {
            let lever = not_covered.as_deref().unwrap_or_default();
            writeln!(out, "| {trace} | not covered: {lever} | - | - | - | - | - | - | - |").unwrap();
            continue;
        };
        let both = |of: fn(&MigrationRecord) -> String| format!("{} / {}", of(predicted), of(measured));
        let verdict = if error.verdict == Some(true) {
            measured.verdict.as_str().to_owned()
        } else {
            both(|r| r.verdict.as_str().into())
        };
        let cells = [
            verdict,
            both(|record| seconds(record.seen_ms)),
            format!("{:+.1} %", error.total_time_pct.unwrap()),
            both(|record| record.dirty_sync_count.to_string()),
            both(|record| format!("{:.0}", record.throttle_max_pct)),
            both(|record| or_dash(record.downtime_ms.map(|ms| format!("{ms:.0}")))),
            both(|record| or_dash(record.guest_work_lost_ms.map(seconds))),
            or_dash(error.guest_work_lost_pct_of_total.map(|share| format!("{share:+.1} %"))),
        ];
        writeln!(out, "| {trace} | {} |", cells.join(" | ")).unwrap();
    }
    out
}

/// The summary as one sentence.
fn summary(all: &[TraceComparison]) -> String {
    let Summary {
        compared,
        verdicts_right,
        total_time_pct_median,
        total_time_pct_worst,
        throttle_equal,
        dirty_sync_count_worst,
        guest_work_lost_pct_worst,
        ..
    } = Summary::of(all);
    let [total_time_pct_median, total_time_pct_worst, guest_work_lost_pct_worst] =
        [total_time_pct_median, total_time_pct_worst, guest_work_lost_pct_worst].map(Option::unwrap);
    let dirty_sync_count_worst = dirty_sync_count_worst.unwrap();
    format!(
        "Verdict right on {verdicts_right} of {compared}; total time off by {total_time_pct_median:.1} % (median) and \
         {total_time_pct_worst:.1} % (worst); highest\nthrottle equal on {throttle_equal} of {compared}; syncs off by \
         at most {dirty_sync_count_worst}; guest work lost off by at most {guest_work_lost_pct_worst:.1} % of the \
         migration.\n"
    )
}

/// Error of the total time if the guest's rate were another one.
fn sensitivity() -> String {
    let changes = [-2.0, -1.0, 0.0, 1.0, 2.0];
    let columns: Vec<Vec<TraceComparison>> = changes.iter().map(|pct| comparisons(1.0 + pct / 100.0)).collect();
    let mut out = String::from("| trace |");
    changes.iter().for_each(|pct| write!(out, " {pct:+.0} % |").unwrap());
    out += "\n|---|";
    out += &"---:|".repeat(changes.len());
    out += "\n";
    for (row, TraceComparison { trace, error, .. }) in columns[0].iter().enumerate() {
        if error.is_some() {
            let errors = columns.iter().filter_map(|column| column[row].error.as_ref());
            let cells: Vec<_> = errors.map(|error| format!("{:+.1} %", error.total_time_pct.unwrap())).collect();
            writeln!(out, "| {trace} | {} |", cells.join(" | ")).unwrap();
        }
    }
    out
}

#[test]
fn the_accuracy_page_and_the_readme_show_what_is_predicted_now() {
    let all = comparisons(1.0);
    let version = format!("precopy {}, memory `expected`, seed 1.\n", env!("CARGO_PKG_VERSION"));
    let figures = format!("{}\n{}", figures(&all), summary(&all));
    hold_parts(
        "docs/accuracy.md",
        &[("figures", &format!("{version}\n{figures}")), ("sensitivity", &sensitivity()), ("versions", &versions())],
    );
    hold_parts("README.md", &[("figures", &summary(&all))]);
}
