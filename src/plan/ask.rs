//! A scenario with some flags more, asked whether it does what is wanted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use crate::goal::Goal;
use crate::scenario::diagnostic::{Diagnostic, DiagnosticKind};
use crate::scenario::{Draft, Loaded, Scenario, Setting};
use crate::sim::{self, Options, Outcome, Verdict};
use crate::uncertain::Unknowns;
use crate::units::{Share, Span};

use super::memo::{ProbeAnswer, ProbeMemo};
use super::search::{RungLook, RungState};

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
    /// What was asked already.
    pub memo: Arc<ProbeMemo>,
}

/// What a run may leave out.
#[derive(Clone, Copy)]
struct Shortcut {
    until_hopeless: bool,
    /// What comes later no goal allows.
    time: Span,
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
        let loaded = self.load(settings)?;
        let mut outcomes = self.outcomes(&loaded, settings, None)?;
        let runs_met = self.runs_met(&outcomes);
        let met = self.is_met(runs_met, &loaded, settings);
        // Of runs that differ only in what the median does not show, the first one stays the first.
        outcomes.sort_by(|a, b| a.guest_work_lost_ms.total_cmp(&b.guest_work_lost_ms));
        let outcome = outcomes.swap_remove((outcomes.len() - 1) / 2);
        Ok(ProbeOutcome { scenario: loaded.scenario, met, runs_met, outcome, warnings: loaded.warnings })
    }

    /// The scenario with these settings, without a run.
    ///
    /// # Errors
    /// The loader refuses it.
    pub(super) fn load(&self, settings: &[Setting]) -> Result<Loaded, Refusal> {
        self.draft.load(settings).map_err(|faults| Refusal(faults.into()))
    }

    /// Only whether it does what is wanted: a run ends once it is plain that it does not.
    ///
    /// # Errors
    /// As of [`Question::ask`].
    pub(super) fn meets(&self, settings: &[Setting]) -> Result<bool, Refusal> {
        self.probe(settings).map(|answer| answer.met)
    }

    /// As [`Question::meets`], with the outcomes that tell.
    fn probe(&self, settings: &[Setting]) -> Result<ProbeAnswer, Refusal> {
        self.memo.of(settings, || {
            let loaded = self.load(settings)?;
            let outcomes = self.outcomes(&loaded, settings, Some(self.shortcut()))?;
            let met = self.is_met(self.runs_met(&outcomes), &loaded, settings);
            Ok(ProbeAnswer { met, outcomes: outcomes.into() })
        })
    }

    /// What a search sees of these settings.
    pub(super) fn look(&self, settings: &[Setting]) -> RungLook {
        match self.probe(settings) {
            Ok(answer) => RungLook { state: RungState::of(answer.met), outcomes: Some(answer.outcomes) },
            Err(_) => RungLook { state: RungState::Refused, outcomes: None },
        }
    }

    /// Whether these settings meet the goal, for a search.
    pub(super) fn state(&self, settings: &[Setting]) -> RungState {
        self.meets(settings).map_or(RungState::Refused, RungState::of)
    }

    /// How many runs met the goal.
    fn runs_met(&self, outcomes: &[Outcome]) -> u32 {
        outcomes.iter().filter(|outcome| self.goal.holds(outcome)).count() as u32
    }

    /// Whether so many runs are enough, and no setting is out of force.
    fn is_met(&self, runs_met: u32, loaded: &Loaded, settings: &[Setting]) -> bool {
        // What an orchestrator sets anew at its first look is no way out, though it may end a migration before that.
        let unused = |setting: &Setting| {
            let overridden = DiagnosticKind::Overridden(setting.path().to_owned());
            loaded.warnings.iter().any(|warning| warning.kind == overridden)
        };
        self.share.is_reached(runs_met as usize, self.repeats.max(1) as usize) && !settings.iter().any(unused)
    }

    /// Runs what was loaded.
    fn outcomes(
        &self,
        loaded: &Loaded,
        settings: &[Setting],
        shortcut: Option<Shortcut>,
    ) -> Result<Vec<Outcome>, Refusal> {
        // One run is of the guest as it is said to be, many are of all that it may be.
        let drawn = |seed: u64| match self.repeats {
            0 | 1 => loaded.scenario.drawn(seed),
            _ => self.unknowns.possible(&self.draft, settings, &loaded.scenario, seed).drawn(seed),
        };
        let run = |index: u32| {
            let seed = self.options.seed.wrapping_add(u64::from(index));
            let mut options = Options { seed, timeline: false, ..self.options.clone() };
            let mut scenario = drawn(seed);
            if let Some(shortcut) = shortcut {
                options.until_hopeless = shortcut.until_hopeless;
                scenario.limits.time = scenario.limits.time.min(shortcut.time);
            }
            let outcome = options.unless_stopped(|| sim::run_checked(scenario.trusted(), &options).0)?;
            self.runs.fetch_add(1, Ordering::Relaxed);
            Some(outcome)
        };
        let outcomes: Option<Vec<Outcome>> = (0..self.repeats.max(1)).into_par_iter().map(run).collect();
        outcomes.ok_or_else(|| Refusal(Vec::new()))
    }

    /// What a run may leave out that only has to tell whether it meets the goal.
    fn shortcut(&self) -> Shortcut {
        let wants_end = [Verdict::NotConverged, Verdict::Aborted].iter().all(|verdict| self.goal.excludes(*verdict));
        Shortcut { until_hopeless: wants_end, time: self.goal.longest().unwrap_or(Span(u64::MAX)) }
    }

    /// What keeps an outcome from being what is wanted, in a sentence; by its figures alone where it ends as `known` does.
    pub(super) fn complaint(&self, outcome: &Outcome, known: Option<&Outcome>) -> String {
        let ended = match known {
            Some(known) if known.verdict == outcome.verdict => {
                format!("still {}: {}", outcome.verdict.as_str(), outcome.reason.figures())
            }
            _ => format!("{}: {}", outcome.verdict.as_str(), outcome.reason),
        };
        let missed: Vec<String> = self
            .goal
            .missed(outcome)
            .map(|missed| match missed.is_of_verdict() {
                true => ended.clone(),
                false => missed.complaint(outcome),
            })
            .collect();
        match missed.is_empty() {
            true => "too few runs meet the goal".to_owned(),
            false => missed.join("; "),
        }
    }
}
