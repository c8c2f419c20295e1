//! Counts passes that repeat: looks after each sync, and lets them pass.

use super::migration::Migration;
use super::repeats::{BlockStart, LEFT, PassBlock};
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
        if begins_again && self.throttler.sync_count() - repeats.from.syncs >= repeats.syncs {
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
        let passes = block.passes_in(self.clock.jumps_until().since(self.clock.now())).saturating_sub(LEFT);
        let before = repeats.before.take().filter(|_| passes > block.syncs && self.nothing_else_changes());
        repeats.before = match before.is_some_and(|before| block.goes_on_like(&before, passes)) {
            true => {
                self.repeat(&block, passes);
                None
            }
            false => {
                repeats.syncs = (2 * repeats.syncs).min(block.needed());
                Some(block)
            }
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

    /// As many passes are counted, each the mean one of the block.
    fn repeat(&mut self, block: &PassBlock, passes: u64) {
        let span = Span(block.of_passes(block.length.0, passes));
        let now = self.clock.now();
        if !self.throttler.keeps_pace(now, block.length, now + span) {
            return;
        }
        let sent_before = self.sender.transferred();
        self.sender.repeat(span, &block.counters.map(|figure| block.of_passes(figure, passes)));
        self.throttler.repeat(now, span, passes, self.sender.transferred() - sent_before);
        self.clock.jump(span);
        self.record_repeats(passes);
    }
}
