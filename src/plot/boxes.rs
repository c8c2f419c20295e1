//! The embedded font with a box for each character that it lacks: the character's number in hexadecimal digits, in a frame.
//!
//! Pixels are drawn by a library that leaves out what its fonts lack. So it is given a font that lacks nothing: the tables of
//! the embedded one, with more glyphs at the end of `glyf`, and a `cmap` that leads to them.
//! Formats: OpenType 1.9.1, chapters "Font file", "cmap" (format 12) and "glyf".

use std::collections::{BTreeMap, BTreeSet};

use ttf_parser::{Face, GlyphId, OutlineBuilder};

use super::font;

/// A font that has a glyph for each of some characters.
pub(super) struct Boxed {
    /// As a file.
    pub bytes: Vec<u8>,
    /// The first glyph that is a box.
    first: u16,
    /// What the boxes stand for, one after the other.
    letters: Vec<char>,
}

impl Boxed {
    /// The embedded font with boxes for those characters of `text` that it lacks; none if it lacks none, or has no room.
    pub(super) fn of(text: &str) -> Option<Boxed> {
        let face = font::face()?;
        let others: BTreeSet<char> = text.chars().filter(|letter| !letter.is_ascii()).collect();
        let mut letters: Vec<char> =
            others.into_iter().filter(|letter| face.glyph_index(*letter).is_none() && !letter.is_control()).collect();
        // Glyphs are counted in 16 bits.
        letters.truncate(usize::from(u16::MAX - face.number_of_glyphs()) / 2);
        if letters.is_empty() {
            return None;
        }
        let bytes = file(face, &letters)?;
        Some(Boxed { bytes, first: face.number_of_glyphs(), letters })
    }

    /// The character that a glyph is the box of.
    pub(super) fn letter(&self, glyph: u32) -> Option<char> {
        let at = glyph.checked_sub(u32::from(self.first))?;
        self.letters.get(at as usize).copied()
    }
}

/// The embedded font's tables, those changed that tell of glyphs.
fn file(face: &Face, letters: &[char]) -> Option<Vec<u8>> {
    let raw = face.raw_face();
    let count = face.number_of_glyphs() + letters.len() as u16;
    let mut tables: BTreeMap<[u8; 4], Vec<u8>> = BTreeMap::new();
    for record in raw.table_records {
        tables.insert(record.tag.to_bytes(), raw.table(record.tag)?.to_vec());
    }
    let (mut glyf, mut loca) = (tables.remove(b"glyf")?, Vec::new());
    let long = tables.get(b"head")?.get(51) == Some(&1);
    let old = tables.get(b"loca")?;
    for at in 0..=usize::from(face.number_of_glyphs()) {
        loca.extend(match long {
            true => u32::from_be_bytes(*old.get(4 * at..)?.first_chunk()?).to_be_bytes(),
            false => (2 * u32::from(u16::from_be_bytes(*old.get(2 * at..)?.first_chunk()?))).to_be_bytes(),
        });
    }
    let mut hmtx = Vec::new();
    for glyph in (0..face.number_of_glyphs()).map(GlyphId) {
        hmtx.extend(face.glyph_hor_advance(glyph).unwrap_or(0).to_be_bytes());
        hmtx.extend(face.glyph_hor_side_bearing(glyph).unwrap_or(0).to_be_bytes());
    }
    for letter in letters {
        let advance = (font::width_of_lacking(*letter) * f64::from(face.units_per_em())).round() as u16;
        let outline = framed(face, *letter, f64::from(advance));
        hmtx.extend(advance.to_be_bytes());
        hmtx.extend(outline.left().to_be_bytes());
        outline.write(&mut glyf);
        loca.extend((glyf.len() as u32).to_be_bytes());
    }
    // Offsets of 32 bits, the number of glyphs, and as many widths.
    tables.get_mut(b"head")?.get_mut(50..52)?.copy_from_slice(&1_u16.to_be_bytes());
    tables.get_mut(b"maxp")?.get_mut(4..6)?.copy_from_slice(&count.to_be_bytes());
    tables.get_mut(b"hhea")?.get_mut(34..36)?.copy_from_slice(&count.to_be_bytes());
    tables.extend([(*b"glyf", glyf), (*b"loca", loca), (*b"hmtx", hmtx), (*b"cmap", cmap(face, letters)?)]);
    Some(packed(&tables))
}

/// Every character and its glyph, as format 12.
fn cmap(face: &Face, letters: &[char]) -> Option<Vec<u8>> {
    let mut glyphs: BTreeMap<u32, u32> = BTreeMap::new();
    for subtable in face.tables().cmap?.subtables.into_iter().filter(ttf_parser::cmap::Subtable::is_unicode) {
        subtable.codepoints(|number| {
            if let Some(glyph) = subtable.glyph_index(number) {
                glyphs.insert(number, u32::from(glyph.0));
            }
        });
    }
    let boxes = letters.iter().zip(u32::from(face.number_of_glyphs())..);
    glyphs.extend(boxes.map(|(letter, glyph)| (u32::from(*letter), glyph)));
    // One subtable: Windows, all of Unicode.
    let mut cmap: Vec<u8> = [0_u16, 1, 3, 10, 0, 12, 12, 0].iter().flat_map(|word| word.to_be_bytes()).collect();
    let groups = glyphs.len() as u32;
    cmap.extend([16 + 12 * groups, 0, groups].iter().flat_map(|word| word.to_be_bytes()));
    cmap.extend(glyphs.iter().flat_map(|(number, glyph)| [*number, *number, *glyph]).flat_map(u32::to_be_bytes));
    Some(cmap)
}

/// Tables as a font file. Readers of pixels ask for no checksums.
fn packed(tables: &BTreeMap<[u8; 4], Vec<u8>>) -> Vec<u8> {
    let count = tables.len() as u16;
    let mut file = 0x0001_0000_u32.to_be_bytes().to_vec();
    file.extend([count, 0, 0, 0].iter().flat_map(|word| word.to_be_bytes()));
    let mut at = 12 + 16 * u32::from(count);
    for (tag, table) in tables {
        file.extend(tag);
        file.extend([0, at, table.len() as u32].iter().flat_map(|word: &u32| word.to_be_bytes()));
        at += (table.len() as u32).next_multiple_of(4);
    }
    for table in tables.values() {
        file.extend(table);
        file.resize(file.len().next_multiple_of(4), 0);
    }
    file
}

/// A frame of the font's height, with two lines of digits in it.
fn framed(face: &Face, letter: char, advance: f64) -> Outline {
    let em = f64::from(face.units_per_em());
    let (stroke, low, high) = (0.04 * em, -0.15 * em, 0.8 * em);
    let (left, right) = (0.06 * em, advance - 0.06 * em);
    let mut outline = Outline::default();
    outline.rectangle([left, low, right, high], false);
    outline.rectangle([left + stroke, low + stroke, right - stroke, high - stroke], true);
    let number = u32::from(letter);
    let digits = if number > 0xffff { format!("{number:06X}") } else { format!("{number:04X}") };
    let columns = digits.len() / 2;
    let (width, height) = ((right - left - 3.0 * stroke) / columns as f64, (high - low - 3.0 * stroke) / 2.0);
    for (at, digit) in digits.chars().enumerate() {
        let Some(glyph) = face.glyph_index(digit) else { continue };
        let wide = f64::from(face.glyph_hor_advance(glyph).unwrap_or(0)).max(1.0);
        // Digits are 0.73 em high.
        let scale = (width / wide, 0.86 * height / (0.73 * em));
        let (column, line) = ((at % columns) as f64, (at / columns) as f64);
        let corner = (left + 1.5 * stroke + column * width, high - 1.5 * stroke - (line + 0.93) * height);
        face.outline_glyph(glyph, &mut Placed { to: &mut outline, scale, corner });
    }
    outline
}

/// Contours of points in the font's units; the flag is 1 for a point on the curve and 0 for one that pulls it.
#[derive(Default)]
struct Outline {
    contours: Vec<Vec<(i16, i16, u8)>>,
}

impl Outline {
    fn rectangle(&mut self, [left, low, right, high]: [f64; 4], hole: bool) {
        let mut corners = [(left, low), (left, high), (right, high), (right, low)];
        if hole {
            corners.reverse();
        }
        self.contours.push(corners.map(|(x, y)| (x.round() as i16, y.round() as i16, 1)).to_vec());
    }

    fn points(&self) -> impl Iterator<Item = &(i16, i16, u8)> + Clone {
        self.contours.iter().flatten()
    }

    fn left(&self) -> i16 {
        self.points().map(|point| point.0).min().unwrap_or(0)
    }

    /// As a simple glyph, with differences of 16 bits.
    fn write(&self, glyf: &mut Vec<u8>) {
        let (x, y) = (|| self.points().map(|point| point.0), || self.points().map(|point| point.1));
        let edges = [x().min(), y().min(), x().max(), y().max()].map(Option::unwrap_or_default);
        let mut end = -1;
        let ends = self.contours.iter().map(|contour| {
            end += contour.len() as i16;
            end
        });
        let head = std::iter::once(self.contours.len() as i16).chain(edges).chain(ends);
        // No instructions follow.
        glyf.extend(head.chain([0]).flat_map(i16::to_be_bytes));
        glyf.extend(self.points().map(|point| point.2));
        for along in [x().collect::<Vec<_>>(), y().collect()] {
            let before = std::iter::once(0).chain(along.iter().copied());
            glyf.extend(along.iter().zip(before).flat_map(|(value, before)| (value - before).to_be_bytes()));
        }
        glyf.resize(glyf.len().next_multiple_of(4), 0);
    }
}

/// A digit on its way into its place.
struct Placed<'a> {
    to: &'a mut Outline,
    scale: (f64, f64),
    corner: (f64, f64),
}

impl Placed<'_> {
    fn push(&mut self, x: f32, y: f32, on_curve: u8) {
        let along = |corner: f64, scale: f64, value: f32| (corner + scale * f64::from(value)).round() as i16;
        let point = (along(self.corner.0, self.scale.0, x), along(self.corner.1, self.scale.1, y), on_curve);
        if let Some(contour) = self.to.contours.last_mut() {
            contour.push(point);
        }
    }
}

impl OutlineBuilder for Placed<'_> {
    fn move_to(&mut self, x: f32, y: f32) {
        self.to.contours.push(Vec::new());
        self.push(x, y, 1);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.push(x, y, 1);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.push(x1, y1, 0);
        self.push(x, y, 1);
    }

    /// Fonts with `glyf` have none.
    fn curve_to(&mut self, _: f32, _: f32, _: f32, _: f32, x: f32, y: f32) {
        self.push(x, y, 1);
    }

    fn close(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_font_has_a_box_for_what_it_lacked_and_is_as_it_was_else() {
        assert!(Boxed::of("web-01 µ").is_none());
        let boxed = Boxed::of("a虚🐧虚").unwrap();
        let (with, without) = (Face::parse(&boxed.bytes, 0).unwrap(), font::face().unwrap());
        for letter in ('!'..='~').chain("·–×≤≥µ…".chars()) {
            let glyph = without.glyph_index(letter);
            assert!(glyph.is_some() && with.glyph_index(letter) == glyph, "{letter}");
            assert_eq!(with.glyph_hor_advance(glyph.unwrap()), without.glyph_hor_advance(glyph.unwrap()));
            assert_eq!(with.glyph_bounding_box(glyph.unwrap()), without.glyph_bounding_box(glyph.unwrap()));
        }
        for letter in ['虚', '🐧'] {
            let glyph = with.glyph_index(letter).unwrap();
            assert_eq!(boxed.letter(u32::from(glyph.0)), Some(letter));
            let edges = with.glyph_bounding_box(glyph).unwrap();
            let advance = with.glyph_hor_advance(glyph).unwrap();
            assert_eq!(f64::from(advance), font::width(&letter.to_string(), f64::from(with.units_per_em())));
            assert!(edges.x_min > 0 && edges.x_max < advance as i16 && edges.y_max > 1000, "{edges:?}");
        }
        assert_eq!(boxed.letter(3), None);
    }
}
