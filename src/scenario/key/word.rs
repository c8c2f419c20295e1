//! What is no number, or not only one.

use crate::scenario::faults::clip;
use crate::scenario::part::{self, RamPart};
use crate::scenario::reader::{FoundValue, Section};
use crate::scenario::shape;
use crate::scenario::tree::TomlValue;
use crate::units::parse::Quantity;

use super::{KeyForm, KeyNumber, NumberForm, UsualForm};

/// A word as a file has it, for a reference page.
fn quoted(word: &str) -> String {
    format!("`\"{word}\"`")
}

/// One word of a few, and what each stands for. The first is taken for granted.
#[derive(Clone, Copy, Debug)]
pub(in crate::scenario) struct ChoiceForm<T: 'static>(pub &'static [(&'static str, T)]);

impl<T: Copy> KeyForm for ChoiceForm<T> {
    type Value = T;

    fn read(&self, section: &mut Section, key: &'static str) -> Option<FoundValue<T>> {
        section.choice(key, self.0, &[])
    }

    fn written(&self) -> String {
        self.0.iter().map(|(word, _)| quoted(word)).collect::<Vec<_>>().join(", ")
    }

    fn default(&self) -> String {
        quoted(self.0[0].0)
    }
}

impl<T: Copy> UsualForm for ChoiceForm<T> {
    fn usual(&self) -> T {
        self.0[0].1
    }
}

/// One word of a few, or an amount. The first word is taken for granted.
#[derive(Clone, Copy, Debug)]
pub(in crate::scenario) struct WordedForm<T: 'static, Q: 'static> {
    /// All words, and what they stand for.
    pub words: &'static [(&'static str, T)],
    /// The amounts that are taken.
    pub amount: NumberForm<Q>,
    /// What an amount stands for.
    pub of: fn(Q) -> T,
    /// What to write.
    pub help: &'static str,
}

impl<T: Copy, Q: KeyNumber + Quantity> KeyForm for WordedForm<T, Q> {
    type Value = T;

    fn read(&self, section: &mut Section, key: &'static str) -> Option<FoundValue<T>> {
        let words = || shape::choice(self.words.iter().map(|(word, _)| *word));
        section.expect(key, Q::FIGURE, || shape::one_of([words(), shape::quantity::<Q>(false)]));
        let node = section.raw(key)?;
        let place = node.place.clone();
        match &node.value {
            TomlValue::Text(text) if text.starts_with(char::is_alphabetic) => {
                let known = self.words.iter().find(|(word, _)| word == text);
                if known.is_none() {
                    let title = format!("`{}` cannot be `{}`", section.path(key), clip(text));
                    section.faults.error(&place, title, "no such choice").help(self.help);
                }
                known.map(|(_, value)| FoundValue { value: *value, place, bare: false })
            }
            _ => self.amount.read(section, key).map(|found| found.map(self.of)),
        }
    }

    fn written(&self) -> String {
        let words = self.words.iter().map(|(word, _)| quoted(word));
        words.chain([self.amount.written()]).collect::<Vec<_>>().join(", ")
    }

    fn default(&self) -> String {
        quoted(self.words[0].0)
    }
}

impl<T: Copy, Q: KeyNumber + Quantity> UsualForm for WordedForm<T, Q> {
    fn usual(&self) -> T {
        self.words[0].1
    }
}

/// `true` or `false`, of which one is taken for granted.
#[derive(Clone, Copy, Debug)]
pub(in crate::scenario) struct SwitchForm(pub bool);

impl KeyForm for SwitchForm {
    type Value = bool;

    fn read(&self, section: &mut Section, key: &'static str) -> Option<FoundValue<bool>> {
        section.switch(key)
    }

    fn written(&self) -> String {
        "`true`, `false`".to_owned()
    }

    fn default(&self) -> String {
        format!("`{}`", self.0)
    }
}

impl UsualForm for SwitchForm {
    fn usual(&self) -> bool {
        self.0
    }
}

/// A text.
#[derive(Clone, Copy, Debug)]
pub(in crate::scenario) struct TextForm;

impl KeyForm for TextForm {
    type Value = String;

    fn read(&self, section: &mut Section, key: &'static str) -> Option<FoundValue<String>> {
        section.text(key)
    }

    fn written(&self) -> String {
        "text".to_owned()
    }
}

/// A text that may look like a number, and how to write one.
#[derive(Clone, Copy, Debug)]
pub(in crate::scenario) struct WordForm(pub &'static str);

impl KeyForm for WordForm {
    type Value = String;

    fn read(&self, section: &mut Section, key: &'static str) -> Option<FoundValue<String>> {
        section.word(key, self.0)
    }

    fn written(&self) -> String {
        quoted(self.0)
    }

    fn default(&self) -> String {
        self.written()
    }
}

/// A part of something: a share of it, or a size.
#[derive(Clone, Copy, Debug)]
pub(in crate::scenario) struct PartForm;

impl KeyForm for PartForm {
    type Value = RamPart;

    fn read(&self, section: &mut Section, key: &'static str) -> Option<FoundValue<RamPart>> {
        part::read(section, key)
    }

    fn written(&self) -> String {
        "share, or size".to_owned()
    }
}
