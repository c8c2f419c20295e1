//! SVG to PNG with the embedded font and no other.

use resvg::tiny_skia;

use super::typeset::Typeset;
use super::{Encoded, PlotError};

/// Pixels in a px: enough for a print of a small picture.
fn density(width: f32) -> f32 {
    if width < 600.0 { 4.0 } else { 2.0 }
}

/// Rasterises; what the font lacks is a box each, and told beside the pixels.
pub(super) fn from_svg(svg: &str) -> Result<Encoded, PlotError> {
    let draw = |error: &dyn std::fmt::Display| PlotError::Draw(error.to_string());
    let typeset = Typeset::of(svg)?;
    let tree = &typeset.tree;
    let scale = density(tree.size().width());
    let size = tree.size().to_int_size().scale_by(scale).ok_or_else(|| draw(&"it has no size"))?;
    let mut pixels = tiny_skia::Pixmap::new(size.width(), size.height()).ok_or_else(|| draw(&"it has no size"))?;
    resvg::render(tree, tiny_skia::Transform::from_scale(scale, scale), &mut pixels.as_mut());
    let bytes = pixels.encode_png().map_err(|error| draw(&error))?;
    Ok(Encoded { bytes, lacking: typeset.lacking() })
}
