//! What is wrong with a recording.

use crate::guest::{Recorder, TooLong};

/// What is wrong with a recording, where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Line and column, both from 1; 0 where it is none of one place.
    pub line: u64,
    /// Column of the line, in letters; 0 where it is the whole line.
    pub column: usize,
    /// What, as the end of a sentence that begins with the file's name.
    pub what: String,
    /// What to do.
    pub help: String,
}

impl Damage {
    /// Of a whole file.
    pub(super) fn whole(what: impl Into<String>, help: impl Into<String>) -> Damage {
        Damage { line: 0, column: 0, what: what.into(), help: help.into() }
    }

    /// Of a line.
    pub(super) fn line(line: u64, what: impl Into<String>, help: impl Into<String>) -> Damage {
        Damage { line, ..Damage::whole(what, help) }
    }

    /// Of a part of a line: a slice of its text.
    pub(super) fn part(line: u64, text: &str, part: &str, what: impl Into<String>, help: impl Into<String>) -> Damage {
        let at = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        let column = text.get(..at).map_or(0, |before| before.chars().count() + 1);
        Damage { line, column, ..Damage::whole(what, help) }
    }

    /// Where: nothing, or `, line 3, column 2`.
    pub fn place(&self) -> String {
        match (self.line, self.column) {
            (0, _) => String::new(),
            (line, 0) => format!(", line {line}"),
            (line, column) => format!(", line {line}, column {column}"),
        }
    }
}

impl From<TooLong> for Damage {
    fn from(_: TooLong) -> Damage {
        let what = format!("has more than {} page writes", Recorder::MOST);
        Damage::whole(what, "record a shorter while, or look at the pages less often")
    }
}
