//! Syncs: the log goes into the bitmap, and the period may close (qemu-precopy 4.1, 4.5).

use super::Event;
use super::migration::{Interrupted, Migration};
use super::outside::Event as Happening;
use crate::guest::Memory;
use crate::qemu::{Accel, PERIODIC_SYNC_INTERVAL, Sync};
use crate::units::{Pages, Span, Time};

impl<M: Memory> Migration<'_, M> {
    /// One sync that takes `duration` once the log can be fetched, with its decision.
    pub(super) fn sync(&mut self, duration: Span) -> Result<(), Interrupted> {
        let begin = self.now;
        self.window.pattern.disturb();
        // TCG's log is fetched from the vCPU's own thread, which sleeps while it is throttled.
        let asleep = self.activity.duty().asleep(self.now).filter(|_| self.stop.is_none() && self.halted.is_none());
        if let (Accel::Tcg, Some(wake)) = (self.scenario.qemu.accel, asleep) {
            self.advance(wake)?;
        }
        self.advance(self.now + duration)?;
        self.take_log(begin);
        // The orchestrator hears of it before anything else is decided.
        if self.orders.is_some() { self.advance(self.now) } else { Ok(()) }
    }

    /// A tick of the periodic timer; its sync runs beside the migration thread.
    pub(super) fn tick(&mut self) {
        let wanted = self.timer.wants_sync(self.auto_converge.sync_count());
        if wanted {
            self.take_log(self.now);
        }
        self.timer.end_tick(self.auto_converge.sync_count());
        let busy = if wanted { self.scenario.qemu.sync_time } else { Span::ZERO };
        self.outside.set(Happening::Tick, self.now + busy + PERIODIC_SYNC_INTERVAL);
    }

    /// The log goes into the bitmap, and the period may close.
    pub(super) fn take_log(&mut self, begin: Time) {
        self.count_writes();
        let found = self.memory.sync(&self.writes);
        self.counters.faults += found.faults;
        let first = self.auto_converge.sync_count() == 0;
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
        let period = self.auto_converge.sync(&self.profile, &self.params, self.caps, sync);
        self.remaining_at_sync = self.remaining();
        if let Some(xbzrle) = &mut self.xbzrle {
            xbzrle.sync(Pages(self.memory.remaining()));
        }
        self.record(Event::Sync);
        if self.stop.is_none() && !self.scenario.at.is_empty() {
            self.await_command();
        }
        if self.stop.is_none() {
            self.announce_iteration();
        }
        if self.stop.is_some() || !period.is_some_and(|period| period.fired) {
            return;
        }
        if self.caps.auto_converge {
            self.throttle();
        } else if let Some(limiting) = &mut self.dirty_limiting
            && limiting.fire(self.params.vcpu_dirty_limit)
        {
            self.outside.set(Happening::Measure, self.now + self.params.x_vcpu_dirty_limit_period);
        }
    }

    /// Brings `writes` up to now, or to the instant at which the guest stopped.
    pub(super) fn count_writes(&mut self) {
        let until = self.stop.map_or(self.now, |stop| stop.stopped);
        self.activity.writes(until, &mut self.writes);
    }
}
