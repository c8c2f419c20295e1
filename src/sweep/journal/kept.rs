//! Which rows of a sweep a journal has, and where.

use std::collections::BTreeMap;
use std::ops::Range;

use super::record::Head;

/// Blocks that follow each other, in the file and in their rows.
#[derive(Clone, Debug)]
pub(super) struct BlockStretch {
    /// The rows.
    pub rows: Range<u64>,
    /// Where the heads and rows stand.
    pub at: Range<u64>,
    /// Bytes of the rows alone.
    bytes: u64,
}

/// All of them by their first row: few, unless there was damage.
#[derive(Debug, Default)]
pub(super) struct KeptBlocks(BTreeMap<u64, BlockStretch>);

impl KeptBlocks {
    /// Adds a block that stands at `at`; false if some of its rows are there already.
    pub(super) fn add(&mut self, head: &Head, at: u64) -> bool {
        let rows = head.first..head.first + head.rows;
        let end = at + Head::LEN as u64 + head.bytes;
        if self.0.range(rows.start..).next().is_some_and(|(first, _)| *first < rows.end) {
            return false;
        }
        match self.0.range_mut(..rows.start).next_back() {
            Some((_, before)) if before.rows.end > rows.start => return false,
            Some((_, before)) if before.rows.end == rows.start && before.at.end == at => {
                before.rows.end = rows.end;
                before.at.end = end;
                before.bytes += head.bytes;
            }
            _ => {
                self.0.insert(rows.start, BlockStretch { rows, at: at..end, bytes: head.bytes });
            }
        }
        true
    }

    /// In the order of their rows.
    pub(super) fn stretches(&self) -> impl Iterator<Item = &BlockStretch> {
        self.0.values()
    }

    /// How many rows there are.
    pub(super) fn rows(&self) -> u64 {
        self.stretches().map(|stretch| stretch.rows.end - stretch.rows.start).sum()
    }

    /// Bytes of all rows.
    pub(super) fn bytes(&self) -> u64 {
        self.stretches().map(|stretch| stretch.bytes).sum()
    }

    /// Which of `rows` rows are not there.
    pub(super) fn missing(&self, rows: u64) -> Vec<Range<u64>> {
        let starts = std::iter::once(0).chain(self.stretches().map(|stretch| stretch.rows.end));
        let ends = self.stretches().map(|stretch| stretch.rows.start).chain([rows]);
        starts.zip(ends).map(|(start, end)| start..end).filter(|range| !range.is_empty()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_there_once_and_the_others_are_missing() {
        let mut kept = KeptBlocks::default();
        let head = |first, rows| Head { first, rows, bytes: 10, checksum: 0 };
        let length = Head::LEN as u64 + 10;
        assert_eq!(kept.missing(9), std::slice::from_ref(&(0..9)));
        assert!(kept.add(&head(2, 2), 0) && kept.add(&head(4, 1), length) && kept.add(&head(7, 1), 2 * length));
        assert_eq!((kept.stretches().count(), kept.rows(), kept.bytes()), (2, 4, 30));
        for (first, rows) in [(2, 1), (3, 1), (4, 2), (1, 2), (0, 9), (6, 2)] {
            assert!(!kept.add(&head(first, rows), 500), "{first} and {rows} rows");
        }
        assert_eq!(kept.missing(9), [0..2, 5..7, 8..9]);
    }
}
