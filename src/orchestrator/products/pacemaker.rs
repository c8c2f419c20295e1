//! Pacemaker's agent `VirtualDomain` (ClusterLabs/resource-agents `heartbeat/VirtualDomain`, bf01ad08 of 21 Aug 2026).

use crate::orchestrator::option::{count, options};
use crate::orchestrator::stack::mib_per_s;
use crate::orchestrator::{Act, Around, DowntimeChange, Orchestrator, Policy, Poll, Rule, RuleEvent, Stack};
use crate::units::Span;

options! {
    /// Parameters of the resource; of `migrate_options`, `virsh` has the keys.
    pub struct VirtualDomain {
        /// Limit, set once after 2 s.
        migration_downtime: u64 = 0, "migration_downtime" count("ms"), remark("; 0: QEMU's"), lever();
        /// Limit, set before the start.
        migration_speed: u64 = 0, "migration_speed" count("MiB/s"), remark("; 0: none"), lever();
    }
}

/// The agent starts virsh, sleeps, and sets the downtime.
const SLEEP: Span = Span::from_ms(2000);

impl Orchestrator for VirtualDomain {
    const KIND: &'static str = "pacemaker";
    const PER_GUEST: Option<&'static [&'static str]> = None;

    fn stack(&self, _: &Around) -> Stack {
        Stack::libvirt().set("max-bandwidth", mib_per_s(self.migration_speed))
    }

    /// After that it waits for virsh. What Pacemaker does when the operation takes too long is not modelled.
    fn policy(&self, _: &Around) -> Policy {
        let mut policy = Policy::new(Self::KIND, Poll::every(Span::from_ms(1000)));
        if self.migration_downtime > 0 {
            let to = DowntimeChange::Set(Span::from_ms(self.migration_downtime));
            let act = Act::Downtime { to, cap: None };
            policy.rules.push(Rule::new(RuleEvent::Timer(SLEEP), act, "migration_downtime, set after 2 s"));
        }
        policy
    }
}
