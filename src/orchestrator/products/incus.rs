//! Incus (lxc/incus `internal/server/instance/drivers/driver_qemu.go`, be7afc5d of 22 Aug 2026).

use crate::orchestrator::option::options;
use crate::orchestrator::{Around, Orchestrator, Policy, Poll, Stack};
use crate::units::Span;

options! {
    /// A virtual machine of Incus; nothing of its migration can be set.
    pub struct Incus {}
}

impl Orchestrator for Incus {
    const KIND: &'static str = "incus";

    /// What it asks QEMU for; limits of bandwidth and downtime stay QEMU's. Its `pause-before-switchover` is not modelled.
    fn stack(&self, _: &Around) -> Stack {
        let stack = Stack::default().set("auto-converge", true).wish("cpu-throttle-initial", 50u8);
        stack.wish("throttle-trigger-threshold", 20u8)
    }

    /// It waits, without a timeout.
    fn policy(&self, _: &Around) -> Policy {
        Policy::new(Self::KIND, Poll::every(Span::from_ms(1000)))
    }
}
