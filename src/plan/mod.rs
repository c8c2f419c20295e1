//! The smallest changes that make a migration do what is wanted of it.
//!
//! A [`PlanLever`] is something that can be changed: a parameter, a capability, the link, the guest's write rate. Its
//! [`Ladder`]s hold every value that it may take, the nearest to the present one first, each as the [`Setting`]s that
//! make it. A question is asked of a rung by laying them over the scenario and running it, so that whatever the
//! loader refuses is no change, and the loader's reason is the answer.
//!
//! [`PlanOutcome::of`] climbs every ladder for its first rung that meets the goal, tries pairs of changes, says
//! why the other levers do not help, and how far the inputs may be off before the answer changes.

mod ask;
mod by;
mod host;
mod ladder;
mod lever;
mod levers;
mod memo;
mod option_lever;
mod pairs;
mod releases;
mod search;
mod sensitivity;

pub use ask::{ProbeOutcome, Question, Refusal};
pub use by::{By, ByError};
pub use host::HostHinge;
pub use ladder::{Ladder, REACH, Rung};
pub use lever::PlanLever;
pub(crate) use levers::{HostLever, of_host};
pub use memo::ProbeMemo;
pub use releases::Releases;
pub use sensitivity::{Edge, End, Margin};

use rayon::prelude::*;

use crate::scenario::Setting;

use search::LadderFound;

/// What was found.
#[derive(Clone, Debug)]
pub struct PlanOutcome {
    /// The migration as it is.
    pub as_is: ProbeOutcome,
    /// Changes that are enough alone: those that are near to what is usual, then the far ones; of each those that cost the guest
    /// least first.
    pub single: Vec<Solution>,
    /// Pairs of changes of which neither is enough alone, those that cost the guest least first.
    pub pairs: Vec<Solution>,
    /// Levers that are not enough alone, and why; none of a search that was stopped.
    pub no_help: Vec<NoHelp>,
    /// Levers that were searched to their end, of how many; fewer than all where the search was stopped.
    pub searched: (usize, usize),
    /// How far what is known of the guest may be off.
    pub margins: Vec<Margin>,
    /// Other releases with everything else as it is.
    pub releases: Vec<Releases>,
}

/// One lever at another value.
#[derive(Clone, Debug)]
pub struct LeverChange {
    /// The lever.
    pub lever: String,
    /// Its value as it is.
    pub from: String,
    /// Its new value.
    pub to: String,
    /// What it sets.
    pub settings: Vec<Setting>,
}

/// Changes that together meet the goal.
#[derive(Clone, Debug)]
pub struct Solution {
    /// One, or two.
    pub changes: Vec<LeverChange>,
    /// Whether it is one that few would make: see [`REACH`].
    pub is_far: bool,
    /// What comes of it.
    pub answer: ProbeOutcome,
    /// The last change less 2 %, or less a step where steps are larger: not enough any more. `None`: less is no change
    /// at all.
    pub short: Option<LeverChange>,
    /// Values of the last change beyond this one that are not enough, from and to; empty where more is always enough.
    pub gaps: Vec<(String, String)>,
}

/// A lever that is not enough alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoHelp {
    /// The lever.
    pub lever: String,
    /// Why, in a sentence.
    pub why: String,
    /// Why, on a page that says how the migration ends as it is: by its figures alone, where it still ends so.
    pub brief: String,
}

impl LeverChange {
    /// The flags that make it.
    pub fn sets(&self) -> Vec<String> {
        self.settings.iter().map(Setting::to_string).collect()
    }
}

impl Solution {
    /// All flags that make the changes.
    pub fn sets(&self) -> Vec<String> {
        sets(&self.changes)
    }

    /// The flags that are just not enough.
    pub fn short_sets(&self) -> Vec<String> {
        sets(self.changes[..self.changes.len() - 1].iter().chain(&self.short))
    }

    /// What it costs the guest: work lost, then time.
    fn cost(&self) -> (f64, f64) {
        (self.answer.outcome.guest_work_lost_ms, self.answer.outcome.total_time_ms)
    }
}

/// The flags that make changes.
fn sets<'c>(changes: impl IntoIterator<Item = &'c LeverChange>) -> Vec<String> {
    changes.into_iter().flat_map(|change| change.sets()).collect()
}

impl PlanOutcome {
    /// Answers a question with the levers in `by`, or with every lever there is if that is empty; `pairs` is how many
    /// pairs are wanted.
    ///
    /// A search that is stopped keeps the levers that it has searched to their end.
    ///
    /// # Errors
    /// The scenario itself is refused, a lever in `by` is not known, or the search is stopped before the first answer.
    pub fn of(question: &Question, by: &[By], pairs: usize) -> Result<PlanOutcome, Refusal> {
        let mut plan = PlanOutcome::of_changes(question, by, pairs)?;
        if question.options.is_stopped() {
            return Ok(plan);
        }
        (plan.margins, plan.releases) =
            rayon::join(|| sensitivity::margins(question, &plan.as_is), || releases::all(question));
        Ok(plan)
    }

    /// Solutions alone, without margins and releases.
    ///
    /// # Errors
    /// As [`PlanOutcome::of`].
    pub fn of_changes(question: &Question, by: &[By], pairs: usize) -> Result<PlanOutcome, Refusal> {
        let as_is = question.ask(&[])?;
        let mut plan = PlanOutcome {
            as_is,
            single: Vec::new(),
            pairs: Vec::new(),
            no_help: Vec::new(),
            searched: (0, 0),
            margins: Vec::new(),
            releases: Vec::new(),
        };
        if plan.as_is.met {
            return Ok(plan);
        }
        let levers = levers::chosen(&plan.as_is.scenario, &question.draft, by);
        let climbed: Vec<Climbed> = levers.par_iter().filter_map(|lever| Climbed::of(question, lever)).collect();
        plan.searched = (climbed.len(), levers.len());
        plan.single = climbed.iter().flat_map(|climbed| climbed.solutions.iter().cloned()).collect();
        cheapest_first(&mut plan.single);
        if question.options.is_stopped() {
            return Ok(plan);
        }
        let no_help = |climbed: &Climbed| climbed.no_help(question, &plan.as_is);
        plan.no_help = climbed.par_iter().filter_map(no_help).collect();
        if pairs > 0 {
            plan.pairs = pairs::find(question, &climbed);
            cheapest_first(&mut plan.pairs);
            plan.pairs.truncate(pairs);
        }
        Ok(plan)
    }
}

/// Those that are near before those that are far.
fn cheapest_first(solutions: &mut [Solution]) {
    solutions.sort_by(|a, b| {
        let (one, other) = (a.cost(), b.cost());
        a.is_far.cmp(&b.is_far).then(one.0.total_cmp(&other.0)).then(one.1.total_cmp(&other.1))
    });
}

/// A lever, what was found on each of its ladders, and the changes that follow.
struct Climbed<'l> {
    lever: &'l PlanLever,
    found: Vec<Option<LadderFound>>,
    solutions: Vec<Solution>,
}

impl<'l> Climbed<'l> {
    /// `None` if the search was stopped before the last of its ladders had an answer.
    fn of(question: &Question, lever: &'l PlanLever) -> Option<Climbed<'l>> {
        let climb = |ladder: &Ladder| search::climb(ladder, |rung| question.look(&rung.settings));
        question.options.unless_stopped(|| {
            let found: Vec<Option<LadderFound>> = lever.ladders.par_iter().map(climb).collect();
            let ladders = lever.ladders.iter().zip(&found);
            let solutions =
                ladders.filter_map(|(ladder, found)| Solution::of(question, lever, ladder, found.as_ref()?)).collect();
            Climbed { lever, found, solutions }
        })
    }

    /// Why the lever is not enough alone, if it is not.
    fn no_help(&self, question: &Question, as_is: &ProbeOutcome) -> Option<NoHelp> {
        let solved = self.found.iter().any(Option::is_some);
        (!solved).then(|| self.lever.why_not(question, as_is))
    }
}

impl Solution {
    /// The first rung that is enough, of one ladder.
    fn of(question: &Question, lever: &PlanLever, ladder: &Ladder, found: &LadderFound) -> Option<Solution> {
        let change = |index: usize| lever.change(&ladder.rungs[index]);
        let value = |index: usize| ladder.rungs[index].value.clone();
        let answer = question.ask(&ladder.rungs[found.first].settings).ok()?;
        Some(Solution {
            changes: vec![change(found.first)],
            is_far: found.first >= ladder.near(),
            answer,
            short: found.short.map(change),
            gaps: found.gaps.iter().map(|(from, to)| (value(*from), value(*to))).collect(),
        })
    }
}
