//! How long a migration surely goes on.

use super::super::event_queue::OutsideEvent;
use super::super::migration::Migration;
use crate::guest::GuestMemory;
use crate::qemu::Accel;
use crate::units::{Rate, Span, Time};

/// Events that may stop or end a migration.
const ENDS: [OutsideEvent; 4] =
    [OutsideEvent::Command, OutsideEvent::Orchestrator, OutsideEvent::LinkFailure, OutsideEvent::Limit];

impl<M: GuestMemory> Migration<'_, M> {
    /// When the guest may be stopped at the earliest, and when the migration may be over or its share settled, if its
    /// share is known up to `settled` and is at most `most` from then on.
    ///
    /// To end, it must send all that waits now; to stop, all but what may be left then.
    pub(super) fn may_stop_and_end(&self, settled: Time, most: Rate) -> (Time, Time) {
        let now = self.clock.now();
        let looks_at_passes = self.orders.is_some() || !self.scenario.at.is_empty();
        let config = &self.scenario.qemu;
        let syncs_each_step = self.profile.syncs_each_step_with_postcopy && config.capabilities.postcopy_ram;
        let at_any_time = config.capabilities.xbzrle
            || config.capabilities.compress
            || config.accel == Accel::Tcg
            || self.postcopy_requested
            || self.orders.as_ref().is_some_and(|orders| orders.switch_over.is_some())
            || (looks_at_passes && (self.throttler.sync_count() == 0 || syncs_each_step));
        if at_any_time {
            return (now, now);
        }
        let outside = ENDS.into_iter().chain(looks_at_passes.then_some(OutsideEvent::Tick));
        let outside = outside.map(|event| self.clock.due(event)).fold(Time::NEVER, Time::min);
        let (stop, all) = self.sender.earliest_stop_and_end(now, settled, most);
        let stop = stop.min(outside);
        // Who looks at passes may end it as one begins, which is when it may be stopped.
        let end = if looks_at_passes { stop } else { all + config.sync_time + config.switchover_time };
        (stop, end.min(outside))
    }

    /// A bound on the time that a turn of the loop takes while the guest runs on.
    pub(super) fn longest_turn(&self) -> Span {
        self.sender.longest_call() + self.scenario.qemu.sync_time
    }
}
