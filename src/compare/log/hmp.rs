//! `info migrate` of QEMU's monitor for people: up to 10.0 one figure a line, as of 10.1 several.

use std::collections::HashMap;

use super::amount::{bytes, number};
use super::rawstats::clip;
use super::{LoggedLook, at_line, room, sighting_of, stamp};
use crate::compare::parts::TraceProblem;
use crate::compare::sighting::MigrationState;

/// How an answer begins.
const STARTS: [&str; 2] = ["Migration status:", "Status:"];
/// A unit of 10.1's first form, where it is written once for a line.
const KILO: &str = "(KB)";

/// What is printed up to 10.0, what is printed as of 10.1, and how its number is read.
type FigureNames = (&'static str, &'static str, fn(&str) -> Option<f64>);

const NAMES: [FigureNames; 14] = [
    ("total time", "total", first),
    ("setup", "setup", first),
    ("downtime", "down", first),
    ("transferred ram", "transferred", bytes),
    ("remaining ram", "remain", bytes),
    ("total ram", "Sizes.total", bytes),
    ("throughput", "Throughput (Mbps)", first),
    ("normal", "normal", first),
    ("duplicate", "zero", first),
    ("dirty pages rate", "dirty", first),
    ("dirty sync count", "dirty_syncs", first),
    ("cpu throttle percentage", "CPU Throttle (%)", first),
    ("postcopy request count", "postcopy_req", first),
    ("postcopy ram", "postcopy", bytes),
];

/// How coarse the amounts of 10.1 are.
pub(super) fn rounding(text: &str) -> Option<&'static str> {
    text.contains("RAM info:").then_some("amounts are rounded to three digits")
}

/// Whether a line begins an answer.
pub(super) fn is_line(line: &str) -> bool {
    status(line).is_some()
}

/// The status, of the first line of an answer.
fn status(line: &str) -> Option<Option<MigrationState>> {
    let value = STARTS.iter().find_map(|start| line.trim().strip_prefix(start))?;
    MigrationState::named(value.split('(').next().unwrap_or_default().trim())
}

/// Reads one look or several; other lines are passed over.
pub(super) fn read(text: &str) -> Result<Vec<LoggedLook>, TraceProblem> {
    let mut looks = Vec::new();
    let (mut now, mut block) = (None, None::<HmpBlock>);
    for whole in text.lines() {
        let (clock, line) = stamp::split(whole);
        now = clock.or(now);
        if let Some(state) = status(line) {
            room(looks.len(), text, whole)?;
            let next = state.map(|state| HmpBlock { state, clock: now.take(), values: HashMap::new() });
            looks.extend(std::mem::replace(&mut block, next).map(HmpBlock::look));
            continue;
        }
        let Some(block) = &mut block else { continue };
        for (name, value) in pairs(line) {
            let Some((known, _, read)) = NAMES.iter().find(|(old, new, _)| *old == name || *new == name) else {
                continue;
            };
            let Some(value) = read(&value) else {
                let what = format!("`{name}` has no amount that is known: `{}`; is the line cut off?", clip(&value));
                return Err(at_line(text, whole, what));
            };
            block.values.insert(known, value);
        }
    }
    looks.extend(block.map(HmpBlock::look));
    Ok(looks)
}

/// Names and values of a line: `name: value`, or several `name=value` behind a heading.
fn pairs(line: &str) -> Vec<(String, String)> {
    let line = line.trim();
    if !line.contains('=') {
        let pair = line.split_once(':').map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()));
        return pair.into_iter().collect();
    }
    let (heading, rest) = line.split_once(':').filter(|(heading, _)| !heading.contains('=')).unwrap_or(("", line));
    // Two figures are called `total`: of time, and of RAM.
    let of_ram = heading.starts_with("Sizes");
    let kilo = heading.contains(KILO) || (heading.is_empty() && !line.contains("iB") && !line.contains(" B"));
    let pair = |part: &str| {
        let (name, value) = part.trim().split_once('=')?;
        let name = if of_ram && name == "total" { "Sizes.total" } else { name };
        let sized = ["Sizes.total", "transferred", "remain", "postcopy"].contains(&name);
        let unit = if sized && kilo { " kbytes" } else { "" };
        Some((name.to_owned(), format!("{value}{unit}")))
    };
    rest.split(',').filter_map(pair).collect()
}

/// The number before any unit.
fn first(value: &str) -> Option<f64> {
    number(value.split_whitespace().next()?)
}

/// One answer.
struct HmpBlock {
    state: MigrationState,
    clock: Option<f64>,
    /// By the names of up to 10.0.
    values: HashMap<&'static str, f64>,
}

impl HmpBlock {
    fn look(self) -> LoggedLook {
        let value = |name: &str| self.values.get(name).copied();
        let whole = |name| value(name).map(|value| value as u64);
        let of = |name| whole(name).unwrap_or(0);
        let mut sighting = sighting_of(of("transferred ram"), of("remaining ram"));
        sighting.state = self.state;
        sighting.pass = of("dirty sync count");
        sighting.total = whole("total ram");
        (sighting.normal, sighting.duplicate) = (whole("normal"), whole("duplicate"));
        sighting.dirty_pages_rate = of("dirty pages rate");
        sighting.bandwidth = value("throughput").unwrap_or(0.0) * 1e6 / 8.0;
        sighting.throttle_pct = value("cpu throttle percentage").unwrap_or(0.0).min(100.0);
        sighting.post_copied = of("postcopy request count") > 0 || of("postcopy ram") > 0;
        sighting.downtime_ms = value("downtime").filter(|_| self.state == MigrationState::Completed);
        sighting.setup_time_ms = value("setup");
        LoggedLook { clock: self.clock, elapsed_ms: value("total time"), sighting }
    }
}
