//! What is known of the classes of a piece, in rows of one length.

use super::lanes::Lanes;

/// Shares of the pages of four classes [0..=1].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct ClassShares {
    /// Not reported by the last sync, so that their log is armed.
    pub(super) armed: Lanes,
    /// Not waiting to be sent.
    pub(super) clean: Lanes,
}

/// Rows of shares; those that are given back are used again.
#[derive(Clone, Debug)]
pub(super) struct ShareRows {
    shares: Vec<ClassShares>,
    length: usize,
    free: Vec<usize>,
}

impl ShareRows {
    /// Room for so many rows of `length` times four classes before more is asked for.
    pub(super) fn new(length: usize, rows: usize) -> ShareRows {
        ShareRows { shares: Vec::with_capacity(length * rows), length, free: Vec::new() }
    }

    /// All rows are given back.
    pub(super) fn clear(&mut self) {
        self.shares.clear();
        self.free.clear();
    }

    /// A new row, its shares at `share`.
    pub(super) fn filled(&mut self, share: ClassShares) -> usize {
        match self.free.pop() {
            Some(row) => {
                self.shares[row..row + self.length].fill(share);
                row
            }
            None => {
                let row = self.shares.len();
                self.shares.resize(row + self.length, share);
                row
            }
        }
    }

    /// A new row like `row`.
    pub(super) fn copy(&mut self, row: usize) -> usize {
        let new = self.filled(ClassShares::default());
        self.shares.copy_within(row..row + self.length, new);
        new
    }

    /// Nobody needs `row` any more.
    pub(super) fn free_row(&mut self, row: usize) {
        self.free.push(row);
    }

    /// The shares of a row.
    pub(super) fn of(&self, row: usize) -> &[ClassShares] {
        &self.shares[row..row + self.length]
    }

    /// The shares of a row, to be changed.
    pub(super) fn of_mut(&mut self, row: usize) -> &mut [ClassShares] {
        &mut self.shares[row..row + self.length]
    }

    #[inline(always)]
    /// Makes a row the mean of itself, of weight `a`, and of `other`, of weight `b`.
    pub(super) fn average(&mut self, row: usize, a: f64, other: usize, b: f64) {
        let mean = |x: f64, y: f64| if x == y { x } else { (x * a + y * b) / (a + b) };
        for index in 0..self.length {
            let from = self.shares[other + index];
            let into = &mut self.shares[row + index];
            *into = ClassShares { armed: into.armed.zip(from.armed, mean), clean: into.clean.zip(from.clean, mean) };
        }
    }
}
