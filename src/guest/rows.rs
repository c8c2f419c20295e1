//! What is known of the classes of a piece, in rows of one length.

use super::lanes::{Lanes, rows, rows_mut};

/// Shares of the pages of each class [0..=1], for each block of a zone's classes:
/// those not reported by the last sync, so that their log is armed, and those that do not wait to be sent.
pub(super) type ClassShares<const L: usize> = [[f64; L]; 2];

/// Rows of shares; those that are given back are used again.
#[derive(Clone, Debug)]
pub(super) struct ShareRows {
    shares: Vec<f64>,
    length: usize,
    free: Vec<usize>,
}

impl ShareRows {
    /// Room for so many rows of `slots` classes before more is asked for.
    pub(super) fn new(slots: usize, rows: usize) -> ShareRows {
        let length = 2 * slots;
        ShareRows { shares: Vec::with_capacity(length * rows), length, free: Vec::new() }
    }

    /// All rows are given back.
    pub(super) fn clear(&mut self) {
        self.shares.clear();
        self.free.clear();
    }

    /// A new row, whatever stood in it.
    fn fresh(&mut self) -> usize {
        self.free.pop().unwrap_or_else(|| {
            let row = self.shares.len();
            self.shares.resize(row + self.length, 0.0);
            row
        })
    }

    /// A new row of a piece of so many `slots` in blocks of `lanes`: none of its pages is clean, and such a share is `armed`.
    pub(super) fn filled(&mut self, lanes: usize, slots: usize, armed: f64) -> usize {
        let row = self.fresh();
        let (blocks, _) = self.shares[row..row + 2 * slots].as_chunks_mut::<1>();
        for pair in blocks.chunks_mut(2 * lanes) {
            let (log, clean) = pair.split_at_mut(lanes);
            log.fill([armed]);
            clean.fill([0.0]);
        }
        row
    }

    /// A new row like `row`.
    pub(super) fn copy(&mut self, row: usize) -> usize {
        let new = self.fresh();
        self.shares.copy_within(row..row + self.length, new);
        new
    }

    /// Nobody needs `row` any more.
    pub(super) fn free_row(&mut self, row: usize) {
        self.free.push(row);
    }

    /// The shares of a row of so many `slots`.
    #[inline(always)]
    pub(super) fn of<const L: usize>(&self, row: usize, slots: usize) -> &[ClassShares<L>] {
        rows(&self.shares[row..row + 2 * slots])
    }

    /// The shares of a row of so many `slots`, to be changed.
    #[inline(always)]
    pub(super) fn of_mut<const L: usize>(&mut self, row: usize, slots: usize) -> &mut [ClassShares<L>] {
        rows_mut(&mut self.shares[row..row + 2 * slots])
    }

    /// Whether two rows of so many `slots` are the same.
    pub(super) fn are_equal(&self, one: usize, other: usize, slots: usize) -> bool {
        self.shares[one..one + 2 * slots] == self.shares[other..other + 2 * slots]
    }

    /// Makes a row of so many `slots` the mean of itself, of weight `a`, and of `other`, of weight `b`.
    #[inline(always)]
    pub(super) fn average<const L: usize>(&mut self, slots: usize, (row, a): (usize, f64), (other, b): (usize, f64)) {
        let mean = |x: f64, y: f64| if x == y { x } else { (x * a + y * b) / (a + b) };
        let Ok([into, from]) = self.shares.get_disjoint_mut([row..row + 2 * slots, other..other + 2 * slots]) else {
            return;
        };
        for (into, from) in into.as_chunks_mut::<L>().0.iter_mut().zip(from.as_chunks().0) {
            *into = Lanes(*into).zip(Lanes(*from), mean).0;
        }
    }
}
