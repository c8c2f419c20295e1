//! What the log is expected to hold of a class of pages.

use super::chunks::Visit;
use crate::units::real;

/// What the log holds of the pages that the last sync reported, which are re-armed later than others.
#[derive(Clone, Copy)]
pub(super) enum Log<'a> {
    /// They were re-armed with all others.
    SinceSync,
    /// All of them, as nothing has re-armed them.
    Held,
    /// All of them, written since.
    Written,
    /// None of them: nobody writes here.
    Unwritten,
    /// Those written since their chunk was re-armed.
    SinceVisit { from: &'a [u64] },
    /// The same for several chunks, re-armed one after the other.
    SinceVisits(Visit<'a>),
}

impl Log<'_> {
    /// Chance that the log holds a reported page of a class, `since_sync` that it was written since the last sync.
    pub(super) fn chance(&self, random: &[(usize, f64)], writes: &[u64], since_sync: f64) -> f64 {
        match self {
            Log::SinceSync => since_sync,
            Log::Held | Log::Written => 1.0,
            Log::Unwritten => 0.0,
            Log::SinceVisit { from } => touched(exposure(random, from, writes)),
            Log::SinceVisits(Visit { from, to, is_open, chunks }) => {
                let last = if *is_open { 0.0 } else { exposure(random, to, writes) };
                touched_on_average(exposure(random, from, writes), last, *chunks)
            }
        }
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
