//! QEMU's migration thread as a state machine over simulated time (qemu-precopy 1).
//!
//! The loop is QEMU's own: a step (sync, complete, or one iterate call), then the rate limiter. Between two events
//! of the outside world everything in it is arithmetic; [`advance`](Migration::advance) is the one place where time
//! passes and such events are met. Events at the same instant are taken in the order in which
//! [`Outside`](super::outside::Outside) lists them.

use super::dirty_limiting::DirtyLimiting;
use super::orders::Orders;
use super::outside::{Event as Happening, Outside};
use super::page_phase::PagePhase;
use super::pattern::{Pattern, Patterns};
use super::recorder::Recorder;
use super::stream::{Counts, Stream};
use super::throttling::Throttling;
use super::xbzrle::Xbzrle;
use super::{Event, Options, Row, Watch};
use std::sync::Arc;

use crate::guest::{Activity, Memory, PageSize};
use crate::link::Link;
use crate::orchestrator::{Engine, Why};
use crate::qemu::postcopy::{PostCopy, Turn};
use crate::qemu::{
    AutoConverge, Capabilities, Estimate, PERIODIC_SYNC_INTERVAL, Params, PeriodicSync, Profile, Throttle, switchover,
    wire,
};
use crate::scenario::Scenario;
use crate::units::{Bytes, Pages, Span, Time};

/// Something ended the migration before it was complete.
#[derive(Clone, Copy)]
pub(super) enum Interrupted {
    /// The time limit came.
    OutOfTime,
    /// It was cancelled.
    Cancelled,
    /// The connection broke.
    LinkFailed,
    /// The orchestrator cancelled it.
    Aborted(Why),
    /// Whoever looks on wants no more of it.
    Stopped,
}

/// One migration under way; a clone goes on from the same moment.
#[derive(Clone)]
pub(super) struct Migration<'a, M> {
    pub(super) scenario: &'a Scenario,
    /// The scenario's link, or its share of one.
    pub(super) link: Link,
    pub(super) profile: Profile,
    pub(super) caps: Capabilities,
    pub(super) memory: M,
    pub(super) activity: Activity,
    pub(super) auto_converge: AutoConverge,
    pub(super) throttling: Throttling,
    pub(super) counters: Counters,
    pub(super) recorder: Recorder,
    pub(super) now: Time,
    /// Windows are not jumped over beyond this moment: what is there is not settled yet.
    pub(super) horizon: Time,
    pub(super) outside: Outside,
    pub(super) timer: PeriodicSync,
    pub(super) stream: Stream,
    /// Share of the page under way that is through [0..1]; more than 0 only after an event from outside.
    pub(super) under_way: f64,
    pub(super) estimate: Estimate,
    /// `expected-downtime`; none before the first window is over.
    pub(super) expected_downtime_ms: Option<u64>,
    /// Bytes that remained right after the last sync.
    pub(super) remaining_at_sync: Bytes,
    pub(super) window: OpenWindow,
    pub(super) patterns: Option<Patterns>,
    pub(super) xbzrle: Option<Xbzrle>,
    pub(super) dirty_limiting: Option<DirtyLimiting>,
    /// Parameters as they are now.
    pub(super) params: Params,
    /// Commands given so far.
    pub(super) obeyed: usize,
    /// The layer above.
    pub(super) orders: Option<Orders<'a>>,
    /// `migrate-start-postcopy` was given.
    pub(super) postcopy_requested: bool,
    /// When the destination's word for the switchover is here (`switchover-ack`).
    pub(super) acknowledged: Time,
    pub(super) postcopy: Option<PagePhase>,
    /// Since when the guest stands still by command.
    pub(super) halted: Option<Time>,
    /// Length of phase 1, once it is over.
    pub(super) setup: Option<Span>,
    /// When the decision to stop the guest fell, and when its vCPUs stood still.
    pub(super) stop: Option<Stop>,
    pub(super) writes: Vec<u64>,
    watch: Option<Arc<Watch>>,
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
#[derive(Clone, Default)]
pub(super) struct Counters {
    /// `ram.transferred` up to 8.1 [bytes].
    pub(super) ram: u64,
    /// Bytes on the wire.
    pub(super) wire: u64,
    pub(super) normal: u64,
    pub(super) duplicate: u64,
    /// Pages that are counted in neither of the two.
    pub(super) encoded: u64,
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
#[derive(Clone, Default)]
pub(super) struct OpenWindow {
    pub(super) start: Time,
    /// Bytes of either count before it.
    pub(super) ram_before: u64,
    pub(super) wire_before: u64,
    /// Bytes that the limiter has counted.
    pub(super) used: u64,
    /// Queued but not flushed, where the limiter counts flushed bytes only.
    pub(super) unflushed: u64,
    /// Slept in the limiter, from this long after the start on.
    pub(super) slept_from: Option<Span>,
    pub(super) pattern: Pattern,
}

impl<'a, M: Memory> Migration<'a, M> {
    pub(super) fn new(scenario: &'a Scenario, link: Link, options: &Options, memory: M) -> Migration<'a, M> {
        let config = &scenario.qemu;
        let mut activity = Activity::new(&scenario.guest);
        if config.capabilities.dirty_limit {
            activity = activity.under_dirty_limit();
        }
        let mut profile = Profile::of(config.version);
        profile.closes_mid_call |= profile.closes_mid_huge_page && scenario.guest.page_size != PageSize::Small;
        Migration {
            profile,
            caps: config.capabilities,
            memory,
            auto_converge: AutoConverge::default(),
            throttling: Throttling::default(),
            counters: Counters::default(),
            recorder: Recorder::new(options.timeline),
            now: Time::ZERO,
            horizon: Time::NEVER,
            outside: Outside::new(&link, activity.next_change(Time::ZERO), Time::ZERO + scenario.limits.time),
            activity,
            timer: PeriodicSync::default(),
            under_way: 0.0,
            stream: Stream::new(link.at(Time::ZERO).0, scenario.guest.zero_scan, config),
            estimate: Estimate::default(),
            expected_downtime_ms: None,
            remaining_at_sync: Bytes(0),
            window: OpenWindow::default(),
            // With a cache each pass's pages cost something else; windows do not repeat.
            patterns: (options.skip && !config.capabilities.xbzrle).then(Patterns::default),
            dirty_limiting: config.capabilities.dirty_limit.then(|| DirtyLimiting::new(config, &scenario.guest)),
            xbzrle: Xbzrle::new(config, &scenario.guest),
            params: config.params.clone(),
            obeyed: 0,
            // Polls that do nothing are left out whatever `skip` says: an event of its own cuts the time of a page in
            // two, and the halves are rounded one by one.
            orders: scenario
                .orchestrator
                .as_ref()
                .map(|policy| Orders::new(Engine::new(policy, config.params.downtime_limit, true))),
            postcopy_requested: false,
            acknowledged: Time::ZERO,
            postcopy: None,
            halted: None,
            setup: None,
            stop: None,
            writes: Vec::with_capacity(scenario.guest.workloads.len()),
            watch: options.watch.clone(),
            link,
            scenario,
        }
    }

    /// From the command to the end.
    ///
    /// # Errors
    /// Something else ended it; the state is that of this instant.
    pub(super) fn migrate(&mut self) -> Result<(), Interrupted> {
        self.begin()?;
        while !self.turn()? {}
        Ok(())
    }

    /// What comes before the loop.
    ///
    /// # Errors
    /// As [`migrate`](Self::migrate).
    pub(super) fn begin(&mut self) -> Result<(), Interrupted> {
        self.record(Event::Start);
        self.await_command();
        self.start_orchestrator()?;
        self.set_up()
    }

    /// One turn of the loop; whether the migration is complete.
    ///
    /// # Errors
    /// As [`migrate`](Self::migrate).
    pub(super) fn turn(&mut self) -> Result<bool, Interrupted> {
        if self.watch.as_ref().is_some_and(|watch| watch.reaches(self.now)) {
            return Err(Interrupted::Stopped);
        }
        if !self.rate_exceeded() && self.step()? {
            return Ok(true);
        }
        self.rate_limit()?;
        Ok(false)
    }

    /// Lets time pass up to `until`, meeting what happens outside on the way.
    #[inline]
    pub(super) fn advance(&mut self, until: Time) -> Result<(), Interrupted> {
        while self.outside.next() <= until.min(Time::LAST) {
            let (at, event) = self.outside.take();
            // A sync that a tick starts may last beyond the next event.
            self.now = self.now.max(at);
            self.window.pattern.disturb();
            match event {
                Happening::LinkChange => {
                    let (bandwidth, next) = self.link.at(at);
                    self.outside.set(Happening::LinkChange, next);
                    self.stream = Stream::new(bandwidth, self.scenario.guest.zero_scan, &self.scenario.qemu);
                    self.forget_patterns();
                    self.record(Event::Link);
                }
                Happening::WorkloadChange => {
                    // In force from the event's own time on, also when a sync has run past it.
                    self.activity.set_duty(self.activity.duty().seen_from(at));
                    self.outside.set(Happening::WorkloadChange, self.activity.next_change(at));
                }
                Happening::Command => self.obey()?,
                Happening::Orchestrator => self.orchestrate()?,
                Happening::LinkFailure => return Err(Interrupted::LinkFailed),
                Happening::Measure => self.measure(),
                Happening::Tick => self.tick(),
                Happening::Limit => return Err(Interrupted::OutOfTime),
            }
        }
        self.now = self.now.max(until);
        Ok(())
    }

    /// Phase 1: connection, stream header, log on, sync #1.
    fn set_up(&mut self) -> Result<(), Interrupted> {
        self.advance(self.now + self.link.latency * 2)?;
        let start = self.now;
        self.window.start = start;
        if self.profile.periodic_sync && self.caps.auto_converge {
            self.outside.set(Happening::Tick, start + PERIODIC_SYNC_INTERVAL);
        }
        let config = &self.scenario.qemu;
        let sync = config.sync_time.min(config.setup_time);
        self.advance(start + (config.setup_time - sync))?;
        self.sync(sync)?;
        self.setup = Some(self.now - start);
        // A destination without devices that load ahead agrees as soon as it has read the setup.
        self.acknowledged = self.now + self.link.latency * 2;
        Ok(())
    }

    /// Sync, completion, or one iterate call; whether the migration is complete.
    fn step(&mut self) -> Result<bool, Interrupted> {
        if self.orders.as_ref().is_some_and(Orders::decides) {
            return self.step_as_ordered();
        }
        let begin = self.now;
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
        if pending.0 == 0 && self.now == begin {
            // QEMU turns over and over until the destination's word is here.
            self.advance(self.acknowledged)?;
        }
        self.iterate()?;
        Ok(false)
    }

    /// The same, where the orchestrator decides when the guest is stopped and QEMU only copies.
    fn step_as_ordered(&mut self) -> Result<bool, Interrupted> {
        if self.remaining().0 == 0 && !self.switches_over(Bytes(0)) {
            self.sync(self.scenario.qemu.sync_time)?;
        }
        let pending = self.remaining();
        if pending.0 == 0 || self.switches_over(pending) {
            self.stop_and_copy(pending)?;
            return Ok(true);
        }
        self.iterate()?;
        Ok(false)
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
            self.send(pages, &run, cost, end);
            self.advance(end)?;
        }
        self.counters.ram += wire::CALL_COUNTED;
        self.counters.wire += wire::CALL_FRAMING;
        let answer = if self.caps.return_path { self.link.latency * 2 } else { Span::ZERO };
        self.advance(self.now + self.scenario.qemu.switchover_time + answer)
    }

    pub(super) fn remaining(&self) -> Bytes {
        Pages(self.memory.remaining()).bytes()
    }

    /// `ram.transferred`, as the release counts it.
    pub(super) fn transferred(&self) -> u64 {
        if self.profile.wire_bytes { self.counters.wire } else { self.counters.ram }
    }

    pub(super) fn record(&mut self, event: Event) {
        self.record_detailed(event, String::new());
    }

    /// The same, with a few words.
    pub(super) fn record_detailed(&mut self, event: Event, detail: String) {
        if !self.recorder.is_on() {
            return;
        }
        let share = if self.stop.is_some() { 0.0 } else { self.activity.duty().run_share() };
        self.recorder.add(
            self.now,
            Row {
                t_ms: (self.now - Time::ZERO).ms(),
                pass: self.auto_converge.sync_count(),
                event,
                transferred_bytes: self.transferred(),
                remaining_bytes: self.remaining().0,
                dirty_pages_rate: self.auto_converge.dirty_pages_rate(),
                bandwidth: self.estimate.mbps * 1e6 / 8.0,
                throttle_pct: self.throttling.pct(),
                downtime_limit_ms: self.params.downtime_limit.whole_ms(),
                guest_cpu_share_pct: share * 100.0,
                detail,
            },
        );
    }
}
