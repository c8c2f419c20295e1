//! Minima of functions with kinks: Nelder-Mead from several starts.

use std::cell::Cell;

use argmin::core::{CostFunction, Error, Executor};
use argmin::solver::neldermead::NelderMead;

/// A function that may refuse to go on; it is not asked again then.
struct Cost<'s, F>(F, &'s Cell<bool>);

impl<F: Fn(&[f64]) -> Option<f64>> CostFunction for Cost<'_, F> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, point: &Vec<f64>) -> Result<f64, Error> {
        let value = if self.1.get() { None } else { (self.0)(point) };
        self.1.set(value.is_none());
        // The solver panics at an error at one of its first corners. Without a value it comes to its end soon.
        Ok(value.unwrap_or(f64::INFINITY))
    }
}

/// The lowest point found from `start` on, with a first simplex of that `size`, and its value.
///
/// Ends after so many `steps`, or when the corners' values are alike. `None` once the function says so.
pub(super) fn minimum(
    function: impl Fn(&[f64]) -> Option<f64>,
    start: &[f64],
    size: f64,
    steps: u64,
) -> Option<(Vec<f64>, f64)> {
    /// Values that differ by less, in squares of standard deviations, are alike.
    const ALIKE: f64 = 0.01;
    if start.is_empty() {
        return function(start).map(|value| (Vec::new(), value));
    }
    let corner = |axis: usize| start.iter().enumerate().map(|(at, x)| if at == axis { x + size } else { *x }).collect();
    let corners: Vec<Vec<f64>> = std::iter::once(start.to_vec()).chain((0..start.len()).map(corner)).collect();
    let solver = NelderMead::new(corners).with_sd_tolerance(ALIKE).ok()?;
    let stopped = Cell::new(false);
    let ended = Executor::new(Cost(function, &stopped), solver).configure(|state| state.max_iters(steps)).run().ok()?;
    let state = ended.state();
    if stopped.get() {
        return None;
    }
    Some((state.best_param.clone()?, state.best_cost))
}

/// Points that fill a box of `dimensions` sides of length 1 evenly, beginning at `offsets`.
///
/// The additive recurrence on the powers of the root of x^(d+1) = x + 1: every further point falls into the largest
/// gap left.
pub(super) fn filling(offsets: &[f64], count: usize) -> impl Iterator<Item = Vec<f64>> {
    let dimensions = offsets.len() as f64;
    let root = (0..60).fold(2.0, |root: f64, _| libm::pow(1.0 + root, 1.0 / (dimensions + 1.0)));
    (1..=count).map(move |n| {
        let coordinate = |(axis, offset): (usize, &f64)| {
            let stride = libm::pow(root, -(axis as f64 + 1.0));
            (offset + n as f64 * stride).fract()
        };
        offsets.iter().enumerate().map(coordinate).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_valley_with_kinks_is_followed_by_fresh_simplexes() {
        let valley = |at: &[f64]| Some(4.0 * (at[0] - at[1] * at[1]).abs() + (at[1] - 1.0).abs());
        let mut best = (vec![-1.0, 0.5], f64::INFINITY);
        for size in [0.3, -0.3, 0.1, -0.1, 0.03, -0.03] {
            let found = minimum(valley, &best.0, size, 200).unwrap();
            best = if found.1 < best.1 { found } else { best };
        }
        assert!(best.1 < 0.1, "{best:?}");
    }

    #[test]
    fn a_search_stops_when_it_is_told_to() {
        // At each of its first corners, and later.
        for last in 1..9 {
            let asked = Cell::new(0);
            let stops = |_: &[f64]| {
                asked.set(asked.get() + 1);
                (asked.get() < last).then_some(f64::from(-asked.get()))
            };
            assert_eq!(minimum(stops, &[0.0, 0.0], 1.0, 1000), None);
            assert_eq!(asked.get(), last);
        }
    }

    #[test]
    fn points_fill_a_square_evenly() {
        let mut cells = [[0; 4]; 4];
        for point in filling(&[0.3, 0.7], 64) {
            cells[(point[0] * 4.0) as usize][(point[1] * 4.0) as usize] += 1;
        }
        let counts = cells.as_flattened();
        assert!(counts.iter().all(|count| (2..=6).contains(count)), "{cells:?}");
    }
}
