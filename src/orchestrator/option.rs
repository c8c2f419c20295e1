//! Options of a product, one row each: its key as the product's users spell it, what it holds, and where that stands.
//!
//! Readers of files, `--set` and `--vary`, the JSON schema, the reference page, units of columns and axes, and the levers
//! of `plan` are drawn from the rows.

use std::ops::RangeInclusive;

use super::products::ovirt::Schedule;
use crate::units::{Bytes, Rate, Span};

/// What stands at a key.
#[derive(Clone, Debug)]
pub enum Form {
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
    /// A size with its unit.
    Size,
    /// A rate with its unit, or bytes a second as Kubernetes writes quantities, such as `64Mi`.
    Rate,
    /// One word of a few.
    Words(&'static [&'static str]),
    /// The path of a file with a schedule.
    Schedule,
}

impl Form {
    /// The unit of its plain number, as results name units; for a plain count `count`, for anything else `words`.
    pub fn unit(&self) -> &'static str {
        match self {
            Form::Count("", _) => "count",
            Form::Count(of, _) | Form::CountOrOff(of) | Form::Whole(of, _) => of,
            Form::Time(_) => "ms",
            Form::Percent(_) => "%",
            Form::Size => "bytes",
            Form::Rate => "bytes/s",
            Form::Switch | Form::Words(_) | Form::Schedule => "words",
        }
    }
}

/// Any number of something.
pub const fn count(of: &'static str) -> Form {
    Form::Count(of, 0..=u32::MAX)
}

/// At least so many of something.
pub const fn at_least(least: u32, of: &'static str) -> Form {
    Form::Count(of, least..=u32::MAX)
}

/// A value of an option, a product's or QEMU's.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// None, or whatever it is without.
    Unset,
    /// On or off.
    Switch(bool),
    /// A whole number.
    Number(u64),
    /// A time.
    Time(Span),
    /// A size.
    Size(Bytes),
    /// A rate.
    Rate(Rate),
    /// A word.
    Word(&'static str),
    /// A schedule.
    Schedule(Schedule),
}

/// What a field of a product's settings can be.
pub trait Held: Sized {
    /// From a value of the right kind.
    fn of(value: Value) -> Option<Self>;
    /// As a value.
    fn value(&self) -> Value;
}

macro_rules! held {
    ($($kind:ident: $type:ty),*) => {$(
        impl Held for $type {
            fn of(value: Value) -> Option<$type> {
                if let Value::$kind(value) = value { value.try_into().ok() } else { None }
            }
            fn value(&self) -> Value {
                Value::$kind(self.clone().into())
            }
        }
    )*};
}
held!(Switch: bool, Number: u64, Number: u32, Number: u8, Time: Span, Size: Bytes, Rate: Rate, Schedule: Schedule);

impl<T: Held> Held for Option<T> {
    fn of(value: Value) -> Option<Option<T>> {
        if value == Value::Unset { Some(None) } else { T::of(value).map(Some) }
    }

    fn value(&self) -> Value {
        self.as_ref().map_or(Value::Unset, Held::value)
    }
}

/// Names the values of an enum, of which the first name is shown where there are several.
macro_rules! words {
    ($type:ident: $($word:literal => $value:ident),+) => {
        impl $type {
            /// Every word, as the product spells it.
            pub const WORDS: &'static [&'static str] = &[$($word),+];
        }
        impl $crate::orchestrator::Held for $type {
            fn of(value: $crate::orchestrator::Value) -> Option<$type> {
                [$(($word, $type::$value)),+]
                    .into_iter()
                    .find_map(|(word, named)| (value == $crate::orchestrator::Value::Word(word)).then_some(named))
            }
            fn value(&self) -> $crate::orchestrator::Value {
                let words = [$(($word, $type::$value)),+];
                $crate::orchestrator::Value::Word($crate::units::spelling::word_of(&words, *self))
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
    pub form: Form,
    /// What it means: a few words.
    pub means: &'static str,
    /// What to know of how it is written, behind what its form says.
    pub remark: &'static str,
    /// Its default in words, where that is no plain value.
    pub default: Option<&'static str>,
    /// Releases that have it, of a product whose releases differ.
    pub releases: RangeInclusive<u32>,
    /// Whether it switches a capability of QEMU on, so that its other value is an answer to "what should I change?".
    pub is_lever: bool,
}

/// An option, and where it stands in the settings of its product.
pub struct Row<P: 'static> {
    /// What is known without a product at hand.
    pub option: ProductOption,
    /// Its value.
    pub get: fn(&P) -> Value,
    /// Sets it, to a value that its form allows.
    pub set: fn(&mut P, Value),
}

impl<P> Row<P> {
    /// An option of every release.
    pub const fn new(
        key: &'static str,
        form: Form,
        means: &'static str,
        get: fn(&P) -> Value,
        set: fn(&mut P, Value),
    ) -> Row<P> {
        let (remark, default, releases) = ("", None, 0..=u32::MAX);
        Row { option: ProductOption { key, form, means, remark, default, releases, is_lever: false }, get, set }
    }

    /// Adds to how it is written.
    pub const fn remark(mut self, remark: &'static str) -> Row<P> {
        self.option.remark = remark;
        self
    }

    /// Says what it is where it is not set.
    pub const fn default(mut self, words: &'static str) -> Row<P> {
        self.option.default = Some(words);
        self
    }

    /// Not in every release.
    pub const fn releases(mut self, releases: RangeInclusive<u32>) -> Row<P> {
        self.option.releases = releases;
        self
    }

    /// Switches a capability of QEMU on.
    pub const fn lever(mut self) -> Row<P> {
        self.option.is_lever = true;
        self
    }
}

/// The settings of a product, an option a row: meaning, field, default, key, form, and what else [`Row`] can say.
macro_rules! options {
    ($(#[$about:meta])* pub struct $type:ident {$(
        $(#[doc = $means:literal])+
        $field:ident: $held:ty = $default:expr, $key:literal $form:expr $(, $more:ident($($with:expr)?))*;
    )+}) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $type {
            $($(#[doc = $means])+ pub $field: $held,)+
        }

        impl Default for $type {
            fn default() -> $type {
                $type { $($field: $default),+ }
            }
        }

        impl $crate::orchestrator::Options for $type {
            const ROWS: &'static [$crate::orchestrator::Row<$type>] = &[$(
                $crate::orchestrator::Row::new(
                    $key,
                    $form,
                    concat!($($means),+),
                    |product: &$type| $crate::orchestrator::Held::value(&product.$field),
                    |product: &mut $type, value| {
                        if let Some(value) = $crate::orchestrator::Held::of(value) {
                            product.$field = value;
                        }
                    },
                )$(.$more($($with)?))*
            ),+];
        }
    };
}
pub(super) use options;

/// Settings that are options, each a row.
pub trait Options: Default + 'static {
    /// The options, in the order of the reference page.
    const ROWS: &'static [Row<Self>];
}

/// What must hold where an option is set.
pub struct Check<P: 'static> {
    /// The option.
    pub key: &'static str,
    /// Whether all is well.
    pub holds: fn(&P) -> bool,
    /// What is wrong otherwise.
    pub misfit: Misfit,
}

/// What is wrong with an option, although its value is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misfit {
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
pub const fn needs<P>(key: &'static str, holds: fn(&P) -> bool, needed: &'static str, why: &'static str) -> Check<P> {
    Check { key, holds, misfit: Misfit::Needs { needed, why } }
}

/// An option that does nothing where `holds` does not.
pub const fn idle<P>(key: &'static str, holds: fn(&P) -> bool, why: &'static str) -> Check<P> {
    Check { key, holds, misfit: Misfit::Idle { why, beside: None } }
}
