//! The limiter and its windows: what is learnt when one closes, and the jump over those that are all alike
//! (qemu-precopy 2.2, 2.3).

use super::super::clock::Clock;
use super::super::throttler::Vcpus;
use super::pattern::{Pattern, Patterns, Repeating};
use super::stream::Cost;
use super::{CALL_LIMIT, Counters, Sender, pages_until_check};
use crate::guest::GuestMemory;
use crate::qemu::{Estimate, ExpectedDowntime, TIMER_SLACK, Window, limiter, wire};
use crate::units::{Bytes, PAGE_SIZE, Span, Time, real};

/// The bandwidth window that is open.
#[derive(Clone, Default)]
pub(super) struct OpenWindow {
    start: Time,
    /// Events that the clock had met before it.
    met_before: u64,
    /// Bytes of either count before it.
    ram_before: u64,
    wire_before: u64,
    /// Bytes that the limiter has counted.
    used: u64,
    /// Queued but not flushed, where the limiter counts flushed bytes only.
    unflushed: u64,
    /// Pages still to come that it will not see, as its look comes before they are written.
    under_way: u64,
    /// Slept in the limiter, from this long after the start on.
    slept_from: Option<Span>,
    pattern: Pattern,
}

/// Windows that were jumped over, all alike.
pub(in crate::sim) struct SkippedWindows {
    pub(in crate::sim) windows: u64,
    one: Repeating,
}

impl SkippedWindows {
    /// When the window closed after which there were so many more, the last of which closes `now`.
    pub(in crate::sim) fn closed(&self, now: Time, after: u64) -> Time {
        Time(now.0 - after * self.one.length.0)
    }
}

/// What a client sees as a window closes.
pub(in crate::sim) struct SentByThen {
    /// `ram.transferred`.
    pub(in crate::sim) transferred: u64,
    /// `ram.remaining`.
    pub(in crate::sim) remaining: Bytes,
    /// Of that window [bytes/s].
    pub(in crate::sim) bandwidth: f64,
}

impl OpenWindow {
    #[inline]
    pub(super) fn start(&self) -> Time {
        self.start
    }

    /// Bytes on the wire before it.
    pub(super) fn wire_before(&self) -> u64 {
        self.wire_before
    }

    /// It begins so much later, with so much more sent before it.
    pub(super) fn repeat(&mut self, span: Span, more: &Counters) {
        self.start += span;
        self.ram_before += more.ram;
        self.wire_before += more.wire;
    }

    /// When a look at the clock closes it.
    #[inline]
    pub(super) fn closes(&self) -> Time {
        Time((self.start.whole_ms() + limiter::WINDOW.whole_ms()) * 1_000_000)
    }

    /// The clock is looked at without closing it.
    #[inline]
    pub(super) fn look(&mut self, now: Time) {
        self.pattern.last_look = now - self.start;
    }

    /// Something happened that the next window will not see.
    #[inline]
    pub(super) fn disturb(&mut self) {
        self.pattern.disturb();
    }

    /// Pages sent so far, if nothing has happened yet that another window would not see.
    #[inline]
    pub(super) fn undisturbed_pages(&self, clock: &Clock) -> Option<u64> {
        self.pattern.undisturbed_pages().filter(|_| clock.met() == self.met_before)
    }

    /// Counts pages that are sent.
    #[inline]
    pub(super) fn add(&mut self, pages: u64, zero: bool) {
        self.pattern.add(pages, zero);
    }

    /// The limiter counts pages, as their bytes are flushed.
    #[inline]
    pub(super) fn limit(&mut self, pages: u64, bytes: u64, cost: &Cost) {
        let unseen = pages.min(self.under_way);
        self.under_way -= unseen;
        let queued = self.unflushed + if unseen > 0 { cost.bytes(pages - unseen) } else { bytes };
        self.unflushed = queued % cost.flush();
        self.used += queued - self.unflushed;
    }

    /// What waits is flushed, with `framing`.
    #[inline]
    pub(super) fn flush(&mut self, framing: u64) {
        self.used += self.unflushed + framing;
        self.unflushed = 0;
    }
}

impl<M: GuestMemory> Sender<'_, M> {
    /// The first window opens.
    pub(in crate::sim) fn open_window(&mut self, clock: &Clock) {
        self.window.start = clock.now();
        self.window.under_way = self.stream.under_way();
    }

    /// Whether the limiter's look at the clock closes the window.
    #[inline]
    pub(in crate::sim) fn window_is_over(&self, clock: &Clock) -> bool {
        clock.now() >= self.window.closes()
    }

    /// Whether the window is over in the middle of a call, and the release looks there.
    #[inline]
    pub(in crate::sim) fn window_is_over_mid_call(&self, clock: &Clock) -> bool {
        self.profile.closes_mid_call && self.window_is_over(clock)
    }

    /// The limiter puts the sender to sleep; until when.
    #[inline]
    pub(in crate::sim) fn sleep(&mut self, clock: &Clock) -> Time {
        self.window.slept_from = Some(clock.now() - self.window.start);
        self.window.start + limiter::WINDOW + TIMER_SLACK
    }

    /// Closes the window in the middle of a call, which ends in a window in which it did not begin: neither window says
    /// what a whole one is like.
    pub(in crate::sim) fn close_window_mid_call(&mut self, now: Time, met: u64, dirty_pages_rate: u64) {
        self.window.disturb();
        self.close_window(now, met, dirty_pages_rate);
        self.window.disturb();
    }

    /// Closes the window now that the clock has `met` so many events, and opens the next.
    #[inline]
    pub(in crate::sim) fn close_window(&mut self, now: Time, met: u64, dirty_pages_rate: u64) {
        let length = now - self.window.start;
        self.learn(self.counters.wire - self.window.wire_before, self.window.start, now, dirty_pages_rate);
        if let Some(patterns) = &mut self.patterns
            && met == self.window.met_before
        {
            let Counters { ram, wire, .. } = self.counters;
            let (ram, wire) = (ram - self.window.ram_before, wire - self.window.wire_before);
            patterns.learn(&self.window.pattern, Repeating { pages: 0, length, ram, wire }, self.window.slept_from);
        }
        self.window = OpenWindow {
            start: now,
            met_before: met,
            ram_before: self.counters.ram,
            wire_before: self.counters.wire,
            unflushed: self.window.unflushed,
            under_way: self.stream.under_way(),
            ..OpenWindow::default()
        };
    }

    /// Estimates from a window of `bytes` that began at `start` and ends now.
    #[inline]
    fn learn(&mut self, bytes: u64, start: Time, now: Time, dirty_pages_rate: u64) {
        let spent = Span::from_ms(now.whole_ms() - start.whole_ms());
        let window = Window { transferred: Bytes(bytes), spent };
        self.estimate = window.estimate(&self.profile, &self.params);
        let bytes = match self.profile.expected_downtime {
            ExpectedDowntime::DirtyPerSecond => Bytes(dirty_pages_rate.saturating_mul(PAGE_SIZE)),
            ExpectedDowntime::Remaining => self.remaining_at_sync,
            ExpectedDowntime::AtQuery => return,
        };
        let told = window.expected_downtime(&self.estimate, dirty_pages_rate, bytes);
        self.expected_downtime_ms = told.or(self.expected_downtime_ms).or(Some(self.first_expected_downtime_ms()));
    }

    /// What `expected-downtime` is before QEMU has reckoned any [ms].
    fn first_expected_downtime_ms(&self) -> u64 {
        self.scenario.qemu.params.downtime_limit.whole_ms()
    }

    /// What the last window says about the link.
    pub(in crate::sim) fn estimate(&self) -> &Estimate {
        &self.estimate
    }

    /// Bytes that may be left at the stop, as the last window has it.
    pub(in crate::sim) fn threshold(&self) -> Bytes {
        Bytes(self.estimate.threshold_size)
    }

    /// Bytes that may be left at the stop, as a window has it in which the sender was never idle: one that a sync falls into says less.
    pub(in crate::sim) fn most_threshold(&self) -> Bytes {
        // Whole ms are counted, of which one may be missing.
        let transferred = self.cap(self.stream.rate()).bytes_in(limiter::WINDOW + Span::from_ms(1));
        let window = Window { transferred, spent: limiter::WINDOW };
        Bytes(window.estimate(&self.profile, &self.params).threshold_size.max(self.estimate.threshold_size))
    }

    /// `expected-downtime` at a `dirty-sync-count` [ms]; none before QEMU has reckoned any.
    pub(in crate::sim) fn expected_downtime_ms(&self, sync_count: u64) -> Option<u64> {
        match self.profile.expected_downtime {
            ExpectedDowntime::AtQuery if sync_count <= 1 => None,
            ExpectedDowntime::AtQuery => self.estimate.expected_at_query(self.remaining_at_counted_sync),
            ExpectedDowntime::DirtyPerSecond | ExpectedDowntime::Remaining => self.expected_downtime_ms,
        }
    }

    /// What `query-migrate` shows as `expected-downtime`; without end where 11.1 has a bandwidth of 0 to divide by.
    pub(in crate::sim) fn shown_expected_downtime(&self, sync_count: u64) -> Span {
        let none = match self.profile.expected_downtime {
            ExpectedDowntime::AtQuery if sync_count > 1 => u64::MAX,
            _ => self.first_expected_downtime_ms(),
        };
        let ms = self.expected_downtime_ms(sync_count).unwrap_or(none);
        Span(ms.saturating_mul(Span::from_ms(1).0))
    }

    /// Jumps over whole windows in which nothing can be decided, to exactly where walking would lead; none where there are none.
    ///
    /// A window that starts afresh depends on nothing but the kind of page and the link. As long as neither changes
    /// and what remains stays above any threshold that such a window can give, all of them are alike.
    #[inline]
    pub(in crate::sim) fn skip(
        &mut self,
        clock: &mut Clock,
        vcpus: Vcpus,
        dirty_pages_rate: u64,
    ) -> Option<SkippedWindows> {
        let run = self.memory.next_run()?;
        let one = self.patterns.as_ref()?.of(run.zero).or_else(|| self.window_of(run.zero))?;
        let shortest = Window { transferred: Bytes(one.wire), spent: Span::from_ms(one.length.whole_ms()) };
        let threshold = shortest.estimate(&self.profile, &self.params).threshold_size.max(self.estimate.threshold_size);
        let above = self.remaining().0.saturating_sub(threshold) / (one.pages * PAGE_SIZE);
        let in_time = clock.jumps_until().since(clock.now()).0.saturating_sub(1) / one.length.0;
        let windows = above.min(in_time).min((run.pages - 1) / one.pages);
        if windows == 0 {
            return None;
        }
        let (pages, start, cost) = (windows * one.pages, clock.now(), *self.stream.cost(run.zero));
        let at = |page| start + one.length * (page / one.pages) + cost.time_of(real(page % one.pages));
        self.memory.send(pages, &mut vcpus.at(at));
        self.counters.ram += windows * one.ram;
        self.counters.wire += windows * one.wire;
        self.counters.count(cost.counts(), pages);
        clock.jump(one.length * windows);
        self.learn(one.wire, Time(clock.now().0 - one.length.0), clock.now(), dirty_pages_rate);
        self.window.start = clock.now();
        (self.window.ram_before, self.window.wire_before) = (self.counters.ram, self.counters.wire);
        Some(SkippedWindows { windows, one })
    }

    /// What had been sent when the window closed, at a moment, after which so many were jumped over.
    pub(in crate::sim) fn sent_by(&self, skipped: &SkippedWindows, at: Time, after: u64) -> SentByThen {
        let SkippedWindows { one, .. } = skipped;
        let bytes = if self.profile.wire_bytes { one.wire } else { one.ram };
        let spent = Span::from_ms(at.whole_ms() - Time(at.0 - one.length.0).whole_ms());
        let window = Window { transferred: Bytes(one.wire), spent };
        SentByThen {
            transferred: self.transferred() - after * bytes,
            remaining: Bytes(self.remaining().0 + after * one.pages * PAGE_SIZE),
            bandwidth: window.estimate(&self.profile, &self.params).bytes_per_second(),
        }
    }

    /// The window that walking would find for pages of this kind, where no limit holds the sender back and nothing is done between its
    /// calls: these each end at their first look at the clock, until one ends behind the window. It need not be walked once for each bandwidth of a link that is
    /// shared.
    fn window_of(&self, zero: bool) -> Option<Repeating> {
        let config = &self.scenario.qemu;
        let stops_in_between =
            self.profile.closes_mid_call || config.syncs_each_step() || config.switchover.own().is_some();
        if limiter::quota(self.params.max_bandwidth) != 0 || stops_in_between {
            return None;
        }
        let cost = self.stream.cost(zero);
        let pages = pages_until_check(0, cost.pages_to_fill(CALL_LIMIT));
        let call = cost.time(pages);
        let calls = limiter::WINDOW.0.div_ceil(call.0.max(1));
        let (length, last_look) = (call * calls, call * (calls - 1));
        let bytes = cost.bytes(pages) + self.stream.per_call();
        let (ram, wire) = (calls * (bytes + wire::CALL_COUNTED), calls * (bytes + wire::CALL_FRAMING));
        Pattern::is_like_the_next(length, last_look).then_some(Repeating { pages: calls * pages, length, ram, wire })
    }

    /// Windows will be unlike those before.
    pub(super) fn forget_patterns(&mut self) {
        self.patterns = self.patterns.map(|_| Patterns::default());
    }

    /// Whether the limiter holds the sender back.
    #[inline]
    pub(in crate::sim) fn rate_exceeded(&self) -> bool {
        limiter::exceeded(limiter::quota(self.params.max_bandwidth), self.window.used)
    }

    /// Pages after which the limiter, which lets one go now, will say stop.
    #[inline]
    pub(super) fn pages_until_exceeded(&self, cost: Cost) -> u64 {
        let OpenWindow { used, unflushed, under_way, .. } = self.window;
        let quota = limiter::quota(self.params.max_bandwidth);
        cost.pages_to_exceed(quota, used, unflushed).saturating_add(under_way)
    }
}
