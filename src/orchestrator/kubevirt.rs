//! KubeVirt's monitor (orchestrators 4).

use super::field::Field;
use super::job::MAX_DOWNTIME_LIMIT;
use super::nova::seconds;
use super::policy::Policy;
use super::poll::Poll;
use super::rule::{Act, Change, Event, Is, Rule};
use super::size;
use super::stack::{Stack, mib_per_s};
use super::stall;
use crate::units::{Bytes, Rate, Span};

/// Settings of `spec.configuration.migrations`, and of the feature gates.
#[derive(Clone, Debug, PartialEq)]
pub struct KubeVirt {
    /// `bandwidthPerMigration` [bytes/s]; 0: no limit.
    pub bandwidth_per_migration: Rate,
    /// `completionTimeoutPerGiB` [s for each decimal GB]; 0: never.
    pub completion_timeout_per_gib: u64,
    /// `progressTimeout` [s]; 0: never.
    pub progress_timeout: u64,
    /// `allowAutoConverge`.
    pub allow_auto_converge: bool,
    /// `allowPostCopy`.
    pub allow_post_copy: bool,
    /// `allowWorkloadDisruption`.
    pub allow_workload_disruption: bool,
    /// `maxDowntimeMs`.
    pub max_downtime: Span,
    /// The guest has a VFIO device.
    pub vfio: bool,
    /// Channels; 0: no multifd (the VM has a CPU limit).
    pub parallel_migration_threads: u8,
    /// Downtime tuning (VEP 291).
    pub downtime_tuning: Option<Tuning>,
    /// `MigrationStallDetection` (VEP 248): replaces the monitor and the tuning.
    pub stall_detection: bool,
}

/// Downtime tuning, where it is switched on (orchestrators 4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tuning {
    /// The first limit.
    pub initial: Span,
    /// Steps from there to `maxDowntimeMs`.
    pub steps: u64,
    /// `memory_iteration` from which on the limit grows.
    pub start_after_iteration: u64,
    /// Between two changes.
    pub cooldown: Span,
}

impl Default for Tuning {
    fn default() -> Tuning {
        let cooldown = Span::from_ms(10_000);
        Tuning { initial: Span::from_ms(150), steps: 7, start_after_iteration: 3, cooldown }
    }
}

impl Default for KubeVirt {
    fn default() -> KubeVirt {
        KubeVirt {
            bandwidth_per_migration: Rate(0),
            completion_timeout_per_gib: 150,
            progress_timeout: 150,
            allow_auto_converge: false,
            allow_post_copy: false,
            allow_workload_disruption: false,
            max_downtime: Span::from_ms(900),
            vfio: false,
            parallel_migration_threads: 8,
            downtime_tuning: None,
            stall_detection: false,
        }
    }
}

/// Between two polls of the monitor.
const INTERVAL: Span = Span::from_ms(400);

impl KubeVirt {
    /// Time for the whole migration of a guest of that size [s]; 0: no limit.
    pub fn completion_budget(&self, memory: Bytes) -> u64 {
        self.completion_timeout_per_gib.saturating_mul(size::kubevirt_units(memory))
    }

    /// The limit in MiB/s, as it is passed on: nothing is below 1, halves go up.
    pub fn bandwidth_mib(&self) -> u64 {
        match self.bandwidth_per_migration.0 {
            0 => 0,
            bytes => (bytes.saturating_add(1 << 19) >> 20).max(1),
        }
    }

    /// What it switches on.
    pub fn stack(&self) -> Stack {
        Stack {
            auto_converge: Some(self.allow_auto_converge),
            postcopy_ram: Some(self.allow_post_copy),
            multifd_channels: Some(self.parallel_migration_threads),
            max_bandwidth: Some(mib_per_s(self.bandwidth_mib())),
            ..Stack::libvirt()
        }
    }

    /// The monitor, for a guest of that size.
    pub fn policy(&self, memory: Bytes) -> Policy {
        let mut policy = Policy::new("kubevirt", Poll::every(INTERVAL));
        let limit = self.completion_budget(memory);
        if self.stall_detection {
            policy.stall = Some(stall::Params {
                allow_post_copy: self.allow_post_copy,
                allow_workload_disruption: self.allow_workload_disruption,
                vfio: self.vfio,
                ..stall::Params::new(
                    self.max_downtime,
                    if limit > 0 { Span(seconds(limit) as u64) } else { Span(u64::MAX) },
                )
            });
            return policy;
        }
        if let Some(tuning) = self.downtime_tuning {
            policy.poll = Poll::from_start(INTERVAL);
            policy.rules.extend(self.tuning_rules(tuning));
        }
        policy.rules.extend(self.monitor_rules(limit));
        policy
    }

    /// The limit grows step by step; the rest of the division costs one more step.
    fn tuning_rules(&self, tuning: Tuning) -> [Rule; 2] {
        let cap = Some(self.max_downtime);
        let first = Act::Downtime { to: Change::Set(tuning.initial), cap };
        let range = self.max_downtime.whole_ms().saturating_sub(tuning.initial.whole_ms());
        let step = Span::from_ms((range / tuning.steps.max(1)).max(1));
        let grow = Act::Downtime { to: Change::Plus(step), cap };
        let why = format!("{} or more since the last change: the limit grows", tuning.cooldown);
        let grows = Rule::new(Event::Poll, grow, why)
            .when(Field::MemoryIteration, Is::AtLeast, tuning.start_after_iteration as f64)
            .when(Field::SinceChange, Is::AtLeast, tuning.cooldown.0 as f64)
            .when(Field::DowntimeLimit, Is::Below, self.max_downtime.0 as f64);
        [Rule::new(Event::Poll, first, "the first limit of the downtime tuning").once(), grows]
    }

    /// The first that matches is all that happens at a poll.
    ///
    /// Elapsed times are cut to whole seconds before they are compared, so that `> limit` means a second more.
    fn monitor_rules(&self, limit: u64) -> Vec<Rule> {
        let after = |rule: Rule, field, s: u64| rule.last().when(field, Is::AtLeast, seconds(s.saturating_add(1)));
        let running = Rule::new(Event::Poll, Act::Nothing, "").when(Field::PostCopy, Is::Equal, 1.0).last();
        let mut rules = vec![running];
        if self.allow_workload_disruption && limit > 0 {
            let (act, what) = match (self.vfio, self.allow_post_copy) {
                (true, _) => {
                    let to = Change::Set(Span::from_ms(limit.saturating_mul(2000)));
                    (Act::Downtime { to, cap: Some(MAX_DOWNTIME_LIMIT) }, "the guest may stand still for as long again")
                }
                (false, true) => (Act::PostCopy, "the migration switches to post-copy"),
                (false, false) => (Act::Pause, "the guest is paused, and has as long again"),
            };
            let rule = Rule::new(Event::Poll, act, format!("completion timeout of {limit} s: {what}"));
            rules.push(after(rule.once(), Field::TimeElapsed, limit));
        }
        if self.progress_timeout > 0 {
            let why = format!("stuck: what remains has not fallen for {} s", self.progress_timeout);
            rules.push(after(Rule::new(Event::Poll, Act::Abort, why), Field::SinceProgress, self.progress_timeout));
        }
        if limit > 0 {
            let limit = if self.allow_workload_disruption { limit.saturating_mul(2) } else { limit };
            let why = format!("completion timeout of {limit} s");
            rules.push(after(Rule::new(Event::Poll, Act::Abort, why), Field::TimeElapsed, limit));
        }
        rules
    }
}
