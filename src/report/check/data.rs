//! The check for programs.

use std::io::{self, Write};

use serde_json::json;

use super::CheckReport;
use crate::check::{RESULTS, Trend};
use crate::sink::table::Table;

/// One object: counts, every figure that moved, and what else is to be said.
///
/// # Errors
/// Only those of writing.
pub fn json(mut to: impl Write, report: &CheckReport) -> io::Result<()> {
    let found = report.comparison;
    let findings: Vec<_> = found
        .findings
        .iter()
        .map(|f| {
            json!({
                "case": f.case, "field": f.metric.key, "trend": f.trend.as_str(), "old": f.old, "new": f.new,
                "from": f.from, "by": f.by, "cause": found.causes.get(&f.case).map(|cause| cause.as_str()),
            })
        })
        .collect();
    let pairs = |pairs: &[(String, String)]| -> Vec<_> {
        pairs.iter().map(|(case, reason)| json!({ "case": case, "reason": reason })).collect()
    };
    let drift: Vec<_> =
        found.drift.iter().map(|drift| json!({ "set": drift.what, "policies": drift.policies })).collect();
    let document = json!({
        "precopy": env!("CARGO_PKG_VERSION"),
        "results": RESULTS,
        "baseline": { "precopy": found.program.precopy, "results": found.program.results },
        "old": report.old,
        "new": report.new,
        "cases": found.cases.len(),
        "worse": found.count(Trend::Worse),
        "better": found.count(Trend::Better),
        "changed": found.count(Trend::Changed),
        "unchanged": found.unchanged(),
        "regression": found.is_regression(),
        "findings": findings,
        "broken": pairs(&found.broken),
        "added": found.added,
        "gone": found.gone,
        "refused": pairs(&found.refused),
        "drift": drift,
        "guests": report.assumed.guests(),
        "unknown": report.assumed.unknown(),
        "assumed": report.assumed,
    });
    serde_json::to_writer_pretty(&mut to, &document)?;
    writeln!(to)
}

/// A header, and a row for every figure of every case that moved.
///
/// # Errors
/// Only those of writing.
pub fn csv(to: impl io::Write, report: &CheckReport) -> io::Result<()> {
    let mut table = Table::default();
    table.head(["case", "field", "trend", "old", "new", "from", "by", "cause"]);
    for f in &report.comparison.findings {
        let [from, by] = [f.from, f.by].map(|number| number.map_or_else(String::new, |number| number.to_string()));
        let cause = report.comparison.causes.get(&f.case).map_or("", |cause| cause.as_str());
        let words = [&*f.case, f.metric.key, f.trend.as_str(), &f.old, &f.new];
        table.row(words.map(str::to_owned).into_iter().chain([from, by, cause.to_owned()]));
    }
    table.csv(to)
}
