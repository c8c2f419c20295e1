//! From writes one by one to the curve of different pages against writes, and to kinds of pages that follow it.

use super::DirtyCurve;
use super::kinds::PageKind;
use crate::units::{Pages, Span};

/// Writes that are looked at for a length of windows, at least: enough for some parts in a thousand.
const LOOKED_AT: u64 = 1 << 20;
/// Up to here each write hits a page of its own: shorter windows say nothing.
const ALL_DIFFERENT: f64 = 0.98;
/// A write stands for so long where a curve wants time [ns].
const TICK: u64 = 1000;

/// Different pages within windows of 1, 2, 5, 10, 20 and so on writes in a row, up to all of them, in the mean over windows that
/// are spread evenly over the writes [writes, pages].
pub(super) fn curve(pages: &[u64]) -> Vec<(u64, f64)> {
    let all = pages.len() as u64;
    let mut seen = vec![0u32; pages.iter().max().map_or(0, |most| *most as usize + 1)];
    let mut window = 0;
    let mut curve: Vec<(u64, f64)> = Vec::new();
    let decades = (0..).map_while(|power| 10u64.checked_pow(power)).take_while(|decade| *decade <= all);
    let lengths = decades.flat_map(|decade| [decade, 2 * decade, 5 * decade]).filter(|length| *length < all);
    for length in lengths.chain((all > 0).then_some(all)) {
        let fit = all / length;
        let count = (LOOKED_AT / length).clamp(1, fit).max(fit.min(4));
        let mut different = 0u64;
        for index in 0..count {
            let from = (u128::from(index) * u128::from(all - length) / u128::from((count - 1).max(1))) as usize;
            window += 1;
            for page in &pages[from..from + length as usize] {
                different += u64::from(std::mem::replace(&mut seen[*page as usize], window) != window);
            }
        }
        curve.push((length, different as f64 / count as f64));
    }
    curve
}

/// Kinds of pages that are hit along a curve of different pages against writes, with factors by write. No write hits more than one
/// page: where a curve bends more sharply than kinds can, they stay below it.
pub(super) fn kinds(curve: &[(u64, f64)], region: Pages) -> Vec<PageKind> {
    let says_little = |pair: &[(u64, f64)]| pair[1].1 >= ALL_DIFFERENT * pair[1].0 as f64;
    let first = curve.windows(2).take_while(|pair| says_little(pair)).count();
    let points: Vec<(Span, f64)> =
        curve[first.min(curve.len())..].iter().map(|(writes, pages)| (Span(writes * TICK), *pages)).collect();
    // Before its first point a curve rises by a page a write at most.
    let steepness = curve.get(first).map(|(writes, pages)| *writes as f64 / pages);
    let fit = DirtyCurve::new(&points, region).with_steepness(steepness).fit();
    let writes_per_tick = fit.rate.0 * TICK as f64 / 1e9;
    let kind = |class: &super::RateClass| {
        let pages = class.pages.0;
        let kappa = if pages > 0 { writes_per_tick * class.share.0 / pages as f64 } else { 0.0 };
        PageKind { pages, kappa }
    };
    let mut kinds: Vec<PageKind> = fit.classes.iter().map(kind).collect();
    // Of the slowest first: what is too much is taken from those that are hit most often, which only the shortest windows show.
    let (mut writes, mut pages) = (1.0, region.0 as f64);
    for kind in &mut kinds {
        kind.kappa = kind.kappa.min(writes / pages);
        writes -= kind.pages as f64 * kind.kappa;
        pages -= kind.pages as f64;
    }
    kinds
}

#[cfg(test)]
mod tests {
    use super::super::kinds::hit;
    use super::*;

    #[test]
    fn windows_count_different_pages() {
        assert_eq!(curve(&[]), []);
        assert_eq!(curve(&[7]), [(1, 1.0)]);
        assert_eq!(curve(&[3, 3, 3, 3]), [(1, 1.0), (2, 1.0), (4, 1.0)]);
        let round: Vec<u64> = (0..1000).map(|write| write % 100).collect();
        assert_eq!(
            curve(&round)[4..],
            [(20, 20.0), (50, 50.0), (100, 100.0), (200, 100.0), (500, 100.0), (1000, 100.0)]
        );
    }

    #[test]
    fn no_more_pages_are_hit_than_are_written() {
        let round = |pages: u64, step: u64| (0..100_000).map(move |write| write * step % pages).collect::<Vec<u64>>();
        let mostly =
            |pages: u64| (0..100_000).map(move |write| if write % 10 < 9 { write % 50 } else { write % pages });
        for pages in (1_000..30_000).step_by(500) {
            for order in [round(pages, 1), round(pages, 7919), mostly(pages).collect()] {
                let region = Pages(order.iter().max().unwrap() + 1);
                let (curve, writes) = (curve(&order), [1.0, 10.0, 100.0, 1e3, 1e4, 2e4, 1e5]);
                let kinds = kinds(&curve, region);
                for writes in writes {
                    let found = hit(&kinds, writes);
                    assert!(found <= writes && found <= region.0 as f64, "{pages}: {found} pages of {writes} writes");
                }
                // Kinds meet a curve with so sharp a bend within a tenth.
                let all = hit(&kinds, 1e5) / curve.last().unwrap().1;
                assert!((0.9..1.1).contains(&all), "{pages}: {all} of all pages");
            }
        }
    }

    #[test]
    fn kinds_hold_all_pages_of_a_region() {
        for (pages, region) in [(vec![], 10), (vec![0, 0, 0], 10), ((0..50).collect(), 50), ((0..50).collect(), 80)] {
            let kinds = kinds(&curve(&pages), Pages(region));
            assert_eq!(kinds.iter().map(|kind| kind.pages).sum::<u64>(), region);
            assert_eq!(kinds.iter().any(|kind| kind.kappa > 0.0), !pages.is_empty());
        }
    }
}
