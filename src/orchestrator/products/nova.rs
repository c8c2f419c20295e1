//! OpenStack Nova (orchestrators 1).

use crate::orchestrator::field::{JobField, seconds};
use crate::orchestrator::option::{Check, OptionForm, OptionMisfit, at_least, count, options, words};
use crate::orchestrator::stack::mib_per_s;
use crate::orchestrator::{
    Act, Around, DowntimeChange, Is, Orchestrator, Policy, Poll, Rule, RuleEvent, Stack, Tunnel, ladder, size,
};
use crate::units::{Bytes, Span};

options! {
    /// Options of `nova.conf`, section `[libvirt]`.
    pub struct Nova {
        /// Major release, from Liberty on.
        release: u32 = Nova::NEWEST, "release" OptionForm::Count("", 12..=Nova::NEWEST);
        /// Limit of a migration.
        bandwidth: u64 = 0, "live_migration_bandwidth" count("MiB/s"), remark("; 0: none"), lever();
        /// Ceiling of the ladder.
        downtime: u64 = 500, "live_migration_downtime" at_least(100, "ms"), lever();
        /// Steps to the ceiling.
        downtime_steps: u64 = 10, "live_migration_downtime_steps" at_least(3, ""), lever();
        /// Between two steps.
        downtime_delay: u64 = 75, "live_migration_downtime_delay" at_least(3, "s for each GiB"), lever();
        /// For the whole migration.
        completion_timeout: u64 = 800,
            "live_migration_completion_timeout" count("s for each GiB"), remark("; 0: never"), lever();
        /// What happens then.
        timeout_action: TimeoutAction = TimeoutAction::Abort,
            "live_migration_timeout_action" OptionForm::Words(TimeoutAction::WORDS),
            remark(": post-copy where permitted, else a pause"), releases(19..=u32::MAX), lever();
        /// Throttling, unless post-copy is permitted.
        permit_auto_converge: bool = false,
            "live_migration_permit_auto_converge" OptionForm::Switch, releases(14..=u32::MAX), lever();
        /// Post-copy may be used; up to 18 it starts by itself.
        permit_post_copy: bool = false,
            "live_migration_permit_post_copy" OptionForm::Switch, releases(14..=u32::MAX), lever();
        /// More than 1: multifd with so many channels.
        parallel_connections: u8 = 1,
            "live_migration_parallel_connections" OptionForm::Count("", 1..=255), releases(33..=u32::MAX), lever();
        /// Through libvirt's own connection.
        tunnelled: bool = false, "live_migration_tunnelled" OptionForm::Switch, lever();
        /// Between two records of the progress; it looks every 0.5 s all the same.
        monitor_interval: u64 = 5,
            "live_migration_monitor_interval" at_least(1, "s"), releases(33..=u32::MAX);
        /// Abort after so long without a new low of what remains.
        progress_timeout: Option<u64> = None, "live_migration_progress_timeout" count("s"), remark("; 0: never"),
            default("150 up to 14, then 0"), releases(0..=18), lever();
    }
}

/// What happens at the completion timeout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeoutAction {
    /// The migration is cancelled.
    Abort,
    /// Post-copy where it is permitted, a paused guest elsewhere; half a second later.
    ForceComplete,
}
words!(TimeoutAction: "abort" => Abort, "force_complete" => ForceComplete);

impl Nova {
    /// The newest release that was read.
    pub const NEWEST: u32 = 33;

    /// A release with everything at its default.
    pub fn defaults(release: u32) -> Nova {
        Nova { release, ..Nova::default() }
    }

    /// The steps: seconds since the start, and ms, for a guest and the disks that are copied with it.
    pub fn steps(&self, memory: Bytes, disks: &[Bytes]) -> Vec<(u64, u64)> {
        let delay = size::scaled_s(self.downtime_delay, size::nova_gb(memory, disks));
        let downtimes = match self.release {
            ..15 => ladder::exponential(self.downtime, self.downtime_steps),
            15..20 => ladder::linear_python2(self.downtime, self.downtime_steps),
            _ => ladder::linear(self.downtime, self.downtime_steps),
        };
        downtimes.into_iter().enumerate().map(|(step, downtime)| (delay * step as u64, downtime)).collect()
    }

    /// The completion timeout for a guest and the disks that are copied with it [s]; 0: never.
    pub fn completion_timeout(&self, memory: Bytes, disks: &[Bytes]) -> u64 {
        size::scaled_s(self.completion_timeout, size::nova_gb(memory, disks))
    }

    /// What releases before 19 also did (orchestrators 1.4).
    fn removed_rules(&self) -> Vec<Rule> {
        let mut rules = Vec::new();
        let limit = self.progress_timeout.unwrap_or(if self.release < 15 { 150 } else { 0 });
        if limit > 0 {
            let why = format!("no new low of what remains for {limit} s");
            let rule = Rule::new(RuleEvent::Poll, Act::Abort, why);
            rules.push(rule.when(JobField::SinceLow, Is::Above, seconds(limit)));
        }
        if self.permit_post_copy && self.release >= 14 {
            let why = "what remains fell by less than 10 % between two polls";
            let rule = Rule::new(RuleEvent::Poll, Act::PostCopy, why);
            let rule = rule.when(JobField::MemoryIteration, Is::Above, 1.0).when(JobField::Drop, Is::Below, 10.0);
            rules.push(rule.when(JobField::PostCopy, Is::Equal, 0.0));
        }
        rules
    }
}

impl Orchestrator for Nova {
    const KIND: &'static str = "nova";
    const CHECKS: &'static [Check<Nova>] = &[Check {
        key: "live_migration_permit_auto_converge",
        holds: |nova| !(nova.permit_auto_converge && nova.permit_post_copy),
        misfit: OptionMisfit::Idle {
            why: "Nova leaves auto-converge off where post-copy is permitted",
            beside: Some(("live_migration_permit_post_copy", "permitted here")),
        },
    }];

    fn release(&self) -> Option<u32> {
        Some(self.release)
    }

    fn stack(&self, _: &Around) -> Stack {
        let stack = Stack::libvirt().set("postcopy-ram", self.permit_post_copy);
        let stack = stack.set("auto-converge", self.permit_auto_converge && !self.permit_post_copy);
        let stack = stack.multifd(if self.parallel_connections > 1 { self.parallel_connections } else { 0 });
        let stack = stack.set("max-bandwidth", mib_per_s(self.bandwidth));
        stack.through(if self.tunnelled { Tunnel::Libvirt } else { Tunnel::Direct })
    }

    /// Its monitor.
    fn policy(&self, around: &Around) -> Policy {
        let mut policy = Policy::new(Self::KIND, Poll::from_start(Span::from_ms(500)));
        policy.forces_post_copy = self.permit_post_copy;
        let limit = self.completion_timeout(around.memory, &[]);
        if self.release < 19 {
            policy.rules.extend(self.removed_rules());
        }
        if limit > 0 {
            let (act, what) = match self.timeout_action {
                TimeoutAction::Abort => (Act::Abort, ""),
                TimeoutAction::ForceComplete => (Act::QueueForceComplete, ": completion is forced at the next poll"),
            };
            let why = format!("live_migration_completion_timeout of {limit} s is over{what}");
            let rule = Rule::new(RuleEvent::Poll, act, why).when(JobField::TimeElapsed, Is::Above, seconds(limit));
            policy.rules.push(rule.when(JobField::PostCopy, Is::Equal, 0.0));
        }
        let steps = self.steps(around.memory, &[]);
        let last = steps.len().saturating_sub(1);
        policy.rules.extend(steps.into_iter().enumerate().map(|(step, (after, downtime))| {
            let why = format!("step {step} of {last}, due after {after} s");
            let to = DowntimeChange::Set(Span::from_ms(downtime));
            let rule = Rule::new(RuleEvent::Poll, Act::Downtime { to, cap: None }, why).once();
            rule.when(JobField::TimeElapsed, Is::Above, seconds(after))
        }));
        policy
    }
}

/// What Nova shows as progress [%].
pub fn progress_pct(remaining: u64, total: u64) -> u64 {
    if total == 0 {
        return 0;
    }
    100 - (100.0 * remaining as f64 / total as f64).round_ties_even() as u64
}
