//! The file of a picture: a white page, marks on it, and places that say something when they are pointed at.

use std::fmt::Write as _;

use super::style::{Colour, FONT, Paint};
use crate::sink::xml;

/// Units of the file in a px: places are whole numbers of them, so that files are short and the same on every machine.
const FINE: f64 = 4.0;

/// A place, from the upper left corner [px].
pub(super) type At = (f64, f64);

/// A picture that is being drawn. Places and lengths are in px.
pub(super) struct Svg {
    head: String,
    marks: String,
    spots: String,
}

/// Which part of a text stands at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

fn fine(length: f64) -> i64 {
    (length * FINE).round() as i64
}

fn points(points: &[At]) -> String {
    points.iter().fold(String::new(), |text, (x, y)| text + &format!("{},{} ", fine(*x), fine(*y)))
}

/// Left, top, width and height, as a rectangle has them.
fn sides(from: At, to: At) -> String {
    let ((x1, y1), (x2, y2)) = ((fine(from.0), fine(from.1)), (fine(to.0), fine(to.1)));
    format!(r#"x="{}" y="{}" width="{}" height="{}""#, x1.min(x2), y1.min(y2), x1.abs_diff(x2), y1.abs_diff(y2))
}

impl Svg {
    /// A white page.
    pub(super) fn new(width: f64, height: f64) -> Svg {
        let head = format!(
            "<svg width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {} {}\" xmlns=\"http://www.w3.org/2000/svg\">\n\
             <style>rect {{ shape-rendering: crispEdges }}</style>\n",
            fine(width),
            fine(height)
        );
        let mut page = Svg { head, marks: String::new(), spots: String::new() };
        page.rectangle((0.0, 0.0), (width, height), Colour::WHITE.into());
        page
    }

    /// The file, which is yet to go through [`xml::document`]. Places to point at lie above all marks.
    pub(super) fn end(self) -> String {
        self.head + &self.marks + &self.spots + "</svg>\n"
    }

    /// A line of that width, at least as wide as can be drawn.
    pub(super) fn line(&mut self, at: &[At], paint: Paint, width: f64) {
        let (Paint { colour, opacity }, width) = (paint, fine(width).max(1));
        let at = points(at);
        // Writing to a String cannot fail.
        let _ = writeln!(
            self.marks,
            r#"<polyline fill="none" opacity="{opacity}" stroke="{colour}" stroke-width="{width}" points="{at}"/>"#
        );
    }

    /// A filled outline.
    pub(super) fn area(&mut self, outline: &[At], Paint { colour, opacity }: Paint) {
        let outline = points(outline);
        let _ = writeln!(self.marks, r#"<polygon opacity="{opacity}" fill="{colour}" points="{outline}"/>"#);
    }

    /// A filled box.
    pub(super) fn rectangle(&mut self, from: At, to: At, Paint { colour, opacity }: Paint) {
        let sides = sides(from, to);
        let _ = writeln!(self.marks, r#"<rect {sides} opacity="{opacity}" fill="{colour}" stroke="none"/>"#);
    }

    /// Boxes of one colour as one path.
    pub(super) fn cells(&mut self, boxes: &[(At, At)], colour: Colour) {
        let mut path = String::new();
        for (from, to) in boxes {
            let (left, top, right, bottom) = (fine(from.0), fine(from.1), fine(to.0), fine(to.1));
            let _ = write!(path, "M{left},{top}H{right}V{bottom}H{left}");
        }
        let _ = writeln!(self.marks, r#"<path fill="{colour}" shape-rendering="crispEdges" d="{path}"/>"#);
    }

    /// A small filled shape, or its outline, around a place; one path with those before it that look alike.
    pub(super) fn speck(&mut self, at: At, corners: &[At], colour: Colour, filled: bool) {
        let look = match filled {
            true => format!(r#"<path fill="{colour}" d=""#),
            false => format!(r#"<path fill="none" stroke="{colour}" stroke-width="3" d=""#),
        };
        let same = self.marks.rfind("<path ").is_some_and(|last| self.marks[last..].starts_with(&look));
        let end = "\"/>\n";
        match same && self.marks.ends_with(end) {
            true => self.marks.truncate(self.marks.len() - end.len()),
            false => self.marks.push_str(&look),
        }
        let place = |corner: &At| (fine(at.0 + corner.0), fine(at.1 + corner.1));
        let mut from = corners.first().map_or((0, 0), place);
        let _ = write!(self.marks, "M{},{}l", from.0, from.1);
        for to in corners.iter().skip(1).map(place) {
            let _ = write!(self.marks, "{},{} ", to.0 - from.0, to.1 - from.1);
            from = to;
        }
        self.marks.push('z');
        self.marks.push_str(end);
    }

    /// A text, the middle of its height at its place; `upright` from bottom to top.
    pub(super) fn text(&mut self, text: &str, (x, y): At, size: f64, colour: Colour, anchor: Anchor, upright: bool) {
        let (x, y, size, text) = (fine(x), fine(y), size * FINE, xml::text(text));
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let turned = if upright { format!(r#" transform="rotate(270, {x}, {y})""#) } else { String::new() };
        let _ = writeln!(
            self.marks,
            "<text x=\"{x}\" y=\"{y}\" dy=\"0.5ex\" text-anchor=\"{anchor}\" font-family=\"{FONT}\" font-size=\"{size}\" \
             opacity=\"1\" fill=\"{colour}\"{turned}>\n{text}\n</text>"
        );
    }

    /// Makes a place say something when it is pointed at.
    pub(super) fn spot(&mut self, from: At, to: At, says: &str) {
        let (sides, says) = (sides(from, to), xml::text(says));
        let _ = writeln!(self.spots, r#"<rect class="spot" {sides} fill-opacity="0"><title>{says}</title></rect>"#);
    }
}
