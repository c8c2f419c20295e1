//! Section `[sweep]`: keys that are varied, and how far.

use super::axis::{Axis, Range, WrittenAxis};
use super::bundle::{self, Bundles};
use super::design::Extent;
use super::faults::Faults;
use super::flags;
use super::keys;
use super::reader::Section;
use super::tree::{Entry, Node, Table, TextPlace, TomlValue};

/// Keys of the section itself; all others are paths of keys that are varied.
const OWN: [&str; 3] = ["design", "points", "repeats"];

/// Whether an entry is a list of bundles, and no axis by its path.
fn is_bundles(entry: &Entry) -> bool {
    let is_table = |node: &Node| matches!(node.value, TomlValue::Table(_));
    entry.key == bundle::POLICY && matches!(&entry.node.value, TomlValue::List(list) if list.iter().any(is_table))
}

/// What to write.
pub(super) const HELP: &str = "write a list, as in [\"1 Gbit/s\", \"10 Gbit/s\"], or { from = \"1 Gbit/s\", to = \"100 Gbit/s\", steps = 20, scale = \"log\" }";

/// Reads the section, if it is there.
pub(super) fn read(top: &mut Section) -> (Vec<Axis>, Extent) {
    top.section("sweep", |sweep| {
        let design = keys::DESIGN.read(sweep).map(|found| found.value);
        let points = keys::POINTS.read(sweep).map(|found| u64::from(found.value));
        let repeats = keys::REPEATS.read(sweep).map(|found| found.value);
        sweep.expect_others(shape_of_axis);
        let mut axes = Vec::new();
        let mut others = sweep.entries().iter().filter(|entry| !OWN.contains(&entry.key.as_str()));
        // Bundles go before other axes, which may set keys of the same sections.
        if let Some(entry) = sweep.entries().iter().find(|entry| is_bundles(entry)) {
            axes.extend(Bundles::read(sweep).map(|bundles| Axis::of_bundles(bundles, &entry.place)));
        }
        for entry in others.by_ref().filter(|entry| !is_bundles(entry)) {
            collect(&[], entry, &mut axes, sweep.faults);
        }
        (axes, Extent { design, points, repeats })
    })
}

/// A list of values, a range, or keys that lead deeper.
fn shape_of_axis() -> serde_json::Value {
    serde_json::json!({ "$ref": "#/definitions/axis" })
}

/// Takes an entry as an axis. A table is a range if it has an end, and otherwise leads deeper: `link.bandwidth = [...]`
/// without quotes is a table in a table.
fn collect(above: &[(String, TextPlace)], entry: &Entry, axes: &mut Vec<Axis>, faults: &mut Faults) {
    let mut keys = above.to_vec();
    let parts: Vec<&str> = entry.key.split('.').map(str::trim).collect();
    if parts.iter().any(|part| part.is_empty()) {
        faults
            .error(&entry.place, format!("`{}` is no path of a key", entry.key), "a key is empty")
            .help("write the path as `--set` takes it, as in \"guest.workload.0.rate\"");
        return;
    }
    keys.extend(parts.into_iter().map(|part| (part.to_owned(), entry.place.clone())));
    if flags::is_too_deep(keys.len(), &entry.place, faults) {
        return;
    }
    match &entry.node.value {
        TomlValue::Table(table)
            if table.get("from").is_none() && table.get("to").is_none() && !table.entries.is_empty() =>
        {
            for deeper in &table.entries {
                collect(&keys, deeper, axes, faults);
            }
        }
        TomlValue::Table(table) => {
            let path: String = keys.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>().join(".");
            if let Some(range) = range(format!("sweep.{path}."), table, &entry.node.place, faults) {
                axes.push(Axis::new(keys, WrittenAxis::Range(range)));
            }
        }
        TomlValue::List(list) if list.is_empty() => {
            faults.error(&entry.node.place, "an empty list of values", "nothing to run").help(HELP);
        }
        TomlValue::List(list) => axes.push(Axis::new(keys, WrittenAxis::List(list.clone()))),
        value => {
            let title = format!("`sweep.{}` must be a list or a range", entry.key);
            faults.error(&entry.node.place, title, format!("this is {}", value.noun())).help(HELP);
        }
    }
}

fn range(path: String, table: &Table, place: &TextPlace, faults: &mut Faults) -> Option<Range> {
    let mut section = Section::below(path, table, place.clone(), faults);
    section.require("from", "\"1 Gbit/s\"");
    section.require("to", "\"100 Gbit/s\"");
    let (from, to): (Option<&Node>, Option<&Node>) = (section.raw("from"), section.raw("to"));
    let steps = section.count("steps", 1..=Range::MOST).map(|found| found.value);
    let log = keys::SCALE_OF_AXIS.value(&mut section);
    section.finish(|_| None);
    Some(Range { from: from?.clone(), to: to?.clone(), steps, log, place: place.clone() })
}
