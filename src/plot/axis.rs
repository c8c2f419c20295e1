//! Axes: a readable unit, round ticks.

use std::ops::Range;

use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};

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

/// A unit for a whole axis: its name, and how much of the base unit it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AxisUnit {
    /// As written in the axis title.
    pub name: &'static str,
    /// Base units in one of it.
    pub size: f64,
}

impl AxisUnit {
    const fn new(name: &'static str, size: f64) -> AxisUnit {
        AxisUnit { name, size }
    }

    /// For times up to `longest` [ms].
    pub fn time(longest: f64) -> AxisUnit {
        match longest {
            ms if ms < 2e3 => AxisUnit::new("ms", 1.0),
            ms if ms < 600e3 => AxisUnit::new("s", 1e3),
            ms if ms < 5.0 * 3600e3 => AxisUnit::new("min", 60e3),
            _ => AxisUnit::new("h", 3600e3),
        }
    }

    /// For amounts of RAM up to `largest` [bytes].
    pub fn bytes(largest: f64) -> AxisUnit {
        const KIB: f64 = 1024.0;
        match largest {
            b if b < 2.0 * KIB * KIB => AxisUnit::new("KiB", KIB),
            b if b < 2.0 * KIB * KIB * KIB => AxisUnit::new("MiB", KIB * KIB),
            b if b < 2.0 * KIB * KIB * KIB * KIB => AxisUnit::new("GiB", KIB * KIB * KIB),
            _ => AxisUnit::new("TiB", KIB * KIB * KIB * KIB),
        }
    }

    /// For rates up to `largest` [bytes/s], as network people write them.
    pub fn rate(largest: f64) -> AxisUnit {
        match largest {
            rate if rate < 2e6 / 8.0 => AxisUnit::new("kbit/s", 1e3 / 8.0),
            rate if rate < 2e9 / 8.0 => AxisUnit::new("Mbit/s", 1e6 / 8.0),
            _ => AxisUnit::new("Gbit/s", 1e9 / 8.0),
        }
    }
}

/// Values at which an axis from 0 to `end` has its ticks: about `count` of them, `1`, `2` or `5` times a power of ten
/// apart.
pub fn decimal_ticks(end: f64, count: usize) -> Vec<f64> {
    let scales = (-9..15).map(|power| if power < 0 { 1.0 / 10_f64.powi(-power) } else { 10_f64.powi(power) });
    ticks(end, count, scales.flat_map(|scale| [scale, 2.0 * scale, 5.0 * scale]))
}

/// The same with powers of two as steps, for amounts of RAM.
pub fn binary_ticks(end: f64, count: usize) -> Vec<f64> {
    ticks(end, count, (-10..40).map(|power| 2_f64.powi(power)))
}

/// Multiples of the first step that needs no more than `count` of them.
fn ticks(end: f64, count: usize, mut steps: impl Iterator<Item = f64>) -> Vec<f64> {
    let step = steps.find(|step| end / step <= count as f64).unwrap_or(end);
    (0..=count).map(|n| n as f64 * step).take_while(|tick| *tick <= end).collect()
}

/// A tick's value with no more digits than it needs.
pub fn tick_label(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_the_unit_that_gives_short_numbers() {
        assert_eq!(AxisUnit::time(39_065.0).name, "s");
        assert_eq!(AxisUnit::time(3.6e6).name, "min");
        assert_eq!(AxisUnit::bytes(512.0 * 1048576.0).name, "MiB");
        assert_eq!(AxisUnit::bytes(8.0 * 1073741824.0).name, "GiB");
        assert_eq!(AxisUnit::rate(33_554_432.0).name, "Mbit/s");
        assert_eq!(AxisUnit::rate(1.25e9).name, "Gbit/s");
    }

    #[test]
    fn ticks_are_round_and_stay_on_the_axis() {
        assert_eq!(decimal_ticks(71.0, 8), [0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0]);
        assert_eq!(decimal_ticks(0.9, 4), [0.0, 0.5]);
        assert_eq!(binary_ticks(530.0, 6), [0.0, 128.0, 256.0, 384.0, 512.0]);
        for end in [1e-6, 0.3, 1.0, 17.0, 1e6, 1e12] {
            for ticks in [decimal_ticks(end, 6), binary_ticks(end, 6)] {
                assert!(
                    !ticks.is_empty() && ticks.len() <= 7 && ticks.iter().all(|tick| *tick <= end),
                    "{end}: {ticks:?}"
                );
            }
        }
        assert_eq!([0.0, 0.25, 10.0].map(tick_label), ["0", "0.25", "10"]);
    }
}
