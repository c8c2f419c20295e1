//! KubeVirt's monitor (orchestrators 4).

use crate::orchestrator::field::{JobField, seconds};
use crate::orchestrator::job::MAX_DOWNTIME_LIMIT;
use crate::orchestrator::option::{Check, OptionForm, at_least, count, idle, needs, options, release_number, words};
use crate::orchestrator::stack::mib_per_s;
use crate::orchestrator::{
    Act, Around, DowntimeChange, Is, Orchestrator, Policy, Poll, Rule, RuleEvent, Stack, size, stall,
};
use crate::units::{Bytes, Rate, Span};

options! {
    /// Settings of `spec.configuration.migrations`, and of the feature gates.
    pub struct KubeVirt {
        /// Release, from 0.41 on.
        release: u32 = KubeVirt::NEWEST, "release" OptionForm::Release(release_number(0, 41)), default("1.9");
        /// Limit.
        bandwidth_per_migration: Rate = Rate(0),
            "bandwidthPerMigration" OptionForm::Rate, remark("; 0: none"), default("0"), lever();
        /// For the whole migration.
        completion_timeout_per_gib: Option<u64> = None,
            "completionTimeoutPerGiB" count("s for each 10⁹ bytes"), remark("; 0: never"),
            default("150; 800 before 1.4"), lever();
        /// Without progress.
        progress_timeout: u64 = 150, "progressTimeout" count("s"), remark("; 0: never"), lever();
        /// Throttling.
        allow_auto_converge: bool = false, "allowAutoConverge" OptionForm::Switch, lever();
        /// Post-copy at the timeout.
        allow_post_copy: bool = false, "allowPostCopy" OptionForm::Switch, lever();
        /// A pause, or post-copy, at the timeout.
        allow_workload_disruption: Option<bool> = None,
            "allowWorkloadDisruption" OptionForm::Switch, default("as `allowPostCopy`"), lever();
        /// The VM has dedicated CPUs: no multifd.
        dedicated_cpu_placement: bool = false, "dedicatedCpuPlacement" OptionForm::Switch;
        /// Ceiling of tuning and stall detector.
        max_downtime: Span = Span::from_ms(900), "maxDowntimeMs" OptionForm::Whole("ms", 1..=MOST_DOWNTIME), lever();
        /// The guest has a VFIO device: no post-copy.
        vfio: bool = false, "vfio" OptionForm::Switch;
        /// Multifd channels; 0 as for a VM with a CPU limit.
        parallel_migration_threads: Option<u8> = None, "parallelMigrationThreads" OptionForm::Count("", 0..=255),
            default("8; 0 with `dedicatedCpuPlacement`, and with `allowPostCopy` before QEMU 10.1");
        /// Multifd's compression (VEP 246).
        compression: Compression = Compression::None,
            "experimental.compression" OptionForm::Words(Compression::WORDS);
        /// The limit grows (VEP 291; gate `MigrationDowntimeTuning`).
        downtime_tuning: bool = false, "downtimeTuning" OptionForm::Switch, lever();
        /// First limit; these need `downtimeTuning`.
        initial: Span = Span::from_ms(150), "initialMs" OptionForm::Whole("ms", 1..=MOST_DOWNTIME);
        /// Steps to `maxDowntimeMs`.
        steps: u64 = 7, "steps" at_least(1, "");
        /// `memory_iteration` from which on it grows.
        start_after_iteration: u64 = 3, "startAfterIteration" count("");
        /// Between two changes.
        cooldown: Span = Span::from_ms(10_000), "cooldownSeconds" OptionForm::Whole("s", 0..=u32::MAX);
        /// The stall detector (VEP 248; gate `MigrationStallDetection`), in the place of monitor and tuning.
        stall_detection: bool = false, "migrationStallDetection" OptionForm::Switch, lever();
        /// By how much a pass must be better than the best one before the window; these need the detector.
        stall_margin: u8 = 4, "stallMargin" OptionForm::Percent(0..=99);
        /// Weight of a new sample of the bandwidth.
        ewma_alpha: f64 = 0.4, "ewmaAlpha" OptionForm::Factor(0.01..=1.0), remark(", 0.01 to 1");
        /// The window: without progress for so long, the migration is stalled.
        stall_progress_timeout: Span = Span::from_ms(40_000),
            "stallProgressTimeout" OptionForm::Whole("s", 1..=u32::MAX);
        /// A switch that is not over after so long has failed.
        switchover_timeout: Span = Span::from_ms(60_000), "switchoverTimeout" OptionForm::Whole("s", 1..=u32::MAX);
        /// A good point may take so many times `maxDowntimeMs`; above it the migration is aborted.
        precopy_possible_factor: f64 = 1.5,
            "precopyPossibleFactor" OptionForm::Factor(1.0..=1000.0), remark(", 1 to 1000");
        /// Patience shrinks by this factor each time that the best point does not come again.
        patience_window_decay_factor: f64 = 0.5,
            "patienceWindowDecayFactor" OptionForm::Factor(0.0..=1.0), remark(", 0 to 1");
        /// A stalled migration waits for a point as good as the best one; else it acts at once.
        search_local_minima: bool = true, "searchLocalMinima" OptionForm::Switch;
        /// The completion timeout grows by this factor where a switch may still be over in time.
        completion_timeout_factor: f64 = 2.0,
            "completionTimeoutFactor" OptionForm::Factor(1.0..=1000.0), remark(", 1 to 1000");
    }
}

/// `experimental.compression`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// Pages go as they are.
    None,
    /// Multifd's channels compress.
    Zstd,
}
words!(Compression: "none" => None, "zstd" => Zstd);

/// Between two polls of the monitor.
const INTERVAL: Span = Span::from_ms(400);

impl KubeVirt {
    /// The newest release that was read.
    pub const NEWEST: u32 = release_number(1, 9);
    /// The first release that holds what remains against the poll before (PR 7654, also in later patches of 0.41, 0.44 and
    /// 0.49); until then it is held against the lowest so far.
    const PREVIOUS_POLL: u32 = release_number(0, 53);
    /// The first release with a shorter completion timeout (PR 12848).
    const SHORTER_TIMEOUT: u32 = release_number(1, 4);

    /// Time for the whole migration of a guest of that size [s]; 0: no limit.
    pub fn completion_budget(&self, memory: Bytes) -> u64 {
        let usual = if self.release < KubeVirt::SHORTER_TIMEOUT { 800 } else { 150 };
        self.completion_timeout_per_gib.unwrap_or(usual).saturating_mul(size::kubevirt_units(memory))
    }

    /// The limit in MiB/s, as it is passed on: nothing is below 1, halves go up.
    pub fn bandwidth_mib(&self) -> u64 {
        match self.bandwidth_per_migration.0 {
            0 => 0,
            bytes => (bytes.saturating_add(1 << 19) >> 20).max(1),
        }
    }

    fn detects(&self) -> bool {
        self.stall_detection
    }

    /// Whether a guest may be paused, or switched to post-copy, at the timeout.
    fn may_disrupt(&self) -> bool {
        self.allow_workload_disruption.unwrap_or(self.allow_post_copy)
    }

    /// Whether one channel does all.
    fn is_serial(&self) -> bool {
        self.parallel_migration_threads.map_or(self.dedicated_cpu_placement, |threads| threads == 0)
    }

    /// The detector's parameters, for a completion timeout in seconds; 0: none.
    fn stall_params(&self, limit: u64) -> stall::StallParams {
        stall::StallParams {
            max_downtime: self.max_downtime,
            limit: if limit > 0 { Span(seconds(limit) as u64) } else { Span(u64::MAX) },
            allow_post_copy: self.allow_post_copy,
            allow_workload_disruption: self.may_disrupt(),
            vfio: self.vfio,
            window: self.stall_progress_timeout,
            margin: f64::from(self.stall_margin) / 100.0,
            ewma_alpha: self.ewma_alpha,
            switchover_timeout: self.switchover_timeout,
            search_local_minima: self.search_local_minima,
            precopy_factor: self.precopy_possible_factor,
            patience_decay: self.patience_window_decay_factor,
            completion_factor: self.completion_timeout_factor,
        }
    }

    /// The limit grows step by step; the rest of the division costs one more step.
    fn tuning_rules(&self) -> [Rule; 2] {
        let cap = Some(self.max_downtime);
        let first = Act::Downtime { to: DowntimeChange::Set(self.initial), cap };
        let range = self.max_downtime.whole_ms().saturating_sub(self.initial.whole_ms());
        let step = Span::from_ms((range / self.steps.max(1)).max(1));
        let grow = Act::Downtime { to: DowntimeChange::Plus(step), cap };
        let why = format!("{} or more since the last change: the limit grows", self.cooldown);
        let grows = Rule::new(RuleEvent::Poll, grow, why)
            .when(JobField::MemoryIteration, Is::AtLeast, self.start_after_iteration as f64)
            .when(JobField::SinceChange, Is::AtLeast, self.cooldown.0 as f64)
            .when(JobField::DowntimeLimit, Is::Below, self.max_downtime.0 as f64);
        [Rule::new(RuleEvent::Poll, first, "the first limit of the downtime tuning").once(), grows]
    }

    /// The first that matches is all that happens at a poll.
    ///
    /// Elapsed times are cut to whole seconds before they are compared, so that `> limit` means a second more.
    fn monitor_rules(&self, limit: u64) -> Vec<Rule> {
        let after = |rule: Rule, field, s: u64| rule.last().when(field, Is::AtLeast, seconds(s.saturating_add(1)));
        let running = Rule::new(RuleEvent::Poll, Act::Nothing, "").when(JobField::PostCopy, Is::Equal, 1.0).last();
        let mut rules = vec![running];
        if self.may_disrupt() && limit > 0 {
            let (act, what) = match (self.vfio, self.allow_post_copy) {
                (true, _) => {
                    let to = DowntimeChange::Set(Span::from_ms(limit.saturating_mul(2000)));
                    (Act::Downtime { to, cap: Some(MAX_DOWNTIME_LIMIT) }, "the guest may be stopped for as long again")
                }
                (false, true) => (Act::PostCopy, "the migration switches to post-copy"),
                (false, false) => (Act::Pause, "the guest is paused, and has as long again"),
            };
            let rule = Rule::new(RuleEvent::Poll, act, format!("completion timeout of {limit} s: {what}"));
            rules.push(after(rule.once(), JobField::TimeElapsed, limit));
        }
        if self.progress_timeout > 0 {
            let (field, what) = match self.release < KubeVirt::PREVIOUS_POLL {
                true => (JobField::SinceLow, "been lower"),
                false => (JobField::SinceProgress, "fallen"),
            };
            let why = format!("stuck: what remains has not {what} for {} s", self.progress_timeout);
            rules.push(after(Rule::new(RuleEvent::Poll, Act::Abort, why), field, self.progress_timeout));
        }
        if limit > 0 {
            let limit = if self.may_disrupt() { limit.saturating_mul(2) } else { limit };
            let why = format!("completion timeout of {limit} s");
            rules.push(after(Rule::new(RuleEvent::Poll, Act::Abort, why), JobField::TimeElapsed, limit));
        }
        rules
    }
}

/// QEMU's own bound [ms].
const MOST_DOWNTIME: u32 = MAX_DOWNTIME_LIMIT.whole_ms() as u32;
const TUNES: &str = "downtimeTuning = true";
const NO_TUNING: &str = "belongs to the downtime tuning, which is off";
const DETECTS: &str = "migrationStallDetection = true";
const NO_DETECTOR: &str = "belongs to the stall detector, which is off";
const DETECTED: &str = "the stall detector takes its place";

impl Orchestrator for KubeVirt {
    const KIND: &'static str = "kubevirt";
    // What a `MigrationPolicy` says; the rest is the cluster's.
    const PER_GUEST: Option<&'static [&'static str]> = Some(&[
        "allowAutoConverge",
        "allowPostCopy",
        "allowWorkloadDisruption",
        "bandwidthPerMigration",
        "completionTimeoutPerGiB",
    ]);
    const CHECKS: &'static [Check<KubeVirt>] = &[
        needs("initialMs", |kubevirt| kubevirt.downtime_tuning, TUNES, NO_TUNING),
        needs("steps", |kubevirt| kubevirt.downtime_tuning, TUNES, NO_TUNING),
        needs("startAfterIteration", |kubevirt| kubevirt.downtime_tuning, TUNES, NO_TUNING),
        needs("cooldownSeconds", |kubevirt| kubevirt.downtime_tuning, TUNES, NO_TUNING),
        idle("downtimeTuning", |kubevirt| !kubevirt.stall_detection, DETECTED),
        idle("progressTimeout", |kubevirt| !kubevirt.stall_detection, DETECTED),
        idle("experimental.compression", |kubevirt| !kubevirt.is_serial(), "multifd is off here"),
        needs("stallMargin", KubeVirt::detects, DETECTS, NO_DETECTOR),
        needs("ewmaAlpha", KubeVirt::detects, DETECTS, NO_DETECTOR),
        needs("stallProgressTimeout", KubeVirt::detects, DETECTS, NO_DETECTOR),
        needs("switchoverTimeout", KubeVirt::detects, DETECTS, NO_DETECTOR),
        needs("precopyPossibleFactor", KubeVirt::detects, DETECTS, NO_DETECTOR),
        needs("patienceWindowDecayFactor", KubeVirt::detects, DETECTS, NO_DETECTOR),
        needs("searchLocalMinima", KubeVirt::detects, DETECTS, NO_DETECTOR),
        needs("completionTimeoutFactor", KubeVirt::detects, DETECTS, NO_DETECTOR),
    ];

    fn stack(&self, _: &Around) -> Stack {
        let stack = Stack::libvirt().set("auto-converge", self.allow_auto_converge);
        let stack = stack.set("postcopy-ram", self.allow_post_copy);
        let stack = stack.set("max-bandwidth", mib_per_s(self.bandwidth_mib()));
        let stack = match self.parallel_migration_threads {
            Some(threads) => stack.multifd(threads),
            None if self.dedicated_cpu_placement => stack,
            // Before QEMU 10.1 not together with post-copy.
            None => stack.multifd(8).wish("multifd", true),
        };
        let compression = Some(self.compression).filter(|method| *method != Compression::None && !self.is_serial());
        stack.set("multifd-compression", compression)
    }

    /// The monitor.
    fn policy(&self, around: &Around) -> Policy {
        let mut policy = Policy::new(Self::KIND, Poll::every(INTERVAL));
        let limit = self.completion_budget(around.memory);
        if self.stall_detection {
            policy.stall = Some(self.stall_params(limit));
            return policy;
        }
        if self.downtime_tuning {
            policy.poll = Poll::from_start(INTERVAL);
            policy.rules.extend(self.tuning_rules());
        }
        policy.rules.extend(self.monitor_rules(limit));
        policy
    }
}
