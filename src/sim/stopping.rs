//! Whether the guest is stopped: QEMU's test, or a rule of one's own, asked after each sync that ends a pass.

use super::migration::{Interrupted, Migration};
use crate::guest::GuestMemory;
use crate::qemu::{SwitchoverStep, limiter, switchover};
use crate::units::Bytes;

impl<M: GuestMemory> Migration<'_, M> {
    /// Whether a pass goes on that the rule let go on, although less than the threshold is left.
    pub(super) fn goes_on(&self) -> bool {
        self.own_switchover.again.is_some() && self.sender.remaining().0 > 0
    }

    /// Waits until the rule is asked again, where nothing is left to be sent before.
    pub(super) fn await_next_question(&mut self) -> Result<(), Interrupted> {
        match self.own_switchover.again {
            Some(again) if self.sender.remaining().0 == 0 => self.advance(again),
            _ => Ok(()),
        }
    }

    /// Whether the guest is stopped, with `pending` left, after a sync or without one.
    pub(super) fn completes(&mut self, pending: Bytes, threshold: Bytes, synced: bool) -> bool {
        let qemu = switchover::complete(&self.profile, pending, threshold);
        let Some(rule) = self.scenario.qemu.switchover.own() else { return qemu };
        if pending.0 == 0 || !synced {
            return pending.0 == 0;
        }
        let step = SwitchoverStep {
            sight: self.sight(),
            qemu,
            sync_count: self.throttler.sync_count(),
            elapsed_ms: self.clock.elapsed().whole_ms(),
            throttle_pct: self.throttler.felt().pct(),
            dirty_pages_rate: self.throttler.dirty_pages_rate(),
            params: self.sender.params(),
        };
        let stops = rule.switches_over(&step, &mut self.own_switchover.registers);
        self.own_switchover.again = (qemu && !stops).then(|| self.clock.now() + limiter::WINDOW);
        stops
    }
}
