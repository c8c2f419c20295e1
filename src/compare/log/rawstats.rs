//! `virsh domjobinfo --rawstats`: a line `Job type: N`, then a line `name: value` for each statistic.

use std::collections::HashMap;

use super::super::parts::TraceProblem;
use super::super::sighting::{MigrationState, Sighting};
use super::{LoggedLook, at, clock, room};

/// libvirt's numbers of job types (`virDomainJobType`).
pub(super) const NONE: u64 = 0;
pub(super) const COMPLETED: u64 = 3;
pub(super) const FAILED: u64 = 4;
pub(super) const CANCELLED: u64 = 5;

/// What a job does, by libvirt's numbers (`virDomainJobOperation`).
const OPERATION: &str = "operation";
const UNKNOWN_OPERATION: f64 = 0.0;
const MIGRATION_OUT: f64 = 5.0;
/// Jobs that have statistics as a migration has, and are none from this host.
pub(super) const OPERATIONS: [(f64, &str); 9] = [
    (1.0, "a start"),
    (2.0, "a save to disk"),
    (3.0, "a restore from disk"),
    (4.0, "a migration to this host; ask the host that it comes from"),
    (6.0, "a snapshot"),
    (7.0, "a snapshot that is reverted"),
    (8.0, "a dump to disk"),
    (9.0, "a backup"),
    (10.0, "a snapshot that is deleted"),
];

pub(super) fn read(text: &str) -> Result<Vec<LoggedLook>, TraceProblem> {
    let mut looks = Vec::new();
    let mut now = None;
    let mut block: Option<StatsBlock> = None;
    let mut from = 0;
    for line in text.split_inclusive('\n') {
        let start = from + (line.len() - line.trim_start().len());
        from += line.len();
        let line = line.trim();
        if let Some(seconds) = clock(line) {
            now = Some(seconds);
            continue;
        }
        // virsh says on standard error that the domain is gone, or that it has no job.
        if line.is_empty() || line.starts_with("error:") {
            continue;
        }
        let Some((name, value)) = line.split_once(':').map(|(name, value)| (name.trim(), value.trim())) else {
            return Err(at(text.as_bytes(), start, UNKNOWN));
        };
        if name.eq_ignore_ascii_case("job type") {
            let Ok(kind) = value.parse() else {
                let what = format!("job type `{}` is no number; ask virsh for --rawstats", clip(value));
                return Err(at(text.as_bytes(), start, what));
            };
            room(looks.len(), text, line)?;
            looks.extend(
                block
                    .replace(StatsBlock { kind, clock: now.take(), values: HashMap::new() })
                    .and_then(StatsBlock::look),
            );
            continue;
        }
        let Some(block) = &mut block else { return Err(at(text.as_bytes(), start, UNKNOWN)) };
        if let Ok(value) = value.parse::<f64>() {
            let place = start + (line.len() - line.rsplit(':').next().unwrap_or_default().trim_start().len());
            if !(0.0..=1e18).contains(&value) {
                return Err(at(text.as_bytes(), place, format!("`{}` cannot be {value}", clip(name))));
            }
            if let Some(what) = OPERATIONS.iter().find(|(number, _)| name == OPERATION && *number == value) {
                return Err(at(text.as_bytes(), place, format!("no migration: statistics of {}", what.1)));
            }
            if name == OPERATION && ![UNKNOWN_OPERATION, MIGRATION_OUT].contains(&value) {
                let what = format!("operation {value} is none of libvirt's up to 11; is it a migration?");
                return Err(at(text.as_bytes(), place, what));
            }
            block.values.insert(name.to_owned(), value);
        } else if name.starts_with("memory_") || name == "time_elapsed" {
            let what = format!("`{}` must be a number, not `{}`; ask virsh for --rawstats", clip(name), clip(value));
            return Err(at(text.as_bytes(), start, what));
        }
    }
    looks.extend(block.and_then(StatsBlock::look));
    Ok(looks)
}

const UNKNOWN: &str = "is neither a recording in JSON, nor a log of `virsh domjobinfo --rawstats` or `query-migrate`; \
                       docs/trace-format.md shows all of them";

/// A few words of what was found.
pub(super) fn clip(text: &str) -> String {
    text.chars().take(40).collect()
}

/// One answer.
pub(super) struct StatsBlock {
    pub(super) kind: u64,
    pub(super) clock: Option<f64>,
    pub(super) values: HashMap<String, f64>,
}

impl StatsBlock {
    /// What it says of the migration; `None` without a job.
    pub(super) fn look(self) -> Option<LoggedLook> {
        let value = |name: &str| self.values.get(name).copied();
        let whole = |name| value(name).map(|value| value as u64);
        let post_copied = whole("memory_postcopy_requests").is_some_and(|requests| requests > 0);
        let state = match self.kind {
            NONE => return None,
            COMPLETED => MigrationState::Completed,
            FAILED => MigrationState::Failed,
            CANCELLED => MigrationState::Cancelled,
            _ if post_copied => MigrationState::PostCopy,
            _ => MigrationState::Active,
        };
        let done = state == MigrationState::Completed;
        let sighting = Sighting {
            t_ms: 0.0,
            state,
            pass: whole("memory_iteration").unwrap_or(0),
            transferred: whole("memory_processed").unwrap_or(0),
            remaining: whole("memory_remaining").unwrap_or(0),
            total: whole("memory_total"),
            normal: whole("memory_normal"),
            duplicate: whole("memory_constant"),
            dirty_pages_rate: whole("memory_dirty_rate").unwrap_or(0),
            bandwidth: value("memory_bps").unwrap_or(0.0),
            throttle_pct: value("auto_converge_throttle").unwrap_or(0.0).min(100.0),
            post_copied,
            // While the job runs, this is what QEMU expects.
            downtime_ms: value("downtime").filter(|_| done),
            // libvirt fills it in before it is known.
            setup_time_ms: value("setup_time").filter(|ms| done && *ms > 1.0),
        };
        Some(LoggedLook { clock: self.clock, elapsed_ms: value("time_elapsed"), sighting })
    }
}
