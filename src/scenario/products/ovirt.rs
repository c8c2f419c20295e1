//! `kind = "ovirt"`: a cluster's migration policy, and VDSM's settings.

use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::orchestrator::ovirt::{Bandwidth, Counts, Item, OldLegacy, Ovirt, Schedule, Shipped};
use crate::orchestrator::{Policy, Stack};
use crate::units::bounded;

use super::{Around, Found, Section, idle, set, whole};

const POLICIES: [(&str, Shipped); 5] = [
    ("minimal-downtime", Shipped::MinimalDowntime),
    ("suspend-workload-if-needed", Shipped::SuspendWorkloadIfNeeded),
    ("post-copy", Shipped::PostCopy),
    ("very-large-vms", Shipped::VeryLargeVms),
    ("legacy", Shipped::Legacy),
];
const METHODS: [(&str, Method); 3] =
    [("auto", Method::Auto), ("custom", Method::Custom), ("hypervisor_default", Method::HypervisorDefault)];
/// Releases whose host monitor counts iterations, and those before.
const VERSIONS: [(&str, Counts); 6] = [
    ("4.5", Counts::Iterations),
    ("4.4", Counts::Iterations),
    ("4.3", Counts::Rises),
    ("4.2", Counts::Rises),
    ("4.1", Counts::Rises),
    ("4.0", Counts::Rises),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Method {
    Auto,
    Custom,
    HypervisorDefault,
}

/// Reads the options; `None` if the schedule's file is damaged.
pub(super) fn read(section: &mut Section, around: &Around) -> Option<(Policy, Stack)> {
    let counts = section.choice("version", &VERSIONS, &[]).map_or(Counts::Iterations, |found| found.value);
    let policy = section.choice("policy", &POLICIES, &[]);
    let file = section.text("schedule");
    let (mut downtime, mut steps, mut bandwidth) = (500, 5, 52);
    set(&mut downtime, whole(section, "migration_downtime", 1));
    set(&mut steps, whole(section, "migration_downtime_steps", 1));
    set(&mut bandwidth, whole(section, "migration_max_bandwidth", 1));
    let (mut delay, mut max_time, mut progress) = (100, 64, 240);
    set(&mut delay, whole(section, "migration_downtime_delay", 1));
    set(&mut max_time, whole(section, "migration_max_time_per_gib_mem", 1));
    set(&mut progress, whole(section, "migration_progress_timeout", 1));
    let auto_converge = section.switch("auto_converge").map(|found| found.value);
    let compressed = section.switch("compressed").map(|found| found.value);

    let is_legacy = file.is_none() && policy.as_ref().is_some_and(|policy| policy.value == Shipped::Legacy);
    let bandwidth = method(section, is_legacy, bandwidth);
    let legacy = ["migration_downtime", "migration_downtime_steps"];
    idle(section, &legacy, is_legacy, "belongs to `policy = \"legacy\"`");
    let old = ["migration_downtime_delay", "migration_max_time_per_gib_mem", "migration_progress_timeout"];
    let is_old = is_legacy && counts == Counts::Rises;
    idle(section, &old, is_old, "belongs to `policy = \"legacy\"` of 4.3 and before");

    let shipped = policy.as_ref().map_or(Shipped::MinimalDowntime, |policy| policy.value);
    let mut schedule = match &file {
        Some(file) => {
            if let Some(policy) = &policy {
                let title = "`orchestrator.policy` and `orchestrator.schedule` stand in one section";
                section.faults.error(&policy.place, title, "one of the two").note(&file.place, "the other");
            }
            own(section, file, around.folder)?
        }
        None => shipped.schedule(downtime, steps),
    };
    schedule.auto_convergence = auto_converge.unwrap_or(schedule.auto_convergence);
    schedule.migration_compression = compressed.unwrap_or(schedule.migration_compression);
    let old_legacy = is_old.then(|| OldLegacy {
        progress_timeout_s: progress,
        ..OldLegacy::new(around.memory, downtime, steps, delay, max_time)
    });
    let ovirt = Ovirt { counts, schedule, bandwidth, old_legacy };
    Some((ovirt.policy(), ovirt.stack(around.link)))
}

/// How the bandwidth is limited; the legacy policy leaves that to the host.
fn method(section: &mut Section, is_legacy: bool, host: u64) -> Bandwidth {
    let custom = whole(section, "custom_value", 1);
    let found = section.choice("assignment_method", &METHODS, &[]);
    let default = if is_legacy { Method::HypervisorDefault } else { Method::Auto };
    let method = found.as_ref().map_or(default, |found| found.value);
    idle(section, &["custom_value"], method == Method::Custom, "belongs to `assignment_method = \"custom\"`");
    let host_label = "belongs to `assignment_method = \"hypervisor_default\"`";
    idle(section, &["migration_max_bandwidth"], method == Method::HypervisorDefault, host_label);
    match method {
        Method::Auto => Bandwidth::Auto,
        Method::HypervisorDefault => Bandwidth::HypervisorDefault(host),
        Method::Custom => match (custom, found) {
            (None, Some(found)) => {
                let title = "`orchestrator.custom_value` is missing";
                section
                    .faults
                    .error(&found.place, title, "`custom` needs a value")
                    .help("add `custom_value = 1000`, in Mbit/s for all migrations of the host");
                Bandwidth::Auto
            }
            (custom, _) => Bandwidth::Custom(custom.unwrap_or(1)),
        },
    }
}

/// A policy as the engine's `MigrationPolicies` holds it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    #[serde(default)]
    max_migrations: Option<u64>,
    #[serde(default)]
    auto_convergence: bool,
    #[serde(default)]
    migration_compression: bool,
    config: Config,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Config {
    #[serde(default)]
    initial_items: Vec<Action>,
    #[serde(default)]
    convergence_items: Vec<Convergence>,
    #[serde(default)]
    last_items: Vec<Action>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Convergence {
    stalling_limit: i64,
    convergence_item: Action,
}

#[derive(Deserialize)]
#[serde(try_from = "Spelled")]
struct Action(Item);

#[derive(Deserialize)]
struct Spelled {
    action: String,
    #[serde(default)]
    params: Vec<String>,
}

impl TryFrom<Spelled> for Action {
    type Error = String;

    fn try_from(spelled: Spelled) -> Result<Action, String> {
        match spelled.action.as_str() {
            "setDowntime" => match spelled.params.first().and_then(|ms| ms.parse().ok()) {
                Some(ms) => Ok(Action(Item::SetDowntime(ms))),
                None => Err("`setDowntime` needs its milliseconds, as in `\"params\": [\"150\"]`".to_owned()),
            },
            "postcopy" => Ok(Action(Item::PostCopy)),
            "abort" => Ok(Action(Item::Abort)),
            other => Err(format!("`{other}` is no action; there are `setDowntime`, `postcopy` and `abort`")),
        }
    }
}

/// Largest file that is read [bytes].
const MOST_BYTES: u64 = 1 << 20;

/// A schedule from a file, as the engine's configuration holds one.
fn own(section: &mut Section, name: &Found<String>, folder: &Path) -> Option<Schedule> {
    let path = folder.join(&name.value);
    let text = match fs::File::open(&path).and_then(|file| bounded::text(file, MOST_BYTES)) {
        Ok(text) => text,
        Err(error) => {
            let title = format!("`{}` cannot be read", name.value);
            section
                .faults
                .error(&name.place, title, error.to_string())
                .help("paths start from the folder of the scenario's file");
            return None;
        }
    };
    let read = serde_json::from_str::<File>(&text);
    match read {
        Ok(file) => {
            let item = |action: &Action| action.0;
            let mut convergence: Vec<(i64, Item)> =
                file.config.convergence_items.iter().map(|c| (c.stalling_limit, c.convergence_item.0)).collect();
            convergence.extend(file.config.last_items.iter().map(|action| (-1, action.0)));
            Some(Schedule {
                max_migrations: file.max_migrations.unwrap_or(2).max(1),
                auto_convergence: file.auto_convergence,
                migration_compression: file.migration_compression,
                zero_copy: false,
                initial: file.config.initial_items.iter().map(item).collect(),
                convergence,
            })
        }
        Err(error) => {
            let title = format!("`{}` is no migration policy", name.value);
            section
                .faults
                .error(&name.place, title, error.to_string())
                .help("a policy of the engine's `MigrationPolicies`: {\"autoConvergence\": true, \"config\": {\"initialItems\": [...], \"convergenceItems\": [...], \"lastItems\": [...]}}");
            None
        }
    }
}
