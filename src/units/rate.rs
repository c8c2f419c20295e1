//! Speeds: [`Rate`] of a link or limiter, [`PageRate`] of a writer and [`Operations`] of a program.

use std::fmt;

use serde::Serialize;

use super::apart::{DIGITS, short};
use super::{Bytes, Span};

/// Bytes per second [B/s].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Rate(pub u64);

/// Page writes per second [pages/s].
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize)]
pub struct PageRate(pub f64);

/// What a program does in a second, each once [1/s].
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize)]
pub struct Operations(pub f64);

impl Rate {
    /// A rate given in bits per second, cut to whole bytes.
    pub fn from_bits_per_second(bits: u64) -> Rate {
        Rate(bits / 8)
    }

    /// Time that one byte takes [ns]; infinite for a rate of zero.
    pub fn ns_per_byte(self) -> f64 {
        1e9 / self.0 as f64
    }

    /// What passes within `span`, rounded up.
    pub fn bytes_in(self, span: Span) -> Bytes {
        Bytes(super::time::whole_up(self.0 as f64 * (span.0 as f64 / 1e9)))
    }

    /// Time in which `bytes` pass, rounded up to whole ns.
    pub fn time_for(self, bytes: Bytes) -> Span {
        Span::rounded_up(bytes.0 as f64 * self.ns_per_byte())
    }
}

impl fmt::Display for Rate {
    /// As a link speed in decimal bits, the way network people write it: `10 Gbit/s`, `268 Mbit/s`. A precision is the
    /// number of significant digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = self.0 as f64 * 8.0;
        let (value, unit) = match bits {
            b if b >= 1e9 => (b / 1e9, "Gbit/s"),
            b if b >= 1e6 => (b / 1e6, "Mbit/s"),
            b if b >= 1e3 => (b / 1e3, "kbit/s"),
            b => (b, "bit/s"),
        };
        write!(f, "{} {unit}", short(value, f.precision().unwrap_or(DIGITS)))
    }
}

impl fmt::Display for Operations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/s", short(self.0, f.precision().unwrap_or(DIGITS)))
    }
}

impl fmt::Display for PageRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} pages/s", short(self.0, f.precision().unwrap_or(DIGITS)))
    }
}
