//! Remaining RAM, throttle and rates over time: three panels above one time axis.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::PlotError;
use super::axis::{Axis, AxisUnit, binary_ticks, decimal_ticks, tick_label};
use super::style;
use crate::report::curve::{self, Curve};
use crate::sim::{Event, Timeline};
use crate::units::PAGE_SIZE;

/// One migration in the picture.
#[derive(Clone, Copy, Debug)]
pub struct Migration<'a> {
    /// Its name in the legend, which only several migrations have.
    pub name: &'a str,
    /// What happened when.
    pub timeline: &'a Timeline,
}

const HEIGHT: u32 = 1300;
/// Room above the panels: title, subtitle, legend of the migrations, stop mark, pass numbers.
const HEADER: u32 = 236;
/// Axis titles and labels, and the margin beside them.
const LEFT: u32 = 170;
const MARGIN: u32 = 24;
const RIGHT: u32 = 50;
/// Heights of the panels, the gap above each but the first, and the room of the time axis.
const PANELS: [u32; 3] = [420, 200, 260];
const GAP: u32 = 46;
const TIME_AXIS: u32 = HEIGHT - HEADER - PANELS[0] - PANELS[1] - PANELS[2] - 2 * GAP;
/// Least distance of the lines that mark passes.
const PASS_GAP: i32 = 24;
/// Most points of a curve: a few per unit of the canvas.
const SLICES: usize = 800;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), DrawingAreaErrorKind<std::io::Error>>;

/// Draws the migrations over each other, each from its own start, as an SVG.
///
/// Passes and the guest's stop are marked where there is one migration only.
///
/// # Errors
/// [`PlotError::Draw`] if no migration takes any time.
pub fn svg(title: &str, subtitle: &str, migrations: &[Migration]) -> Result<String, PlotError> {
    let end = migrations.iter().filter_map(|m| m.timeline.rows.last()).map(|row| row.t_ms).fold(0.0, f64::max);
    if !(end > 0.0 && end.is_finite()) {
        return Err(PlotError::Draw("there is no time in it".to_owned()));
    }
    let mut svg = String::new();
    let picture = Picture { migrations, end, time: AxisUnit::time(end) };
    picture.draw(title, subtitle, &mut svg).map_err(|error| PlotError::Draw(error.to_string()))?;
    let size = |shrink: u32| format!(r#"width="{}" height="{}""#, style::WIDTH / shrink, HEIGHT / shrink);
    Ok(svg.replacen(&size(1), &size(style::SHRINK), 1))
}

struct Picture<'a> {
    migrations: &'a [Migration<'a>],
    /// Right edge [ms].
    end: f64,
    time: AxisUnit,
}

/// One panel: what stands at its axis, and its curves in the axis' unit.
struct Panel {
    title: String,
    axis: Axis,
    lines: Vec<Line>,
    /// Distance from the top of the canvas, and height.
    place: (u32, u32),
}

struct Line {
    points: Curve,
    colour: RGBColor,
    kind: Kind,
}

/// What a curve shows, and so how it is drawn.
#[derive(Clone, Copy, PartialEq)]
struct Kind {
    /// Colour where there is one migration; several have their own.
    colour: RGBColor,
    /// Opacity of the area below it where there is one migration.
    fill: f64,
    dashed: bool,
    /// Name in the panel's own legend.
    name: Option<&'static str>,
}

impl Kind {
    const REMAINING: Kind = Kind { colour: style::BLUE, fill: 0.15, dashed: false, name: None };
    const THROTTLE: Kind = Kind { colour: style::VERMILLION, fill: 0.2, dashed: false, name: None };
    const BANDWIDTH: Kind = Kind { colour: style::GREEN, fill: 0.0, dashed: false, name: Some("bandwidth") };
    const DIRTY_RATE: Kind = Kind { colour: style::ORANGE, fill: 0.0, dashed: true, name: Some("dirty rate") };
}

impl Picture<'_> {
    fn draw(&self, title: &str, subtitle: &str, svg: &mut String) -> Drawn {
        let root = SVGBackend::with_string(svg, (style::WIDTH, HEIGHT)).into_drawing_area();
        root.fill(&WHITE)?;
        root.draw_text(title, &text(style::TITLE_SIZE, style::INK, HPos::Left), (LEFT as i32, 44))?;
        root.draw_text(subtitle, &text(style::TEXT_SIZE, style::SOFT_INK, HPos::Left), (LEFT as i32, 92))?;
        match self.migrations {
            [one] => self.marks(&root, one.timeline)?,
            several => legend(&root, several)?,
        }
        let panels = [self.remaining(), self.throttle(), self.rates()];
        let last = panels.len() - 1;
        for (at, panel) in panels.iter().enumerate() {
            self.panel(&root, panel, at == last)?;
        }
        root.present()
    }

    /// Passes and the stop, behind the curves of all panels.
    fn marks(&self, root: &Area, timeline: &Timeline) -> Drawn {
        let bottom = (HEIGHT - TIME_AXIS) as i32;
        let numbers = HEADER as i32 - 22;
        let small = |colour, anchor| text(style::SMALL_SIZE, colour, anchor);
        root.draw_text("pass", &small(style::SOFT_INK, HPos::Right), (LEFT as i32 - 14, numbers))?;
        let (mut line, mut label) = (i32::MIN, i32::MIN);
        for row in timeline.rows.iter().filter(|row| row.event == Event::Sync) {
            let x = self.x(row.t_ms);
            // Where there are hundreds of passes, a line for each would be a grey wall.
            if x >= line.saturating_add(PASS_GAP) {
                let down = PathElement::new(vec![(x, HEADER as i32), (x, bottom)], style::GRID.stroke_width(2));
                root.draw(&down)?;
                line = x;
            }
            let number = row.pass.to_string();
            let half = 10 * number.len() as i32;
            if x - half >= label.saturating_add(14) {
                root.draw_text(&number, &small(style::SOFT_INK, HPos::Center), (x, numbers))?;
                label = x + half;
            }
        }
        let Some(stop) = timeline.rows.iter().find(|row| row.event == Event::Stop) else { return Ok(()) };
        let (x, over) = (self.x(stop.t_ms), self.x(self.end));
        root.draw(&Rectangle::new([(x, HEADER as i32), (over, bottom)], style::INK.mix(0.12).filled()))?;
        let top = numbers - 50;
        // Beside its label and across the panels, but not through the pass number between them.
        for y in (top..numbers - 18).chain(HEADER as i32..bottom).step_by(14) {
            root.draw(&PathElement::new(vec![(x, y), (x, (y + 8).min(bottom))], style::INK.stroke_width(2)))?;
        }
        let (anchor, beside) = if x > style::WIDTH as i32 / 2 { (HPos::Right, x - 12) } else { (HPos::Left, x + 12) };
        root.draw_text("guest stopped", &small(style::INK, anchor), (beside, top + 10))
    }

    /// Where an instant [ms] stands on the canvas.
    fn x(&self, t_ms: f64) -> i32 {
        LEFT as i32 + (t_ms / self.end * f64::from(style::WIDTH - LEFT - RIGHT)).round() as i32
    }

    fn remaining(&self) -> Panel {
        let curves = self.curves(curve::remaining);
        let unit = AxisUnit::bytes(highest(&curves));
        let lines = self.lines(curves, unit.size, Kind::REMAINING);
        let top = top(&lines);
        Panel {
            title: format!("remaining RAM [{}]", unit.name),
            axis: Axis { end: top, ticks: binary_ticks(top, 6) },
            lines,
            place: (HEADER, PANELS[0]),
        }
    }

    fn throttle(&self) -> Panel {
        let curves = self.curves(|timeline| curve::steps(timeline, |row| row.throttle_pct));
        Panel {
            title: "throttle [%]".to_owned(),
            axis: Axis { end: 100.0, ticks: vec![0.0, 25.0, 50.0, 75.0, 100.0] },
            lines: self.lines(curves, 1.0, Kind::THROTTLE),
            place: (HEADER + PANELS[0] + GAP, PANELS[1]),
        }
    }

    fn rates(&self) -> Panel {
        let bandwidth = self.curves(|timeline| curve::measured(timeline, |row| row.bandwidth));
        let dirty = self.curves(|timeline| curve::measured(timeline, |row| (row.dirty_pages_rate * PAGE_SIZE) as f64));
        let unit = AxisUnit::rate(highest(&bandwidth).max(highest(&dirty)));
        // Dashes above the full line: where both rates are equal, both can be seen.
        let mut lines = self.lines(bandwidth, unit.size, Kind::BANDWIDTH);
        lines.extend(self.lines(dirty, unit.size, Kind::DIRTY_RATE));
        let top = top(&lines);
        Panel {
            title: format!("rate [{}]", unit.name),
            axis: Axis { end: top, ticks: decimal_ticks(top, 6) },
            lines,
            place: (HEADER + PANELS[0] + PANELS[1] + 2 * GAP, PANELS[2]),
        }
    }

    fn curves(&self, draw: impl Fn(&Timeline) -> Curve) -> Vec<Curve> {
        self.migrations.iter().map(|migration| draw(migration.timeline)).collect()
    }

    /// The curves in the units of their axes, with no more points than can be seen.
    fn lines(&self, curves: Vec<Curve>, unit: f64, kind: Kind) -> Vec<Line> {
        let several = curves.len() > 1;
        let tolerance = highest(&curves) / 1000.0;
        let line = |(at, curve): (usize, Curve)| {
            let known: Curve = curve.into_iter().filter(|(t, value)| t.is_finite() && value.is_finite()).collect();
            let seen = curve::thinned(&curve::straightened(&known, tolerance), SLICES);
            Line {
                points: seen.into_iter().map(|(t, value)| (t / self.time.size, value / unit)).collect(),
                colour: if several { colour(at) } else { kind.colour },
                kind: if several { Kind { fill: 0.0, colour: style::INK, ..kind } } else { kind },
            }
        };
        curves.into_iter().enumerate().map(line).collect()
    }

    fn panel(&self, root: &Area, panel: &Panel, last: bool) -> Drawn {
        let (from_top, height) = panel.place;
        let axis = if last { TIME_AXIS } else { 0 };
        let area = root.clone().shrink((MARGIN, from_top), (style::WIDTH - MARGIN - RIGHT, height + axis));
        let end = self.end / self.time.size;
        let mut chart = ChartBuilder::on(&area)
            .y_label_area_size(LEFT - MARGIN)
            .x_label_area_size(axis)
            .build_cartesian_2d(Axis { end, ticks: decimal_ticks(end, 10) }, panel.axis.clone())?;
        let small = text(style::SMALL_SIZE, style::INK, HPos::Left);
        chart
            .configure_mesh()
            .disable_x_mesh()
            .max_light_lines(0)
            .bold_line_style(style::GRID.stroke_width(2))
            .axis_style(style::AXIS.stroke_width(2))
            .label_style(small.clone())
            .axis_desc_style(text(style::TEXT_SIZE, style::INK, HPos::Left))
            .set_all_tick_mark_size(8)
            .x_label_formatter(&|t| tick_label(*t))
            .y_label_formatter(&|value| tick_label(*value))
            .x_desc(if last { format!("time since the migrate command [{}]", self.time.name) } else { String::new() })
            .y_desc(panel.title.clone())
            .draw()?;
        for line in &panel.lines {
            let points = || line.points.iter().copied();
            let stroke = line.colour.stroke_width(style::STROKE);
            if line.kind.fill > 0.0 {
                chart.draw_series(AreaSeries::new(points(), 0.0, line.colour.mix(line.kind.fill)))?;
            }
            if line.kind.dashed {
                chart.draw_series(DashedLineSeries::new(points(), style::DASH, style::DASH_GAP, stroke))?;
            } else {
                chart.draw_series(LineSeries::new(points(), stroke))?;
            }
        }
        panel_legend(root, panel)
    }
}

/// Names the curves of a panel that has more than one kind, above it and on top of the pass marks.
fn panel_legend(root: &Area, panel: &Panel) -> Drawn {
    let (mut x, y) = (LEFT as i32 + 16, panel.place.0 as i32 - 22);
    let mut kinds: Vec<Kind> = panel.lines.iter().map(|line| line.kind).collect();
    kinds.dedup();
    for kind in kinds {
        let Some(name) = kind.name else { continue };
        let width = KEY + KEY_GAP + text_width(name) + 40;
        root.draw(&Rectangle::new([(x - 8, y - 18), (x + width - 8, y + 18)], WHITE.filled()))?;
        key(root, (x, y), kind.colour, kind.dashed)?;
        root.draw_text(name, &text(style::SMALL_SIZE, style::INK, HPos::Left), (x + KEY + KEY_GAP, y))?;
        x += width;
    }
    Ok(())
}

/// Names several migrations below the subtitle.
fn legend(root: &Area, migrations: &[Migration]) -> Drawn {
    let (mut x, mut y) = (LEFT as i32, 144);
    for (at, migration) in migrations.iter().enumerate() {
        let width = KEY + KEY_GAP + text_width(migration.name);
        if x > LEFT as i32 && x + width > (style::WIDTH - RIGHT) as i32 {
            (x, y) = (LEFT as i32, y + 36);
        }
        key(root, (x, y), colour(at), false)?;
        root.draw_text(migration.name, &text(style::SMALL_SIZE, style::INK, HPos::Left), (x + KEY + KEY_GAP, y))?;
        x += width + 40;
    }
    Ok(())
}

/// Length of a legend's piece of curve, and its distance from the name.
const KEY: i32 = 48;
const KEY_GAP: i32 = 14;

/// A piece of a curve beside its name.
fn key(root: &Area, (x, y): (i32, i32), colour: RGBColor, dashed: bool) -> Drawn {
    let (dash, gap) = if dashed { (style::DASH as i32, style::DASH_GAP as i32) } else { (KEY, 0) };
    for start in (0..KEY).step_by((dash + gap) as usize) {
        let piece = vec![(x + start, y), (x + (start + dash).min(KEY), y)];
        root.draw(&PathElement::new(piece, colour.stroke_width(style::STROKE)))?;
    }
    Ok(())
}

/// The colour of the n-th migration.
fn colour(at: usize) -> RGBColor {
    style::COLOURS[at % style::COLOURS.len()]
}

/// Text that hangs at the middle of its height.
fn text(size: u32, colour: RGBColor, anchor: HPos) -> TextStyle<'static> {
    (style::FONT, size).into_font().color(&colour).pos(Pos::new(anchor, VPos::Center))
}

/// Room for a legend's text: the SVG backend cannot measure, and a mean letter of the font is half its size wide.
fn text_width(text: &str) -> i32 {
    (text.chars().count() as f64 * f64::from(style::SMALL_SIZE) / 1.24 * 0.5) as i32
}

/// The largest value of all curves.
fn highest(curves: &[Curve]) -> f64 {
    curves.iter().flatten().map(|point| point.1).filter(|value| value.is_finite()).fold(0.0, f64::max)
}

/// Upper edge of a panel: a little above its curves.
fn top(lines: &[Line]) -> f64 {
    let highest = lines.iter().flat_map(|line| &line.points).map(|point| point.1).fold(0.0, f64::max);
    if highest > 0.0 { highest * 1.06 } else { 1.0 }
}
