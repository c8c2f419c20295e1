//! How much a guest of unknown workload may write and still leave: who is to be measured first.

use rayon::prelude::*;

use super::{DrainGoal, DrainHost, DrainPlan, MOST_GUESTS, Timetable};
use crate::guest::{Law, Workload};
use crate::link::Link;
use crate::sim;
use crate::units::{Bytes, PAGE_SIZE, PageRate, Pages, Rate};

/// What a guest of unknown workload may write, with the share of the link that it had, so that it leaves and has what it
/// is owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WriteBudget {
    /// Index of the guest.
    pub guest: usize,
    /// The fastest writes all over its RAM, up to 64 GiB a second [bytes/s]; 0 if it stays even when idle.
    pub most: Rate,
}

/// More than a host's memory takes: a guest that leaves under it leaves whatever it writes.
pub(super) const MOST_WRITTEN: Rate = Rate(64 * Bytes::GIB.0);
/// The slowest writer that is told apart from an idle guest.
const LEAST_WRITTEN: u64 = 1 << 20;
/// How near to each other the two ends of a search come, as a ratio.
const NEAR: f64 = 1.02;

impl WriteBudget {
    /// Of every guest of unknown workload, those that may write least first. None for a large fleet.
    pub fn all(host: &DrainHost, plan: &DrainPlan, timetable: &Timetable, goal: &DrainGoal) -> Vec<WriteBudget> {
        let unknown: Vec<usize> = (0..host.guests().len()).filter(|guest| host.is_unknown(*guest)).collect();
        if unknown.len() > MOST_GUESTS {
            return Vec::new();
        }
        let scenarios = host.scenarios(plan.slots);
        let of = |guest: usize| {
            let share = timetable.attempts.iter().find(|attempt| attempt.guest == guest).and_then(|first| first.share);
            let link = Link { latency: host.link().latency, ..Link::constant(share.unwrap_or(host.bandwidth())) };
            let options = sim::Options { seed: host.seed_of(guest), timeline: false, ..host.options.clone() };
            let leaves = |written: u64| {
                let mut scenario = scenarios[guest].clone();
                scenario.link = link.clone();
                let data = Pages(scenario.guest.memory.0 - scenario.guest.zero.0);
                let rate = PageRate(written as f64 / PAGE_SIZE as f64);
                scenario.guest.workloads = vec![Workload::steady(Law::Uniform, data, rate)];
                let outcome = sim::run_checked(scenario.trusted(), &options).0;
                outcome.verdict.is_completed() && goal.holds_for(&host.guests()[guest].name, &outcome)
            };
            WriteBudget { guest, most: Rate(most(&leaves)) }
        };
        let mut budgets: Vec<WriteBudget> = unknown.into_par_iter().map(of).collect();
        budgets.sort_by_key(|budget| budget.most);
        budgets
    }

    /// Whether the guest leaves whatever it writes.
    pub fn is_unbounded(self) -> bool {
        self.most >= MOST_WRITTEN
    }
}

/// The largest amount that leaves, between the two that are looked at; what leaves is taken to leave with less, too.
fn most(leaves: &impl Fn(u64) -> bool) -> u64 {
    let (mut low, mut high) = (LEAST_WRITTEN, MOST_WRITTEN.0);
    if leaves(high) {
        return high;
    }
    if !leaves(low) {
        return 0;
    }
    while high as f64 > low as f64 * NEAR {
        let middle = (low as f64 * high as f64).sqrt() as u64;
        if leaves(middle) { low = middle } else { high = middle }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_that_leaves_is_found_to_two_per_cent() {
        for limit in [2 << 20, 1 << 30, (64 << 30) - 1] {
            let found = most(&|written| written <= limit);
            assert!(found <= limit && found as f64 * NEAR >= limit as f64, "{found} of {limit}");
        }
        assert_eq!(most(&|_| true), MOST_WRITTEN.0);
        assert_eq!(most(&|_| false), 0);
    }
}
