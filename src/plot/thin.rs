//! Marks of many rows, no more than a screen shows apart. Which ones stay depends on their places alone.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;

use super::scale::Scale;
use crate::results::curve;
use crate::sweep::mix;

/// Most points of a figure that are all drawn, whatever lies on them.
pub(super) const POINTS: usize = 2000;
/// Stretches along a curve, each with its first, lowest, highest and last point: about as many as a screen has px.
const SLICES: usize = 800;

/// Which of these points are drawn: all if they are few, or else of the points of a kind in a small place one by chance.
///
/// Places are as small as they can be for [`POINTS`] points. The first one, or the one in the middle, would show the
/// places themselves as stripes or as a grid; the chance comes from where a point is, so that a figure stays the same.
pub(super) fn seen<K: Eq + Hash + Copy>(points: &[((f64, f64), K)], x: &Scale, y: &Scale) -> Vec<bool> {
    const SMALLEST: f64 = 1.0 / 400.0;
    if points.len() <= POINTS {
        return vec![true; points.len()];
    }
    // What has no end is in a strip of its own.
    let place = |scale: &Scale, value: f64| if value.is_finite() { scale.place(value) } else { -1.0 };
    let places: Vec<_> = points.iter().map(|(at, kind)| (place(x, at.0), place(y, at.1), kind)).collect();
    let mut side = SMALLEST;
    loop {
        let cell = |share: f64| (share / side).floor() as i32;
        let mut drawn: HashMap<_, (u64, usize)> = HashMap::new();
        for (index, (x, y, kind)) in places.iter().enumerate() {
            let this = (mix(x.to_bits() ^ mix(y.to_bits())), index);
            match drawn.entry((cell(*x), cell(*y), *kind)) {
                Entry::Occupied(mut other) if this < *other.get() => drop(other.insert(this)),
                Entry::Occupied(_) => {}
                Entry::Vacant(free) => drop(free.insert(this)),
            }
        }
        if drawn.len() <= POINTS || side >= 1.0 {
            let mut seen = vec![false; points.len()];
            drawn.into_values().for_each(|(_, index)| seen[index] = true);
            return seen;
        }
        side *= 1.25;
    }
}

/// What a subtitle says of points that are not drawn.
pub(super) fn note(drawn: usize, of: usize) -> String {
    match drawn < of {
        true => format!("marks: {drawn} of {of}, one for all in the same place"),
        false => String::new(),
    }
}

/// A curve with no more points than can be seen.
pub(super) fn line(points: &[(f64, f64)], x: &Scale) -> Vec<(f64, f64)> {
    curve::thinned_along(points, SLICES, |at| x.place(at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Unit;
    use crate::plot::scale::Spread;

    fn scale(end: f64) -> Scale {
        Scale::of("n", Unit::Count, [0.0, end].into_iter(), Spread::Linear, true)
    }

    #[test]
    fn few_points_are_all_drawn_and_many_are_no_more_than_can_be_told_apart() {
        let point = |n: usize| (((n * 7919 % 100_000) as f64, (n * 104_729 % 90_001) as f64), n % 2);
        let few: Vec<_> = (0..POINTS).map(point).collect();
        assert!(seen(&few, &scale(1e5), &scale(1e5)).into_iter().all(|seen| seen));
        let many: Vec<_> = (0..100_000).map(point).collect();
        let seen = seen(&many, &scale(1e5), &scale(1e5));
        let count = seen.iter().filter(|seen| **seen).count();
        assert!((POINTS / 3..=POINTS).contains(&count), "{count}");
        assert_eq!(note(count, many.len()), format!("marks: {count} of 100000, one for all in the same place"));
        assert_eq!(note(3, 3), "");
        // Nothing is far from a mark of its kind that is drawn.
        let drawn: Vec<_> = many.iter().zip(&seen).filter(|(_, seen)| **seen).map(|(point, _)| *point).collect();
        for ((x, y), kind) in many.iter().step_by(997) {
            let near =
                |((a, b), other): &((f64, f64), usize)| other == kind && (a - x).abs() < 4e3 && (b - y).abs() < 4e3;
            assert!(drawn.iter().any(near), "{x} {y}");
        }
    }

    #[test]
    fn rows_that_come_in_order_leave_no_stripes() {
        // As a sweep writes them: all values of y at one x, then at the next.
        let many: Vec<_> = (0..100_000).map(|n| (((n / 100) as f64, (n % 100) as f64), 0)).collect();
        let seen = seen(&many, &scale(1e3), &scale(1e2));
        let drawn: Vec<f64> = many.iter().zip(&seen).filter(|(_, seen)| **seen).map(|(((x, _), _), _)| *x).collect();
        let columns: std::collections::BTreeSet<u64> = drawn.iter().map(|x| x.to_bits()).collect();
        assert!(columns.len() > 500, "{} of 1000 values of x have {} marks", columns.len(), drawn.len());
    }

    #[test]
    fn a_curve_keeps_its_outermost_points() {
        let x = scale(1e5);
        let saw = |n: usize| (n as f64, if n == 54_321 { 9.0 } else { (n % 3) as f64 });
        let line = line(&(0..100_000).map(saw).collect::<Vec<_>>(), &x);
        assert!(line.len() <= 4 * SLICES && line.contains(&(54_321.0, 9.0)) && line.is_sorted_by(|a, b| a.0 <= b.0));
    }
}
