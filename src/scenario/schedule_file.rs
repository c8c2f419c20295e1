//! The file of an oVirt migration policy.

use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::orchestrator::products::ovirt::{OvirtSchedule, ScheduleItem};
use crate::units::bounded;

use super::reader::{FoundValue, Section};

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
struct Action(ScheduleItem);

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
                Some(ms) => Ok(Action(ScheduleItem::SetDowntime(ms))),
                None => Err("`setDowntime` needs its milliseconds, as in `\"params\": [\"150\"]`".to_owned()),
            },
            "postcopy" => Ok(Action(ScheduleItem::PostCopy)),
            "abort" => Ok(Action(ScheduleItem::Abort)),
            other => Err(format!("`{other}` is no action; there are `setDowntime`, `postcopy` and `abort`")),
        }
    }
}

/// Largest file that is read [bytes].
const MOST_BYTES: u64 = 1 << 20;

/// Reads a schedule, whose path starts from `folder`.
pub(super) fn read(section: &mut Section, name: &FoundValue<String>, folder: &Path) -> Option<OvirtSchedule> {
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
            let mut convergence: Vec<(i64, ScheduleItem)> =
                file.config.convergence_items.iter().map(|c| (c.stalling_limit, c.convergence_item.0)).collect();
            convergence.extend(file.config.last_items.iter().map(|action| (-1, action.0)));
            Some(OvirtSchedule {
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
