//! What runs in the guests of a table: a rate that was measured, or a load in words.

use std::collections::BTreeMap;

use super::faults::{Faults, clip};
use super::flags;
use super::heading::{Heading, LOAD};
use super::loads::Loads;
use super::sheet::Field;
use super::sheet_number::is_nothing;
use super::tree::{Node, Table, TomlValue};
use crate::units::spelling::count;

/// A column that is read: where its name stands, and what that says.
pub(super) struct Column<'s> {
    pub at: usize,
    pub field: &'s Field,
    pub heading: Heading,
}

/// Says what the words in the column of loads were taken for.
pub(super) fn tell(columns: &[Column], loads: &Loads, rows: &[Vec<Field>], faults: &mut Faults) {
    let Some(column) = columns.iter().find(|column| column.heading.path == LOAD) else { return };
    let rate = columns.iter().find(|column| column.heading.path == "guest.workload.rate");
    let mut taken: BTreeMap<&str, (usize, Option<String>)> = BTreeMap::new();
    for row in rows {
        let Some(field) = row.get(column.at).filter(|field| !is_nothing(&field.text)) else { continue };
        if rate.and_then(|rate| row.get(rate.at)).is_some_and(|field| !is_nothing(&field.text)) {
            continue; // It was measured, and its load does not count.
        }
        let words = |table: &Table| {
            let key = |key: &str| table.get(key).map(|entry| entry.node.value.words());
            key("preset").or_else(|| key("kind")).unwrap_or_default()
        };
        taken.entry(&field.text).or_insert_with(|| (0, loads.find(&field.text).map(words))).0 += 1;
    }
    let (known, unknown): (Vec<_>, Vec<_>) = taken.into_iter().partition(|(_, (_, preset))| preset.is_some());
    let words = |(load, (guests, preset)): &(&str, (usize, Option<String>))| {
        let of = preset.as_ref().map_or(String::new(), |preset| format!(" as `{preset}`"));
        format!("`{}`{of} ({})", clip(load), count(*guests, "guest"))
    };
    let place = column.field.place();
    if !known.is_empty() {
        let known = known.iter().map(words).collect::<Vec<_>>().join(", ");
        faults
            .warn(&place, format!("loads were taken for presets: {known}"), "these guests were not measured")
            .help("`precopy presets NAME` shows a preset, `--loads FILE` has a table of your own");
    }
    if !unknown.is_empty() {
        let unknown = unknown.iter().map(words).collect::<Vec<_>>().join(", ");
        faults
            .warn(&place, format!("no preset is known for {unknown}"), "their workload is unknown, and taken for idle")
            .help("give their dirty rate, or a table with `--loads FILE`: docs/inventories.md");
    }
}

/// Completes the workload of a row. A rate that was measured counts before a load; alone it is one of uniform writes.
pub(super) fn complete(vm: &mut Table, load: Option<(&Field, &Table)>, faults: &mut Faults) {
    let at = |table: &Table, key: &str| match table.get(key).map(|entry| &entry.node.value) {
        Some(TomlValue::Table(table)) => Some(table.clone()),
        _ => None,
    };
    let own = at(vm, "guest").and_then(|guest| at(&guest, "workload")).unwrap_or_default();
    let has = |key: &str| own.get(key);
    if has("preset").is_some() || has("kind").is_some() {
        return;
    }
    let rate = has("rate").map(|entry| entry.node.place.clone());
    let load = load.filter(|(_, keys)| rate.is_none() || keys.get("rate").is_some());
    match (load, rate) {
        (Some((field, keys)), _) => {
            for entry in keys.entries.iter().filter(|entry| own.get(&entry.key).is_none()) {
                let mut node = entry.node.clone();
                node.put_at(&field.place());
                flags::put_at(vm, &format!("guest.workload.{}", entry.key), node, &field.place(), faults);
            }
        }
        (None, Some(place)) => {
            let node = Node { place: place.clone(), value: TomlValue::Text("uniform".to_owned()) };
            flags::put_at(vm, "guest.workload.kind", node, &place, faults);
        }
        (None, None) => {}
    }
}
