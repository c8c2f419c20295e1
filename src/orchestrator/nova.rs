//! OpenStack Nova (orchestrators 1).

use super::field::Field;
use super::policy::Policy;
use super::poll::Poll;
use super::rule::{Act, Change, Event, Is, Rule};
use super::stack::{Stack, mib_per_s};
use super::{ladder, size};
use crate::units::{Bytes, Span};

/// Options of `nova.conf`, section `[libvirt]`, without their prefix `live_migration_`.
#[derive(Clone, Debug, PartialEq)]
pub struct Nova {
    /// Major release: 12 (Liberty) and later.
    pub release: u32,
    /// `bandwidth` [MiB/s]; 0: nothing is passed.
    pub bandwidth: u64,
    /// `downtime` [ms].
    pub downtime: u64,
    /// `downtime_steps`.
    pub downtime_steps: u64,
    /// `downtime_delay` [s for each GiB].
    pub downtime_delay: u64,
    /// `completion_timeout` [s for each GiB]; 0: never.
    pub completion_timeout: u64,
    /// `timeout_action` (19 and later).
    pub timeout_action: TimeoutAction,
    /// `permit_post_copy` (14 and later).
    pub permit_post_copy: bool,
    /// `permit_auto_converge` (14 and later); ignored with post-copy.
    pub permit_auto_converge: bool,
    /// `parallel_connections` (33 and later); more than 1: multifd.
    pub parallel_connections: u8,
    /// `progress_timeout` (12 to 18) [s]; 0: never.
    pub progress_timeout: u64,
}

/// What happens at the completion timeout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeoutAction {
    /// The migration is cancelled.
    Abort,
    /// Post-copy where it is permitted, a paused guest elsewhere; half a second later.
    ForceComplete,
}

impl Nova {
    /// The newest release that was read.
    pub const NEWEST: u32 = 33;

    /// A release with everything at its default.
    pub fn defaults(release: u32) -> Nova {
        Nova {
            release,
            bandwidth: 0,
            downtime: 500,
            downtime_steps: 10,
            downtime_delay: 75,
            completion_timeout: 800,
            timeout_action: TimeoutAction::Abort,
            permit_post_copy: false,
            permit_auto_converge: false,
            parallel_connections: 1,
            progress_timeout: if release < 15 { 150 } else { 0 },
        }
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

    /// What it switches on.
    pub fn stack(&self) -> Stack {
        Stack {
            auto_converge: Some(self.permit_auto_converge && !self.permit_post_copy),
            postcopy_ram: Some(self.permit_post_copy),
            multifd_channels: Some(if self.parallel_connections > 1 { self.parallel_connections } else { 0 }),
            max_bandwidth: Some(mib_per_s(self.bandwidth)),
            ..Stack::libvirt()
        }
    }

    /// Its monitor, for a guest of that size.
    pub fn policy(&self, memory: Bytes) -> Policy {
        let mut policy = Policy::new("nova", Poll::from_start(Span::from_ms(500)));
        policy.forces_post_copy = self.permit_post_copy;
        let limit = self.completion_timeout(memory, &[]);
        if self.release < 19 {
            policy.rules.extend(self.removed_rules());
        }
        if limit > 0 {
            let (act, what) = match self.timeout_action {
                TimeoutAction::Abort => (Act::Abort, ""),
                TimeoutAction::ForceComplete => (Act::QueueForceComplete, ": completion is forced at the next poll"),
            };
            let why = format!("live_migration_completion_timeout of {limit} s is over{what}");
            let rule = Rule::new(Event::Poll, act, why).when(Field::TimeElapsed, Is::Above, seconds(limit));
            policy.rules.push(rule.when(Field::PostCopy, Is::Equal, 0.0));
        }
        let steps = self.steps(memory, &[]);
        let last = steps.len().saturating_sub(1);
        policy.rules.extend(steps.into_iter().enumerate().map(|(step, (after, downtime))| {
            let why = format!("step {step} of {last}, due after {after} s");
            let to = Change::Set(Span::from_ms(downtime));
            let rule = Rule::new(Event::Poll, Act::Downtime { to, cap: None }, why).once();
            rule.when(Field::TimeElapsed, Is::Above, seconds(after))
        }));
        policy
    }

    /// What releases before 19 also did (orchestrators 1.4).
    fn removed_rules(&self) -> Vec<Rule> {
        let mut rules = Vec::new();
        if self.progress_timeout > 0 {
            let why = format!("no new low of what remains for {} s", self.progress_timeout);
            let rule = Rule::new(Event::Poll, Act::Abort, why);
            rules.push(rule.when(Field::SinceLow, Is::Above, seconds(self.progress_timeout)));
        }
        if self.permit_post_copy && self.release >= 14 {
            let why = "what remains fell by less than 10 % between two polls";
            let rule = Rule::new(Event::Poll, Act::PostCopy, why);
            let rule = rule.when(Field::MemoryIteration, Is::Above, 1.0).when(Field::Drop, Is::Below, 10.0);
            rules.push(rule.when(Field::PostCopy, Is::Equal, 0.0));
        }
        rules
    }
}

/// What Nova shows as progress [%].
pub fn progress_pct(remaining: u64, total: u64) -> u64 {
    if total == 0 {
        return 0;
    }
    100 - (100.0 * remaining as f64 / total as f64).round_ties_even() as u64
}

/// Seconds as a field counts them.
pub(super) fn seconds(s: u64) -> f64 {
    s as f64 * 1e9
}
