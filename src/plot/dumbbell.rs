//! Two settings side by side: for each guest a line from the first to the second, in a panel for each figure.

use std::borrow::Cow;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::font::width;
use super::sheet::{SMALL_SIZE, TEXT_SIZE, WIDTH};
use super::surface::{Area, Drawn};
use super::{PlotError, sheet, style};
use crate::check::CasePair;
use crate::metrics::{Metric, NONE, Unit};
use crate::sink::{distinct, shortened, shown};
use crate::statistic::{Known, Sample};

/// A guest: its name, what became of its verdicts, and a pair of values for each of [`FIGURES`].
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
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

const NAMES: i32 = 330;
const PANEL: i32 = 340;
const GAP: i32 = 24;
const HEADER: i32 = 190;
const ROW: i32 = 74;
const FOOTER: i32 = 70;
/// Room for the change in words, at the right of a panel.
const WORDS: i32 = 100;

fn figures() -> impl Iterator<Item = &'static Metric> {
    FIGURES.iter().filter_map(|key| Metric::of(key))
}

/// A row for each guest, in the order of the cases.
pub fn rows(pairs: &[CasePair]) -> Vec<Row> {
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
        Row { name: name.to_owned(), ended, cases: all, values }
    };
    names.into_iter().map(row).collect()
}

/// Draws the rows as an SVG; `one` and `other` name the settings.
///
/// # Errors
/// [`PlotError::Draw`] if there is no row.
pub fn svg(one: &str, other: &str, rows: &[Row]) -> Result<String, PlotError> {
    if rows.is_empty() {
        return Err(PlotError::Draw("no case can be run under both settings".to_owned()));
    }
    let height = (HEADER + ROW * rows.len() as i32 + FOOTER) as u32;
    let left = |text: &str, size: u32, room: f64| {
        shortened(&shown(text), |text| width(text, f64::from(size)), room, 0).into_owned()
    };
    let settings = [one, other].map(|name| left(name, TEXT_SIZE, f64::from(WIDTH) - 100.0));
    let names: Vec<_> = rows.iter().map(|row| shown(&row.name)).collect();
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    let names = distinct(&names, |name| width(name, f64::from(SMALL_SIZE)), f64::from(NAMES - 40));
    sheet::svg(height, |root| draw(root, height, settings, rows, &names))
}

fn draw(root: &Area, height: u32, settings: [String; 2], rows: &[Row], names: &[Cow<str>]) -> Drawn {
    let cases: usize = rows.iter().map(|row| row.cases).sum();
    for ((name, colour), y) in settings.into_iter().zip(SIDES).zip([36, 80]) {
        root.draw(&Circle::new((44, y), 12, dot(colour)))?;
        root.draw_text(&name, &text(TEXT_SIZE, style::INK, HPos::Left), (70, y))?;
    }
    for (at, (row, name)) in rows.iter().zip(names).enumerate() {
        let y = middle(at);
        root.draw(&PathElement::new(vec![(24, y + ROW / 2), (WIDTH as i32 - 24, y + ROW / 2)], style::GRID))?;
        let (above, below) = if row.ended.is_some() { (y - 14, y + 18) } else { (y, y) };
        root.draw_text(name, &text(SMALL_SIZE, style::INK, HPos::Left), (24, above))?;
        if let Some(ended) = &row.ended {
            root.draw_text(ended, &text(SMALL_SIZE - 4, style::SOFT_INK, HPos::Left), (24, below))?;
        }
    }
    for (at, metric) in figures().enumerate() {
        let values: Vec<[Option<Known>; 2]> = rows.iter().map(|row| row.values[at]).collect();
        let left = NAMES + at as i32 * (PANEL + GAP);
        panel(root, left, metric, &values)?;
    }
    let words = "axes are logarithmic, and what is zero stands at the left edge";
    let words = if cases > rows.len() { format!("medians over {cases} cases; {words}") } else { words.to_owned() };
    let values = || rows.iter().flat_map(|row| row.values.iter().flatten());
    let open = values().flatten().any(|known| known.at_least);
    let open = if open { "; open marks: at least that, cut off by `limits.time`" } else { "" };
    let none = if values().any(Option::is_none) { "; –: no such figure without an end" } else { "" };
    let words = format!("{words}{open}{none}");
    root.draw_text(&words, &text(SMALL_SIZE - 4, style::SOFT_INK, HPos::Left), (24, height as i32 - 30))
}

/// Colours of the two settings.
const SIDES: [RGBColor; 2] = [style::ORANGE, style::BLUE];

fn middle(row: usize) -> i32 {
    HEADER + ROW * row as i32 + ROW / 2
}

fn dot(colour: RGBColor) -> ShapeStyle {
    ShapeStyle { color: colour.to_rgba(), filled: true, stroke_width: 1 }
}

/// One figure: its axis above, and a line for each guest.
fn panel(root: &Area, left: i32, metric: &Metric, values: &[[Option<Known>; 2]]) -> Drawn {
    let axis = Scale::of(values.iter().flatten().flatten().map(|known| known.value));
    let x = |value: f64| left + (axis.place(value) * f64::from(PANEL - WORDS)).round() as i32;
    let bottom = middle(values.len() - 1) + ROW / 2;
    let title = metric.title.split(" (").next().unwrap_or_default();
    root.draw_text(title, &text(SMALL_SIZE, style::INK, HPos::Left), (left, HEADER - 70))?;
    for tick in axis.ticks(metric.unit) {
        let x = x(tick);
        root.draw(&PathElement::new(vec![(x, HEADER), (x, bottom)], style::GRID))?;
        let label = metric.unit.show(tick);
        root.draw_text(&label, &text(SMALL_SIZE - 6, style::SOFT_INK, HPos::Center), (x, HEADER - 24))?;
    }
    for (at, [one, other]) in values.iter().copied().enumerate() {
        let y = middle(at);
        let (words, colour) = moved(metric, one, other);
        if let (Some(one), Some(other)) = (one, other) {
            root.draw(&PathElement::new(vec![(x(one.value), y), (x(other.value), y)], colour.stroke_width(6)))?;
        }
        for (known, side, size) in [(one, SIDES[0], 12), (other, SIDES[1], 9)] {
            let Some(Known { value, at_least }) = known else { continue };
            if at_least {
                root.draw(&Circle::new((x(value), y), size, dot(WHITE)))?;
                root.draw(&Circle::new((x(value), y), size - 2, side.stroke_width(4)))?;
            } else {
                root.draw(&Circle::new((x(value), y), size, dot(side)))?;
            }
        }
        let place = (left + PANEL - 6, y);
        root.draw_text(&words, &text(SMALL_SIZE - 6, colour, HPos::Right), place)?;
    }
    Ok(())
}

/// The change in words and in a colour: points of a percentage, or per cent of the first value; `=` for what no reader would
/// see, `?` where lower bounds do not tell which is more.
fn moved(metric: &Metric, one: Option<Known>, other: Option<Known>) -> (String, RGBColor) {
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

/// A logarithmic axis whose left edge also stands for zero.
struct Scale {
    low: f64,
    high: f64,
}

impl Scale {
    /// Widest and narrowest ratio of the edges.
    const RATIOS: (f64, f64) = (4.0, 1e5);

    /// Around all values that are above zero, with some room beside them.
    fn of(values: impl Iterator<Item = f64>) -> Scale {
        let positive: Vec<f64> = values.filter(|value| *value > 0.0 && value.is_finite()).collect();
        let high = 1.2 * positive.iter().copied().reduce(f64::max).unwrap_or(1.0);
        let low = positive.iter().copied().fold(high, f64::min) / 1.2;
        Scale { low: low.clamp(high / Scale::RATIOS.1, high / Scale::RATIOS.0), high }
    }

    /// From 0 at the left edge to 1 at the right one.
    fn place(&self, value: f64) -> f64 {
        if value <= 0.0 {
            return 0.0;
        }
        (libm::log(value / self.low) / libm::log(self.high / self.low)).clamp(0.0, 1.0)
    }

    /// Round values that stand far enough apart for their labels.
    fn ticks(&self, unit: Unit) -> Vec<f64> {
        const APART: f64 = 0.28;
        // Times beyond a second are read in seconds, minutes and hours.
        const TIMES: [f64; 12] = [1e3, 2e3, 5e3, 1e4, 3e4, 6e4, 12e4, 3e5, 6e5, 18e5, 36e5, 36e6];
        let decades = (-3..=3).flat_map(|power| [1.0, 2.0, 5.0].map(|digit| digit * libm::pow(10.0, f64::from(power))));
        let mut round: Vec<f64> = decades.filter(|value| unit != Unit::Ms || *value < 1e3).collect();
        if unit == Unit::Ms {
            round.extend(TIMES);
        }
        let mut ticks: Vec<f64> = Vec::new();
        for value in round.into_iter().filter(|value| (self.low..=self.high).contains(value)) {
            if ticks.last().is_none_or(|last| self.place(value) - self.place(*last) >= APART) {
                ticks.push(value);
            }
        }
        ticks
    }
}

fn text(size: u32, colour: RGBColor, h_pos: HPos) -> TextStyle<'static> {
    (style::FONT, size).into_font().color(&colour).pos(Pos::new(h_pos, VPos::Center))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_room_for_all_values_and_zero_at_its_edge() {
        let scale = Scale::of([0.0, 30.0, 4000.0].into_iter());
        assert!((scale.low - 25.0).abs() < 1e-9 && (scale.high - 4800.0).abs() < 1e-9);
        assert_eq!([0.0, scale.low, scale.high, 1e9].map(|value| scale.place(value)), [0.0, 0.0, 1.0, 1.0]);
        let ticks = scale.ticks(Unit::Ms);
        assert!((2..=4).contains(&ticks.len()) && ticks.iter().all(|tick| (25.0..=4800.0).contains(tick)), "{ticks:?}");
        let none = Scale::of([0.0].into_iter());
        assert!(!none.ticks(Unit::Ms).is_empty());
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
