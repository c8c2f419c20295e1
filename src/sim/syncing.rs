//! Syncs: the log goes into the bitmap, and the period may close (qemu-precopy 4.1, 4.5).

use super::Event;
use super::event_queue::OutsideEvent;
use super::migration::{Interrupted, Migration};
use crate::guest::{GuestMemory, Synced};
use crate::orchestrator::memory_bps;
use crate::qemu::{Accel, PERIODIC_SYNC_INTERVAL, RuleSight, SyncCounts, SyncOccasion};
use crate::units::{Pages, Span, Time};

impl<M: GuestMemory> Migration<'_, M> {
    /// One sync that takes `duration` once the log can be fetched, with its decision.
    pub(super) fn sync(&mut self, duration: Span, occasion: SyncOccasion) -> Result<(), Interrupted> {
        let begin = self.clock.now();
        // TCG's log is fetched from the vCPU's own thread, which sleeps while it is throttled.
        if let (Accel::Tcg, Some(wake)) = (self.scenario.qemu.accel, self.throttler.asleep(begin)) {
            self.advance(wake)?;
        }
        self.advance(self.clock.now() + duration)?;
        let found = self.take_log(occasion);
        self.decide(begin, occasion, found);
        // The orchestrator hears of it before anything else is decided.
        if self.orders.is_some() {
            self.advance(self.clock.now())?;
        }
        // What is written while the pages are gone through is in the next log. The time of the setup has that of its own
        // sync in it.
        let each = self.scenario.qemu.sync_page_time;
        match each > Span::ZERO && occasion != SyncOccasion::Setup {
            true => self.advance(self.clock.now() + each * found.logged),
            false => Ok(()),
        }
    }

    /// A tick of the periodic timer; its sync runs beside the migration thread.
    pub(super) fn tick(&mut self) {
        let wanted = self.throttler.tick_wants_sync();
        if wanted {
            let found = self.take_log(SyncOccasion::Timer);
            self.decide(self.clock.now(), SyncOccasion::Timer, found);
        }
        self.throttler.end_tick();
        let busy = if wanted { self.scenario.qemu.sync_time } else { Span::ZERO };
        self.clock.set(OutsideEvent::Tick, self.clock.now() + busy + PERIODIC_SYNC_INTERVAL);
    }

    /// The log goes into the bitmap.
    fn take_log(&mut self, occasion: SyncOccasion) -> Synced {
        let writes = self.throttler.writes(self.clock.now());
        let found = self.sender.sync(writes, occasion.counts(&self.profile));
        self.throttler.rearm(self.clock.now());
        found
    }

    /// What follows from a sync that began at `begin`: the period may close.
    fn decide(&mut self, begin: Time, occasion: SyncOccasion, found: Synced) {
        let pages = match (self.profile.counts_logged, occasion == SyncOccasion::Setup) {
            (false, _) => found.new,
            // Every RAM block is born with all its dirty bits set.
            (true, true) if self.scenario.qemu.first_migration => self.scenario.guest.memory.0,
            (true, _) => found.logged,
        };
        let sync = SyncCounts {
            begin_ms: begin.whole_ms(),
            end_ms: self.clock.now().whole_ms(),
            transferred: self.sender.transferred(),
            pages: Pages(pages),
            counts: occasion.counts(&self.profile),
        };
        if self.throttler.has_own_rule() {
            self.throttler.see(self.sight());
        }
        let fired = self.throttler.sync(self.sender.params(), self.scenario.qemu.capabilities, sync);
        self.record(Event::Sync);
        if self.stop.is_some() {
            return;
        }
        if !self.scenario.at.is_empty() {
            self.await_command();
        }
        if occasion.is_told(&self.profile) {
            self.announce_iteration();
        }
        if fired {
            self.slow_down();
        }
    }

    /// What rules of one's own see now.
    pub(super) fn sight(&self) -> RuleSight {
        RuleSight {
            memory: self.scenario.guest.memory.bytes(),
            remaining: self.sender.remaining(),
            bandwidth: memory_bps(self.sender.estimate().mbps),
            threshold: self.sender.threshold(),
            deadline: self.scenario.qemu.deadline,
        }
    }

    /// A fired decision: auto-converge's throttle, or the dirty limiter.
    fn slow_down(&mut self) {
        let now = self.clock.now();
        if self.scenario.qemu.capabilities.auto_converge {
            let before = self.throttler.felt().pct();
            if self.throttler.throttle(now, self.sender.burst()) {
                self.record(Event::Throttle);
            }
            if self.throttler.felt().pct() != before {
                self.forget_repeats();
            }
        } else if self.throttler.limit(self.sender.params().vcpu_dirty_limit) {
            self.clock.set(OutsideEvent::Measure, now + self.sender.params().x_vcpu_dirty_limit_period);
        }
    }

    /// The dirty limiter looks at what it has measured.
    pub(super) fn measure(&mut self) {
        let (now, period) = (self.clock.now(), self.sender.params().x_vcpu_dirty_limit_period);
        self.clock.set(OutsideEvent::Measure, now + period);
        if self.throttler.measure(period, now) {
            self.record(Event::Throttle);
        }
    }
}
