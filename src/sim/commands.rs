//! What an operator, or the layer above, tells QEMU while it migrates.

use super::Event;
use super::migration::{Interrupted, Migration};
use super::outside::Event as Happening;
use crate::guest::Memory;
use crate::qemu::Command;
use crate::scenario::When;
use crate::units::{Duty, Time};

impl<M: Memory> Migration<'_, M> {
    /// Does what the next command says.
    pub(super) fn obey(&mut self) -> Result<(), Interrupted> {
        let at = &self.scenario.at[self.obeyed];
        self.obeyed += 1;
        self.await_command();
        let event = match &at.command {
            Command::Set(params) => {
                self.params = params.clone();
                self.forget_patterns();
                Event::Set
            }
            Command::Pause if self.halted.is_none() => {
                self.halt();
                Event::Pause
            }
            Command::Continue if self.halted.is_some() => {
                self.halted = None;
                let free = Duty { from: self.now, ..Duty::FREE };
                self.activity.set_duty(self.duty(&free));
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
            Some(When::Pass(pass)) if pass <= self.auto_converge.sync_count() => self.now,
            Some(When::Pass(_)) | None => Time::NEVER,
        };
        self.outside.set(Happening::Command, next);
    }
}
