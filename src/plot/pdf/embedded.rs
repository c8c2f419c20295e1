//! The font within a PDF: its file, the widths of its glyphs, and the characters that they stand for.

use std::collections::BTreeMap;

use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Filter, Finish, Name, Pdf, Rect, Ref, Str};
use ttf_parser::{Face, GlyphId};

use super::deflated;

/// Glyphs go by their numbers in the font.
const NUMBERS: SystemInfo = SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };
/// Six letters before the name say that it is a part of the font.
const NAME: Name = Name(b"PRECOP+DejaVuSans");

/// Writes the font as object number `first` and those after it.
pub(super) fn write(pdf: &mut Pdf, first: i32, file: &[u8], face: &Face, glyphs: &BTreeMap<u16, String>) {
    let [font, numbered, about, data, texts] = [0, 1, 2, 3, 4].map(|more| Ref::new(first + more));
    // In thousandths of the size of the letters.
    let unit = |length: i16| (f32::from(length) * 1000.0 / f32::from(face.units_per_em())).round();
    pdf.type0_font(font)
        .base_font(NAME)
        .encoding_predefined(Name(b"Identity-H"))
        .descendant_font(numbered)
        .to_unicode(texts);
    let mut cid = pdf.cid_font(numbered);
    cid.subtype(CidFontType::Type2).base_font(NAME).system_info(NUMBERS).font_descriptor(about).default_width(0.0);
    cid.cid_to_gid_map_predefined(Name(b"Identity"));
    let mut widths = cid.widths();
    for glyph in glyphs.keys() {
        let advance = face.glyph_hor_advance(GlyphId(*glyph)).unwrap_or(0);
        widths.same(*glyph, *glyph, unit(advance as i16));
    }
    widths.finish();
    cid.finish();
    let bounds = face.global_bounding_box();
    let bounds = [bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max].map(unit);
    pdf.font_descriptor(about)
        .name(NAME)
        .flags(FontFlags::NON_SYMBOLIC)
        .bbox(Rect::new(bounds[0], bounds[1], bounds[2], bounds[3]))
        .italic_angle(0.0)
        .ascent(unit(face.ascender()))
        .descent(unit(face.descender()))
        .cap_height(unit(face.capital_height().unwrap_or(face.ascender())))
        // Of the regular weight.
        .stem_v(80.0)
        .font_file2(data);
    pdf.stream(data, &deflated(file)).filter(Filter::FlateDecode).pair(Name(b"Length1"), file.len() as i32);
    let mut map = UnicodeCmap::<u16>::new(Name(b"Letters"), NUMBERS);
    for (glyph, text) in glyphs {
        map.pair_with_multiple(*glyph, text.chars());
    }
    pdf.cmap(texts, &deflated(&map.finish())).filter(Filter::FlateDecode);
}
