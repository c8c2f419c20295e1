//! The first rung that is enough, where more is not always better.
//!
//! A short ladder is looked at rung by rung. Of a long one some rungs are looked at, every change between two of them is
//! halved down to neighbours, and the rungs just below the first that is enough are looked at one by one, because steps
//! of the throttle and the one-second gate of syncs make small islands. Where a value no longer matters, as that of a link that
//! carries more than one stream sends, three rungs show the same to the last digit, and those between them are not looked at.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::ladder::{Ladder, Rung};
use crate::sim::Outcome;

/// What comes of a rung.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RungState {
    /// It meets the goal.
    Met,
    /// It does not.
    Unmet,
    /// The loader refuses it.
    Refused,
}

impl RungState {
    /// Of a rung that the loader takes.
    pub(super) fn of(met: bool) -> RungState {
        if met { RungState::Met } else { RungState::Unmet }
    }
}

/// What a look at a rung shows.
#[derive(Clone, Debug)]
pub(super) struct RungLook {
    /// What comes of it.
    pub state: RungState,
    /// What came of each run; none where there was none.
    pub outcomes: Option<Arc<[Outcome]>>,
}

impl RungLook {
    /// Whether another look shows the same runs, to the last digit.
    fn is_like(&self, other: &RungLook) -> bool {
        self.state == other.state && self.outcomes.is_some() && self.outcomes == other.outcomes
    }
}

/// Where a ladder meets the goal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LadderFound {
    /// The first rung that does.
    pub first: usize,
    /// A rung before it that is 2 % shy of it.
    pub short: Option<usize>,
    /// Rungs behind it that do not, from and to.
    pub gaps: Vec<(usize, usize)>,
}

/// Ladders of up to this many rungs are looked at in full.
const SHORT: usize = 128;
/// Rungs of a longer ladder that are looked at first.
const PROBES: usize = 64;
/// Rungs below the first one found that are looked at.
const BELOW: usize = 16;
/// Rungs that are looked at together where nobody asks what lies behind the first one found: as many on every machine, so that a
/// search takes as many runs.
const TOGETHER: usize = 8;

/// Climbs a ladder; `None` if no rung meets the goal.
pub(super) fn climb(ladder: &Ladder, look: impl Fn(&Rung) -> RungLook + Sync) -> Option<LadderFound> {
    let mut known = KnownRungs { states: BTreeMap::new(), ladder, look };
    known.look(looked_at_first(ladder.rungs.len()));
    let first = known.settle(usize::MAX)?;
    Some(LadderFound { first, short: ladder.shy_of(first), gaps: known.gaps(first) })
}

/// The first rung of a ladder that meets the goal, as [`climb`] finds it, without a look at what lies far behind it.
pub(super) fn first(ladder: &Ladder, look: impl Fn(&Rung) -> RungLook + Sync) -> Option<usize> {
    let mut known = KnownRungs { states: BTreeMap::new(), ladder, look };
    for rungs in looked_at_first(ladder.rungs.len()).chunks(TOGETHER) {
        known.look(rungs.to_vec());
        if let Some(first) = known.first() {
            return known.settle(first);
        }
    }
    known.settle(usize::MAX)
}

/// The rungs that are looked at before any is known, of so many.
fn looked_at_first(count: usize) -> Vec<usize> {
    match count <= SHORT {
        true => (0..count).collect(),
        false => (0..PROBES).map(|probe| probe * (count - 1) / (PROBES - 1)).collect(),
    }
}

/// The first rung that meets the goal, if more is always better; `None` if even the last one that is not refused does
/// not.
pub(super) fn bisect(ladder: &Ladder, state: impl Fn(&Rung) -> RungState) -> Option<usize> {
    let at = |index: usize| state(&ladder.rungs[index]);
    let last = ladder.rungs.len().checked_sub(1)?;
    let end = match at(last) {
        RungState::Met => last,
        RungState::Unmet => return None,
        // What is refused is refused from some rung on.
        RungState::Refused => halve(0, last, |index| at(index) == RungState::Refused).checked_sub(1)?,
    };
    (at(end) == RungState::Met).then(|| halve(0, end, |index| at(index) == RungState::Met))
}

/// The first index from `low` on for which `holds`; `high` is known to.
pub(super) fn halve(mut low: usize, mut high: usize, holds: impl Fn(usize) -> bool) -> usize {
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

/// Rungs that were looked at.
struct KnownRungs<'l, F> {
    states: BTreeMap<usize, RungState>,
    ladder: &'l Ladder,
    look: F,
}

impl<F: Fn(&Rung) -> RungLook + Sync> KnownRungs<'_, F> {
    fn look(&mut self, mut rungs: Vec<usize>) {
        rungs.sort_unstable();
        rungs.dedup();
        rungs.retain(|rung| !self.states.contains_key(rung));
        let look = |rung: &usize| (self.look)(&self.ladder.rungs[*rung]);
        let seen = match rungs.as_slice() {
            [first, between @ .., last] => {
                let (one, other) = rayon::join(|| look(first), || look(last));
                let mut seen = between_alike(between, &one, &other, &look);
                seen.extend([(*first, one.state), (*last, other.state)]);
                seen
            }
            _ => rungs.iter().map(|rung| (*rung, look(rung).state)).collect(),
        };
        self.states.extend(seen);
    }

    /// The first rung that meets the goal, once every change up to the rung `last` is halved down to neighbours, and those just below
    /// it are looked at.
    fn settle(&mut self, last: usize) -> Option<usize> {
        loop {
            self.refine(last);
            let first = self.first()?;
            let below = first.saturating_sub(BELOW)..first;
            self.look(below.chain(self.ladder.shy_of(first)).collect());
            if self.first() == Some(first) {
                return Some(first);
            }
        }
    }

    /// Halves the way between any two known rungs of different state, up to the rung `last`, until they are neighbours.
    fn refine(&mut self, last: usize) {
        loop {
            let known: Vec<(usize, RungState)> =
                self.states.range(..=last).map(|(rung, state)| (*rung, *state)).collect();
            let middles = known.windows(2).filter_map(|pair| {
                let [(low, one), (high, other)] = pair else { return None };
                (one != other && high - low > 1).then(|| low + (high - low) / 2)
            });
            let middles: Vec<usize> = middles.collect();
            if middles.is_empty() {
                return;
            }
            self.look(middles);
        }
    }

    fn first(&self) -> Option<usize> {
        self.states.iter().find(|(_, state)| **state == RungState::Met).map(|(rung, _)| *rung)
    }

    /// Stretches behind `first` that do not meet the goal.
    fn gaps(&self, first: usize) -> Vec<(usize, usize)> {
        let mut gaps: Vec<(usize, usize)> = Vec::new();
        let mut last = RungState::Met;
        for (rung, state) in self.states.range(first..).map(|(rung, state)| (*rung, *state)) {
            match (state, last, gaps.last_mut()) {
                (RungState::Unmet, RungState::Unmet, Some(gap)) => gap.1 = rung,
                (RungState::Unmet, ..) => gaps.push((rung, rung)),
                _ => {}
            }
            last = state;
        }
        gaps
    }
}

/// Rungs between two that were looked at, with their states: where the one in the middle is like both of these, so are all.
fn between_alike(
    rungs: &[usize],
    low: &RungLook,
    high: &RungLook,
    look: &(impl Fn(&usize) -> RungLook + Sync),
) -> Vec<(usize, RungState)> {
    let (below, above) = rungs.split_at(rungs.len() / 2);
    let Some((middle, above)) = above.split_first() else { return Vec::new() };
    let seen = look(middle);
    if seen.is_like(low) && seen.is_like(high) {
        return rungs.iter().map(|rung| (*rung, seen.state)).collect();
    }
    let (mut below, above) =
        rayon::join(|| between_alike(below, low, &seen, look), || between_alike(above, &seen, high, look));
    below.push((*middle, seen.state));
    below.extend(above);
    below
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn found(count: u32, met: impl Fn(f64) -> RungState + Sync) -> Option<LadderFound> {
        let ladder = Ladder::of_sizes((1..=count).map(f64::from), |size| Rung::of("a.b", size, ""));
        climb(&ladder, |rung| unlike(met(rung.size)))
    }

    fn unlike(state: RungState) -> RungLook {
        RungLook { state, outcomes: None }
    }

    #[test]
    fn finds_the_edge_of_a_monotone_ladder() {
        for (count, edge) in [(1, 1.0), (99, 1.0), (99, 50.0), (5000, 1.0), (5000, 4321.0), (5000, 5000.0)] {
            let found = found(count, |size| RungState::of(size >= edge)).unwrap();
            assert_eq!(found.first, edge as usize - 1, "{edge} of {count}");
            assert_eq!(found.gaps, [], "{edge} of {count}");
        }
        assert_eq!(found(99, |_| RungState::Unmet), None);
        assert_eq!(found(0, |_| RungState::Met), None);
    }

    #[test]
    fn names_what_is_not_enough_again() {
        let found = found(99, |size| RungState::of((20.0..30.0).contains(&size) || size >= 60.0)).unwrap();
        assert_eq!((found.first, found.gaps), (19, vec![(29, 58)]));
    }

    #[test]
    fn finds_an_island_just_below_the_edge() {
        let found = found(5000, |size| RungState::of(size >= 3000.0 || size == 2990.0)).unwrap();
        assert_eq!((found.first, found.gaps), (2989, vec![(2990, 2998)]));
    }

    #[test]
    fn the_first_alone_is_that_of_the_whole_climb_with_fewer_looks() {
        let mut fewer = 0;
        for seed in 0..400_u64 {
            let count = [60, 99, 128, 129, 700, 3000][seed as usize % 6];
            // Rungs in stretches of one state, a few of one rung, refused ones among them.
            let draw = |at: u64| crate::sweep::mix(seed ^ crate::sweep::mix(at));
            let state = |rung: &Rung| match draw(rung.size as u64 / (1 + draw(7) % 40)) % (2 + draw(9) % 30) {
                0 => RungState::Met,
                1 => RungState::Refused,
                _ => RungState::Unmet,
            };
            let ladder = Ladder::of_sizes((1..=count).map(f64::from), |size| Rung::of("a.b", size, ""));
            let looked = AtomicUsize::new(0);
            let counted = |rung: &Rung| {
                looked.fetch_add(1, Ordering::Relaxed);
                unlike(state(rung))
            };
            let whole = climb(&ladder, counted).map(|found| found.first);
            let all = looked.swap(0, Ordering::Relaxed);
            let alone = first(&ladder, counted);
            let some = looked.into_inner();
            assert_eq!(alone, whole, "seed {seed}");
            assert!(some <= all, "seed {seed}: {some} looks, {all} of a climb");
            fewer += usize::from(2 * some < all);
        }
        assert!(fewer > 100, "{fewer}");
    }

    #[test]
    fn halving_finds_the_edge_below_what_is_refused() {
        let ladder = Ladder::of_sizes((1..=99).map(f64::from), |size| Rung::of("a.b", size, ""));
        let found = |edge: f64, refused: f64| {
            bisect(
                &ladder,
                |rung| if rung.size >= refused { RungState::Refused } else { RungState::of(rung.size >= edge) },
            )
        };
        assert_eq!(found(40.0, 100.0), Some(39));
        assert_eq!(found(40.0, 70.0), Some(39));
        assert_eq!(found(80.0, 70.0), None);
        assert_eq!(found(80.0, 1.0), None);
    }

    #[test]
    fn a_value_that_no_longer_matters_is_looked_at_three_times() {
        let scenario = crate::scenario::Scenario::new(
            crate::units::Bytes(1 << 30),
            crate::units::Rate(1 << 30),
            crate::qemu::Version::NEWEST,
        );
        let (outcome, _) = crate::sim::run(&scenario, &crate::sim::Options::default()).unwrap();
        let looked = AtomicUsize::new(0);
        // One rung of those that show the same is another one: where it lies in the middle, it is seen.
        for (from, other, looks) in [(40.0, 0.0, 60), (40.0, 75.0, 80), (1.0, 0.0, 3), (200.0, 0.0, 99)] {
            let ladder = Ladder::of_sizes((1..=99).map(f64::from), |size| Rung::of("a.b", size, ""));
            let found = climb(&ladder, |rung| {
                looked.fetch_add(1, Ordering::Relaxed);
                let same = rung.size >= from && rung.size != other;
                let total_time_ms = if same { 0.0 } else { rung.size };
                let seen = Outcome { total_time_ms, ..outcome.clone() };
                let met = rung.size >= 20.0 || from == 1.0;
                RungLook { state: RungState::of(met && rung.size != other), outcomes: Some([seen].into()) }
            });
            let gaps = if other > 0.0 { vec![(74, 74)] } else { Vec::new() };
            let found = found.unwrap();
            assert_eq!((found.first, found.gaps), (if from == 1.0 { 0 } else { 19 }, gaps), "from {from}");
            let looked = looked.swap(0, Ordering::Relaxed);
            assert!(looked <= looks && (looks < 99 || looked == 99), "from {from}: {looked} looks");
        }
    }

    #[test]
    fn what_is_refused_is_no_gap() {
        let found =
            found(99, |size| if size > 70.0 { RungState::Refused } else { RungState::of(size >= 40.0) }).unwrap();
        assert_eq!((found.first, found.gaps), (39, vec![]));
    }
}
