//! What an operator, or the layer above, tells QEMU while it migrates.

use super::Event;
use super::event_queue::OutsideEvent;
use super::migration::{Interrupted, Migration};
use crate::guest::Memory;
use crate::qemu::Command;
use crate::scenario::When;
use crate::units::Time;

impl<M: Memory> Migration<'_, M> {
    /// Does what the next command says.
    pub(super) fn obey(&mut self) -> Result<(), Interrupted> {
        let at = &self.scenario.at[self.obeyed];
        self.obeyed += 1;
        self.await_command();
        let event = match &at.command {
            Command::Set(params) => {
                self.sender.set_params(|now| now.clone_from(params));
                Event::Set
            }
            Command::Pause if self.throttler.halted().is_none() => {
                self.throttler.halt(self.clock.now());
                Event::Pause
            }
            Command::Continue if self.throttler.halted().is_some() => {
                self.throttler.resume(self.clock.now(), self.sender.burst());
                Event::Continue
            }
            Command::Pause | Command::Continue => return Ok(()),
            Command::StartPostcopy => {
                self.postcopy_requested = true;
                Event::StartPostcopy
            }
            Command::Cancel => return Err(Interrupted::Cancelled),
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
