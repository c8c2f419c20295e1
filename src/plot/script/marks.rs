//! The marks of a panel as calls of matplotlib.

use super::literal::{list, number, text};
use super::{STRIP, Script};
use crate::plot::draw::apart;
use crate::plot::figure::{Dot, Fill, Inside, Look, Mark, Panel, Shape, Tone};
use crate::plot::scale::Scale;
use crate::plot::style::{self, Colour};

impl Script<'_> {
    /// Everything that is drawn in a panel; neighbours that look alike are one call.
    pub(super) fn marks(&mut self, panel: &Panel, at: usize) {
        let along = panel.x.as_ref().unwrap_or(&self.figure.x);
        for group in panel.marks.chunk_by(alike) {
            match &group[0] {
                Mark::Point { look, inside, .. } => {
                    let points = group.iter().filter_map(|mark| match mark {
                        Mark::Point { at, .. } => Some(*at),
                        _ => None,
                    });
                    self.points(points.collect(), *look, *inside, None, (along, &panel.y));
                }
                Mark::Box { .. } => self.boxes(group, (along, &panel.y)),
                Mark::Whisker(..) => self.whiskers(group, (along, &panel.y)),
                Mark::Dots(dots, look) => self.dots(dots, *look, panel, at),
                mark => self.single(mark, (along, &panel.y)),
            }
        }
    }

    fn single(&mut self, mark: &Mark, (x, y): (&Scale, &Scale)) {
        let xs = |points: &[(f64, f64)]| list(points.iter().map(|point| x.in_unit(point.0)));
        let ys = |points: &[(f64, f64)]| list(points.iter().map(|point| y.in_unit(point.1)));
        match mark {
            Mark::Line(points, look) => {
                let (xs, ys) = (xs(points), ys(points));
                self.line(&format!("ax.plot({xs}, {ys}, {})", self.stroke(*look)));
                if look.hollow {
                    let inner = Look { colour: Colour::WHITE, weight: 0.5 * look.weight, hollow: false, ..*look };
                    self.line(&format!("ax.plot({xs}, {ys}, {})", self.stroke(inner)));
                }
            }
            Mark::Band(points, colour) => {
                let x = list(points.iter().map(|point| x.in_unit(point.0)));
                let [low, high] = [|p: &(f64, f64, f64)| p.1, |p: &(f64, f64, f64)| p.2]
                    .map(|end| list(points.iter().map(|point| y.in_unit(end(point)))));
                self.line(&format!("ax.fill_between({x}, {low}, {high}, color=\"{colour}\", alpha=0.2, linewidth=0)"));
            }
            Mark::Border(edges) => {
                let edge = |[from, to]: &[(f64, f64); 2]| {
                    format!("[({}, {}), ({}, {})]", number(from.0), number(from.1), number(to.0), number(to.1))
                };
                let edges: Vec<String> = edges.iter().map(edge).collect();
                let look = format!("colors=\"{}\", linewidths={}", style::VERMILLION, number(0.25 * self.letters));
                self.line(&format!("ax.add_collection(LineCollection([{}], {look}))", edges.join(", ")));
            }
            Mark::Words { y: height, words, colour } => {
                let place = format!("0.99, {}, {}", number(y.in_unit(*height)), text(words));
                let look = "transform=ax.get_yaxis_transform(), ha=\"right\", va=\"center\"";
                self.line(&format!("ax.text({place}, {look}, color=\"{colour}\")"));
            }
            Mark::Upright(at, look) => {
                self.line(&format!("ax.axvline({}, {})", number(x.in_unit(*at)), self.stroke(*look)));
            }
            Mark::Shade(from, to) => {
                let ends = format!("{}, {}", number(x.in_unit(*from)), number(x.in_unit(*to)));
                self.line(&format!("ax.axvspan({ends}, color=\"{}\", alpha=0.08, linewidth=0)", style::INK));
            }
            Mark::Point { .. } | Mark::Dots(..) | Mark::Box { .. } | Mark::Whisker(..) => {}
        }
    }

    /// Points along a curve, of which those are marked that do not touch.
    fn dots(&mut self, dots: &[Dot], look: Look, panel: &Panel, at: usize) {
        let place = &self.layout.panels[at];
        let along = panel.x.as_ref().unwrap_or(&self.figure.x);
        let placed: Vec<_> = dots.iter().map(|dot| (place.x(along, dot.at.0), place.y(&panel.y, dot.at.1))).collect();
        let drawn = apart(dots, &placed, look, self.layout.text);
        for inside in [Inside::Full, Inside::Half, Inside::Nothing] {
            let own: Vec<usize> = (0..dots.len()).filter(|at| dots[*at].inside == inside).collect();
            let marked = own.iter().enumerate().filter(|(_, at)| drawn.contains(at)).map(|(number, _)| number as f64);
            let every = list(marked);
            let points = own.iter().map(|at| dots[*at].at).collect();
            self.points(points, look, inside, Some(&every), (along, &panel.y));
        }
    }

    /// Points of one look; those without an end stand above the panel.
    fn points(
        &mut self,
        points: Vec<(f64, f64)>,
        look: Look,
        inside: Inside,
        every: Option<&str>,
        (x, y): (&Scale, &Scale),
    ) {
        let marker = self.marker(look, inside);
        let (ended, endless): (Vec<_>, Vec<_>) = points.into_iter().partition(|point: &(f64, f64)| point.1.is_finite());
        let whole = endless.is_empty();
        let xs = |points: &[(f64, f64)]| list(points.iter().map(|point| x.in_unit(point.0)));
        if !ended.is_empty() {
            let ys = list(ended.iter().map(|point| y.in_unit(point.1)));
            let every = every.filter(|_| whole).map_or(String::new(), |every| format!(", markevery={every}"));
            self.line(&format!("ax.plot({}, {ys}, linestyle=\"none\", {marker}{every})", xs(&ended)));
        }
        if !endless.is_empty() {
            let more = "transform=ax.get_xaxis_transform(), clip_on=False";
            let count = endless.len();
            self.line(&format!("ax.plot({}, [{STRIP}] * {count}, linestyle=\"none\", {marker}, {more})", xs(&endless)));
        }
    }

    fn boxes(&mut self, group: &[Mark], (x, y): (&Scale, &Scale)) {
        self.line("for left, right, bottom, top, look in [");
        for mark in group {
            if let Mark::Box { x: (left, right), y: (bottom, top), fill, .. } = mark {
                let top = if top.is_finite() { y.in_unit(*top) } else { STRIP * y.limits().1 };
                let sides = [x.in_unit(*left), x.in_unit(*right), y.in_unit(*bottom), top].map(number);
                self.line(&format!("    ({}, dict({})),", sides.join(", "), filled(*fill)));
            }
        }
        self.line("]:\n    ax.add_patch(Rectangle((left, bottom), right - left, top - bottom, **look))");
    }

    fn whiskers(&mut self, group: &[Mark], (x, y): (&Scale, &Scale)) {
        let whiskers: Vec<_> = group
            .iter()
            .filter_map(|mark| match mark {
                Mark::Whisker(at, (low, high), _) => {
                    let high = if high.is_finite() { y.in_unit(*high) } else { y.limits().1 };
                    Some((x.in_unit(*at), y.in_unit(*low), high))
                }
                _ => None,
            })
            .collect();
        let middles = list(whiskers.iter().map(|(_, low, high)| (low + high) / 2.0));
        let halves = list(whiskers.iter().map(|(_, low, high)| (high - low) / 2.0));
        let places = list(whiskers.iter().map(|whisker| whisker.0));
        let look =
            format!("fmt=\"none\", ecolor=\"{}\", elinewidth=0.7, capsize={}", style::INK, number(0.3 * self.letters));
        self.line(&format!("ax.errorbar({places}, {middles}, yerr={halves}, {look})"));
    }

    /// How a line looks.
    pub(super) fn stroke(&self, look: Look) -> String {
        let width = number((self.letters / 7.0).max(0.75) * look.weight * if look.hollow { 2.2 } else { 1.0 });
        let dash = look.dash.map_or(String::new(), |(dash, gap)| format!(", linestyle=(0, ({dash}, {gap}))"));
        format!("color=\"{}\", linewidth={width}{dash}", look.colour)
    }

    /// How a point looks.
    pub(super) fn marker(&self, look: Look, inside: Inside) -> String {
        let shape = match look.shape {
            Shape::Circle => "o",
            Shape::Square => "s",
            Shape::Triangle => "^",
            Shape::Diamond => "D",
            Shape::Wedge => "v",
            Shape::Hexagon => "h",
        };
        let fill = match inside {
            Inside::Full => "",
            Inside::Half => ", fillstyle=\"bottom\", markerfacecoloralt=\"white\"",
            Inside::Nothing => "",
        };
        let ground = if inside == Inside::Nothing { Colour::WHITE } else { look.colour };
        let size = number(0.7 * self.letters * look.weight);
        let colours = format!("markeredgecolor=\"{}\", markerfacecolor=\"{ground}\"", look.colour);
        format!("marker=\"{shape}\", markersize={size}, {colours}{fill}")
    }
}

/// Whether two marks are drawn by one call.
fn alike(one: &Mark, other: &Mark) -> bool {
    match (one, other) {
        (Mark::Point { look, inside, .. }, Mark::Point { look: other, inside: there, .. }) => {
            look == other && inside == there
        }
        (Mark::Box { .. }, Mark::Box { .. }) | (Mark::Whisker(..), Mark::Whisker(..)) => true,
        _ => false,
    }
}

/// What fills a box.
pub(super) fn filled(fill: Fill) -> String {
    let ruled = |tone: Tone| if tone.ruled { ", hatch=\"--\", edgecolor=\"white\"" } else { ", linewidth=0" };
    match fill {
        Fill::Plain(tone) => format!("facecolor=\"{}\"{}", tone.colour, ruled(tone)),
        Fill::Striped(tone) => {
            format!("facecolor=\"{}\", hatch=\"////\", edgecolor=\"{}\", linewidth=0", style::BLANK, tone.colour)
        }
        Fill::Partly(tone) => {
            format!("facecolor=\"{}\", hatch=\"////\", edgecolor=\"white\", linewidth=0", tone.colour)
        }
    }
}
