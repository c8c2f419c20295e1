//! A key of a scenario or fleet that holds one value: what it means, what it takes and its default, written down once for
//! whoever reads it from a file, checks it in a value, or explains it.

mod number;
mod word;

pub(super) use number::{KeyNumber, NumberForm};
pub(super) use word::{ChoiceForm, PartForm, SwitchForm, TextForm, WordForm, WordedForm};

use super::reader::{FoundValue, Section};
use super::workload_kind::WorkloadKind;

/// A key, and what it takes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key<F: 'static> {
    /// As `--set` takes it; of a list the first entry.
    pub path: &'static str,
    /// What it means, in a few words; empty for a key that is explained elsewhere.
    pub means: &'static str,
    /// What it takes.
    pub form: F,
    /// How it is written, where there is more to say than its form does.
    written: Option<&'static str>,
    /// The default in words, where it is more than a value.
    default: Option<&'static str>,
}

/// What a key takes.
pub(super) trait KeyForm {
    /// What is read.
    type Value;
    /// Reads it; `None` if it is not there, or wrong.
    fn read(&self, section: &mut Section, key: &'static str) -> Option<FoundValue<Self::Value>>;
    /// How the reference page says what is taken.
    fn written(&self) -> String;
    /// How it says what is taken for granted; empty where nothing is.
    fn default(&self) -> String {
        String::new()
    }
}

/// What a key takes that has a value of its own where nobody gives it one.
pub(super) trait UsualForm: KeyForm {
    /// That value.
    fn usual(&self) -> Self::Value;
}

/// A row of a reference page.
#[derive(Clone, Debug)]
pub struct KeyRow {
    /// Of the key, as `--set` takes it.
    pub path: &'static str,
    /// What it means; empty for a key that is explained elsewhere.
    pub means: String,
    /// How it is written.
    pub written: String,
    /// What holds where it is not there.
    pub default: String,
    /// The kinds of a workload that have it; empty for what is no key of a workload.
    pub kinds: String,
}

impl<F> Key<F> {
    pub(super) const fn new(path: &'static str, means: &'static str, form: F) -> Key<F> {
        Key { path, means, form, written: None, default: None }
    }
}

impl<F: Copy> Key<F> {
    /// Says in words how it is written.
    pub(super) const fn written(mut self, words: &'static str) -> Key<F> {
        self.written = Some(words);
        self
    }

    /// Says in words what it is where nobody says it.
    pub(super) const fn default(mut self, words: &'static str) -> Key<F> {
        self.default = Some(words);
        self
    }
}

impl<F: KeyForm> Key<F> {
    /// Its name within its section.
    pub(super) fn name(&self) -> &'static str {
        self.path.rsplit('.').next().unwrap_or(self.path)
    }

    /// Reads it from its section.
    pub(super) fn read(&self, section: &mut Section) -> Option<FoundValue<F::Value>> {
        self.form.read(section, self.name())
    }

    /// Its row on a reference page.
    pub(super) fn row(&self) -> KeyRow {
        let kinds = self.path.strip_prefix("guest.workload.0.").map_or_else(String::new, WorkloadKind::named_for);
        KeyRow {
            path: self.path,
            means: self.means.trim().to_owned(),
            written: self.written.map_or_else(|| self.form.written(), str::to_owned),
            default: self.default.map_or_else(|| self.form.default(), str::to_owned),
            kinds,
        }
    }
}

impl<F: UsualForm> Key<F> {
    /// Its value in a section; where it is not there or wrong, the usual one.
    pub(super) fn value(&self, section: &mut Section) -> F::Value {
        self.read(section).map_or_else(|| self.form.usual(), |found| found.value)
    }
}

/// Names keys, and lists their rows for the reference pages.
macro_rules! keys {
    ($(
        $(#[doc = $means:literal])*
        $name:ident: $form:ty = $path:literal, $make:expr $(, $more:ident($with:expr))*;
    )+) => {
        $(
            $(#[doc = $means])*
            pub(in crate::scenario) const $name: Key<$form> =
                Key::new($path, concat!($($means),*), $make)$(.$more($with))*;
        )+

        /// The rows of these keys.
        pub(super) fn rows() -> Vec<KeyRow> {
            vec![$($name.row()),+]
        }
    };
}
pub(super) use keys;
