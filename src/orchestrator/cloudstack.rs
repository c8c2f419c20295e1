//! Apache CloudStack's agent (orchestrators 6).

use super::field::Field;
use super::nova::seconds;
use super::policy::Policy;
use super::poll::Poll;
use super::rule::{Act, Change, Event, Is, Rule};
use super::stack::{Stack, mib_per_s};
use crate::units::Span;

/// Settings of the agent; `None` stands for its `-1`: off.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CloudStack {
    /// `vm.migrate.downtime` [ms].
    pub downtime: Option<u64>,
    /// `vm.migrate.pauseafter` [ms].
    pub pauseafter: Option<u64>,
    /// `vm.migrate.wait` [s].
    pub wait: Option<u64>,
    /// `vm.migrate.speed` [MiB/s]; off: the agent guesses it from the network card, here the link.
    pub speed: Option<u64>,
    /// `kvm.auto.convergence`.
    pub auto_convergence: bool,
}

impl CloudStack {
    /// What it switches on.
    pub fn stack(&self) -> Stack {
        Stack {
            auto_converge: Some(self.auto_convergence),
            max_bandwidth: Some(mib_per_s(self.speed.unwrap_or(0))),
            ..Stack::libvirt()
        }
    }

    /// Its loop. Which of two actions comes first in one poll was recalled, not read (orchestrators 10).
    pub fn policy(&self) -> Policy {
        let mut policy = Policy::new("cloudstack", Poll::every(Span::from_ms(100)));
        if let Some(downtime) = self.downtime {
            let act = Act::Downtime { to: Change::Set(Span::from_ms(downtime)), cap: None };
            let rule = Rule::new(Event::Poll, act, "vm.migrate.downtime, set after 1 s").once();
            policy.rules.push(rule.when(Field::TimeElapsed, Is::AtLeast, seconds(1)));
        }
        if let Some(wait) = self.wait {
            let rule = Rule::new(Event::Poll, Act::Abort, format!("vm.migrate.wait of {wait} s is over")).once();
            policy.rules.push(rule.when(Field::TimeElapsed, Is::Above, seconds(wait)));
        }
        if let Some(pause) = self.pauseafter {
            let rule = Rule::new(Event::Poll, Act::Pause, format!("vm.migrate.pauseafter of {pause} ms is over"));
            policy.rules.push(rule.once().when(Field::TimeElapsed, Is::Above, pause as f64 * 1e6));
        }
        policy
    }
}
