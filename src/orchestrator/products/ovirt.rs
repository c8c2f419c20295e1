//! oVirt: the engine's policies, carried out by VDSM on the host (orchestrators 3).

use crate::orchestrator::field::{JobField, seconds};
use crate::orchestrator::option::{Check, OptionForm, OptionMisfit, at_least, idle, options, release_number, words};
use crate::orchestrator::stack::mib_per_s;
use crate::orchestrator::{
    Act, Around, DowntimeChange, Is, Orchestrator, Policy, Poll, Rule, RuleEvent, Stack, ladder,
};
pub use crate::orchestrator::{OvirtSchedule, ScheduleItem};
use crate::units::{Bytes, Rate, Span};

/// What the host monitor counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MonitorCounts {
    /// `memory_iteration` since the first poll (4.4 and later).
    Iterations,
    /// Polls at which what remains had risen (4.0 to 4.3).
    Rises,
}

/// The policies that the engine ships.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shipped {
    /// "Minimal downtime".
    MinimalDowntime,
    /// "Suspend workload if needed".
    SuspendWorkloadIfNeeded,
    /// "Post-copy migration".
    PostCopy,
    /// "Very large VMs", read in a downstream copy only.
    VeryLargeVms,
    /// "Legacy": VDSM's own downtimes.
    Legacy,
}
words!(
    Shipped: "minimal-downtime" => MinimalDowntime,
    "suspend-workload-if-needed" => SuspendWorkloadIfNeeded,
    "post-copy" => PostCopy,
    "very-large-vms" => VeryLargeVms,
    "legacy" => Legacy
);

impl Shipped {
    /// Its schedule; `downtime` [ms] and `steps` are VDSM's, for the legacy policy only.
    pub fn schedule(self, downtime: u64, steps: u64) -> OvirtSchedule {
        use ScheduleItem::{Abort, PostCopy, SetDowntime};
        let ramp = |values: [u64; 5]| {
            [1, 2, 3, 4, 6].into_iter().zip(values.map(SetDowntime)).collect::<Vec<(i64, ScheduleItem)>>()
        };
        let with = |mut items: Vec<(i64, ScheduleItem)>, last: &[ScheduleItem]| {
            items.extend(last.iter().map(|item| (-1, *item)));
            items
        };
        let usual = OvirtSchedule {
            max_migrations: 2,
            auto_convergence: true,
            migration_compression: false,
            zero_copy: false,
            initial: vec![SetDowntime(100)],
            convergence: with(ramp([150, 200, 300, 400, 500]), &[Abort]),
        };
        match self {
            Shipped::MinimalDowntime => usual,
            Shipped::SuspendWorkloadIfNeeded => OvirtSchedule {
                max_migrations: 1,
                migration_compression: true,
                convergence: with(ramp([150, 200, 300, 400, 500]), &[SetDowntime(5000), Abort]),
                ..usual
            },
            Shipped::PostCopy => OvirtSchedule {
                convergence: with(vec![(1, SetDowntime(150)), (2, SetDowntime(200))], &[PostCopy, Abort]),
                ..usual
            },
            Shipped::VeryLargeVms => OvirtSchedule {
                max_migrations: 1,
                zero_copy: true,
                initial: vec![SetDowntime(300)],
                convergence: with(ramp([400, 500, 700, 1000, 1500]), &[SetDowntime(5000), Abort]),
                ..usual
            },
            Shipped::Legacy => legacy(downtime, steps, usual),
        }
    }
}

/// VDSM's exponential downtimes at limits 1, 2, ..., the last one again at 42, then an abort.
fn legacy(downtime: u64, steps: u64, usual: OvirtSchedule) -> OvirtSchedule {
    let values = ladder::vdsm(downtime, steps);
    let (first, later) = values.split_first().map_or((downtime, &[][..]), |(first, later)| (*first, later));
    let mut convergence: Vec<(i64, ScheduleItem)> =
        (1..).zip(later.iter().map(|ms| ScheduleItem::SetDowntime(*ms))).collect();
    convergence.push((42, ScheduleItem::SetDowntime(values.last().copied().unwrap_or(downtime))));
    convergence.push((-1, ScheduleItem::Abort));
    OvirtSchedule { auto_convergence: false, initial: vec![ScheduleItem::SetDowntime(first)], convergence, ..usual }
}

/// How the engine limits the bandwidth of a migration (`assignment_method`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BandwidthAssignment {
    /// The link by the number of migrations that may run at once, even where only one runs.
    Auto,
    /// A network's quality of service of so many Mbit/s, divided like the link.
    Custom(u64),
    /// VDSM's `migration_max_bandwidth` [MiB/s].
    HypervisorDefault(u64),
}

impl BandwidthAssignment {
    /// In MiB/s, for a link of that speed. The engine divides whole numbers, and takes decimal megabytes for MiB.
    pub fn mib_per_s(self, link: Rate, max_migrations: u64) -> u64 {
        let split = |mbit: u64| mbit / max_migrations.max(1) / 8;
        match self {
            BandwidthAssignment::Auto => split(link.0.saturating_mul(8) / 1_000_000),
            BandwidthAssignment::Custom(mbit) => split(mbit),
            BandwidthAssignment::HypervisorDefault(mib) => mib,
        }
    }
}

/// A cluster's setting.
#[derive(Clone, Debug, PartialEq)]
pub struct Ovirt {
    /// What the host monitor counts.
    pub counts: MonitorCounts,
    /// The policy.
    pub schedule: OvirtSchedule,
    /// Limit of the bandwidth.
    pub bandwidth: BandwidthAssignment,
    /// The legacy policy of 4.0 to 4.3, which had a thread of its own for the downtimes, and two time limits.
    pub old_legacy: Option<OldLegacy>,
}

/// Timing of the legacy policy up to 4.3 (orchestrators 3.4).
#[derive(Clone, Debug, PartialEq)]
pub struct OldLegacy {
    /// The downtimes [ms].
    pub downtimes: Vec<u64>,
    /// Between two of them [s].
    pub wait_per_step_s: f64,
    /// For the whole migration [s].
    pub max_time_s: u64,
    /// Without a new low of what remains [s].
    pub progress_timeout_s: u64,
}

impl OldLegacy {
    /// For a guest of that size, with VDSM's settings [ms, s for each GiB].
    pub fn new(memory: Bytes, downtime: u64, steps: u64, delay_per_gib: u64, max_time_per_gib: u64) -> OldLegacy {
        let mib = memory.0 >> 20;
        OldLegacy {
            downtimes: ladder::vdsm(downtime, steps),
            wait_per_step_s: ((delay_per_gib * mib) as f64 / (1024 * steps.max(1)) as f64).min(60.0),
            max_time_s: (max_time_per_gib * mib).div_ceil(1024),
            progress_timeout_s: 240,
        }
    }
}

/// Between two polls of the host monitor.
const INTERVAL: Span = Span::from_ms(10_000);

impl Ovirt {
    /// What it switches on, over a link of that speed.
    pub fn stack(&self, link: Rate) -> Stack {
        let schedule = &self.schedule;
        Stack::libvirt()
            .set("auto-converge", schedule.auto_convergence)
            .set("xbzrle", schedule.migration_compression)
            .set("postcopy-ram", schedule.convergence.iter().any(|(_, item)| *item == ScheduleItem::PostCopy))
            .set("zero-copy-send", schedule.zero_copy)
            .multifd(if schedule.zero_copy { 2 } else { 0 })
            .set("max-bandwidth", mib_per_s(self.bandwidth.mib_per_s(link, schedule.max_migrations)))
    }

    /// The host monitor.
    pub fn policy(&self) -> Policy {
        let mut policy = Policy::new(Cluster::KIND, Poll::every(INTERVAL));
        policy.rules = match &self.old_legacy {
            Some(old) => old_legacy_rules(old),
            None => self.rules(),
        };
        policy
    }

    fn rules(&self) -> Vec<Rule> {
        let initial = self.schedule.initial.iter().map(|item| Rule::new(RuleEvent::Start, act(*item), "initialItems"));
        let mut rules: Vec<Rule> = initial.collect();
        let (count, new, what) = match self.counts {
            MonitorCounts::Iterations => (JobField::Iterations, JobField::NewIteration, "new iterations"),
            MonitorCounts::Rises => (JobField::Rises, JobField::NewRise, "rises of what remains"),
        };
        let first = rules.len();
        for (index, (limit, item)) in self.schedule.convergence.iter().enumerate() {
            let why = match limit {
                -1 => "lastItems, at the next chance".to_owned(),
                _ => format!("convergenceItems: more than {limit} {what}"),
            };
            // A refused action uses its entry up all the same.
            let rule = Rule::new(RuleEvent::Poll, act(*item), why).once().last();
            let rule = rule.when(JobField::PostCopy, Is::Equal, 0.0).when(new, Is::Equal, 1.0);
            let rule = rule.when(count, Is::Above, *limit as f64);
            rules.push(Rule { after: (index > 0).then(|| first + index - 1), ..rule });
        }
        rules
    }
}

fn old_legacy_rules(old: &OldLegacy) -> Vec<Rule> {
    let stuck = format!("no new low of what remains for {} s", old.progress_timeout_s);
    let late = format!("migration_max_time_per_gib_mem: {} s are over", old.max_time_s);
    let mut rules = vec![
        Rule::new(RuleEvent::Poll, Act::Abort, stuck).when(
            JobField::SinceLow,
            Is::Above,
            seconds(old.progress_timeout_s),
        ),
        Rule::new(RuleEvent::Poll, Act::Abort, late).when(JobField::TimeElapsed, Is::Above, seconds(old.max_time_s)),
    ];
    for (step, downtime) in old.downtimes.iter().enumerate() {
        let why = format!("step {} of {} of migration_downtime_steps", step + 1, old.downtimes.len());
        let rule = Rule::new(RuleEvent::Poll, act(ScheduleItem::SetDowntime(*downtime)), why).once();
        rules.push(match step {
            0 => rule.when(JobField::Iterations, Is::AtLeast, 1.0),
            _ => Rule {
                after: Some(rules.len() - 1),
                hold: Some(Span::from_ms((old.wait_per_step_s * 1000.0) as u64)),
                ..rule
            },
        });
    }
    rules
}

fn act(item: ScheduleItem) -> Act {
    match item {
        ScheduleItem::SetDowntime(ms) => Act::Downtime { to: DowntimeChange::Set(Span::from_ms(ms)), cap: None },
        ScheduleItem::PostCopy => Act::PostCopy,
        ScheduleItem::Abort => Act::Abort,
    }
}

/// Where the limit of the bandwidth comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// The link.
    Auto,
    /// `custom_value`.
    Custom,
    /// `migration_max_bandwidth` of the host.
    HypervisorDefault,
}
words!(Method: "auto" => Auto, "custom" => Custom, "hypervisor_default" => HypervisorDefault);

options! {
    /// Settings of a cluster and of VDSM, under their names.
    pub struct Cluster {
        /// Release, from 4.0 on.
        release: u32 = Cluster::NEWEST, "release" OptionForm::Release(release_number(4, 0)), default("4.5");
        /// One of the engine's policies.
        policy: Option<Shipped> = None, "policy" OptionForm::Words(Shipped::WORDS), default("`\"minimal-downtime\"`"), lever();
        /// A policy of your own instead, as the engine's `MigrationPolicies` holds it.
        schedule: Option<OvirtSchedule> = None, "schedule" OptionForm::Schedule;
        /// Of the cluster or VM; overrides the policy.
        auto_converge: Option<bool> = None, "auto_converge" OptionForm::Switch, default("the policy's"), lever();
        /// XBZRLE; overrides the policy.
        compressed: Option<bool> = None, "compressed" OptionForm::Switch, default("the policy's");
        /// Where the bandwidth limit comes from.
        assignment_method: Option<Method> = None, "assignment_method" OptionForm::Words(Method::WORDS),
            default("`\"auto\"`; `legacy`: `\"hypervisor_default\"`");
        /// For `custom`: of all migrations together.
        custom_value: Option<u64> = None, "custom_value" at_least(1, "Mbit/s"), default("required then");
        /// For `hypervisor_default`.
        migration_max_bandwidth: u64 = 52, "migration_max_bandwidth" at_least(1, "MiB/s"), lever();
        /// `legacy`: last limit.
        migration_downtime: u64 = 500, "migration_downtime" at_least(1, "ms"), lever();
        /// `legacy`: limits.
        migration_downtime_steps: u64 = 5, "migration_downtime_steps" at_least(1, ""), lever();
        /// `legacy`: for all steps.
        migration_downtime_delay: u64 = 100,
            "migration_downtime_delay" at_least(1, "s for each GiB"), releases(0..=Cluster::RISES), lever();
        /// `legacy`: abort after so long.
        migration_max_time_per_gib_mem: u64 = 64,
            "migration_max_time_per_gib_mem" at_least(1, "s for each GiB"), releases(0..=Cluster::RISES), lever();
        /// `legacy`: abort after so long without a new low.
        migration_progress_timeout: u64 = 240,
            "migration_progress_timeout" at_least(1, "s"), releases(0..=Cluster::RISES), lever();
    }
}

impl Cluster {
    /// The newest release.
    pub const NEWEST: u32 = release_number(4, 5);
    /// The last release whose monitor counts rises of what remains, and whose `legacy` has limits of time (VDSM, March 2019).
    const RISES: u32 = release_number(4, 3);
    /// The first release with `very-large-vms` (bug 2089434).
    const ZERO_COPY: u32 = release_number(4, 5);
    /// The release whose `minimal-downtime` compresses; from when on none does is known of 4.2 (feature page, and the engine's
    /// configuration for clusters up to 4.2).
    const COMPRESSES: u32 = release_number(4, 0);

    /// What the host monitor counts.
    pub fn counts(&self) -> MonitorCounts {
        if self.release <= Cluster::RISES { MonitorCounts::Rises } else { MonitorCounts::Iterations }
    }

    fn is_legacy(&self) -> bool {
        self.schedule.is_none() && self.policy == Some(Shipped::Legacy)
    }

    /// One of the engine's own; its `minimal-downtime` has compressed once.
    fn shipped(&self) -> OvirtSchedule {
        let policy = self.policy.unwrap_or(Shipped::MinimalDowntime);
        let schedule = policy.schedule(self.migration_downtime, self.migration_downtime_steps);
        let compresses = policy == Shipped::MinimalDowntime && self.release <= Cluster::COMPRESSES;
        OvirtSchedule { migration_compression: schedule.migration_compression || compresses, ..schedule }
    }

    fn method(&self) -> Method {
        let default = if self.is_legacy() { Method::HypervisorDefault } else { Method::Auto };
        self.assignment_method.unwrap_or(default)
    }

    /// What the engine hands to VDSM, for a guest of that size.
    pub fn ovirt(&self, memory: Bytes) -> Ovirt {
        let mut schedule = self.schedule.clone().unwrap_or_else(|| self.shipped());
        schedule.auto_convergence = self.auto_converge.unwrap_or(schedule.auto_convergence);
        schedule.migration_compression = self.compressed.unwrap_or(schedule.migration_compression);
        let bandwidth = match (self.method(), self.custom_value) {
            (Method::HypervisorDefault, _) => BandwidthAssignment::HypervisorDefault(self.migration_max_bandwidth),
            (Method::Custom, Some(mbit)) => BandwidthAssignment::Custom(mbit),
            (Method::Auto | Method::Custom, _) => BandwidthAssignment::Auto,
        };
        let (downtime, steps) = (self.migration_downtime, self.migration_downtime_steps);
        let (delay, max_time) = (self.migration_downtime_delay, self.migration_max_time_per_gib_mem);
        let counts = self.counts();
        let old_legacy = (self.is_legacy() && counts == MonitorCounts::Rises).then(|| OldLegacy {
            progress_timeout_s: self.migration_progress_timeout,
            ..OldLegacy::new(memory, downtime, steps, delay, max_time)
        });
        Ovirt { counts, schedule, bandwidth, old_legacy }
    }
}

const LEGACY: &str = "belongs to `policy = \"legacy\"`";

impl Orchestrator for Cluster {
    const KIND: &'static str = "ovirt";
    const PER_GUEST: Option<&'static [&'static str]> =
        Some(&["policy", "auto_converge", "compressed", "migration_downtime"]);
    const CHECKS: &'static [Check<Cluster>] = &[
        idle(
            "custom_value",
            |cluster| cluster.method() == Method::Custom,
            "belongs to `assignment_method = \"custom\"`",
        ),
        idle(
            "migration_max_bandwidth",
            |cluster| cluster.method() == Method::HypervisorDefault,
            "belongs to `assignment_method = \"hypervisor_default\"`",
        ),
        Check {
            key: "assignment_method",
            holds: |cluster| cluster.method() != Method::Custom || cluster.custom_value.is_some(),
            misfit: OptionMisfit::Refused {
                title: "`orchestrator.custom_value` is missing",
                why: "`custom` needs a value",
                beside: None,
                help: Some("add `custom_value = 1000`, in Mbit/s for all migrations of the host"),
            },
        },
        idle("migration_downtime", Cluster::is_legacy, LEGACY),
        idle("migration_downtime_steps", Cluster::is_legacy, LEGACY),
        idle("migration_downtime_delay", Cluster::is_legacy, LEGACY),
        idle("migration_max_time_per_gib_mem", Cluster::is_legacy, LEGACY),
        idle("migration_progress_timeout", Cluster::is_legacy, LEGACY),
        Check {
            key: "policy",
            holds: |cluster| cluster.policy != Some(Shipped::VeryLargeVms) || cluster.release >= Cluster::ZERO_COPY,
            misfit: OptionMisfit::Refused {
                title: "`very-large-vms` is no policy of this release",
                why: "exists since release 4.5",
                beside: Some(("release", "the release")),
                help: Some("choose another policy, or name another `release`"),
            },
        },
        Check {
            key: "policy",
            holds: |cluster| cluster.policy.is_none() || cluster.schedule.is_none(),
            misfit: OptionMisfit::Refused {
                title: "`orchestrator.policy` and `orchestrator.schedule` stand in one section",
                why: "one of the two",
                beside: Some(("schedule", "the other")),
                help: None,
            },
        },
    ];

    fn release(&self) -> Option<u32> {
        Some(self.release)
    }

    fn stack(&self, around: &Around) -> Stack {
        self.ovirt(around.memory).stack(around.link)
    }

    fn policy(&self, around: &Around) -> Policy {
        self.ovirt(around.memory).policy()
    }
}
