//! QEMU's migration thread as a state machine over simulated time (qemu-precopy 1).
//!
//! The loop is QEMU's own: a step (sync, complete, or one iterate call), then the rate limiter. Between two events
//! of the outside world everything in it is arithmetic; [`advance`](Migration::advance) is the one place where time
//! passes and such events are met. Events at the same instant are taken in the order in which
//! [`Outside`](super::outside::Outside) lists them.

use super::outside::{Event as Happening, Outside};
use super::pattern::{Pattern, Patterns};
use super::recorder::Recorder;
use super::throttling::Throttling;
use super::{Event, Options, Row};
use crate::guest::{Activity, Memory};
use crate::qemu::{
    Accel, Accounting, Capabilities, Estimate, ExpectedDowntime, PERIODIC_SYNC_INTERVAL, PeriodicSync, Profile, Sync,
    TIMER_SLACK, Throttle, Window, cpu_throttle, fixed_throttle, limiter, switchover, wire,
};
use crate::scenario::Scenario;
use crate::units::{Bytes, PAGE_SIZE, Pages, Rate, Span, Time};

/// An iterate call ends at the first look at the clock that shows more than 50 whole ms.
const CALL_LIMIT: Span = Span::from_ms(51);

/// The time limit came before the end.
pub(super) struct OutOfTime;

/// One migration under way.
pub(super) struct Migration<'a, M> {
    pub(super) scenario: &'a Scenario,
    profile: Profile,
    caps: Capabilities,
    pub(super) memory: M,
    pub(super) activity: Activity,
    pub(super) accounting: Accounting,
    pub(super) throttling: Throttling,
    pub(super) counters: Counters,
    pub(super) recorder: Recorder,
    pub(super) now: Time,
    outside: Outside,
    timer: PeriodicSync,
    costs: Costs,
    /// Share of the page under way that is through [0..1]; more than 0 only after an event from outside.
    under_way: f64,
    pub(super) estimate: Estimate,
    pub(super) expected_downtime_ms: u64,
    /// Bytes that remained right after the last sync.
    remaining_at_sync: Bytes,
    window: OpenWindow,
    patterns: Option<Patterns>,
    pub(super) setup: Span,
    /// When the decision to stop the guest fell, and when its vCPUs stood still.
    pub(super) stop: Option<Stop>,
    writes: Vec<u64>,
}

/// The end of the guest's time on the source.
#[derive(Clone, Copy)]
pub(super) struct Stop {
    /// Downtime begins.
    pub(super) decided: Time,
    /// All vCPUs stand still.
    pub(super) stopped: Time,
    /// What the decision saw remaining.
    pub(super) pending: Bytes,
}

/// What was sent so far.
#[derive(Default)]
pub(super) struct Counters {
    /// `ram.transferred` up to 8.1 [bytes].
    ram: u64,
    /// Bytes on the wire.
    wire: u64,
    pub(super) normal: u64,
    pub(super) duplicate: u64,
    /// Write-protection faults taken by the guest.
    pub(super) faults: u64,
}

/// The bandwidth window that is open.
#[derive(Default)]
struct OpenWindow {
    start: Time,
    /// Wire bytes before it.
    wire_before: u64,
    /// Bytes that the limiter has counted.
    used: u64,
    /// Queued but not flushed, where the limiter counts flushed bytes only.
    unflushed: u64,
    /// Slept in the limiter, from this long after the start on.
    slept_from: Option<Span>,
    pattern: Pattern,
}

/// What pages cost at the bandwidth of the moment.
struct Costs {
    normal: Cost,
    zero: Cost,
}

/// What one page costs.
#[derive(Clone, Copy)]
struct Cost {
    bytes: u64,
    ns: f64,
    /// Bytes after which the stream is flushed.
    flush: u64,
}

impl<'a, M: Memory> Migration<'a, M> {
    pub(super) fn new(scenario: &'a Scenario, options: &Options, memory: M) -> Migration<'a, M> {
        let config = &scenario.qemu;
        Migration {
            profile: Profile::of(config.version),
            caps: Capabilities { auto_converge: config.auto_converge, dirty_limit: false },
            memory,
            activity: Activity::new(&scenario.guest),
            accounting: Accounting::default(),
            throttling: Throttling::default(),
            counters: Counters::default(),
            recorder: Recorder::new(options.timeline),
            now: Time::ZERO,
            outside: Outside::new(&scenario.link, Time::ZERO + scenario.limits.time),
            timer: PeriodicSync::default(),
            costs: Costs::new(scenario.link.at(Time::ZERO).0, scenario.guest.zero_scan),
            under_way: 0.0,
            estimate: Estimate::default(),
            expected_downtime_ms: config.params.downtime_limit.whole_ms(),
            remaining_at_sync: Bytes(0),
            window: OpenWindow::default(),
            patterns: options.skip.then(Patterns::default),
            setup: Span::ZERO,
            stop: None,
            writes: Vec::new(),
            scenario,
        }
    }

    /// From the command to the end.
    ///
    /// # Errors
    /// The time limit came first; the state is that of the limit.
    pub(super) fn migrate(&mut self) -> Result<(), OutOfTime> {
        self.record(Event::Start);
        self.set_up()?;
        loop {
            if !self.rate_exceeded() && self.step()? {
                return Ok(());
            }
            self.rate_limit()?;
        }
    }

    /// Lets time pass up to `until`, meeting what happens outside on the way.
    fn advance(&mut self, until: Time) -> Result<(), OutOfTime> {
        while self.outside.next() <= until.min(Time::LAST) {
            let (at, event) = self.outside.take(&self.scenario.link);
            // A sync that a tick starts may last beyond the next event.
            self.now = self.now.max(at);
            self.window.pattern.disturb();
            match event {
                Happening::LinkChange(bandwidth) => {
                    self.costs = Costs::new(bandwidth, self.scenario.guest.zero_scan);
                    if let Some(patterns) = &mut self.patterns {
                        *patterns = Patterns::default();
                    }
                    self.record(Event::Link);
                }
                Happening::Tick => self.tick(),
                Happening::Limit => return Err(OutOfTime),
            }
        }
        self.now = self.now.max(until);
        Ok(())
    }

    /// Phase 1: connection, stream header, log on, sync #1.
    fn set_up(&mut self) -> Result<(), OutOfTime> {
        self.advance(self.now + self.scenario.link.latency * 2)?;
        let start = self.now;
        self.window.start = start;
        if self.profile.periodic_sync && self.caps.auto_converge {
            self.outside.set_tick(start + PERIODIC_SYNC_INTERVAL);
        }
        let config = &self.scenario.qemu;
        let sync = config.sync_time.min(config.setup_time);
        self.advance(start + (config.setup_time - sync))?;
        self.sync(sync)?;
        self.setup = self.now - start;
        Ok(())
    }

    /// One turn of the loop; whether the migration is complete.
    fn step(&mut self) -> Result<bool, OutOfTime> {
        let threshold = Bytes(self.estimate.threshold_size);
        if switchover::sync_wanted(self.remaining(), threshold) {
            self.sync(self.scenario.qemu.sync_time)?;
        }
        let pending = self.remaining();
        if switchover::complete(&self.profile, pending, threshold) {
            self.stop_and_copy(pending)?;
            return Ok(true);
        }
        self.iterate()?;
        Ok(false)
    }

    /// One iterate call: pages in cursor order until the limiter, the clock or an empty bitmap ends it.
    fn iterate(&mut self) -> Result<(), OutOfTime> {
        let start = self.now;
        self.window.pattern.last_look = start - self.window.start;
        let mut sent = 0;
        while !self.rate_exceeded() {
            let Some(run) = self.memory.next_run() else {
                self.window.pattern.disturb();
                break;
            };
            if run.rearm {
                self.rearm();
            }
            let cost = self.cost(run.zero);
            let by_clock = pages_until_check(sent, (start + CALL_LIMIT) - self.now, cost.ns);
            let mut pages = run.pages.min(self.pages_until_exceeded(cost)).min(by_clock);
            let closes = Time((self.window.start.whole_ms() + limiter::WINDOW.whole_ms()) * 1_000_000);
            if self.profile.closes_mid_call {
                pages = pages.min(((closes.since(self.now).0 as f64 / cost.ns).ceil() as u64).max(1));
            }
            let end;
            (pages, end) = self.undisturbed(pages, cost);
            self.send(pages, run.zero, cost);
            sent += pages;
            if pages == run.pages {
                self.window.pattern.disturb();
            }
            self.advance(end)?;
            if self.profile.closes_mid_call && self.now >= closes {
                // The call under way ends in a window in which it did not begin; neither window says what a whole
                // one is like.
                self.window.pattern.disturb();
                self.close_window();
                self.window.pattern.disturb();
            }
            if pages == by_clock {
                break;
            }
        }
        self.counters.ram += wire::CALL_COUNTED;
        self.counters.wire += wire::CALL_FRAMING;
        self.window.used += self.window.unflushed + wire::CALL_FRAMING;
        self.window.unflushed = 0;
        self.window.pattern.calls += 1;
        Ok(())
    }

    /// How many of `pages` are through before something happens outside, and when that is.
    ///
    /// A page that is under way then stays under way: it costs what is left of it afterwards.
    fn undisturbed(&mut self, pages: u64, cost: Cost) -> (u64, Time) {
        let end = self.now + Span(((pages as f64 - self.under_way) * cost.ns).ceil() as u64);
        let happens = self.outside.next();
        if end < happens || happens == Time::NEVER {
            self.under_way = 0.0;
            return (pages, end);
        }
        let through = self.under_way + happens.since(self.now).0 as f64 / cost.ns;
        let whole = pages.min(through as u64);
        self.under_way = if whole < pages { through - whole as f64 } else { 0.0 };
        (whole, happens)
    }

    /// Sends pages of the run under the cursor; time is the caller's business.
    fn send(&mut self, pages: u64, zero: bool, cost: Cost) {
        if pages == 0 {
            return;
        }
        self.memory.send(pages);
        let bytes = pages * cost.bytes;
        self.counters.ram += bytes;
        self.counters.wire += bytes;
        if zero {
            self.counters.duplicate += pages;
        } else {
            self.counters.normal += pages;
        }
        if self.profile.limiter_counts_flushed {
            let queued = self.window.unflushed + bytes;
            self.window.used += queued - queued % cost.flush;
            self.window.unflushed = queued % cost.flush;
        } else {
            self.window.used += bytes;
        }
        self.window.pattern.add(pages, zero);
    }

    /// The limiter's turn: closes a window that is over, and sleeps out one that is used up.
    fn rate_limit(&mut self) -> Result<(), OutOfTime> {
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

    fn close_window(&mut self) {
        let length = self.now - self.window.start;
        self.learn(self.counters.wire - self.window.wire_before, self.window.start);
        if let Some(patterns) = &mut self.patterns {
            patterns.learn(&self.window.pattern, length, self.window.slept_from);
        }
        self.window = OpenWindow {
            start: self.now,
            wire_before: self.counters.wire,
            unflushed: self.window.unflushed,
            ..OpenWindow::default()
        };
        if self.recorder.wants_sample(self.now) {
            self.record(Event::Sample);
        }
    }

    /// Estimates from a window of `bytes` that began at `start` and ends now.
    fn learn(&mut self, bytes: u64, start: Time) {
        let spent = Span::from_ms(self.now.whole_ms() - start.whole_ms());
        let window = Window { transferred: Bytes(bytes), spent };
        self.estimate = window.estimate(&self.profile, &self.scenario.qemu.params);
        let rate = self.accounting.dirty_pages_rate();
        let bytes = match self.profile.expected_downtime {
            ExpectedDowntime::DirtyPerSecond => Bytes(rate.saturating_mul(PAGE_SIZE)),
            ExpectedDowntime::Remaining => self.remaining_at_sync,
        };
        if let Some(ms) = window.expected_downtime(&self.estimate, rate, bytes) {
            self.expected_downtime_ms = ms;
        }
    }

    /// Jumps over whole windows in which nothing can be decided, to exactly where walking would lead.
    ///
    /// A window that starts afresh depends on nothing but the kind of page and the link. As long as neither changes
    /// and what remains stays above any threshold that such a window can give, all of them are alike.
    fn skip(&mut self) {
        let Some(run) = self.memory.next_run() else { return };
        let Some(one) = self.patterns.as_ref().and_then(|patterns| patterns.of(run.zero)) else { return };
        let cost = self.cost(run.zero);
        let wire = one.pages * cost.bytes + one.calls * wire::CALL_FRAMING;
        let shortest = Window { transferred: Bytes(wire), spent: Span::from_ms(one.length.whole_ms()) };
        let params = &self.scenario.qemu.params;
        let threshold = shortest.estimate(&self.profile, params).threshold_size.max(self.estimate.threshold_size);
        let above = self.remaining().0.saturating_sub(threshold) / (one.pages * PAGE_SIZE);
        let until = self.outside.next().min(self.recorder.next_sample());
        let in_time = until.since(self.now).0.saturating_sub(1) / one.length.0;
        let windows = above.min(in_time).min((run.pages - 1) / one.pages);
        if windows == 0 {
            return;
        }
        if run.rearm {
            self.rearm();
        }
        let pages = windows * one.pages;
        self.memory.send(pages);
        self.counters.ram += pages * cost.bytes + windows * one.calls * wire::CALL_COUNTED;
        self.counters.wire += windows * wire;
        *(if run.zero { &mut self.counters.duplicate } else { &mut self.counters.normal }) += pages;
        self.now += one.length * windows;
        let last = Time(self.now.0 - one.length.0);
        self.learn(wire, last);
        self.window.start = self.now;
        self.window.wire_before = self.counters.wire;
    }

    /// One sync that takes `duration` once the log can be fetched, with its decision.
    fn sync(&mut self, duration: Span) -> Result<(), OutOfTime> {
        let begin = self.now;
        self.window.pattern.disturb();
        // TCG's log is fetched from the vCPU's own thread, which sleeps while it is throttled.
        let asleep = self.activity.duty().asleep(self.now).filter(|_| self.stop.is_none());
        if let (Accel::Tcg, Some(wake)) = (self.scenario.qemu.accel, asleep) {
            self.advance(wake)?;
        }
        self.advance(self.now + duration)?;
        self.take_log(begin);
        Ok(())
    }

    /// A tick of the periodic timer; its sync runs beside the migration thread.
    fn tick(&mut self) {
        let wanted = self.timer.wants_sync(self.accounting.sync_count());
        if wanted {
            self.take_log(self.now);
        }
        self.timer.end_tick(self.accounting.sync_count());
        let busy = if wanted { self.scenario.qemu.sync_time } else { Span::ZERO };
        self.outside.set_tick(self.now + busy + PERIODIC_SYNC_INTERVAL);
    }

    /// The log goes into the bitmap, and the period may close.
    fn take_log(&mut self, begin: Time) {
        self.count_writes();
        let found = self.memory.sync(&self.writes);
        self.counters.faults += found.faults;
        let first = self.accounting.sync_count() == 0;
        let pages = match (self.profile.counts_logged, first) {
            (false, _) => found.new,
            // Every RAM block is born with all its dirty bits set.
            (true, true) if self.scenario.qemu.first_migration => self.scenario.guest.memory.0,
            (true, _) => found.logged,
        };
        let sync = Sync {
            begin_ms: begin.whole_ms(),
            end_ms: self.now.whole_ms(),
            transferred: self.transferred(),
            pages: Pages(pages),
        };
        let period = self.accounting.sync(&self.profile, &self.scenario.qemu.params, self.caps, sync);
        self.remaining_at_sync = self.remaining();
        self.record(Event::Sync);
        if self.caps.auto_converge && self.stop.is_none() && period.is_some_and(|period| period.fired) {
            self.throttle();
        }
    }

    /// Puts the throttle that the accounting asks for in force.
    fn throttle(&mut self) {
        let duty = match self.profile.throttle {
            Throttle::Ramp(ramp) => {
                cpu_throttle::set(self.accounting.throttle_pct(), ramp, self.activity.duty(), self.now)
            }
            Throttle::Fixed if self.activity.duty().anchor != Time::NEVER => return,
            Throttle::Fixed => {
                let cost = self.cost(false);
                let burst = match self.quota() {
                    0 => Span(u64::MAX),
                    quota => Span((limiter::steps_left(quota, 0, cost.bytes) as f64 * cost.ns) as u64),
                };
                fixed_throttle::pattern(self.now, burst, limiter::WINDOW + TIMER_SLACK)
            }
        };
        self.activity.set_duty(duty);
        let pct = match self.profile.throttle {
            Throttle::Ramp(_) => f64::from(self.accounting.throttle_pct()),
            Throttle::Fixed => 100.0 * (1.0 - duty.run_share()),
        };
        self.throttling.set(pct, duty.sleep, self.now);
        self.record(Event::Throttle);
    }

    /// Phase 5: the guest stops, and everything that is left goes over without a limit.
    fn stop_and_copy(&mut self, pending: Bytes) -> Result<(), OutOfTime> {
        let decided = self.now;
        self.outside.close();
        let interruptible = matches!(self.profile.throttle, Throttle::Ramp(ramp) if ramp.interruptible);
        if let (false, Some(wake)) = (interruptible, self.activity.duty().asleep(self.now)) {
            self.advance(wake)?;
        }
        self.stop = Some(Stop { decided, stopped: self.now, pending });
        self.record(Event::Stop);
        self.sync(self.scenario.qemu.sync_time)?;
        while let Some(run) = self.memory.next_run() {
            let cost = self.cost(run.zero);
            let (pages, end) = self.undisturbed(run.pages, cost);
            self.send(pages, run.zero, cost);
            self.advance(end)?;
        }
        self.counters.ram += wire::CALL_COUNTED;
        self.counters.wire += wire::CALL_FRAMING;
        let answer = if self.scenario.qemu.return_path { self.scenario.link.latency * 2 } else { Span::ZERO };
        self.advance(self.now + self.scenario.qemu.switchover_time + answer)
    }

    fn rearm(&mut self) {
        self.count_writes();
        self.memory.rearm(&self.writes);
    }

    /// Brings `writes` up to now, or to the instant at which the guest stopped.
    fn count_writes(&mut self) {
        let until = self.stop.map_or(self.now, |stop| stop.stopped);
        self.activity.writes(until, &mut self.writes);
    }

    fn cost(&self, zero: bool) -> Cost {
        if zero { self.costs.zero } else { self.costs.normal }
    }

    fn quota(&self) -> u64 {
        limiter::quota(self.scenario.qemu.params.max_bandwidth)
    }

    fn rate_exceeded(&self) -> bool {
        limiter::exceeded(self.quota(), self.window.used)
    }

    /// Pages after which the limiter, which lets one go now, will say stop.
    fn pages_until_exceeded(&self, cost: Cost) -> u64 {
        if !self.profile.limiter_counts_flushed {
            return limiter::steps_left(self.quota(), self.window.used, cost.bytes);
        }
        let flushes = limiter::steps_left(self.quota(), self.window.used, cost.flush);
        flushes.saturating_mul(cost.flush).saturating_sub(self.window.unflushed).div_ceil(cost.bytes).max(1)
    }

    pub(super) fn remaining(&self) -> Bytes {
        Pages(self.memory.remaining()).bytes()
    }

    /// `ram.transferred`, as the release counts it.
    pub(super) fn transferred(&self) -> u64 {
        if self.profile.wire_bytes { self.counters.wire } else { self.counters.ram }
    }

    pub(super) fn record(&mut self, event: Event) {
        if !self.recorder.is_on() {
            return;
        }
        let share = if self.stop.is_some() { 0.0 } else { self.activity.duty().run_share() };
        self.recorder.add(
            self.now,
            Row {
                t_ms: (self.now - Time::ZERO).ms(),
                pass: self.accounting.sync_count(),
                event,
                transferred_bytes: self.transferred(),
                remaining_bytes: self.remaining().0,
                dirty_pages_rate: self.accounting.dirty_pages_rate(),
                bandwidth: self.estimate.mbps * 1e6 / 8.0,
                throttle_pct: self.throttling.pct(),
                downtime_limit_ms: self.scenario.qemu.params.downtime_limit.whole_ms(),
                guest_cpu_share_pct: share * 100.0,
            },
        );
    }
}

impl Costs {
    fn new(bandwidth: Rate, zero_scan: Rate) -> Costs {
        let sending = |bytes: u64| bytes as f64 * bandwidth.ns_per_byte();
        let scanning = PAGE_SIZE as f64 * zero_scan.ns_per_byte();
        let zero = scanning.max(sending(wire::ZERO_PAGE));
        Costs {
            normal: Cost { bytes: wire::NORMAL_PAGE, ns: sending(wire::NORMAL_PAGE), flush: wire::FLUSH_NORMAL },
            zero: Cost { bytes: wire::ZERO_PAGE, ns: zero, flush: wire::FLUSH_SMALL },
        }
    }
}

/// Pages until the look at the clock that ends the call: it comes after page 0, 64, 128, ... and must find `left`
/// used up. `sent` pages of the call are out already.
fn pages_until_check(sent: u64, left: Span, ns_per_page: f64) -> u64 {
    let needed = ((left.0 as f64 / ns_per_page).ceil() as u64).max(1);
    let page = (sent + needed - 1).next_multiple_of(wire::CALL_CHECK_PAGES);
    page + 1 - sent
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_is_looked_at_every_64_pages() {
        for (sent, left, ns, pages) in
            [(0, 51_000_000, 1_000_000.0, 65), (0, 51_000_000, 60_000_000.0, 1), (10, 1, 1.0, 55), (65, 1, 1.0, 64)]
        {
            assert_eq!(pages_until_check(sent, Span(left), ns), pages, "{sent} {left} {ns}");
        }
    }
}
