//! Many runs of one scenario: medians, intervals, and the share of verdicts.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Map, Value};

use super::Provenance;
use super::metrics::{self, Course, Group, Metric};
use crate::sim::{Outcome, Verdict};
use crate::sink::table::{Table, TableColumn};
use crate::sink::terminal;
use crate::statistic::{Sample, Statistic};

/// Columns of the table.
const WIDTH: usize = 72;

/// A run's seed and outcome.
pub type Run = (u64, Outcome);

/// Of one figure over all runs that have it.
fn statistic(metric: &Metric, runs: &[Run]) -> Statistic {
    runs.iter().map(|(_, outcome)| metric.seen(outcome)).collect::<Sample>().statistic()
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
    let _ = writeln!(out, "{} runs: {}", runs.len(), shares.join(", "));
    if let Some(deadline) = provenance.deadline {
        let late = runs.iter().filter(|(_, outcome)| provenance.late_by(outcome).is_some()).count();
        let _ =
            writeln!(out, "the deadline of {deadline} (`policy.deadline`) was missed by {late} of {} runs", runs.len());
    }
    out.push('\n');
    if !varies {
        out.push_str("nothing in this scenario varies, so that all runs are the same; see `guest.rate-spread`,\n");
        out.push_str("`time-spread`, `link.spread` and `link.jitter` in docs/scenario.md\n\n");
    }
    for group in Group::FIGURES {
        let figure = TableColumn::RIGHT.gap(1).least(15);
        let left = TableColumn::LEFT;
        let mut table = Table::new([left.least(22), figure, figure, figure, left]).indented(2);
        table.head([group.title(), "5 % below", "median", "5 % above"]);
        for metric in group.metrics() {
            let Statistic { of, p5, median, p95, .. } = statistic(metric, runs);
            let is_unused = of == 0 && group.is_optional();
            if is_unused || of > 0 && [p5, p95].iter().flatten().all(|known| known.value == 0.0) {
                continue;
            }
            let [p5, median, p95] = [p5, median, p95].map(|known| metric.unit.show_known(known));
            let note = match (of, metric.course) {
                (0, _) => "in no run".to_owned(),
                (of, _) if of == runs.len() => String::new(),
                (of, Course::AtEnd) => format!("of {of} that ended"),
                (of, _) => format!("of {of} that have it"),
            };
            table.row([metric.title.to_owned(), p5, median, p95, note]);
        }
        if !table.is_empty() {
            out += &table.text();
        }
    }
    let Provenance { precopy, scenario, qemu, seed, memory, assumed, .. } = provenance;
    let last = runs.last().map_or(*seed, |run| run.0);
    let _ = writeln!(
        out,
        "\n{}{} · QEMU {qemu} · precopy {precopy} · memory {} · seeds {seed} to {last}",
        assumed.text(WIDTH),
        terminal::word(scenario),
        memory.as_str()
    );
    out
}

/// `{provenance, "repeats", "verdicts", "summary": {field: {of, cut_off, p5, median, p95}}, "runs": [...]}`: over how many
/// runs the figure was taken, how many of these were cut off, and where it lies in them; `null` where none has it, `{"at_least": ...}` where runs that were cut off
/// leave a lower bound.
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
        runs: Vec<RepeatRow<'a>>,
    }
    #[derive(Serialize)]
    struct RepeatRow<'a> {
        seed: u64,
        #[serde(flatten)]
        outcome: &'a Outcome,
    }
    let figures = metrics::figures();
    let summary = figures
        .map(|metric| Ok((metric.key.to_owned(), serde_json::to_value(statistic(metric, runs))?)))
        .collect::<io::Result<_>>()?;
    let document = Document {
        provenance,
        repeats: runs.len(),
        verdicts: verdicts(runs).map(|(verdict, count)| (verdict.as_str().to_owned(), count.into())).collect(),
        summary,
        runs: runs.iter().map(|(seed, outcome)| RepeatRow { seed: *seed, outcome }).collect(),
    };
    serde_json::to_writer_pretty(&mut *write, &document)?;
    writeln!(write)
}
