//! The best settings, the best number of migrations at once, and the best order.
//!
//! From the drain as it is given, settings are turned one or two at a time as long as that is worth it, for all guests or for those
//! in the way; with those settings every number is tried with every order that has a rule. What turned out to be of no use is taken
//! back. Last, guests change places as long as the budget lasts. A drain is given up once it is no good any more, and then
//! whoever is still on the host counts as staying. The same fleet, seed and budgets give the same answer with any number of
//! threads.

use rand::RngExt;
use rand_pcg::Pcg64;
use rayon::prelude::*;

use super::turn::{FleetChange, turns};
use super::{DrainAnswers, DrainCandidate, DrainGoal, DrainHost, DrainPlan};
use crate::orchestrator::scheduler::QueueOrder;
use crate::scenario::{Fleet, Input};
use crate::units::Time;

/// Exchanges that are tried before the best of them is taken.
const BATCH: usize = 16;
/// How often settings and numbers at once are looked at in turn.
const ROUNDS: usize = 2;
/// How often all RAM could go over the link before a drain is given up.
const MANY: u64 = 10;
/// Stream of random numbers of the exchanges.
const STREAM: u128 = 9 << 64;

/// How far to search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SearchLimits {
    /// Most migrations at once.
    pub slots: u32,
    /// Drains that may be spent on settings.
    pub settings: usize,
    /// Drains that may be spent on exchanges.
    pub exchanges: usize,
}

/// What is searched, and how far.
#[derive(Clone, Copy)]
pub struct DrainSearch<'a> {
    /// The host as it is given.
    pub host: &'a DrainHost,
    /// The texts that its fleet was read from, which settings are laid over; without them none is turned.
    pub input: Option<&'a Input>,
    /// What is wanted.
    pub goal: &'a DrainGoal,
    /// How far to search.
    pub limits: SearchLimits,
    /// Hears of every drain that was simulated.
    pub done: &'a (dyn Fn() + Sync),
}

/// What a search has found.
#[derive(Clone, Debug)]
pub struct DrainFound {
    /// The drain as it is given.
    pub given: DrainCandidate,
    /// The best one.
    pub best: DrainCandidate,
    /// The best one, and others that are as good and cost less.
    pub answers: DrainAnswers,
    /// With the settings of the best, the best order for each number of migrations at once that was looked at.
    pub by_slots: Vec<DrainCandidate>,
    /// Drains that were simulated.
    pub tried: usize,
    /// It was not stopped before its end.
    pub complete: bool,
}

impl DrainSearch<'_> {
    /// Searches until the limits are reached, or the host's watch stops it; `None` if it was stopped before anything was found.
    pub fn run(&self) -> Option<DrainFound> {
        let asked = (self.host.plan(), Some(self.host.scheduler().order));
        let given = self.evaluate(self.host, &[], vec![asked.clone()], Time::NEVER).pop()?;
        let mut seen = vec![given.clone()];
        // Others are given up sooner, and so a drain that is as it is given is a better one to start from if it is, too.
        let horizon = self.horizon(&given);
        let again =
            if given.score.end > horizon { self.evaluate(self.host, &[], vec![asked], horizon) } else { Vec::new() };
        let start = again.into_iter().next().unwrap_or_else(|| given.clone());

        let (mut best, mut left) = (start, self.limits.settings);
        let mut by_slots = Vec::new();
        for _ in 0..ROUNDS {
            let before = best.clone();
            if let Some(input) = self.input {
                best = self.climb(input, best, &mut left, &mut seen);
            }
            if by_slots.is_empty() || best.changes != before.changes {
                by_slots = self.grid(&best, &mut seen);
            }
            best = best_of(&by_slots, &best);
            if best.score.is_as_wanted() || best == before || self.is_stopped() {
                break;
            }
        }
        best = self.without_what_is_of_no_use(best, &mut seen);
        if !best.changes.is_empty() && !self.is_stopped() {
            // Numbers and orders alone may do, with the settings as they are.
            let plain = self.evaluate(self.host, &[], grid(self.host, self.limits.slots), self.horizon(&best));
            best = best_of(&plain, &best);
            seen.extend(plain);
        }
        if best.is_cut {
            let asked = vec![(best.plan.clone(), best.order)];
            let whole = self.with_host(&best.changes, |host| self.evaluate(host, &best.changes, asked, Time::NEVER));
            best = whole.and_then(|whole| whole.into_iter().next()).unwrap_or(best);
        }
        if given.score <= best.score {
            best = given.clone();
        }
        if by_slots.first().is_none_or(|first| first.changes != best.changes) && !self.is_stopped() {
            by_slots = self.grid(&best, &mut seen);
        }
        if self.host.guests().len() > 1 && !self.is_stopped() {
            let changes = best.changes.clone();
            best = self.with_host(&changes, |host| self.exchange(host, best.clone(), &mut seen)).unwrap_or(best);
        }
        let (tried, complete) = (seen.len(), !self.is_stopped());
        Some(DrainFound { answers: DrainAnswers::of(&best, &seen), given, best, by_slots, tried, complete })
    }

    /// When a drain is no good any more: twice as late as the best one known, if that empties the host, or else the window; without
    /// one so long that all RAM could go over the link many times.
    fn horizon(&self, known: &DrainCandidate) -> Time {
        let window = self.goal.window.map(|window| Time::ZERO + window);
        match (known.score.stay, window) {
            (0, Some(window)) if known.score.missed == 0 => Time(known.score.end.0.saturating_mul(2)).min(window),
            (0, _) => Time(known.score.end.0.saturating_mul(2)),
            (_, Some(window)) => window,
            (_, None) => Time::ZERO + self.host.at_full_speed() * MANY,
        }
    }

    /// Most drains that are simulated.
    pub fn most(&self) -> usize {
        let grid = numbers(self.host, self.limits.slots).count() * QueueOrder::ALL.len();
        let settings = if self.input.is_some() { grid + self.limits.settings } else { 0 };
        2 + grid + settings + self.limits.exchanges
    }

    fn is_stopped(&self) -> bool {
        self.host.options.is_stopped()
    }

    /// Asks a host with these changes; `None` where the loader refuses them.
    fn with_host<T>(&self, changes: &[FleetChange], ask: impl FnOnce(&DrainHost) -> T) -> Option<T> {
        if changes.is_empty() {
            return Some(ask(self.host));
        }
        let fleet = fleet(self.input?, changes)?;
        Some(ask(&DrainHost::new(&fleet, &self.host.options).ok()?))
    }

    /// Every number with every order, with the settings of a drain; of each number the best.
    fn grid(&self, with: &DrainCandidate, seen: &mut Vec<DrainCandidate>) -> Vec<DrainCandidate> {
        let tried =
            |host: &DrainHost| self.evaluate(host, &with.changes, grid(host, self.limits.slots), self.horizon(with));
        let tried = self.with_host(&with.changes, tried).unwrap_or_default();
        let mut by_slots: Vec<DrainCandidate> = Vec::new();
        for candidate in &tried {
            match by_slots.iter_mut().find(|known| known.plan.slots == candidate.plan.slots) {
                Some(known) if candidate.score < known.score => *known = candidate.clone(),
                Some(_) => {}
                None => by_slots.push(candidate.clone()),
            }
        }
        seen.extend(tried);
        by_slots
    }

    /// Drains by every plan; those that were not over when it was stopped are missing.
    fn evaluate(
        &self,
        host: &DrainHost,
        changes: &[FleetChange],
        plans: Vec<(DrainPlan, Option<QueueOrder>)>,
        horizon: Time,
    ) -> Vec<DrainCandidate> {
        let evaluate = |plan: (DrainPlan, Option<QueueOrder>)| {
            let of = || DrainCandidate::of(host, self.goal, changes, plan, horizon);
            host.options.unless_stopped(of).inspect(|_| (self.done)())
        };
        plans.into_par_iter().filter_map(evaluate).collect()
    }

    /// Takes back what is of no use.
    fn without_what_is_of_no_use(&self, mut found: DrainCandidate, seen: &mut Vec<DrainCandidate>) -> DrainCandidate {
        for change in found.changes.clone() {
            let fewer: Vec<FleetChange> = found.changes.iter().filter(|other| **other != change).cloned().collect();
            let without = self.turned(&found, vec![fewer]).pop();
            seen.extend(without.clone());
            found = without.filter(|without| !found.is_worth_more_than(without)).unwrap_or(found);
        }
        found
    }

    /// Turns settings for as long as it is worth it, and the budget lasts.
    fn climb(
        &self,
        input: &Input,
        start: DrainCandidate,
        left: &mut usize,
        seen: &mut Vec<DrainCandidate>,
    ) -> DrainCandidate {
        let mut now = start;
        while *left > 0 && !self.is_stopped() {
            let with = input.with_sets(&now.sets());
            let Ok(loaded) = with.load_fleet() else { break };
            let mut next: Option<DrainCandidate> = None;
            for turns in turns(&with, &loaded.fleet, &now) {
                let turns: Vec<_> = turns.iter().take(*left).map(|turn| FleetChange::and(&now.changes, turn)).collect();
                *left -= turns.len();
                let tried = self.turned(&now, turns);
                next = tried.iter().cloned().chain(next).min_by(DrainCandidate::compare);
                seen.extend(tried);
                // Where a word is enough, numbers are not asked.
                if next.as_ref().is_some_and(|next| next.is_worth_more_than(&now) && next.score.is_as_wanted()) {
                    break;
                }
            }
            match next.filter(|next| next.is_worth_more_than(&now)) {
                Some(next) => now = next,
                None => break,
            }
        }
        now
    }

    /// Drains with other changes, the number at once and the rule of the order as they are; without those that are refused.
    fn turned(&self, now: &DrainCandidate, all: Vec<Vec<FleetChange>>) -> Vec<DrainCandidate> {
        let (order, horizon) = (now.order.unwrap_or(QueueOrder::AsGiven), self.horizon(now));
        let turn = |changes: Vec<FleetChange>| {
            let plan = |host: &DrainHost| DrainPlan { slots: now.plan.slots, sequence: host.sequence(order) };
            self.with_host(&changes, |host| self.evaluate(host, &changes, vec![(plan(host), Some(order))], horizon))
                .unwrap_or_default()
        };
        all.into_par_iter().flat_map_iter(turn).collect()
    }

    /// Lets guests change places.
    fn exchange(&self, host: &DrainHost, mut best: DrainCandidate, seen: &mut Vec<DrainCandidate>) -> DrainCandidate {
        let mut rng = Pcg64::new(u128::from(host.options.seed), STREAM);
        let mut left = self.limits.exchanges;
        while left > 0 && !self.is_stopped() {
            let count = BATCH.min(left);
            let plans: Vec<_> = (0..count).map(|_| (exchanged(&best.plan, &mut rng), None)).collect();
            // What is not over by then is not better.
            let horizon = if best.score.stay == 0 { best.score.end } else { self.horizon(&best) };
            let tried = self.evaluate(host, &best.changes, plans, horizon);
            if let Some(better) = tried.iter().min_by_key(|candidate| candidate.score)
                && better.score < best.score
            {
                best = better.clone();
            }
            seen.extend(tried);
            left -= count;
        }
        best
    }
}

/// The fleet with these changes, if the loader takes them.
fn fleet(input: &Input, changes: &[FleetChange]) -> Option<Fleet> {
    let sets: Vec<String> = changes.iter().flat_map(|change| change.sets.iter().cloned()).collect();
    input.with_sets(&sets).load_fleet().ok().map(|loaded| loaded.fleet)
}

/// The best of those, the lower number at once of two that are equal; another one if that is better than all.
fn best_of(by_slots: &[DrainCandidate], other: &DrainCandidate) -> DrainCandidate {
    let best = by_slots.iter().min_by_key(|candidate| (candidate.score, candidate.plan.slots));
    best.filter(|best| best.score <= other.score).unwrap_or(other).clone()
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
