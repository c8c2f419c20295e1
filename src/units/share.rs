//! A [`Share`] of a whole.

use std::fmt;

use serde::Serialize;

/// A share of a whole [0..=1].
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize)]
pub struct Share(pub f64);

impl Share {
    /// The whole.
    pub const ALL: Share = Share(1.0);

    /// The same share in per cent [0..=100].
    pub fn percent(self) -> f64 {
        self.0 * 100.0
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} %", super::rate::short(self.percent()))
    }
}
