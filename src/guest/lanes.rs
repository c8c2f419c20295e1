//! Numbers of four classes of pages side by side, so that a processor takes them at once.
//!
//! Every operation is that of one number, in the same order: the bits of a result are those of one class after the other, on any
//! processor. There is no fused multiplication, which would round less.

use std::ops::{Add, AddAssign, Mul, Sub};

/// Numbers in a [`Lanes`].
pub(super) const LANES: usize = 4;

/// One number for each of four classes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(align(32))]
pub(super) struct Lanes(pub(super) [f64; LANES]);

impl Lanes {
    /// One number for all.
    #[inline(always)]
    pub(super) fn all(value: f64) -> Lanes {
        Lanes([value; LANES])
    }

    /// Of each number what `make` makes of it.
    #[inline(always)]
    pub(super) fn map(self, make: impl Fn(f64) -> f64) -> Lanes {
        // `<[f64; 4]>::map` is not always inlined, and one number after the other is what it makes then.
        Lanes(std::array::from_fn(|lane| make(self.0[lane])))
    }

    /// Of each number and its like in `other` what `make` makes of both.
    #[inline(always)]
    pub(super) fn zip(self, other: Lanes, make: impl Fn(f64, f64) -> f64) -> Lanes {
        Lanes(std::array::from_fn(|lane| make(self.0[lane], other.0[lane])))
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

impl Add for Lanes {
    type Output = Lanes;

    #[inline(always)]
    fn add(self, other: Lanes) -> Lanes {
        self.zip(other, |a, b| a + b)
    }
}

impl AddAssign for Lanes {
    #[inline(always)]
    fn add_assign(&mut self, other: Lanes) {
        *self = *self + other;
    }
}

impl Sub for Lanes {
    type Output = Lanes;

    #[inline(always)]
    fn sub(self, other: Lanes) -> Lanes {
        self.zip(other, |a, b| a - b)
    }
}

impl Mul for Lanes {
    type Output = Lanes;

    #[inline(always)]
    fn mul(self, other: Lanes) -> Lanes {
        self.zip(other, |a, b| a * b)
    }
}

impl Mul<f64> for Lanes {
    type Output = Lanes;

    #[inline(always)]
    fn mul(self, factor: f64) -> Lanes {
        self.map(|number| number * factor)
    }
}
