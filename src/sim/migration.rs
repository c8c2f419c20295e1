//! QEMU's migration thread as a state machine over simulated time (qemu-precopy 1).
//!
//! The loop is QEMU's own: a step (sync, complete, or one iterate call), then the rate limiter. Between two events
//! of the outside world everything in it is arithmetic; [`advance`](Migration::advance) lets time pass and carries out
//! the events that the clock meets. Events at the same instant are taken in the order of
//! [`OutsideEvent`](super::event_queue::OutsideEvent).

use std::borrow::Cow;
use std::sync::Arc;

use super::clock::Clock;
use super::event_queue::{EventQueue, OutsideEvent};
use super::orders::Orders;
use super::own_switchover::OwnSwitchover;
use super::page_phase::PagePhase;
use super::recorder::Recorder;
use super::repeats::PassRepeats;
use super::sender::Sender;
use super::throttler::Throttler;
use super::{Event, Memory, Options, Watch};
use crate::guest::{FirstWrites, GuestMemory, Law};
use crate::link::Link;
use crate::orchestrator::{Engine, Polls, Why};
use crate::qemu::postcopy::{PostCopy, Turn};
use crate::qemu::{PERIODIC_SYNC_INTERVAL, Profile, SyncOccasion, switchover};
use crate::scenario::Scenario;
use crate::units::{Bytes, Span, Time};

/// No sync of 11.1 takes less: an assumption. Where nothing is left and nothing may be, a guest of few pages is synced again and
/// again.
const SHORTEST_SYNC: Span = Span(10_000);

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
    /// The orchestrator acted on what it may have missed.
    Unsure,
}

/// One migration under way; a clone goes on from the same moment.
#[derive(Clone)]
pub(super) struct Migration<'a, M> {
    pub(super) scenario: &'a Scenario,
    pub(super) profile: Profile,
    pub(super) post_copy_rules: PostCopy,
    pub(super) clock: Clock,
    pub(super) sender: Sender<'a, M>,
    pub(super) throttler: Throttler,
    pub(super) recorder: Recorder,
    /// Commands given so far.
    pub(super) obeyed: usize,
    /// The layer above.
    pub(super) orders: Option<Orders<'a>>,
    /// `migrate-start-postcopy` was given.
    pub(super) postcopy_requested: bool,
    /// When the destination's word for the switchover is here (`switchover-ack`).
    pub(super) acknowledged: Time,
    pub(super) postcopy: Option<PagePhase>,
    /// Length of phase 1, once it is over.
    pub(super) setup: Option<Span>,
    pub(super) stop: Option<Stop>,
    /// Passes that repeat are looked for; none where they are to be walked, or never repeat.
    pub(super) repeats: Option<PassRepeats>,
    watch: Option<Arc<Watch>>,
    pub(super) own_switchover: OwnSwitchover,
}

/// Looks for passes that repeat, where passes can be alike: a cache and a dirty limiter change what a pass costs as it goes, and what
/// a rule or an order of one's own does next is not known.
fn repeats(scenario: &Scenario, options: &Options) -> Option<PassRepeats> {
    let (qemu, workloads) = (&scenario.qemu, &scenario.guest.workloads);
    let has = |is: fn(&Law) -> bool| workloads.iter().any(|workload| is(&workload.law));
    let own = qemu.switchover.own().is_some() || qemu.throttle_rule.is_some() || has(|law| matches!(law, Law::Own(_)));
    let walked = !options.jump || options.memory != Memory::Expected;
    let in_order = has(|law| matches!(law, Law::Sequential { .. }));
    if walked || own || qemu.capabilities.xbzrle || qemu.capabilities.dirty_limit {
        return None;
    }
    let mut repeats = PassRepeats::new(in_order, options.until_hopeless);
    repeats.against_highest |= scenario.orchestrator.is_some();
    Some(repeats)
}

/// The end of the guest's time on the source.
#[derive(Clone, Copy)]
pub(super) struct Stop {
    /// Downtime begins.
    pub(super) decided: Time,
    /// What the decision saw remaining.
    pub(super) pending: Bytes,
}

impl<'a, M: GuestMemory> Migration<'a, M> {
    pub(super) fn new(
        scenario: &'a Scenario,
        link: Cow<'a, Link>,
        options: &Options,
        memory: M,
        known: &mut FirstWrites,
        polls: Polls,
    ) -> Migration<'a, M> {
        let config = &scenario.qemu;
        let profile = Profile::of(config.version);
        let throttler = Throttler::new(scenario, profile, known);
        let limit = Time::ZERO + scenario.limits.time;
        Migration {
            scenario,
            profile,
            post_copy_rules: PostCopy::of(config.version),
            clock: Clock::new(EventQueue::new(&link, throttler.next_workload_change(Time::ZERO), limit)),
            sender: Sender::new(scenario, profile, link, memory, options.skip),
            throttler,
            recorder: Recorder::new(options.timeline),
            obeyed: 0,
            // Polls that do nothing are left out whatever `skip` says: an event of its own cuts the time of a page in
            // two, and the halves are rounded one by one.
            orders: scenario
                .orchestrator
                .as_ref()
                .map(|policy| Orders::new(Engine::new(policy, config.params.downtime_limit, polls))),
            postcopy_requested: false,
            acknowledged: Time::ZERO,
            postcopy: None,
            setup: None,
            stop: None,
            repeats: repeats(scenario, options),
            watch: options.watch.clone(),
            own_switchover: OwnSwitchover::default(),
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
        if self.watch.as_ref().is_some_and(|watch| watch.reaches(self.clock.now())) {
            return Err(Interrupted::Stopped);
        }
        if !self.sender.rate_exceeded() && self.step()? {
            return Ok(true);
        }
        self.rate_limit()?;
        Ok(false)
    }

    /// Lets time pass up to `until`, meeting what happens outside on the way.
    #[inline]
    pub(super) fn advance(&mut self, until: Time) -> Result<(), Interrupted> {
        while let Some((at, event)) = self.clock.meet(until) {
            match event {
                OutsideEvent::LinkChange => {
                    let next = self.sender.change_link(at);
                    self.clock.set(event, next);
                    self.forget_repeats();
                    self.record(Event::Link);
                }
                OutsideEvent::WorkloadChange => {
                    let next = self.throttler.change_workload(at);
                    self.clock.set(event, next);
                    self.forget_repeats();
                }
                OutsideEvent::Command => self.obey()?,
                OutsideEvent::Orchestrator => self.orchestrate()?,
                OutsideEvent::LinkFailure => return Err(Interrupted::LinkFailed),
                OutsideEvent::Measure => self.measure(),
                OutsideEvent::Tick => self.tick(),
                OutsideEvent::Limit => return Err(Interrupted::OutOfTime),
            }
        }
        Ok(())
    }

    /// Phase 1: connection, stream header, log on, sync #1.
    fn set_up(&mut self) -> Result<(), Interrupted> {
        let round_trip = self.scenario.link.latency * 2;
        self.advance(self.clock.now() + round_trip)?;
        let start = self.clock.now();
        self.sender.open_window(&self.clock);
        let config = &self.scenario.qemu;
        if self.profile.periodic_sync && config.capabilities.auto_converge {
            self.clock.set(OutsideEvent::Tick, start + PERIODIC_SYNC_INTERVAL);
        }
        let sync = config.sync_time.min(config.setup_time);
        self.advance(start + (config.setup_time - sync))?;
        self.sync(sync, SyncOccasion::Setup)?;
        self.setup = Some(self.clock.now() - start);
        // A destination without devices that load ahead agrees as soon as it has read the setup.
        self.acknowledged = self.clock.now() + round_trip;
        Ok(())
    }

    /// Sync, completion, or one iterate call; whether the migration is complete.
    fn step(&mut self) -> Result<bool, Interrupted> {
        if self.orders.as_ref().is_some_and(Orders::decides) {
            return self.step_as_ordered();
        }
        let begin = self.clock.now();
        let threshold = self.sender.threshold();
        let allowed_before = self.switchover_allowed();
        let postcopy_ram = self.scenario.qemu.capabilities.postcopy_ram;
        self.await_next_question()?;
        let wanted =
            switchover::sync_wanted(&self.profile, self.sender.remaining(), threshold, postcopy_ram) && !self.goes_on();
        if wanted {
            let shortest = if self.profile.syncs_at_threshold { SHORTEST_SYNC } else { Span::ZERO };
            self.sync(self.scenario.qemu.sync_time.max(shortest), SyncOccasion::Pass)?;
            self.look_for_repeats()?;
        }
        let pending = self.sender.remaining();
        let allowed = if self.profile.acknowledged_after_queries { self.switchover_allowed() } else { allowed_before };
        let completing = allowed && self.completes(pending, threshold, wanted);
        let turn = Turn {
            requested: self.postcopy_requested,
            completing,
            must_precopy: Bytes(0),
            threshold,
            switchover_allowed: allowed,
        };
        if self.post_copy_rules.switches(turn) {
            self.post_copy(pending)?;
            return Ok(true);
        }
        if completing {
            self.stop_and_copy(pending)?;
            return Ok(true);
        }
        if pending.0 == 0 && self.clock.now() == begin {
            // QEMU turns over and over until the destination's word is here.
            self.advance(self.acknowledged)?;
        }
        self.iterate()?;
        Ok(false)
    }

    /// Whether the guest may be stopped by now.
    fn switchover_allowed(&self) -> bool {
        switchover::allowed(
            self.scenario.qemu.capabilities.switchover_ack,
            self.throttler.halted().is_none(),
            self.clock.now() >= self.acknowledged,
        )
    }

    /// A step where the orchestrator decides when the guest is stopped, and QEMU only copies.
    fn step_as_ordered(&mut self) -> Result<bool, Interrupted> {
        if self.sender.remaining().0 == 0 && !self.switches_over(Bytes(0)) {
            self.sync(self.scenario.qemu.sync_time, SyncOccasion::Pass)?;
        }
        let pending = self.sender.remaining();
        if pending.0 == 0 || self.switches_over(pending) {
            self.stop_and_copy(pending)?;
            return Ok(true);
        }
        self.iterate()?;
        Ok(false)
    }

    /// The guest stops, with `pending` left, and a last sync says what it has written since.
    pub(super) fn stop_guest(&mut self, pending: Bytes) -> Result<(), Interrupted> {
        let decided = self.clock.now();
        self.clock.close();
        if let (false, Some(wake)) = (self.throttler.is_interruptible(), self.throttler.asleep(decided)) {
            self.advance(wake)?;
        }
        self.throttler.stop(self.clock.now());
        self.stop = Some(Stop { decided, pending });
        self.record(Event::Stop);
        self.sync(self.scenario.qemu.sync_time, SyncOccasion::Stop)
    }

    /// Phase 5: the guest stops, and everything that is left goes over without a limit.
    fn stop_and_copy(&mut self, pending: Bytes) -> Result<(), Interrupted> {
        self.stop_guest(pending)?;
        while let Some(batch) = self.sender.next_without_limit(&self.clock) {
            self.sender.send_at_end(&batch, &self.clock, self.throttler.vcpus());
            self.advance(batch.end)?;
        }
        self.sender.complete();
        let config = &self.scenario.qemu;
        let answer = if config.capabilities.return_path { self.scenario.link.latency * 2 } else { Span::ZERO };
        self.advance(self.clock.now() + config.switchover_time + answer)
    }

    /// One iterate call: pages in cursor order until the limiter, the clock or an empty bitmap ends it.
    fn iterate(&mut self) -> Result<(), Interrupted> {
        let mut call = self.sender.begin_call(&self.clock);
        while let Some(batch) = self.sender.next_in_call(&self.clock, &call) {
            self.sender.send_in_call(&mut call, &batch, &self.clock, self.throttler.vcpus());
            self.advance(batch.end)?;
            if self.sender.window_is_over_mid_call(&self.clock) {
                let (now, met) = (self.clock.now(), self.clock.met());
                self.sender.close_window_mid_call(now, met, self.throttler.dirty_pages_rate());
                self.sample();
            }
            if batch.ends_call {
                break;
            }
        }
        self.sender.end_call();
        Ok(())
    }

    /// The limiter's turn: closes a window that is over, jumps over those that would be like it, and sleeps out one that
    /// is used up.
    fn rate_limit(&mut self) -> Result<(), Interrupted> {
        if self.sender.window_is_over(&self.clock) {
            let rate = self.throttler.dirty_pages_rate();
            self.sender.close_window(self.clock.now(), self.clock.met(), rate);
            self.sample();
            if !self.postcopy_requested
                && let Some(skipped) = self.sender.skip(&mut self.clock, self.throttler.vcpus(), rate)
            {
                self.sample_skipped(&skipped);
            }
        }
        if self.sender.rate_exceeded() {
            let wake = self.sender.sleep(&self.clock);
            self.advance(wake)?;
        }
        // What a timeline shows as a window closes is not kept.
        if !self.postcopy_requested && !self.recorder.is_on() {
            let rate = self.throttler.dirty_pages_rate();
            self.sender.skip_calls(&mut self.clock, self.throttler.vcpus(), rate);
        }
        Ok(())
    }
}
