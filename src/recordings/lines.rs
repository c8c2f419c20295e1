//! A text of any length, line by line.

use std::io::{BufRead, BufReader, Read};

use super::Damage;

/// Longest line [bytes]; those of the known forms have some hundred.
const LONGEST: u64 = 1 << 16;

/// Reads line after line, and counts them.
pub(super) struct Lines<R> {
    source: BufReader<R>,
    text: String,
    number: u64,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(source: R) -> Lines<R> {
        Lines { source: BufReader::with_capacity(1 << 18, source), text: String::new(), number: 0 }
    }

    /// The next line without its end, and its number, from 1; `None` behind the last.
    pub(super) fn next(&mut self) -> Result<Option<(u64, &str)>, Damage> {
        self.text.clear();
        self.number += 1;
        let number = self.number;
        let read = self.source.by_ref().take(LONGEST).read_line(&mut self.text);
        let read =
            read.map_err(|error| Damage::line(number, format!("cannot be read: {error}"), "is it the right file?"))?;
        if read as u64 == LONGEST {
            let what = format!("is longer than {LONGEST} bytes");
            return Err(Damage::line(number, what, "is it the right file?"));
        }
        Ok((read > 0).then(|| (number, self.text.trim_end_matches(['\n', '\r']))))
    }
}
