//! Amounts of memory: [`Bytes`] and target [`Pages`].

use std::fmt;

use serde::Serialize;

use super::apart::{DIGITS, short};

/// Size of a target page [B]. QEMU counts 4 KiB pages on x86 whatever the host page size (qemu-precopy 0).
pub const PAGE_SIZE: u64 = 4096;

/// An amount of bytes [B].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Bytes(pub u64);

/// A number of target pages of [`PAGE_SIZE`] bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Pages(pub u64);

impl Bytes {
    /// One binary gigabyte.
    pub const GIB: Bytes = Bytes(1 << 30);

    /// Whole pages in this many bytes; a rest is cut off.
    pub fn pages(self) -> Pages {
        Pages(self.0 / PAGE_SIZE)
    }

    /// The amount in GiB, for rates "per GiB".
    pub fn gib(self) -> f64 {
        self.0 as f64 / Self::GIB.0 as f64
    }
}

impl Pages {
    /// Bytes of RAM in these pages, without any header.
    pub fn bytes(self) -> Bytes {
        Bytes(self.0 * PAGE_SIZE)
    }
}

impl fmt::Display for Bytes {
    /// The largest binary unit that gives at least 1: `8 GiB`, `1.5 MiB`. A precision is the number of significant digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
        let mut value = self.0 as f64;
        let mut unit = 0;
        while value >= 1024.0 && unit + 1 < UNITS.len() {
            value /= 1024.0;
            unit += 1;
        }
        write!(f, "{} {}", short(value, f.precision().unwrap_or(DIGITS)), UNITS[unit])
    }
}

impl fmt::Display for Pages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} pages", self.0)
    }
}
