//! Looks for the guess that comes closest to all cases, and for how far its parts can be moved.

use std::cell::{Cell, RefCell};

use rand::RngExt;
use rand_pcg::Pcg64;
use rayon::prelude::*;

use super::case::FitCase;
use super::features::FitMisfit;
use super::guess::{Guess, SearchAxis, WriteShape};
use super::simplex::{filling, minimum};

/// First looks for each quantity, starts among the best of them, and steps from each.
const LOOKS: usize = 400;
const STARTS: usize = 16;
const STEPS: u64 = 120;
/// Looks, and searches from a start, that are made side by side before the watch is told of them.
const LOOKS_AT_ONCE: usize = 64;
const STARTS_AT_ONCE: usize = 4;
/// What a point beyond the bounds costs, for the square of its way.
const STEEP: f64 = 1e3;
/// Guesses that are farther off than this explain nothing, however badly the best of them does: they are not followed to their end
/// where a nearer one is known.
const FAR_OFF: f64 = 200.0;
/// First simplexes: of a search, and of those that begin near a minimum [e-folds].
const WIDE: f64 = 0.2;
const NARROW: f64 = 0.05;
const FINE: f64 = 0.01;

/// What a search tells while it goes on.
#[derive(Clone, Copy, Debug)]
pub struct FitProgress {
    /// The order of writes that is tried.
    pub shape: WriteShape,
    /// Migrations simulated so far.
    pub runs: usize,
    /// Root mean square of the differences so far, in standard deviations.
    pub misfit: f64,
}

/// A guess's point and its misfit.
#[derive(Clone, Debug)]
pub(super) struct FittedPoint {
    pub(super) point: Vec<f64>,
    pub(super) misfit: FitMisfit,
}

/// One shape, with or without slack, against all cases.
pub(super) struct ShapeSearch<'a> {
    cases: &'a [FitCase],
    pub(super) shape: WriteShape,
    pub(super) slack: bool,
    pub(super) axes: Vec<SearchAxis>,
    /// Told of every run; the search stops when it says no.
    watch: &'a dyn Fn(FitProgress) -> bool,
    runs: &'a Cell<usize>,
    best: RefCell<Option<FittedPoint>>,
    /// Every point that was tried.
    tried: RefCell<Vec<FittedPoint>>,
    /// Whether looks are so few that many guests explain them.
    pub(super) is_glimpsed: bool,
}

impl<'a> ShapeSearch<'a> {
    /// Axes are those of the first case, with bounds that suit all.
    pub(super) fn new(
        cases: &'a [FitCase],
        shape: WriteShape,
        slack: bool,
        watch: &'a dyn Fn(FitProgress) -> bool,
        runs: &'a Cell<usize>,
    ) -> ShapeSearch<'a> {
        let mut axes: Vec<SearchAxis> = Vec::new();
        for axis in cases.iter().flat_map(|case| case.axes(shape, slack)) {
            match axes.iter_mut().find(|known| known.quantity == axis.quantity) {
                None => axes.push(axis),
                Some(known) => {
                    let low = known.low.min(axis.low);
                    *known = SearchAxis::new(axis.quantity, low, known.high.max(axis.high));
                }
            }
        }
        let is_glimpsed = cases.iter().any(|case| case.glimpse().is_some());
        let (best, tried) = (RefCell::default(), RefCell::default());
        ShapeSearch { cases, shape, slack, axes, watch, runs, best, tried, is_glimpsed }
    }

    /// The best point seen so far.
    pub(super) fn best(&self) -> Option<FittedPoint> {
        self.best.borrow().clone()
    }

    /// Misfit at a point, with a slope back to where the bounds are, exact `up_to` a value; `None` when the search is to stop.
    pub(super) fn cost(&self, point: &[f64], up_to: f64) -> Option<f64> {
        self.note(point, self.kind().misfit(point, up_to))
    }

    /// Takes a point down whose misfit is known, and tells the watch; the cost, or `None` when the search is to stop.
    pub(super) fn note(&self, point: &[f64], misfit: FitMisfit) -> Option<f64> {
        let outside = self.kind().outside(point);
        let mut best = self.best.borrow_mut();
        if outside == 0.0 && !misfit.is_cut {
            let found = FittedPoint { point: point.to_vec(), misfit };
            if best.as_ref().is_none_or(|best| misfit.sum < best.misfit.sum) {
                *best = Some(found.clone());
            }
            self.tried.borrow_mut().push(found);
        }
        self.runs.set(self.runs.get() + self.cases.len());
        let lowest = best.as_ref().map_or(misfit, |best| best.misfit);
        let go_on = (self.watch)(FitProgress { shape: self.shape, runs: self.runs.get(), misfit: rms(lowest) });
        go_on.then_some(misfit.sum + STEEP * outside)
    }

    pub(super) fn kind(&self) -> GuestKind<'_> {
        GuestKind { cases: self.cases, shape: self.shape, axes: &self.axes }
    }

    /// Of all points that were tried and explain what was seen up to `limit`, the one that lies farthest in a `direction` of an
    /// axis; none where a log tells what the guest did.
    pub(super) fn farthest(&self, axis: usize, direction: f64, limit: f64) -> Option<FittedPoint> {
        let tried = self.is_glimpsed.then(|| self.tried.borrow())?;
        let good = tried.iter().filter(|found| found.misfit.sum <= limit);
        let along = |found: &FittedPoint| direction * found.point[axis];
        good.max_by(|a, b| along(a).total_cmp(&along(b))).cloned()
    }

    /// Of all such points, the one that lies nearest to a value of an axis.
    pub(super) fn nearest(&self, axis: usize, value: f64, limit: f64) -> Option<FittedPoint> {
        let tried = self.tried.borrow();
        let good = tried.iter().filter(|found| found.misfit.sum <= limit);
        let away = |found: &FittedPoint| (found.point[axis] - value).abs();
        good.min_by(|a, b| away(a).total_cmp(&away(b))).cloned()
    }

    /// Looks everywhere, then closer where it was best and from `hints` on; `None` if it was stopped.
    pub(super) fn everywhere(&self, seed: u64, hints: &[Vec<f64>]) -> Option<()> {
        let mut random = Pcg64::new(u128::from(seed), 0x666974);
        let offsets: Vec<f64> = self.axes.iter().map(|_| random.random()).collect();
        let place = |shares: Vec<f64>| -> Vec<f64> {
            self.axes.iter().zip(shares).map(|(axis, share)| axis.coordinate(share)).collect()
        };
        let points: Vec<Vec<f64>> = filling(&offsets, LOOKS * self.axes.len()).map(place).collect();
        let kind = self.kind();
        let mut nearest: Vec<(f64, &Vec<f64>)> = Vec::new();
        for points in points.chunks(LOOKS_AT_ONCE) {
            let up_to = nearest.get(STARTS - 1).map_or(f64::INFINITY, |(cost, _)| *cost);
            let misfits: Vec<FitMisfit> = points.par_iter().map(|point| kind.misfit(point, up_to)).collect();
            for (point, misfit) in points.iter().zip(misfits) {
                nearest.push((self.note(point, misfit)?, point));
            }
            nearest.sort_by(|a, b| a.0.total_cmp(&b.0));
            nearest.truncate(STARTS);
        }
        let starts: Vec<&Vec<f64>> = nearest.iter().map(|(_, point)| *point).chain(hints).collect();
        for starts in starts.chunks(STARTS_AT_ONCE) {
            let walks: Vec<Vec<FittedPoint>> = starts.par_iter().map(|start| kind.walk_from(start)).collect();
            for FittedPoint { point, misfit } in walks.iter().flatten() {
                self.note(point, *misfit)?;
            }
        }
        self.polish()
    }

    /// From the best point so far with fresh simplexes, for as long as that helps.
    pub(super) fn polish(&self) -> Option<()> {
        loop {
            let before = self.best()?;
            for size in [WIDE, -WIDE, NARROW, -NARROW, FINE, -FINE] {
                let start = self.best()?.point;
                minimum(|point, up_to| self.cost(point, up_to), &start, size, STEPS)?;
            }
            if self.best()?.misfit.sum > 0.98 * before.misfit.sum {
                return Some(());
            }
        }
    }

    /// The best point of a simpler kind of guest as a point of this one, if it is one of this kind.
    pub(super) fn hint_from(&self, simpler: &ShapeSearch) -> Option<Vec<f64>> {
        let same_shape =
            simpler.shape == self.shape || (simpler.shape, self.shape) == (WriteShape::Uniform, WriteShape::HotCold);
        let found = simpler.best().filter(|_| same_shape)?;
        let coordinate = |axis: &SearchAxis| {
            let known = simpler.axes.iter().position(|known| known.quantity == axis.quantity);
            known.map_or(libm::log(axis.quantity.neutral()), |at| found.point[at])
        };
        Some(self.axes.iter().map(coordinate).collect())
    }

    /// The lowest misfit with one coordinate held at `value`, the others moved from `start` on.
    pub(super) fn with_one_held(&self, axis: usize, value: f64, start: &[f64]) -> Option<(Vec<f64>, f64)> {
        held(axis, value, start, |point, up_to| self.cost(point, up_to))
    }
}

/// The lowest cost with one coordinate held at `value`, the others moved from `start` on, and where it is.
fn held(axis: usize, value: f64, start: &[f64], cost: impl Fn(&[f64], f64) -> Option<f64>) -> Option<(Vec<f64>, f64)> {
    let whole = |free: &[f64]| {
        let mut point = free.to_vec();
        point.insert(axis, value);
        point
    };
    let mut free = start.to_vec();
    free.remove(axis);
    let (free, cost) = minimum(|free, up_to| cost(&whole(free), up_to), &free, NARROW, STEPS / 3)?;
    Some((whole(&free), cost))
}

/// A kind of guest beside all cases: what a search asks of it knows nothing of the search, so that it can be asked on any thread.
#[derive(Clone, Copy)]
pub(super) struct GuestKind<'a> {
    cases: &'a [FitCase],
    shape: WriteShape,
    axes: &'a [SearchAxis],
}

impl GuestKind<'_> {
    /// How far a point is from what was measured, exact up to a value; of what is farther off, no more than that it is.
    fn misfit(&self, point: &[f64], up_to: f64) -> FitMisfit {
        let guess = Guess::at(self.shape, self.axes, point);
        let up_to = up_to.max(FAR_OFF);
        let with = |all: FitMisfit, case: &FitCase| all.plus(case.misfit(&guess, up_to - all.sum));
        self.cases.iter().fold(FitMisfit::default(), with)
    }

    /// How far a point lies beyond the bounds, squared.
    fn outside(&self, point: &[f64]) -> f64 {
        self.axes.iter().zip(point).map(|(axis, x)| axis.outside(*x)).map(|far| far * far).sum()
    }

    /// All points that a search from one on tries, in order.
    fn walk_from(&self, start: &[f64]) -> Vec<FittedPoint> {
        let tried = RefCell::new(Vec::new());
        minimum(|point, up_to| Some(self.cost(point, up_to, &mut tried.borrow_mut())), start, WIDE, STEPS);
        tried.into_inner()
    }

    /// As [`ShapeSearch::with_one_held`]; the points that it tries are put behind those in `tried`.
    pub(super) fn with_one_held(
        &self,
        axis: usize,
        value: f64,
        start: &[f64],
        tried: &mut Vec<FittedPoint>,
    ) -> Option<(Vec<f64>, f64)> {
        let tried = RefCell::new(tried);
        held(axis, value, start, |point, up_to| Some(self.cost(point, up_to, *tried.borrow_mut())))
    }

    /// Misfit at a point, with a slope back to where the bounds are, exact up to a value.
    fn cost(&self, point: &[f64], up_to: f64, tried: &mut Vec<FittedPoint>) -> f64 {
        let misfit = self.misfit(point, up_to);
        tried.push(FittedPoint { point: point.to_vec(), misfit });
        misfit.sum + STEEP * self.outside(point)
    }
}

/// Root mean square of the differences, in standard deviations.
pub(super) fn rms(misfit: FitMisfit) -> f64 {
    if misfit.figures > 0.0 { (misfit.sum / misfit.figures).sqrt() } else { 0.0 }
}
