//! Passes that repeat: a guest that dirties more than the link carries, and that nothing slows, goes round and round
//! until its time is up. Such passes are counted, not walked.
//!
//! Two blocks of passes, each ending where the cursor begins RAM again, are held against each other: length, bytes and
//! faults of a mean pass, and the least that remained after a sync. Where they agree and stay away from the threshold, the
//! time up to the next event is filled with their mean passes, all but the last few. What a migration that does not converge shows at
//! its end is a mean of its passes then; whether it converges is not touched.

use super::sender::Counters;
use crate::qemu::limiter;
use crate::units::{Span, Time};

/// Looks for passes that repeat.
#[derive(Clone)]
pub(super) struct PassRepeats {
    /// Where the block under way began.
    pub(super) from: BlockStart,
    /// The block before.
    pub(super) before: Option<PassBlock>,
    /// The cursor at the last sync [page].
    pub(super) cursor: u64,
    /// Syncs of the block under way.
    pub(super) syncs: u64,
}

impl Default for PassRepeats {
    fn default() -> PassRepeats {
        PassRepeats { from: BlockStart::default(), before: None, cursor: 0, syncs: FIRST_SYNCS }
    }
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

/// Syncs in the first block; each block has twice those of the one before, up to [`PassBlock::needed`].
const FIRST_SYNCS: u64 = 4;
/// Syncs that show what passes do.
const SYNCS: u64 = 64;
/// The like of passes shorter than a bandwidth window: they meet its threshold in all kinds of phases.
const SHORT_SYNCS: u64 = 512;
/// Passes before the next event that are walked all the same.
pub(super) const LEFT: u64 = 8;
/// How far apart the means of two blocks may be, as a share; less for blocks that are shorter than needed.
const ALIKE: f64 = 0.02;
/// The least distance to the threshold, as a share of it: nearer, a rare meeting of clock and cursor could decide. More for blocks
/// that are shorter than needed.
const MARGIN: f64 = 0.05;

impl PassBlock {
    /// Whether a mean pass is the same, and so far from the threshold that it stays so for as many `passes`. The fewer were
    /// seen, the closer must be the one and the farther the other.
    pub(super) fn goes_on_like(&self, before: &PassBlock, passes: u64) -> bool {
        let seen = (before.syncs.min(self.syncs) as f64 / self.needed() as f64).min(1.0).sqrt();
        let near = |one: u64, other: u64| {
            let (one, other) = (one as f64 / before.syncs as f64, other as f64 / self.syncs as f64);
            (one - other).abs() <= ALIKE * seen * one.max(other)
        };
        let drift = (before.margin - self.margin).max(0.0) * passes as f64 / self.syncs as f64;
        before.margin.min(self.margin) > MARGIN / seen
            && drift < 0.5 * self.margin
            && near(before.length.0, self.length.0)
            && before.counters.figures().into_iter().zip(self.counters.figures()).all(|(one, other)| near(one, other))
    }

    /// What so many mean passes make of a figure of the block.
    pub(super) fn of_passes(&self, figure: u64, passes: u64) -> u64 {
        let all = u128::from(figure) * u128::from(passes) / u128::from(self.syncs.max(1));
        u64::try_from(all).unwrap_or(u64::MAX)
    }

    /// How many mean passes fit into a time.
    pub(super) fn passes_in(&self, time: Span) -> u64 {
        let passes = u128::from(time.0) * u128::from(self.syncs) / u128::from(self.length.0.max(1));
        u64::try_from(passes).unwrap_or(u64::MAX)
    }

    /// Syncs that show what passes of this length do.
    pub(super) fn needed(&self) -> u64 {
        if self.length.0 / self.syncs.max(1) < limiter::WINDOW.0 { SHORT_SYNCS } else { SYNCS }
    }
}
