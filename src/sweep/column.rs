//! Columns of a sweep's rows.

use serde::{Deserialize, Serialize};

use crate::metrics::{self, METRICS, Metric, Unit};
use crate::scenario::{Axis, Template};
use crate::sim::Verdict;

/// What stands in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ColumnKind {
    /// Words.
    Words,
    /// Whole numbers, not below zero.
    Whole,
    /// Numbers.
    Number,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SweepColumn {
    /// Its name.
    pub name: String,
    /// What stands in it.
    pub kind: ColumnKind,
    /// The unit of an axis's numbers, where they have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

/// Verdict of a point whose values do not go together.
pub const REFUSED: &str = "refused";

/// What a summary says of each figure: over how many runs it was taken, how many of these were cut off, where it lies, its
/// mean and the mean's interval.
pub const STATISTICS: [&str; 7] = ["runs", "cut_off", "median", "p5", "p95", "mean", "ci95"];

fn column(name: impl Into<String>, kind: ColumnKind) -> SweepColumn {
    SweepColumn { name: name.into(), kind, unit: None }
}

fn kind(metric: &Metric) -> ColumnKind {
    match metric.unit {
        Unit::Words => ColumnKind::Words,
        Unit::Bytes | Unit::Pages | Unit::Count => ColumnKind::Whole,
        _ => ColumnKind::Number,
    }
}

fn axes(template: &Template) -> impl Iterator<Item = SweepColumn> {
    let column = |axis: &Axis| match axis.is_numeric() {
        false => column(axis.path.as_str(), ColumnKind::Words),
        true => SweepColumn { unit: axis.unit().map(str::to_owned), ..column(axis.path.as_str(), ColumnKind::Number) },
    };
    template.axes.iter().map(column)
}

/// Every field of an outcome.
pub fn of_outcome() -> impl Iterator<Item = SweepColumn> {
    METRICS.iter().map(|metric| column(metric.key, kind(metric)))
}

/// A row for each run: `point`, `repeat`, `seed`, the axes, and every field of the outcome.
pub fn of_runs(template: &Template) -> Vec<SweepColumn> {
    let head = ["point", "repeat", "seed"].map(|name| column(name, ColumnKind::Whole));
    head.into_iter().chain(axes(template)).chain(of_outcome()).collect()
}

/// A row for each point: `point`, `runs`, the axes, the share of each verdict, and the statistics of each figure.
pub fn of_summary(template: &Template) -> Vec<SweepColumn> {
    let head = ["point", "runs"].map(|name| column(name, ColumnKind::Whole));
    let verdicts = Verdict::ALL.map(Verdict::as_str).into_iter().chain([REFUSED]);
    let verdicts = verdicts.map(|verdict| column(format!("{verdict}_pct"), ColumnKind::Number));
    let figures = metrics::figures().flat_map(|metric| {
        STATISTICS.map(|statistic| {
            let kind = if STATISTICS[..2].contains(&statistic) { ColumnKind::Whole } else { ColumnKind::Number };
            column(format!("{}_{statistic}", metric.key), kind)
        })
    });
    head.into_iter().chain(axes(template)).chain(verdicts).chain(figures).collect()
}
