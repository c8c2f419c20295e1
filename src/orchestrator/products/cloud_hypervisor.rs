//! Cloud Hypervisor's stop rule, in the place of QEMU's test (orchestrators 6).

use crate::orchestrator::field::{JobField, seconds};
use crate::orchestrator::option::{OptionForm, at_least, options, words};
use crate::orchestrator::{Act, Around, Is, Orchestrator, Policy, Poll, Rule, RuleEvent, Stack};
use crate::units::Span;

options! {
    /// Options of `send-migration`.
    pub struct CloudHypervisor {
        /// Major release.
        release: u32 = CloudHypervisor::NEWEST, "release" OptionForm::Count("", 16..=CloudHypervisor::NEWEST);
        /// Budget.
        downtime: Span = Span::from_ms(300),
            "downtime_ms" OptionForm::Whole("ms", 1..=u32::MAX), releases(CloudHypervisor::BUDGET..=u32::MAX), lever();
        /// Time for all of it.
        timeout_s: u64 = 3600, "timeout_s" at_least(1, "s"), releases(CloudHypervisor::BUDGET..=u32::MAX), lever();
        /// Then.
        timeout_strategy: TimeoutStrategy = TimeoutStrategy::Cancel,
            "timeout_strategy" OptionForm::Words(TimeoutStrategy::WORDS),
            remark(": the second stops the guest all the same"), releases(CloudHypervisor::BUDGET..=u32::MAX), lever();
        /// Channels.
        connections: u8 = 1, "connections" OptionForm::Count("", 1..=255), lever();
    }
}

/// What happens when it takes too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeoutStrategy {
    /// The migration is cancelled.
    Cancel,
    /// The guest is stopped whatever is left.
    Ignore,
}
words!(TimeoutStrategy: "cancel" => Cancel, "ignore" => Ignore);

impl CloudHypervisor {
    /// The newest release that was read.
    pub const NEWEST: u32 = 53;
    /// The first release with a budget; up to 51 there is a fixed number of passes.
    const BUDGET: u32 = 52;
    /// Sets of dirty pages that are sent before the guest is stopped, at most, where there is no budget.
    const PASSES: f64 = 5.0;

    /// A full pass, five passes over what is dirty, and the rest with the guest stopped; sooner where nothing is dirty.
    fn fixed_passes() -> [Rule; 2] {
        let rule = |act, why: &str, field, is, value| {
            Rule::new(RuleEvent::Iteration, act, why.to_owned()).once().last().when(field, is, value)
        };
        let empty = rule(Act::SwitchOver, "nothing is dirty", JobField::DirtyPages, Is::Equal, 0.0);
        let last = CloudHypervisor::PASSES + 1.0;
        let why = "the fifth set of dirty pages is the last that is sent while the guest runs";
        [
            empty.when(JobField::MemoryIteration, Is::AtLeast, 2.0),
            rule(Act::SwitchOverAfterPass, why, JobField::MemoryIteration, Is::AtLeast, last),
        ]
    }
}

impl Orchestrator for CloudHypervisor {
    const KIND: &'static str = "cloud-hypervisor";
    const PER_GUEST: Option<&'static [&'static str]> = None;

    fn release(&self) -> Option<u32> {
        Some(self.release)
    }

    /// Of QEMU only the copying is left.
    fn stack(&self, _: &Around) -> Stack {
        Stack::other().multifd(if self.connections > 1 { self.connections } else { 0 })
    }

    /// The tests, in their order, each time a set of dirty pages is known.
    fn policy(&self, _: &Around) -> Policy {
        let mut policy = Policy::new(Self::KIND, Poll::every(Span::from_ms(1000)));
        policy.decides_switchover = true;
        if self.release < CloudHypervisor::BUDGET {
            policy.rules.extend(CloudHypervisor::fixed_passes());
            return policy;
        }
        let rule = |act, why: String, field, is, value| {
            let rule = Rule::new(RuleEvent::Iteration, act, why).once().last();
            rule.when(JobField::MemoryIteration, Is::AtLeast, 2.0).when(field, is, value)
        };
        let empty = rule(Act::SwitchOver, "nothing is dirty".into(), JobField::DirtyPages, Is::Equal, 0.0);
        let why = format!("what is dirty can be sent within {}", self.downtime);
        let fits = rule(Act::SwitchOver, why, JobField::TimeToSend, Is::AtMost, self.downtime.0 as f64);
        let (act, what) = match self.timeout_strategy {
            TimeoutStrategy::Cancel => (Act::Abort, ""),
            TimeoutStrategy::Ignore => (Act::SwitchOver, ": the guest is stopped all the same"),
        };
        let why = format!("timeout_s of {} s is over{what}", self.timeout_s);
        let late = rule(act, why, JobField::TimeElapsed, Is::AtLeast, seconds(self.timeout_s));
        policy.rules.extend([empty, fits, late]);
        policy
    }
}
