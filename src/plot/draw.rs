//! Draws a figure.

use std::collections::BTreeMap;

use super::canvas::{Anchor, Canvas, Words, point_width};
use super::figure::{Dot, Figure, Fill, Inside, Key, Look, Mark, Panel, Tone};
use super::font::{fitted, names, width};
use super::layout::{Layout, Place};
use super::scale::Scale;
use super::size::Size;
use super::style::{self, Colour};
use crate::sink::xml;

/// The figure as SVG, at `size`.
pub fn svg(figure: &Figure, size: Size) -> String {
    xml::document(on(Canvas::new(size), figure, size))
}

/// The figure as a part of a page, which as a whole is yet to go through [`xml::document`]: without tips and in few words where
/// it has very many marks, as a page has several pictures.
pub(crate) fn part(figure: &Figure, size: Size) -> String {
    on(if figure.is_dense() { Canvas::dense(size) } else { Canvas::new(size) }, figure, size)
}

fn on(mut canvas: Canvas, figure: &Figure, size: Size) -> String {
    let layout = Layout::of(figure, size);
    Drawing { figure, layout: &layout }.draw(&mut canvas);
    canvas.end()
}

struct Drawing<'a> {
    figure: &'a Figure,
    layout: &'a Layout,
}

impl Drawing<'_> {
    fn draw(&self, canvas: &mut Canvas) {
        let layout = self.layout;
        for (line, y) in &layout.title {
            canvas.write(Words::new(line, layout.title_size()), (layout.margin, *y));
        }
        for (line, y) in &layout.subtitle {
            canvas.write(Words::new(line, layout.small).soft(), (layout.margin, *y));
        }
        self.legend(canvas);
        for (panel, place) in self.figure.panels.iter().zip(&layout.panels) {
            self.panel(canvas, panel, place);
        }
        let left = layout.panels.iter().map(|place| place.left).fold(f64::INFINITY, f64::min);
        let right = layout.panels.iter().map(|place| place.right).fold(0.0, f64::max);
        let (title, size) = fitted(&self.figure.x.title, layout.text, right + layout.margin * 0.6 - layout.margin);
        // In the middle below the panels, or as far to the left as it must be.
        let half = width(&title, size) / 2.0;
        let middle = ((left + right) / 2.0).min(right + layout.margin * 0.6 - half).max(layout.margin + half);
        canvas.write(Words::new(&title, size).centred(), (middle, layout.x_title));
        if let Some(lines) = &layout.shared_y_title {
            let top = layout.panels.iter().map(|place| place.top).fold(f64::INFINITY, f64::min);
            let bottom = layout.panels.iter().map(|place| place.bottom).fold(0.0, f64::max);
            self.y_title(canvas, lines, layout.margin * 0.6, (top + bottom) / 2.0);
        }
        if let Some(scale) = &self.figure.colours {
            self.colour_bar(canvas, scale);
        }
    }

    /// Lines of an axis' title, bottom to top, the first one at the left.
    fn y_title(&self, canvas: &mut Canvas, lines: &[String], left: f64, middle: f64) {
        let size = self.layout.text;
        for (at, line) in lines.iter().enumerate() {
            let x = left + size * (0.6 + 1.2 * at as f64);
            canvas.write(Words { upright: true, ..Words::new(line, size).centred() }, (x, middle));
        }
    }

    fn legend(&self, canvas: &mut Canvas) {
        let layout = self.layout;
        let legend = &self.figure.legend;
        canvas.write(Words::new(&layout.legend, layout.small).soft(), layout.heading);
        for ((key, _), (name, x, y)) in legend.entries.iter().zip(&layout.entries) {
            let end = x + layout.key(*key);
            match key {
                Key::Line(look) | Key::Curve(look) => {
                    canvas.curve(&[(*x, *y), (end, *y)], *look);
                    if matches!(key, Key::Line(_)) {
                        canvas.point(((x + end) / 2.0, *y), *look, Inside::Full);
                    }
                }
                Key::Point(look, inside) => canvas.point(((x + end) / 2.0, *y), *look, *inside),
                Key::Box(fill) => {
                    let (from, to) = ((*x, y - 0.45 * layout.small), (end, y + 0.45 * layout.small));
                    canvas.filled(from, to, *fill);
                    canvas.frame(from, to, style::AXIS);
                }
            }
            canvas.write(Words::new(name, layout.small), (end + 0.5 * layout.text, *y));
        }
    }

    fn panel(&self, canvas: &mut Canvas, panel: &Panel, place: &Place) {
        let along = panel.x.as_ref().unwrap_or(&self.figure.x);
        // A line without a number would be none to read from.
        if !panel.y.lines.is_empty() {
            for (_, y) in self.y_places(panel, place) {
                canvas.line(&[(place.left, y), (place.right, y)], style::GRID.into(), 0.5);
            }
        }
        if !along.lines.is_empty() {
            for (x, _) in self.x_places(panel, place) {
                canvas.line(&[(x, place.scale), (x, place.bottom)], style::GRID.into(), 0.5);
            }
        }
        if panel.strip.is_some() {
            canvas.fill((place.left, place.top), (place.right, place.scale), style::BLANK.thin(0.6));
            canvas.line(&[(place.left, place.scale), (place.right, place.scale)], style::AXIS.into(), 0.5);
        }
        canvas.frame((place.left, place.top), (place.right, place.bottom), style::AXIS);
        let dense = canvas.is_dense();
        if dense {
            self.cells(canvas, panel, place);
        }
        for mark in panel.marks.iter().filter(|mark| !dense || !matches!(mark, Mark::Box { .. })) {
            self.mark(canvas, panel, place, mark);
        }
        self.around(canvas, panel, place);
        if place.x_labels {
            self.x_labels(canvas, panel, place);
        }
    }

    fn mark(&self, canvas: &mut Canvas, panel: &Panel, place: &Place, mark: &Mark) {
        let along = panel.x.as_ref().unwrap_or(&self.figure.x);
        let x = |value: f64| place.x(along, value);
        let y = |value: f64| place.y(&panel.y, value);
        match mark {
            Mark::Line(points, look) => {
                let points: Vec<_> = points.iter().map(|point| (x(point.0), y(point.1))).collect();
                canvas.curve(&points, *look)
            }
            Mark::Band(points, colour) => {
                let lower = points.iter().map(|point| (x(point.0), y(point.1)));
                let upper = points.iter().rev().map(|point| (x(point.0), y(point.2)));
                canvas.area(&lower.chain(upper).collect::<Vec<_>>(), colour.thin(0.2))
            }
            Mark::Point { at, look, inside, says } => {
                let at = (x(at.0), y(at.1));
                canvas.point(at, *look, *inside);
                self.spot(canvas, at, says);
            }
            Mark::Dots(dots, look) => {
                let placed: Vec<_> = dots.iter().map(|dot| (x(dot.at.0), y(dot.at.1))).collect();
                for (dot, at) in dots.iter().zip(&placed) {
                    self.spot(canvas, *at, &dot.says);
                }
                for at in apart(dots, &placed, *look, self.layout.text) {
                    canvas.point(placed[at], *look, dots[at].inside);
                }
            }
            Mark::Box { x: (left, right), y: (bottom, top), fill, says } => {
                let (from, to) = ((x(*left), y(*top)), (x(*right), y(*bottom)));
                canvas.filled(from, to, *fill);
                canvas.spot(from, to, says);
            }
            Mark::Whisker(at, (low, high), over) => {
                // Without an upper end it goes on to the border.
                let end = if high.is_finite() { y(*high) } else { place.scale };
                let (at, ends, half) = (x(*at), (y(*low), end), 0.35 * self.layout.text);
                // Where it lies over a box it has the colour that can be seen there.
                let (top, above) = over.map_or((ends.0, style::INK), |(top, colour)| (y(top), style::on(colour)));
                let colour = |height: f64| if height > top { above } else { style::INK };
                let middle = top.clamp(ends.1, ends.0);
                for (from, to, colour) in [(ends.0, middle, above), (middle, ends.1, style::INK)] {
                    canvas.line(&[(at, from), (at, to)], colour.into(), 0.6);
                }
                for end in [Some(ends.0), high.is_finite().then_some(ends.1)].into_iter().flatten() {
                    canvas.line(&[(at - half, end), (at + half, end)], colour(end).into(), 0.6);
                }
            }
            Mark::Border(edges) => {
                for (colour, width) in [(Colour::WHITE, 3.4), (style::VERMILLION, 1.8)] {
                    let more = canvas.stroke() * width / 2.0;
                    for [start, end] in edges {
                        // Longer by half its width at both ends, so that corners are filled.
                        let (from, to) = ((x(start.0), y(start.1)), (x(end.0), y(end.1)));
                        let (dx, dy) = ((to.0 - from.0).signum(), (to.1 - from.1).signum());
                        let (dx, dy) = if from.0 == to.0 { (0.0, dy * more) } else { (dx * more, 0.0) };
                        canvas.line(&[(from.0 - dx, from.1 - dy), (to.0 + dx, to.1 + dy)], colour.into(), width);
                    }
                }
            }
            Mark::Words { y: at, words, colour } => {
                let words = Words { colour: *colour, ..Words::new(words, self.layout.small).right() };
                canvas.write(words, (place.right - 0.3 * self.layout.text, y(*at)));
            }
            Mark::Upright(at, look) => canvas.curve(&[(x(*at), place.bottom), (x(*at), place.top)], *look),
            Mark::Shade(from, to) => canvas.fill((x(*from), place.top), (x(*to), place.bottom), style::INK.thin(0.08)),
        }
    }

    /// All boxes of a panel: those that lie on each other and look alike are one, and those of a colour are one path.
    fn cells(&self, canvas: &mut Canvas, panel: &Panel, place: &Place) {
        let along = panel.x.as_ref().unwrap_or(&self.figure.x);
        let mut whole: Vec<Stack> = Vec::new();
        for mark in &panel.marks {
            let Mark::Box { x, y, fill, .. } = mark else { continue };
            match whole.last_mut() {
                Some(below) if below.x == *x && below.y.1 == y.0 && below.fill == *fill => below.y.1 = y.1,
                _ => whole.push(Stack { x: *x, y: *y, fill: *fill }),
            }
        }
        let mut plain: BTreeMap<String, (Colour, Vec<_>)> = BTreeMap::new();
        for Stack { x: (left, right), y: (bottom, top), fill } in whole {
            let from = (place.x(along, left), place.y(&panel.y, top));
            let to = (place.x(along, right), place.y(&panel.y, bottom));
            match fill {
                Fill::Plain(Tone { colour, ruled: false }) => {
                    plain.entry(colour.to_string()).or_insert((colour, Vec::new())).1.push((from, to));
                }
                fill => canvas.filled(from, to, fill),
            }
        }
        plain.into_values().for_each(|(colour, boxes)| canvas.cells(&boxes, colour));
    }

    /// Makes the place around a point say something.
    fn spot(&self, canvas: &mut Canvas, (x, y): (f64, f64), says: &str) {
        let reach = 0.6 * self.layout.text;
        canvas.spot((x - reach, y - reach), (x + reach, y + reach), says);
    }

    /// What stands above and to the left of a panel.
    fn around(&self, canvas: &mut Canvas, panel: &Panel, place: &Place) {
        let layout = self.layout;
        let over = place.top - 0.8 * layout.text;
        let (title, size) = fitted(&panel.title, layout.text, place.right - place.left);
        canvas.write(Words::new(&title, size), (place.left, over));
        canvas.write(Words::new(panel.above_name, layout.small).soft().right(), (place.left - 0.9 * layout.text, over));
        let mut free = f64::NEG_INFINITY;
        for (at, label) in &panel.above {
            let (x, half) = (place.x(&self.figure.x, *at), width(label, layout.small) / 2.0);
            if x - half > free {
                canvas.write(Words::new(label, layout.small).soft().centred(), (x, over));
                free = x + half + 0.4 * layout.text;
            }
        }
        let beside = place.left - 0.5 * layout.text;
        if place.y_labels {
            if let Some(name) = panel.strip {
                canvas.write(Words::new(name, layout.small).soft().right(), (beside, (place.top + place.scale) / 2.0));
            }
            let lines = panel.y.ticks.iter().map(|tick| tick.1.split_once('\n').unwrap_or((&tick.1, "")));
            let (firsts, seconds): (Vec<&str>, Vec<&str>) = lines.unzip();
            let labels = names(firsts.into_iter(), layout.small, layout.beside);
            for (at, row) in self.y_places(panel, place) {
                let inside = row > place.scale + 0.3 * layout.small || panel.strip.is_none();
                if inside {
                    let apart = if seconds[at].is_empty() { 0.0 } else { 0.65 * layout.small };
                    canvas.write(Words::new(&labels[at], layout.small).right(), (beside, row - apart));
                    let second = Words::new(seconds[at], 0.85 * layout.small).soft().right();
                    canvas.write(second, (beside, row + apart));
                }
            }
        }
        if let (None, Some(left)) = (&layout.shared_y_title, place.y_title) {
            let lines = layout.y_title_lines(&panel.y.title, place.bottom - place.top);
            self.y_title(canvas, &lines, left, (place.top + place.bottom) / 2.0);
        }
    }

    /// Ticks beside a panel that have their label, and their heights.
    fn y_places(&self, panel: &Panel, place: &Place) -> Vec<(usize, f64)> {
        let rows: Vec<f64> = panel.y.ticks.iter().map(|tick| place.y(&panel.y, tick.0)).collect();
        let kept = kept(&rows, &vec![1.15 * self.layout.small; rows.len()], panel.y.needs_first());
        kept.into_iter().map(|at| (at, rows[at])).collect()
    }

    /// Where the ticks below a panel are that have their label, and the label as far as there is room.
    fn x_places(&self, panel: &Panel, place: &Place) -> Vec<(f64, String)> {
        let layout = self.layout;
        let scale = panel.x.as_ref().unwrap_or(&self.figure.x);
        let places: Vec<f64> = scale.ticks.iter().map(|tick| place.x(scale, tick.0)).collect();
        let room = |label: &str| {
            if layout.upright { 1.15 * layout.small } else { width(label, layout.small) + 0.5 * layout.text }
        };
        let labels = names(scale.ticks.iter().map(|tick| tick.1.as_str()), layout.small, layout.widest);
        let rooms: Vec<f64> = labels.iter().map(|label| room(label)).collect();
        kept(&places, &rooms, scale.needs_first()).into_iter().map(|at| (places[at], labels[at].clone())).collect()
    }

    fn x_labels(&self, canvas: &mut Canvas, panel: &Panel, place: &Place) {
        let layout = self.layout;
        for (x, label) in self.x_places(panel, place) {
            canvas.line(&[(x, place.bottom), (x, place.bottom + 0.3 * layout.text)], style::AXIS.into(), 0.5);
            let words = Words::new(&label, layout.small);
            let below = place.bottom + 0.55 * layout.text;
            match layout.upright {
                true => {
                    let words = Words { upright: true, anchor: Anchor::End, ..words };
                    canvas.write(words, (x, below));
                }
                false => canvas.write(words.centred(), (x, below + 0.55 * layout.small)),
            }
        }
    }

    fn colour_bar(&self, canvas: &mut Canvas, scale: &Scale) {
        const STEPS: u32 = 64;
        let layout = self.layout;
        let top = layout.panels.iter().map(|place| place.top).fold(f64::INFINITY, f64::min);
        let bottom = layout.panels.iter().map(|place| place.bottom).fold(0.0, f64::max);
        let (left, right) = (layout.colours, layout.colours + 0.9 * layout.text);
        let y = |share: f64| bottom - share * (bottom - top);
        for step in 0..STEPS {
            let (low, high) = (f64::from(step) / f64::from(STEPS), f64::from(step + 1) / f64::from(STEPS));
            canvas.fill((left, y(high)), (right, y(low)), style::amount((low + high) / 2.0).into());
        }
        canvas.frame((left, top), (right, bottom), style::AXIS);
        let rows: Vec<f64> = scale.ticks.iter().map(|tick| y(scale.place(tick.0))).collect();
        let mut widest: f64 = 0.0;
        for at in kept(&rows, &vec![1.15 * layout.small; rows.len()], scale.needs_first()) {
            canvas.write(Words::new(&scale.ticks[at].1, layout.small), (right + 0.4 * layout.text, rows[at]));
            widest = widest.max(width(&scale.ticks[at].1, layout.small));
        }
        let title = Words { upright: true, ..Words::new(&scale.title, layout.text).centred() };
        canvas.write(title, (right + widest + 1.25 * layout.text, (top + bottom) / 2.0))
    }
}

/// Boxes on each other that look alike.
struct Stack {
    x: (f64, f64),
    y: (f64, f64),
    fill: Fill,
}

/// Which of the labels can be written without touching: all, or every second, and so on. Somewhat fewer are better if they
/// reach the end, and where the first is not `needed`, as a zero is, they are counted from the last one.
fn kept(places: &[f64], rooms: &[f64], needed: bool) -> Vec<usize> {
    let count = places.len();
    let some = |step: usize| (if needed { 0 } else { (count - 1) % step }..count).step_by(step);
    let free = |pair: [usize; 2]| (places[pair[1]] - places[pair[0]]).abs() >= (rooms[pair[0]] + rooms[pair[1]]) / 2.0;
    let fits = |step: &usize| some(*step).zip(some(*step).skip(1)).all(|(a, b)| free([a, b]));
    let Some(least) = (1..=count).find(fits) else { return Vec::new() };
    let last = count - 1;
    let whole = (least..=2 * least).find(|step| last.is_multiple_of(*step) && last / step >= 2 && fits(step));
    some(whole.unwrap_or(least)).collect()
}

/// Which of the points along a curve are drawn, so that those of a kind are apart beside letters of that size.
pub(super) fn apart(dots: &[Dot], places: &[(f64, f64)], look: Look, text: f64) -> Vec<usize> {
    let distance = 1.8 * point_width(look, text);
    let mut last: [Option<(f64, f64)>; 3] = [None; 3];
    let mut drawn = Vec::new();
    for (at, (dot, (x, y))) in dots.iter().zip(places).enumerate() {
        let last = &mut last[dot.inside as usize];
        if last.is_none_or(|last| libm::hypot(last.0 - x, last.1 - y) >= distance) {
            *last = Some((*x, *y));
            drawn.push(at);
        }
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_that_would_touch_are_left_out_evenly() {
        let tens = |count: u32| (0..count).map(|n| 10.0 * f64::from(n)).collect::<Vec<_>>();
        assert_eq!(kept(&tens(4), &[8.0; 4], true), [0, 1, 2, 3]);
        assert_eq!(kept(&tens(7), &[14.0; 7], true), [0, 2, 4, 6]);
        assert_eq!(kept(&tens(2), &[400.0; 2], true), [0]);
        assert_eq!(kept(&[], &[], true), [0usize; 0]);
        // Every third reaches the end, every second does not.
        assert_eq!(kept(&tens(10), &[14.0; 10], true), [0, 3, 6, 9]);
        assert_eq!((kept(&tens(4), &[14.0; 4], true), kept(&tens(4), &[14.0; 4], false)), (vec![0, 2], vec![1, 3]));
    }
}
