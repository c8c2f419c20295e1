//! What is drawn on the page, as operators of a PDF.

use std::collections::{BTreeMap, BTreeSet};

use pdf_writer::types::{LineCapStyle, LineJoinStyle};
use pdf_writer::{Content, Name, Str};
use resvg::tiny_skia::{PathSegment, Point, Transform};
use resvg::usvg;
use resvg::usvg::layout::PositionedGlyph;
use ttf_parser::{Face, GlyphId};

use super::{LETTERS, POINT};

/// A page that was drawn.
pub(super) struct Drawn {
    /// Its operators.
    pub operators: Vec<u8>,
    /// Opacities that it uses [1/1000].
    pub opacities: BTreeSet<u16>,
    /// Glyphs that it uses, and the texts that they stand for.
    pub glyphs: BTreeMap<u16, String>,
}

/// The name of an opacity in the page.
pub(super) fn opacity(thousandths: u16) -> Vec<u8> {
    format!("O{thousandths}").into_bytes()
}

/// Half of the seam that renderers leave between boxes that touch [pt].
const SEAM: f32 = 0.06;

impl Drawn {
    /// Draws a picture on a page of that height [pt].
    pub(super) fn of(tree: &usvg::Tree, face: &Face, height: f32) -> Drawn {
        let mut page = Page {
            content: Content::new(),
            face,
            // From px, counted from above, to points, counted from below.
            placed: Transform::from_row(POINT, 0.0, 0.0, -POINT, 0.0, height),
            opacities: BTreeSet::new(),
            glyphs: BTreeMap::new(),
        };
        page.content.set_line_cap(LineCapStyle::ButtCap).set_line_join(LineJoinStyle::MiterJoin).set_miter_limit(4.0);
        page.group(tree.root(), 1.0);
        Drawn { operators: page.content.finish().into_vec(), opacities: page.opacities, glyphs: page.glyphs }
    }
}

struct Page<'a> {
    content: Content,
    face: &'a Face<'a>,
    placed: Transform,
    opacities: BTreeSet<u16>,
    glyphs: BTreeMap<u16, String>,
}

impl Page<'_> {
    /// Draws a group, of which `opacity` is seen. A group that is not opaque has one mark.
    fn group(&mut self, group: &usvg::Group, opacity: f32) {
        let opacity = opacity * group.opacity().get();
        for node in group.children() {
            match node {
                usvg::Node::Group(group) => self.group(group, opacity),
                usvg::Node::Path(path) if path.is_visible() => self.path(path, opacity),
                usvg::Node::Text(text) => self.text(text, opacity),
                // Pictures have none.
                usvg::Node::Path(_) | usvg::Node::Image(_) => {}
            }
        }
    }

    fn path(&mut self, path: &usvg::Path, opacity: f32) {
        let placed = self.placed.pre_concat(path.abs_transform());
        if let Some(fill) = path.fill()
            && let Some(colour) = colour(fill.paint())
            && self.see(opacity * fill.opacity().get())
        {
            self.content.set_fill_rgb(colour[0], colour[1], colour[2]);
            self.outline(path, placed);
            // Cells of a map touch.
            if path.rendering_mode() == usvg::ShapeRendering::CrispEdges
                && opacity == 1.0
                && fill.opacity().get() == 1.0
            {
                self.content.set_stroke_rgb(colour[0], colour[1], colour[2]).set_line_width(2.0 * SEAM);
                self.content.fill_nonzero_and_stroke();
            } else {
                self.content.fill_nonzero();
            }
        }
        if let Some(stroke) = path.stroke()
            && let Some(colour) = colour(stroke.paint())
            && self.see(opacity * stroke.opacity().get())
        {
            let width = stroke.width().get() * placed.get_scale().0;
            self.content.set_stroke_rgb(colour[0], colour[1], colour[2]).set_line_width(short(width));
            self.outline(path, placed);
            self.content.stroke();
        }
    }

    fn outline(&mut self, path: &usvg::Path, placed: Transform) {
        let at = |mut point: Point| {
            placed.map_point(&mut point);
            (short(point.x), short(point.y))
        };
        let mut from = Point::zero();
        for segment in path.data().segments() {
            match segment {
                PathSegment::MoveTo(to) => {
                    let (x, y) = at(to);
                    self.content.move_to(x, y);
                    from = to;
                }
                PathSegment::LineTo(to) => {
                    let (x, y) = at(to);
                    self.content.line_to(x, y);
                    from = to;
                }
                PathSegment::QuadTo(bend, to) => {
                    // The same curve with two bends.
                    let towards = |end: Point| {
                        Point::from_xy(end.x + (bend.x - end.x) * 2.0 / 3.0, end.y + (bend.y - end.y) * 2.0 / 3.0)
                    };
                    let ((x1, y1), (x2, y2), (x, y)) = (at(towards(from)), at(towards(to)), at(to));
                    self.content.cubic_to(x1, y1, x2, y2, x, y);
                    from = to;
                }
                PathSegment::CubicTo(one, two, to) => {
                    let ((x1, y1), (x2, y2), (x, y)) = (at(one), at(two), at(to));
                    self.content.cubic_to(x1, y1, x2, y2, x, y);
                    from = to;
                }
                PathSegment::Close => {
                    self.content.close_path();
                }
            }
        }
    }

    fn text(&mut self, text: &usvg::Text, opacity: f32) {
        let placed = self.placed.pre_concat(text.abs_transform());
        for span in text.layouted() {
            let Some(fill) = &span.fill else { continue };
            let Some(colour) = colour(fill.paint()) else { continue };
            if !self.see(opacity * fill.opacity().get()) {
                continue;
            }
            self.content.set_fill_rgb(colour[0], colour[1], colour[2]).begin_text().set_font(LETTERS, 1.0);
            self.letters(&span.positioned_glyphs, placed);
            self.content.end_text();
        }
    }

    /// Letters in one line, moved where kerning moves them; a mark above the line begins another.
    fn letters(&mut self, glyphs: &[PositionedGlyph], placed: Transform) {
        let mut rest = glyphs;
        while let Some(first) = rest.first() {
            let start = self.matrix(first, placed);
            let Some(back) = start.invert() else { return };
            let place = |glyph: &PositionedGlyph| {
                let mut at = Point::zero();
                back.pre_concat(self.matrix(glyph, placed)).map_point(&mut at);
                at
            };
            let count = rest.iter().take_while(|glyph| place(glyph).y.abs() < 1e-3).count().max(1);
            let (line, others) = rest.split_at(count);
            let places: Vec<f32> = line.iter().map(|glyph| place(glyph).x).collect();
            rest = others;
            let Transform { sx, ky, kx, sy, tx, ty } = start;
            self.content.set_text_matrix([sx, ky, kx, sy, tx, ty].map(short));
            let (mut end, mut shown) = (0.0, Vec::new());
            let mut pieces = self.content.show_positioned();
            let mut items = pieces.items();
            for (glyph, x) in line.iter().zip(places) {
                // In thousandths of the size, to the left.
                let moved = ((end - x) * 1000.0).round();
                if moved != 0.0 {
                    items.show(Str(&std::mem::take(&mut shown)));
                    items.adjust(moved);
                    end -= moved / 1000.0;
                }
                let id = glyph.id.0 as u16;
                shown.extend(id.to_be_bytes());
                let advance = self.face.glyph_hor_advance(GlyphId(id)).unwrap_or(0);
                end += (f32::from(advance) * 1000.0 / f32::from(self.face.units_per_em())).round() / 1000.0;
                self.glyphs.entry(id).or_insert_with(|| glyph.text.clone());
            }
            items.show(Str(&shown));
        }
    }

    /// From the unit of the letters' size to the page.
    fn matrix(&self, glyph: &PositionedGlyph, placed: Transform) -> Transform {
        let em = f32::from(self.face.units_per_em());
        placed.pre_concat(glyph.outline_transform()).pre_scale(em, em)
    }

    /// Lets what follows be seen so far; whether it is seen at all.
    fn see(&mut self, part: f32) -> bool {
        let thousandths = (part * 1000.0).round() as u16;
        if thousandths > 0 {
            self.opacities.insert(thousandths);
            self.content.set_parameters(Name(&opacity(thousandths)));
        }
        thousandths > 0
    }
}

/// Red, green and blue; pictures have plain colours alone.
fn colour(paint: &usvg::Paint) -> Option<[f32; 3]> {
    match paint {
        usvg::Paint::Color(colour) => {
            Some([colour.red, colour.green, colour.blue].map(|part| short(f32::from(part) / 255.0)))
        }
        _ => None,
    }
}

/// With as many digits as a print shows.
fn short(number: f32) -> f32 {
    (number * 1000.0).round() / 1000.0
}
