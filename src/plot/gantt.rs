//! Who went when: a bar for each migration of a drain, and below it how many were under way.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::PlotError;
use super::axis::{AxisUnit, tick_label};
use super::font::width;
use super::sheet::{self, Axis, SMALL_SIZE, TEXT_SIZE, TITLE_SIZE, WIDTH, decimal_ticks};
use super::style;
use super::surface::{Area, Drawn};
use crate::drain::{Attempt, DrainHost, Timetable};
use crate::metrics;
use crate::scenario::condition;
use crate::sim::Verdict;
use crate::sink::{distinct, shown};
use crate::units::Time;

/// Room for title, subtitle and legend; for names, at least and at most; for the time axis.
const HEADER: u32 = 190;
const LEFT: std::ops::RangeInclusive<u32> = 260..=1000;
const RIGHT: u32 = 50;
const FOOTER: u32 = 96;
/// Height of a row where there are few, and the height that all rows together may have.
const ROW: u32 = 44;
const ROWS: u32 = 2400;
/// Rows lower than this have no names.
const NAMED: u32 = 26;

/// Draws the drain as an SVG.
///
/// # Errors
/// [`PlotError::Draw`] if it took no time.
pub fn svg(title: &str, host: &DrainHost, timetable: &Timetable) -> Result<String, PlotError> {
    let end = (timetable.end - Time::ZERO).ms();
    if end <= 0.0 {
        return Err(PlotError::Draw("there is no time in it".to_owned()));
    }
    let guests = host.guests().len() as u32;
    let rows = (ROW * guests).min(ROWS.max(2 * guests));
    let (names, left) = if rows >= NAMED * guests { names(host) } else { (Vec::new(), *LEFT.start()) };
    let height = HEADER + rows + FOOTER;
    let picture = Picture { host, timetable, end, time: AxisUnit::time(end), rows, names, left, height };
    sheet::svg(picture.height, |root| picture.draw(&shown(title), root))
}

/// The guests' names, and the room that they need: whole, or cut so that they differ where there is not so much.
fn names(host: &DrainHost) -> (Vec<String>, u32) {
    const GAP: f64 = 16.0;
    let all: Vec<_> = host.guests().iter().map(|guest| shown(&guest.name)).collect();
    let all: Vec<&str> = all.iter().map(AsRef::as_ref).collect();
    let measure = |name: &str| width(name, f64::from(SMALL_SIZE));
    let most = f64::from(*LEFT.end()) - 2.0 * GAP;
    let names: Vec<String> = distinct(&all, measure, most).into_iter().map(|name| name.into_owned()).collect();
    let widest = names.iter().map(|name| measure(name)).fold(0.0, f64::max);
    (names, ((widest + 2.0 * GAP).ceil() as u32).max(*LEFT.start()))
}

struct Picture<'a> {
    host: &'a DrainHost,
    timetable: &'a Timetable,
    /// Right edge [ms].
    end: f64,
    time: AxisUnit,
    /// Height of all rows together.
    rows: u32,
    /// What the guests are called, and the room for it; nothing where rows are too low.
    names: Vec<String>,
    left: u32,
    height: u32,
}

/// Kinds of bars: what they mean, and their colour.
const KINDS: [(&str, RGBColor); 4] = [
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

impl Picture<'_> {
    fn draw(&self, title: &str, root: &Area) -> Drawn {
        let left = 40;
        root.draw_text(title, &text(TITLE_SIZE, style::INK, HPos::Left), (left, 44))?;
        root.draw_text(&self.subtitle(), &text(TEXT_SIZE, style::SOFT_INK, HPos::Left), (left, 92))?;
        self.legend(root)?;
        self.axis(root)?;
        let order = self.by_start();
        let height = f64::from(self.rows) / order.len().max(1) as f64;
        for (row, guest) in order.iter().enumerate() {
            let top = f64::from(HEADER) + row as f64 * height;
            self.row(root, *guest, top, height)?;
        }
        Ok(())
    }

    fn subtitle(&self) -> String {
        let scheduler = self.host.scheduler().name;
        let guests = self.host.guests().len();
        let unknown = (0..guests).filter(|guest| self.host.is_unknown(*guest)).count();
        let condition = condition(unknown).map_or_else(String::new, |condition| format!(", {condition}"));
        match self.timetable.empty() {
            Some(at) => format!("{scheduler}: host empty after {at}, {guests} guests moved{condition}"),
            None => format!(
                "{scheduler}: {} of {guests} guests moved after {}{condition}",
                guests - self.timetable.stay.len(),
                metrics::ms(self.end)
            ),
        }
    }

    /// Guests by the time of their first start.
    fn by_start(&self) -> Vec<usize> {
        let mut seen = vec![false; self.host.guests().len()];
        let mut attempts: Vec<&Attempt> = self.timetable.attempts.iter().collect();
        attempts.sort_by_key(|attempt| (attempt.start, attempt.end));
        attempts
            .iter()
            .map(|attempt| attempt.guest)
            .filter(|guest| !std::mem::replace(&mut seen[*guest], true))
            .collect()
    }

    fn legend(&self, root: &Area) -> Drawn {
        let mut x = self.left as i32;
        for (at, (name, colour)) in KINDS.iter().enumerate() {
            if self.timetable.attempts.iter().all(|attempt| kind(attempt) != at) {
                continue;
            }
            root.draw(&Rectangle::new([(x, 136), (x + 36, 160)], colour.filled()))?;
            root.draw_text(name, &text(SMALL_SIZE, style::INK, HPos::Left), (x + 48, 148))?;
            x += 48 + 15 * name.len() as i32 + 30;
        }
        Ok(())
    }

    fn axis(&self, root: &Area) -> Drawn {
        let end = self.end / self.time.size;
        let area = root.clone().shrink((self.left, HEADER), (WIDTH - self.left - RIGHT, self.rows + FOOTER));
        let axis = Axis { end, ticks: decimal_ticks(end, 10) };
        let rows = Axis { end: 1.0, ticks: Vec::new() };
        let mut chart = ChartBuilder::on(&area).x_label_area_size(FOOTER).build_cartesian_2d(axis, rows)?;
        chart
            .configure_mesh()
            .disable_y_mesh()
            .max_light_lines(0)
            .bold_line_style(style::GRID.stroke_width(2))
            .axis_style(style::AXIS.stroke_width(2))
            .label_style(text(SMALL_SIZE, style::INK, HPos::Left))
            .axis_desc_style(text(TEXT_SIZE, style::INK, HPos::Left))
            .set_all_tick_mark_size(8)
            .x_label_formatter(&|t| tick_label(*t))
            .x_desc(format!("time since the start of the drain [{}]", self.time.name))
            .draw()
    }

    fn row(&self, root: &Area, guest: usize, top: f64, height: f64) -> Drawn {
        let gap = if height >= 8.0 { height * 0.18 } else { 0.0 };
        let (upper, lower) = ((top + gap) as i32, (top + height - gap).ceil() as i32);
        for attempt in self.timetable.attempts.iter().filter(|attempt| attempt.guest == guest) {
            let (from, to) = (self.x(attempt.start), self.x(attempt.end));
            let bar = [(from, upper), (to.max(from + 2), lower)];
            root.draw(&Rectangle::new(bar, KINDS[kind(attempt)].1.filled()))?;
        }
        let Some(name) = self.names.get(guest) else { return Ok(()) };
        let middle = (top + height / 2.0) as i32;
        root.draw_text(name, &text(SMALL_SIZE, style::INK, HPos::Right), (self.left as i32 - 16, middle))
    }

    /// Where a moment stands on the canvas.
    fn x(&self, at: Time) -> i32 {
        let width = f64::from(WIDTH - self.left - RIGHT);
        self.left as i32 + ((at - Time::ZERO).ms() / self.end * width).round() as i32
    }
}

/// Text that hangs at the middle of its height.
fn text(size: u32, colour: RGBColor, anchor: HPos) -> TextStyle<'static> {
    (style::FONT, size).into_font().color(&colour).pos(Pos::new(anchor, VPos::Center))
}
