//! One scenario, run with one seed after another.

use rayon::prelude::*;

use super::Unknowns;
use crate::scenario::{Draft, Scenario};
use crate::sim::{self, Options, Outcome};

/// Runs a scenario `repeats` times, with seeds from that of the options on, on all threads of the pool that it is called in; each
/// time as what is not known of the guest may be and as what varies falls out. `done` is called after each run.
///
/// Runs that were over before they were told to end are given with their seeds, in the order of these.
pub fn repeat(
    draft: &Draft,
    scenario: &Scenario,
    options: &Options,
    repeats: u32,
    done: &(dyn Fn() + Sync),
) -> Vec<(u64, Outcome)> {
    let unknowns = Unknowns::of(draft, &scenario.guest.uncertainty);
    let one = |run: u32| {
        let seed = options.seed.wrapping_add(u64::from(run));
        let outcome = options.unless_stopped(|| {
            let drawn = unknowns.possible(draft, &[], scenario, seed).drawn(seed);
            sim::run_checked(drawn.trusted(), &Options { seed, ..options.clone() }).0
        })?;
        done();
        Some((seed, outcome))
    };
    (0..repeats).into_par_iter().filter_map(one).collect()
}
