//! The words of a column, one after the other in one text.

use std::collections::HashMap;

/// The words of a column, by their numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct ColumnWords {
    text: String,
    /// Where each ends.
    ends: Vec<u32>,
    /// Numbers of the first ones.
    known: HashMap<Box<str>, u32>,
}

impl ColumnWords {
    /// So many different words are known again; a column of sentences has no two alike.
    const MOST: usize = 1000;

    /// The number of a word. Words beyond [`ColumnWords::MOST`] may have several.
    pub(super) fn number(&mut self, word: &str) -> u32 {
        if let Some(known) = self.known.get(word) {
            return *known;
        }
        let number = self.ends.len() as u32;
        self.text.push_str(word);
        // A file of results has no more than 2^30 bytes.
        self.ends.push(self.text.len() as u32);
        if self.known.len() < ColumnWords::MOST {
            self.known.insert(word.into(), number);
        }
        number
    }

    /// The word of a number.
    pub(super) fn word(&self, number: u32) -> &str {
        let at = number as usize;
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        &self.text[start..self.ends[at] as usize]
    }
}
