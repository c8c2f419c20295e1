//! Cloud Hypervisor's stop rule, in the place of QEMU's test (orchestrators 6).

use super::field::Field;
use super::nova::seconds;
use super::policy::Policy;
use super::poll::Poll;
use super::rule::{Act, Event, Is, Rule};
use super::stack::Stack;
use crate::units::Span;

/// Options of `send-migration`.
#[derive(Clone, Debug, PartialEq)]
pub struct CloudHypervisor {
    /// `downtime_ms`.
    pub downtime: Span,
    /// `timeout_s`.
    pub timeout_s: u64,
    /// `timeout_strategy`.
    pub timeout_strategy: TimeoutStrategy,
    /// `connections`.
    pub connections: u8,
}

/// What happens when it takes too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeoutStrategy {
    /// The migration is cancelled.
    Cancel,
    /// The guest is stopped whatever is left.
    Ignore,
}

impl Default for CloudHypervisor {
    fn default() -> CloudHypervisor {
        CloudHypervisor {
            downtime: Span::from_ms(300),
            timeout_s: 3600,
            timeout_strategy: TimeoutStrategy::Cancel,
            connections: 1,
        }
    }
}

impl CloudHypervisor {
    /// Of QEMU only the copying is left.
    pub fn stack(&self) -> Stack {
        let multifd_channels = Some(if self.connections > 1 { self.connections } else { 0 });
        Stack { multifd_channels, ..Stack::other() }
    }

    /// The tests, in their order, each time a set of dirty pages is known.
    pub fn policy(&self) -> Policy {
        let mut policy = Policy::new("cloud-hypervisor", Poll::every(Span::from_ms(1000)));
        policy.decides_switchover = true;
        let rule = |act, why: String, field, is, value| {
            let rule = Rule::new(Event::Iteration, act, why).once().last();
            rule.when(Field::MemoryIteration, Is::AtLeast, 2.0).when(field, is, value)
        };
        let empty = rule(Act::SwitchOver, "nothing is dirty".into(), Field::DirtyPages, Is::Equal, 0.0);
        let why = format!("what is dirty can be sent within {}", self.downtime);
        let fits = rule(Act::SwitchOver, why, Field::TimeToSend, Is::AtMost, self.downtime.0 as f64);
        let (act, what) = match self.timeout_strategy {
            TimeoutStrategy::Cancel => (Act::Abort, ""),
            TimeoutStrategy::Ignore => (Act::SwitchOver, ": the guest is stopped all the same"),
        };
        let why = format!("timeout_s of {} s is over{what}", self.timeout_s);
        let late = rule(act, why, Field::TimeElapsed, Is::Above, seconds(self.timeout_s));
        policy.rules.extend([empty, fits, late]);
        policy
    }
}
