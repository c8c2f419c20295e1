//! A [`Share`] of a whole.

use std::fmt;

use serde::Serialize;

use super::apart::{DIGITS, short};

/// A share of a whole [0..=1].
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize)]
pub struct Share(pub f64);

impl Share {
    /// Whether so many of a whole are at least this share of it.
    pub fn is_reached(self, part: usize, whole: usize) -> bool {
        part as f64 >= self.0 * whole as f64 - 1e-9
    }

    /// The whole.
    pub const ALL: Share = Share(1.0);

    /// This share in per cent [0..=100].
    pub fn percent(self) -> f64 {
        self.0 * 100.0
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} %", short(self.percent(), f.precision().unwrap_or(DIGITS)))
    }
}
