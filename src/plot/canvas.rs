//! Marks of a figure, drawn on a page measured in px.

use super::figure::{Fill, Inside, Look, Shape, Tone};
use super::size::Size;
use super::style::{self, Colour, Paint};
pub(super) use super::svg::Anchor;
use super::svg::{At, Svg};

/// A page to draw on. Places and lengths are in px from its upper left corner.
pub(super) struct Canvas {
    svg: Svg,
    text: f64,
    /// Of marks that lie together one path each is made, and nothing can be pointed at.
    dense: bool,
}

/// A piece of text, before it is placed.
#[derive(Clone, Copy)]
pub(super) struct Words<'a> {
    pub text: &'a str,
    pub size: f64,
    pub colour: Colour,
    pub anchor: Anchor,
    /// From bottom to top.
    pub upright: bool,
}

impl<'a> Words<'a> {
    pub(super) fn new(text: &'a str, size: f64) -> Words<'a> {
        Words { text, size, colour: style::INK, anchor: Anchor::Start, upright: false }
    }

    pub(super) fn soft(self) -> Words<'a> {
        Words { colour: style::SOFT_INK, ..self }
    }

    pub(super) fn centred(self) -> Words<'a> {
        Words { anchor: Anchor::Middle, ..self }
    }

    pub(super) fn right(self) -> Words<'a> {
        Words { anchor: Anchor::End, ..self }
    }
}

impl Canvas {
    /// A fresh page.
    pub(super) fn new(size: Size) -> Canvas {
        Canvas { svg: Svg::new(size.width, size.height), text: size.text, dense: false }
    }

    /// A fresh page for very many marks.
    pub(super) fn dense(size: Size) -> Canvas {
        Canvas { dense: true, ..Canvas::new(size) }
    }

    /// Whether it is for very many marks.
    pub(super) fn is_dense(&self) -> bool {
        self.dense
    }

    /// Boxes of one colour as one path.
    pub(super) fn cells(&mut self, boxes: &[(At, At)], colour: Colour) {
        self.svg.cells(boxes, colour);
    }

    /// The picture as markup that is yet to go through [`xml::document`](crate::sink::xml::document).
    pub(super) fn end(self) -> String {
        self.svg.end()
    }

    /// Width of the usual line [px].
    pub(super) fn stroke(&self) -> f64 {
        (self.text / 7.0).max(1.0)
    }

    /// Writes words, the middle of their height at `at`.
    pub(super) fn write(&mut self, words: Words, at: At) {
        if !words.text.is_empty() {
            self.svg.text(words.text, at, words.size, words.colour, words.anchor, words.upright);
        }
    }

    /// A line of `width` usual widths.
    pub(super) fn line(&mut self, points: &[At], paint: Paint, width: f64) {
        self.svg.line(points, paint, self.stroke() * width);
    }

    /// A curve, with dashes where it has them.
    pub(super) fn curve(&mut self, points: &[At], look: Look) {
        let width = self.stroke() * look.weight;
        let pieces = match look.dash {
            Some((dash, gap)) => dashes(points, dash * width, gap * width),
            None => vec![points.to_vec()],
        };
        let lines: &[(Colour, f64)] = match look.hollow {
            true => &[(look.colour, 2.2), (Colour::WHITE, 0.9)],
            false => &[(look.colour, 1.0)],
        };
        for (colour, width) in lines {
            for piece in &pieces {
                self.line(piece, (*colour).into(), width * look.weight);
            }
        }
    }

    /// A filled outline.
    pub(super) fn area(&mut self, points: &[At], paint: Paint) {
        self.svg.area(points, paint);
    }

    /// A filled box.
    pub(super) fn fill(&mut self, from: At, to: At, paint: Paint) {
        self.svg.rectangle(from, to, paint);
    }

    /// The outline of a box.
    pub(super) fn frame(&mut self, from: At, to: At, colour: Colour) {
        let corners = [from, (to.0, from.1), to, (from.0, to.1), from];
        self.line(&corners, colour.into(), 0.5)
    }

    /// A box as it is filled, the upper left corner first.
    pub(super) fn filled(&mut self, from: At, to: At, fill: Fill) {
        match fill {
            Fill::Plain(tone) => self.ruled(from, to, tone, tone.colour, Colour::WHITE),
            Fill::Striped(tone) => {
                self.ruled(from, to, tone, style::BLANK, tone.colour);
                self.striped(from, to, tone.colour)
            }
            Fill::Partly(tone) => {
                self.ruled(from, to, tone, tone.colour, Colour::WHITE);
                self.striped(from, to, Colour::WHITE)
            }
        }
    }

    /// A ground, with level lines where the tone has them.
    fn ruled(&mut self, from: At, to: At, tone: Tone, ground: Colour, rule: Colour) {
        self.fill(from, to, ground.into());
        if tone.ruled {
            // At the same heights in every box, counted from the foot, as bars stand beside each other.
            let distance = self.text * 0.4;
            let mut y = to.1 - 0.5 * distance;
            while y > from.1 {
                self.line(&[(from.0, y), (to.0, y)], rule.into(), 0.7);
                y -= distance;
            }
        }
    }

    fn striped(&mut self, from: At, to: At, stripe: Colour) {
        for (start, end) in stripes(from, to, self.text * 0.55) {
            self.line(&[start, end], stripe.into(), 0.5);
        }
    }

    /// A point of the given look.
    pub(super) fn point(&mut self, (x, y): At, look: Look, inside: Inside) {
        if self.dense {
            let filled = inside != Inside::Nothing;
            let radius = point_width(look, self.text) / 2.0;
            let corners = outline(look.shape);
            // Of so small a circle eight corners are seen.
            let step = if corners.len() > 8 { 2 } else { 1 };
            let corners: Vec<At> =
                corners.into_iter().step_by(step).map(|(dx, dy)| (radius * dx, radius * dy)).collect();
            return self.svg.speck((x, y), &corners, look.colour, filled);
        }
        let radius = point_width(look, self.text) / 2.0;
        let corners = outline(look.shape).into_iter().map(|(dx, dy)| (x + radius * dx, y + radius * dy));
        let mut corners: Vec<At> = corners.collect();
        let ground = if inside == Inside::Full { look.colour } else { Colour::WHITE };
        self.area(&corners, ground.into());
        if inside == Inside::Half {
            self.area(&below(&corners, y), look.colour.into());
        }
        corners.push(corners[0]);
        corners.push(corners[1]);
        self.line(&corners, look.colour.into(), 0.7)
    }

    /// Makes a place say something when it is pointed at.
    pub(super) fn spot(&mut self, from: At, to: At, says: &str) {
        if !self.dense {
            self.svg.spot(from, to, says);
        }
    }
}

/// How wide a point of the given look is beside letters of that size, in their unit.
pub(super) fn point_width(look: Look, text: f64) -> f64 {
    2.0 * 0.36 * text * look.weight
}

/// Corners of a shape around 0, in radii.
fn outline(shape: Shape) -> Vec<At> {
    match shape {
        Shape::Circle => (0..16).map(|n| turn(f64::from(n) / 16.0, 1.0)).collect(),
        Shape::Square => vec![(-0.88, -0.88), (0.88, -0.88), (0.88, 0.88), (-0.88, 0.88)],
        Shape::Triangle => vec![(0.0, -1.2), (1.1, 0.85), (-1.1, 0.85)],
        Shape::Wedge => vec![(0.0, 1.2), (1.1, -0.85), (-1.1, -0.85)],
        Shape::Diamond => vec![(0.0, -1.3), (1.1, 0.0), (0.0, 1.3), (-1.1, 0.0)],
        Shape::Hexagon => (0..6).map(|n| turn(f64::from(n) / 6.0, 1.15)).collect(),
    }
}

fn turn(share: f64, radius: f64) -> At {
    let angle = share * std::f64::consts::TAU;
    (radius * libm::sin(angle), -radius * libm::cos(angle))
}

/// The part of an outline below a height, which lies lower on the page.
fn below(corners: &[At], height: f64) -> Vec<At> {
    let mut part = Vec::new();
    for (at, &(x, y)) in corners.iter().enumerate() {
        let (next_x, next_y) = corners[(at + 1) % corners.len()];
        if y >= height {
            part.push((x, y));
        }
        if (y - height) * (next_y - height) < 0.0 {
            part.push((x + (next_x - x) * (height - y) / (next_y - y), height));
        }
    }
    part
}

/// The pieces of a curve that are drawn where it is dashed.
fn dashes(points: &[At], dash: f64, gap: f64) -> Vec<Vec<At>> {
    let (mut pieces, mut piece) = (Vec::new(), Vec::new());
    let (mut left, mut drawn) = (dash, true);
    for pair in points.windows(2) {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        let length = libm::hypot(x1 - x0, y1 - y0);
        let mut done = 0.0;
        if drawn && piece.is_empty() {
            piece.push((x0, y0));
        }
        while length - done > left {
            done += left;
            let at = (x0 + (x1 - x0) * done / length, y0 + (y1 - y0) * done / length);
            piece.push(at);
            if drawn {
                pieces.push(std::mem::take(&mut piece));
            }
            drawn = !drawn;
            left = if drawn { dash } else { gap };
        }
        left -= length - done;
        if drawn {
            piece.push((x1, y1));
        }
    }
    if drawn && piece.len() > 1 {
        pieces.push(piece);
    }
    pieces
}

/// Slanted lines that fill a box: pieces of lines over the whole page, so that they go on in the box beside it.
fn stripes((left, top): At, (right, bottom): At, distance: f64) -> Vec<(At, At)> {
    let first = ((left + top) / distance).floor() as i64 + 1;
    let last = ((right + bottom) / distance).ceil() as i64 - 1;
    (first..=last)
        .map(|n| n as f64 * distance)
        .map(|sum| ((left.max(sum - bottom), bottom.min(sum - left)), (right.min(sum - top), top.max(sum - right))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_follow_a_curve_around_its_corners() {
        let pieces = dashes(&[(0.0, 0.0), (10.0, 0.0), (10.0, 5.0)], 4.0, 3.0);
        assert_eq!(
            pieces,
            [vec![(0.0, 0.0), (4.0, 0.0)], vec![(7.0, 0.0), (10.0, 0.0), (10.0, 1.0)], vec![(10.0, 4.0), (10.0, 5.0)]]
        );
    }

    #[test]
    fn the_lower_half_of_a_shape_ends_at_its_middle() {
        let square = [(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0)];
        assert_eq!(below(&square, 1.0), [(4.0, 1.0), (4.0, 4.0), (0.0, 4.0), (0.0, 1.0)]);
        for shape in [Shape::Circle, Shape::Square, Shape::Triangle, Shape::Diamond, Shape::Wedge, Shape::Hexagon] {
            let half = below(&outline(shape), 0.0);
            assert!(half.len() >= 3 && half.iter().all(|corner| corner.1 >= 0.0), "{shape:?}: {half:?}");
        }
    }

    #[test]
    fn stripes_stay_in_their_box() {
        let lines = stripes((10.0, 20.0), (30.0, 25.0), 2.0);
        assert!(lines.len() > 10);
        for (x, y) in lines.into_iter().flat_map(|(start, end)| [start, end]) {
            assert!((10.0..=30.0).contains(&x) && (20.0..=25.0).contains(&y), "{x} {y}");
        }
    }

    #[test]
    fn stripes_go_on_from_box_to_box() {
        let whole = stripes((10.0, 20.0), (30.0, 25.0), 3.0);
        let (left, right) = (stripes((10.0, 20.0), (17.0, 25.0), 3.0), stripes((17.0, 20.0), (30.0, 25.0), 3.0));
        for (start, end) in whole {
            let across = start.0 < 17.0 && end.0 > 17.0;
            let at = (17.0, start.1 + start.0 - 17.0);
            let pieces = if across { vec![(start, at), (at, end)] } else { vec![(start, end)] };
            assert!(pieces.iter().all(|piece| left.contains(piece) || right.contains(piece)), "{pieces:?}");
        }
    }
}
