//! Many drains of a fleet that varies.

use rayon::prelude::*;

use super::{DrainGoal, DrainHost, Timetable, drain};
use crate::scenario::{Fleet, Guest};
use crate::sim::Options;
use crate::uncertain::FleetUnknowns;
use crate::units::Span;

/// How often a drain is as it is wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chance {
    /// The time in which the host was to be empty, if one was asked for.
    pub window: Option<Span>,
    /// Drains in which nobody stays, the window is kept and every guest has what it is owed.
    pub made: usize,
    /// All drains.
    pub of: usize,
}

impl Chance {
    /// Of the drains of these guests.
    pub fn of(goal: &DrainGoal, guests: &[Guest], drains: &[(u64, Timetable)]) -> Chance {
        let made = drains.iter().filter(|(_, timetable)| goal.judge(guests, timetable).is_met()).count();
        Chance { window: goal.window, made, of: drains.len() }
    }

    /// As a share of the drains [%].
    pub fn percent(&self) -> f64 {
        100.0 * self.made as f64 / self.of.max(1) as f64
    }

    /// Where the true chance lies, with 95 % certainty [%] (Wilson 1927).
    pub fn interval(&self) -> (f64, f64) {
        const Z: f64 = 1.959_963_984_540_054;
        let (n, p) = (self.of.max(1) as f64, self.made as f64 / self.of.max(1) as f64);
        let middle = p + Z * Z / (2.0 * n);
        let half = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
        let bound = |value: f64| (100.0 * value / (1.0 + Z * Z / n)).clamp(0.0, 100.0);
        (bound(middle - half), bound(middle + half))
    }
}

/// Drains with one seed after another, each of the fleet as it may be; those that were not over when they were stopped are
/// missing. `done` hears of each.
pub fn repeat(
    fleet: &Fleet,
    unknowns: &FleetUnknowns,
    options: &Options,
    repeats: u32,
    done: &(dyn Fn() + Sync),
) -> Vec<(u64, Timetable)> {
    let one = |run: u64| {
        let seed = options.seed.wrapping_add(run);
        let timetable = options.unless_stopped(|| {
            let host = DrainHost::checked(&unknowns.possible(fleet, seed), &Options { seed, ..options.clone() });
            drain(&host, &host.plan())
        });
        timetable.map(|timetable| {
            done();
            (seed, timetable)
        })
    };
    (0..u64::from(repeats)).into_par_iter().filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_wide_for_few_drains_and_never_beyond_all() {
        let chance = |made, of| Chance { window: None, made, of };
        let rounded = |chance: Chance| (chance.interval().0.round(), chance.interval().1.round());
        // Values of the textbook's formula.
        assert_eq!(rounded(chance(10, 10)), (72.0, 100.0));
        assert_eq!(rounded(chance(0, 10)), (0.0, 28.0));
        assert_eq!(rounded(chance(95, 100)), (89.0, 98.0));
        assert_eq!(chance(95, 100).percent(), 95.0);
    }
}
