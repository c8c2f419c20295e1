//! How long a migration surely goes on.

use super::super::migration::Migration;
use super::super::outside::Event as Happening;
use super::super::sending::CALL_LIMIT;
use crate::guest::Memory;
use crate::qemu::{Accel, TIMER_SLACK, Window, limiter, wire};
use crate::units::{Bytes, Pages, Rate, Span, Time};

/// What happens outside and may stop or end a migration.
const ENDS: [Happening; 4] = [Happening::Command, Happening::Orchestrator, Happening::LinkFailure, Happening::Limit];

impl<M: Memory> Migration<'_, M> {
    /// When the guest may be stopped at the earliest, and when the migration may be over or its share settled, if its
    /// share is known up to `settled` and is at most `most` from then on.
    ///
    /// To end, it must send all that waits now; to stop, all but what may be left then.
    pub(super) fn may_stop_and_end(&self, settled: Time, most: Rate) -> (Time, Time) {
        let looks_at_passes = self.orders.is_some() || !self.scenario.at.is_empty();
        let at_any_time = self.caps.xbzrle
            || self.caps.compress
            || self.scenario.qemu.accel == Accel::Tcg
            || self.postcopy_requested
            || self.orders.as_ref().is_some_and(|orders| orders.switch_over.is_some())
            || (looks_at_passes && self.auto_converge.sync_count() == 0);
        if at_any_time {
            return (self.now, self.now);
        }
        let outside = ENDS.into_iter().chain(looks_at_passes.then_some(Happening::Tick));
        let outside = outside.map(|event| self.outside.due(event)).fold(Time::NEVER, Time::min);
        // Zero pages cost next to nothing, but are sent only once; a page may be under way.
        let zero = if self.memory.has_wrapped() { Pages(0) } else { self.scenario.guest.zero };
        let full = self.memory.remaining().saturating_sub(zero.0 + 1);
        let left = Bytes(self.highest_threshold(most)).pages().0 + 1;
        let sent = |pages: u64| self.through(self.stream.cost(false).bytes(pages).saturating_sub(1), settled, most);
        let stop = sent(full.saturating_sub(left)).min(outside);
        let config = &self.scenario.qemu;
        // Who looks at passes may end it as one begins, which is when it may be stopped.
        let end = if looks_at_passes { stop } else { sent(full) + config.sync_time + config.switchover_time };
        (stop, end.min(outside))
    }

    /// Bytes that may be left at the stop, at the highest bandwidth that a window can show [bytes].
    fn highest_threshold(&self, most: Rate) -> u64 {
        let fastest = self.link.steps.iter().map(|step| step.1).fold(most, Rate::max);
        let whole = fastest.bytes_in(limiter::WINDOW).0;
        let elapsed = self.now - self.window.start;
        let begun = self.counters.wire - self.window.wire_before;
        let here = begun + fastest.bytes_in(Span(limiter::WINDOW.0.saturating_sub(elapsed.0))).0;
        // Whole ms, the frames of calls and a last page come on top.
        let frames = 64 * wire::NORMAL_PAGE + 4 * self.stream.per_call();
        let transferred = Bytes(whole.max(here) + whole.max(here) / 16 + frames);
        let window = Window { transferred, spent: limiter::WINDOW };
        window.estimate(&self.profile, &self.params).threshold_size.max(self.estimate.threshold_size)
    }

    /// When so many bytes are through at the earliest.
    fn through(&self, bytes: u64, settled: Time, most: Rate) -> Time {
        let (mut left, mut now) = (bytes, self.now);
        let ends = self.link.steps.iter().skip(1).map(|step| step.0).chain([settled.max(self.now)]);
        for (&(_, rate), end) in self.link.steps.iter().zip(ends) {
            let here = rate.bytes_in(end.since(now)).0;
            if here >= left {
                return now + rate.time_for(Bytes(left));
            }
            left -= here;
            now = now.max(end);
        }
        now + most.time_for(Bytes(left))
    }

    /// A bound on the time that a turn of the loop takes while the guest runs on.
    pub(super) fn longest_turn(&self) -> Span {
        let slowest = self.link.steps.iter().map(|step| step.1).fold(self.stream.rate(), Rate::min);
        let page = |zero: bool| self.stream.cost(zero).time(2 * wire::CALL_CHECK_PAGES);
        let pages = page(false).max(page(true));
        let slower = self.stream.rate().0 / slowest.0.max(1) + 1;
        CALL_LIMIT + limiter::WINDOW + TIMER_SLACK + self.scenario.qemu.sync_time + pages * slower
    }
}
