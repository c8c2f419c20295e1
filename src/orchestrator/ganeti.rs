//! Ganeti's KVM hypervisor (orchestrators 6).

use super::field::Field;
use super::policy::Policy;
use super::poll::Poll;
use super::rule::{Act, Change, Event, Is, Rule};
use super::stack::{Layer, Stack, mib_per_s};
use crate::units::Span;

/// Hypervisor parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Ganeti {
    /// `migration_downtime` [ms].
    pub migration_downtime: u64,
    /// `migration_bandwidth` [MiB/s].
    pub migration_bandwidth: u64,
    /// `migration_downtime_max` [ms]; 0: the limit is never raised.
    pub migration_downtime_max: u64,
    /// `migration_cancel_threshold`: share of the memory that may be sent [%]; 0: any.
    pub migration_cancel_threshold: u64,
    /// `migration_caps` has `postcopy-ram`: the limit is never raised.
    pub postcopy: bool,
}

impl Default for Ganeti {
    fn default() -> Ganeti {
        Ganeti {
            migration_downtime: 30,
            migration_bandwidth: 32,
            migration_downtime_max: 0,
            migration_cancel_threshold: 0,
            postcopy: false,
        }
    }
}

impl Ganeti {
    /// What it switches on.
    pub fn stack(&self) -> Stack {
        Stack {
            layer: Layer::Qemu,
            postcopy_ram: self.postcopy.then_some(true),
            max_bandwidth: Some(mib_per_s(self.migration_bandwidth)),
            ..Stack::default()
        }
    }

    /// Its loop, a poll a second (recalled).
    pub fn policy(&self) -> Policy {
        let mut policy = Policy::new("ganeti", Poll::every(Span::from_ms(1000)));
        let start = Change::Set(Span::from_ms(self.migration_downtime));
        policy.rules.push(Rule::new(Event::Start, Act::Downtime { to: start, cap: None }, "migration_downtime"));
        if self.migration_cancel_threshold > 0 {
            let pct = self.migration_cancel_threshold;
            let rule = Rule::new(Event::Poll, Act::Abort, format!("more than {pct} % of the memory was sent")).last();
            policy.rules.push(rule.when(Field::ProcessedShare, Is::Above, pct as f64 / 100.0));
        }
        if self.migration_downtime_max > 0 && !self.postcopy {
            let cap = Some(Span::from_ms(self.migration_downtime_max));
            let why = "more than twice the memory was sent: the limit grows by a tenth every 30 s";
            let rule = Rule::new(Event::Poll, Act::Downtime { to: Change::Times(1.1), cap }, why);
            let rule = rule.when(Field::ProcessedShare, Is::Above, 2.0);
            policy.rules.push(Rule { hold: Some(Span::from_ms(30_000)), ..rule });
        }
        policy
    }
}
