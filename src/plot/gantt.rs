//! Who went when: a bar for each migration of a drain, in a row for each guest.

use super::PlotError;
use super::figure::{Figure, Fill, Key, Legend, Mark, Panel, Tone};
use super::scale::{Scale, Spread};
use super::size::Size;
use super::style::{self, Colour};
use crate::drain::{Attempt, DrainHost, Timetable};
use crate::metrics::{self, Unit};
use crate::scenario::condition;
use crate::sim::Verdict;
use crate::sink::shown;
use crate::units::Time;

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
const KINDS: [(&str, Colour); 4] = [
    ("converged", style::BLUE),
    ("post-copy", style::GREEN),
    ("paused", style::ORANGE),
    ("stays on the host", style::VERMILLION),
];

fn kind(attempt: &Attempt) -> usize {
    match attempt.outcome.verdict {
        Verdict::Converged => 0,
        Verdict::PostCopy => 1,
        Verdict::Paused => 2,
        Verdict::Aborted | Verdict::NotConverged => 3,
    }
}

/// Draws the drain as an SVG.
///
/// # Errors
/// [`PlotError::Nothing`] if it took no time.
pub fn svg(title: &str, host: &DrainHost, timetable: &Timetable) -> Result<String, PlotError> {
    let end = (timetable.end - Time::ZERO).ms();
    if end <= 0.0 {
        return Err(PlotError::Nothing("there is no time in it".to_owned()));
    }
    let guests = host.guests().len() as f64;
    let rows = (ROW * guests).min(ROWS.max(guests));
    let order = by_start(host, timetable);
    let mut x = Scale::of("time since the start of the drain", Unit::Ms, [0.0, end].into_iter(), Spread::Linear, true);
    x.tighten();
    let is_named = rows >= NAMED * guests;
    let name = |guest: &usize| if is_named { shown(&host.guests()[*guest].name).into_owned() } else { String::new() };
    let panel = Panel {
        title: String::new(),
        x: None,
        // A scale counts from the foot, and the first to go stands at the top.
        y: Scale::of_names("", order.iter().rev().map(name)),
        height: 1.0,
        strip: None,
        above: Vec::new(),
        above_name: "",
        marks: order.iter().rev().enumerate().flat_map(|(row, guest)| bars(host, timetable, row, *guest)).collect(),
    };
    let is_there = |at: usize| timetable.attempts.iter().any(|attempt| kind(attempt) == at);
    let entry = |at: usize| (Key::Box(Fill::Plain(Tone::plain(KINDS[at].1))), KINDS[at].0.to_owned());
    let entries = (0..KINDS.len()).filter(|at| is_there(*at)).map(entry).collect();
    let figure = Figure {
        title: shown(title).into_owned(),
        subtitle: subtitle(host, timetable),
        legend: Legend { heading: String::new(), entries },
        x,
        panels: vec![panel],
        columns: 1,
        colours: None,
    };
    Ok(super::svg(&figure, Size { height: AROUND + rows, text: TEXT, ..Size::PAGE }))
}

/// A bar for each migration of a guest.
fn bars(host: &DrainHost, timetable: &Timetable, row: usize, guest: usize) -> impl Iterator<Item = Mark> {
    let bar = move |attempt: &Attempt| {
        let [from, to] = [attempt.start, attempt.end].map(|at| (at - Time::ZERO).ms());
        // So wide that it can be seen, and within the picture.
        let (end, least) = ((timetable.end - Time::ZERO).ms(), SEEN * (timetable.end - Time::ZERO).ms());
        let left = from.min(end - least).max(0.0);
        let seen = to.max(left + least);
        let (name, outcome) = (shown(&host.guests()[guest].name), &attempt.outcome);
        let says =
            format!("{name}\n{} in {}, after {}", outcome.verdict.as_str(), metrics::ms(to - from), metrics::ms(from));
        Mark::Box {
            x: (left, seen),
            y: (row as f64 + 0.18, row as f64 + 0.82),
            fill: Fill::Plain(Tone::plain(KINDS[kind(attempt)].1)),
            says,
        }
    };
    timetable.attempts.iter().filter(move |attempt| attempt.guest == guest).map(bar)
}

/// How the drain ended.
fn subtitle(host: &DrainHost, timetable: &Timetable) -> String {
    let scheduler = host.scheduler().name;
    let guests = host.guests().len();
    let unknown = (0..guests).filter(|guest| host.is_unknown(*guest)).count();
    let condition = condition(unknown).map_or_else(String::new, |condition| format!(", {condition}"));
    match timetable.empty() {
        Some(at) => format!("{scheduler}: host empty after {at}, {guests} guests moved{condition}"),
        None => format!(
            "{scheduler}: {} of {guests} guests moved after {}{condition}",
            guests - timetable.stay.len(),
            timetable.end
        ),
    }
}

/// Guests by the time of their first start.
fn by_start(host: &DrainHost, timetable: &Timetable) -> Vec<usize> {
    let mut seen = vec![false; host.guests().len()];
    let mut attempts: Vec<&Attempt> = timetable.attempts.iter().collect();
    attempts.sort_by_key(|attempt| (attempt.start, attempt.end));
    attempts.iter().map(|attempt| attempt.guest).filter(|guest| !std::mem::replace(&mut seen[*guest], true)).collect()
}
