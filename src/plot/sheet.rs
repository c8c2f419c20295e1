//! Pictures that are drawn on a sheet of their own: its size, its letters, and plotters' axes with our ticks.

use std::ops::Range;

use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};

use super::PlotError;
use super::surface::{self, Area, Drawn};
use crate::sink::xml;

/// The canvas is this many times larger than the picture, for plotters counts in whole units.
const SHRINK: u32 = 2;
/// Width of the canvas.
pub const WIDTH: u32 = 1800;
/// Heights of letters.
pub const TITLE_SIZE: u32 = 42;
/// Of text.
pub const TEXT_SIZE: u32 = 32;
/// Of labels.
pub const SMALL_SIZE: u32 = 28;

/// Draws on a sheet of that height.
pub(super) fn svg(height: u32, draw: impl FnOnce(&Area) -> Drawn) -> Result<String, PlotError> {
    let seen = (f64::from(WIDTH / SHRINK), f64::from(height / SHRINK));
    surface::svg((WIDTH, height), seen, draw).map(xml::document)
}

/// An axis from 0 to `end` with ticks of our own.
///
/// Plotters would take its ticks from the system's `log` and `pow`, whose last bits differ between machines; and it
/// knows no powers of two.
#[derive(Clone, Debug)]
pub struct Axis {
    /// Its end, in its unit.
    pub end: f64,
    /// Where its ticks are.
    pub ticks: Vec<f64>,
}

impl Ranged for Axis {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (from, to): (i32, i32)) -> i32 {
        from + (value / self.end * f64::from(to - from)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.ticks.clone()
    }

    fn range(&self) -> Range<f64> {
        0.0..self.end
    }
}

/// Values at which an axis from 0 to `end` has its ticks: about `count` of them, `1`, `2` or `5` times a power of ten
/// apart.
pub fn decimal_ticks(end: f64, count: usize) -> Vec<f64> {
    let scales = (-9..15).map(|power| if power < 0 { 1.0 / 10_f64.powi(-power) } else { 10_f64.powi(power) });
    let step = scales.flat_map(|scale| [scale, 2.0 * scale, 5.0 * scale]).find(|step| end / step <= count as f64);
    let step = step.unwrap_or(end);
    (0..=count).map(|n| n as f64 * step).take_while(|tick| *tick <= end).collect()
}
