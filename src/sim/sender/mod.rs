//! QEMU's sending side: pages on their way, and what the limiter makes of them (qemu-precopy 1.3, 2.1).
//!
//! [`windows`] jumps over bandwidth windows that are all alike. What makes a window unlike the one before can only be
//! done through the methods here, each of which says so to the open window: the fields are private for that reason.

mod bounds;
mod calls;
mod pattern;
mod stream;
mod windows;
mod xbzrle;

use std::borrow::Cow;

use super::clock::Clock;
use super::throttler::Vcpus;
use crate::guest::{GuestMemory, Missing, PageRun, PageSize, Synced};
use crate::link::Link;
use crate::qemu::xbzrle::XbzrleCounters;
use crate::qemu::{Estimate, Params, Profile, limiter, wire};
use crate::scenario::Scenario;
use crate::units::{Bytes, Pages, Share, Span, Time, real};
use pattern::Patterns;
use stream::{Cost, Counts, Stream};
use windows::OpenWindow;
pub(super) use windows::SkippedWindows;
use xbzrle::Xbzrle;

/// An iterate call ends at the first look at the clock that shows more than 50 whole ms.
const CALL_LIMIT: Span = Span::from_ms(51);

/// The sender of one migration, with the memory that it sends.
#[derive(Clone)]
pub(super) struct Sender<'a, M> {
    scenario: &'a Scenario,
    /// The scenario's link, or its share of one.
    link: Cow<'a, Link>,
    profile: Profile,
    /// Parameters as they are now.
    params: Params,
    memory: M,
    stream: Stream,
    xbzrle: Option<Xbzrle>,
    counters: Counters,
    /// Share of the page under way that is through [0..1]; more than 0 only after an event from outside.
    under_way: f64,
    window: OpenWindow,
    /// None where windows do not repeat, or are to be walked through.
    patterns: Option<Patterns>,
    estimate: Estimate,
    /// `expected-downtime`; none before the first window is over.
    expected_downtime_ms: Option<u64>,
    /// Bytes that remained right after the last sync, and after the last one that counts.
    remaining_at_sync: Bytes,
    remaining_at_counted_sync: Bytes,
}

/// What was sent so far.
#[derive(Clone, Default)]
pub(in crate::sim) struct Counters {
    /// `ram.transferred` up to 8.1 [bytes].
    ram: u64,
    /// Bytes on the wire.
    wire: u64,
    /// Pages in `ram.normal`.
    pub(super) normal: u64,
    /// Pages in `ram.duplicate`.
    pub(super) duplicate: u64,
    /// Write-protection faults taken by the guest.
    pub(super) faults: u64,
}

impl Counters {
    /// What came on top of those before.
    pub(in crate::sim) fn since(&self, before: &Counters) -> Counters {
        Counters {
            ram: self.ram - before.ram,
            wire: self.wire - before.wire,
            normal: self.normal - before.normal,
            duplicate: self.duplicate - before.duplicate,
            faults: self.faults - before.faults,
        }
    }

    /// Each figure, as that much longer or shorter a stretch would have it.
    pub(in crate::sim) fn map(&self, stretched: impl Fn(u64) -> u64) -> Counters {
        Counters {
            ram: stretched(self.ram),
            wire: stretched(self.wire),
            normal: stretched(self.normal),
            duplicate: stretched(self.duplicate),
            faults: stretched(self.faults),
        }
    }

    /// What tells stretches of a migration apart.
    pub(in crate::sim) fn figures(&self) -> [u64; 2] {
        [self.wire, self.faults]
    }

    /// Counts pages by their kind.
    fn count(&mut self, counts: Counts, pages: u64) {
        match counts {
            Counts::Normal => self.normal += pages,
            Counts::Duplicate => self.duplicate += pages,
            Counts::Encoded => {}
        }
    }

    /// Counts the framing of an iterate call.
    fn frame(&mut self) {
        self.ram += wire::CALL_COUNTED;
        self.wire += wire::CALL_FRAMING;
    }

    /// Counts bytes that go.
    fn add(&mut self, bytes: u64) {
        self.ram += bytes;
        self.wire += bytes;
    }
}

/// An iterate call under way.
pub(super) struct Call {
    start: Time,
    /// Pages that it has sent.
    sent: u64,
}

/// Pages of one kind that go next, with nothing in between.
pub(super) struct Batch {
    pages: u64,
    /// They are all zero.
    zero: bool,
    /// What a write changes of each; `None`: no workload writes them.
    changed: Option<Share>,
    /// No more pages of this kind follow.
    ends_run: bool,
    cost: Cost,
    /// When they are through.
    pub(super) end: Time,
    /// The look at the clock after them ends the call.
    pub(super) ends_call: bool,
}

impl Batch {
    /// The first `pages` of a run, through at `end`.
    #[inline]
    fn of(pages: u64, run: &PageRun, cost: Cost, end: Time) -> Batch {
        let ends_run = pages == run.pages;
        Batch { pages, zero: run.zero, changed: run.changed, ends_run, cost, end, ends_call: false }
    }
}

impl<'a, M: GuestMemory> Sender<'a, M> {
    /// A sender of `memory` over `link` that has sent nothing; with `skip`, windows that are alike are jumped over.
    #[inline]
    pub(super) fn new(
        scenario: &'a Scenario,
        mut profile: Profile,
        link: Cow<'a, Link>,
        memory: M,
        skip: bool,
    ) -> Sender<'a, M> {
        let config = &scenario.qemu;
        profile.closes_mid_call |= profile.closes_mid_huge_page && scenario.guest.page_size != PageSize::Small;
        Sender {
            profile,
            params: config.params.clone(),
            memory,
            stream: Stream::new(link.at(Time::ZERO).0, scenario.zero_scan(), config, &profile),
            xbzrle: Xbzrle::new(config, &scenario.guest),
            counters: Counters::default(),
            under_way: 0.0,
            window: OpenWindow::default(),
            // With a cache each pass's pages cost something else; windows do not repeat.
            patterns: (skip && !config.capabilities.xbzrle).then(Patterns::default),
            estimate: Estimate::default(),
            expected_downtime_ms: None,
            remaining_at_sync: Bytes(0),
            remaining_at_counted_sync: Bytes(0),
            link,
            scenario,
        }
    }

    /// The memory, as it stands.
    pub(super) fn into_memory(self) -> M {
        self.memory
    }

    pub(super) fn params(&self) -> &Params {
        &self.params
    }

    /// Parameters become what `change` makes of them.
    pub(super) fn set_params(&mut self, change: impl FnOnce(&mut Params)) {
        change(&mut self.params);
        self.forget_patterns();
    }

    pub(super) fn link(&self) -> &Link {
        &self.link
    }

    /// The link's bandwidth becomes what it is from `at` on; when it changes next.
    pub(super) fn change_link(&mut self, at: Time) -> Time {
        let (bandwidth, next) = self.link.at(at);
        self.stream = Stream::new(bandwidth, self.scenario.zero_scan(), &self.scenario.qemu, &self.profile);
        self.forget_patterns();
        next
    }

    pub(super) fn counters(&self) -> &Counters {
        &self.counters
    }

    /// `ram.transferred`, as the release counts it.
    pub(super) fn transferred(&self) -> u64 {
        if self.profile.wire_bytes { self.counters.wire } else { self.counters.ram }
    }

    #[inline]
    pub(super) fn remaining(&self) -> Bytes {
        Pages(self.memory.remaining()).bytes()
    }

    /// Where the cursor stands right after a sync [page].
    pub(super) fn cursor(&self) -> u64 {
        self.memory.cursor()
    }

    /// Passes that repeat take `span` and send `more`; the open window goes on behind them.
    pub(super) fn repeat(&mut self, span: Span, more: &Counters) {
        let counters = &mut self.counters;
        counters.ram += more.ram;
        counters.wire += more.wire;
        counters.normal += more.normal;
        counters.duplicate += more.duplicate;
        counters.faults += more.faults;
        self.window.repeat(span, more);
    }

    /// Bytes that remained right after the last sync.
    pub(super) fn remaining_at_sync(&self) -> Bytes {
        self.remaining_at_sync
    }

    /// A sync, which `counts` or not: pages written meanwhile are to be sent, too.
    pub(super) fn sync(&mut self, writes: &[u64], counts: bool) -> Synced {
        self.window.disturb();
        let found = self.memory.sync(writes);
        self.counters.faults += found.faults;
        self.remaining_at_sync = self.remaining();
        if counts {
            self.remaining_at_counted_sync = self.remaining_at_sync;
            // The age of what is cached is the count.
            if let Some(xbzrle) = &mut self.xbzrle {
                xbzrle.sync(Pages(self.memory.remaining()));
            }
        }
        found
    }

    #[inline]
    pub(super) fn begin_call(&mut self, clock: &Clock) -> Call {
        self.window.look(clock.now());
        Call { start: clock.now(), sent: 0 }
    }

    /// What goes next in an iterate call, in the cursor's order; none once the limiter or an empty bitmap ends the call.
    #[inline]
    pub(super) fn next_in_call(&mut self, clock: &Clock, call: &Call) -> Option<Batch> {
        if self.rate_exceeded() {
            return None;
        }
        let Some(run) = self.memory.next_run() else {
            self.window.disturb();
            return None;
        };
        let cost = self.cost(&run);
        let by_clock = pages_until_check(call.sent, cost.pages_to_fill((call.start + CALL_LIMIT) - clock.now()));
        let mut pages = run.pages.min(self.pages_until_exceeded(cost)).min(by_clock);
        if self.profile.closes_mid_call {
            pages = pages.min(cost.pages_to_fill(self.window.closes() - clock.now()));
        }
        let (pages, end) = self.undisturbed(pages, cost, clock);
        Some(Batch { ends_call: pages == by_clock, ..Batch::of(pages, &run, cost, end) })
    }

    /// Sends a batch of an iterate call.
    #[inline]
    pub(super) fn send_in_call(&mut self, call: &mut Call, batch: &Batch, clock: &Clock, vcpus: Vcpus) {
        self.send(batch, clock, vcpus);
        call.sent += batch.pages;
        if batch.ends_run {
            self.window.disturb();
        }
    }

    /// What each iterate call adds.
    #[inline]
    pub(super) fn end_call(&mut self) {
        self.counters.frame();
        self.counters.add(self.stream.per_call());
        self.window.flush(wire::CALL_FRAMING + self.stream.per_call());
    }

    /// What goes next once the guest has stopped and nothing limits the sender; none when all is sent.
    #[inline]
    pub(super) fn next_without_limit(&mut self, clock: &Clock) -> Option<Batch> {
        let run = self.memory.next_run()?;
        let cost = self.cost(&run);
        let (pages, end) = self.undisturbed(run.pages, cost, clock);
        Some(Batch::of(pages, &run, cost, end))
    }

    /// What the completing call adds.
    pub(super) fn complete(&mut self) {
        self.counters.frame();
    }

    /// How many of `pages` are through before something happens outside, and when that is.
    ///
    /// A page that is under way then stays under way: it costs what is left of it afterwards.
    #[inline]
    fn undisturbed(&mut self, pages: u64, cost: Cost, clock: &Clock) -> (u64, Time) {
        let end = clock.now() + cost.time_of(real(pages) - self.under_way);
        let next = clock.next();
        if end < next || next == Time::NEVER {
            self.under_way = 0.0;
            return (pages, end);
        }
        let through = self.under_way + cost.part_in(next - clock.now());
        let whole = pages.min(through as u64);
        self.under_way = if whole < pages { through - real(whole) } else { 0.0 };
        (whole, next)
    }

    /// Sends a batch; time is the caller's business.
    #[inline]
    pub(super) fn send(&mut self, batch: &Batch, clock: &Clock, vcpus: Vcpus) {
        let Batch { pages, zero, changed, cost, end, .. } = *batch;
        if pages == 0 {
            return;
        }
        let encoded = self.encoded(pages, changed);
        // Counted from the start of a window as long as that is undisturbed, so that windows that are walked and those
        // that are jumped over come to a chunk at the same instant.
        let (start, before) = match self.window.undisturbed_pages(clock) {
            Some(sent) => (self.window.start(), real(sent)),
            None => (clock.now(), 0.0),
        };
        self.memory.send(pages, &mut vcpus.at(|page| (start + cost.time_of(before + real(page))).min(end)));
        self.count(pages, encoded, zero, &cost);
    }

    /// Sends a batch to the destination where the guest goes on. What is left of the memory after the last one does not
    /// matter.
    pub(super) fn send_at_end(&mut self, batch: &Batch, clock: &Clock, vcpus: Vcpus) {
        let Batch { pages, zero, changed, cost, .. } = *batch;
        if pages == 0 || pages < self.memory.remaining() {
            return self.send(batch, clock, vcpus);
        }
        let encoded = self.encoded(pages, changed);
        self.memory.leave();
        self.count(pages, encoded, zero, &cost);
    }

    /// Counts pages that were sent, of which some went as differences.
    #[inline]
    fn count(&mut self, pages: u64, encoded: u64, zero: bool, cost: &Cost) {
        let bytes = cost.bytes(pages);
        self.counters.add(bytes);
        self.counters.count(cost.counts(), pages - encoded);
        if cost.is_limited() {
            self.window.limit(pages, bytes, cost);
        }
        self.window.add(pages, zero);
    }

    /// How many of so many pages, of which a write changes that much, go as differences.
    #[inline]
    fn encoded(&mut self, pages: u64, changed: Option<Share>) -> u64 {
        match (&mut self.xbzrle, changed) {
            (Some(xbzrle), Some(changed)) if self.memory.has_wrapped() => xbzrle.send(pages, changed),
            _ => 0,
        }
    }

    /// `xbzrle-cache` of `query-migrate`, if the capability is on.
    pub(super) fn xbzrle_counters(&self) -> Option<XbzrleCounters> {
        self.xbzrle.as_ref().map(Xbzrle::counters)
    }

    /// What a page of this run costs now.
    #[inline]
    fn cost(&self, run: &PageRun) -> Cost {
        match (&self.xbzrle, run.changed) {
            (Some(xbzrle), Some(changed)) if self.memory.has_wrapped() => xbzrle.cost(changed, self.stream.rate()),
            _ => *self.stream.cost(run.zero),
        }
    }

    /// How long the guest may run in a window under the throttle of 1.6 to 2.4: until the limiter stops the sender.
    pub(super) fn burst(&self) -> Span {
        let cost = self.stream.cost(false);
        match limiter::quota(self.params.max_bandwidth) {
            0 => Span(u64::MAX),
            quota => cost.time(cost.pages_to_exceed(quota, 0, 0)),
        }
    }

    /// Bytes that tell the destination what to forget.
    pub(super) fn discard(&mut self, bytes: u64) {
        self.counters.wire += bytes;
    }

    /// Pages that the destination lacked at the last sync, by how often they are written.
    pub(super) fn missing(&self) -> Vec<Missing> {
        let rates: Vec<f64> = self.scenario.guest.workloads.iter().map(|workload| workload.rate.0).collect();
        self.memory.missing(&rates)
    }

    /// Pages a second that the link carries.
    pub(super) fn pages_per_second(&self) -> f64 {
        self.stream.cost(false).part_in(Span::from_ms(1000))
    }

    /// Everything that is left goes in post-copy, `pages` of it counted, to a guest that runs at the destination.
    pub(super) fn send_rest(&mut self, pages: u64) {
        let cost = *self.stream.cost(false);
        self.counters.count(cost.counts(), pages);
        self.counters.add(cost.bytes(pages));
        self.memory.leave();
    }
}

/// Pages until the look at the clock that ends the call: it comes after page 0, 64, 128, ... of the call, of which
/// `sent` are out already, and must find that `needed` more have filled its time.
fn pages_until_check(sent: u64, needed: u64) -> u64 {
    let page = (sent + needed - 1).next_multiple_of(wire::CALL_CHECK_PAGES);
    page + 1 - sent
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_is_looked_at_every_64_pages() {
        for (sent, needed, pages) in [(0, 51, 65), (0, 1, 1), (10, 1, 55), (65, 1, 64), (0, 65, 65), (0, 66, 129)] {
            assert_eq!(pages_until_check(sent, needed), pages, "{sent} {needed}");
        }
    }
}
