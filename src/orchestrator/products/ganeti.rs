//! Ganeti's KVM hypervisor (orchestrators 6).

use crate::orchestrator::option::{Check, OptionForm, OptionMisfit, at_least, count, options};
use crate::orchestrator::stack::mib_per_s;
use crate::orchestrator::{
    Act, Around, DowntimeChange, Is, JobField, Orchestrator, Policy, Poll, Rule, RuleEvent, Stack,
};
use crate::units::Span;

options! {
    /// Hypervisor parameters.
    pub struct Ganeti {
        /// Limit.
        migration_downtime: u64 = 30, "migration_downtime" at_least(1, "ms"), lever();
        /// Limit.
        migration_bandwidth: u64 = 32, "migration_bandwidth" at_least(1, "MiB/s"), lever();
        /// A proposal, in no release: ceiling; 0: the limit stays.
        migration_downtime_max: u64 = 0, "migration_downtime_max" count("ms"), lever();
        /// A proposal, in no release: cancel once so much of the memory was sent; 0: never.
        migration_cancel_threshold: u64 = 0, "migration_cancel_threshold" count("%"), remark(", above 100");
        /// `migration_caps` has `postcopy-ram`: post-copy once `dirty-sync-count` is 2.
        postcopy: bool = false, "postcopy" OptionForm::Switch, lever();
    }
}

impl Orchestrator for Ganeti {
    const KIND: &'static str = "ganeti";
    const CHECKS: &'static [Check<Ganeti>] = &[Check {
        key: "migration_cancel_threshold",
        holds: |ganeti| !(1..=100).contains(&ganeti.migration_cancel_threshold),
        misfit: OptionMisfit::Refused {
            title: "`orchestrator.migration_cancel_threshold` is too low",
            why: "would cancel before the memory was sent once",
            beside: None,
            help: Some("write 0 for never, or more than 100"),
        },
    }];

    fn stack(&self, _: &Around) -> Stack {
        let stack = Stack::default().set("postcopy-ram", self.postcopy.then_some(true));
        stack.set("max-bandwidth", mib_per_s(self.migration_bandwidth))
    }

    /// Its loop, a poll a second. Cancelling and raising are a proposal that is in no branch of April 2026.
    fn policy(&self, _: &Around) -> Policy {
        let mut policy = Policy::new(Self::KIND, Poll::every(Span::from_ms(1000)));
        let start = DowntimeChange::Set(Span::from_ms(self.migration_downtime));
        policy.rules.push(Rule::new(RuleEvent::Start, Act::Downtime { to: start, cap: None }, "migration_downtime"));
        if self.postcopy {
            let why = "migration_caps has postcopy-ram: dirty-sync-count is 2 or more";
            let rule = Rule::new(RuleEvent::Poll, Act::PostCopy, why);
            let rule = rule.when(JobField::MemoryIteration, Is::AtLeast, 2.0);
            policy.rules.push(rule.when(JobField::PostCopy, Is::Equal, 0.0));
        }
        if self.migration_cancel_threshold > 0 {
            let pct = self.migration_cancel_threshold;
            let rule =
                Rule::new(RuleEvent::Poll, Act::Abort, format!("more than {pct} % of the memory was sent")).last();
            policy.rules.push(rule.when(JobField::ProcessedShare, Is::Above, pct as f64 / 100.0));
        }
        if self.migration_downtime_max > 0 && !self.postcopy {
            let cap = Some(Span::from_ms(self.migration_downtime_max));
            let why = "more than twice the memory was sent: the limit grows by a tenth every 30 s";
            let rule = Rule::new(RuleEvent::Poll, Act::Downtime { to: DowntimeChange::Times(1.1), cap }, why);
            let rule = rule.when(JobField::ProcessedShare, Is::Above, 2.0);
            policy.rules.push(Rule { hold: Some(Span::from_ms(30_000)), ..rule });
        }
        policy
    }
}
