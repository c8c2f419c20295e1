//! SVG to PDF: one page as large as the picture, vectors, and texts that can be searched, set in the embedded font.
//!
//! A PDF has no date and no number of its own, so that a picture has the same bytes whenever it is drawn. Format: ISO 32000-1.

mod content;
mod embedded;

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::{Filter, Finish, Name, Pdf, Rect, Ref, TextStr};
use ttf_parser::Face;

use self::content::Drawn;
use super::typeset::Typeset;
use super::{Encoded, PlotError};

/// Points in a px.
const POINT: f32 = 0.75;

const CATALOGUE: Ref = Ref::new(1);
const PAGES: Ref = Ref::new(2);
const PAGE: Ref = Ref::new(3);
const CONTENT: Ref = Ref::new(4);
const ABOUT: Ref = Ref::new(5);
/// The first of those that the font needs.
const FONT: i32 = 6;

/// The name of the font in the page.
const LETTERS: Name = Name(b"F");

/// Writes a page; what the font lacks is a box each, and told beside it.
pub(super) fn from_svg(svg: &str) -> Result<Encoded, PlotError> {
    let typeset = Typeset::of(svg)?;
    let face = Face::parse(typeset.font(), 0).map_err(|error| PlotError::Draw(error.to_string()))?;
    let (width, height) = (typeset.tree.size().width() * POINT, typeset.tree.size().height() * POINT);
    let drawn = Drawn::of(&typeset.tree, &face, height);
    let mut pdf = Pdf::new();
    pdf.catalog(CATALOGUE).pages(PAGES);
    pdf.pages(PAGES).kids([PAGE]).count(1);
    let mut page = pdf.page(PAGE);
    page.media_box(Rect::new(0.0, 0.0, width, height)).parent(PAGES).contents(CONTENT);
    let mut resources = page.resources();
    resources.fonts().pair(LETTERS, Ref::new(FONT));
    let mut states = resources.ext_g_states();
    for thousandths in &drawn.opacities {
        let opacity = f32::from(*thousandths) / 1000.0;
        let mut state =
            states.insert(Name(&content::opacity(*thousandths))).start::<pdf_writer::writers::ExtGraphicsState>();
        state.stroking_alpha(opacity).non_stroking_alpha(opacity);
    }
    states.finish();
    resources.finish();
    page.finish();
    pdf.stream(CONTENT, &deflated(&drawn.operators)).filter(Filter::FlateDecode);
    pdf.document_info(ABOUT).producer(TextStr(concat!("precopy ", env!("CARGO_PKG_VERSION"))));
    embedded::write(&mut pdf, FONT, typeset.font(), &face, &drawn.glyphs);
    Ok(Encoded { bytes: pdf.finish(), lacking: typeset.lacking() })
}

/// Bytes as a stream has them.
fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    // Writing to a Vec cannot fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_the_size_of_the_picture_and_no_date() {
        let svg = r##"<svg width="336" height="252" viewBox="0 0 1344 1008" xmlns="http://www.w3.org/2000/svg">
            <rect x="0" y="0" width="1344" height="1008" fill="#FFFFFF"/><polyline points="1,1 9,9" stroke="#000000" opacity="0.2"/>
            <text x="40" y="40" font-family="DejaVu Sans" font-size="40">10 Gbit/s</text></svg>"##;
        let drawn = from_svg(svg).unwrap();
        let text = String::from_utf8_lossy(&drawn.bytes);
        assert!(text.starts_with("%PDF-1.7") && text.contains("[0 0 252 189]"), "{text}");
        assert!(!text.contains("Date") && text.contains("/FontFile2") && text.contains("/ca 0.2"), "{text}");
        assert_eq!(drawn, from_svg(svg).unwrap());
    }
}
