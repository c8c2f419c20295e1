//! Xen's pre-copy policy, in the place of QEMU's test (orchestrators 6).

use crate::orchestrator::option::{at_least, count, options};
use crate::orchestrator::{Act, Around, Is, JobField, Orchestrator, Policy, Poll, Rule, RuleEvent, Stack};
use crate::units::Span;

options! {
    /// The simple policy of `libxenguest`.
    pub struct Xen {
        /// Live sends, the first one of all memory included.
        max_iterations: u64 = 5, "max_iterations" at_least(1, ""), lever();
        /// Fewer dirty pages than this are sent live once more, then the guest is stopped.
        dirty_threshold: u64 = 50, "dirty_threshold" count("pages"), lever();
    }
}

impl Orchestrator for Xen {
    const KIND: &'static str = "xen";
    const PER_GUEST: Option<&'static [&'static str]> = None;

    /// Of QEMU only the copying is left.
    fn stack(&self, _: &Around) -> Stack {
        Stack::other()
    }

    /// The policy: looked at when a set of dirty pages is known, before it is sent.
    ///
    /// The sync of the setup is no such moment; the set of sync n is the n-th live send.
    fn policy(&self, _: &Around) -> Policy {
        let mut policy = Policy::new(Self::KIND, Poll::every(Span::from_ms(1000)));
        policy.decides_switchover = true;
        let rule = |field, is, value: u64, why: String| {
            let rule = Rule::new(RuleEvent::Iteration, Act::SwitchOverAfterPass, why).once().last();
            rule.when(field, is, value as f64)
        };
        let why =
            format!("fewer than {} pages are dirty: they are sent, then the guest is stopped", self.dirty_threshold);
        let few = rule(JobField::DirtyPages, Is::Below, self.dirty_threshold, why);
        policy.rules.push(few.when(JobField::MemoryIteration, Is::AtLeast, 2.0));
        let why = format!("live send {} is the last", self.max_iterations);
        policy.rules.push(rule(JobField::MemoryIteration, Is::AtLeast, self.max_iterations, why));
        policy
    }
}
