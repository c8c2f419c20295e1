//! Chances that random writers leave a page alone.

use crate::units::real;

/// Beyond so much exposure no page of any guest is expected to be untouched: 2e-22 of them.
const CERTAIN: f64 = 50.0;

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

/// Writes between two counts, workload by workload, into `writes`.
pub(super) fn between(from: &[u64], to: &[u64], writes: &mut Vec<f64>) {
    writes.clear();
    writes.extend(from.iter().zip(to).map(|(from, to)| real(to - from)));
}
