//! Conditions of a user's rules: `when = { time_elapsed = "> 60 s" }`.

use crate::orchestrator::{Condition, Is, JobField};
use crate::units::parse::Quantity;
use crate::units::spelling::nearest;
use crate::units::{Bytes, PageRate, Rate, Share, Span};

use super::faults::clip;
use super::reader::{COUNT, Section, WORDS, list, quantity};
use super::shape;
use super::tree::{Entry, Node, TomlValue};

/// What a field is compared with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Compared {
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

impl Compared {
    /// The unit of the number that results show.
    fn unit(self) -> &'static str {
        match self {
            Compared::Time => Span::FIGURE,
            Compared::Count => COUNT,
            Compared::Size => Bytes::FIGURE,
            Compared::Rate => Rate::FIGURE,
            Compared::PageRate => PageRate::FIGURE,
            Compared::Share | Compared::Percent => Share::FIGURE,
            Compared::Flag => WORDS,
        }
    }
}

/// Fields by name: libvirt's where they are libvirt's.
const FIELDS: [(&str, JobField, Compared); 23] = [
    ("time_elapsed", JobField::TimeElapsed, Compared::Time),
    ("time-elapsed-per-gib", JobField::TimeElapsedPerGib, Compared::Time),
    ("memory_iteration", JobField::MemoryIteration, Compared::Count),
    ("iterations", JobField::Iterations, Compared::Count),
    ("new-iteration", JobField::NewIteration, Compared::Flag),
    ("memory_remaining", JobField::MemoryRemaining, Compared::Size),
    ("dirty-pages", JobField::DirtyPages, Compared::Count),
    ("memory_processed", JobField::MemoryProcessed, Compared::Size),
    ("processed-share", JobField::ProcessedShare, Compared::Share),
    ("memory_dirty_rate", JobField::MemoryDirtyRate, Compared::PageRate),
    ("memory_bps", JobField::MemoryBps, Compared::Rate),
    ("auto_converge_throttle", JobField::AutoConvergeThrottle, Compared::Percent),
    ("expected-downtime", JobField::ExpectedDowntime, Compared::Time),
    ("time-to-send", JobField::TimeToSend, Compared::Time),
    ("downtime-limit", JobField::DowntimeLimit, Compared::Time),
    ("drop", JobField::Drop, Compared::Percent),
    ("rises", JobField::Rises, Compared::Count),
    ("new-rise", JobField::NewRise, Compared::Flag),
    ("since-low", JobField::SinceLow, Compared::Time),
    ("since-progress", JobField::SinceProgress, Compared::Time),
    ("since-change", JobField::SinceChange, Compared::Time),
    ("post-copy", JobField::PostCopy, Compared::Flag),
    ("paused", JobField::Paused, Compared::Flag),
];

/// `when = { field = "> value", ... }`: all must hold.
pub(super) fn conditions(section: &mut Section) -> Option<Vec<Condition>> {
    section.expect("when", WORDS, shape_of_conditions);
    FIELDS.iter().for_each(|(name, _, kind)| section.counts(&format!("when.{name}"), kind.unit()));
    let Some(node) = section.raw("when") else { return Some(Vec::new()) };
    let TomlValue::Table(table) = &node.value else {
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
        Compared::Flag => shape::switch(),
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
    if *kind == Compared::Flag {
        let TomlValue::Bool(on) = entry.node.value else {
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
    let TomlValue::Text(text) = &node.value else {
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
    Some((is, Node { place: node.place.clone(), value: TomlValue::Text(right.trim().to_owned()) }))
}

fn right_side(section: &mut Section, path: &str, node: &Node, kind: Compared) -> Option<f64> {
    fn read<Q: Quantity>(section: &mut Section, path: &str, node: &Node, bare: Option<&str>) -> Option<Q> {
        quantity::<Q>(path, node, bare, section.faults).map(|found| found.value)
    }
    match kind {
        Compared::Time => read::<Span>(section, path, node, None).map(|span| span.0 as f64),
        Compared::Size => read::<Bytes>(section, path, node, None).map(|bytes| bytes.0 as f64),
        Compared::Rate => read::<Rate>(section, path, node, None).map(|rate| rate.0 as f64),
        Compared::PageRate => read::<PageRate>(section, path, node, None).map(|rate| rate.0),
        Compared::Share => read::<Share>(section, path, node, Some("%")).map(|share| share.0),
        Compared::Percent => read::<Share>(section, path, node, Some("%")).map(Share::percent),
        Compared::Count => {
            let TomlValue::Text(text) = &node.value else { return None };
            let number = text.replace('_', "").parse::<u64>().ok();
            if number.is_none() {
                let title = format!("`{path}` is compared with a whole number");
                section.faults.error(&node.place, title, format!("`{}` is none", clip(text)));
            }
            number.map(|number| number as f64)
        }
        Compared::Flag => None,
    }
}
