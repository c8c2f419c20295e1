//! Scales: where a value stands along an axis, and what is written beside it.

use super::axis::{AxisUnit, grouped, tick_label};
use super::ticks;
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
    /// Logarithmic where values differ by a factor of 20 and more.
    #[default]
    Auto,
    /// Equal distances are equal differences.
    Linear,
    /// Equal distances are equal factors.
    Log,
}

/// Values that differ by this factor are drawn on a logarithmic axis, unless told otherwise: of a linear one the smaller half
/// of them would lie in the lowest tenth and less.
const WIDE: f64 = 20.0;

impl Scale {
    /// An axis for `values`, which are in `unit`; a linear one begins at 0 where `zero`.
    pub fn of(label: &str, unit: Unit, values: impl Iterator<Item = f64>, spread: Spread, zero: bool) -> Scale {
        let values: Vec<f64> = values.filter(|value| value.is_finite()).collect();
        let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let smallest = values.iter().copied().fold(f64::INFINITY, f64::min);
        let log = match spread {
            Spread::Linear => false,
            Spread::Log => smallest > 0.0,
            Spread::Auto => Scale::is_wide(smallest, largest),
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
        scale.reach(zero);
        scale
    }

    /// Whether values from `low` to `high` are told apart on a logarithmic axis alone.
    pub fn is_wide(low: f64, high: f64) -> bool {
        low > 0.0 && high / low >= WIDE
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

    /// One place for each of `values`, which are in the unit of the title and grow by about equal steps, or by equal
    /// factors where `log`; marked at round numbers, wherever those stand between the places.
    pub fn of_cells(title: &str, values: &[f64], log: bool, binary: bool) -> Scale {
        let along = |value: f64| if log { libm::log10(value) } else { value };
        let place = |tick: f64| {
            let at = values.partition_point(|value| *value <= tick).clamp(1, values.len() - 1);
            let (before, after) = (along(values[at - 1]), along(values[at]));
            at as f64 - 0.5 + (along(tick) - before) / (after - before)
        };
        let round = match values {
            [from, .., to] => ticks::round(*from, *to, log, binary),
            _ => Vec::new(),
        };
        let ticks = round.into_iter().map(|tick| (place(tick), grouped(&tick_label(tick)))).collect();
        Scale { ticks, names: false, ..Scale::of_names(title, values.iter().map(|_| String::new())) }
    }

    /// Whether an axis for values from `low` to `high` may as well begin at 0.
    pub fn reaches_zero(low: f64, high: f64) -> bool {
        low < 0.3 * high
    }

    /// Whether an axis for `values` may as well begin at 0.
    pub fn reach_zero(values: impl Iterator<Item = f64>) -> bool {
        let finite = values.filter(|value| value.is_finite());
        let (low, high) = finite.fold((f64::INFINITY, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
        Scale::reaches_zero(low, high) || low >= high
    }

    /// Whether it has names in place of numbers.
    pub fn has_names(&self) -> bool {
        self.names
    }

    /// Whether its first tick is always to have its label: a zero, or a name.
    pub(super) fn needs_first(&self) -> bool {
        self.names || self.ticks.first().is_some_and(|tick| tick.0 == 0.0)
    }

    /// Both ends.
    pub(super) fn ends(&self) -> (f64, f64) {
        (self.from, self.to)
    }

    /// Whether equal distances are equal factors.
    pub(super) fn is_log(&self) -> bool {
        self.log
    }

    /// A value in the unit of the title.
    pub(super) fn in_unit(&self, value: f64) -> f64 {
        value / self.unit
    }

    /// Its upper end.
    pub fn end(&self) -> f64 {
        self.to
    }

    /// Makes it go on beyond its upper end, so that a share of it stays free of values and ticks.
    pub fn with_room(self, share: f64) -> Scale {
        let to = match self.log {
            true => self.from * libm::pow(self.to / self.from, 1.0 / (1.0 - share)),
            false => self.from + (self.to - self.from) / (1.0 - share),
        };
        Scale { to, ..self }
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

    /// Makes it end at a tick where the last one is more than half a step from its end.
    fn reach(&mut self, zero: bool) {
        let &[first, second, .., before, last] = &self.lines[..] else { return };
        let (under, over) = match self.log {
            true => (
                self.unit * ticks::beyond(self.from / self.unit, false, self.binary),
                self.unit * ticks::beyond(self.to / self.unit, true, self.binary),
            ),
            false => (first - (second - first), last + (last - before)),
        };
        let part = |tick: f64, end: f64, next: f64| match self.log {
            true => libm::log(end / tick) / libm::log(next / tick),
            false => (end - tick) / (next - tick),
        };
        let at_zero = zero && !self.log && self.from == 0.0;
        if part(last, self.to, over) > 0.5 {
            self.to = over;
        }
        if !at_zero && part(first, self.from, under) > 0.5 {
            self.from = under;
        }
        self.mark();
    }

    /// Puts ticks at round values.
    fn mark(&mut self) {
        let ticks = ticks::round(self.from / self.unit, self.to / self.unit, self.log, self.binary);
        self.lines = ticks.iter().map(|line| line * self.unit).collect();
        self.ticks = ticks.into_iter().map(|tick| (tick * self.unit, grouped(&tick_label(tick)))).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(scale: &Scale) -> Vec<&str> {
        scale.ticks.iter().map(|tick| tick.1.as_str()).collect()
    }

    #[test]
    fn a_scale_has_the_unit_of_reading_and_round_ticks() {
        let scale = Scale::of("link bandwidth", Unit::Rate, [250e6, 3.125e9].into_iter(), Spread::Auto, true);
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
        let scale = Scale::of("n", Unit::Count, [3.0, 60.0].into_iter(), Spread::Auto, false);
        assert_eq!(labels(&scale), ["2", "5", "10", "20", "50"], "from a factor of 20");
        let scale = Scale::of("rate", Unit::PageRate, [1e3, 1e5].into_iter(), Spread::Linear, false);
        assert!((scale.place(50_500.0) - 0.5).abs() < 1e-9);
        assert_eq!(Scale::of("n", Unit::Count, [0.0, 1e6].into_iter(), Spread::Log, true).place(0.0), 0.0);
    }

    #[test]
    fn places_of_a_sweep_are_marked_at_round_numbers() {
        let values: Vec<f64> = (0..12).map(|n| libm::pow(10.0, 3.0 + 2.0 * f64::from(n) / 11.0)).collect();
        let scale = Scale::of_cells("rate", &values, true, false);
        assert_eq!(labels(&scale), ["1000", "2000", "5000", "10 000", "20 000", "50 000", "100 000"]);
        for (tick, place) in [(0, 0.5), (3, 6.0), (6, 11.5)] {
            assert!((scale.ticks[tick].0 - place).abs() < 1e-9, "{scale:?}");
        }
        let scale = Scale::of_cells("n", &[1.0, 12.0, 23.0, 34.0, 45.0], false, false);
        assert_eq!(labels(&scale), ["10", "20", "30", "40"]);
        assert!((scale.ticks[0].0 - (0.5 + 9.0 / 11.0)).abs() < 1e-9 && !scale.has_names(), "{scale:?}");
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
