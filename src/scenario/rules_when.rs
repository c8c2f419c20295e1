//! Conditions of a user's rules: `when = { time_elapsed = "> 60 s" }`.

use crate::orchestrator::{Condition, Is, JobField};
use crate::units::parse::Quantity;
use crate::units::spelling::nearest;
use crate::units::{Bytes, PageRate, Rate, Share, Span};

use super::faults::clip;
use super::reader::{Section, list, quantity};
use super::schema::shape;
use super::tree::{Entry, Node, Value};

/// What a field is compared with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Time,
    Count,
    Size,
    Rate,
    PageRate,
    Share,
    /// A share that is compared in whole per cent.
    Percent,
    Flag,
}

/// Fields by name: libvirt's where they are libvirt's.
const FIELDS: [(&str, JobField, Kind); 23] = [
    ("time_elapsed", JobField::TimeElapsed, Kind::Time),
    ("time-elapsed-per-gib", JobField::TimeElapsedPerGib, Kind::Time),
    ("memory_iteration", JobField::MemoryIteration, Kind::Count),
    ("iterations", JobField::Iterations, Kind::Count),
    ("new-iteration", JobField::NewIteration, Kind::Flag),
    ("memory_remaining", JobField::MemoryRemaining, Kind::Size),
    ("dirty-pages", JobField::DirtyPages, Kind::Count),
    ("memory_processed", JobField::MemoryProcessed, Kind::Size),
    ("processed-share", JobField::ProcessedShare, Kind::Share),
    ("memory_dirty_rate", JobField::MemoryDirtyRate, Kind::PageRate),
    ("memory_bps", JobField::MemoryBps, Kind::Rate),
    ("auto_converge_throttle", JobField::AutoConvergeThrottle, Kind::Percent),
    ("expected-downtime", JobField::ExpectedDowntime, Kind::Time),
    ("time-to-send", JobField::TimeToSend, Kind::Time),
    ("downtime-limit", JobField::DowntimeLimit, Kind::Time),
    ("drop", JobField::Drop, Kind::Percent),
    ("rises", JobField::Rises, Kind::Count),
    ("new-rise", JobField::NewRise, Kind::Flag),
    ("since-low", JobField::SinceLow, Kind::Time),
    ("since-progress", JobField::SinceProgress, Kind::Time),
    ("since-change", JobField::SinceChange, Kind::Time),
    ("post-copy", JobField::PostCopy, Kind::Flag),
    ("paused", JobField::Paused, Kind::Flag),
];

/// `when = { field = "> value", ... }`: all must hold.
pub(super) fn conditions(section: &mut Section) -> Option<Vec<Condition>> {
    section.expect("when", shape_of_conditions);
    let Some(node) = section.raw("when") else { return Some(Vec::new()) };
    let Value::Table(table) = &node.value else {
        let title = format!("`{}` must be a table of conditions", section.path("when"));
        let help = "write `when = { time_elapsed = \"> 60 s\", memory_iteration = \">= 3\" }`";
        section.faults.error(&node.place, title, format!("this is {}", node.value.noun())).help(help);
        return None;
    };
    let path = section.path("when");
    let read: Vec<Option<Condition>> = table.entries.iter().map(|entry| condition(section, &path, entry)).collect();
    read.into_iter().collect()
}

/// Any of the fields, each with a comparison or a switch.
fn shape_of_conditions() -> serde_json::Value {
    let shape = |kind| match kind {
        Kind::Flag => shape::switch(),
        _ => shape::pattern(r"^\s*(?:>=|<=|==|>|<)"),
    };
    shape::table(FIELDS.iter().map(|(name, _, kind)| ((*name).to_owned(), shape(*kind))).collect())
}

fn condition(section: &mut Section, path: &str, entry: &Entry) -> Option<Condition> {
    let known = FIELDS.iter().find(|(name, ..)| *name == entry.key);
    let Some((_, field, kind)) = known else {
        let near = nearest(&entry.key, FIELDS.iter().map(|(name, ..)| *name));
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", list(FIELDS.iter().map(|(name, ..)| *name))),
        };
        let title = format!("unknown field `{}` in a condition", clip(&entry.key));
        section.faults.error(&entry.place, title, "not known here").help(help);
        return None;
    };
    let path = format!("{path}.{}", entry.key);
    if *kind == Kind::Flag {
        let Value::Bool(on) = entry.node.value else {
            let title = format!("`{path}` must be `true` or `false`");
            section.faults.error(&entry.node.place, title, format!("this is {}", entry.node.value.noun()));
            return None;
        };
        return Some(Condition { field: *field, is: Is::Equal, value: f64::from(u8::from(on)) });
    }
    let (is, right) = comparison(section, &path, &entry.node)?;
    let value = right_side(section, &path, &right, *kind)?;
    Some(Condition { field: *field, is, value })
}

const SIGNS: [(&str, Is); 5] =
    [(">=", Is::AtLeast), ("<=", Is::AtMost), ("==", Is::Equal), (">", Is::Above), ("<", Is::Below)];

/// `"> 60 s"`: the sign, and what stands behind it.
fn comparison(section: &mut Section, path: &str, node: &Node) -> Option<(Is, Node)> {
    let help = "write it as \"> 60 s\"; the signs are >, >=, <, <= and ==";
    let Value::Text(text) = &node.value else {
        let title = format!("`{path}` must be a comparison");
        section.faults.error(&node.place, title, format!("this is {}", node.value.noun())).help(help);
        return None;
    };
    let text = text.trim();
    let found = SIGNS.iter().find_map(|(sign, is)| Some((*is, text.strip_prefix(sign)?)));
    let Some((is, right)) = found else {
        section.faults.error(&node.place, format!("`{path}` has no sign"), "a comparison is wanted").help(help);
        return None;
    };
    Some((is, Node { place: node.place.clone(), value: Value::Text(right.trim().to_owned()) }))
}

fn right_side(section: &mut Section, path: &str, node: &Node, kind: Kind) -> Option<f64> {
    fn read<Q: Quantity>(section: &mut Section, path: &str, node: &Node, bare: Option<&str>) -> Option<Q> {
        quantity::<Q>(path, node, bare, section.faults).map(|found| found.value)
    }
    match kind {
        Kind::Time => read::<Span>(section, path, node, None).map(|span| span.0 as f64),
        Kind::Size => read::<Bytes>(section, path, node, None).map(|bytes| bytes.0 as f64),
        Kind::Rate => read::<Rate>(section, path, node, None).map(|rate| rate.0 as f64),
        Kind::PageRate => read::<PageRate>(section, path, node, None).map(|rate| rate.0),
        Kind::Share => read::<Share>(section, path, node, Some("%")).map(|share| share.0),
        Kind::Percent => read::<Share>(section, path, node, Some("%")).map(Share::percent),
        Kind::Count => {
            let Value::Text(text) = &node.value else { return None };
            let number = text.replace('_', "").parse::<u64>().ok();
            if number.is_none() {
                let title = format!("`{path}` is compared with a whole number");
                section.faults.error(&node.place, title, format!("`{}` is none", clip(text)));
            }
            number.map(|number| number as f64)
        }
        Kind::Flag => None,
    }
}
