//! Section `[link]`.

use std::path::Path;

use crate::link::{Jitter, Link};
use crate::units::parse::Quantity;
use crate::units::{Rate, Span, Time};

use super::faults::Faults;
use super::keys::{BANDWIDTH, FAILS_AT, JITTER_EVERY, LATENCY, MIGRATIONS};
use super::measured;
use super::reader::{FoundValue, Section, quantity};
use super::shape;
use super::spread;
use super::tree::{Node, TomlValue};

/// How to write the key.
const EXAMPLE: &str = "\"10 Gbit/s\"";

/// Reads the section; `None` if it is wrong.
pub(super) fn read(top: &mut Section, folder: &Path) -> Option<Link> {
    top.section("link", |link| {
        let path = link.path("bandwidth");
        link.expect("bandwidth", Rate::FIGURE, shape_of_bandwidth);
        link.counts("bandwidth.0.0", Span::FIGURE);
        link.counts("bandwidth.0.1", Rate::FIGURE);
        let bandwidth = link.raw("bandwidth");
        link.require("bandwidth", EXAMPLE);
        let steps = bandwidth.and_then(|node| steps(&path, node, folder, link.faults));
        let migrations = u64::from(MIGRATIONS.value(link));
        let latency = LATENCY.value(link);
        let fails_at = FAILS_AT.read(link).map(|found| Time::ZERO + found.value);
        let varies = spread::read(link, "spread");
        let jitter = jitter(link);
        link.finish(|_| None);
        // As fair shares have it; a byte a second is the least that a link carries.
        let share = |(from, rate): (Time, Rate)| (from, Rate((rate.0 / migrations).max(1)));
        let steps = steps?.into_iter().map(share).collect();
        Some(Link { steps, latency, spread: varies, jitter, fails_at })
    })
}

/// A rate, steps of it, or a file.
fn shape_of_bandwidth() -> serde_json::Value {
    let rate = shape::quantity::<Rate>(false);
    let steps = shape::pairs(shape::quantity::<Span>(false), rate.clone());
    shape::one_of([rate, shape::csv(), steps])
}

/// A bandwidth that is drawn anew every so often.
fn jitter(link: &mut Section) -> Option<Jitter> {
    link.raw("jitter")?;
    link.section("jitter", |jitter| {
        let varies = spread::keys(jitter);
        jitter.require("every", "\"1 s\"");
        let every = JITTER_EVERY.read(jitter);
        jitter.finish(|_| None);
        Some(Jitter { spread: varies?, every: every?.value })
    })
}

/// One rate, a list of `[time, rate]`, or the name of a CSV file.
fn steps(path: &str, node: &Node, folder: &Path, faults: &mut Faults) -> Option<Vec<(Time, Rate)>> {
    let list = match &node.value {
        TomlValue::List(list) => list,
        TomlValue::Text(name) if name.to_ascii_lowercase().ends_with(".csv") => {
            return measured_steps(folder, name, node, faults);
        }
        _ => return Some(vec![(Time::ZERO, rate(path, node, faults)?)]),
    };
    if list.is_empty() {
        faults
            .error(&node.place, format!("`{path}` is an empty list"), "at least one step is wanted")
            .help(format!("write {EXAMPLE} for a link that never changes"));
        return None;
    }
    let mut steps = Vec::new();
    let mut before: Option<FoundValue<Span>> = None;
    for (index, item) in list.iter().enumerate() {
        let path = format!("{path}.{index}");
        let Some([time, speed]) = pair(&path, item, faults) else { continue };
        let speed = rate(&format!("{path}.1"), speed, faults);
        let Some(time) = quantity::<Span>(&format!("{path}.0"), time, None, faults) else { continue };
        match &before {
            None if time.value != Span::ZERO => {
                faults
                    .error(&time.place, format!("`{path}` begins too late"), "the first step is at 0 s")
                    .help("say what the link carries from the start");
            }
            Some(before) if time.value <= before.value => {
                faults
                    .error(&time.place, format!("`{path}` is out of order"), "not later than the step before")
                    .note(&before.place, "the step before")
                    .help("times count from the start of the migration, each later than the one before");
            }
            _ => {}
        }
        steps.extend(speed.map(|speed| (Time(time.value.0), speed)));
        before = Some(time);
    }
    // Of a list in which every step is wrong nothing is left that a link could carry.
    Some(steps).filter(|steps| !steps.is_empty())
}

/// What a link was seen to carry: each row holds until the next, the last one for ever.
fn measured_steps(folder: &Path, name: &str, node: &Node, faults: &mut Faults) -> Option<Vec<(Time, Rate)>> {
    let rows = measured::rates(folder, name, &node.place, faults)?;
    let carried = |row: &measured::MeasuredRow| Rate(row.value as u64);
    let wrong = rows.iter().find(|row| !BANDWIDTH.form.range().contains(&carried(row)));
    if let Some(row) = wrong {
        let (what, label) = match carried(row) {
            Rate(0) => {
                ("zero", "nothing could ever be sent; give a very small rate where the link is down for a while")
            }
            _ => ("too large", "at most 1000 Tbit/s"),
        };
        faults.error(&row.place, format!("{} is {what}", row.name), label);
        return None;
    }
    Some(rows.iter().map(|row| (Time::ZERO + row.time, carried(row))).collect())
}

fn pair<'n>(path: &str, node: &'n Node, faults: &mut Faults) -> Option<[&'n Node; 2]> {
    if let TomlValue::List(list) = &node.value
        && let [time, rate] = list.as_slice()
    {
        return Some([time, rate]);
    }
    faults
        .error(&node.place, format!("`{path}` must be a pair"), "a time and a rate are wanted here")
        .help("write [[\"0 s\", \"10 Gbit/s\"], [\"60 s\", \"1 Gbit/s\"]]");
    None
}

/// The speed of a link as it stands on its ports: `25G` is 25 Gbit/s. Other rates are bytes as often as bits, so that this
/// spelling is a link's alone.
fn in_bits(node: &Node) -> Node {
    let mut node = node.clone();
    if let TomlValue::Text(text) = &mut node.value {
        let number = text.trim_end().strip_suffix(['k', 'M', 'G', 'T']).map(str::trim_end);
        if number.is_some_and(|number| number.ends_with(|c: char| c.is_ascii_digit())) {
            *text = format!("{}bit/s", text.trim_end());
        }
    }
    node
}

fn rate(path: &str, node: &Node, faults: &mut Faults) -> Option<Rate> {
    let node = &in_bits(node);
    let found = quantity::<Rate>(path, node, None, faults)?;
    BANDWIDTH.form.admits(path, &found, faults).then_some(found.value)
}
