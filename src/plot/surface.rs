//! A white page for plotters' SVG backend, finer than it is shown: plotters counts in whole units.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::PlotError;

/// What is drawn on.
pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Whether a stroke could be drawn.
pub(super) type Drawn = Result<(), DrawingAreaErrorKind<std::io::Error>>;

/// Draws on a page of `fine` units that is shown `seen` px wide and high: markup that is yet to go through
/// [`xml::document`](crate::sink::xml::document).
pub(super) fn svg(fine: (u32, u32), seen: (f64, f64), draw: impl FnOnce(&Area) -> Drawn) -> Result<String, PlotError> {
    let mut svg = String::new();
    let root = SVGBackend::with_string(&mut svg, fine).into_drawing_area();
    let drawn = root.fill(&WHITE).and_then(|()| draw(&root)).and_then(|()| root.present());
    drop(root);
    drawn.map_err(|error| PlotError::Draw(error.to_string()))?;
    let fine = format!(r#"width="{}" height="{}""#, fine.0, fine.1);
    Ok(svg.replacen(&fine, &format!(r#"width="{}" height="{}""#, seen.0, seen.1), 1))
}
