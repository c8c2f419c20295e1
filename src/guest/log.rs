//! Chances that random writers leave a page alone.

use std::ops::Range;

use super::zones::Zone;
use crate::units::real;

/// How often one write of each workload hits a page, for each class of each zone.
///
/// A guest of few workloads has a column for each of them in every zone. Of one of many, a zone has columns from its
/// first random writer to its last one, so that thousands with a region of their own do not cost their square. What is
/// left out are zeros: no sum moves by a bit.
#[derive(Clone, Debug)]
pub(super) struct Touches {
    /// The factor κ by which one write lowers a page's chance of being untouched, as exp(-κ): a row for each class.
    kappas: Vec<f64>,
    workloads: usize,
    /// For each zone, if zones have columns of their own.
    narrow: Vec<Narrow>,
}

/// Columns and rows of one zone.
#[derive(Clone, Debug)]
struct Narrow {
    columns: Range<usize>,
    kappas: Range<usize>,
}

/// Up to so many workloads, looking up a zone's own columns costs more than the zeros in all of them.
const FEW: usize = 32;

/// Beyond so much exposure no page of any guest is expected to be untouched: 2e-22 of them.
const CERTAIN: f64 = 50.0;

impl Touches {
    /// Those of the random writers among `workloads`.
    pub(super) fn new(zones: &[Zone], workloads: usize) -> Touches {
        if workloads > FEW {
            return Touches::narrow(zones, workloads);
        }
        // A column more than nothing, so that there are rows.
        let workloads = workloads.max(1);
        let classes: usize = zones.iter().map(|zone| zone.classes.len()).sum();
        let mut kappas = vec![0.0; classes * workloads];
        let rows = kappas.chunks_exact_mut(workloads).zip(zones.iter().flat_map(|zone| &zone.classes));
        for (row, class) in rows {
            class.random.iter().for_each(|&(workload, kappa)| row[workload] += kappa);
        }
        Touches { kappas, workloads, narrow: Vec::new() }
    }

    fn narrow(zones: &[Zone], workloads: usize) -> Touches {
        let mut touches = Touches { kappas: Vec::new(), workloads, narrow: Vec::with_capacity(zones.len()) };
        for zone in zones {
            let writers = || zone.classes.iter().flat_map(|class| class.random.iter().map(|&(workload, _)| workload));
            let first = writers().min().unwrap_or(0);
            let columns = first..writers().max().unwrap_or(first) + 1;
            let start = touches.kappas.len();
            touches.kappas.resize(start + zone.classes.len() * columns.len(), 0.0);
            for (row, class) in touches.kappas[start..].chunks_exact_mut(columns.len()).zip(&zone.classes) {
                class.random.iter().for_each(|&(workload, kappa)| row[workload - first] += kappa);
            }
            touches.narrow.push(Narrow { columns, kappas: start..touches.kappas.len() });
        }
        touches
    }

    /// Whether zones have columns of their own; `NARROW` of whatever is asked next.
    pub(super) fn is_narrow(&self) -> bool {
        !self.narrow.is_empty()
    }

    /// Those of all classes, a row for each, where each zone has a column for each workload.
    pub(super) fn all_rows(&self) -> impl Iterator<Item = &[f64]> {
        self.kappas.chunks_exact(self.workloads)
    }

    /// Those of a zone, which has these `classes` among those of all zones: a row for each.
    #[inline(always)]
    pub(super) fn rows<const NARROW: bool>(&self, zone: usize, classes: Range<usize>) -> impl Iterator<Item = &[f64]> {
        if NARROW {
            let Narrow { columns, kappas } = &self.narrow[zone];
            return self.kappas[kappas.clone()].chunks_exact(columns.len());
        }
        self.kappas[classes.start * self.workloads..classes.end * self.workloads].chunks_exact(self.workloads)
    }

    /// Writes of the workloads of a zone's columns between two counts, into `writes`.
    #[inline(always)]
    pub(super) fn between<const NARROW: bool>(&self, zone: usize, from: &[u64], to: &[u64], writes: &mut Vec<f64>) {
        if NARROW {
            let Narrow { columns, .. } = &self.narrow[zone];
            return between(&from[columns.clone()], &to[columns.clone()], writes);
        }
        between(from, to, writes);
    }
}

/// Sum of κ over so many writes of each workload.
#[inline]
fn exposure(kappas: &[f64], writes: &[f64]) -> f64 {
    kappas.iter().zip(writes).map(|(kappa, writes)| kappa * writes).sum()
}

/// Chance that a page is not touched by so many writes of each workload.
#[inline]
pub(super) fn untouched(kappas: &[f64], writes: &[f64]) -> f64 {
    match exposure(kappas, writes) {
        0.0 => 1.0,
        exposure if exposure > CERTAIN => 0.0,
        exposure => libm::exp(-exposure),
    }
}

/// The mean of that over `chunks` chunks, of which the first sees the writes `first` and, one after the other at an even
/// pace, the one behind the last would see the writes `last`.
///
/// The chances are a geometric series.
pub(super) fn untouched_on_average(kappas: &[f64], first: &[f64], last: &[f64], chunks: u64) -> f64 {
    let (longest, shortest) = (exposure(kappas, first), exposure(kappas, last));
    let step = (longest - shortest) / real(chunks);
    if step < 1e-9 {
        return libm::exp(-longest);
    }
    libm::exp(-shortest) * -libm::expm1(shortest - longest) / (libm::expm1(step) * real(chunks))
}

/// Writes of each workload between two counts, into `writes`.
pub(super) fn between(from: &[u64], to: &[u64], writes: &mut Vec<f64>) {
    writes.clear();
    writes.extend(from.iter().zip(to).map(|(from, to)| real(to - from)));
}

#[cfg(test)]
mod tests {
    use super::super::zones::{Class, zones};
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
        let touches = Touches::new(&zones, workloads as usize);
        let from: Vec<u64> = (0..workloads).map(|n| n * n).collect();
        let to: Vec<u64> = (0..workloads).map(|n| n * n + n % 5 * 7).collect();
        let mut writes = Vec::new();
        let (mut empty, mut several) = (0, 0);
        for (index, zone) in zones.iter().enumerate() {
            let rows = || touches.rows::<true>(index, zone.all_classes());
            touches.between::<true>(index, &from, &to, &mut writes);
            assert_eq!(rows().count(), zone.classes.len());
            for (kappas, Class { random, .. }) in rows().zip(&zone.classes) {
                (empty, several) = (empty + usize::from(random.is_empty()), several + usize::from(random.len() > 1));
                let column = |n| random.iter().filter(|(workload, _)| *workload == n).map(|(_, kappa)| kappa).sum();
                let all: Vec<f64> = (0..workloads as usize).map(column).collect();
                let every: Vec<f64> = from.iter().zip(&to).map(|(from, to)| real(to - from)).collect();
                assert_eq!(untouched(kappas, &writes).to_bits(), untouched(&all, &every).to_bits(), "zone {index}");
            }
        }
        assert!(empty > 0 && several > 0, "{empty} without a writer, {several} with more than one");
    }

    #[test]
    fn thousands_of_workloads_cost_no_square() {
        for workloads in [500, 5000] {
            let touches = Touches::new(&zones(&guest(workloads, |n| (n * 4, 4))), workloads as usize);
            // A column for each, and one for the pages that nobody writes.
            assert_eq!(touches.kappas.len() as u64, workloads + 1);
        }
    }
}
