//! What comes of a migration of a guest that is not known exactly.

use rand::seq::SliceRandom;
use rand_pcg::Pcg64;
use rayon::prelude::*;
use serde::Serialize;

use super::{Unknown, Unknowns};
use crate::scenario::{Draft, Scenario};
use crate::sim::{self, Memory, Options, Outcome};

/// How a migration may end, as far as its guest is known.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LikelyRange {
    /// What is not known.
    pub of: Vec<Unknown>,
    /// Total times that the migration stays below with a chance of 10, 50 and 90 % [ms]; `None`: it does not arrive.
    pub total_time_ms: [Option<f64>; 3],
    /// Highest throttles that it stays below with these chances [%].
    pub throttle_max_pct: [f64; 3],
    /// How likely it arrives at all [%].
    pub arrives_pct: f64,
}

/// Migrations that are run: one in the middle of each of so many equal shares of what may be.
const RUNS: usize = 99;
/// Of these, in order, the ends of what holds in eight cases of ten, and the middle.
const TOLD: [usize; 3] = [9, 49, 89];
/// Total times that are no farther apart are one: repeats of a migration scatter by as much.
const SCATTER: f64 = 0.03;
/// Syncs of a migration that is run again some dozens of times without being noticed.
pub(crate) const MOST_SYNCS: u64 = 20_000;

impl LikelyRange {
    /// Of the migration that has `outcome` where everything is taken for what the draft says; `None` where all is known, or
    /// nothing depends on what is not. Runs are those of the expected memory; none are made for a migration so long that they
    /// would be noticed.
    pub fn of(unknowns: &Unknowns, draft: &Draft, outcome: &Outcome, options: &Options) -> Option<LikelyRange> {
        if unknowns.is_empty() || options.memory == Memory::Exact {
            return None;
        }
        let options = Options { timeline: false, watch: None, ..options.clone() };
        let shares: Vec<Vec<usize>> = (0..unknowns.0.len()).map(|place| shuffled(place, options.seed)).collect();
        LikelyRange::over(&unknowns.0, outcome, |at| {
            // A value that the rest of the scenario has no room for is none that may be.
            let scenario = unknowns.load(draft, &[], |place| middle(shares[place][at])).ok()?.scenario;
            Some(sim::run_checked(scenario.drawn(options.seed).trusted(), &options).0)
        })
    }

    /// Of a migration of a guest of whose rates no more is known than that they are within a factor of what the scenario says, in
    /// two cases of three.
    pub fn within(factor: f64, scenario: &Scenario, outcome: &Outcome, options: &Options) -> Option<LikelyRange> {
        let unknown = Unknown::of_rates(factor);
        LikelyRange::over(std::slice::from_ref(&unknown), outcome, |at| {
            let mut scenario = scenario.clone();
            scenario.guest.speed_up(libm::exp(unknown.at(middle(at)).ln_rates));
            Some(sim::run_checked(scenario.trusted(), options).0)
        })
    }

    /// Runs one migration for each share, where the migration that has `outcome` is short enough.
    fn over(
        unknowns: &[Unknown],
        outcome: &Outcome,
        run: impl Fn(usize) -> Option<Outcome> + Sync + Send,
    ) -> Option<LikelyRange> {
        if outcome.dirty_sync_count > MOST_SYNCS {
            return None;
        }
        let outcomes: Vec<Outcome> = (0..RUNS).into_par_iter().filter_map(run).collect();
        LikelyRange::seen(unknowns, &outcomes)
    }

    /// Of a migration of which so much time was over before [ms].
    #[must_use]
    pub fn later(self, ms: f64) -> LikelyRange {
        LikelyRange { total_time_ms: self.total_time_ms.map(|total| total.map(|total| total + ms)), ..self }
    }

    fn seen(unknowns: &[Unknown], outcomes: &[Outcome]) -> Option<LikelyRange> {
        let total = |outcome: &Outcome| outcome.verdict.is_completed().then_some(outcome.total_time_ms);
        let mut totals: Vec<Option<f64>> = outcomes.iter().map(total).collect();
        totals.sort_by(|a, b| a.unwrap_or(f64::INFINITY).total_cmp(&b.unwrap_or(f64::INFINITY)));
        let mut throttles: Vec<f64> = outcomes.iter().map(|outcome| outcome.throttle_max_pct).collect();
        throttles.sort_by(f64::total_cmp);
        let arrived = totals.iter().flatten().count();
        let places = TOLD.map(|at| at * outcomes.len() / RUNS);
        let told = places.map(|at| totals.get(at).copied());
        let is_one = match (told[0]?, told[2]?) {
            (Some(low), Some(high)) => high / low < 1.0 + SCATTER && arrived == outcomes.len(),
            (None, _) => arrived == 0,
            _ => false,
        };
        (!is_one).then(|| LikelyRange {
            of: unknowns.to_vec(),
            total_time_ms: told.map(Option::flatten),
            throttle_max_pct: places.map(|at| throttles[at]),
            arrives_pct: (100.0 * arrived as f64 / outcomes.len() as f64).round(),
        })
    }
}

/// The chance in the middle of a share.
fn middle(share: usize) -> f64 {
    (share as f64 + 0.5) / RUNS as f64
}

/// The shares in an order of each unknown's own, so that all pairs of values are met (a Latin hypercube). The first unknown's
/// is kept, so that one alone is walked in order.
fn shuffled(place: usize, seed: u64) -> Vec<usize> {
    let mut shares: Vec<usize> = (0..RUNS).collect();
    if place > 0 {
        shares.shuffle(&mut Pcg64::new(u128::from(seed), (5 << 64) + place as u128));
    }
    shares
}
