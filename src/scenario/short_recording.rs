//! Recordings that are over long before the migration is.

use super::Scenario;
use super::faults::{Faults, clip};
use super::tree::{Node, Table, TomlValue};
use crate::guest::{Law, OwnOrder};
use crate::units::Span;

/// A recording is short if the first pass lasts more than so many times as long.
const SHORT: f64 = 10.0;

/// Warns of each recording of a file that is far shorter than the first pass and begins again without that being said.
pub(super) fn warn(file: &Table, scenario: &Scenario, faults: &mut Faults) {
    let Scenario { guest, link, qemu, .. } = scenario;
    let speed = link.steps.iter().map(|(_, rate)| rate.0).max().unwrap_or_default();
    let limit = Some(qemu.params.max_bandwidth.0).filter(|limit| *limit > 0);
    let most = limit.map_or(speed, |limit| limit.min(speed)).max(1);
    let bytes = guest.memory.bytes().0.saturating_sub(guest.zero.bytes().0);
    let pass = Span((bytes as f64 / most as f64 * 1e9) as u64);
    let replays = guest.workloads.iter().filter_map(|workload| match &workload.law {
        Law::Own(order) => OwnOrder::replay(order),
        _ => None,
    });
    // The sections of the file and the workloads that they stand for come in the same order.
    for ((file, repeats), replay) in recordings(file).into_iter().zip(replays) {
        let length = replay.length;
        if repeats || !replay.repeats || length.0 as f64 * SHORT > pass.0 as f64 {
            continue;
        }
        let times = pass.0 / length.0.max(1);
        let title = format!(
            "`{}` is a recording of {length}, and the first pass lasts {pass:.1} or longer",
            clip(&file.value.words())
        );
        let label = format!("begins again {times} times in that pass");
        faults.warn(&file.place, title, label).help(
            "record for as long as a migration lasts; where the guest does the same over and over, `repeat = true` says so",
        );
    }
}

/// The names of recordings, in their order, and whether each says what comes after its end.
fn recordings(file: &Table) -> Vec<(&Node, bool)> {
    let Some(TomlValue::Table(guest)) = file.get("guest").map(|entry| &entry.node.value) else { return Vec::new() };
    let mut found = Vec::new();
    for workload in tables(guest, "workload") {
        for section in std::iter::once(workload).chain(tables(workload, "phase")) {
            let of = |key: &str| section.get(key).map(|entry| &entry.node);
            let is_recording = of("kind").is_some_and(|kind| kind.value.words() == "recording");
            if let Some(name) = of("file").filter(|_| is_recording) {
                found.push((name, of("repeat").is_some()));
            }
        }
    }
    found
}

/// The tables of a list.
fn tables<'t>(table: &'t Table, key: &str) -> Vec<&'t Table> {
    let Some(TomlValue::List(list)) = table.get(key).map(|entry| &entry.node.value) else { return Vec::new() };
    let one = |node: &'t Node| if let TomlValue::Table(table) = &node.value { Some(table) } else { None };
    list.iter().filter_map(one).collect()
}
