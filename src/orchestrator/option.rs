//! Options of a product, one row each: its key as the product's users spell it, what it holds, and where that stands.
//!
//! Readers of files, `--set` and `--vary`, the JSON schema, the reference page, units of columns and axes, and the levers
//! of `plan` are drawn from the rows.

use std::ops::RangeInclusive;

use super::schedule::OvirtSchedule;
use crate::units::parse::Quantity;
use crate::units::{Bytes, Rate, Share, Span};

/// What stands at a key.
#[derive(Clone, Debug)]
pub enum OptionForm {
    /// On or off.
    Switch,
    /// A whole number of something; of nothing in particular where that is empty.
    Count(&'static str, RangeInclusive<u32>),
    /// A whole number of something, and `-1` for off.
    CountOrOff(&'static str),
    /// A time, as a whole number of this unit.
    Whole(&'static str, RangeInclusive<u32>),
    /// A time with its unit; a number alone is in this one.
    Time(&'static str),
    /// Whole per cent.
    Percent(RangeInclusive<u8>),
    /// A plain number.
    Factor(RangeInclusive<f64>),
    /// A size with its unit.
    Size,
    /// A rate with its unit, or bytes a second as Kubernetes writes quantities, such as `64Mi`.
    Rate,
    /// One word of a few.
    Words(&'static [&'static str]),
    /// A release of the product from this one on, major and minor number with a dot between: `0.53`, `v1.4`. As a number, see
    /// [`release_number`].
    Release(u32),
    /// The path of a file with a schedule.
    Schedule,
}

/// The number that a release with a minor number counts as: 1004 for 1.4.
pub const fn release_number(major: u32, minor: u32) -> u32 {
    major * 1000 + minor
}

/// A release as people write it: `4.16`, and `33` where a product has no minor numbers. No option of a product whose major
/// number is 0 depends on its release.
pub fn release_words(number: u32) -> String {
    if number < 1000 { number.to_string() } else { format!("{}.{}", number / 1000, number % 1000) }
}

impl OptionForm {
    /// The unit of its plain number, as results name units; for a plain count `count`, for anything else `words`.
    pub fn unit(&self) -> &'static str {
        match self {
            OptionForm::Count("", _) | OptionForm::Factor(_) | OptionForm::Release(_) => "count",
            OptionForm::Count(of, _) | OptionForm::CountOrOff(of) | OptionForm::Whole(of, _) => of,
            OptionForm::Time(_) => Span::FIGURE,
            OptionForm::Percent(_) => Share::FIGURE,
            OptionForm::Size => Bytes::FIGURE,
            OptionForm::Rate => Rate::FIGURE,
            OptionForm::Switch | OptionForm::Words(_) | OptionForm::Schedule => "words",
        }
    }
}

/// Any number of something.
pub(super) const fn count(of: &'static str) -> OptionForm {
    OptionForm::Count(of, 0..=u32::MAX)
}

/// At least so many of something.
pub(super) const fn at_least(least: u32, of: &'static str) -> OptionForm {
    OptionForm::Count(of, least..=u32::MAX)
}

/// A value of an option, a product's or QEMU's.
#[derive(Clone, Debug, PartialEq)]
pub enum OptionValue {
    /// None, or whatever it is without.
    Unset,
    /// On or off.
    Switch(bool),
    /// A whole number.
    Number(u64),
    /// A plain number.
    Factor(f64),
    /// A time.
    Time(Span),
    /// A size.
    Size(Bytes),
    /// A rate.
    Rate(Rate),
    /// A word.
    Word(&'static str),
    /// A schedule.
    Schedule(OvirtSchedule),
}

/// What a field of a product's settings can be.
pub trait OptionType: Sized {
    /// From a value of the right kind.
    fn of(value: OptionValue) -> Option<Self>;
    /// As a value.
    fn value(&self) -> OptionValue;
}

macro_rules! held {
    ($($kind:ident: $type:ty),*) => {$(
        impl OptionType for $type {
            fn of(value: OptionValue) -> Option<$type> {
                if let OptionValue::$kind(value) = value { value.try_into().ok() } else { None }
            }
            fn value(&self) -> OptionValue {
                OptionValue::$kind(self.clone().into())
            }
        }
    )*};
}
held!(Switch: bool, Number: u64, Number: u32, Number: u8, Factor: f64, Time: Span, Size: Bytes, Rate: Rate, Schedule: OvirtSchedule);

impl<T: OptionType> OptionType for Option<T> {
    fn of(value: OptionValue) -> Option<Option<T>> {
        if value == OptionValue::Unset { Some(None) } else { T::of(value).map(Some) }
    }

    fn value(&self) -> OptionValue {
        self.as_ref().map_or(OptionValue::Unset, OptionType::value)
    }
}

/// Names the values of an enum, of which the first name is shown where there are several.
macro_rules! words {
    ($type:ident: $($word:literal => $value:ident),+) => {
        impl $type {
            /// Every word, as the product spells it.
            pub const WORDS: &'static [&'static str] = &[$($word),+];
        }
        impl $crate::orchestrator::OptionType for $type {
            fn of(value: $crate::orchestrator::OptionValue) -> Option<$type> {
                [$(($word, $type::$value)),+]
                    .into_iter()
                    .find_map(|(word, named)| (value == $crate::orchestrator::OptionValue::Word(word)).then_some(named))
            }
            fn value(&self) -> $crate::orchestrator::OptionValue {
                let words = [$(($word, $type::$value)),+];
                $crate::orchestrator::OptionValue::Word($crate::units::spelling::word_of(&words, *self))
            }
        }
    };
}
pub(super) use words;

/// An option of a product.
#[derive(Clone, Debug)]
pub struct ProductOption {
    /// The product's own spelling, below `orchestrator`.
    pub key: &'static str,
    /// What stands there.
    pub form: OptionForm,
    /// What it means: a few words.
    pub means: &'static str,
    /// What to know of how it is written, behind what its form says.
    pub remark: &'static str,
    /// Its default in words, where that is no plain value.
    pub default: Option<&'static str>,
    /// Releases that have it, of a product whose releases differ.
    pub releases: RangeInclusive<u32>,
    /// Whether another value of it is an answer to "what should I change?".
    pub is_lever: bool,
}

/// An option, and where it stands in the settings of its product.
pub struct OptionRow<P: 'static> {
    /// What is known without a product at hand.
    pub option: ProductOption,
    /// Its value.
    pub get: fn(&P) -> OptionValue,
    /// Sets it, to a value that its form allows.
    pub set: fn(&mut P, OptionValue),
}

impl<P> OptionRow<P> {
    /// An option of every release.
    pub const fn new(
        key: &'static str,
        form: OptionForm,
        means: &'static str,
        get: fn(&P) -> OptionValue,
        set: fn(&mut P, OptionValue),
    ) -> OptionRow<P> {
        let (remark, default, releases) = ("", None, 0..=u32::MAX);
        OptionRow { option: ProductOption { key, form, means, remark, default, releases, is_lever: false }, get, set }
    }

    /// Adds to how it is written.
    pub const fn remark(mut self, remark: &'static str) -> OptionRow<P> {
        self.option.remark = remark;
        self
    }

    /// Says what it is where it is not set.
    pub const fn default(mut self, words: &'static str) -> OptionRow<P> {
        self.option.default = Some(words);
        self
    }

    /// Not in every release.
    pub const fn releases(mut self, releases: RangeInclusive<u32>) -> OptionRow<P> {
        self.option.releases = releases;
        self
    }

    /// Another value of it is an answer to "what should I change?".
    pub const fn lever(mut self) -> OptionRow<P> {
        self.option.is_lever = true;
        self
    }
}

/// The settings of a product, an option a row: meaning, field, default, key, form, and what else [`OptionRow`] can say.
macro_rules! options {
    ($(#[$about:meta])* pub struct $type:ident {$(
        $(#[doc = $means:literal])+
        $field:ident: $held:ty = $default:expr, $key:literal $form:expr $(, $more:ident($($with:expr)?))*;
    )*}) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $type {
            $($(#[doc = $means])+ pub $field: $held,)*
        }

        impl Default for $type {
            fn default() -> $type {
                $type { $($field: $default),* }
            }
        }

        impl $crate::orchestrator::ProductOptions for $type {
            const ROWS: &'static [$crate::orchestrator::OptionRow<$type>] = &[$(
                $crate::orchestrator::OptionRow::new(
                    $key,
                    $form,
                    concat!($($means),+),
                    |product: &$type| $crate::orchestrator::OptionType::value(&product.$field),
                    |product: &mut $type, value| {
                        if let Some(value) = $crate::orchestrator::OptionType::of(value) {
                            product.$field = value;
                        }
                    },
                )$(.$more($($with)?))*
            ),*];
        }
    };
}
pub(super) use options;

/// Settings that are options, each a row.
pub trait ProductOptions: Default + 'static {
    /// The options, in the order of the reference page.
    const ROWS: &'static [OptionRow<Self>];
}

/// What must hold where an option is set.
pub struct Check<P: 'static> {
    /// The option.
    pub key: &'static str,
    /// Whether all is well.
    pub holds: fn(&P) -> bool,
    /// What is wrong otherwise.
    pub misfit: OptionMisfit,
}

/// What is wrong with an option, although its value is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OptionMisfit {
    /// This release has no such option; those have it.
    OtherRelease {
        /// The release.
        release: u32,
        /// Those that have it.
        has: RangeInclusive<u32>,
    },
    /// The product refuses it without another one.
    Needs {
        /// What to write.
        needed: &'static str,
        /// Why.
        why: &'static str,
    },
    /// It is not looked at.
    Idle {
        /// Why.
        why: &'static str,
        /// Because of another one, and what that does.
        beside: Option<(&'static str, &'static str)>,
    },
    /// It contradicts itself or another one.
    Refused {
        /// The whole sentence.
        title: &'static str,
        /// Why.
        why: &'static str,
        /// The other one, and what it is.
        beside: Option<(&'static str, &'static str)>,
        /// What to do.
        help: Option<&'static str>,
    },
}

/// An option that the product refuses where `holds` does not.
pub(super) const fn needs<P>(
    key: &'static str,
    holds: fn(&P) -> bool,
    needed: &'static str,
    why: &'static str,
) -> Check<P> {
    Check { key, holds, misfit: OptionMisfit::Needs { needed, why } }
}

/// An option that does nothing where `holds` does not.
pub(super) const fn idle<P>(key: &'static str, holds: fn(&P) -> bool, why: &'static str) -> Check<P> {
    Check { key, holds, misfit: OptionMisfit::Idle { why, beside: None } }
}
