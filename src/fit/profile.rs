//! How well a quantity is determined: how far it can be moved, the others fitted anew, before the misfit grows by more
//! than noise explains.

use rayon::prelude::*;

use super::features::FitMisfit;
use super::guess::SearchAxis;
use super::search::{FittedPoint, ShapeSearch};

/// Growth of the sum of squares that chance brings about one time in twenty: 1.96².
const GROWTH: f64 = 3.84;
/// First step away from the best value [e-folds]; each further one is half as long again.
const STEP: f64 = 0.01;
const LONGER: f64 = 1.5;

/// Lowest and highest value of one coordinate that noise allows; `None` at an end that its bound cuts off.
#[derive(Clone, Copy, Debug)]
pub(super) struct ProfileInterval {
    pub(super) low: f64,
    pub(super) high: f64,
    /// Whether the interval ends at a bound of the search, not where the misfit grows.
    pub(super) open: (bool, bool),
}

impl ProfileInterval {
    /// All that lies in either, or between them.
    pub(super) fn with(self, other: ProfileInterval) -> ProfileInterval {
        let lower = if other.low < self.low { other } else { self };
        let upper = if other.high > self.high { other } else { self };
        ProfileInterval { low: lower.low, high: upper.high, open: (lower.open.0, upper.open.1) }
    }
}

/// How much the sum of squares may grow.
///
/// The scatter that the differences are divided by is that of repeated migrations. Where the best guess leaves more
/// than that, its differences are taken as the scatter. Each period between two syncs counts once.
pub(super) fn allowance(found: &FittedPoint, quantities: usize) -> f64 {
    let FitMisfit { sum, figures, periods, .. } = found.misfit;
    let each = figures / periods.max(1.0);
    let left = (periods - quantities as f64).max(1.0);
    GROWTH * each * (sum / each / left).max(1.0)
}

/// The interval of every coordinate; `None` if the search was stopped.
pub(super) fn intervals(search: &ShapeSearch, found: &FittedPoint) -> Option<Vec<ProfileInterval>> {
    let limit = found.misfit.sum + allowance(found, search.axes.len());
    let walks: Vec<ProfileWalk> = (0..search.axes.len())
        .flat_map(|axis| [-1.0, 1.0].map(|direction| ProfileWalk { axis, direction, limit }))
        .collect();
    let mut ends = Vec::new();
    if search.is_glimpsed {
        for walk in walks {
            // A walk from one point does not turn every corner of a long valley.
            let farthest = search.farthest(walk.axis, walk.direction, limit);
            let start = farthest.as_ref().unwrap_or(found);
            ends.push(walk.end(&search.axes, start, |value, free| search.with_one_held(walk.axis, value, free))?);
        }
    } else {
        // No walk depends on another one: side by side, and noted in their order.
        let (kind, axes) = (search.kind(), &search.axes[..]);
        let walked = |walk: &ProfileWalk| {
            let mut tried = Vec::new();
            let held = |value: f64, free: &[f64]| kind.with_one_held(walk.axis, value, free, &mut tried);
            (walk.end(axes, found, held), tried)
        };
        let walked: Vec<_> = walks.par_iter().map(walked).collect();
        for (end, tried) in walked {
            tried.iter().try_for_each(|found| search.note(&found.point, found.misfit).map(|_| ()))?;
            ends.push(end?);
        }
    }
    let interval =
        |ends: &[(f64, bool)]| ProfileInterval { low: ends[0].0, high: ends[1].0, open: (ends[0].1, ends[1].1) };
    Some(ends.chunks_exact(2).map(interval).collect())
}

/// A way from the best point along one coordinate.
#[derive(Clone, Copy)]
struct ProfileWalk {
    axis: usize,
    /// 1, or -1.
    direction: f64,
    /// The most that the misfit may be.
    limit: f64,
}

impl ProfileWalk {
    /// Where the misfit grows above the limit, or the bound before that, and whether it is the bound. `held` finds the lowest misfit
    /// with the coordinate at a value, from a point on.
    ///
    /// Kinks may lift a single point above the limit, so it takes two in a row.
    fn end(
        self,
        axes: &[SearchAxis],
        found: &FittedPoint,
        mut held: impl FnMut(f64, &[f64]) -> Option<(Vec<f64>, f64)>,
    ) -> Option<(f64, bool)> {
        let ProfileWalk { axis, direction, limit } = self;
        let bounds = &axes[axis];
        let best = found.point[axis];
        let room = if direction > 0.0 { bounds.coordinate(1.0) - best } else { best - bounds.coordinate(0.0) };
        let (mut start, mut inside, mut outside) = (found.point.clone(), (0.0, found.misfit.sum), None);
        let (mut away, mut step) = (0.0, STEP);
        loop {
            let cut = away + step >= room;
            away = if cut { room } else { away + step };
            step *= LONGER;
            let (point, cost) = held(best + direction * away, &start)?;
            if cost <= limit {
                (start, inside, outside) = (point, (away, cost), None);
                if cut {
                    return Some((best + direction * away, true));
                }
            } else if let Some((first, above)) = outside {
                return Some((best + direction * between(inside, (first, above), limit), false));
            } else {
                outside = Some((away, cost));
                if cut {
                    return Some((best + direction * between(inside, (away, cost), limit), false));
                }
            }
        }
    }
}

/// Where a straight line from a point below the limit to one above it crosses it.
fn between((x0, y0): (f64, f64), (x1, y1): (f64, f64), limit: f64) -> f64 {
    x0 + (x1 - x0) * ((limit - y0) / (y1 - y0)).clamp(0.0, 1.0)
}
