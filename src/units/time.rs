//! Simulated time: [`Time`], a point, and [`Span`], a distance; both whole nanoseconds.

use std::fmt;
use std::ops::{Add, AddAssign, Mul, Sub};

use serde::Serialize;

use super::apart::{DIGITS, short};

/// A point of simulated time [ns since the `migrate` command].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Time(pub u64);

/// A length of simulated time [ns].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Span(pub u64);

const NS_PER_MS: u64 = 1_000_000;

impl Time {
    /// The `migrate` command.
    pub const ZERO: Time = Time(0);
    /// Later than anything that happens.
    pub const NEVER: Time = Time(u64::MAX);
    /// The last instant at which something can happen.
    pub const LAST: Time = Time(u64::MAX - 1);

    /// What QEMU's REALTIME clock shows: whole ms, truncated (qemu-precopy 0).
    pub const fn whole_ms(self) -> u64 {
        self.0 / NS_PER_MS
    }

    /// The distance from `earlier`, or zero if that is later.
    pub fn since(self, earlier: Time) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Span = Span(0);

    /// A span of whole milliseconds.
    pub const fn from_ms(ms: u64) -> Span {
        Span(ms.saturating_mul(NS_PER_MS))
    }

    /// `ns` nanoseconds, rounded up.
    pub fn rounded_up(ns: f64) -> Span {
        Span(whole_up(ns))
    }

    /// Whole milliseconds, truncated.
    pub const fn whole_ms(self) -> u64 {
        self.0 / NS_PER_MS
    }

    /// The span in ms, with its fraction.
    pub fn ms(self) -> f64 {
        self.0 as f64 / NS_PER_MS as f64
    }

    /// The span in seconds, with its fraction.
    pub fn seconds(self) -> f64 {
        self.0 as f64 / 1e9
    }
}

/// A positive number rounded up to a whole one, at most 2^63; nothing that is counted comes near.
///
/// By way of `i64`, which the hardware converts in one instruction, and without a call into the maths library.
pub fn whole_up(value: f64) -> u64 {
    let cut = value as i64;
    (cut as u64).saturating_add(u64::from((cut as f64) < value))
}

/// A count below 2^63 as a real number, in one instruction.
pub fn real(count: u64) -> f64 {
    count as i64 as f64
}

impl Add<Span> for Time {
    type Output = Time;
    /// Saturates at [`Time::NEVER`].
    fn add(self, span: Span) -> Time {
        Time(self.0.saturating_add(span.0))
    }
}

impl AddAssign<Span> for Time {
    fn add_assign(&mut self, span: Span) {
        *self = *self + span;
    }
}

impl Sub for Time {
    type Output = Span;
    /// Saturates at zero; see [`Time::since`].
    fn sub(self, earlier: Time) -> Span {
        self.since(earlier)
    }
}

impl Add for Span {
    type Output = Span;
    fn add(self, other: Span) -> Span {
        Span(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Span {
    fn add_assign(&mut self, other: Span) {
        *self = *self + other;
    }
}

impl Sub for Span {
    type Output = Span;
    /// Saturates at zero.
    fn sub(self, other: Span) -> Span {
        Span(self.0.saturating_sub(other.0))
    }
}

impl Mul<u64> for Span {
    type Output = Span;
    fn mul(self, times: u64) -> Span {
        Span(self.0.saturating_mul(times))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Span(self.0).fmt(f)
    }
}

impl fmt::Display for Span {
    /// In the unit that reads best: `300 ms`, `12.3 s`, `4 min 05 s`, `13 h 20 min`. A precision is the number of
    /// significant digits; from four on, seconds are shown at any length.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = f.precision().unwrap_or(DIGITS);
        let seconds = self.seconds();
        if self.0 < 1_000 {
            write!(f, "{} ns", self.0)
        } else if self.0 < NS_PER_MS {
            write!(f, "{} µs", short(self.0 as f64 / 1e3, digits))
        } else if seconds < 1.0 {
            write!(f, "{} ms", short(self.ms(), digits))
        } else if seconds < 120.0 {
            write!(f, "{} s", short(seconds, digits))
        } else if digits > DIGITS {
            self.fmt_long(f, digits - DIGITS - 1)
        } else {
            let whole = seconds.round() as u64;
            let (h, m, s) = (whole / 3600, whole / 60 % 60, whole % 60);
            if h > 0 { write!(f, "{h} h {m:02} min") } else { write!(f, "{m} min {s:02} s") }
        }
    }
}

impl Span {
    /// Hours, minutes and seconds, these with so many decimals, cut off.
    fn fmt_long(self, f: &mut fmt::Formatter<'_>, decimals: usize) -> fmt::Result {
        const NS: u64 = 1_000_000_000;
        let (whole, part) = (self.0 / NS, format!("{:09}", self.0 % NS));
        let (h, m, s) = (whole / 3600, whole / 60 % 60, whole % 60);
        if h > 0 {
            write!(f, "{h} h {m:02} min")?;
        } else {
            write!(f, "{m} min")?;
        }
        let part = part[..decimals.min(9)].trim_end_matches('0');
        let point = if part.is_empty() { "" } else { "." };
        write!(f, " {s:02}{point}{part} s")
    }
}
