//! SVG to PNG with the embedded font and no other.

use std::collections::BTreeSet;

use resvg::{tiny_skia, usvg};

use super::boxes::Boxed;
use super::{Encoded, PlotError, font};

/// Pixels in a px: enough for a print of a small picture.
fn density(width: f32) -> f32 {
    if width < 600.0 { 4.0 } else { 2.0 }
}

/// Rasterises; what the font lacks is a box each, and told beside the pixels.
pub(super) fn from_svg(svg: &str) -> Result<Encoded, PlotError> {
    let draw = |error: &dyn std::fmt::Display| PlotError::Draw(error.to_string());
    let boxed = Boxed::of(svg);
    let mut options = usvg::Options { font_family: "DejaVu Sans".to_owned(), ..usvg::Options::default() };
    options.fontdb_mut().load_font_data(boxed.as_ref().map_or(font::BYTES, |boxed| &boxed.bytes).to_vec());
    options.fontdb_mut().set_sans_serif_family("DejaVu Sans");
    let tree = usvg::Tree::from_str(svg, &options).map_err(|error| draw(&error))?;
    let scale = density(tree.size().width());
    let size = tree.size().to_int_size().scale_by(scale).ok_or_else(|| draw(&"it has no size"))?;
    let mut pixels = tiny_skia::Pixmap::new(size.width(), size.height()).ok_or_else(|| draw(&"it has no size"))?;
    resvg::render(&tree, tiny_skia::Transform::from_scale(scale, scale), &mut pixels.as_mut());
    let mut lacking = BTreeSet::new();
    if let Some(boxed) = &boxed {
        collect(tree.root(), &mut |glyph| lacking.extend(boxed.letter(glyph)));
    }
    let bytes = pixels.encode_png().map_err(|error| draw(&error))?;
    Ok(Encoded { bytes, lacking: lacking.into_iter().collect() })
}

/// Shows every glyph that was drawn: a letter and its mark may be one that the font has.
fn collect(group: &usvg::Group, see: &mut impl FnMut(u32)) {
    for node in group.children() {
        match node {
            usvg::Node::Group(group) => collect(group, see),
            usvg::Node::Text(text) => {
                let glyphs = text.layouted().iter().flat_map(|span| &span.positioned_glyphs);
                glyphs.for_each(|glyph| see(glyph.id.0));
            }
            usvg::Node::Path(_) | usvg::Node::Image(_) => {}
        }
    }
}
