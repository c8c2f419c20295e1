//! A key that holds one number: its bounds and its default, written down once for whoever reads it from a file, checks it
//! in a value, or explains it.

use std::fmt;
use std::ops::RangeInclusive;

use crate::units::parse::Quantity;
use crate::units::{Bytes, PageRate, Rate, Span};

use super::faults::Faults;
use super::reader::{FoundValue, Section};

/// A key of a scenario or fleet, and the numbers that it takes.
#[derive(Clone, Copy, Debug)]
pub(super) struct NumberKey<T: 'static> {
    /// As `--set` takes it; of a list the first entry.
    pub path: &'static str,
    /// What it means, in a few words.
    pub means: &'static str,
    /// The least that it takes.
    pub least: T,
    /// The most.
    pub most: T,
    /// What it is where nobody says it, if that is a number of its own.
    pub usual: Option<T>,
    /// The default in words, where it is more than a number.
    pub default: &'static str,
    /// The unit of a number without one.
    pub bare: Option<&'static str>,
    /// Why less is wrong, and what to write instead.
    pub too_small: (&'static str, &'static str),
}

/// A number that a key can hold.
pub(super) trait KeyNumber: Copy + PartialOrd + Default + fmt::Display {
    /// Reads it; `None` if it is not there, no number, or out of bounds.
    fn read(section: &mut Section, key: &'static str, row: &NumberKey<Self>) -> Option<FoundValue<Self>>;
    /// Whether it is a number that has an end.
    fn is_finite(self) -> bool {
        true
    }
    /// How the reference page says what is taken.
    fn written(row: &NumberKey<Self>) -> String;
}

impl<T: Copy> NumberKey<T> {
    /// A key that is explained elsewhere, if `means` is empty.
    pub(super) const fn new(path: &'static str, means: &'static str, least: T, most: T) -> NumberKey<T> {
        NumberKey { path, means, least, most, usual: None, default: "", bare: None, too_small: ("", "") }
    }

    /// Says what it is where nobody says it.
    pub(super) const fn usual(mut self, usual: T) -> NumberKey<T> {
        self.usual = Some(usual);
        self
    }

    /// Says in words what it is where nobody says it.
    pub(super) const fn default(mut self, words: &'static str) -> NumberKey<T> {
        self.default = words;
        self
    }

    /// Says what a number without a unit counts.
    pub(super) const fn bare(mut self, unit: &'static str) -> NumberKey<T> {
        self.bare = Some(unit);
        self
    }

    /// Says why less is wrong, and what to write instead.
    pub(super) const fn too_small(mut self, why: &'static str, help: &'static str) -> NumberKey<T> {
        self.too_small = (why, help);
        self
    }
}

impl<T: KeyNumber> NumberKey<T> {
    /// Its name within its section.
    pub(super) fn name(&self) -> &'static str {
        self.path.rsplit('.').next().unwrap_or(self.path)
    }

    /// What it takes.
    pub(super) fn range(&self) -> RangeInclusive<T> {
        self.least..=self.most
    }

    /// Reads it from its section.
    pub(super) fn read(&self, section: &mut Section) -> Option<FoundValue<T>> {
        T::read(section, self.name(), self)
    }

    /// Its value in a section; where it is not there or wrong, the usual one.
    pub(super) fn value(&self, section: &mut Section) -> T {
        self.read(section).map_or(self.usual.unwrap_or_default(), |found| found.value)
    }

    /// Complains of a value at `path` that is out of bounds; whether it is within.
    pub(super) fn admits(&self, path: &str, found: &FoundValue<T>, faults: &mut Faults) -> bool {
        if found.value > self.most {
            faults.error(&found.place, format!("`{path}` is too large"), format!("at most {}", self.most));
        } else if found.value < self.least {
            let what = if found.value == T::default() { "is zero" } else { "is too small" };
            let label = match self.too_small.0 {
                "" => format!("at least {}", self.least),
                why => why.to_owned(),
            };
            let fault = faults.error(&found.place, format!("`{path}` {what}"), label);
            if !self.too_small.1.is_empty() {
                fault.help(self.too_small.1);
            }
        }
        found.value <= self.most && found.value >= self.least
    }

    /// Its cells on the reference page: what it means, how it is written, and its default.
    pub(super) fn cells(&self) -> [String; 3] {
        let default = match (self.default, self.usual) {
            ("", Some(usual)) => usual.to_string(),
            (words, _) => words.to_owned(),
        };
        [self.means.trim().to_owned(), T::written(self), default]
    }
}

impl KeyNumber for u32 {
    fn read(section: &mut Section, key: &'static str, row: &NumberKey<u32>) -> Option<FoundValue<u32>> {
        section.count(key, row.least..=row.most)
    }

    fn written(row: &NumberKey<u32>) -> String {
        format!("whole number from {} to {}", row.least, row.most)
    }
}

impl KeyNumber for f64 {
    fn read(section: &mut Section, key: &'static str, row: &NumberKey<f64>) -> Option<FoundValue<f64>> {
        section.number(key, row.least..=row.most)
    }

    fn is_finite(self) -> bool {
        f64::is_finite(self)
    }

    fn written(row: &NumberKey<f64>) -> String {
        format!("number from {} to {}", row.least, row.most)
    }
}

/// What is written with a unit.
macro_rules! quantities {
    ($($type:ident: $unlimited:expr),*) => {$(
        impl KeyNumber for $type {
            fn read(section: &mut Section, key: &'static str, row: &NumberKey<$type>) -> Option<FoundValue<$type>> {
                let found = section.quantity::<$type>(key, row.bare)?;
                let path = section.path(key);
                row.admits(&path, &found, section.faults).then_some(found)
            }

            fn written(row: &NumberKey<$type>) -> String {
                let what = $type::ONE.trim_start_matches("a ");
                let least = match row.least {
                    least if least == $type::default() => String::new(),
                    // One of what is counted: the least that is not zero.
                    least if least == $type(1 as _) => ", above 0".to_owned(),
                    least => format!(", at least {least}"),
                };
                let most = if row.most == $unlimited { String::new() } else { format!(", at most {}", row.most) };
                format!("{what}{least}{most}")
            }
        }
    )*};
}
quantities!(Span: Span(u64::MAX), Rate: Rate(u64::MAX), PageRate: PageRate(f64::MAX), Bytes: Bytes(u64::MAX));
