//! QEMU's migration thread as a state machine over simulated time (qemu-precopy 1).
//!
//! The loop is QEMU's own: a step (sync, complete, or one iterate call), then the rate limiter. Between two events
//! of the outside world everything in it is arithmetic; [`advance`](Migration::advance) is the one place where time
//! passes and such events are met. Events at the same instant are taken in the order in which
//! [`Outside`](super::outside::Outside) lists them.

use super::dirty_limiting::DirtyLimiting;
use super::outside::{Event as Happening, Outside};
use super::page_phase::PagePhase;
use super::pattern::{Pattern, Patterns, Repeating};
use super::recorder::Recorder;
use super::stream::{Cost, Counts, Stream};
use super::throttling::Throttling;
use super::xbzrle::Xbzrle;
use super::{Event, Options, Row};
use crate::guest::{Activity, Memory, PageSize, Run};
use crate::qemu::postcopy::{PostCopy, Turn};
use crate::qemu::{
    Accel, Accounting, Capabilities, Command, Estimate, ExpectedDowntime, PERIODIC_SYNC_INTERVAL, Params, PeriodicSync,
    Profile, Sync, TIMER_SLACK, Throttle, Window, cpu_throttle, fixed_throttle, limiter, switchover, wire,
};
use crate::scenario::{Scenario, When};
use crate::units::{Bytes, Duty, PAGE_SIZE, Pages, Span, Time};

/// An iterate call ends at the first look at the clock that shows more than 50 whole ms.
const CALL_LIMIT: Span = Span::from_ms(51);

/// Something ended the migration before it was complete.
#[derive(Clone, Copy)]
pub(super) enum Interrupted {
    /// The time limit came.
    OutOfTime,
    /// It was cancelled.
    Cancelled,
    /// The connection broke.
    LinkFailed,
}

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
    pub(super) stream: Stream,
    /// Share of the page under way that is through [0..1]; more than 0 only after an event from outside.
    under_way: f64,
    pub(super) estimate: Estimate,
    pub(super) expected_downtime_ms: u64,
    /// Bytes that remained right after the last sync.
    remaining_at_sync: Bytes,
    window: OpenWindow,
    patterns: Option<Patterns>,
    xbzrle: Option<Xbzrle>,
    dirty_limiting: Option<DirtyLimiting>,
    /// Parameters as they are now.
    pub(super) params: Params,
    /// Commands given so far.
    obeyed: usize,
    /// `migrate-start-postcopy` was given.
    postcopy_requested: bool,
    /// When the destination's word for the switchover is here (`switchover-ack`).
    acknowledged: Time,
    pub(super) postcopy: Option<PagePhase>,
    /// Since when the guest stands still by command.
    pub(super) halted: Option<Time>,
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
    pub(super) ram: u64,
    /// Bytes on the wire.
    pub(super) wire: u64,
    pub(super) normal: u64,
    pub(super) duplicate: u64,
    /// Pages that are counted in neither of the two.
    encoded: u64,
    /// Write-protection faults taken by the guest.
    pub(super) faults: u64,
}

impl Counters {
    /// Counts pages by their kind.
    pub(super) fn count(&mut self, counts: Counts, pages: u64) {
        *match counts {
            Counts::Normal => &mut self.normal,
            Counts::Duplicate => &mut self.duplicate,
            Counts::Encoded => &mut self.encoded,
        } += pages;
    }
}

/// The bandwidth window that is open.
#[derive(Default)]
struct OpenWindow {
    start: Time,
    /// Bytes of either count before it.
    ram_before: u64,
    wire_before: u64,
    /// Bytes that the limiter has counted.
    used: u64,
    /// Queued but not flushed, where the limiter counts flushed bytes only.
    unflushed: u64,
    /// Slept in the limiter, from this long after the start on.
    slept_from: Option<Span>,
    pattern: Pattern,
}

impl<'a, M: Memory> Migration<'a, M> {
    pub(super) fn new(scenario: &'a Scenario, options: &Options, memory: M) -> Migration<'a, M> {
        let config = &scenario.qemu;
        let activity = Activity::new(&scenario.guest);
        let mut profile = Profile::of(config.version);
        profile.closes_mid_call |= profile.closes_mid_huge_page && scenario.guest.page_size != PageSize::Small;
        Migration {
            profile,
            caps: config.capabilities,
            memory,
            accounting: Accounting::default(),
            throttling: Throttling::default(),
            counters: Counters::default(),
            recorder: Recorder::new(options.timeline),
            now: Time::ZERO,
            outside: Outside::new(&scenario.link, activity.next_change(Time::ZERO), Time::ZERO + scenario.limits.time),
            activity,
            timer: PeriodicSync::default(),
            under_way: 0.0,
            stream: Stream::new(scenario.link.at(Time::ZERO).0, scenario.guest.zero_scan, config),
            estimate: Estimate::default(),
            expected_downtime_ms: config.params.downtime_limit.whole_ms(),
            remaining_at_sync: Bytes(0),
            window: OpenWindow::default(),
            // With a cache each pass's pages cost something else; windows do not repeat.
            patterns: (options.skip && !config.capabilities.xbzrle).then(Patterns::default),
            dirty_limiting: config.capabilities.dirty_limit.then(|| DirtyLimiting::new(config, &scenario.guest)),
            xbzrle: Xbzrle::new(config, &scenario.guest),
            params: config.params.clone(),
            obeyed: 0,
            postcopy_requested: false,
            acknowledged: Time::ZERO,
            postcopy: None,
            halted: None,
            setup: Span::ZERO,
            stop: None,
            writes: Vec::new(),
            scenario,
        }
    }

    /// From the command to the end.
    ///
    /// # Errors
    /// Something else ended it; the state is that of this instant.
    pub(super) fn migrate(&mut self) -> Result<(), Interrupted> {
        self.record(Event::Start);
        self.await_command();
        self.set_up()?;
        loop {
            if !self.rate_exceeded() && self.step()? {
                return Ok(());
            }
            self.rate_limit()?;
        }
    }

    /// Lets time pass up to `until`, meeting what happens outside on the way.
    pub(super) fn advance(&mut self, until: Time) -> Result<(), Interrupted> {
        while self.outside.next() <= until.min(Time::LAST) {
            let (at, event) = self.outside.take(&self.scenario.link);
            // A sync that a tick starts may last beyond the next event.
            self.now = self.now.max(at);
            self.window.pattern.disturb();
            match event {
                Happening::LinkChange(bandwidth) => {
                    self.stream = Stream::new(bandwidth, self.scenario.guest.zero_scan, &self.scenario.qemu);
                    if let Some(patterns) = &mut self.patterns {
                        *patterns = Patterns::default();
                    }
                    self.record(Event::Link);
                }
                Happening::WorkloadChange => {
                    // In force from the event's own time on, also when a sync has run past it.
                    self.activity.set_duty(self.activity.duty().seen_from(at));
                    self.outside.set_workload_change(self.activity.next_change(at));
                }
                Happening::Command => self.obey()?,
                Happening::LinkFailure => return Err(Interrupted::LinkFailed),
                Happening::Measure => self.measure(),
                Happening::Tick => self.tick(),
                Happening::Limit => return Err(Interrupted::OutOfTime),
            }
        }
        self.now = self.now.max(until);
        Ok(())
    }

    /// Does what the next command says.
    fn obey(&mut self) -> Result<(), Interrupted> {
        let at = &self.scenario.at[self.obeyed];
        self.obeyed += 1;
        self.await_command();
        match &at.command {
            Command::Set(params) => {
                self.params = params.clone();
                if let Some(patterns) = &mut self.patterns {
                    *patterns = Patterns::default();
                }
            }
            Command::Pause if self.halted.is_none() => {
                self.halted = Some(self.now);
                self.activity.set_duty(Duty::halted(self.now));
            }
            Command::Continue if self.halted.is_some() => {
                self.halted = None;
                let free = Duty { from: self.now, ..Duty::FREE };
                self.activity.set_duty(self.duty(&free));
            }
            Command::Pause | Command::Continue => {}
            Command::StartPostcopy => self.postcopy_requested = true,
            Command::Cancel => return Err(Interrupted::Cancelled),
        }
        self.record(Event::Command);
        Ok(())
    }

    fn await_command(&mut self) {
        self.outside.set_command(match self.scenario.at.get(self.obeyed).map(|at| at.when) {
            Some(When::Time(time)) => time,
            Some(When::Pass(pass)) if pass <= self.accounting.sync_count() => self.now,
            Some(When::Pass(_)) | None => Time::NEVER,
        });
    }

    /// Phase 1: connection, stream header, log on, sync #1.
    fn set_up(&mut self) -> Result<(), Interrupted> {
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
        // A destination without devices that load ahead agrees as soon as it has read the setup.
        self.acknowledged = self.now + self.scenario.link.latency * 2;
        Ok(())
    }

    /// One turn of the loop; whether the migration is complete.
    fn step(&mut self) -> Result<bool, Interrupted> {
        let threshold = Bytes(self.estimate.threshold_size);
        if switchover::sync_wanted(self.remaining(), threshold) {
            self.sync(self.scenario.qemu.sync_time)?;
        }
        let pending = self.remaining();
        let allowed =
            switchover::allowed(self.caps.switchover_ack, self.halted.is_none(), self.now >= self.acknowledged);
        let completing = allowed && switchover::complete(&self.profile, pending, threshold);
        let turn = Turn {
            requested: self.postcopy_requested,
            completing,
            must_precopy: Bytes(0),
            threshold,
            switchover_allowed: allowed,
        };
        if PostCopy::of(self.scenario.qemu.version).switches(turn) {
            self.post_copy(pending)?;
            return Ok(true);
        }
        if completing {
            self.stop_and_copy(pending)?;
            return Ok(true);
        }
        self.iterate()?;
        Ok(false)
    }

    /// One iterate call: pages in cursor order until the limiter, the clock or an empty bitmap ends it.
    fn iterate(&mut self) -> Result<(), Interrupted> {
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
            let cost = self.cost(&run);
            let by_clock = pages_until_check(sent, cost.pages_to_fill((start + CALL_LIMIT) - self.now));
            let mut pages = run.pages.min(self.pages_until_exceeded(cost)).min(by_clock);
            let closes = Time((self.window.start.whole_ms() + limiter::WINDOW.whole_ms()) * 1_000_000);
            if self.profile.closes_mid_call {
                pages = pages.min(cost.pages_to_fill(closes - self.now));
            }
            let end;
            (pages, end) = self.undisturbed(pages, cost);
            self.send(pages, &run, cost);
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
        let framing = wire::CALL_FRAMING + self.stream.per_call();
        self.counters.ram += self.stream.per_call();
        self.counters.wire += framing;
        self.window.used += self.window.unflushed + framing;
        self.window.unflushed = 0;
        Ok(())
    }

    /// How many of `pages` are through before something happens outside, and when that is.
    ///
    /// A page that is under way then stays under way: it costs what is left of it afterwards.
    fn undisturbed(&mut self, pages: u64, cost: Cost) -> (u64, Time) {
        let end = self.now + cost.time_of(pages as f64 - self.under_way);
        let happens = self.outside.next();
        if end < happens || happens == Time::NEVER {
            self.under_way = 0.0;
            return (pages, end);
        }
        let through = self.under_way + cost.part_in(happens - self.now);
        let whole = pages.min(through as u64);
        self.under_way = if whole < pages { through - whole as f64 } else { 0.0 };
        (whole, happens)
    }

    /// Sends pages of the run under the cursor; time is the caller's business.
    fn send(&mut self, pages: u64, run: &Run, cost: Cost) {
        if pages == 0 {
            return;
        }
        let cached = run.changed.is_some() && self.memory.has_wrapped();
        self.memory.send(pages);
        let bytes = cost.bytes(pages);
        self.counters.ram += bytes;
        self.counters.wire += bytes;
        let encoded = match &mut self.xbzrle {
            Some(xbzrle) if cached => xbzrle.send(pages),
            _ => 0,
        };
        self.counters.count(Counts::Encoded, encoded);
        self.counters.count(cost.counts(), pages - encoded);
        if !cost.is_limited() {
            // Past the limiter.
        } else if self.profile.limiter_counts_flushed {
            let queued = self.window.unflushed + bytes;
            let flushed = cost.flushed(queued);
            self.window.used += flushed;
            self.window.unflushed = queued - flushed;
        } else {
            self.window.used += bytes;
        }
        self.window.pattern.add(pages, run.zero);
    }

    /// The limiter's turn: closes a window that is over, and sleeps out one that is used up.
    fn rate_limit(&mut self) -> Result<(), Interrupted> {
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
    fn learn(&mut self, bytes: u64, start: Time) {
        let spent = Span::from_ms(self.now.whole_ms() - start.whole_ms());
        let window = Window { transferred: Bytes(bytes), spent };
        self.estimate = window.estimate(&self.profile, &self.params);
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
        if self.postcopy_requested {
            return;
        }
        let Some(run) = self.memory.next_run() else { return };
        let Some(one) = self.patterns.as_ref().and_then(|patterns| patterns.of(run.zero)) else { return };
        let shortest = Window { transferred: Bytes(one.wire), spent: Span::from_ms(one.length.whole_ms()) };
        let params = &self.params;
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
        self.counters.ram += windows * one.ram;
        self.counters.wire += windows * one.wire;
        self.counters.count(self.stream.cost(run.zero).counts(), pages);
        self.now += one.length * windows;
        let last = Time(self.now.0 - one.length.0);
        self.learn(one.wire, last);
        self.window.start = self.now;
        (self.window.ram_before, self.window.wire_before) = (self.counters.ram, self.counters.wire);
    }

    /// One sync that takes `duration` once the log can be fetched, with its decision.
    fn sync(&mut self, duration: Span) -> Result<(), Interrupted> {
        let begin = self.now;
        self.window.pattern.disturb();
        // TCG's log is fetched from the vCPU's own thread, which sleeps while it is throttled.
        let asleep = self.activity.duty().asleep(self.now).filter(|_| self.stop.is_none() && self.halted.is_none());
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
        let period = self.accounting.sync(&self.profile, &self.params, self.caps, sync);
        self.remaining_at_sync = self.remaining();
        if let Some(xbzrle) = &mut self.xbzrle {
            xbzrle.sync(Pages(self.memory.remaining()));
        }
        self.record(Event::Sync);
        if self.stop.is_none() && !self.scenario.at.is_empty() {
            self.await_command();
        }
        if self.stop.is_some() || !period.is_some_and(|period| period.fired) {
            return;
        }
        if self.caps.auto_converge {
            self.throttle();
        } else if let Some(limiting) = &mut self.dirty_limiting
            && limiting.fire(self.params.vcpu_dirty_limit)
        {
            self.outside.set_measure(self.now + self.params.x_vcpu_dirty_limit_period);
        }
    }

    /// The dirty limiter looks at what it has measured, and moves the vCPUs' sleeps.
    fn measure(&mut self) {
        let period = self.params.x_vcpu_dirty_limit_period;
        self.outside.set_measure(self.now + period);
        if self.halted.is_some() {
            return;
        }
        let duty = self.dirty_limiting.as_mut().and_then(|l| l.measure(period, self.activity.duty(), self.now));
        if let Some(duty) = duty.filter(|duty| (duty.period, duty.sleep) != self.sleeping()) {
            self.activity.set_duty(duty);
            self.throttling.set(100.0 * (1.0 - duty.run_share()), duty.sleep, self.now);
            self.record(Event::Throttle);
        }
    }

    /// Period and sleep of the pattern in force.
    fn sleeping(&self) -> (Span, Span) {
        let duty = self.activity.duty();
        (duty.period, duty.sleep)
    }

    /// The pattern of sleep and run that the accounting asks for from now on, while `old` was in force.
    fn duty(&self, old: &Duty) -> Duty {
        let pct = self.accounting.throttle_pct();
        match self.profile.throttle {
            Throttle::Ramp(ramp) if pct > 0 => cpu_throttle::set(pct, ramp, old, self.now),
            Throttle::Fixed if self.accounting.fixed_throttle() => {
                let cost = self.stream.cost(false);
                let burst = match self.quota() {
                    0 => Span(u64::MAX),
                    quota => cost.time(cost.pages_to_exceed_queued(quota, 0)),
                };
                fixed_throttle::pattern(self.now, burst, limiter::WINDOW + TIMER_SLACK)
            }
            _ => *old,
        }
    }

    /// Puts the throttle that the accounting asks for in force.
    fn throttle(&mut self) {
        if self.halted.is_some() || (self.profile.throttle == Throttle::Fixed && self.throttling.pct() > 0.0) {
            return;
        }
        let duty = self.duty(self.activity.duty());
        self.activity.set_duty(duty);
        let pct = match self.profile.throttle {
            Throttle::Ramp(_) => f64::from(self.accounting.throttle_pct()),
            Throttle::Fixed => 100.0 * (1.0 - duty.run_share()),
        };
        self.throttling.set(pct, duty.sleep, self.now);
        self.record(Event::Throttle);
    }

    /// The guest stops, with `pending` left, and a last sync says what it has written since.
    pub(super) fn stop_guest(&mut self, pending: Bytes) -> Result<(), Interrupted> {
        let decided = self.now;
        self.outside.close();
        let interruptible = matches!(self.profile.throttle, Throttle::Ramp(ramp) if ramp.interruptible);
        let asleep = self.activity.duty().asleep(self.now).filter(|_| self.halted.is_none());
        if let (false, Some(wake)) = (interruptible, asleep) {
            self.advance(wake)?;
        }
        self.stop = Some(Stop { decided, stopped: self.now, pending });
        self.record(Event::Stop);
        self.sync(self.scenario.qemu.sync_time)
    }

    /// Phase 5: the guest stops, and everything that is left goes over without a limit.
    fn stop_and_copy(&mut self, pending: Bytes) -> Result<(), Interrupted> {
        self.stop_guest(pending)?;
        while let Some(run) = self.memory.next_run() {
            let cost = self.cost(&run);
            let (pages, end) = self.undisturbed(run.pages, cost);
            self.send(pages, &run, cost);
            self.advance(end)?;
        }
        self.counters.ram += wire::CALL_COUNTED;
        self.counters.wire += wire::CALL_FRAMING;
        let answer =
            if self.scenario.qemu.capabilities.return_path { self.scenario.link.latency * 2 } else { Span::ZERO };
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

    /// What a page of this run costs now.
    fn cost(&self, run: &Run) -> Cost {
        match (&self.xbzrle, run.changed) {
            (Some(xbzrle), Some(changed)) if self.memory.has_wrapped() => xbzrle.cost(changed, self.stream.rate()),
            _ => *self.stream.cost(run.zero),
        }
    }

    fn quota(&self) -> u64 {
        limiter::quota(self.params.max_bandwidth)
    }

    fn rate_exceeded(&self) -> bool {
        limiter::exceeded(self.quota(), self.window.used)
    }

    /// Pages after which the limiter, which lets one go now, will say stop.
    fn pages_until_exceeded(&self, cost: Cost) -> u64 {
        let OpenWindow { used, unflushed, .. } = self.window;
        if self.profile.limiter_counts_flushed {
            cost.pages_to_exceed_flushed(self.quota(), used, unflushed).max(1)
        } else {
            cost.pages_to_exceed_queued(self.quota(), used)
        }
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
                downtime_limit_ms: self.params.downtime_limit.whole_ms(),
                guest_cpu_share_pct: share * 100.0,
            },
        );
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
