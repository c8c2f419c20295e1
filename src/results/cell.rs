//! One value of a result.

use std::cmp::Ordering;
use std::fmt;

use super::column;
use crate::metrics::Unit;
use crate::qemu::Version;

/// A value as it stands in a result file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// A number in its column's base unit.
    Number(f64),
    /// A word, a release, a sentence.
    Word(&'a str),
    /// Not known, or without an end.
    Empty,
}

/// A cell as something to look up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CellKey<'a> {
    /// The bits of a number.
    Number(u64),
    /// A word.
    Word(&'a str),
    /// Nothing.
    Empty,
}

impl<'a> Cell<'a> {
    /// What cells that are alike have in common.
    pub fn key(self) -> CellKey<'a> {
        match self {
            // Both zeros are one.
            Cell::Number(number) => CellKey::Number((number + 0.0).to_bits()),
            Cell::Word(word) => CellKey::Word(word),
            Cell::Empty => CellKey::Empty,
        }
    }

    /// Reads a cell of a column of numbers; what is no finite number is a word. What is not known is nothing, or what JSON, Rust, numpy
    /// and R write for it.
    pub fn parse(text: &'a str) -> Cell<'a> {
        match text.trim() {
            "" | "null" | "NaN" | "nan" | "NA" | "inf" => Cell::Empty,
            text => match text.parse::<f64>() {
                Ok(number) if number.is_finite() => Cell::Number(number),
                _ => Cell::Word(text),
            },
        }
    }

    /// Reads a cell of the column `name`: releases stay words, so that 5.10 is not 5.1.
    pub(super) fn of(name: &str, text: &'a str) -> Cell<'a> {
        Cell::among(column::unit(name) == Unit::Words, text)
    }

    /// Reads a cell of a column in which numbers, too, are words or are not.
    pub(super) fn among(words: bool, text: &'a str) -> Cell<'a> {
        if words && !text.is_empty() { Cell::Word(text) } else { Cell::parse(text) }
    }

    /// The number, if it is one.
    pub fn number(self) -> Option<f64> {
        match self {
            Cell::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The word, if it is one.
    pub fn word(self) -> Option<&'a str> {
        match self {
            Cell::Word(word) => Some(word),
            _ => None,
        }
    }

    /// Numbers by their size, releases by their age, other words as equals after them.
    pub fn by_size(&self, other: &Cell) -> Ordering {
        let rank = |cell: &Cell| match cell {
            Cell::Number(_) => 0,
            Cell::Word(_) => 1,
            Cell::Empty => 2,
        };
        match (self, other) {
            (Cell::Number(a), Cell::Number(b)) => a.total_cmp(b),
            (Cell::Word(a), Cell::Word(b)) => match (a.parse::<Version>(), b.parse::<Version>()) {
                (Ok(a), Ok(b)) => a.cmp(&b),
                (a, b) => a.is_err().cmp(&b.is_err()),
            },
            _ => rank(self).cmp(&rank(other)),
        }
    }

    /// Whether there is a larger and a smaller.
    pub(super) fn has_order(self) -> bool {
        match self {
            Cell::Number(_) => true,
            Cell::Word(word) => word.parse::<Version>().is_ok(),
            Cell::Empty => false,
        }
    }

    /// Whether one of the two is larger, or they are equals.
    pub(super) fn has_order_to(self, other: Cell) -> bool {
        self.has_order() && other.has_order()
    }
}

impl fmt::Display for Cell<'_> {
    /// As in the file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cell::Number(number) => write!(f, "{number}"),
            Cell::Word(word) => f.write_str(word),
            Cell::Empty => Ok(()),
        }
    }
}
