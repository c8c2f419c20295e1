//! Numbers within bounds.

use std::fmt;
use std::ops::RangeInclusive;

use crate::scenario::faults::Faults;
use crate::scenario::reader::{FoundValue, Section};
use crate::units::parse::Quantity;
use crate::units::{Bytes, Operations, PageRate, Pages, Rate, Share, Span};

use super::{KeyForm, UsualForm};

/// A number, and the bounds within which it is taken.
#[derive(Clone, Copy, Debug)]
pub(in crate::scenario) struct NumberForm<T: 'static> {
    /// The least that it takes.
    pub least: T,
    /// The most.
    pub most: T,
    /// What it is where nobody says it, if that is a number of its own.
    pub usual: Option<T>,
    /// The unit of a number without one.
    pub bare: Option<&'static str>,
    /// Why less is wrong, and what to write instead.
    too_small: (&'static str, &'static str),
}

/// A number that a key can hold.
pub(in crate::scenario) trait KeyNumber: Copy + PartialOrd + Default + fmt::Display {
    /// Reads it; `None` if it is not there, no number, or out of bounds.
    fn read(section: &mut Section, key: &'static str, form: &NumberForm<Self>) -> Option<FoundValue<Self>>;
    /// Whether it is a number that has an end.
    fn is_finite(self) -> bool {
        true
    }
    /// How the reference page says what is taken.
    fn written(form: &NumberForm<Self>) -> String;
}

impl<T: Copy> NumberForm<T> {
    /// Within these bounds.
    pub(in crate::scenario) const fn new(least: T, most: T) -> NumberForm<T> {
        NumberForm { least, most, usual: None, bare: None, too_small: ("", "") }
    }

    /// Says what it is where nobody says it.
    pub(in crate::scenario) const fn usual(mut self, usual: T) -> NumberForm<T> {
        self.usual = Some(usual);
        self
    }

    /// Says what a number without a unit counts.
    pub(in crate::scenario) const fn bare(mut self, unit: &'static str) -> NumberForm<T> {
        self.bare = Some(unit);
        self
    }

    /// Says why less is wrong, and what to write instead.
    pub(in crate::scenario) const fn too_small(mut self, why: &'static str, help: &'static str) -> NumberForm<T> {
        self.too_small = (why, help);
        self
    }
}

impl<T: KeyNumber> NumberForm<T> {
    /// What it takes.
    pub(in crate::scenario) fn range(&self) -> RangeInclusive<T> {
        self.least..=self.most
    }

    /// Complains of a value at `path` that is out of bounds; whether it is within.
    pub(in crate::scenario) fn admits(
        &self,
        path: impl fmt::Display,
        found: &FoundValue<T>,
        faults: &mut Faults,
    ) -> bool {
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
}

impl<T: KeyNumber> KeyForm for NumberForm<T> {
    type Value = T;

    fn read(&self, section: &mut Section, key: &'static str) -> Option<FoundValue<T>> {
        T::read(section, key, self)
    }

    fn written(&self) -> String {
        T::written(self)
    }

    fn default(&self) -> String {
        self.usual.map_or_else(String::new, |usual| usual.to_string())
    }
}

impl<T: KeyNumber> UsualForm for NumberForm<T> {
    fn usual(&self) -> T {
        self.usual.unwrap_or_default()
    }
}

impl KeyNumber for u32 {
    fn read(section: &mut Section, key: &'static str, form: &NumberForm<u32>) -> Option<FoundValue<u32>> {
        section.count(key, form.least..=form.most)
    }

    fn written(form: &NumberForm<u32>) -> String {
        format!("whole number from {} to {}", form.least, form.most)
    }
}

impl KeyNumber for f64 {
    fn read(section: &mut Section, key: &'static str, form: &NumberForm<f64>) -> Option<FoundValue<f64>> {
        section.number(key, form.least..=form.most)
    }

    fn is_finite(self) -> bool {
        f64::is_finite(self)
    }

    fn written(form: &NumberForm<f64>) -> String {
        format!("number from {} to {}", form.least, form.most)
    }
}

impl KeyNumber for Share {
    fn read(section: &mut Section, key: &'static str, _: &NumberForm<Share>) -> Option<FoundValue<Share>> {
        section.share(key)
    }

    fn is_finite(self) -> bool {
        self.0.is_finite()
    }

    fn written(_: &NumberForm<Share>) -> String {
        "share".to_owned()
    }
}

/// What is written with a unit.
macro_rules! quantities {
    ($($type:ident: $unlimited:expr),*) => {$(
        impl KeyNumber for $type {
            fn read(section: &mut Section, key: &'static str, form: &NumberForm<$type>) -> Option<FoundValue<$type>> {
                let found = section.quantity::<$type>(key, form.bare)?;
                section.at(key, |path, faults| form.admits(path, &found, faults)).then_some(found)
            }

            fn written(form: &NumberForm<$type>) -> String {
                let what = $type::ONE.trim_start_matches("a ");
                let least = match form.least {
                    least if least == $type::default() => String::new(),
                    // One of what is counted: the least that is not zero.
                    least if least == $type(1 as _) => ", above 0".to_owned(),
                    least => format!(", at least {least}"),
                };
                let most = if form.most == $unlimited { String::new() } else { format!(", at most {}", form.most) };
                format!("{what}{least}{most}")
            }
        }
    )*};
}
quantities!(Span: Span(u64::MAX), Rate: Rate(u64::MAX), PageRate: PageRate(f64::MAX), Operations: Operations(f64::MAX), Bytes: Bytes(u64::MAX), Pages: Pages(u64::MAX));
