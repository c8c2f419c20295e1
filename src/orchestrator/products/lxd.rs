//! LXD (canonical/lxd `lxd/instance/drivers/driver_qemu.go`, a83edf2a of 22 Aug 2026).

use crate::orchestrator::option::options;
use crate::orchestrator::{Around, Orchestrator, Policy, Poll, Stack};
use crate::units::Span;

options! {
    /// A virtual machine of LXD; nothing of its migration can be set.
    pub struct Lxd {}
}

impl Orchestrator for Lxd {
    const KIND: &'static str = "lxd";

    /// All else stays QEMU's.
    fn stack(&self, _: &Around) -> Stack {
        Stack::default().set("auto-converge", true)
    }

    /// It waits, without a timeout.
    fn policy(&self, _: &Around) -> Policy {
        Policy::new(Self::KIND, Poll::every(Span::from_ms(1000)))
    }
}
