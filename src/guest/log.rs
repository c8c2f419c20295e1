//! Chances that random writers leave a page alone.

use std::ops::Range;

use super::exponential;
use super::lanes::{Lanes, by_lanes, lanes_for};
use super::zones::Zone;
use crate::units::real;

/// How often one write of each workload hits a page, for each class of each zone.
///
/// The classes of a zone stand in blocks, the last one filled up with classes of no pages that nobody writes. A zone has
/// columns from its first random writer to its last one, so that thousands with a region of their own do not cost their square.
#[derive(Clone, Debug)]
pub(super) struct Touches {
    zones: Vec<ZoneTouches>,
    /// The factor κ by which one write lowers a page's chance of being untouched, as exp(-κ): for each block of each zone and each
    /// of its columns a block.
    kappas: Vec<f64>,
}

/// Where a zone's classes and columns are.
#[derive(Clone, Debug)]
struct ZoneTouches {
    columns: Range<usize>,
    /// Its classes, and those that fill up its last block, among those of all zones.
    slots: Range<usize>,
    /// Classes in a block.
    lanes: usize,
    /// Its kappas.
    kappas: Range<usize>,
}

impl Touches {
    /// Those of the random writers of `zones`.
    pub(super) fn new(zones: &[Zone]) -> Touches {
        let mut touches = Touches { zones: Vec::with_capacity(zones.len()), kappas: Vec::new() };
        let mut first_slot = 0;
        for zone in zones {
            let writers = || zone.classes.iter().flat_map(|class| class.random.iter().map(|&(workload, _)| workload));
            let first = writers().min().unwrap_or(0);
            let columns = first..writers().max().map_or(first, |last| last + 1);
            let lanes = lanes_for(zone.classes.len());
            let slots = first_slot..first_slot + zone.classes.len().next_multiple_of(lanes);
            let kappas = touches.kappas.len()..touches.kappas.len() + slots.len() * columns.len();
            touches.kappas.resize(kappas.end, 0.0);
            for (index, class) in zone.classes.iter().enumerate() {
                let row = kappas.start + index / lanes * columns.len() * lanes;
                for &(workload, kappa) in &class.random {
                    touches.kappas[row + (workload - first) * lanes + index % lanes] += kappa;
                }
            }
            first_slot = slots.end;
            touches.zones.push(ZoneTouches { columns, slots, lanes, kappas });
        }
        touches
    }

    /// The classes of a zone, those that fill up its last block included, among those of all zones.
    #[inline(always)]
    pub(super) fn slots(&self, zone: usize) -> Range<usize> {
        self.zones[zone].slots.clone()
    }

    /// Classes in a block of a zone.
    #[inline(always)]
    pub(super) fn lanes(&self, zone: usize) -> usize {
        self.zones[zone].lanes
    }

    /// For each class of a zone, the chances that a page is not touched between two counts of writes, into `chances`.
    #[inline(always)]
    pub(super) fn untouched(&self, zone: usize, from: &[u64], to: &[u64], chances: &mut Vec<f64>) {
        let zone = &self.zones[zone];
        let (from, to) = (&from[zone.columns.clone()], &to[zone.columns.clone()]);
        chances.resize(zone.slots.len(), 0.0);
        by_lanes!(zone.lanes, L => {
            for (chance, kappas) in chances.as_chunks_mut().0.iter_mut().zip(zone.rows::<L>(&self.kappas)) {
                *chance = exponential::untouched(exposure(kappas, from, to)).0;
            }
        });
    }

    /// The mean of that over `chunks` chunks, of which the first sees the writes since `from` and, one after the other at an even
    /// pace, the one behind the last would see those since `last`.
    #[inline(always)]
    pub(super) fn untouched_on_average(
        &self,
        zone: usize,
        (from, last): (&[u64], &[u64]),
        to: &[u64],
        chunks: u64,
        chances: &mut Vec<f64>,
    ) {
        let zone = &self.zones[zone];
        let [from, last, to] = [from, last, to].map(|counts| &counts[zone.columns.clone()]);
        chances.resize(zone.slots.len(), 0.0);
        by_lanes!(zone.lanes, L => {
            for (chance, kappas) in chances.as_chunks_mut().0.iter_mut().zip(zone.rows::<L>(&self.kappas)) {
                let (longest, shortest) = (exposure(kappas, from, to), exposure(kappas, last, to));
                *chance = mean_of_series(longest, shortest, real(chunks)).0;
            }
        });
    }
}

impl ZoneTouches {
    /// For each block a row of columns.
    #[inline(always)]
    fn rows<'a, const L: usize>(&self, kappas: &'a [f64]) -> impl Iterator<Item = &'a [[f64; L]]> + use<'a, L> {
        let (columns, _) = kappas[self.kappas.clone()].as_chunks();
        let width = self.columns.len();
        (0..self.slots.len() / L).map(move |block| &columns[block * width..(block + 1) * width])
    }
}

/// Sums of κ over the writes of each workload between two counts.
#[inline(always)]
fn exposure<const L: usize>(kappas: &[[f64; L]], from: &[u64], to: &[u64]) -> Lanes<L> {
    let writes = from.iter().zip(to).map(|(from, to)| real(to - from));
    kappas.iter().zip(writes).fold(Lanes::all(0.0), |sum, (kappa, writes)| sum + Lanes(*kappa) * writes)
}

/// The mean of exp(-x) over so many chunks, for exposures x from `longest` down, at even distances d, to d above `shortest`.
///
/// A geometric series, in terms that lose no digits where exposures hardly differ: with g(x) = (1 - exp(-x)) / x it is
/// exp(-shortest - d) g(longest - shortest) / g(d).
#[inline(always)]
fn mean_of_series<const L: usize>(longest: Lanes<L>, shortest: Lanes<L>, chunks: f64) -> Lanes<L> {
    let all = longest - shortest;
    let step = all * (1.0 / chunks);
    if (shortest + step).0.iter().all(|least| *least > exponential::CERTAIN) {
        return Lanes::all(0.0);
    }
    let mean = exponential::mean_untouched(all).zip(exponential::mean_untouched(step), |all, step| all / step);
    exponential::untouched(shortest + step) * mean
}

#[cfg(test)]
mod tests {
    use super::super::zones::zones;
    use super::super::{GuestConfig, Law, sample};
    use super::*;
    use crate::units::Pages;

    /// A guest whose workload number n lies at the page `place` says and has as many pages.
    fn guest(workloads: u64, place: impl Fn(u64) -> (u64, u64)) -> GuestConfig {
        let writer = |(offset, region)| sample::writer(Law::Uniform, Pages(offset), Pages(region));
        sample::guest(Pages(1 << 18), (0..workloads).map(place).map(writer).collect())
    }

    #[test]
    fn a_zone_gives_what_all_workloads_together_would_to_the_last_bit() {
        let workloads = 60;
        // Over each other, beside each other, and none at all.
        let zones = zones(&guest(workloads, |n| (n % 7 * 1000 + n * 13, 500 + n * 17)));
        let touches = Touches::new(&zones);
        let from: Vec<u64> = (0..workloads).map(|n| n * n).collect();
        let to: Vec<u64> = (0..workloads).map(|n| n * n + n % 5 * 7).collect();
        let mut chances = Vec::new();
        let (mut empty, mut several) = (0, 0);
        for (index, zone) in zones.iter().enumerate() {
            touches.untouched(index, &from, &to, &mut chances);
            assert_eq!(chances.len(), zone.classes.len().next_multiple_of(touches.lanes(index)));
            for (class, found) in zone.classes.iter().zip(&chances) {
                let random = &class.random;
                (empty, several) = (empty + usize::from(random.is_empty()), several + usize::from(random.len() > 1));
                let column =
                    |n| random.iter().filter(|(workload, _)| *workload == n).map(|(_, kappa)| kappa).sum::<f64>();
                let all: f64 = (0..workloads as usize).map(|n| column(n) * real(to[n] - from[n])).sum();
                assert_eq!(found.to_bits(), libm::exp(-all).to_bits(), "zone {index}");
            }
        }
        assert!(empty > 0 && several > 0, "{empty} without a writer, {several} with more than one");
    }

    #[test]
    fn thousands_of_workloads_cost_no_square() {
        for workloads in [500, 5000] {
            let touches = Touches::new(&zones(&guest(workloads, |n| (n * 4, 4))));
            assert_eq!(touches.kappas.len() as u64, workloads);
        }
    }
}
