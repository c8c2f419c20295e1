//! Typed reading of one section: a key is asked for by name and type, and everything wrong is collected.

use std::collections::BTreeSet;
use std::fmt::{self, Display};
use std::ops::RangeInclusive;

use crate::units::Share;
use crate::units::parse::Quantity;
pub(super) use crate::units::spelling::listed as list;
use crate::units::spelling::nearest;

use super::diagnostic::Source;
use super::faults::{Faults, clip};
use super::figure::{Figure, tidy};
use super::fleet_column;
use super::outline::Outline;
use super::shape;
use super::tree::{Entry, Node, Table, TextPlace, TomlValue};
use serde_json::Value as Shape;

/// The unit of what is no number.
pub(super) const WORDS: &str = "words";
/// The unit of a plain number.
pub(super) const COUNT: &str = "count";

/// A section being read. [`Section::finish`] complains about keys that nobody asked for.
pub(super) struct Section<'a> {
    /// Keys that lead here, with a dot behind each: `guest.workload.0.`; empty for the whole file.
    path: String,
    table: &'a Table,
    /// Where the section begins.
    pub place: TextPlace,
    asked: Vec<&'static str>,
    missing: Vec<(&'static str, &'static str)>,
    /// Where complaints go.
    pub faults: &'a mut Faults,
}

/// A value with its place.
#[derive(Clone, Debug)]
pub(super) struct FoundValue<T> {
    pub value: T,
    pub place: TextPlace,
    /// A number that had no unit and took that of its key.
    pub bare: bool,
}

impl<T> FoundValue<T> {
    /// What `change` makes of the value, at its place.
    pub(super) fn map<U>(self, change: impl FnOnce(T) -> U) -> FoundValue<U> {
        FoundValue { value: change(self.value), place: self.place, bare: self.bare }
    }
}

/// Puts a value, if there is one, in the place of a default.
pub(super) fn fill<T>(target: &mut T, found: Option<FoundValue<T>>) {
    if let Some(found) = found {
        *target = found.value;
    }
}

/// The path of a key of a section, put together only where somebody reads it.
struct KeyPath<'a>(&'a str, &'a str);

impl Display for KeyPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&clip(&format!("{}{}", self.0, self.1)))
    }
}

/// A key that is nobody's: what to say instead of "unknown key".
pub(super) struct Foreign {
    pub title: String,
    pub label: String,
    pub help: String,
}

impl<'a> Section<'a> {
    /// The whole file.
    pub(super) fn root(table: &'a Table, faults: &'a mut Faults) -> Section<'a> {
        Section {
            path: String::new(),
            table,
            place: TextPlace::NOWHERE,
            asked: Vec::new(),
            missing: Vec::new(),
            faults,
        }
    }

    /// A section at a path of its own, which ends with a dot.
    pub(super) fn below(path: String, table: &'a Table, place: TextPlace, faults: &'a mut Faults) -> Section<'a> {
        Section { path, table, place, asked: Vec::new(), missing: Vec::new(), faults }
    }

    /// The full path of a key, as `--set` takes it.
    pub(super) fn path(&self, key: &str) -> String {
        KeyPath(&self.path, key).to_string()
    }

    /// What `look` finds at a key, of whose full path it may complain.
    pub(super) fn at<T>(&mut self, key: &str, look: impl FnOnce(&dyn Display, &mut Faults) -> T) -> T {
        look(&KeyPath(&self.path, key), self.faults)
    }

    fn entry(&mut self, key: &'static str) -> Option<&'a Entry> {
        // Some are asked for twice; only a complaint needs to know.
        self.asked.push(key);
        self.table.get(key)
    }

    /// Notes for a schema what is asked for, if somebody wants to know.
    fn outline(&mut self, note: impl FnOnce(&mut Outline, &str)) {
        if let Some(outline) = &mut self.faults.outline {
            note(outline, &self.path);
        }
    }

    /// Says what may stand at a key, and in which unit results show its number.
    pub(super) fn expect(&mut self, key: &'static str, unit: &'static str, shape: impl FnOnce() -> Shape) {
        self.counts(key, unit);
        self.outline(|outline, path| outline.value(path, key, shape()));
    }

    /// Says in which unit results show the number at a key, if it is not that of its form.
    pub(super) fn counts(&mut self, key: &str, unit: &'static str) {
        self.outline(|outline, path| outline.unit(path, key, unit));
    }

    /// Says what may stand at keys that nobody asks for by name.
    pub(super) fn expect_others(&mut self, shape: impl FnOnce() -> Shape) {
        self.outline(|outline, path| outline.others(path, shape()));
    }

    /// Says of keys that were asked for whether they belong here at all.
    pub(super) fn own(&mut self, belongs: impl Fn(&str) -> bool) {
        if let Some(outline) = &mut self.faults.outline {
            self.asked.iter().filter(|key| !belongs(key)).for_each(|key| outline.disown(&self.path, key));
        }
    }

    /// Every key and value, in the order of the file; those of `--set` flags last.
    pub(super) fn entries(&self) -> &'a [Entry] {
        &self.table.entries
    }

    /// The entry of a key, which counts as asked for only once it is read.
    pub(super) fn peek(&self, key: &str) -> Option<&'a Entry> {
        self.table.get(key)
    }

    /// Whether the key is there.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.get(key).is_some()
    }

    /// Asks for a key that must be there, so that [`Section::finish`] can complain.
    pub(super) fn require(&mut self, key: &'static str, example: &'static str) {
        self.outline(|outline, path| outline.require(path, key));
        if !self.has(key) {
            self.missing.push((key, example));
        }
    }

    fn complain_of_missing(&mut self, key: &str, example: &str) {
        let path = self.path(key);
        let section = self.path.trim_end_matches('.');
        let nowhere = self.place == TextPlace::NOWHERE;
        let help = match (nowhere, section.is_empty()) {
            (true, false) if self.faults.table => format!("give it by `--set '{path}={}'`", example.trim_matches('"')),
            (true, false) => format!("add a section `[{section}]` with `{key} = {example}`"),
            _ if self.faults.table => {
                format!("add a column `{}`, as in `{}`", fleet_column::name(&path), example.trim_matches('"'))
            }
            _ => format!("add `{key} = {example}`"),
        };
        let label = format!("no `{key}` in this section");
        self.faults.error(&self.place, format!("`{path}` is missing"), label).help(help);
    }

    /// The section of that name; empty if it is not there.
    pub(super) fn section<T>(&mut self, key: &'static str, read: impl FnOnce(&mut Section) -> T) -> T {
        self.outline(|outline, path| outline.section(path, key));
        let entry = self.entry(key);
        let empty = Table::default();
        let (table, place) = match entry.map(|entry| (&entry.node.value, &entry.node)) {
            Some((TomlValue::Table(table), node)) => (table, node.place.clone()),
            Some((value, node)) => {
                let help = match node.place.source {
                    Source::File => format!("write `[{key}]`, and its keys below it"),
                    _ if key == "orchestrator" => "name a key of it, as in `orchestrator.kind=nova`".to_owned(),
                    _ => format!("name a key of it, as in `{key}.KEY=VALUE`"),
                };
                self.must_be(key, node, value, "a section", &help);
                return self.open_lost(key, node.place.clone(), read);
            }
            None if self.table.entries.iter().any(|entry| nearest(&entry.key, [key]).is_some()) => {
                return self.open_lost(key, TextPlace::NOWHERE, read);
            }
            None => (&empty, TextPlace::NOWHERE),
        };
        self.open(key, table, place, read)
    }

    /// Reads a section that is not there, where another fault says so: nothing is missing in it.
    fn open_lost<T>(&mut self, key: &str, place: TextPlace, read: impl FnOnce(&mut Section) -> T) -> T {
        let incomplete = std::mem::replace(&mut self.faults.incomplete, true);
        let result = self.open(key, &Table::default(), place, read);
        self.faults.incomplete = incomplete;
        result
    }

    /// The sections of a list of them.
    pub(super) fn sections<T>(&mut self, key: &'static str, mut read: impl FnMut(&mut Section) -> T) -> Vec<T> {
        self.outline(|outline, path| outline.sections(path, key));
        let Some(entry) = self.entry(key) else { return Vec::new() };
        let how = format!("write `[[{}{key}]]` once for each", self.path);
        let TomlValue::List(list) = &entry.node.value else {
            self.must_be(key, &entry.node, &entry.node.value, "a list of sections", &how);
            return Vec::new();
        };
        let mut results = Vec::new();
        for (index, node) in list.iter().enumerate() {
            let name = format!("{key}.{index}");
            match &node.value {
                TomlValue::Table(table) => results.push(self.open(&name, table, node.place.clone(), &mut read)),
                value => self.must_be(&name, node, value, "a section", &how),
            }
        }
        results
    }

    /// This section with other entries.
    pub(super) fn with<T>(&mut self, table: &Table, read: impl FnOnce(&mut Section) -> T) -> T {
        let (path, place) = (self.path.clone(), self.place.clone());
        read(&mut Section { path, table, place, asked: Vec::new(), missing: Vec::new(), faults: self.faults })
    }

    fn open<T>(&mut self, key: &str, table: &Table, place: TextPlace, read: impl FnOnce(&mut Section) -> T) -> T {
        let path = format!("{}{key}.", self.path);
        read(&mut Section { path, table, place, asked: Vec::new(), missing: Vec::new(), faults: self.faults })
    }

    /// Complains about keys that nobody asked for, and about those that are required and not there.
    ///
    /// `foreign` knows keys that have another home. A required key that is only misspelt is not missing.
    pub(super) fn finish(&mut self, foreign: impl Fn(&str) -> Option<Foreign>) {
        if self.table.entries.iter().any(|entry| !self.asked.contains(&entry.key.as_str())) {
            let mut seen = BTreeSet::new();
            self.asked.retain(|key| seen.insert(*key));
        }
        for entry in &self.table.entries {
            let key = entry.key.as_str();
            if self.asked.contains(&key) {
                continue;
            }
            if let Some(Foreign { title, label, help }) = foreign(key) {
                self.faults.error(&entry.place, title, label).help(help);
                continue;
            }
            let section = self.path.trim_end_matches('.');
            let title = match (section.is_empty(), &entry.node.value) {
                (true, TomlValue::Table(_)) => format!("unknown section `[{}]`", clip(key)),
                (true, _) => format!("unknown key `{}`", clip(key)),
                (false, _) => format!("unknown key `{}` in `[{section}]`", clip(key)),
            };
            let help = match nearest(key, self.asked.iter().copied()) {
                Some(near) => {
                    self.missing.retain(|(missing, _)| *missing != near);
                    format!("did you mean `{near}`?")
                }
                None => {
                    let known = format!("known here: {}", list(self.asked.iter().copied()));
                    match section.is_empty() && entry.place.source != Source::File {
                        true => format!("write the section before the key, as in `orchestrator.kind=nova`; {known}"),
                        false => known,
                    }
                }
            };
            self.faults.error(&entry.place, title, "not known here").help(help);
        }
        if !self.faults.incomplete {
            for (key, example) in std::mem::take(&mut self.missing) {
                self.complain_of_missing(key, example);
            }
        }
    }

    fn must_be(&mut self, key: &str, node: &Node, value: &TomlValue, wanted: &str, help: &str) {
        let title = format!("`{}` must be {wanted}", self.path(key));
        self.faults.error(&node.place, title, format!("this is {}", value.noun())).help(help);
    }

    /// A text.
    pub(super) fn text(&mut self, key: &'static str) -> Option<FoundValue<String>> {
        self.expect(key, WORDS, shape::text);
        let node = &self.entry(key)?.node;
        match &node.value {
            TomlValue::Text(text) => Some(FoundValue { value: text.clone(), place: node.place.clone(), bare: false }),
            value => {
                self.must_be(key, node, value, "a text", "write it in quotes");
                None
            }
        }
    }

    /// A text, or a number taken as text: `"8.2"` or `8.2`.
    pub(super) fn word(&mut self, key: &'static str, example: &str) -> Option<FoundValue<String>> {
        self.expect(key, WORDS, shape::word);
        let node = &self.entry(key)?.node;
        let Some(text) = node.value.digits() else {
            self.must_be(key, node, &node.value, "a text", &format!("write \"{example}\""));
            return None;
        };
        Some(FoundValue { value: text.into_owned(), place: node.place.clone(), bare: false })
    }

    /// A switch.
    pub(super) fn switch(&mut self, key: &'static str) -> Option<FoundValue<bool>> {
        self.expect(key, WORDS, shape::switch);
        let node = &self.entry(key)?.node;
        if let TomlValue::Bool(value) = node.value {
            return Some(FoundValue { value, place: node.place.clone(), bare: false });
        }
        let help = match &node.value {
            TomlValue::Text(word) | TomlValue::Number(word) => match word.to_lowercase().as_str() {
                "on" | "yes" | "true" | "1" | "enabled" => "write `true`, without quotes",
                "off" | "no" | "false" | "0" | "disabled" => "write `false`, without quotes",
                _ => "write `true` or `false`, without quotes",
            },
            _ => "write `true` or `false`",
        };
        self.must_be(key, node, &node.value, "`true` or `false`", help);
        None
    }

    /// One word of a few. `later` lists those that are known but not supported yet.
    pub(super) fn choice<T: Copy>(
        &mut self,
        key: &'static str,
        words: &[(&str, T)],
        later: &[&str],
    ) -> Option<FoundValue<T>> {
        self.expect(key, WORDS, || shape::choice(words.iter().map(|word| word.0)));
        let first = words.first().map_or("", |word| word.0);
        let FoundValue { value: word, place, bare } = self.word(key, first)?;
        if let Some((_, value)) = words.iter().find(|(known, _)| *known == word) {
            return Some(FoundValue { value: *value, place, bare });
        }
        let path = self.path(key);
        let known = || words.iter().map(|word| word.0);
        let all = format!("one of {}", list(known()));
        if later.contains(&word.as_str()) {
            let title = format!("`{path}` cannot be `{word}` yet");
            self.faults.error(&place, title, "not supported by this version of precopy").help(all);
        } else {
            let help = nearest(&word, known()).map_or(all, |near| format!("did you mean `{near}`?"));
            self.faults.error(&place, format!("`{path}` cannot be `{}`", clip(&word)), "no such choice").help(help);
        }
        None
    }

    /// A number with a unit. `bare` is the unit of a number without one, where the key has such a unit.
    pub(super) fn quantity<Q: Quantity>(&mut self, key: &'static str, bare: Option<&str>) -> Option<FoundValue<Q>> {
        self.expect(key, Q::FIGURE, || shape::quantity::<Q>(bare.is_some()));
        let entry = self.entry(key)?;
        quantity(KeyPath(&self.path, key), &entry.node, bare, self.faults)
    }

    /// A share of a whole, from 0 to 100 %.
    pub(super) fn share(&mut self, key: &'static str) -> Option<FoundValue<Share>> {
        self.expect(key, Share::FIGURE, || shape::quantity::<Share>(true));
        let entry = self.entry(key)?;
        share(KeyPath(&self.path, key), &entry.node, self.faults)
    }

    /// The value of a key that may be a share or something else; the caller looks at it.
    pub(super) fn raw(&mut self, key: &'static str) -> Option<&'a Node> {
        self.outline(|outline, path| outline.look(path, key));
        self.entry(key).map(|entry| &entry.node)
    }

    /// A whole percentage within `range`, as QEMU's parameters take it.
    pub(super) fn percent(&mut self, key: &'static str, range: RangeInclusive<u8>) -> Option<FoundValue<u8>> {
        self.expect(key, Share::FIGURE, || shape::percent(&range));
        let found = self.quantity::<Share>(key, Some("%"))?;
        self.grain(key, 1.0);
        let percent = found.value.percent();
        let (least, most) = (f64::from(*range.start()), f64::from(*range.end()));
        let path = self.path(key);
        let whole = percent.round();
        if (percent - whole).abs() > 1e-9 {
            let title = format!("`{path}` must be a whole percentage");
            let help = format!("QEMU takes whole numbers from {least} to {most}");
            self.faults.error(&found.place, title, "this has a fraction").help(help);
            return None;
        }
        if whole < least || whole > most {
            let title = format!("`{path}` is out of range");
            self.faults
                .error(&found.place, title, format!("must be {least} % to {most} %"))
                .help("QEMU refuses such a value too");
            return None;
        }
        // The cast loses nothing: the value is a whole number within a range of u8.
        Some(FoundValue { value: whole as u8, place: found.place, bare: found.bare })
    }

    /// Notes that a key takes only multiples of `grain`, in the unit of its figure.
    pub(super) fn grain(&mut self, key: &str, grain: f64) {
        if !self.faults.watched.is_empty() {
            let path = self.path(key);
            self.faults.grain(&path, grain);
        }
    }

    /// Notes the plain number that a key took.
    fn take(&mut self, key: &str, value: f64, grain: f64) {
        if !self.faults.watched.is_empty() {
            let path = self.path(key);
            self.faults.take(&path, Figure { value, unit: "", grain });
        }
    }

    /// A plain number within `range`.
    pub(super) fn number(&mut self, key: &'static str, range: RangeInclusive<f64>) -> Option<FoundValue<f64>> {
        self.expect(key, COUNT, || shape::number(&range));
        let node = &self.entry(key)?.node;
        let Some(text) = node.value.digits() else {
            self.must_be(key, node, &node.value, "a number", "write a number without quotes");
            return None;
        };
        match text.replace('_', "").parse().ok().filter(|number| range.contains(number)) {
            Some(value) => {
                self.take(key, value, 0.0);
                Some(FoundValue { value, place: node.place.clone(), bare: false })
            }
            None => {
                let (least, most) = (range.start(), range.end());
                let title = format!("`{}` must be a number from {least} to {most}", self.path(key));
                let label = if text.parse::<f64>().is_ok() { "out of range" } else { "not a number" };
                self.faults.error(&node.place, title, label);
                None
            }
        }
    }

    /// A whole number within `range`.
    pub(super) fn count(&mut self, key: &'static str, range: RangeInclusive<u32>) -> Option<FoundValue<u32>> {
        self.expect(key, COUNT, || shape::count(&range));
        let node = &self.entry(key)?.node;
        let Some(text) = node.value.digits() else {
            self.must_be(key, node, &node.value, "a whole number", "write a number without quotes");
            return None;
        };
        match text.parse().ok().filter(|number| range.contains(number)) {
            Some(value) => {
                self.take(key, f64::from(value), 1.0);
                Some(FoundValue { value, place: node.place.clone(), bare: false })
            }
            None => {
                let path = self.path(key);
                let title = format!("`{path}` must be a whole number from {} to {}", range.start(), range.end());
                let digits = text.trim_start_matches(['-', '+']);
                let is_whole = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit());
                let label = if is_whole { "out of range" } else { "not a whole number" };
                self.faults.error(&node.place, title, label);
                None
            }
        }
    }
}

/// Reads a number with a unit from any value.
pub(super) fn quantity<Q: Quantity>(
    path: impl Display,
    node: &Node,
    bare: Option<&str>,
    faults: &mut Faults,
) -> Option<FoundValue<Q>> {
    let Some(found) = node.value.quantity(bare) else {
        let help = format!("write a number with a unit, as in \"1 {}\"", Q::USUAL[0].0);
        let title = format!("`{path}` must be {}", Q::ONE);
        faults.error(&node.place, title, format!("this is {}", node.value.noun())).help(help);
        return None;
    };
    match found {
        Ok((value, bare)) => {
            if !faults.watched.is_empty() {
                faults.take(
                    &path.to_string(),
                    Figure { value: tidy(Q::figure(&value)), unit: Q::FIGURE, grain: Q::GRAIN },
                );
            }
            Some(FoundValue { value, place: node.place.clone(), bare })
        }
        Err(error) => {
            let title = format!("`{path}` {}", error.problem.predicate());
            faults.error(&node.place, title, error.reason).help = error.hint;
            None
        }
    }
}

/// Reads a share of a whole from any value. A bare number above 1 is a percentage; below, it might be either.
pub(super) fn share(path: impl Display, node: &Node, faults: &mut Faults) -> Option<FoundValue<Share>> {
    let found = quantity::<Share>(&path, node, Some("%"), faults)?;
    let percent = found.value.percent();
    if found.bare && percent > 0.0 && percent <= 1.0 {
        let title = format!("`{path}` has no unit");
        faults.error(&found.place, title, "a share of the whole, or a percentage?").help(format!(
            "write \"{}\" or \"{}\"",
            Share(percent),
            found.value
        ));
        return None;
    }
    if found.value > Share::ALL {
        faults.error(&found.place, format!("`{path}` is above 100 %"), "more than the whole");
        return None;
    }
    Some(found)
}
