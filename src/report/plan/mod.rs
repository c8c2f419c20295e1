//! A plan as people and programs read it.

mod handed;
mod json;
mod text;

pub(super) use handed::Handed;
pub use handed::{TAKERS, Taker};
pub use json::json;
pub use text::text;

use std::io;

use super::Provenance;
use crate::metrics::METRICS;
use crate::plan::{PlanOutcome, Question, Solution};
use crate::sink::csv::record;
use crate::sink::shell;

/// Everything that a report may show of a plan.
#[derive(Clone, Copy, Debug)]
pub struct PlanReport<'a> {
    /// Where it came from.
    pub provenance: &'a Provenance,
    /// What was asked.
    pub question: &'a Question,
    /// What was found.
    pub plan: &'a PlanOutcome,
    /// The command that runs the scenario as it is.
    pub command: &'a str,
    /// Who is to be given the changes, in its own form.
    pub taker: Option<&'static Taker>,
}

impl PlanReport<'_> {
    /// The command that runs the scenario with further flags, quoted for a shell.
    fn command_with(&self, sets: &[String]) -> String {
        sets.iter().fold(self.command.to_owned(), |command, set| format!("{command} --set {}", shell::word(set)))
    }

    /// Solutions with what they are: one change, two, or one that is far from what is usual.
    fn solutions(&self) -> impl Iterator<Item = (&'static str, &Solution)> {
        let (near, far) = self.single();
        let single = near.iter().map(|solution| ("single", solution));
        let pairs = self.plan.pairs.iter().map(|solution| ("pair", solution));
        single.chain(pairs).chain(far.iter().map(|solution| ("far", solution)))
    }

    /// Single changes that are near to what is usual, and those that are far from it.
    fn single(&self) -> (&[Solution], &[Solution]) {
        self.plan.single.split_at(self.plan.single.partition_point(|solution| !solution.is_far))
    }
}

/// A header, a row for the scenario as it is, and a row for every solution: what it is, its changes and flags, whether it
/// meets the goal, then every field of the outcome.
///
/// # Errors
/// Only those of writing.
pub fn csv(to: impl io::Write, report: &PlanReport) -> io::Result<()> {
    let mut csv = crate::sink::csv::writer(to);
    record(&mut csv, ["kind", "changes", "command", "met"].into_iter().chain(METRICS.iter().map(|metric| metric.key)))?;
    let as_is = ("as-is", String::new(), Vec::new(), &report.plan.as_is);
    let solutions = report.solutions().map(|(kind, solution)| {
        let changes: Vec<String> =
            solution.changes.iter().map(|change| format!("{}={}", change.lever, change.to)).collect();
        (kind, changes.join("; "), solution.sets(), &solution.answer)
    });
    for (kind, changes, sets, answer) in std::iter::once(as_is).chain(solutions) {
        let head = [kind.to_owned(), changes, report.command_with(&sets), answer.met.to_string()];
        record(
            &mut csv,
            head.into_iter().chain(METRICS.iter().map(|metric| (metric.get)(&answer.outcome).to_string())),
        )?;
    }
    csv.flush()
}
