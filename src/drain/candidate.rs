//! A way to empty the host, what comes of it, and what it costs.

use serde::Serialize;

use super::turn::FleetChange;
use super::{DrainGoal, DrainHost, DrainPlan, Score, Timetable, drain_until};
use crate::orchestrator::scheduler::QueueOrder;
use crate::sim::Verdict;
use crate::units::Time;

/// A way to empty the host, and what comes of it.
#[derive(Clone, Debug, PartialEq)]
pub struct DrainCandidate {
    /// Settings that are other than the given ones.
    pub changes: Vec<FleetChange>,
    /// Who goes when.
    pub plan: DrainPlan,
    /// The rule of its order; `None` where guests have changed places.
    pub order: Option<QueueOrder>,
    /// What comes of it.
    pub score: Score,
    /// What it costs.
    pub cost: DrainCost,
    /// It was given up at its end, by when it was no good: whoever was still on the host counts as staying.
    pub is_cut: bool,
    /// Entries of the fleet whose guests do not get away or miss what they are owed; where there are none, that of the guest that
    /// takes longest.
    pub(super) in_the_way: Vec<usize>,
}

/// What a drain costs the guests, the link and whoever answers for it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct DrainCost {
    /// Work that all guests together did not get done, as time at their own pace [ms].
    pub work_lost_ms: f64,
    /// The longest time that any guest stood still [ms].
    pub longest_stall_ms: f64,
    /// A migration was cut off by `limits.time`, so that the work lost is a lower bound.
    pub cut_off: bool,
    /// What all migrations sent [bytes].
    pub transferred_bytes: u64,
    /// Guests that may be moved by post-copy: a link that fails then takes them along.
    pub may_post_copy: usize,
    /// Guests that were.
    pub by_post_copy: usize,
}

impl DrainCandidate {
    pub(super) fn of(
        host: &DrainHost,
        goal: &DrainGoal,
        changes: &[FleetChange],
        (plan, order): (DrainPlan, Option<QueueOrder>),
        horizon: Time,
    ) -> DrainCandidate {
        let (timetable, on_the_way) = drain_until(host, &plan, horizon);
        DrainCandidate {
            changes: changes.to_vec(),
            score: goal.score(host.guests(), &timetable),
            cost: DrainCost::of(host, &timetable),
            is_cut: timetable.end == horizon && !timetable.stay.is_empty(),
            in_the_way: in_the_way(host, goal, &timetable, on_the_way),
            plan,
            order,
        }
    }

    /// Everything that `--set` takes to make it so, in order.
    pub fn sets(&self) -> Vec<String> {
        self.changes.iter().flat_map(|change| change.sets.iter().cloned()).collect()
    }

    /// Whether it is so much better that a further change is worth it: fewer guests stay, less is missed, or the host is empty
    /// more than 2 % sooner.
    pub(super) fn is_worth_more_than(&self, other: &DrainCandidate) -> bool {
        let (ours, theirs) = (self.score, other.score);
        match (ours.stay, ours.missed).cmp(&(theirs.stay, theirs.missed)) {
            std::cmp::Ordering::Less => true,
            std::cmp::Ordering::Equal => (ours.end.0 as f64) < 0.98 * theirs.end.0 as f64,
            std::cmp::Ordering::Greater => false,
        }
    }

    /// The better one first; of two that end alike the one that costs the guests less.
    pub(super) fn compare(&self, other: &DrainCandidate) -> std::cmp::Ordering {
        self.score.cmp(&other.score).then(self.cost.work_lost_ms.total_cmp(&other.cost.work_lost_ms))
    }
}

impl DrainCost {
    fn of(host: &DrainHost, timetable: &Timetable) -> DrainCost {
        let attempts = &timetable.attempts;
        let may = |guest: &&crate::scenario::Guest| guest.scenario.qemu.capabilities.postcopy_ram;
        DrainCost {
            work_lost_ms: timetable.work_lost_ms(),
            cut_off: timetable.is_cut_off(),
            longest_stall_ms: attempts.iter().map(|attempt| attempt.outcome.longest_stall_ms).fold(0.0, f64::max),
            transferred_bytes: attempts.iter().map(|attempt| attempt.outcome.transferred_bytes).sum(),
            may_post_copy: host.guests().iter().filter(may).count(),
            by_post_copy: attempts.iter().filter(|attempt| attempt.outcome.verdict == Verdict::PostCopy).count(),
        }
    }
}

fn in_the_way(host: &DrainHost, goal: &DrainGoal, timetable: &Timetable, on_the_way: Vec<usize>) -> Vec<usize> {
    let missed = goal.judge(host.guests(), timetable).missed;
    let mut guests = on_the_way;
    guests.extend(missed.iter().map(|missed| timetable.attempts[missed.attempt].guest));
    // Of those that stay, some may only have waited behind others.
    let was_tried = |guest: &&usize| timetable.attempts.iter().any(|attempt| attempt.guest == **guest);
    guests.extend(timetable.stay.iter().filter(was_tried));
    if guests.is_empty() {
        let longest = timetable.attempts.iter().max_by_key(|attempt| attempt.length());
        guests.extend(longest.map(|attempt| attempt.guest));
    }
    let mut entries: Vec<usize> = guests.into_iter().map(|guest| host.guests()[guest].entry).collect();
    entries.sort_unstable();
    entries.dedup();
    entries
}
