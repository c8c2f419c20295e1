//! Who went when: a bar for each migration of a drain, in a line for each guest or each host.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::PlotError;
use super::figure::{Figure, Fill, Key, Legend, Mark, Panel, Tone};
use super::scale::{Scale, Spread};
use super::size::Size;
use super::style::{self, Colour};
use crate::metrics::{self, Unit};
use crate::results::DrainRow;
use crate::sink::shown;

/// Room for everything but rows, height of a row where there are few, and the height that all may have [px].
const AROUND: f64 = 140.0;
const ROW: f64 = 22.0;
const ROWS: f64 = 1200.0;
/// The narrowest bar, as a share of the time axis: two or three pixels of a page, one of a phone.
const SEEN: f64 = 0.004;
/// Rows lower than this have no names [px].
const NAMED: f64 = 13.0;
/// Letters.
const TEXT: f64 = 15.0;

/// Kinds of bars: what they mean, and their colour.
const KINDS: [(&str, Colour); 5] = [
    ("converged", style::BLUE),
    ("post-copy", style::GREEN),
    ("paused", style::ORANGE),
    ("stays on the host", style::VERMILLION),
    (UPGRADE, style::AXIS),
];
const UPGRADE: &str = "upgrade";
const OF_UPGRADE: usize = 4;

/// A host that is empty and upgraded.
#[derive(Clone, Debug, PartialEq)]
pub struct UpgradeBar {
    /// Its name.
    pub host: String,
    /// From the start of the drain [ms].
    pub from_ms: f64,
    /// Likewise.
    pub to_ms: f64,
}

/// A bar before it has its place.
struct Bar {
    kind: usize,
    times: (f64, f64),
    says: String,
}

impl Bar {
    /// Of a migration, if it was one.
    fn of(row: &DrainRow) -> Option<Bar> {
        let times = (row.start_ms?, row.end_ms?);
        let kind = match row.verdict.as_str() {
            _ if !row.moved => 3,
            word => KINDS.iter().position(|(known, _)| *known == word).unwrap_or(0),
        };
        let to = row.destination.as_ref().map_or_else(String::new, |to| format!(" to {}", shown(to)));
        let (takes, from) = (metrics::ms(times.1 - times.0), metrics::ms(times.0));
        let says = format!("{}{to}\n{} in {takes}, after {from}", shown(&row.guest), row.verdict);
        Some(Bar { kind, times, says })
    }

    fn of_upgrade(upgrade: &UpgradeBar) -> Bar {
        let UpgradeBar { host, from_ms, to_ms } = upgrade;
        let says =
            format!("{}\n{UPGRADE} in {}, after {}", shown(host), metrics::ms(to_ms - from_ms), metrics::ms(*from_ms));
        Bar { kind: OF_UPGRADE, times: (*from_ms, *to_ms), says }
    }

    /// So wide that it can be seen, and within the picture.
    fn mark(self, end: f64, y: (f64, f64)) -> Mark {
        let least = SEEN * end;
        let left = self.times.0.min(end - least).max(0.0);
        let x = (left, self.times.1.max(left + least));
        Mark::Box { x, y, fill: Fill::Plain(Tone::plain(KINDS[self.kind].1)), says: self.says }
    }
}

/// The picture of a drain, and how high its lines are.
#[derive(Clone, Debug)]
pub struct Gantt {
    /// What is to be seen.
    pub figure: Figure,
    rows: f64,
}

impl Gantt {
    /// The picture as SVG.
    pub fn svg(&self) -> String {
        super::svg(&self.figure, self.wide())
    }

    /// Its size on a screen.
    pub fn wide(&self) -> Size {
        Size { height: AROUND + self.rows, text: TEXT, ..Size::PAGE }
    }

    /// Its size on a phone, where the legend has more lines.
    pub fn narrow(&self) -> Size {
        Size { width: 390.0, height: AROUND + 60.0 + self.rows, text: 11.5, paper: false }
    }
}

/// A drain with a line for each guest, the first to go at the top.
///
/// # Errors
/// [`PlotError::Nothing`] if it took no time.
pub fn by_guest(title: &str, subtitle: String, rows: &[DrainRow]) -> Result<Gantt, PlotError> {
    let mut by_start: Vec<&DrainRow> = rows.iter().filter(|row| row.start_ms.is_some()).collect();
    by_start.sort_by(|a, b| (a.start_ms, a.end_ms).partial_cmp(&(b.start_ms, b.end_ms)).unwrap_or(Ordering::Equal));
    let mut lines: Vec<(&str, Vec<Bar>)> = Vec::new();
    let mut places = HashMap::new();
    for row in by_start {
        let place = *places.entry(&row.guest).or_insert(lines.len());
        if place == lines.len() {
            lines.push((&row.guest, Vec::new()));
        }
        lines[place].1.extend(Bar::of(row));
    }
    draw(title, subtitle, lines)
}

/// The drain of several hosts: a line for each, with its migrations beside each other where they run at a time.
///
/// # Errors
/// [`PlotError::Nothing`] if it took no time.
pub fn by_host(title: &str, subtitle: String, rows: &[DrainRow], upgrades: &[UpgradeBar]) -> Result<Gantt, PlotError> {
    let mut lines: Vec<(&str, Vec<Bar>)> = Vec::new();
    let named = rows.iter().filter_map(|row| Some((row.host.as_deref()?, Bar::of(row)?)));
    let named = named.chain(upgrades.iter().map(|upgrade| (upgrade.host.as_str(), Bar::of_upgrade(upgrade))));
    for (host, bar) in named {
        match lines.iter_mut().find(|(known, _)| *known == host) {
            Some((_, bars)) => bars.push(bar),
            None => lines.push((host, vec![bar])),
        }
    }
    let first = |(_, bars): &(&str, Vec<Bar>)| bars.iter().map(|bar| bar.times.0).fold(f64::INFINITY, f64::min);
    lines.sort_by(|a, b| first(a).total_cmp(&first(b)));
    draw(title, subtitle, lines)
}

fn draw(title: &str, subtitle: String, lines: Vec<(&str, Vec<Bar>)>) -> Result<Gantt, PlotError> {
    let end = lines.iter().flat_map(|(_, bars)| bars).map(|bar| bar.times.1).fold(0.0, f64::max);
    if end <= 0.0 {
        return Err(PlotError::Nothing("there is no time in it".to_owned()));
    }
    let has = |kind: usize| lines.iter().any(|(_, bars)| bars.iter().any(|bar| bar.kind == kind));
    let entry = |at: usize| (Key::Box(Fill::Plain(Tone::plain(KINDS[at].1))), KINDS[at].0.to_owned());
    let entries = (0..KINDS.len()).filter(|at| has(*at)).map(entry).collect();
    let names: Vec<String> = lines.iter().map(|(name, _)| shown(name).into_owned()).collect();
    let lanes: Vec<Vec<(Bar, usize)>> = lines.into_iter().map(|(_, bars)| beside_each_other(bars)).collect();
    let count = names.len() as f64;
    let rows = lanes.iter().map(|bars| ROW * lanes_of(bars).max(1) as f64).sum::<f64>().min(ROWS.max(count));
    let is_named = rows >= NAMED * count;
    let mut x = Scale::of("time since the start of the drain", Unit::Ms, [0.0, end].into_iter(), Spread::Linear, true);
    x.tighten();
    // A scale counts from the foot, and the first to go stands at the top.
    let y = Scale::of_names("", names.iter().rev().map(|name| if is_named { name.clone() } else { String::new() }));
    let mut marks = Vec::new();
    for (line, bars) in lanes.into_iter().rev().enumerate() {
        let height = 0.64 / lanes_of(&bars).max(1) as f64;
        for (bar, lane) in bars {
            let top = line as f64 + 0.82 - height * lane as f64;
            // An upgrade has the host for itself.
            let y = if bar.kind == OF_UPGRADE { (line as f64 + 0.18, line as f64 + 0.82) } else { (top - height, top) };
            marks.push(bar.mark(end, y));
        }
    }
    let panel =
        Panel { title: String::new(), x: None, y, height: 1.0, strip: None, above: Vec::new(), above_name: "", marks };
    let figure = Figure {
        title: shown(title).into_owned(),
        subtitle,
        legend: Legend { heading: String::new(), entries },
        x,
        panels: vec![panel],
        columns: 1,
        colours: None,
    };
    Ok(Gantt { figure, rows })
}

/// Bars with the lane of each, in which no other is at that time.
fn beside_each_other(mut bars: Vec<Bar>) -> Vec<(Bar, usize)> {
    bars.sort_by(|a, b| a.times.0.total_cmp(&b.times.0));
    let mut ends: Vec<f64> = Vec::new();
    let lane = |bar: Bar| {
        let free = ends.iter().position(|end| *end <= bar.times.0).unwrap_or(ends.len());
        ends.resize(ends.len().max(free + 1), 0.0);
        ends[free] = bar.times.1;
        (bar, free)
    };
    bars.into_iter().map(lane).collect()
}

fn lanes_of(bars: &[(Bar, usize)]) -> usize {
    bars.iter().map(|(_, lane)| lane + 1).max().unwrap_or(0)
}
