//! A value as its key took it, for columns of results and for ranges between two of them.

use crate::units::parse::decimal;

/// A number in the base unit that results use.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figure {
    /// How many of the unit.
    pub value: f64,
    /// `B`, `B/s`, `pages/s`, `ms`, `%`; empty for a plain number.
    pub unit: &'static str,
    /// The key takes only multiples of this; 0 if it takes any number.
    pub grain: f64,
}

/// Decimal digits that are kept of a number between two others: what a `f64` holds, without its last, which rounding
/// reaches.
const DIGITS: usize = 14;

impl Figure {
    /// As it would be written in a file.
    pub fn written(&self) -> String {
        let number = decimal(self.value);
        match self.unit {
            "" => number,
            unit => format!("{number} {unit}"),
        }
    }

    /// The place `at` between `from` [0] and `to` [1], on a straight or a logarithmic scale, as a value that the key
    /// takes.
    pub fn between(from: &Figure, to: &Figure, log: bool, at: f64) -> Figure {
        let raw = match at {
            0.0 => from.value,
            1.0 => to.value,
            _ if log => from.value * libm::pow(to.value / from.value, at),
            _ => from.value + (to.value - from.value) * at,
        };
        let value = if from.grain > 0.0 { (raw / from.grain).round() * from.grain } else { raw };
        Figure { value: tidy(value), ..*from }
    }
}

/// The number without the digits that are only noise of arithmetic: 7 for 7.000000000000001.
pub(super) fn tidy(number: f64) -> f64 {
    format!("{number:.*e}", DIGITS - 1).parse().unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Pages;
    use crate::units::parse::{Quantity, parse};

    fn plain(value: f64) -> Figure {
        Figure { value, unit: "ms", grain: 0.0 }
    }

    #[test]
    fn steps_between_two_figures_are_round_where_they_can_be() {
        let (one, many) = (plain(1.0), plain(1e4));
        let decades: Vec<f64> =
            (0..5).map(|step| Figure::between(&one, &many, true, f64::from(step) / 4.0).value).collect();
        assert_eq!(decades, [1.0, 10.0, 100.0, 1000.0, 10_000.0]);
        assert_eq!(Figure::between(&plain(0.0), &plain(0.3), false, 2.0 / 3.0).value, 0.2);
        assert_eq!(Figure::between(&plain(0.1), &plain(0.7), false, 0.5).written(), "0.4 ms");
    }

    #[test]
    fn a_size_of_many_petabytes_is_written_to_the_byte() {
        let pages: Pages = parse("26_858_154_329_838 pages", None).unwrap();
        let figure = Figure { value: pages.figure(), unit: Pages::FIGURE, grain: Pages::GRAIN };
        assert_eq!(figure.written(), "110011000135016448 B");
        assert_eq!(parse(&figure.written(), None), Ok(pages), "two bytes more would begin another page");
    }

    #[test]
    fn a_key_of_whole_numbers_gets_whole_numbers() {
        let (from, to) = (Figure { grain: 1.0, ..plain(1.0) }, Figure { grain: 1.0, ..plain(99.0) });
        assert_eq!(Figure::between(&from, &to, true, 0.5).value, 10.0);
    }
}
