//! Chances that random writers leave a page alone.

use super::zones::Class;
use crate::units::real;

impl Class {
    /// Sum of κ over the writes that random writers made between `from` and `to`.
    fn exposure(&self, from: &[u64], to: &[u64]) -> f64 {
        self.random.iter().map(|&(workload, kappa)| kappa * real(to[workload] - from[workload])).sum()
    }

    /// Chance that a page was not touched between `from` and `to`.
    pub(super) fn untouched(&self, from: &[u64], to: &[u64]) -> f64 {
        let exposure = self.exposure(from, to);
        if exposure == 0.0 { 1.0 } else { libm::exp(-exposure) }
    }

    /// The mean of that over `chunks` chunks of which the first counts from `first` on and, one after the other at an
    /// even pace, the one behind the last would from `last` on.
    ///
    /// The chances are a geometric series.
    pub(super) fn untouched_on_average(&self, first: &[u64], last: &[u64], to: &[u64], chunks: u64) -> f64 {
        let (longest, shortest) = (self.exposure(first, to), self.exposure(last, to));
        let step = (longest - shortest) / real(chunks);
        if step < 1e-9 {
            return libm::exp(-longest);
        }
        libm::exp(-shortest) * -libm::expm1(shortest - longest) / (libm::expm1(step) * real(chunks))
    }
}
