//! `virsh domjobinfo` as it is printed for people: rounded amounts with units.

use std::collections::HashMap;

use super::amount::{bytes, number};
use super::rawstats::{self, StatsBlock, clip};
use super::{LoggedLook, at_line, room, stamp};
use crate::compare::parts::TraceProblem;

/// What virsh calls the statistics, and what `--rawstats` calls them.
const NAMES: [(&str, &str); 18] = [
    ("Time elapsed", "time_elapsed"),
    ("Data processed", "data_processed"),
    ("Data remaining", "data_remaining"),
    ("Data total", "data_total"),
    ("Memory processed", "memory_processed"),
    ("Memory remaining", "memory_remaining"),
    ("Memory total", "memory_total"),
    ("Memory bandwidth", "memory_bps"),
    ("Dirty rate", "memory_dirty_rate"),
    ("Page size", "memory_page_size"),
    ("Iteration", "memory_iteration"),
    ("Postcopy requests", "memory_postcopy_requests"),
    ("Constant pages", "memory_constant"),
    ("Normal pages", "memory_normal"),
    ("Normal data", "memory_normal_bytes"),
    ("Total downtime", "downtime"),
    ("Setup time", "setup_time"),
    ("Auto converge throttle", "auto_converge_throttle"),
];

/// Kinds of jobs as words, and libvirt's numbers of them.
const KINDS: [(&str, u64); 6] = [
    ("None", rawstats::NONE),
    ("Bounded", 1),
    ("Unbounded", 2),
    ("Completed", rawstats::COMPLETED),
    ("Failed", rawstats::FAILED),
    ("Cancelled", rawstats::CANCELLED),
];

/// Operations that are no migration from this host, as virsh calls them, and libvirt's numbers of them.
const OPERATIONS: [(&str, f64); 9] = [
    ("Start", 1.0),
    ("Save", 2.0),
    ("Restore", 3.0),
    ("Incoming migration", 4.0),
    ("Snapshot", 6.0),
    ("Snapshot revert", 7.0),
    ("Dump", 8.0),
    ("Backup", 9.0),
    ("Snapshot delete", 10.0),
];

/// How coarse its amounts are.
pub(super) const ROUNDING: &str = "amounts are rounded to 0.001 of their unit, so to about 1 MiB where they are GiB";

/// Whether a line begins such an answer.
pub(super) fn is_line(line: &str) -> bool {
    kind(line).is_some()
}

fn kind(line: &str) -> Option<u64> {
    let word = line.trim().strip_prefix("Job type:")?.trim();
    KINDS.iter().find(|(name, _)| *name == word).map(|(_, kind)| *kind)
}

/// Reads one look or several; other lines of the same file are passed over.
pub(super) fn read(text: &str) -> Result<Vec<LoggedLook>, TraceProblem> {
    let mut looks = Vec::new();
    let (mut now, mut block) = (None, None::<StatsBlock>);
    for whole in text.lines() {
        let (clock, line) = stamp::split(whole);
        now = clock.or(now);
        if let Some(kind) = kind(line) {
            room(looks.len(), text, whole)?;
            let next = StatsBlock { kind, clock: now.take(), values: HashMap::new() };
            looks.extend(block.replace(next).and_then(StatsBlock::look));
            continue;
        }
        let Some((name, value)) = line.split_once(':').map(|(name, value)| (name.trim(), value.trim())) else {
            continue;
        };
        let Some(block) = &mut block else { continue };
        if let ("Operation", Some((_, number))) = (name, OPERATIONS.iter().find(|(word, _)| *word == value)) {
            let what = rawstats::OPERATIONS.iter().find(|(known, _)| known == number).map_or("another job", |(_, w)| w);
            return Err(at_line(text, whole, format!("no migration: statistics of {what}")));
        }
        let Some((_, raw)) = NAMES.iter().find(|(known, _)| *known == name) else { continue };
        let Some(value) = figure(value) else {
            let what = format!("`{name}` has no amount that is known: `{}`; is the line cut off?", clip(value));
            return Err(at_line(text, whole, what));
        };
        block.values.insert((*raw).to_owned(), value);
    }
    looks.extend(block.and_then(StatsBlock::look));
    Ok(looks)
}

/// A value with its unit: bytes for sizes, plain for all else.
fn figure(value: &str) -> Option<f64> {
    let unit = value.trim_start_matches(|c: char| c.is_ascii_digit() || ".,".contains(c)).trim();
    match unit {
        "ms" | "%" | "pages/s" => number(value.trim_end_matches(unit)),
        _ => bytes(value),
    }
}
