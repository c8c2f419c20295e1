//! One value of a result.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;

use std::ops::Deref;
use std::sync::Arc;

use crate::qemu::Version;

/// A word of a table, which is in memory once however many cells have it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Word(Arc<String>); // A pointer that knows the length too would make each cell, also of a number, larger.

impl Deref for Word {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Word {
    fn borrow(&self) -> &str {
        self
    }
}

impl From<&str> for Word {
    fn from(word: &str) -> Word {
        Word(Arc::new(word.to_owned()))
    }
}

/// A value as it stands in a result file.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// A number in its column's base unit.
    Number(f64),
    /// A word, a release, a sentence.
    Word(Word),
    /// Not known, or without an end.
    Empty,
}

/// A cell as something to look up.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum CellKey {
    /// The bits of a number.
    Number(u64),
    /// A word.
    Word(Word),
    /// Nothing.
    Empty,
}

impl Cell {
    /// What cells that are alike have in common.
    pub fn key(&self) -> CellKey {
        match self {
            // Both zeros are one.
            Cell::Number(number) => CellKey::Number((number + 0.0).to_bits()),
            Cell::Word(word) => CellKey::Word(word.clone()),
            Cell::Empty => CellKey::Empty,
        }
    }

    /// Reads a cell of a column of numbers; what is no finite number is a word.
    pub fn parse(text: &str) -> Cell {
        match text.trim() {
            "" | "null" | "NaN" | "inf" => Cell::Empty,
            text => match text.parse::<f64>() {
                Ok(number) if number.is_finite() => Cell::Number(number),
                _ => Cell::Word(text.into()),
            },
        }
    }

    /// The number, if it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Cell::Number(number) => Some(*number),
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
                _ => Ordering::Equal,
            },
            _ => rank(self).cmp(&rank(other)),
        }
    }
}

impl fmt::Display for Cell {
    /// As in the file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cell::Number(number) => write!(f, "{number}"),
            Cell::Word(word) => f.write_str(word),
            Cell::Empty => Ok(()),
        }
    }
}
