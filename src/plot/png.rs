//! SVG to PNG with the embedded font and no other.

use resvg::{tiny_skia, usvg};

use super::{PlotError, font};

/// Pixels in a px: enough for a print of a small picture.
fn density(width: f32) -> f32 {
    if width < 600.0 { 4.0 } else { 2.0 }
}

/// Rasterises.
pub(super) fn from_svg(svg: &str) -> Result<Vec<u8>, PlotError> {
    let draw = |error: &dyn std::fmt::Display| PlotError::Draw(error.to_string());
    let mut options = usvg::Options { font_family: "DejaVu Sans".to_owned(), ..usvg::Options::default() };
    options.fontdb_mut().load_font_data(font::BYTES.to_vec());
    options.fontdb_mut().set_sans_serif_family("DejaVu Sans");
    let tree = usvg::Tree::from_str(svg, &options).map_err(|error| draw(&error))?;
    let scale = density(tree.size().width());
    let size = tree.size().to_int_size().scale_by(scale).ok_or_else(|| draw(&"it has no size"))?;
    let mut pixels = tiny_skia::Pixmap::new(size.width(), size.height()).ok_or_else(|| draw(&"it has no size"))?;
    resvg::render(&tree, tiny_skia::Transform::from_scale(scale, scale), &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| draw(&error))
}
