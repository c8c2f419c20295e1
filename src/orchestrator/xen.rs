//! Xen's pre-copy policy, in the place of QEMU's test (orchestrators 6).

use super::field::Field;
use super::policy::Policy;
use super::poll::Poll;
use super::rule::{Act, Event, Is, Rule};
use super::stack::Stack;
use crate::units::Span;

/// The simple policy of `libxenguest`.
#[derive(Clone, Debug, PartialEq)]
pub struct Xen {
    /// Live sends, the first one of all memory included.
    pub max_iterations: u64,
    /// Fewer dirty pages than this are sent live once more, then the guest is stopped.
    pub dirty_threshold: u64,
}

impl Default for Xen {
    fn default() -> Xen {
        Xen { max_iterations: 5, dirty_threshold: 50 }
    }
}

impl Xen {
    /// Of QEMU only the copying is left.
    pub fn stack(&self) -> Stack {
        Stack::other()
    }

    /// The policy: looked at when a set of dirty pages is known, before it is sent.
    ///
    /// The sync of the setup is no such moment; the set of sync n is the n-th live send.
    pub fn policy(&self) -> Policy {
        let mut policy = Policy::new("xen", Poll::every(Span::from_ms(1000)));
        policy.decides_switchover = true;
        let rule = |field, is, value: u64, why: String| {
            let rule = Rule::new(Event::Iteration, Act::SwitchOverAfterPass, why).once().last();
            rule.when(field, is, value as f64)
        };
        let why =
            format!("fewer than {} pages are dirty: they are sent, then the guest is stopped", self.dirty_threshold);
        let few = rule(Field::DirtyPages, Is::Below, self.dirty_threshold, why);
        policy.rules.push(few.when(Field::MemoryIteration, Is::AtLeast, 2.0));
        let why = format!("live send {} is the last", self.max_iterations);
        policy.rules.push(rule(Field::MemoryIteration, Is::AtLeast, self.max_iterations, why));
        policy
    }
}
