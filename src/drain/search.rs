//! The best settings, the best number of migrations at once, and the best order.
//!
//! From the drain as it is given, settings are turned one or two at a time as long as that is worth it, for all guests or for those
//! in the way; with those settings every number is tried with every order that has a rule. What turned out to be of no use is taken
//! back. Last, guests change places as long as the budget lasts. A drain is given up once it is no good any more, and then
//! whoever is still on the host counts as staying. The same fleet, seed and budgets give the same answer with any number of
//! threads.

use rand_pcg::Pcg64;
use rayon::prelude::*;

use super::plans::{exchanged, grid, numbers};
use super::turn::{FleetChange, turns};
use super::{DrainAnswers, DrainCandidate, DrainGoal, DrainHost, DrainPlan};
use crate::orchestrator::scheduler::QueueOrder;
use crate::scenario::{Fleet, Input};
use crate::units::Time;

/// Exchanges that are tried before the best of them is taken.
const BATCH: usize = 16;
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
        let given = self.evaluate(self.host, &[], vec![asked], Time::NEVER).pop()?;
        let (left, latest, seen) = (0, Time::NEVER, vec![given.clone()]);
        Some(Searching { asked: *self, left, latest, seen }.from(given))
    }

    /// Most drains that are simulated.
    pub fn most(&self) -> usize {
        let grid = numbers(self.host, self.limits.slots).count() * QueueOrder::ALL.len();
        let settings = if self.input.is_some() { grid + self.limits.settings } else { 0 };
        1 + grid + settings + self.limits.exchanges
    }

    /// Asks a host with these changes; `None` where the loader refuses them.
    fn with_host<T>(&self, changes: &[FleetChange], ask: impl FnOnce(&DrainHost) -> T) -> Option<T> {
        if changes.is_empty() {
            return Some(ask(self.host));
        }
        let fleet = fleet(self.input?, changes)?;
        Some(ask(&DrainHost::new(&fleet, &self.host.options).ok()?))
    }

    /// Drains by every plan, until then; those that were not over when it was stopped are missing.
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

    /// The same drain until another time.
    fn again(&self, candidate: &DrainCandidate, horizon: Time) -> Option<DrainCandidate> {
        let (changes, asked) = (&candidate.changes, vec![(candidate.plan.clone(), candidate.order)]);
        self.with_host(changes, |host| self.evaluate(host, changes, asked, horizon))?.pop()
    }
}

/// A search that is under way.
struct Searching<'a> {
    asked: DrainSearch<'a>,
    /// Drains that may still be spent on settings.
    left: usize,
    /// When a drain that leaves guests behind is given up.
    latest: Time,
    /// All drains that were looked at.
    seen: Vec<DrainCandidate>,
}

impl Searching<'_> {
    fn from(mut self, given: DrainCandidate) -> DrainFound {
        let (mut best, mut by_slots): (DrainCandidate, Vec<DrainCandidate>) = (given.clone(), Vec::new());
        let patience = self.patience(&given);
        for latest in &patience {
            self.latest = *latest;
            self.left += self.asked.limits.settings / patience.len();
            // The given drain is held against others as far as they come.
            let horizon = self.horizon(&given);
            let cut = if given.score.end > horizon { self.asked.again(&given, horizon) } else { None };
            let climbed = self.climb(cut.unwrap_or_else(|| given.clone()));
            let of_numbers = self.grid(&climbed);
            let found = best_of(&of_numbers, &climbed);
            if by_slots.is_empty() || found.compare(&best).is_lt() {
                (best, by_slots) = (found, of_numbers);
            }
            if best.score.is_as_wanted() || self.is_stopped() {
                break;
            }
        }
        best = self.without_what_is_of_no_use(best);
        if !best.changes.is_empty() && !self.is_stopped() {
            // Numbers and orders alone may do, with the settings as they are.
            let DrainSearch { host, limits, .. } = self.asked;
            let plain = self.asked.evaluate(host, &[], grid(host, limits.slots), self.horizon(&best));
            best = best_of(&plain, &best);
            self.seen.extend(plain);
        }
        if best.is_cut {
            best = self.asked.again(&best, Time::NEVER).unwrap_or(best);
        }
        if given.score <= best.score {
            best = given.clone();
        }
        if by_slots.first().is_none_or(|first| first.changes != best.changes) && !self.is_stopped() {
            by_slots = self.grid(&best);
        }
        if self.asked.host.guests().len() > 1 && !self.is_stopped() {
            best = self.exchange(best);
        }
        let (tried, complete) = (self.seen.len(), !self.is_stopped());
        DrainFound { answers: DrainAnswers::of(&best, &self.seen), given, best, by_slots, tried, complete }
    }

    fn is_stopped(&self) -> bool {
        self.asked.host.options.is_stopped()
    }

    /// When drains that leave guests behind are given up: at the end of the window; without one once all RAM could have gone over the
    /// link many times, and, where nothing is found until then, long after the given drain is over.
    fn patience(&self, given: &DrainCandidate) -> Vec<Time> {
        let copies = Time::ZERO + self.asked.host.at_full_speed() * MANY;
        match self.asked.goal.window {
            Some(window) => vec![Time::ZERO + window],
            None => vec![copies, copies.max(twice(given.score.end))],
        }
    }

    /// When a drain is no good any more: twice as late as the best one known, if that empties the host.
    fn horizon(&self, known: &DrainCandidate) -> Time {
        match (known.score.stay, known.score.missed) {
            (0, 0) => {
                twice(known.score.end).min(self.asked.goal.window.map_or(Time::NEVER, |window| Time::ZERO + window))
            }
            (0, _) => twice(known.score.end),
            _ => self.latest,
        }
    }

    /// Every number with every order, with the settings of a drain; of each number the best.
    fn grid(&mut self, with: &DrainCandidate) -> Vec<DrainCandidate> {
        let (asked, horizon) = (self.asked, self.horizon(with));
        let tried = |host: &DrainHost| asked.evaluate(host, &with.changes, grid(host, asked.limits.slots), horizon);
        let tried = asked.with_host(&with.changes, tried).unwrap_or_default();
        let mut by_slots: Vec<DrainCandidate> = Vec::new();
        for candidate in &tried {
            match by_slots.iter_mut().find(|known| known.plan.slots == candidate.plan.slots) {
                Some(known) if candidate.score < known.score => *known = candidate.clone(),
                Some(_) => {}
                None => by_slots.push(candidate.clone()),
            }
        }
        self.seen.extend(tried);
        by_slots
    }

    /// Takes back what is of no use.
    fn without_what_is_of_no_use(&mut self, mut found: DrainCandidate) -> DrainCandidate {
        for change in found.changes.clone() {
            let fewer: Vec<FleetChange> = found.changes.iter().filter(|other| **other != change).cloned().collect();
            let without = self.turned(&found, vec![fewer]).pop();
            found = without.filter(|without| !found.is_worth_more_than(without)).unwrap_or(found);
        }
        found
    }

    /// Turns settings for as long as it is worth it, and the budget lasts.
    fn climb(&mut self, mut now: DrainCandidate) -> DrainCandidate {
        let Some(input) = self.asked.input else { return now };
        while self.left > 0 && !self.is_stopped() {
            let with = input.with_sets(&now.sets());
            let Ok(loaded) = with.load_fleet() else { break };
            let mut next: Option<DrainCandidate> = None;
            for turns in turns(&with, &loaded.fleet, &now) {
                let turns = turns.iter().take(self.left).map(|turn| FleetChange::and(&now.changes, turn)).collect();
                next = self.turned(&now, turns).into_iter().chain(next).min_by(DrainCandidate::compare);
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
    fn turned(&mut self, now: &DrainCandidate, all: Vec<Vec<FleetChange>>) -> Vec<DrainCandidate> {
        let (asked, order, horizon) = (self.asked, now.order.unwrap_or(QueueOrder::AsGiven), self.horizon(now));
        self.left = self.left.saturating_sub(all.len());
        let turn = |changes: Vec<FleetChange>| {
            let plan = |host: &DrainHost| DrainPlan { slots: now.plan.slots, sequence: host.sequence(order) };
            let tried = |host: &DrainHost| asked.evaluate(host, &changes, vec![(plan(host), Some(order))], horizon);
            asked.with_host(&changes, tried).unwrap_or_default()
        };
        let tried: Vec<DrainCandidate> = all.into_par_iter().flat_map_iter(turn).collect();
        self.seen.extend(tried.iter().cloned());
        tried
    }

    /// Lets guests change places.
    fn exchange(&mut self, mut best: DrainCandidate) -> DrainCandidate {
        let asked = self.asked;
        let mut rng = Pcg64::new(u128::from(asked.host.options.seed), STREAM);
        let changes = best.changes.clone();
        let exchange = |host: &DrainHost| {
            let mut left = asked.limits.exchanges;
            while left > 0 && !self.is_stopped() {
                let count = BATCH.min(left);
                let plans: Vec<_> = (0..count).map(|_| (exchanged(&best.plan, &mut rng), None)).collect();
                // What is not over by then is not better.
                let horizon = if best.score.stay == 0 { best.score.end } else { self.horizon(&best) };
                let tried = asked.evaluate(host, &best.changes, plans, horizon);
                if let Some(better) = tried.iter().min_by_key(|candidate| candidate.score)
                    && better.score < best.score
                {
                    best = better.clone();
                }
                self.seen.extend(tried);
                left -= count;
            }
        };
        let _ = asked.with_host(&changes, exchange);
        best
    }
}

fn twice(time: Time) -> Time {
    Time(time.0.saturating_mul(2))
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
