//! Scales: where a value stands along an axis, and what is written beside it.

use super::axis::{AxisUnit, grouped, tick_label};
use crate::metrics::Unit;

/// An axis of a figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    /// Title, with the unit in brackets.
    pub title: String,
    /// Marked values and their labels, in the scale's own numbers.
    pub ticks: Vec<(f64, String)>,
    /// Values with a line across the panel and no label.
    pub lines: Vec<f64>,
    from: f64,
    to: f64,
    log: bool,
    unit: f64,
    names: bool,
    binary: bool,
    /// The outermost values.
    tight: (f64, f64),
}

/// How values are spread along an axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Spread {
    /// Logarithmic where values differ by two orders of magnitude and more.
    #[default]
    Auto,
    /// Equal distances are equal differences.
    Linear,
    /// Equal distances are equal factors.
    Log,
}

/// Values that differ by this factor are drawn on a logarithmic axis, unless told otherwise.
const WIDE: f64 = 90.0;

impl Scale {
    /// An axis for `values`, which are in `unit`; a linear one begins at 0 where `zero`.
    pub fn of(label: &str, unit: Unit, values: impl Iterator<Item = f64>, spread: Spread, zero: bool) -> Scale {
        let values: Vec<f64> = values.filter(|value| value.is_finite()).collect();
        let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let smallest = values.iter().copied().fold(f64::INFINITY, f64::min);
        let log = match spread {
            Spread::Linear => false,
            Spread::Log => smallest > 0.0,
            Spread::Auto => smallest > 0.0 && largest / smallest >= WIDE,
        };
        let unit = AxisUnit::of(unit, largest.max(0.0));
        let mut scale = Scale {
            title: unit.title(label),
            ticks: Vec::new(),
            lines: Vec::new(),
            from: smallest,
            to: largest,
            log,
            unit: unit.size,
            names: false,
            binary: false,
            tight: (smallest, largest),
        };
        scale.widen(zero);
        scale.binary = unit.binary;
        scale.mark();
        scale
    }

    /// From 0 to `end` in the axis' own unit, with ticks of our own.
    pub fn fixed(title: &str, end: f64, ticks: &[f64], unit: f64) -> Scale {
        Scale {
            title: title.to_owned(),
            ticks: ticks.iter().map(|tick| (tick * unit, tick_label(*tick))).collect(),
            lines: ticks.iter().map(|tick| tick * unit).collect(),
            from: 0.0,
            to: end * unit,
            log: false,
            unit,
            names: false,
            binary: false,
            tight: (0.0, end * unit),
        }
    }

    /// One place for each of `names`, number n reaching from n to n + 1.
    pub fn of_names(title: &str, names: impl Iterator<Item = String>) -> Scale {
        let ticks: Vec<_> = names.enumerate().map(|(at, name)| (at as f64 + 0.5, name)).collect();
        let end = ticks.len().max(1) as f64;
        Scale {
            title: title.to_owned(),
            from: 0.0,
            to: end,
            tight: (0.0, end),
            ticks,
            lines: Vec::new(),
            log: false,
            unit: 1.0,
            names: true,
            binary: false,
        }
    }

    /// Whether it has names in place of numbers.
    pub fn has_names(&self) -> bool {
        self.names
    }

    /// Its upper end.
    pub fn end(&self) -> f64 {
        self.to
    }

    /// Makes it end at the outermost values, without the room around them; for colours.
    pub fn tighten(&mut self) {
        if self.tight.0 < self.tight.1 {
            (self.from, self.to) = self.tight;
            self.mark();
        }
    }

    /// Where a value stands: 0 at the lower end, 1 at the upper; what lies outside stays at the end.
    pub fn place(&self, value: f64) -> f64 {
        let along = |value: f64| if self.log { libm::log10(value.max(self.from)) } else { value };
        let (from, to) = (along(self.from), along(self.to));
        ((along(value) - from) / (to - from)).clamp(0.0, 1.0)
    }

    /// A little room around the values, and none of no width.
    fn widen(&mut self, zero: bool) {
        if self.from > self.to {
            (self.from, self.to) = (0.0, self.unit);
        }
        if self.log {
            let factor = libm::pow(self.to / self.from, 0.04).max(1.05);
            (self.from, self.to) = (self.from / factor, self.to * factor);
        } else if zero && self.from >= 0.0 {
            self.from = 0.0;
            self.to = if self.to > 0.0 { self.to * 1.06 } else { self.unit };
        } else {
            let room =
                if self.to > self.from { 0.04 * (self.to - self.from) } else { 0.5 * self.to.abs().max(self.unit) };
            (self.from, self.to) = (self.from - room, self.to + room);
        }
    }

    /// Puts ticks at round values.
    fn mark(&mut self) {
        const COUNT: usize = 8;
        let (from, to) = (self.from / self.unit, self.to / self.unit);
        let ticks = match (self.log, self.binary) {
            (true, false) => decades(from, to, COUNT),
            (true, true) => doublings(from, to, COUNT),
            (false, binary) => even(from, to, COUNT, binary),
        };
        self.lines = ticks.iter().map(|line| line * self.unit).collect();
        self.ticks = ticks.into_iter().map(|tick| (tick * self.unit, grouped(&tick_label(tick)))).collect();
    }
}

/// Multiples of a round step.
fn even(from: f64, to: f64, count: usize, binary: bool) -> Vec<f64> {
    let decimal = (-9..15).flat_map(|power| [1.0, 2.0, 5.0].map(|digit| digit * ten(power)));
    let steps: Vec<f64> = if binary { (-10..40).map(|power| 2_f64.powi(power)).collect() } else { decimal.collect() };
    let step = steps.into_iter().find(|step| (to - from) / step <= count as f64).unwrap_or(to - from);
    let first = (from / step).ceil() as i64;
    (first..=first + count as i64).map(|n| n as f64 * step).filter(|tick| *tick <= to).collect()
}

/// Powers of ten, and digits between them where there are few.
fn decades(from: f64, to: f64, count: usize) -> Vec<f64> {
    let inside = |digits: &[i32]| -> Vec<f64> {
        (-9..15)
            .flat_map(|power| digits.iter().map(move |digit| f64::from(*digit) * ten(power)))
            .filter(|value| (from..=to).contains(value))
            .collect()
    };
    let choices = [&[1, 2, 3, 4, 5, 6, 7, 8, 9][..], &[1, 2, 5], &[1, 3]];
    let few = choices.iter().map(|digits| inside(digits)).find(|ticks| ticks.len() <= count);
    let ticks = few.unwrap_or_else(|| inside(&[1]));
    let step = ticks.len().div_ceil(count).max(1);
    // Between two neighbouring digits: even steps are as good there.
    if ticks.is_empty() { even(from, to, count / 2, false) } else { ticks.into_iter().step_by(step).collect() }
}

/// Powers of two, or of four, and so on.
fn doublings(from: f64, to: f64, count: usize) -> Vec<f64> {
    let all: Vec<f64> = (-30..50).map(|power| 2_f64.powi(power)).filter(|v| (from..=to).contains(v)).collect();
    if all.is_empty() {
        even(from, to, count / 2, true)
    } else {
        all.iter().copied().step_by(all.len().div_ceil(count)).collect()
    }
}

/// A power of ten, exact where it is a whole number.
fn ten(power: i32) -> f64 {
    if power < 0 { 1.0 / 10_f64.powi(-power) } else { 10_f64.powi(power) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(scale: &Scale) -> Vec<&str> {
        scale.ticks.iter().map(|tick| tick.1.as_str()).collect()
    }

    #[test]
    fn a_scale_has_the_unit_of_reading_and_round_ticks() {
        let scale = Scale::of("link bandwidth", Unit::Rate, [125e6, 3.125e9].into_iter(), Spread::Auto, true);
        assert_eq!(scale.title, "link bandwidth [Gbit/s]");
        assert_eq!(labels(&scale), ["0", "5", "10", "15", "20", "25"]);
        assert_eq!((scale.place(0.0), scale.place(9e9)), (0.0, 1.0));
        let scale =
            Scale::of("memory", Unit::Bytes, [1.0, 16.0].into_iter().map(|g| g * 1073741824.0), Spread::Log, true);
        assert_eq!((scale.title.as_str(), labels(&scale)), ("memory [GiB]", vec!["1", "2", "4", "8", "16"]));
    }

    #[test]
    fn wide_ranges_are_logarithmic() {
        let scale = Scale::of("rate", Unit::PageRate, [1e3, 1e5].into_iter(), Spread::Auto, false);
        assert_eq!(labels(&scale), ["1000", "2000", "5000", "10 000", "20 000", "50 000", "100 000"]);
        assert!((scale.place(1e4) - 0.5).abs() < 1e-9);
        let scale = Scale::of("rate", Unit::PageRate, [1e3, 1e5].into_iter(), Spread::Linear, false);
        assert!((scale.place(50_500.0) - 0.5).abs() < 1e-9);
        assert_eq!(Scale::of("n", Unit::Count, [0.0, 1e6].into_iter(), Spread::Log, true).place(0.0), 0.0);
    }

    #[test]
    fn every_scale_can_be_drawn() {
        for values in [&[][..], &[0.0], &[5.0], &[5.0, 5.0], &[f64::NAN, 1.0], &[-3.0, 4.0], &[1e-9, 1e12]] {
            for spread in [Spread::Auto, Spread::Linear, Spread::Log] {
                for zero in [true, false] {
                    let scale = Scale::of("n", Unit::Ms, values.iter().copied(), spread, zero);
                    assert!(scale.from < scale.to, "{values:?}: {scale:?}");
                    assert!(!scale.ticks.is_empty() && scale.ticks.len() < 16, "{values:?}: {scale:?}");
                    for value in values.iter().filter(|value| value.is_finite()) {
                        assert!((0.0..=1.0).contains(&scale.place(*value)), "{values:?}: {scale:?}");
                    }
                }
            }
        }
    }
}
