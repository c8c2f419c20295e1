//! How pictures look: canvas, colours, type sizes.
//!
//! Sizes are in units of the canvas. Plotters rounds to whole ones, so the canvas is large and the page shows it
//! [`SHRINK`] times smaller.

use plotters::style::RGBColor;

/// How much smaller than its canvas a picture stands on a page.
pub const SHRINK: u32 = 2;
/// Width of the canvas.
pub const WIDTH: u32 = 1800;
/// The embedded font first, so that a browser that has it shows the same as the PNG.
pub const FONT: &str = "DejaVu Sans, sans-serif";

/// Type sizes; plotters counts a line's height, not the letter's.
pub const TITLE_SIZE: u32 = 42;
/// Subtitles, axis titles and legends.
pub const TEXT_SIZE: u32 = 32;
/// Numbers at the axes and marks.
pub const SMALL_SIZE: u32 = 28;
/// Width of a curve.
pub const STROKE: u32 = 4;
/// Dashes of a curve that shares its panel, and the gaps between them.
pub const DASH: u32 = 14;
/// See [`DASH`].
pub const DASH_GAP: u32 = 8;

/// Text.
pub const INK: RGBColor = RGBColor(34, 34, 34);
/// Text that stands back.
pub const SOFT_INK: RGBColor = RGBColor(96, 96, 96);
/// Grid lines.
pub const GRID: RGBColor = RGBColor(226, 226, 226);
/// Axes.
pub const AXIS: RGBColor = RGBColor(150, 150, 150);

/// Colours that stay apart for colour-blind readers and in grey: Okabe and Ito's set, without black and yellow, from
/// dark to light in turns.
///
/// Source: Okabe and Ito, Color Universal Design (2008).
pub const COLOURS: [RGBColor; 6] = [BLUE, ORANGE, GREEN, VERMILLION, RGBColor(86, 180, 233), RGBColor(204, 121, 167)];
/// The first colour.
pub const BLUE: RGBColor = RGBColor(0, 114, 178);
/// The second colour.
pub const ORANGE: RGBColor = RGBColor(230, 159, 0);
/// The third colour.
pub const GREEN: RGBColor = RGBColor(0, 158, 115);
/// The fourth colour; also marks the guest's stop.
pub const VERMILLION: RGBColor = RGBColor(213, 94, 0);
