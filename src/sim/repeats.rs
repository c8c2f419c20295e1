//! Passes that repeat: a guest that dirties more than the link carries, and that nothing slows further, goes round and round
//! until its time is up. Such passes are counted, not walked.
//!
//! Two blocks of passes, each ending where the cursor begins RAM again, are held against each other: length, bytes and
//! faults of a mean pass, and the least that remained after a sync. Where they agree and stay away from the threshold, the
//! time up to the next event is filled with such blocks, all but the last one. What a migration that does not converge shows at
//! its end is a mean of its passes then; whether it converges is not touched.

use super::migration::Migration;
use super::sender::Counters;
use crate::guest::GuestMemory;
use crate::scenario::{At, When};
use crate::units::{Span, Time};

/// Looks for passes that repeat.
#[derive(Clone, Default)]
pub(super) struct PassRepeats {
    /// Where the block under way began.
    from: BlockStart,
    /// The block before.
    before: Option<PassBlock>,
    /// The cursor at the last sync [page].
    cursor: u64,
}

/// The state in which a block of passes begins.
#[derive(Clone, Default)]
struct BlockStart {
    at: Time,
    syncs: u64,
    counters: Counters,
    /// Least distance to the threshold after a sync so far, as a share of the threshold.
    margin: Option<f64>,
}

/// Some dozens of passes.
#[derive(Clone)]
struct PassBlock {
    length: Span,
    syncs: u64,
    counters: Counters,
    margin: f64,
    throttle_pct: f64,
}

/// Syncs in a block, at least.
const SYNCS: u64 = 32;
/// How far apart the means of two blocks may be, as a share.
const ALIKE: f64 = 0.02;
/// The least distance to the threshold, as a share of it: nearer, a rare meeting of clock and cursor could decide.
const MARGIN: f64 = 0.005;

impl PassBlock {
    /// Whether a mean pass is the same, and so far from the threshold that it stays so for as many `blocks`.
    fn goes_on_like(&self, before: &PassBlock, blocks: u64) -> bool {
        let near = |one: u64, other: u64| {
            let (one, other) = (one as f64 / before.syncs as f64, other as f64 / self.syncs as f64);
            (one - other).abs() <= ALIKE * one.max(other)
        };
        let drift = (before.margin - self.margin).max(0.0) * blocks as f64;
        self.throttle_pct == before.throttle_pct
            && before.margin.min(self.margin) > MARGIN
            && drift < 0.5 * self.margin
            && near(before.length.0, self.length.0)
            && before.counters.figures().into_iter().zip(self.counters.figures()).all(|(one, other)| near(one, other))
    }
}

impl<M: GuestMemory> Migration<'_, M> {
    /// After a sync of a pass: ends a block, and counts those to come if they are alike.
    pub(super) fn look_for_repeats(&mut self) {
        let Some(repeats) = &mut self.repeats else { return };
        let threshold = self.sender.threshold().0 as f64;
        let margin = (self.sender.remaining().0 as f64 - threshold) / threshold.max(1.0);
        repeats.from.margin = Some(repeats.from.margin.map_or(margin, |least| least.min(margin)));
        let cursor = self.sender.cursor();
        let begins_again = cursor <= std::mem::replace(&mut repeats.cursor, cursor);
        if begins_again && self.throttler.sync_count() - repeats.from.syncs >= SYNCS {
            self.end_block();
        }
    }

    #[cold]
    fn end_block(&mut self) {
        let Some(mut repeats) = self.repeats.take() else { return };
        let from = &repeats.from;
        let block = PassBlock {
            length: self.clock.now() - from.at,
            syncs: self.throttler.sync_count() - from.syncs,
            counters: self.sender.counters().since(&from.counters),
            margin: from.margin.unwrap_or(0.0),
            throttle_pct: self.throttler.felt().pct(),
        };
        let blocks = self.clock.repeats_until().since(self.clock.now()).0 / block.length.0.max(1);
        let before = repeats.before.take().filter(|_| blocks > 1 && self.nothing_else_changes());
        repeats.before = match before.is_some_and(|before| block.goes_on_like(&before, blocks)) {
            true => {
                self.repeat(&block, blocks - 1);
                None
            }
            false => Some(block),
        };
        repeats.from = BlockStart {
            at: self.clock.now(),
            syncs: self.throttler.sync_count(),
            counters: self.sender.counters().clone(),
            margin: None,
        };
        self.repeats = Some(repeats);
    }

    /// Whether no decision can slow the guest further, and nobody waits for a pass of some number.
    fn nothing_else_changes(&self) -> bool {
        let waits = matches!(self.scenario.at.get(self.obeyed), Some(At { when: When::Pass(_), .. }));
        let hears = self.orders.as_ref().is_some_and(|orders| orders.engine.hears_iterations());
        let (params, capabilities) = (self.sender.params(), self.scenario.qemu.capabilities);
        let slows = capabilities.auto_converge && self.throttler.can_slow_further(params);
        !waits && !hears && !slows && !self.postcopy_requested && self.throttler.halted().is_none()
    }

    /// As many blocks pass.
    fn repeat(&mut self, block: &PassBlock, blocks: u64) {
        let whole = Span(block.length.0.saturating_mul(blocks));
        // The slices of a throttle go on where they are.
        let span = self.throttler.whole_slices(whole);
        if span == Span::ZERO {
            return;
        }
        let times = span.0 as f64 / block.length.0 as f64;
        let syncs = (block.syncs as f64 * times) as u64;
        let sent_before = self.sender.transferred();
        let now = self.clock.now();
        self.sender.repeat(span, &block.counters.times(times));
        self.throttler.repeat(now, span, syncs, self.sender.transferred() - sent_before);
        self.clock.repeat(span);
        self.record_repeats(syncs);
    }
}
