//! From a measured curve of distinct dirtied pages against interval to classes of pages with a rate each.
//!
//! That curve is what can be measured of a running guest, with `calc-dirty-rate` at several periods. Any such curve
//! that bends only downwards is a sum of pages that are each written at a rate of their own:
//!
//! ```text
//! D(T) = sum over k of N_k (1 - exp(-λ_k T))      T interval [s], N_k pages of class k, λ_k writes to each [1/s]
//! ```
//!
//! The λ_k stand in fixed steps and the N_k come from [least squares](super::nnls) on the relative error. So under a
//! throttle, which makes time pass more slowly for the guest, it moves along the same curve at a lower speed.

use super::{Law, RateClass, nnls};
use crate::units::{PageRate, Pages, Share, Span};

/// Distinct pages dirtied, against interval: straight lines between measured points.
///
/// Below the first point the line through the first two is followed, but not below the line from the origin, nor above an
/// steepness's times it; above the last point the last slope is, up to all pages of the region. A guest's own curve bends
/// downwards only, and so lies between these two lines.
///
/// Source: workload-catalogue 3, the method of "Migration time prediction using calc-dirty-rate", qemu-devel, 2023.
#[derive(Clone, Debug, PartialEq)]
pub struct DirtyCurve {
    /// Interval and pages, by interval [s, pages].
    points: Vec<(f64, f64)>,
    region: Pages,
    /// How many times as fast as evenly the pages of the first point are dirtied at most.
    steepness: Option<f64>,
}

/// Classes of pages that dirty memory as a [`DirtyCurve`] says.
#[derive(Clone, Debug, PartialEq)]
pub struct CurveFit {
    /// All pages of the region; those that are never written come first, with no share.
    pub classes: Vec<RateClass>,
    /// Page writes of all classes.
    pub rate: PageRate,
}

/// Steps of the intervals to which classes are fitted, per factor of ten.
const INTERVALS: f64 = 24.0;
/// Classes to choose from, per factor of ten.
const RATES: f64 = 8.0;
/// Weight of the lines between measured points, and beyond them, beside the points themselves. A guest's own curve
/// bends, so that between two points it lies a little above the line.
const ASSUMED: f64 = 0.03;
/// Curves are fitted from this share of the first interval on, and up to this many times the last.
const FIRST: f64 = 1.0 / 8.0;
const LAST: f64 = 100.0;
/// Lines that lie no farther apart are one.
const NEAR: f64 = 0.05;

impl DirtyCurve {
    /// A curve through these points in a region of RAM, sorted by interval.
    ///
    /// Intervals of zero and points without any page say nothing and are left out. More pages than the region has are
    /// taken for all of them.
    pub fn new(points: &[(Span, f64)], region: Pages) -> DirtyCurve {
        let mut points: Vec<(f64, f64)> = points
            .iter()
            .filter(|(interval, pages)| *interval > Span::ZERO && *pages > 0.0)
            .map(|(interval, pages)| (interval.seconds(), pages.min(region.0 as f64)))
            .collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        points.dedup_by_key(|point| point.0);
        DirtyCurve { points, region, steepness: None }
    }

    /// The steepness that is taken where nothing tells it: of two, one that is twice as fast is taken for half as likely, and the
    /// middle of what is faster than evenly is twice that.
    pub const LIKELY_STEEPNESS: f64 = 2.0;

    /// With a bound of how fast the pages of the first point are dirtied: so many times as fast as evenly over its interval.
    #[must_use]
    pub fn with_steepness(self, steepness: Option<f64>) -> DirtyCurve {
        DirtyCurve { steepness, ..self }
    }

    /// Whether the steepness matters: the two lines below the first point are apart by more than 5 % halfway.
    pub fn is_open(&self) -> bool {
        let [first, second, ..] = self.points.as_slice() else { return false };
        let half = 0.5 * first.0;
        let even = first.1 / 2.0;
        let straight = first.1 - (second.1 - first.1) / (second.0 - first.0) * half;
        straight > even * (1.0 + NEAR)
    }

    /// Distinct pages dirtied within `interval` [pages].
    pub fn at(&self, interval: Span) -> f64 {
        self.at_seconds(interval.seconds())
    }

    fn at_seconds(&self, t: f64) -> f64 {
        let pages = match self.points.as_slice() {
            [] => 0.0,
            [only] => only.1 * t / only.0,
            points => {
                let next = points.partition_point(|point| point.0 < t).clamp(1, points.len() - 1);
                let ((t0, d0), (t1, d1)) = (points[next - 1], points[next]);
                let slope = (d1 - d0) / (t1 - t0);
                let (first, last) = (points[0], points[points.len() - 1]);
                match () {
                    () if t < first.0 => {
                        let even = first.1 * t / first.0;
                        let most = self.steepness.map_or(f64::INFINITY, |steepness| steepness * even);
                        (d0 + slope * (t - t0)).max(even).min(most)
                    }
                    () if t > last.0 => d1 + slope.max(0.0) * (t - t1),
                    () => d0 + slope * (t - t0),
                }
            }
        };
        pages.clamp(0.0, self.region.0 as f64)
    }

    /// The classes that dirty memory as this curve says, as nearly as any can.
    pub fn fit(&self) -> CurveFit {
        let (Some(first), Some(last)) = (self.points.first(), self.points.last()) else {
            return CurveFit { classes: vec![self.untouched(self.region.0)], rate: PageRate(0.0) };
        };
        let from = first.0 * FIRST;
        let to = (4.0 * self.end()).clamp(4.0 * last.0, LAST * last.0);
        let mut rows: Vec<(f64, f64)> = self.points.iter().map(|point| (point.0, 1.0)).collect();
        rows.extend(steps(from, to, INTERVALS).into_iter().map(|t| (t, ASSUMED)));
        if self.end() < to {
            // In the very end, so that the slowest classes have no more pages than there are.
            rows.push((1e3 * to, 1.0));
        }
        let weights: Vec<f64> = rows.iter().map(|row| row.1).collect();
        let rates = steps(1.0 / to, 4.0 / from, RATES);
        // Relative errors: each interval's row is divided by the pages that it should give.
        let column = |rate: &f64| {
            let row = |&(t, weight): &(f64, f64)| weight * -libm::expm1(-rate * t) / self.at_seconds(t);
            rows.iter().map(row).collect()
        };
        let columns: Vec<Vec<f64>> = rates.iter().map(column).collect();
        self.whole(&rates, &nnls::solve(&columns, &weights))
    }

    /// Whole pages, slowest class first, no more than the region has; and the shares of the writes.
    fn whole(&self, rates: &[f64], pages: &[f64]) -> CurveFit {
        // Fast classes are surer than slow ones, which only the longest intervals show: slow ones give way.
        let mut left = self.region.0;
        let (mut sum, mut rounded) = (0.0, 0);
        let mut whole: Vec<(f64, u64)> = Vec::new();
        for (rate, pages) in rates.iter().zip(pages).rev() {
            sum += pages;
            let n = ((sum + 0.5) as u64 - rounded).min(left);
            rounded += n;
            left -= n;
            if n > 0 {
                whole.push((*rate, n));
            }
        }
        let rate: f64 = whole.iter().map(|(rate, n)| rate * *n as f64).sum();
        let class = |&(each, n): &(f64, u64)| RateClass { pages: Pages(n), share: Share(each * n as f64 / rate) };
        let mut classes = Vec::with_capacity(whole.len() + 1);
        if left > 0 || whole.is_empty() {
            classes.push(self.untouched(left));
        }
        classes.extend(whole.iter().rev().map(class));
        CurveFit { classes, rate: PageRate(rate) }
    }

    fn untouched(&self, pages: u64) -> RateClass {
        RateClass { pages: Pages(pages), share: Share(0.0) }
    }

    /// Interval at which the curve becomes flat [s].
    fn end(&self) -> f64 {
        match self.points.as_slice() {
            [only] => only.0 * self.region.0 as f64 / only.1,
            [.., before, last] if last.1 > before.1 => {
                last.0 + (self.region.0 as f64 - last.1) * (last.0 - before.0) / (last.1 - before.1)
            }
            [.., last] => last.0,
            [] => 0.0,
        }
    }

    /// Interval, pages and relative error of `fit` at each measured point [s, pages, 1].
    pub fn errors(&self, fit: &CurveFit) -> Vec<(Span, f64, f64)> {
        let law = Law::Classes(fit.classes.clone());
        let error = |&(t, pages): &(f64, f64)| {
            let fitted = law.distinct(self.region, fit.rate.0 * t);
            (Span((t * 1e9 + 0.5) as u64), pages, fitted / pages - 1.0)
        };
        self.points.iter().map(error).collect()
    }
}

/// From `first` to `last`, evenly on a logarithmic scale, so many per factor of ten.
fn steps(first: f64, last: f64, per_decade: f64) -> Vec<f64> {
    let count = (libm::log10(last / first) * per_decade).max(1.0) as usize + 1;
    let ratio = libm::pow(last / first, 1.0 / count as f64);
    let mut at = first;
    (0..=count)
        .map(|_| {
            let here = at;
            at *= ratio;
            here
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(seconds: &[f64], pages: impl Fn(f64) -> f64) -> Vec<(Span, f64)> {
        seconds.iter().map(|t| (Span((t * 1e9) as u64), pages(*t))).collect()
    }

    const USUAL: [f64; 12] = [0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 40.0, 60.0];

    /// Largest relative error at intervals from `from` on, measured ones and those between.
    fn worst(curve: &DirtyCurve, truth: impl Fn(f64) -> f64, from: f64, to: f64) -> f64 {
        let fit = curve.fit();
        let law = Law::Classes(fit.classes);
        let error = |t: f64| (law.distinct(curve.region, fit.rate.0 * t) / truth(t) - 1.0).abs();
        steps(from, to, 37.0).into_iter().map(error).fold(0.0, f64::max)
    }

    #[test]
    fn curves_of_known_shape_are_met_within_two_per_cent_from_milliseconds_to_minutes() {
        let saturating = |n: f64, rate: f64| move |t: f64| n * -libm::expm1(-rate * t / n);
        let uniform = saturating(16_384.0, 10_000.0);
        let redis = |t: f64| 1_400.0 + saturating(32_000.0, 178_000.0)(t);
        let two = |t: f64| saturating(4_000.0, 60_000.0)(t) + saturating(300_000.0, 3_000.0)(t);
        let power = |t: f64| 20_000.0 * libm::pow(t, 0.73);
        let idle = |_: f64| 84.0;
        type CurveCase<'a> = (&'a str, u64, &'a dyn Fn(f64) -> f64);
        let cases: [CurveCase; 5] = [
            ("uniform", 16_384, &uniform),
            ("floor and saturating", 37_000, &redis),
            ("fast and slow", 400_000, &two),
            ("power law", 2_000_000, &power),
            ("a few pages", 100, &idle),
        ];
        for (name, region, truth) in cases {
            let curve = DirtyCurve::new(&points(&USUAL, truth), Pages(region));
            let error = worst(&curve, truth, 0.02, 60.0);
            // Straight lines cut the bends of a curve by up to this much: so well do its points tell what lies between.
            let chord = steps(0.02, 60.0, 37.0).into_iter().map(|t| (curve.at_seconds(t) / truth(t) - 1.0).abs());
            let chord = chord.fold(0.0, f64::max);
            assert!(error < 0.02_f64.max(1.5 * chord), "{name}: {error}, lines {chord}");
            for (interval, _, error) in curve.errors(&curve.fit()) {
                assert!(error.abs() < 0.02, "{name} at {interval}: {error}");
            }
        }
    }

    /// workload-catalogue 3: a 32 GiB guest with memcached under YCSB, one page of 512 sampled.
    const YCSB: [(u64, u64); 22] = [
        (125, 33),
        (250, 78),
        (375, 119),
        (500, 151),
        (750, 217),
        (1000, 236),
        (1500, 293),
        (2000, 336),
        (3000, 425),
        (4001, 505),
        (6000, 620),
        (8000, 756),
        (10000, 898),
        (15000, 1204),
        (20000, 1457),
        (25000, 1723),
        (30000, 1934),
        (35000, 2141),
        (40000, 2328),
        (45000, 2522),
        (50000, 2675),
        (60000, 2958),
    ];

    fn ycsb() -> DirtyCurve {
        let points: Vec<_> = YCSB.iter().map(|(ms, samples)| (Span::from_ms(*ms), *samples as f64 * 512.0)).collect();
        DirtyCurve::new(&points, Pages(6332 * 512))
    }

    #[test]
    fn the_published_curve_is_met_within_the_noise_of_its_samples() {
        let curve = ycsb();
        for (interval, pages, error) in curve.errors(&curve.fit()) {
            let samples = pages / 512.0;
            // Two standard errors of so many samples.
            assert!(error.abs() < 0.02 + 2.0 / samples.sqrt(), "{interval}: {error} of {samples} samples");
            if interval >= Span::from_ms(3000) {
                assert!(error.abs() < 0.04, "{interval}: {error}");
            }
        }
        assert_eq!(ycsb().fit(), curve.fit(), "the same every time");
    }

    #[test]
    fn the_curve_is_extended_as_the_published_method_does() {
        let curve = ycsb();
        for (name, ms, samples) in [
            ("between points", 5000, 562.5),
            ("above the last, with the last slope", 100_000, 2958.0 + 40.0 * 28.3),
            ("all pages", 1_000_000, 6332.0),
            ("below the first, from the origin", 50, 13.2),
        ] {
            let found = curve.at(Span::from_ms(ms)) / 512.0;
            assert!((found - samples).abs() < 0.05, "{name}: {found}, not {samples}");
        }
        let floor = DirtyCurve::new(&points(&[0.1, 0.2], |t| 500.0 + 1000.0 * t), Pages(5000));
        assert!((floor.at(Span::ZERO) - 500.0).abs() < 1e-9, "a floor is kept down to no time at all");
    }

    #[test]
    fn a_steepness_bounds_what_comes_before_the_first_point() {
        let flat = DirtyCurve::new(&points(&[1.0, 2.0, 5.0], |_| 32_000.0), Pages(100_000));
        let rising = DirtyCurve::new(&points(&[1.0, 2.0, 5.0], |t| 1_000.0 * t), Pages(100_000));
        assert!(flat.is_open() && !rising.is_open());
        let at = |curve: &DirtyCurve, ms| curve.at(Span::from_ms(ms));
        assert_eq!(at(&flat, 100), 32_000.0, "all at once");
        for (steepness, pages) in [(1.0, 3_200.0), (2.0, 6_400.0), (20.0, 32_000.0)] {
            let curve = flat.clone().with_steepness(Some(steepness));
            assert!((at(&curve, 100) - pages).abs() < 1.0 && at(&curve, 2000) == 32_000.0, "{steepness}");
        }
        let rate = |steepness| flat.clone().with_steepness(Some(steepness)).fit().rate.0;
        assert!(rate(1.0) < rate(4.0) && rate(4.0) < flat.fit().rate.0);
    }

    #[test]
    fn every_page_of_the_region_has_a_class() {
        for region in [1, 84, 90, 10_000, 8_000_000] {
            for curve in [
                DirtyCurve::new(&points(&USUAL, |_| 84.0), Pages(region)),
                DirtyCurve::new(&points(&[1.0], |_| 3_000.0), Pages(region)),
                DirtyCurve::new(&points(&[1.0, 2.0], |t| 50.0 * t), Pages(region)),
                DirtyCurve::new(&[], Pages(region)),
            ] {
                let fit = curve.fit();
                assert_eq!(fit.classes.iter().map(|class| class.pages.0).sum::<u64>(), region, "{curve:?}");
                let shares: f64 = fit.classes.iter().map(|class| class.share.0).sum();
                assert!((shares - 1.0).abs() < 1e-9 || fit.rate.0 == 0.0, "{curve:?}: {shares}");
            }
        }
    }
}
