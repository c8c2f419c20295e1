//! Many runs of one scenario: medians, intervals, and the share of verdicts.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Map, Value};

use super::Provenance;
use super::metrics::{Group, METRICS, Metric};
use crate::sim::{Outcome, Verdict};

/// A run's seed and outcome.
pub type Run = (u64, Outcome);

/// Where a figure lies in most runs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// Five per cent of the runs have less.
    pub p5: f64,
    /// Half of the runs have less.
    pub median: f64,
    /// Five per cent of the runs have more.
    pub p95: f64,
}

impl Interval {
    /// Of one figure over all runs: linear between the two nearest (type 7 of Hyndman and Fan, 1996).
    ///
    /// An empty list has zeros.
    pub fn of(mut values: Vec<f64>) -> Interval {
        values.sort_by(f64::total_cmp);
        let quantile = |share: f64| match values.len() {
            0 => 0.0,
            count => {
                let place = share * (count - 1) as f64;
                let (below, rest) = (place as usize, place.fract());
                let above = values[(below + 1).min(count - 1)];
                values[below] + (above - values[below]) * rest
            }
        };
        Interval { p5: quantile(0.05), median: quantile(0.5), p95: quantile(0.95) }
    }

    fn of_metric(metric: &Metric, runs: &[Run]) -> Interval {
        Interval::of(runs.iter().map(|(_, outcome)| (metric.get)(outcome).number()).collect())
    }
}

/// Verdicts that occurred, with the number of runs, in the order of [`Verdict::ALL`].
fn verdicts(runs: &[Run]) -> impl Iterator<Item = (Verdict, usize)> {
    let count = |verdict| runs.iter().filter(|(_, outcome)| outcome.verdict == verdict).count();
    Verdict::ALL.into_iter().map(move |verdict| (verdict, count(verdict))).filter(|(_, count)| *count > 0)
}

/// For a person. `varies` is whether runs can differ at all.
pub fn text(provenance: &Provenance, runs: &[Run], varies: bool) -> String {
    let mut out = String::new();
    let shares: Vec<String> = verdicts(runs)
        .map(|(verdict, count)| {
            format!("{} {:.1} % ({count})", verdict.as_str(), 100.0 * count as f64 / runs.len() as f64)
        })
        .collect();
    let _ = writeln!(out, "{} runs: {}\n", runs.len(), shares.join(", "));
    if !varies {
        out.push_str("nothing in this scenario varies, so that all runs are the same; see `guest.rate-spread`,\n");
        out.push_str("`time-spread`, `link.spread` and `link.jitter` in docs/scenario.md\n\n");
    }
    for group in Group::FIGURES {
        let mut lines = String::new();
        for metric in group.metrics() {
            let Interval { p5, median, p95 } = Interval::of_metric(metric, runs);
            if (p5, p95) != (0.0, 0.0) {
                let show = |value| metric.unit.show(value);
                let _ = writeln!(lines, "  {:<22}{:>16}{:>16}{:>16}", metric.title, show(p5), show(median), show(p95));
            }
        }
        if !lines.is_empty() {
            let _ = writeln!(out, "{:<24}{:>16}{:>16}{:>16}", group.title(), "5 % below", "median", "5 % above");
            out.push_str(&lines);
        }
    }
    let Provenance { precopy, scenario, qemu, seed, memory } = provenance;
    let last = runs.last().map_or(*seed, |run| run.0);
    let _ = writeln!(
        out,
        "\n{scenario} · QEMU {qemu} · precopy {precopy} · memory {} · seeds {seed} to {last}",
        memory.as_str()
    );
    out
}

/// `{provenance, "repeats", "verdicts", "summary": {field: {p5, median, p95}}, "runs": [...]}`.
///
/// # Errors
/// Only those of `write`.
pub fn json(write: &mut impl Write, provenance: &Provenance, runs: &[Run]) -> io::Result<()> {
    #[derive(Serialize)]
    struct Document<'a> {
        #[serde(flatten)]
        provenance: &'a Provenance,
        repeats: usize,
        verdicts: Map<String, Value>,
        summary: Map<String, Value>,
        runs: Vec<Row<'a>>,
    }
    #[derive(Serialize)]
    struct Row<'a> {
        seed: u64,
        #[serde(flatten)]
        outcome: &'a Outcome,
    }
    let figures = METRICS.iter().filter(|metric| metric.is_figure());
    let summary = figures
        .map(|metric| Ok((metric.key.to_owned(), serde_json::to_value(Interval::of_metric(metric, runs))?)))
        .collect::<io::Result<_>>()?;
    let document = Document {
        provenance,
        repeats: runs.len(),
        verdicts: verdicts(runs).map(|(verdict, count)| (verdict.as_str().to_owned(), count.into())).collect(),
        summary,
        runs: runs.iter().map(|(seed, outcome)| Row { seed: *seed, outcome }).collect(),
    };
    serde_json::to_writer_pretty(&mut *write, &document)?;
    writeln!(write)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_their_neighbours() {
        let interval = Interval::of(vec![4.0, 1.0, 3.0, 2.0, 5.0]);
        assert_eq!((interval.p5, interval.median, interval.p95), (1.2, 3.0, 4.8));
        assert_eq!(Interval::of(vec![7.0]), Interval { p5: 7.0, median: 7.0, p95: 7.0 });
        assert_eq!(Interval::of(Vec::new()).median, 0.0);
    }
}
