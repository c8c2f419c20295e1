//! The guest's dirty curve from a few passes.
//!
//! Passes are long at first and short in the end, and whether a migration converges depends on what is dirtied in a
//! time as short as the downtime limit. Until passes become that short, that is taken from the two shortest that were
//! seen, as if all pages that the guest writes were written equally often:
//!
//! ```text
//! D(t) = A (1 - exp(-k t))      A pages are written at all, each k times a second
//! ```

use crate::units::Span;

/// Points within so much of each other are one.
const SAME: f64 = 1.1;
/// Two points tell `A` and `k` if one interval is so much longer than the other.
const APART: f64 = 1.25;
/// Where nearly all was dirtied even in the shortest pass, nothing tells how much faster it could have been: it is taken
/// to have just been enough.
const ALL: f64 = 3.0;
/// Shortest interval that anything depends on [s].
const SHORTEST: f64 = 0.02;

/// Points of the curve: the guest's own time, and different pages, by time; of a guest that can write to `writable` pages.
pub(super) fn through(mut points: Vec<(Span, u64)>, writable: u64) -> Vec<(Span, u64)> {
    points.retain(|(time, pages)| time.0 >= 1_000_000 && *pages > 0);
    points.sort_unstable();
    let points = merged(points);
    let mut curve: Vec<(Span, u64)> = shorter(&points, writable as f64)
        .into_iter()
        .chain(points)
        .map(|(seconds, pages)| (Span((seconds * 1e9) as u64), pages as u64))
        .filter(|(_, pages)| *pages > 0)
        .collect();
    curve.sort_unstable();
    curve
}

/// Passes of nearly the same length are one point [s, pages].
fn merged(points: Vec<(Span, u64)>) -> Vec<(f64, f64)> {
    let mut merged: Vec<(f64, f64, f64)> = Vec::new();
    for (time, pages) in points {
        let (time, pages) = (time.seconds(), pages as f64);
        match merged.last_mut() {
            Some((times, sum, count)) if time < *times / *count * SAME => {
                *times += time;
                *sum += pages;
                *count += 1.0;
            }
            _ => merged.push((time, pages, 1.0)),
        }
    }
    merged.into_iter().map(|(times, sum, count)| (times / count, sum / count)).collect()
}

/// Points at shorter intervals than any that was seen.
fn shorter(points: &[(f64, f64)], writable: f64) -> Vec<(f64, f64)> {
    let Some(&first) = points.first() else { return Vec::new() };
    let (all, rate) = match points.iter().find(|point| point.0 >= first.0 * APART) {
        Some(second) => {
            let rate = rate(first, *second);
            (first.1 / -libm::expm1(-rate * first.0), rate)
        }
        None => {
            let all = writable.max(first.1);
            (all, (-libm::log1p(-first.1 / all) / first.0).min(ALL / first.0))
        }
    };
    let halves = std::iter::successors(Some(first.0 / 2.0), |time| Some(time / 2.0));
    let times = halves.take_while(|time| *time >= SHORTEST);
    // Never more than was dirtied in the shortest pass, which a bent law may miss.
    times.map(|time| (time, (all * -libm::expm1(-rate * time)).min(first.1))).collect()
}

/// `k` of the law through two points [1/s].
fn rate((t1, d1): (f64, f64), (t2, d2): (f64, f64)) -> f64 {
    let ratio = |rate: f64| libm::expm1(-rate * t2) / libm::expm1(-rate * t1);
    // From a guest that writes no page twice to one that has written all.
    let (mut low, mut high) = (1e-3 / t2, ALL / t1);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if ratio(middle) > d2 / d1 { low = middle } else { high = middle }
    }
    (low + high) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn law(all: f64, rate: f64, seconds: f64) -> (Span, u64) {
        (Span((seconds * 1e9) as u64), (all * -libm::expm1(-rate * seconds)) as u64)
    }

    #[test]
    fn two_passes_tell_how_often_all_pages_are_written() {
        for (all, rate) in [(65_536.0, 0.18), (10_000.0, 0.02), (100_000.0, 0.5)] {
            let curve = through(vec![law(all, rate, 10.0), law(all, rate, 6.0)], 120_000);
            for (time, pages) in &curve {
                let expected = all * -libm::expm1(-rate * time.seconds());
                assert!((*pages as f64 - expected).abs() < 0.02 * expected + 2.0, "{time}: {pages}, {expected}");
            }
            assert!(curve[0].0.ms() < 50.0, "{curve:?}");
        }
    }

    #[test]
    fn one_pass_is_taken_to_write_anywhere() {
        let curve = through(vec![law(50_000.0, 0.1, 10.0)], 50_000);
        let short = curve[0];
        let expected = law(50_000.0, 0.1, short.0.seconds()).1 as f64;
        assert!((short.1 as f64 / expected - 1.0).abs() < 0.05, "{short:?}, {expected}");
    }

    #[test]
    fn passes_that_dirtied_all_leave_the_rate_open() {
        let (ten, six) = (Span::from_ms(10_000), Span::from_ms(6_000));
        let curve = through(vec![(ten, 65_536), (six, 65_536)], 65_536);
        // Three times over in six seconds.
        let (time, pages) = curve[0];
        assert!((pages as f64 / time.seconds() - 65_536.0 / 0.95 / 2.0).abs() < 1000.0, "{time}: {pages}");
    }

    #[test]
    fn nothing_dirtied_is_no_curve() {
        assert_eq!(through(vec![(Span::from_ms(1000), 0)], 1000), []);
    }
}
