//! What an operator, or the layer above, tells QEMU while it migrates.

use super::Event;
use super::event_queue::OutsideEvent;
use super::migration::{Interrupted, Migration};
use crate::guest::GuestMemory;
use crate::qemu::MonitorCommand;
use crate::scenario::When;
use crate::units::Time;

impl<M: GuestMemory> Migration<'_, M> {
    /// Does what the next command says.
    pub(super) fn obey(&mut self) -> Result<(), Interrupted> {
        let at = &self.scenario.at[self.obeyed];
        self.obeyed += 1;
        self.await_command();
        self.forget_repeats();
        let event = match &at.command {
            MonitorCommand::Set(params) => {
                self.sender.set_params(|now| now.clone_from(params));
                Event::Set
            }
            MonitorCommand::Pause if self.throttler.halted().is_none() => {
                self.throttler.halt(self.clock.now());
                Event::Pause
            }
            MonitorCommand::Continue if self.throttler.halted().is_some() => {
                self.throttler.resume(self.clock.now(), self.sender.burst());
                Event::Continue
            }
            MonitorCommand::Pause | MonitorCommand::Continue => return Ok(()),
            MonitorCommand::StartPostcopy => {
                self.postcopy_requested = true;
                Event::StartPostcopy
            }
            MonitorCommand::Cancel => return Err(Interrupted::Cancelled),
        };
        self.record(event);
        Ok(())
    }

    pub(super) fn await_command(&mut self) {
        let next = match self.scenario.at.get(self.obeyed).map(|at| at.when) {
            Some(When::Time(time)) => time,
            Some(When::Pass(pass)) if pass <= self.throttler.sync_count() => self.clock.now(),
            Some(When::Pass(_)) | None => Time::NEVER,
        };
        self.clock.set(OutsideEvent::Command, next);
    }
}
