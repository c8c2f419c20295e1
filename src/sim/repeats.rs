//! Passes that repeat: a guest that dirties more than the link carries, and that nothing slows, goes round and round
//! until its time is up. Such passes are counted, not walked.
//!
//! Two blocks of passes, each ending where the cursor begins RAM again, are held against each other: length, bytes and
//! faults of a mean pass, and the least that remained after a sync. Where they agree and stay away from the threshold, the
//! time up to the next event is filled with such blocks, all but the last one. What a migration that does not converge shows at
//! its end is a mean of its passes then; whether it converges is not touched.

use super::sender::Counters;
use crate::qemu::limiter;
use crate::units::{Span, Time};

/// Looks for passes that repeat.
#[derive(Clone, Default)]
pub(super) struct PassRepeats {
    /// Where the block under way began.
    pub(super) from: BlockStart,
    /// The block before.
    pub(super) before: Option<PassBlock>,
    /// The cursor at the last sync [page].
    pub(super) cursor: u64,
}

/// The state in which a block of passes begins.
#[derive(Clone, Default)]
pub(super) struct BlockStart {
    pub(super) at: Time,
    pub(super) syncs: u64,
    pub(super) counters: Counters,
    /// Least distance to the threshold after a sync so far, as a share of the threshold.
    pub(super) margin: Option<f64>,
}

/// Some dozens of passes.
#[derive(Clone)]
pub(super) struct PassBlock {
    pub(super) length: Span,
    pub(super) syncs: u64,
    pub(super) counters: Counters,
    pub(super) margin: f64,
}

/// Syncs in a block, at least.
pub(super) const SYNCS: u64 = 64;
/// How far apart the means of two blocks may be, as a share.
const ALIKE: f64 = 0.02;
/// The least distance to the threshold, as a share of it: nearer, a rare meeting of clock and cursor could decide.
const MARGIN: f64 = 0.05;

impl PassBlock {
    /// Whether a mean pass is the same, and so far from the threshold that it stays so for as many `blocks`.
    pub(super) fn goes_on_like(&self, before: &PassBlock, blocks: u64) -> bool {
        let near = |one: u64, other: u64| {
            let (one, other) = (one as f64 / before.syncs as f64, other as f64 / self.syncs as f64);
            (one - other).abs() <= ALIKE * one.max(other)
        };
        let drift = (before.margin - self.margin).max(0.0) * blocks as f64;
        // Passes shorter than a bandwidth window meet its threshold in a phase that a block need not show.
        self.length.0 / self.syncs.max(1) >= limiter::WINDOW.0
            && before.margin.min(self.margin) > MARGIN
            && drift < 0.5 * self.margin
            && near(before.length.0, self.length.0)
            && before.counters.figures().into_iter().zip(self.counters.figures()).all(|(one, other)| near(one, other))
    }
}
