//! The limiter and its windows: what is learnt when one closes, and the jump over those that are all alike
//! (qemu-precopy 2.2, 2.3).

use super::Event;
use super::migration::{Counters, Interrupted, Migration, OpenWindow};
use super::pattern::{Patterns, Repeating};
use crate::guest::Memory;
use crate::qemu::{ExpectedDowntime, TIMER_SLACK, Window, limiter};
use crate::units::{Bytes, PAGE_SIZE, Span, Time};

impl<M: Memory> Migration<'_, M> {
    /// The limiter's turn: closes a window that is over, and sleeps out one that is used up.
    pub(super) fn rate_limit(&mut self) -> Result<(), Interrupted> {
        if self.now.whole_ms() >= self.window.start.whole_ms() + limiter::WINDOW.whole_ms() {
            self.close_window();
            self.skip();
        }
        if self.rate_exceeded() {
            self.window.slept_from = Some(self.now - self.window.start);
            self.advance(self.window.start + limiter::WINDOW + TIMER_SLACK)?;
        }
        Ok(())
    }

    pub(super) fn close_window(&mut self) {
        let length = self.now - self.window.start;
        self.learn(self.counters.wire - self.window.wire_before, self.window.start);
        if let Some(patterns) = &mut self.patterns {
            let Counters { ram, wire, .. } = self.counters;
            let (ram, wire) = (ram - self.window.ram_before, wire - self.window.wire_before);
            patterns.learn(&self.window.pattern, Repeating { pages: 0, length, ram, wire }, self.window.slept_from);
        }
        self.window = OpenWindow {
            start: self.now,
            ram_before: self.counters.ram,
            wire_before: self.counters.wire,
            unflushed: self.window.unflushed,
            ..OpenWindow::default()
        };
        if self.recorder.wants_sample(self.now) {
            self.record(Event::Sample);
        }
    }

    /// Estimates from a window of `bytes` that began at `start` and ends now.
    pub(super) fn learn(&mut self, bytes: u64, start: Time) {
        let spent = Span::from_ms(self.now.whole_ms() - start.whole_ms());
        let window = Window { transferred: Bytes(bytes), spent };
        self.estimate = window.estimate(&self.profile, &self.params);
        let rate = self.auto_converge.dirty_pages_rate();
        let bytes = match self.profile.expected_downtime {
            ExpectedDowntime::DirtyPerSecond => Bytes(rate.saturating_mul(PAGE_SIZE)),
            ExpectedDowntime::Remaining => self.remaining_at_sync,
        };
        let told = window.expected_downtime(&self.estimate, rate, bytes);
        self.expected_downtime_ms = Some(told.unwrap_or_else(|| self.shown_expected_downtime_ms()));
    }

    /// What `query-migrate` shows as `expected-downtime`, which starts as the downtime limit [ms].
    pub(super) fn shown_expected_downtime_ms(&self) -> u64 {
        self.expected_downtime_ms.unwrap_or_else(|| self.scenario.qemu.params.downtime_limit.whole_ms())
    }

    /// Jumps over whole windows in which nothing can be decided, to exactly where walking would lead.
    ///
    /// A window that starts afresh depends on nothing but the kind of page and the link. As long as neither changes
    /// and what remains stays above any threshold that such a window can give, all of them are alike.
    pub(super) fn skip(&mut self) {
        if self.postcopy_requested {
            return;
        }
        let Some(run) = self.memory.next_run() else { return };
        let Some(one) = self.patterns.as_ref().and_then(|patterns| patterns.of(run.zero)) else { return };
        let shortest = Window { transferred: Bytes(one.wire), spent: Span::from_ms(one.length.whole_ms()) };
        let params = &self.params;
        let threshold = shortest.estimate(&self.profile, params).threshold_size.max(self.estimate.threshold_size);
        let above = self.remaining().0.saturating_sub(threshold) / (one.pages * PAGE_SIZE);
        let until = self.outside.next().min(self.recorder.next_sample()).min(self.horizon);
        let in_time = until.since(self.now).0.saturating_sub(1) / one.length.0;
        let windows = above.min(in_time).min((run.pages - 1) / one.pages);
        if windows == 0 {
            return;
        }
        let (pages, start, cost) = (windows * one.pages, self.now, *self.stream.cost(run.zero));
        self.send_pages(pages, |page| {
            start + one.length * (page / one.pages) + cost.time_of((page % one.pages) as f64)
        });
        self.counters.ram += windows * one.ram;
        self.counters.wire += windows * one.wire;
        self.counters.count(cost.counts(), pages);
        self.now += one.length * windows;
        let last = Time(self.now.0 - one.length.0);
        self.learn(one.wire, last);
        self.window.start = self.now;
        (self.window.ram_before, self.window.wire_before) = (self.counters.ram, self.counters.wire);
    }

    /// Windows will be unlike those before.
    pub(super) fn forget_patterns(&mut self) {
        self.patterns = self.patterns.map(|_| Patterns::default());
    }

    pub(super) fn quota(&self) -> u64 {
        limiter::quota(self.params.max_bandwidth)
    }

    pub(super) fn rate_exceeded(&self) -> bool {
        limiter::exceeded(self.quota(), self.window.used)
    }
}
