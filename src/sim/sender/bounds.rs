//! What a sender on a shared link surely cannot do before a given moment, and its share of the link.

use super::Sender;
use super::stream::Stream;
use crate::guest::GuestMemory;
use crate::qemu::{TIMER_SLACK, Window, limiter, wire};
use crate::units::{Bytes, Pages, Rate, Span, Time};

impl<M: GuestMemory> Sender<'_, M> {
    /// When at the earliest so little is left that the guest may be stopped, and when all that waits now is through, at
    /// a share that is known up to `settled` and is at most `most` from then on.
    pub(in crate::sim) fn earliest_stop_and_end(&self, now: Time, settled: Time, most: Rate) -> (Time, Time) {
        // Zero pages cost next to nothing, but are sent only once; a page may be under way.
        let zero = if self.memory.has_wrapped() { Pages(0) } else { self.scenario.guest.zero };
        let full = self.memory.remaining().saturating_sub(zero.0 + 1);
        let left = Bytes(self.highest_threshold(now, most)).pages().0 + 1;
        let sent = |pages: u64| {
            let bytes = self.stream.cost(false).bytes(pages).saturating_sub(1);
            self.through(bytes, now, settled, most)
        };
        (sent(full.saturating_sub(left)), sent(full))
    }

    /// Bytes that may be left at the stop, at the highest bandwidth that a window can show [bytes].
    fn highest_threshold(&self, now: Time, most: Rate) -> u64 {
        let fastest = self.link.steps.iter().map(|step| step.1).fold(most, Rate::max);
        let whole = fastest.bytes_in(limiter::WINDOW).0;
        let elapsed = now - self.window.start();
        let begun = self.counters.wire - self.window.wire_before();
        let here = begun + fastest.bytes_in(Span(limiter::WINDOW.0.saturating_sub(elapsed.0))).0;
        // Whole ms, the frames of calls and a last page come on top.
        let frames = 64 * wire::NORMAL_PAGE + 4 * self.stream.per_call();
        let transferred = Bytes(whole.max(here) + whole.max(here) / 16 + frames);
        let window = Window { transferred, spent: limiter::WINDOW };
        window.estimate(&self.profile, &self.params).threshold_size.max(self.estimate.threshold_size)
    }

    /// When so many bytes are through at the earliest.
    fn through(&self, bytes: u64, now: Time, settled: Time, most: Rate) -> Time {
        let (mut left, mut at) = (bytes, now);
        let ends = self.link.steps.iter().skip(1).map(|step| step.0).chain([settled.max(now)]);
        for (&(_, rate), end) in self.link.steps.iter().zip(ends) {
            let here = rate.bytes_in(end.since(at)).0;
            if here >= left {
                return at + rate.time_for(Bytes(left));
            }
            left -= here;
            at = at.max(end);
        }
        at + most.time_for(Bytes(left))
    }

    /// A bound on the time that an iterate call and the limiter's sleep after it take.
    pub(in crate::sim) fn longest_call(&self) -> Span {
        let slowest = self.link.steps.iter().map(|step| step.1).fold(self.stream.rate(), Rate::min);
        let page = |zero: bool| self.stream.cost(zero).time(2 * wire::CALL_CHECK_PAGES);
        let pages = page(false).max(page(true));
        let slower = self.stream.rate().0 / slowest.0.max(1) + 1;
        super::CALL_LIMIT + limiter::WINDOW + TIMER_SLACK + pages * slower
    }

    /// The least time in which so many pages are sent that are not zero, while the link stays as it is.
    pub(in crate::sim) fn least_time_for(&self, pages: Pages) -> Span {
        let cost = self.stream.cost(false);
        let pages = pages.0.saturating_sub(self.stream.under_way() + 1);
        // A quota may be used up at both ends of a window, and is exceeded by what a call sends between two looks.
        let of_window = cost.pages_to_exceed(limiter::quota(self.params.max_bandwidth), 0, 0);
        let windows = (pages / of_window.saturating_add(wire::CALL_CHECK_PAGES)).saturating_sub(2);
        cost.time(pages).max(limiter::WINDOW * windows)
    }

    /// What `max-bandwidth` lets it use of `channels` [bytes/s].
    pub(in crate::sim) fn cap(&self, channels: Rate) -> Rate {
        let max = self.params.max_bandwidth;
        if limiter::quota(max) == 0 { channels } else { channels.min(max) }
    }

    /// The last share that it has heard of.
    pub(in crate::sim) fn share(&self) -> Rate {
        self.link.steps.last().map_or(Rate(0), |step| step.1)
    }

    /// Hears that its share is another one from `at` on, which is not before `now`; nothing that is known changes after that.
    pub(in crate::sim) fn hear_share(&mut self, now: Time, at: Time, share: Rate) {
        // What was before the step in force no longer matters.
        let steps = &mut self.link.to_mut().steps;
        steps.drain(..steps.partition_point(|(from, _)| *from <= now).max(1) - 1);
        while steps.last().is_some_and(|(from, _)| *from >= at) {
            steps.pop();
        }
        steps.push((at, share));
    }

    /// Its first share, from the start on.
    pub(in crate::sim) fn start_at_share(&mut self, share: Rate) {
        self.link.to_mut().steps = vec![(Time::ZERO, share)];
        self.stream = Stream::new(share, self.scenario.zero_scan(), &self.scenario.qemu, &self.profile);
    }
}
