//! Pages of a region by how often one workload hits them at random.

use super::Law;
use crate::units::Pages;

/// Pages that one workload hits equally often.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct PageKind {
    /// How many.
    pub(super) pages: u64,
    /// The factor κ by which one write lowers a page's chance of being untouched, as exp(-κ).
    pub(super) kappa: f64,
}

impl PageKind {
    /// `pages` that together take `share` of the writes.
    fn new(pages: u64, share: f64) -> PageKind {
        // ln(1 - p) of a page that every write hits is minus infinity; a large factor says the same and keeps sums
        // finite.
        let kappa = if pages > 0 { (-libm::log1p(-(share / pages as f64).min(1.0))).min(1e3) } else { 0.0 };
        PageKind { pages, kappa }
    }
}

/// Different pages of these kinds that so many writes are expected to hit.
pub(super) fn hit(kinds: &[PageKind], writes: f64) -> f64 {
    kinds.iter().map(|kind| kind.pages as f64 * -libm::expm1(-kind.kappa * writes)).sum()
}

/// The kinds of a region of `pages`, by rank; none for a law that writes nothing or in order.
pub(super) fn kinds(law: &Law, pages: u64) -> Vec<PageKind> {
    match law {
        Law::Uniform => vec![PageKind::new(pages, 1.0)],
        Law::HotCold { hot, share } => {
            let hot = hot.0.min(pages);
            vec![PageKind::new(hot, share.0), PageKind::new(pages - hot, 1.0 - share.0)]
        }
        Law::Zipf { exponent } => zipf(pages, *exponent),
        Law::Classes(classes) => classes.iter().map(|class| PageKind::new(class.pages.0, class.share.0)).collect(),
        Law::Own(order) => order.kinds().to_vec(),
        Law::Idle | Law::Sequential { .. } => Vec::new(),
    }
}

/// Ranks of a Zipf law that are a kind of their own; further ones are put together by [`RATIO`].
const SINGLE_RANKS: u64 = 8;
/// Last by first rank of a kind. Weights within a kind differ by no more than this to the power of the exponent.
const RATIO: f64 = 1.3;

/// A Zipf law over `pages` ranks as kinds of pages with a common weight.
///
/// The weight of ranks a to b is the integral of x^-s from a - 1/2 to b + 1/2, which the first ranks, taken one by
/// one, do not need.
fn zipf(pages: u64, exponent: f64) -> Vec<PageKind> {
    let weight = |first: u64, last: u64| {
        if first == last {
            return libm::pow(first as f64, -exponent);
        }
        let (a, b) = (first as f64 - 0.5, last as f64 + 0.5);
        let power = 1.0 - exponent;
        if power.abs() < 1e-9 { libm::log(b / a) } else { (libm::pow(b, power) - libm::pow(a, power)) / power }
    };
    let mut kinds = Vec::new();
    let mut first = 1;
    while first <= pages {
        let last = if first <= SINGLE_RANKS { first } else { (first as f64 * RATIO) as u64 };
        let last = last.min(pages);
        kinds.push((last - first + 1, weight(first, last)));
        first = last + 1;
    }
    let total: f64 = kinds.iter().map(|kind| kind.1).sum();
    kinds.into_iter().map(|(pages, weight)| PageKind::new(pages, weight / total)).collect()
}

impl Law {
    /// How many different pages of a region so many writes are expected to hit [pages].
    ///
    /// ```text
    /// D(w) = sum over kinds of n (1 - exp(-κ w))      random laws
    /// D(w) = min(N, w)                                sequential
    /// ```
    ///
    /// Source: workload-catalogue 1.
    pub fn distinct(&self, region: Pages, writes: f64) -> f64 {
        match self {
            Law::Idle => 0.0,
            Law::Sequential { .. } => writes.min(region.0 as f64),
            _ => hit(&kinds(self, region.0), writes),
        }
    }

    /// How many writes are expected to hit `distinct` different pages of a region [writes].
    ///
    /// The inverse of [`Law::distinct`]; `None` if the law cannot hit so many, however long it writes.
    pub fn writes_for(&self, region: Pages, distinct: f64) -> Option<f64> {
        /// More than any guest does in a year.
        const MOST: f64 = 1e18;
        if distinct <= 0.0 {
            return Some(0.0);
        }
        let (mut low, mut high) = (0.0, distinct);
        while self.distinct(region, high) < distinct {
            (low, high) = (high, high * 2.0);
            if high > MOST {
                return None;
            }
        }
        // Each step halves the interval; 60 leave less than a write of any such number.
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if self.distinct(region, middle) < distinct {
                low = middle;
            } else {
                high = middle;
            }
        }
        Some(high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guest::RateClass;
    use crate::units::Share;

    #[test]
    fn distinct_pages_follow_the_formulas_of_the_catalogue() {
        let floor = |hot, all| {
            let class = |pages, share| RateClass { pages: Pages(pages), share: Share(share) };
            Law::Classes(vec![class(hot, 0.5), class(all - hot, 0.5)])
        };
        for (name, law, region, writes, expected, tolerance) in [
            ("uniform, measured after 1 s", Law::Uniform, 16_384, 10_000.0, 7_390.0, 0.02),
            ("uniform, measured after 2 s", Law::Uniform, 16_384, 20_000.0, 11_411.0, 0.02),
            ("uniform, measured after 5 s", Law::Uniform, 16_384, 50_000.0, 15_614.0, 0.02),
            ("uniform, formula after 1 s", Law::Uniform, 16_384, 10_000.0, 7_485.0, 1e-3),
            ("floor", floor(100, 10_000), 10_000, 2_000.0, 100.0 + 9_900.0 * 0.096_1, 1e-3),
            ("sweep under way", Law::Sequential { start: Pages(3) }, 5_000, 400.0, 400.0, 1e-12),
            ("sweep gone round", Law::Sequential { start: Pages(3) }, 5_000, 9_000.0, 5_000.0, 1e-12),
            ("flat zipf is uniform", Law::Zipf { exponent: 0.0 }, 16_384, 10_000.0, 7_485.0, 1e-3),
        ] {
            let found = law.distinct(Pages(region), writes);
            assert!((found / expected - 1.0).abs() < tolerance, "{name}: {found}, not {expected}");
        }
    }

    #[test]
    fn writes_are_found_from_the_pages_that_they_hit() {
        let laws = [Law::Uniform, Law::HotCold { hot: Pages(100), share: Share(0.9) }, Law::Zipf { exponent: 0.99 }];
        for law in laws {
            for writes in [1.0, 500.0, 20_000.0] {
                let distinct = law.distinct(Pages(10_000), writes);
                let found = law.writes_for(Pages(10_000), distinct).unwrap();
                assert!((found / writes - 1.0).abs() < 1e-6, "{law:?}: {found}, not {writes}");
            }
            assert_eq!(law.writes_for(Pages(10_000), 10_001.0), None);
        }
        assert_eq!(Law::Sequential { start: Pages(0) }.writes_for(Pages(10), 11.0), None);
        assert_eq!(Law::Idle.writes_for(Pages(10), 1.0), None);
    }
}
