//! What the log is expected to hold of a class of pages.

use super::chunks::Visit;
use crate::units::real;

/// What the log holds of the pages that the last sync reported, which are re-armed later than others.
#[derive(Clone, Copy)]
pub(super) enum Log<'a> {
    /// All of them, as nothing has re-armed them.
    Held,
    /// All of them, written since.
    Written,
    /// None of them: nobody writes here.
    Unwritten,
    /// Those written since their chunk was re-armed.
    Since(Visit<'a>),
}

impl Visit<'_> {
    /// Chance that a page of a class was written since its chunk was re-armed.
    pub(super) fn chance(&self, random: &[(usize, f64)], writes: &[u64]) -> f64 {
        let first = exposure(random, self.from, writes);
        if self.chunks == 1 {
            return touched(first);
        }
        let last = if self.is_open { 0.0 } else { exposure(random, self.to, writes) };
        touched_on_average(first, last, self.chunks)
    }
}

/// Sum of κ over the writes that random writers made between `from` and `to`.
pub(super) fn exposure(random: &[(usize, f64)], from: &[u64], to: &[u64]) -> f64 {
    random.iter().map(|&(workload, factor)| factor * real(to[workload] - from[workload])).sum()
}

/// Chance that a page was touched at all.
pub(super) fn touched(exposure: f64) -> f64 {
    if exposure == 0.0 { 0.0 } else { -libm::expm1(-exposure) }
}

/// The mean of [`touched`] over `chunks` chunks, whose exposures fall evenly from `first` towards `last`.
///
/// The untouched shares are a geometric series.
fn touched_on_average(first: f64, last: f64, chunks: u64) -> f64 {
    let step = (first - last) / chunks as f64;
    if step < 1e-9 {
        return touched(first);
    }
    1.0 - libm::exp(-last) * -libm::expm1(last - first) / (libm::expm1(step) * chunks as f64)
}
