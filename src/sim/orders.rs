//! The orchestrator beside a migration, and what it has ordered.

use crate::orchestrator::{Engine, Why};
use crate::units::Time;

/// How the orchestrator wants the guest stopped, where QEMU's own test is off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SwitchOver {
    /// At once.
    Now,
    /// When nothing remains.
    AfterPass,
}

/// The orchestrator, and what it has ordered.
#[derive(Clone)]
pub(super) struct Orders<'a> {
    pub(super) engine: Engine<'a>,
    /// A sync was taken that it has not heard of.
    pub(super) iteration: bool,
    /// It is being told that an order was refused; what it orders then is not told of again.
    pub(super) refusing: bool,
    /// It has ordered the guest to be stopped.
    pub(super) switch_over: Option<(SwitchOver, Why)>,
}

impl<'a> Orders<'a> {
    pub(super) fn new(engine: Engine<'a>) -> Orders<'a> {
        Orders { engine, iteration: false, refusing: false, switch_over: None }
    }

    /// Whether it stops the guest itself.
    pub(super) fn decides(&self) -> bool {
        self.engine.policy().decides_switchover
    }

    /// When it wants to look next.
    pub(super) fn next(&self) -> Time {
        self.engine.next().map_or(Time::NEVER, |next| Time::ZERO + next)
    }
}
