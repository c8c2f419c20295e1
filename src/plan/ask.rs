//! A scenario with some flags more, asked whether it does what is wanted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use crate::goal::Goal;
use crate::scenario::diagnostic::{Diagnostic, DiagnosticKind};
use crate::scenario::{Draft, Scenario, Setting};
use crate::sim::{self, Options, Outcome, Verdict};
use crate::uncertain::Unknowns;
use crate::units::Share;

use super::search::RungState;

/// What is wanted, and of what.
#[derive(Clone, Debug)]
pub struct Question {
    /// The scenario with the user's own flags.
    pub draft: Draft,
    /// What is not known of its guest.
    pub unknowns: Unknowns,
    /// What is wanted.
    pub goal: Goal,
    /// How to run it; the seed is that of the first run. Once its watch is stopped, whatever is asked is refused, without a
    /// fault.
    pub options: Options,
    /// Runs of each scenario, with one seed after the other.
    pub repeats: u32,
    /// Share of the runs that must meet the goal.
    pub share: Share,
    /// Migrations simulated so far, for whoever waits.
    pub runs: Arc<AtomicU64>,
}

/// What comes of a scenario.
#[derive(Clone, Debug)]
pub struct ProbeOutcome {
    /// The scenario.
    pub scenario: Scenario,
    /// Whether enough runs met the goal.
    pub met: bool,
    /// How many did.
    pub runs_met: u32,
    /// The outcome; of several runs the one in the middle, by the work that the guest lost.
    pub outcome: Outcome,
    /// What is odd about the scenario.
    pub warnings: Vec<Diagnostic>,
}

/// The scenario cannot be run.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", .0.first().map_or(String::new(), reason))]
pub struct Refusal(pub Vec<Diagnostic>);

fn reason(fault: &Diagnostic) -> String {
    format!("{} ({})", fault.title, fault.label)
}

impl Question {
    /// A goal that says nothing of how the migration ends wants it to end at the destination: a downtime of 0 that
    /// comes of never stopping is not what anybody means.
    pub fn complete(goal: Goal) -> Goal {
        if goal.names_verdict() { goal } else { Goal::verdict(&[Verdict::Converged, Verdict::PostCopy]).and(goal) }
    }

    /// Asks the scenario with these settings over its own.
    ///
    /// # Errors
    /// The loader refuses it, or no answer is wanted any more.
    pub fn ask(&self, settings: &[Setting]) -> Result<ProbeOutcome, Refusal> {
        let loaded = self.draft.load(settings).map_err(|faults| Refusal(faults.into()))?;
        // One run is of the guest as it is said to be, many are of all that it may be.
        let drawn = |seed: u64| match self.repeats {
            0 | 1 => loaded.scenario.drawn(seed),
            _ => self.unknowns.possible(&self.draft, settings, &loaded.scenario, seed).drawn(seed),
        };
        let run = |index: u32| {
            let seed = self.options.seed.wrapping_add(u64::from(index));
            let options = Options { seed, timeline: false, ..self.options.clone() };
            let outcome = options.unless_stopped(|| sim::run_checked(drawn(seed).trusted(), &options).0)?;
            self.runs.fetch_add(1, Ordering::Relaxed);
            Some(outcome)
        };
        let outcomes: Option<Vec<Outcome>> = (0..self.repeats.max(1)).into_par_iter().map(run).collect();
        let Some(mut outcomes) = outcomes else { return Err(Refusal(Vec::new())) };
        let runs_met = outcomes.iter().filter(|outcome| self.goal.holds(outcome)).count();
        // What an orchestrator sets anew at its first look is no way out, though it may end a migration before that.
        let unused = |setting: &Setting| {
            let overridden = DiagnosticKind::Overridden(setting.path().to_owned());
            loaded.warnings.iter().any(|warning| warning.kind == overridden)
        };
        let met = self.share.is_reached(runs_met, outcomes.len()) && !settings.iter().any(unused);
        // Of runs that differ only in what the median does not show, the first one stays the first.
        outcomes.sort_by(|a, b| a.guest_work_lost_ms.total_cmp(&b.guest_work_lost_ms));
        let outcome = outcomes.swap_remove((outcomes.len() - 1) / 2);
        Ok(ProbeOutcome {
            scenario: loaded.scenario,
            met,
            runs_met: runs_met as u32,
            outcome,
            warnings: loaded.warnings,
        })
    }

    /// Only whether it does.
    pub(super) fn state(&self, settings: &[Setting]) -> RungState {
        match self.ask(settings) {
            Ok(answer) if answer.met => RungState::Met,
            Ok(_) => RungState::Unmet,
            Err(_) => RungState::Refused,
        }
    }

    /// What keeps an outcome from being what is wanted, in a sentence.
    pub(super) fn complaint(&self, outcome: &Outcome) -> String {
        let missed: Vec<String> = self
            .goal
            .missed(outcome)
            .map(|missed| match missed.is_of_verdict() {
                true => format!("{}: {}", outcome.verdict.as_str(), outcome.reason),
                false => missed.complaint(outcome),
            })
            .collect();
        match missed.is_empty() {
            true => "too few runs meet the goal".to_owned(),
            false => missed.join("; "),
        }
    }
}
