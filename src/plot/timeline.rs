//! Remaining RAM, throttle and rates over time: three panels above one time axis.

use super::PlotError;
use super::figure::{Figure, Fill, Inside, Key, Legend, Look, Mark, Panel, Shape, Tone};
use super::scale::{Scale, Spread};
use super::size::Size;
use super::style;
use crate::metrics::{Unit, ms, percent};
use crate::results::curve::{self, Curve};
use crate::sim::{Event, Row, Timeline};
use crate::units::{Bytes, PAGE_SIZE};

/// One migration in the picture.
#[derive(Clone, Copy, Debug)]
pub struct Migration<'a> {
    /// Its name in the legend, which only several migrations have.
    pub name: &'a str,
    /// What happened when.
    pub timeline: &'a Timeline,
}

/// The usual size: three panels need more height than one.
pub const SIZE: Size = Size { height: 650.0, ..Size::PAGE };
/// Most points of a curve: a few per px.
const SLICES: usize = 800;
/// What fills the time in which zero pages are found.
const ZERO_PAGES: Fill = Fill::Striped(Tone::plain(style::AXIS));
/// Most steps of a throttle that are marked one by one.
const STEPS: usize = 60;

/// Draws the migrations over each other, each from its own start, as an SVG of the usual size.
///
/// # Errors
/// [`PlotError::Nothing`] if there is no instant to draw.
pub fn svg(title: &str, subtitle: &str, migrations: &[Migration]) -> Result<String, PlotError> {
    Ok(super::svg(&figure(title, subtitle, migrations)?, SIZE))
}

/// The migrations over each other, each from its own start. Passes are marked where there is one migration only.
///
/// # Errors
/// [`PlotError::Nothing`] if there is no instant to draw, or more migrations than can be told apart.
pub fn figure(title: &str, subtitle: &str, migrations: &[Migration]) -> Result<Figure, PlotError> {
    let end = migrations.iter().filter_map(|m| m.timeline.rows.last()).map(|row| row.t_ms).fold(0.0, f64::max);
    if migrations.iter().all(|migration| migration.timeline.rows.is_empty()) || !end.is_finite() {
        return Err(PlotError::Nothing("there is no instant in this timeline".to_owned()));
    }
    if migrations.len() > Look::COUNT {
        return Err(PlotError::Nothing(format!(
            "these are {} migrations through time, and {} can be told apart; draw fewer of them",
            migrations.len(),
            Look::COUNT
        )));
    }
    let picture = Picture { migrations, end };
    let mut x = Scale::of("time since the migrate command", Unit::Ms, [0.0, end].into_iter(), Spread::Linear, true);
    x.tighten();
    Ok(Figure {
        title: title.to_owned(),
        subtitle: subtitle.to_owned(),
        legend: picture.legend(),
        x,
        panels: vec![picture.remaining(), picture.throttle(), picture.rates()],
        columns: 1,
        colours: None,
    })
}

struct Picture<'a> {
    migrations: &'a [Migration<'a>],
    /// Right edge [ms].
    end: f64,
}

/// What somebody did, or what ends the migration: mark, what is within it, and name.
fn action(event: Event) -> Option<(Shape, Inside, &'static str)> {
    match event {
        Event::Link => Some((Shape::Diamond, Inside::Full, "link changes")),
        Event::Set => Some((Shape::Triangle, Inside::Full, "parameters set")),
        Event::Pause => Some((Shape::Wedge, Inside::Full, "paused")),
        Event::Continue => Some((Shape::Wedge, Inside::Nothing, "continued")),
        Event::StartPostcopy => Some((Shape::Circle, Inside::Nothing, "post-copy asked for")),
        Event::PostCopy => Some((Shape::Circle, Inside::Full, "post-copy")),
        Event::Stop => Some((Shape::Square, Inside::Full, "guest stopped")),
        Event::Abort => Some((Shape::Square, Inside::Nothing, "aborted")),
        Event::Start | Event::Note | Event::Repeat | Event::Sync | Event::Throttle | Event::Sample | Event::End => None,
    }
}

impl Picture<'_> {
    /// The only migration, if there is one.
    fn single(&self) -> Option<&Timeline> {
        match self.migrations {
            [one] => Some(one.timeline),
            _ => None,
        }
    }

    /// The look of the migration number `at`, or of `alone` where there is no other.
    fn look(&self, at: usize, alone: style::Colour) -> Look {
        if self.single().is_some() { Look::plain(alone) } else { Look::of(at) }
    }

    fn legend(&self) -> Legend {
        let mut entries = Vec::new();
        if self.single().is_none() {
            let names = self.migrations.iter().enumerate();
            entries.extend(names.map(|(at, migration)| (Key::Curve(Look::of(at)), migration.name.to_owned())));
        }
        let rates = if self.single().is_some() { [style::GREEN, style::ORANGE] } else { [style::INK; 2] };
        entries.push((Key::Curve(Look::plain(rates[0])), "bandwidth".to_owned()));
        entries.push((Key::Curve(Look::plain(rates[1]).dashed()), "dirty rate".to_owned()));
        if !self.zero_pages().is_empty() {
            entries.push((Key::Box(ZERO_PAGES), "zero pages are found".to_owned()));
        }
        for row in self.migrations.iter().flat_map(|migration| &migration.timeline.rows) {
            if let Some((shape, inside, name)) = action(row.event)
                && entries.iter().all(|known| known.1 != name)
            {
                entries.push((Key::Point(Look { shape, ..Look::plain(style::INK) }, inside), name.to_owned()));
            }
        }
        Legend { heading: String::new(), entries }
    }

    /// When hardly anything is sent because pages are zero, where that is long enough to be seen; of one migration only.
    fn zero_pages(&self) -> Vec<(f64, f64)> {
        let all = self.single().map(curve::zero_pages).unwrap_or_default();
        all.into_iter().filter(|(from, to)| to - from > self.end / 100.0).collect()
    }

    /// Passes and the time in which the guest stands, behind the curves of all panels.
    fn ground(&self) -> Vec<Mark> {
        let Some(timeline) = self.single() else { return Vec::new() };
        let mut marks = Vec::new();
        let mut last = f64::NEG_INFINITY;
        for row in timeline.rows.iter().filter(|row| row.event == Event::Sync) {
            // Where there are hundreds of passes, a line for each would be a grey wall.
            if row.t_ms - last > self.end / 75.0 {
                marks.push(Mark::Upright(row.t_ms, Look { weight: 0.5, ..Look::plain(style::GRID) }));
                last = row.t_ms;
            }
        }
        let mut stopped = None;
        for row in &timeline.rows {
            match (row.event, stopped) {
                (Event::Stop | Event::Pause, None) => stopped = Some(row.t_ms),
                (Event::Continue | Event::PostCopy | Event::End, Some(from)) => {
                    marks.push(Mark::Shade(from, row.t_ms));
                    stopped = None;
                }
                _ => {}
            }
        }
        marks
    }

    fn remaining(&self) -> Panel {
        let curves = self.curves(curve::remaining);
        let y = scale("remaining RAM", Unit::Bytes, &curves);
        let mut marks = self.ground();
        for (at, points) in self.seen(curves).into_iter().enumerate() {
            let look = self.look(at, style::BLUE);
            if self.single().is_some() {
                marks.push(Mark::Band(points.iter().map(|(t, value)| (*t, 0.0, *value)).collect(), look.colour));
            }
            marks.push(Mark::Line(points, look));
        }
        for (at, migration) in self.migrations.iter().enumerate() {
            let look = self.look(at, style::INK);
            marks.extend(migration.timeline.rows.iter().filter_map(|row| self.action(row, look, migration.name)));
        }
        let passes = self.single().into_iter().flat_map(|timeline| &timeline.rows);
        let passes = passes.filter(|row| row.event == Event::Sync).map(|row| (row.t_ms, row.pass.to_string()));
        let above: Vec<_> = passes.collect();
        Panel {
            title: String::new(),
            x: None,
            y,
            height: 0.48,
            strip: None,
            above_name: if above.is_empty() { "" } else { "pass" },
            above,
            marks,
        }
    }

    /// The mark of an action, on the curve of remaining RAM.
    fn action(&self, row: &Row, look: Look, name: &str) -> Option<Mark> {
        let (shape, inside, what) = action(row.event)?;
        let whose = if self.single().is_some() { String::new() } else { format!("{name}\n") };
        let why = if row.detail.is_empty() { String::new() } else { format!("\n{}", row.detail) };
        let says = format!("{whose}{what} after {}{why}\n{} remaining", ms(row.t_ms), Bytes(row.remaining_bytes));
        Some(Mark::Point { at: (row.t_ms, row.remaining_bytes as f64), look: Look { shape, ..look }, inside, says })
    }

    fn throttle(&self) -> Panel {
        let mut marks = self.ground();
        let curves = self.curves(|timeline| curve::steps(timeline, |row| row.throttle_pct));
        for (at, points) in self.seen(curves).into_iter().enumerate() {
            let look = self.look(at, style::VERMILLION);
            if self.single().is_some() {
                marks.push(Mark::Band(points.iter().map(|(t, value)| (*t, 0.0, *value)).collect(), look.colour));
            }
            marks.push(Mark::Line(points, look));
            let rows = || self.migrations[at].timeline.rows.iter().filter(|row| row.event == Event::Throttle);
            if rows().count() <= STEPS {
                marks.extend(rows().map(|row| Mark::Point {
                    at: (row.t_ms, row.throttle_pct),
                    look: Look { weight: 0.6, shape: Shape::Circle, ..look },
                    inside: Inside::Full,
                    says: format!("throttle {} after {}", percent(row.throttle_pct), ms(row.t_ms)),
                }));
            }
        }
        panel(0.22, Scale::fixed("throttle [%]", 100.0, &[0.0, 25.0, 50.0, 75.0, 100.0], 1.0), marks)
    }

    fn rates(&self) -> Panel {
        let bandwidth = self.curves(|timeline| curve::measured(timeline, |row| row.bandwidth));
        let dirty = self.curves(|timeline| curve::measured(timeline, |row| (row.dirty_pages_rate * PAGE_SIZE) as f64));
        let y = scale("rate", Unit::Rate, &[&bandwidth[..], &dirty].concat());
        let mut marks = self.ground();
        let top = values(&bandwidth).chain(values(&dirty)).fold(0.0, f64::max);
        marks.extend(self.zero_pages().into_iter().map(|x| Mark::Box {
            x,
            y: (0.0, top),
            fill: ZERO_PAGES,
            says: format!("zero pages are found, and little is sent, for {}", ms(x.1 - x.0)),
        }));
        for (at, points) in self.seen(bandwidth).into_iter().enumerate() {
            marks.push(Mark::Line(points, self.look(at, style::GREEN)));
        }
        // Dashes above the full line: where both rates are equal, both can be seen.
        for (at, points) in self.seen(dirty).into_iter().enumerate() {
            marks.push(Mark::Line(points, self.look(at, style::ORANGE).dashed()));
        }
        panel(0.3, y, marks)
    }

    fn curves(&self, draw: impl Fn(&Timeline) -> Curve) -> Vec<Curve> {
        let known = |curve: Curve| curve.into_iter().filter(|(t, value)| t.is_finite() && value.is_finite()).collect();
        self.migrations.iter().map(|migration| known(draw(migration.timeline))).collect()
    }

    /// The curves with no more points than can be seen.
    fn seen(&self, curves: Vec<Curve>) -> Vec<Curve> {
        let tolerance = values(&curves).fold(0.0, f64::max) / 1000.0;
        curves.iter().map(|curve| curve::thinned(&curve::straightened(curve, tolerance), SLICES)).collect()
    }
}

fn values(curves: &[Curve]) -> impl Iterator<Item = f64> {
    curves.iter().flatten().map(|point| point.1)
}

fn scale(label: &str, unit: Unit, curves: &[Curve]) -> Scale {
    Scale::of(label, unit, values(curves).chain([0.0]), Spread::Linear, true)
}

fn panel(height: f64, y: Scale, marks: Vec<Mark>) -> Panel {
    Panel { title: String::new(), x: None, y, height, strip: None, above: Vec::new(), above_name: "", marks }
}
