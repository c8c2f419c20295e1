//! Chances that random writers leave a page alone.

use std::ops::Range;

use super::exponential;
use super::lanes::{LANES, Lanes};
use super::zones::Zone;
use crate::units::real;

/// How often one write of each workload hits a page, for each class of each zone.
///
/// The classes of a zone stand in blocks of four, the last one filled up with classes of no pages that nobody writes. A zone has
/// columns from its first random writer to its last one, so that thousands with a region of their own do not cost their square.
#[derive(Clone, Debug)]
pub(super) struct Touches {
    zones: Vec<ZoneTouches>,
    /// The factor κ by which one write lowers a page's chance of being untouched, as exp(-κ): for each block of each zone a
    /// row of its columns.
    kappas: Vec<Lanes>,
}

/// Where a zone's blocks and columns are.
#[derive(Clone, Debug)]
struct ZoneTouches {
    columns: Range<usize>,
    blocks: Range<usize>,
    /// How many columns, at least one.
    width: usize,
    /// First of its kappas.
    kappas: usize,
}

impl Touches {
    /// Those of the random writers of `zones`.
    pub(super) fn new(zones: &[Zone]) -> Touches {
        let mut touches = Touches { zones: Vec::with_capacity(zones.len()), kappas: Vec::new() };
        let mut first_block = 0;
        for zone in zones {
            let writers = || zone.classes.iter().flat_map(|class| class.random.iter().map(|&(workload, _)| workload));
            let first = writers().min().unwrap_or(0);
            let columns = first..writers().max().map_or(first, |last| last + 1);
            // A column of zeros where nobody writes, so that there are rows.
            let width = columns.len().max(1);
            let blocks = first_block..first_block + zone.classes.len().div_ceil(LANES);
            let kappas = touches.kappas.len();
            touches.kappas.resize(kappas + blocks.len() * width, Lanes::default());
            for (index, class) in zone.classes.iter().enumerate() {
                let row = kappas + index / LANES * width;
                for &(workload, kappa) in &class.random {
                    touches.kappas[row + workload - first].0[index % LANES] += kappa;
                }
            }
            first_block = blocks.end;
            touches.zones.push(ZoneTouches { columns, blocks, width, kappas });
        }
        touches
    }

    /// The blocks of a zone among those of all zones.
    #[inline(always)]
    pub(super) fn blocks(&self, zone: usize) -> Range<usize> {
        self.zones[zone].blocks.clone()
    }

    /// For each block of a zone, the chances that a page is not touched between two counts of writes, into `chances`.
    #[inline(always)]
    pub(super) fn untouched(&self, zone: usize, from: &[u64], to: &[u64], chances: &mut Vec<Lanes>) {
        let zone = &self.zones[zone];
        let (from, to) = (&from[zone.columns.clone()], &to[zone.columns.clone()]);
        chances.resize(zone.blocks.len(), Lanes::default());
        for (chance, kappas) in chances.iter_mut().zip(zone.rows(&self.kappas)) {
            *chance = exponential::untouched(&exposure(kappas, from, to));
        }
    }

    /// The mean of that over `chunks` chunks, of which the first sees the writes since `from` and, one after the other at an even
    /// pace, the one behind the last would see those since `last`.
    ///
    /// The chances are a geometric series.
    pub(super) fn untouched_on_average(
        &self,
        zone: usize,
        (from, last): (&[u64], &[u64]),
        to: &[u64],
        chunks: u64,
        chances: &mut Vec<Lanes>,
    ) {
        let zone = &self.zones[zone];
        let [from, last, to] = [from, last, to].map(|counts| &counts[zone.columns.clone()]);
        chances.resize(zone.blocks.len(), Lanes::default());
        for (chance, kappas) in chances.iter_mut().zip(zone.rows(&self.kappas)) {
            let mean = |longest, shortest| mean_of_series(longest, shortest, real(chunks));
            *chance = exposure(kappas, from, to).zip(exposure(kappas, last, to), mean);
        }
    }
}

impl ZoneTouches {
    /// For each block a row of columns; none where nobody writes at random, and no exposure.
    #[inline(always)]
    fn rows<'a>(&self, kappas: &'a [Lanes]) -> impl Iterator<Item = &'a [Lanes]> + use<'a> {
        kappas[self.kappas..self.kappas + self.blocks.len() * self.width].chunks_exact(self.width)
    }
}

/// Sums of κ over the writes of each workload between two counts.
#[inline(always)]
fn exposure(kappas: &[Lanes], from: &[u64], to: &[u64]) -> Lanes {
    let writes = from.iter().zip(to).map(|(from, to)| real(to - from));
    kappas.iter().zip(writes).fold(Lanes::default(), |sum, (kappa, writes)| sum + *kappa * writes)
}

/// The mean of exp(-x) over so many chunks, for exposures x from `longest` down, at even distances, to one step above `shortest`.
///
/// One class after the other: most of them take one of the short ways through `libm`, and four at once would all take the longest.
fn mean_of_series(longest: f64, shortest: f64, chunks: f64) -> f64 {
    let step = (longest - shortest) / chunks;
    if step < 1e-9 {
        return libm::exp(-longest);
    }
    libm::exp(-shortest) * -libm::expm1(shortest - longest) / (libm::expm1(step) * chunks)
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
            assert_eq!(chances.len(), zone.classes.len().div_ceil(LANES));
            let found = chances.iter().flat_map(|four| four.0);
            for (class, found) in zone.classes.iter().zip(found) {
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
            // A column for each, and one for the pages that nobody writes.
            assert_eq!(touches.kappas.len() as u64, workloads + 1);
        }
    }
}
