//! The best number of migrations at once, and the best order.
//!
//! First every number with every order that has a rule; then, from the best of these, guests change places as long as
//! the budget lasts and one of a batch of exchanges makes it better. The same fleet, seed and budget give the same
//! answer with any number of threads.

use rand::RngExt;
use rand_pcg::Pcg64;
use rayon::prelude::*;

use super::{DrainGoal, DrainHost, DrainPlan, Score, drain};
use crate::orchestrator::scheduler::QueueOrder;

/// Exchanges that are tried before the best of them is taken.
const BATCH: usize = 16;
/// Stream of random numbers of the exchanges.
const STREAM: u128 = 9 << 64;

/// How far to search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SearchLimits {
    /// Most migrations at once.
    pub slots: u32,
    /// Drains that may be spent on exchanges.
    pub exchanges: usize,
}

/// A plan and what comes of it.
#[derive(Clone, Debug, PartialEq)]
pub struct DrainCandidate {
    /// The plan.
    pub plan: DrainPlan,
    /// The rule of its order; `None` where guests have changed places.
    pub order: Option<QueueOrder>,
    /// What comes of it.
    pub score: Score,
}

/// What a search has found.
#[derive(Clone, Debug)]
pub struct DrainFound {
    /// The best plan.
    pub best: DrainCandidate,
    /// The best order for each number of migrations at once that was looked at.
    pub by_slots: Vec<DrainCandidate>,
    /// Drains that were simulated.
    pub tried: usize,
    /// It was not stopped before its end.
    pub complete: bool,
}

/// Searches until the limits are reached, or the host's watch stops it; `done` hears of every drain that was simulated.
///
/// `None` if it was stopped before anything was found.
pub fn search(
    host: &DrainHost,
    goal: &DrainGoal,
    limits: SearchLimits,
    done: &(dyn Fn() + Sync),
) -> Option<DrainFound> {
    let plans = grid(host, limits.slots);
    let wanted = plans.len();
    let tried = evaluate(host, goal, plans, done);
    let mut by_slots: Vec<DrainCandidate> = Vec::new();
    for candidate in &tried {
        match by_slots.iter_mut().find(|known| known.plan.slots == candidate.plan.slots) {
            Some(known) if candidate.score < known.score => *known = candidate.clone(),
            Some(_) => {}
            None => by_slots.push(candidate.clone()),
        }
    }
    let best = by_slots.iter().min_by_key(|candidate| (candidate.score, candidate.plan.slots))?.clone();
    let mut found = DrainFound { best, by_slots, tried: tried.len(), complete: tried.len() == wanted };
    if found.complete && host.guests().len() > 1 {
        exchange(host, goal, &mut found, limits.exchanges, done);
    }
    Some(found)
}

/// Most drains that [`search`] simulates.
pub fn most(host: &DrainHost, limits: SearchLimits) -> usize {
    numbers(host, limits.slots).count() * QueueOrder::ALL.len() + limits.exchanges
}

/// Numbers of migrations at once that are worth a look: all small ones, then in larger steps.
fn numbers(host: &DrainHost, most: u32) -> impl Iterator<Item = u32> {
    let most = most.min(u32::try_from(host.guests().len()).unwrap_or(u32::MAX));
    (1..=8).chain([10, 12, 16, 24, 32, 48, 64, 96, 128]).filter(move |slots| *slots <= most)
}

/// Every number with every order; orders that are the same for this fleet once.
fn grid(host: &DrainHost, most: u32) -> Vec<(DrainPlan, Option<QueueOrder>)> {
    let mut sequences: Vec<(QueueOrder, Vec<usize>)> = Vec::new();
    for (_, order) in QueueOrder::ALL {
        let sequence = host.sequence(order);
        if sequences.iter().all(|(_, known)| *known != sequence) {
            sequences.push((order, sequence));
        }
    }
    let plan = |slots, (order, sequence): &(QueueOrder, Vec<usize>)| {
        (DrainPlan { slots, sequence: sequence.clone() }, Some(*order))
    };
    numbers(host, most).flat_map(|slots| sequences.iter().map(move |known| plan(slots, known))).collect()
}

/// Drains by every plan; those that were not over when it was stopped are missing.
fn evaluate(
    host: &DrainHost,
    goal: &DrainGoal,
    plans: Vec<(DrainPlan, Option<QueueOrder>)>,
    done: &(dyn Fn() + Sync),
) -> Vec<DrainCandidate> {
    let evaluate = |(plan, order): (DrainPlan, Option<QueueOrder>)| {
        host.options.unless_stopped(|| goal.score(host.guests(), &drain(host, &plan))).map(|score| {
            done();
            DrainCandidate { plan, order, score }
        })
    };
    plans.into_par_iter().filter_map(evaluate).collect()
}

/// Lets guests change places.
fn exchange(host: &DrainHost, goal: &DrainGoal, found: &mut DrainFound, budget: usize, done: &(dyn Fn() + Sync)) {
    let mut rng = Pcg64::new(u128::from(host.options.seed), STREAM);
    let mut left = budget;
    while left > 0 {
        let count = BATCH.min(left);
        let plans: Vec<_> = (0..count).map(|_| (exchanged(&found.best.plan, &mut rng), None)).collect();
        let tried = evaluate(host, goal, plans, done);
        found.tried += tried.len();
        found.complete = tried.len() == count;
        if let Some(better) = tried.into_iter().min_by_key(|candidate| candidate.score)
            && better.score < found.best.score
        {
            found.best = better;
        }
        if !found.complete {
            return;
        }
        left -= count;
    }
}

/// A neighbour of `plan`: two guests change places, or one moves and all between move up.
fn exchanged(plan: &DrainPlan, rng: &mut Pcg64) -> DrainPlan {
    let mut sequence = plan.sequence.clone();
    let (one, other) = (rng.random_range(0..sequence.len()), rng.random_range(0..sequence.len()));
    if rng.random_bool(0.5) {
        sequence.swap(one, other);
    } else {
        let guest = sequence.remove(one);
        sequence.insert(other, guest);
    }
    DrainPlan { slots: plan.slots, sequence }
}
