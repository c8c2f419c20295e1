//! Minima of functions with kinks: Nelder-Mead from several starts.
//!
//! Written here because `argmin`, whose steps these are to the last bit, brings 14 crates that nothing else needs, and
//! panics where a function refuses one of the first corners.

/// A point and the function's value there.
type Corner = (Vec<f64>, f64);

/// The lowest point found from `start` on, with a first simplex of that `size`, and its value.
///
/// Ends after so many `steps`, or when the corners' values are alike. `None` once the function says so; it is not asked
/// again then. The function is told with each point up to which value it matters: above that, any value above it does.
///
/// Method: Nelder and Mead, "A simplex method for function minimization" (1965), with their factors 1, 2 and 1/2. Equal
/// corners keep their order.
pub(super) fn minimum(
    function: impl Fn(&[f64], f64) -> Option<f64>,
    start: &[f64],
    size: f64,
    steps: u64,
) -> Option<Corner> {
    /// Values that differ by less, in squares of standard deviations, are alike.
    const ALIKE: f64 = 0.01;
    let corner = |point: Vec<f64>, up_to: f64| function(&point, up_to).map(|value| (point, value));
    let whole = |point: Vec<f64>| corner(point, f64::INFINITY);
    let moved = |axis: usize| start.iter().enumerate().map(|(at, x)| if at == axis { x + size } else { *x }).collect();
    let first = std::iter::once(start.to_vec()).chain((0..start.len()).map(moved));
    let mut corners = first.map(whole).collect::<Option<Vec<Corner>>>()?;
    let Some(last) = start.len().checked_sub(1) else { return corners.pop() };
    for step in 0.. {
        corners.sort_by(|a, b| a.1.total_cmp(&b.1));
        if step == steps || deviation(&corners) < ALIKE {
            break;
        }
        let (others, worst) = (&corners[..=last], &corners[last + 1]);
        let centre = middle(others);
        let reflected = corner(between(&centre, &worst.0, -1.0), worst.1)?;
        let better = if reflected.1 < others[0].1 {
            let expanded = corner(between(&centre, &reflected.0, 2.0), reflected.1)?;
            Some(if expanded.1 < reflected.1 { expanded } else { reflected })
        } else if reflected.1 < others[last].1 {
            Some(reflected)
        } else if reflected.1 < worst.1 {
            let outside = corner(between(&centre, &reflected.0, 0.5), reflected.1)?;
            (outside.1 <= reflected.1).then_some(outside)
        } else {
            let inside = corner(between(&centre, &worst.0, 0.5), worst.1)?;
            (inside.1 < worst.1).then_some(inside)
        };
        match better {
            Some(better) => corners[last + 1] = better,
            None => {
                let (best, rest) = corners.split_first_mut()?;
                for shrunk in rest {
                    *shrunk = whole(between(&best.0, &shrunk.0, 0.5))?;
                }
            }
        }
    }
    Some(corners.swap_remove(0))
}

/// The point that lies such a share of the way from `a` to `b`.
fn between(a: &[f64], b: &[f64], share: f64) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a + (b - a) * share).collect()
}

/// The mean of all points.
fn middle(corners: &[Corner]) -> Vec<f64> {
    let weight = 1.0 / corners.len() as f64;
    (0..corners[0].0.len()).map(|axis| corners.iter().map(|corner| corner.0[axis]).sum::<f64>() * weight).collect()
}

/// The standard deviation of the values.
fn deviation(corners: &[Corner]) -> f64 {
    let count = corners.len() as f64;
    let mean = corners.iter().map(|corner| corner.1).sum::<f64>() / count;
    (1.0 / (count - 1.0) * corners.iter().map(|corner| (corner.1 - mean).powi(2)).sum::<f64>()).sqrt()
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
    use std::cell::Cell;

    use super::*;

    #[test]
    fn a_valley_with_kinks_is_followed_by_fresh_simplexes() {
        let valley = |at: &[f64], _| Some(4.0 * (at[0] - at[1] * at[1]).abs() + (at[1] - 1.0).abs());
        let mut best = (vec![-1.0, 0.5], f64::INFINITY);
        for size in [0.3, -0.3, 0.1, -0.1, 0.03, -0.03] {
            let found = minimum(valley, &best.0, size, 200).unwrap();
            best = if found.1 < best.1 { found } else { best };
        }
        assert!(best.1 < 0.1, "{best:?}");
    }

    #[test]
    fn what_a_value_is_beyond_that_up_to_which_it_matters_does_not_matter() {
        let valley = |at: &[f64]| 4.0 * (at[0] - at[1] * at[1]).abs() + (at[1] - 1.0).abs();
        let cut = Cell::new(0);
        let rough = |at: &[f64], up_to: f64| {
            let value = valley(at);
            cut.set(cut.get() + u32::from(value > up_to));
            Some(if value > up_to { up_to + 1e-9 * (value - up_to).min(1.0) } else { value })
        };
        for start in [[-1.0, 0.5], [2.0, 2.0], [0.3, -4.0]] {
            let whole = minimum(|at, _| Some(valley(at)), &start, 0.3, 200);
            assert_eq!(minimum(rough, &start, 0.3, 200), whole, "{start:?}");
        }
        assert!(cut.get() > 50, "{cut:?}");
    }

    #[test]
    fn a_search_stops_when_it_is_told_to() {
        // At each of its first corners, and later.
        for last in 1..9 {
            let asked = Cell::new(0);
            let stops = |_: &[f64], _| {
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
