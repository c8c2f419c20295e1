//! Counts passes that repeat: looks after each sync, and lets them pass.

use super::migration::{Interrupted, Migration};
use super::repeats::{PassBlock, PassRepeats};
use crate::guest::GuestMemory;
use crate::scenario::{At, When};
use crate::units::Span;

impl<M: GuestMemory> Migration<'_, M> {
    /// After a sync of a pass: ends a block, and counts those to come if they are alike.
    ///
    /// # Errors
    /// There is no hope, and that is all that is asked for.
    pub(super) fn look_for_repeats(&mut self) -> Result<(), Interrupted> {
        let Some(repeats) = &mut self.repeats else { return Ok(()) };
        let sender = &self.sender;
        let threshold = if repeats.against_highest { sender.most_threshold() } else { sender.threshold() };
        let margin = (sender.remaining().0 as f64 - threshold.0 as f64) / (threshold.0 as f64).max(1.0);
        if repeats.sync(sender.cursor(), margin, self.throttler.sync_count()) {
            self.end_block()?;
        }
        Ok(())
    }

    /// What comes is not what was.
    pub(super) fn forget_repeats(&mut self) {
        self.repeats.iter_mut().for_each(PassRepeats::forget);
    }

    #[cold]
    fn end_block(&mut self) -> Result<(), Interrupted> {
        let Some(mut repeats) = self.repeats.take() else { return Ok(()) };
        repeats.mark(self.clock.now(), self.throttler.sync_count(), self.sender.counters());
        let alike = || repeats.pairs().any(|(before, block)| self.is_hopeless(&before, &block));
        if repeats.until_hopeless && (self.is_outrun() || alike()) {
            return Err(Interrupted::OutOfTime);
        }
        let until = self.clock.repeats_until();
        let may_decide = || self.orders.is_some() || !self.nothing_is_due();
        let found = repeats
            .found(until)
            .or_else(|| self.stays_above(1.0, until).then(|| repeats.found_above(until, may_decide())).flatten());
        if let Some((block, passes)) = found
            && self.nothing_else_changes(block.pass())
        {
            self.repeat(&block, passes);
            repeats.forget();
            repeats.mark(self.clock.now(), self.throttler.sync_count(), self.sender.counters());
        }
        self.repeats = Some(repeats);
        Ok(())
    }

    /// Whether nobody waits for a pass of some number, and the guest runs on as in passes of this length.
    fn nothing_else_changes(&self, pass: Span) -> bool {
        let waits = matches!(self.scenario.at.get(self.obeyed), Some(At { when: When::Pass(_), .. }));
        let hears = self.orders.as_ref().is_some_and(|orders| orders.engine.hears_iterations());
        !waits && !hears && self.runs_on(pass)
    }

    /// Whether the guest is to run on at the source as it did in passes of this length.
    pub(super) fn runs_on(&self, pass: Span) -> bool {
        !self.postcopy_requested
            && self.throttler.is_settled(self.sender.params(), self.scenario.qemu.capabilities, pass)
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
        self.clock.repeat(span);
        self.record_repeats(passes);
    }
}
