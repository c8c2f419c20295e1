//! Chances that random writers leave a page alone.

use std::ops::Range;

use super::zones::Zone;
use crate::units::real;

/// How often one write of each workload hits a page, for each class of each zone.
#[derive(Clone, Debug)]
pub(super) struct Touches {
    /// The factor κ by which one write lowers a page's chance of being untouched, as exp(-κ): a row for each class.
    kappas: Vec<f64>,
    workloads: usize,
}

/// Beyond so much exposure no page of any guest is expected to be untouched: 2e-22 of them.
const CERTAIN: f64 = 50.0;

impl Touches {
    /// Those of the random writers among `workloads`.
    pub(super) fn new(zones: &[Zone], workloads: usize) -> Touches {
        // A column more than nothing, so that there are rows.
        let workloads = workloads.max(1);
        let classes: usize = zones.iter().map(|zone| zone.classes.len()).sum();
        let mut kappas = vec![0.0; classes * workloads];
        let rows = kappas.chunks_exact_mut(workloads).zip(zones.iter().flat_map(|zone| &zone.classes));
        for (row, class) in rows {
            class.random.iter().for_each(|&(workload, kappa)| row[workload] += kappa);
        }
        Touches { kappas, workloads }
    }

    /// Those of all classes, a row for each.
    pub(super) fn all_rows(&self) -> impl Iterator<Item = &[f64]> {
        self.kappas.chunks_exact(self.workloads)
    }

    /// Those of the classes of a zone, a row for each.
    #[inline]
    pub(super) fn rows(&self, classes: Range<usize>) -> impl Iterator<Item = &[f64]> {
        self.kappas[classes.start * self.workloads..classes.end * self.workloads].chunks_exact(self.workloads)
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
