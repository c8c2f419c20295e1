//! The points of a sweep one by one: a slider for each key that was varied, and two points side by side.
//!
//! All of it is in the page, as numbers that its script shows; without JavaScript the table below has the same rows.

mod again;
mod points;
mod sketch;

use maud::{Markup, PreEscaped, html};
use serde::Serialize;
use serde_json::Value;

pub use self::points::Points;
pub use self::sketch::Sketch;

use super::Page;
use super::summary::NOTICED;
use crate::metrics::Unit;
use crate::results::{Results, column};
use crate::sim::Verdict;
use crate::statistic::{Known, Sample, Seen};
use crate::sweep::column::REFUSED;

/// What the script shows, column by column, so that names are there once.
#[derive(Serialize)]
struct ExploreData<'a> {
    keys: Vec<SliderKey>,
    verdicts: Vec<&'a str>,
    figures: Vec<NoticedFigure>,
    /// Numbers of each point's values, key by key.
    picks: &'a [Vec<usize>],
    /// How the runs of each point ended: number of a verdict and how many, and so on.
    ends: Vec<Vec<usize>>,
    sketches: &'a [Option<Sketch>],
}

/// A key and its values.
#[derive(Serialize)]
struct SliderKey {
    label: String,
    values: Vec<String>,
}

/// A figure: the middle of each point's runs, and where it differs from run to run, from 5 to 95 %.
#[derive(Serialize)]
struct NoticedFigure {
    label: String,
    unit: &'static str,
    middle: Vec<Value>,
    low: Vec<Value>,
    high: Vec<Value>,
}

/// The section of a page that has points, and the data of its script.
pub(super) fn explore(page: &Page) -> Markup {
    let Some(points) = page.points else { return html! {} };
    let results = page.results;
    let verdicts: Vec<&str> = Verdict::ALL.map(Verdict::as_str).into_iter().chain([REFUSED]).collect();
    let shown = ExploreData {
        keys: points.axes.iter().map(|at| SliderKey::of(results, *at)).collect(),
        figures: NOTICED.iter().filter_map(|name| NoticedFigure::of(results, points, results.figure(name)?)).collect(),
        picks: &points.picks,
        ends: points.rows.iter().map(|rows| ends(results, rows, &verdicts)).collect(),
        verdicts,
        sketches: page.sketches,
    };
    let data = serde_json::to_string(&shown).unwrap_or_default();
    // Nothing in it may end the element that it is in, nor mean anything to a reader of XML.
    let data = data.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
    html! {
        section #explore hidden {
            h2 { "Point by point" }
            p { small {
                "Sliders choose two points of the sweep. "
                @if results.is_summary() {
                    "Figures are the medians of the summary: downtime over the runs that ended, the others over all runs"
                } @else if points.rows.iter().all(|rows| rows.len() == 1) {
                    "Figures are those of the point's one run"
                } @else {
                    "Figures are medians of the runs that came to their end, with 5 to 95 % of them in brackets"
                }
                @if page.sketches.iter().any(Option::is_some) {
                    "; the picture has the remaining RAM as an area and the throttle as a line, of a point's first run, run again."
                } @else {
                    "."
                }
            } }
            div .sides {}
        }
        script #points type="application/json" { (PreEscaped(data)) }
    }
}

impl SliderKey {
    fn of(results: &Results, at: usize) -> SliderKey {
        let name = results.name(at);
        let values = results.values(at);
        SliderKey {
            label: column::label(name),
            values: values.iter().map(|value| column::show(name, *value)).collect(),
        }
    }
}

impl NoticedFigure {
    /// The column at `at` point by point, if any has it.
    fn of(results: &Results, points: &Points, at: usize) -> Option<NoticedFigure> {
        let name = results.name(at);
        let unit = match column::unit(name) {
            Unit::Ms => "ms",
            Unit::Percent => "%",
            _ => "",
        };
        let mut figure =
            NoticedFigure { label: column::label(name), unit, middle: Vec::new(), low: Vec::new(), high: Vec::new() };
        let mut varies = false;
        for rows in &points.rows {
            let ended = rows.iter().map(|row| results.row(*row)).filter(|row| rows.len() == 1 || row.finished());
            let seen = ended.filter_map(|row| row.number(at)).map(Seen::Exactly);
            let statistic = seen.collect::<Sample>().statistic();
            let number = |known: Option<Known>| known.map(|known| known.value);
            let [low, middle, high] = [statistic.p5, statistic.median, statistic.p95].map(number);
            varies |= low < high;
            figure.middle.push(short(middle));
            figure.low.push(short(low));
            figure.high.push(short(high));
        }
        if !varies {
            figure.low.clear();
            figure.high.clear();
        }
        figure.middle.iter().any(Value::is_number).then_some(figure)
    }
}

/// How the runs in these rows ended: number of a verdict and how many, and so on.
fn ends(results: &Results, rows: &[usize], verdicts: &[&str]) -> Vec<usize> {
    let count = |word: &str| rows.iter().map(|row| results.row(*row).runs_that(word)).sum::<usize>();
    let counts = verdicts.iter().enumerate().map(|(number, word)| (number, count(word)));
    counts.filter(|(_, count)| *count > 0).flat_map(|(number, count)| [number, count]).collect()
}

/// A number with four digits that count.
fn short(number: Option<f64>) -> Value {
    let Some(number) = number else { return Value::Null };
    let rounded: f64 = format!("{number:.3e}").parse().unwrap_or(number);
    match rounded.fract() == 0.0 && rounded.abs() < 1e15 {
        true => Value::from(rounded as i64),
        false => Value::from(rounded),
    }
}
