//! Two settings side by side: for each guest a line from the first to the second, in a panel for each figure.

use super::PlotError;
use super::figure::{Figure, Inside, Key, Legend, Look, Mark, Panel};
use super::font;
use super::scale::{Scale, Spread};
use super::size::Size;
use super::style::{self, Colour};
use crate::check::CasePair;
use crate::metrics::{Metric, NONE, Unit};
use crate::sink::shown;
use crate::statistic::{Known, Sample};

/// A guest: its name, what became of its verdicts, and a pair of values for each of [`FIGURES`].
#[derive(Clone, Debug, PartialEq)]
pub struct PairRow {
    /// The guest.
    pub name: String,
    /// How many cases end at the destination, of how many, if that is not all of them.
    pub ended: Option<String>,
    /// Its cases.
    pub cases: usize,
    /// Medians over those that have the figure, under either setting.
    pub values: Vec<[Option<Known>; 2]>,
}

/// Figures that are drawn: what the operator waits for, and what the guest feels.
pub const FIGURES: [&str; 4] = ["total_time_ms", "downtime_ms", "longest_stall_ms", "guest_slowdown_pct"];

/// Height of everything but rows, and of a row [px].
const AROUND: f64 = 150.0;
const ROW: f64 = 37.0;
/// Share of the page's width that the panels have, without names, labels and gaps.
const PANELS: f64 = 0.6;
/// Most of a panel that is left to the change in words.
const MOST_WORDS: f64 = 0.6;
/// Most and least ratio of the ends of an axis.
const RATIOS: (f64, f64) = (1e5, 4.0);
/// Colours of the two settings, and the weights of their marks: where both are equal, both can be seen.
const SIDES: [(Colour, f64); 2] = [(style::ORANGE, 1.3), (style::BLUE, 0.95)];

fn figures() -> impl Iterator<Item = &'static Metric> {
    FIGURES.iter().filter_map(|key| Metric::of(key))
}

/// A row for each guest, in the order of the cases.
pub fn rows(pairs: &[CasePair]) -> Vec<PairRow> {
    let mut names: Vec<&str> = pairs.iter().map(|pair| pair.guest.as_str()).collect();
    names.dedup();
    let row = |name: &str| {
        let of_guest: Vec<&CasePair> = pairs.iter().filter(|pair| pair.guest == name).collect();
        let median = |metric: &Metric, side: usize| {
            of_guest.iter().map(|pair| metric.seen(&pair.outcomes[side])).collect::<Sample>().statistic().median
        };
        let ended = |side: usize| of_guest.iter().filter(|pair| pair.outcomes[side].verdict.is_completed()).count();
        let (one, other, all) = (ended(0), ended(1), of_guest.len());
        let ended = match (one == other, one == all) {
            (true, true) => None,
            (true, false) => Some(format!("{one} of {all} converge")),
            _ => Some(format!("{one} → {other} of {all} converge")),
        };
        let values = figures().map(|metric| [median(metric, 0), median(metric, 1)]).collect();
        PairRow { name: name.to_owned(), ended, cases: all, values }
    };
    names.into_iter().map(row).collect()
}

/// Draws the rows as an SVG; `one` and `other` name the settings.
///
/// # Errors
/// [`PlotError::Nothing`] if there is no row.
pub fn svg(one: &str, other: &str, rows: &[PairRow]) -> Result<String, PlotError> {
    if rows.is_empty() {
        return Err(PlotError::Nothing("no case can be run under both settings".to_owned()));
    }
    let settings = [one, other].map(|name| shown(name).into_owned());
    let label = |row: &PairRow| match &row.ended {
        Some(ended) => format!("{}\n{ended}", shown(&row.name)),
        None => shown(&row.name).into_owned(),
    };
    // A scale counts from the foot, and the first guest stands at the top.
    let mut y = Scale::of_names("", rows.iter().rev().map(label));
    y.lines = (1..rows.len()).map(|row| row as f64).collect();
    let panels: Vec<Panel> = figures().enumerate().map(|(at, metric)| panel(at, metric, &settings, rows, &y)).collect();
    let entries = settings.iter().zip(SIDES);
    let entries = entries.map(|(name, (colour, _))| (Key::Point(Look::plain(colour), Inside::Full), name.clone()));
    let mut x = axis(rows, 0, Unit::Count);
    x.title.clear();
    let figure = Figure {
        title: String::new(),
        subtitle: how_to_read(rows),
        legend: Legend { heading: String::new(), entries: entries.collect() },
        x,
        columns: panels.len(),
        panels,
        colours: None,
    };
    Ok(super::svg(&figure, Size { height: AROUND + ROW * rows.len() as f64, ..Size::PAGE }))
}

fn how_to_read(rows: &[PairRow]) -> String {
    let cases: usize = rows.iter().map(|row| row.cases).sum();
    let words = "axes are logarithmic, and what is zero stands at the left edge";
    let words = if cases > rows.len() { format!("medians over {cases} cases; {words}") } else { words.to_owned() };
    let values = || rows.iter().flat_map(|row| row.values.iter().flatten());
    let open = values().flatten().any(|known| known.at_least);
    let open = if open { "; open marks: at least that, cut off by `limits.time`" } else { "" };
    let none = if values().any(Option::is_none) { "; –: no such figure without an end" } else { "" };
    format!("{words}{open}{none}")
}

/// One figure: a line for each guest, from the first setting to the second.
fn panel(at: usize, metric: &Metric, settings: &[String; 2], rows: &[PairRow], y: &Scale) -> Panel {
    let mut marks = Vec::new();
    for (row, place) in rows.iter().rev().zip(0..) {
        let (height, [one, other]) = (f64::from(place) + 0.5, row.values[at]);
        let (words, colour) = moved(metric, one, other);
        if let (Some(one), Some(other)) = (one, other) {
            let look = Look { weight: 1.6, ..Look::plain(colour) };
            marks.push(Mark::Line(vec![(one.value, height), (other.value, height)], look));
        }
        for ((known, (colour, weight)), setting) in [one, other].into_iter().zip(SIDES).zip(settings) {
            let Some(Known { value, at_least }) = known else { continue };
            let bound = if at_least { "at least " } else { "" };
            let says =
                format!("{}\n{setting}\n{} {bound}{}", shown(&row.name), metric.short_title(), metric.unit.show(value));
            marks.push(Mark::Point {
                at: (value, height),
                look: Look { weight, ..Look::plain(colour) },
                inside: if at_least { Inside::Nothing } else { Inside::Full },
                says,
            });
        }
        marks.push(Mark::Words { y: height, words, colour });
    }
    let x = axis(rows, at, metric.unit);
    Panel {
        title: format!("{}{}", metric.short_title(), x.title),
        x: Some(x),
        y: y.clone(),
        height: 1.0,
        strip: None,
        above: Vec::new(),
        above_name: "",
        marks,
    }
}

/// Share of a panel that the widest change in words takes, with a mark's width beside it.
fn words_share(rows: &[PairRow], at: usize) -> f64 {
    let Some(metric) = figures().nth(at) else { return 0.0 };
    let size = Size::PAGE;
    let widths = rows.iter().map(|row| font::width(&moved(metric, row.values[at][0], row.values[at][1]).0, size.text));
    let panel = PANELS * size.width / FIGURES.len() as f64;
    ((widths.fold(0.0, f64::max) + size.text) / panel).min(MOST_WORDS)
}

/// A logarithmic axis for a figure of all guests, whose left edge also stands for zero.
fn axis(rows: &[PairRow], at: usize, unit: Unit) -> Scale {
    let values = rows.iter().flat_map(|row| row.values[at]).flatten().map(|known| known.value);
    let positive: Vec<f64> = values.filter(|value| *value > 0.0 && value.is_finite()).collect();
    let high = positive.iter().copied().reduce(f64::max).unwrap_or(1.0);
    let low = positive.iter().copied().fold(high, f64::min).clamp(high / RATIOS.0, high / RATIOS.1);
    Scale::of("", unit, [low, high].into_iter(), Spread::Log, false).with_room(words_share(rows, at))
}

/// The change in words and in a colour: points of a percentage, or per cent of the first value; `=` for what no reader would
/// see, `?` where lower bounds do not tell which is more.
fn moved(metric: &Metric, one: Option<Known>, other: Option<Known>) -> (String, Colour) {
    let (Some(one), Some(other)) = (one, other) else { return (NONE.to_owned(), style::AXIS) };
    let bound = match (one.at_least, other.at_least) {
        (false, false) => "",
        (true, false) if other.value < one.value => "≥ ",
        (false, true) if other.value > one.value => "≥ ",
        _ => return ("?".to_owned(), style::AXIS),
    };
    let (one, other) = (one.value, other.value);
    let (sign, colour) = if other < one { ('−', style::GREEN) } else { ('+', style::VERMILLION) };
    let by = (other - one).abs();
    let share = 100.0 * by / one;
    let words = match metric.unit {
        Unit::Percent if by < 0.05 => return ("=".to_owned(), style::AXIS),
        Unit::Percent => format!("{bound}{sign}{by:.1} pt"),
        _ if one == other || share < 0.5 => return ("=".to_owned(), style::AXIS),
        _ if one == 0.0 => format!("{bound}{sign}{}", metric.unit.show(by)),
        _ => format!("{bound}{sign}{share:.0} %"),
    };
    (words, colour)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_room_for_all_values_and_words_and_zero_at_its_edge() {
        let known = |value| Some(Known { value, at_least: false });
        let row = |values: [f64; 2]| PairRow {
            name: "a".to_owned(),
            ended: None,
            cases: 1,
            values: vec![values.map(known); FIGURES.len()],
        };
        let rows = [row([0.0, 30.0]), row([4000.0, 40.0])];
        let (scale, free) = (axis(&rows, 0, Unit::Ms), 1.0 - words_share(&rows, 0));
        assert!((0.4..0.8).contains(&free), "{free}");
        assert_eq!(scale.place(0.0), 0.0);
        assert!(scale.place(30.0) < 0.1 && (free - 0.11..free + 0.01).contains(&scale.place(4000.0)), "{scale:?}");
        assert!(scale.ticks.len() > 2 && scale.ticks.iter().all(|tick| scale.place(tick.0) < free + 0.01), "{scale:?}");
        let close = axis(&[row([100.0, 101.0])], 0, Unit::Ms);
        assert!(close.place(101.0) - close.place(100.0) < 0.02, "what is nearly equal stands nearly at one place");
        assert_eq!(axis(&[row([0.0, 0.0])], 0, Unit::Ms).place(0.0), 0.0);
    }

    #[test]
    fn a_change_has_a_sign_and_a_unit() {
        let exactly = |value| Some(Known { value, at_least: false });
        let at_least = |value| Some(Known { value, at_least: true });
        for (key, one, other, words) in [
            ("total_time_ms", exactly(100.0), exactly(80.0), "−20 %"),
            ("total_time_ms", exactly(0.0), exactly(80.0), "+80 ms"),
            ("guest_slowdown_pct", exactly(10.0), exactly(12.5), "+2.5 pt"),
            ("downtime_ms", exactly(500.0), exactly(501.0), "="),
            ("downtime_ms", None, exactly(501.0), "–"),
            ("total_time_ms", at_least(100.0), exactly(80.0), "≥ −20 %"),
            ("total_time_ms", exactly(100.0), at_least(180.0), "≥ +80 %"),
            ("total_time_ms", at_least(100.0), exactly(180.0), "?"),
            ("total_time_ms", at_least(100.0), at_least(100.0), "?"),
        ] {
            assert_eq!(moved(Metric::of(key).unwrap(), one, other).0, words, "{key}: {one:?} to {other:?}");
        }
    }
}
