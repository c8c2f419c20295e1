//! Numbers of several classes of pages side by side, so that a processor takes them at once.
//!
//! Every operation is that of one number, in the same order: the bits of a result are those of one class after the other, on any
//! processor. There is no fused multiplication, which would round less. The numbers lie in plain lists, a block of `L` for each `L`
//! classes, so that a zone of one class has lists of one number and costs no more than that.

use std::ops::{Add, AddAssign, Mul, Sub};

/// Numbers of so many classes.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(transparent)]
pub(super) struct Lanes<const L: usize>(pub(super) [f64; L]);

/// The most numbers in a [`Lanes`].
pub(super) const MOST: usize = 8;

/// How wide the blocks of so many classes are: the widest that are filled up with no more classes than narrower ones.
pub(super) fn lanes_for(classes: usize) -> usize {
    match classes {
        0 | 1 => 1,
        2 => 2,
        _ if classes.next_multiple_of(MOST) == classes.next_multiple_of(4) => MOST,
        _ => 4,
    }
}

/// What `$work` is with `$L` as the constant width of blocks: one of those that [`lanes_for`] gives.
macro_rules! by_lanes {
    ($lanes:expr, $L:ident => $work:expr) => {
        match $lanes {
            1 => {
                const $L: usize = 1;
                $work
            }
            2 => {
                const $L: usize = 2;
                $work
            }
            4 => {
                const $L: usize = 4;
                $work
            }
            _ => {
                const $L: usize = $crate::guest::lanes::MOST;
                $work
            }
        }
    };
}
pub(super) use by_lanes;

/// Rows of `K` blocks each.
#[inline(always)]
pub(super) fn rows<const L: usize, const K: usize>(numbers: &[f64]) -> &[[[f64; L]; K]] {
    numbers.as_chunks().0.as_chunks().0
}

/// Rows of `K` blocks each, to be changed.
#[inline(always)]
pub(super) fn rows_mut<const L: usize, const K: usize>(numbers: &mut [f64]) -> &mut [[[f64; L]; K]] {
    numbers.as_chunks_mut().0.as_chunks_mut().0
}

impl<const L: usize> Lanes<L> {
    /// One number for all.
    #[inline(always)]
    pub(super) fn all(value: f64) -> Lanes<L> {
        Lanes([value; L])
    }

    /// Of each number what `make` makes of it.
    #[inline(always)]
    pub(super) fn map(self, make: impl Fn(f64) -> f64) -> Lanes<L> {
        // Neither `map` of arrays nor `std::array::from_fn` is always inlined; what is not works on one number after the other.
        let mut made = self.0;
        made.iter_mut().for_each(|number| *number = make(*number));
        Lanes(made)
    }

    /// Of each number and its like in `other` what `make` makes of both.
    #[inline(always)]
    pub(super) fn zip(self, other: Lanes<L>, make: impl Fn(f64, f64) -> f64) -> Lanes<L> {
        let mut made = self.0;
        made.iter_mut().zip(&other.0).for_each(|(number, other)| *number = make(*number, *other));
        Lanes(made)
    }

    /// `total` and all numbers, added one after the other.
    #[inline(always)]
    pub(super) fn added_to(self, total: f64) -> f64 {
        self.0.iter().fold(total, |total, number| total + number)
    }

    /// `total` without all numbers, taken off one after the other.
    #[inline(always)]
    pub(super) fn taken_from(self, total: f64) -> f64 {
        self.0.iter().fold(total, |total, number| total - number)
    }
}

impl<const L: usize> Add for Lanes<L> {
    type Output = Lanes<L>;

    #[inline(always)]
    fn add(self, other: Lanes<L>) -> Lanes<L> {
        self.zip(other, |a, b| a + b)
    }
}

impl<const L: usize> AddAssign for Lanes<L> {
    #[inline(always)]
    fn add_assign(&mut self, other: Lanes<L>) {
        *self = *self + other;
    }
}

impl<const L: usize> Sub for Lanes<L> {
    type Output = Lanes<L>;

    #[inline(always)]
    fn sub(self, other: Lanes<L>) -> Lanes<L> {
        self.zip(other, |a, b| a - b)
    }
}

impl<const L: usize> Mul for Lanes<L> {
    type Output = Lanes<L>;

    #[inline(always)]
    fn mul(self, other: Lanes<L>) -> Lanes<L> {
        self.zip(other, |a, b| a * b)
    }
}

impl<const L: usize> Mul<f64> for Lanes<L> {
    type Output = Lanes<L>;

    #[inline(always)]
    fn mul(self, factor: f64) -> Lanes<L> {
        self.map(|number| number * factor)
    }
}
