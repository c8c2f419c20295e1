//! Counts passes that repeat: looks after each sync, and lets them pass.

use super::migration::Migration;
use super::repeats::{BlockStart, PassBlock, SYNCS};
use crate::guest::GuestMemory;
use crate::scenario::{At, When};
use crate::units::Span;

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
        };
        let blocks = self.clock.jumps_until().since(self.clock.now()).0 / block.length.0.max(1);
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

    /// Whether nobody waits for a pass of some number, and the guest runs on.
    fn nothing_else_changes(&self) -> bool {
        let waits = matches!(self.scenario.at.get(self.obeyed), Some(At { when: When::Pass(_), .. }));
        let hears = self.orders.as_ref().is_some_and(|orders| orders.engine.hears_iterations());
        !waits && !hears && !self.postcopy_requested && self.throttler.halted().is_none()
    }

    /// As many blocks pass.
    fn repeat(&mut self, block: &PassBlock, blocks: u64) {
        let span = Span(block.length.0.saturating_mul(blocks));
        let now = self.clock.now();
        if !self.throttler.keeps_pace(now, block.length, now + span) {
            return;
        }
        let syncs = block.syncs.saturating_mul(blocks);
        let sent_before = self.sender.transferred();
        self.sender.repeat(span, &block.counters.times(blocks));
        self.throttler.repeat(now, span, syncs, self.sender.transferred() - sent_before);
        self.clock.jump(span);
        self.record_repeats(syncs);
    }
}
