//! What runs in a guest, in people's words, and the workload that is taken for it.

use std::sync::LazyLock;

use super::diagnostic::Diagnostic;
use super::faults::{Faults, clip};
use super::reader::list;
use super::syntax;
use super::tree::{Table, TextPlace, TomlValue};
use super::{presets, workload_kind};
use crate::units::spelling::nearest;

/// A table of loads: the words by which people call them, and keys of `[[guest.workload]]`.
#[derive(Clone, Debug, Default)]
pub struct Loads(Vec<Load>);

/// One of them.
#[derive(Clone, Debug)]
pub(super) struct Load {
    words: Vec<String>,
    keys: Table,
}

/// The table that comes with the program.
static DEFAULTS: LazyLock<Loads> =
    LazyLock::new(|| Loads::read(include_str!("loads.toml")).expect("the table is ours, and a test reads it"));

impl Loads {
    /// Reads a table: `[[load]]` entries with `words`, and the keys of a workload.
    ///
    /// # Errors
    /// Everything that is wrong with it, with its place.
    pub fn read(text: &str) -> Result<Loads, Vec<Diagnostic>> {
        let mut faults = Faults::default();
        let mut parsed = syntax::file(text, &mut faults);
        let table = std::mem::take(&mut parsed.table);
        let mut loads = Vec::new();
        for entry in &table.entries {
            match (entry.key.as_str(), &entry.node.value) {
                ("load", TomlValue::List(list)) => {
                    for node in list {
                        match &node.value {
                            TomlValue::Table(table) => loads.extend(load(table, &node.place, &mut faults)),
                            _ => drop(faults.error(&node.place, "a load is a section", "no section").help(FORM)),
                        }
                    }
                }
                _ => drop(faults.error(&entry.place, "a table of loads has `[[load]]` entries", "no load").help(FORM)),
            }
        }
        if loads.is_empty() && faults.errors.is_empty() && !parsed.is_incomplete() {
            faults.error(&TextPlace::NOWHERE, "the table has no loads", "").help(FORM);
        }
        match parsed.settle(faults.errors) {
            errors if errors.is_empty() => Ok(Loads(loads)),
            errors => Err(super::load::sorted(errors)),
        }
    }

    /// The program's own table: words, and the preset or the kind of workload that is taken for them.
    pub fn known() -> impl Iterator<Item = (&'static [String], String)> {
        let taken = |keys: &Table| keys.get("preset").or(keys.get("kind")).map(|entry| entry.node.value.words());
        DEFAULTS.0.iter().map(move |load| (load.words.as_slice(), taken(&load.keys).unwrap_or_default()))
    }

    /// The keys of that load as lines of TOML.
    pub(super) fn toml(&self, field: &str) -> Option<String> {
        let keys = self.find(field)?;
        let lines = keys.entries.iter().map(|entry| format!("{} = {}", entry.key, entry.node.value.literal()));
        Some(lines.collect::<Vec<_>>().join("\n"))
    }

    /// The keys of the first load, here or in the program's own table, of which `field` has a word.
    pub(super) fn find(&self, field: &str) -> Option<&Table> {
        let field = field.to_lowercase();
        let has = |load: &&Load| load.words.iter().any(|word| has_words(&field, word));
        self.0.iter().find(has).or_else(|| DEFAULTS.0.iter().find(has)).map(|load| &load.keys)
    }
}

const FORM: &str =
    "write `[[load]]`, and below it `words = [\"kafka\"]` and keys of a workload, such as `preset = \"redis-set-1m\"`";

fn load(table: &Table, place: &TextPlace, faults: &mut Faults) -> Option<Load> {
    let before = faults.errors.len();
    let (mut words, mut keys) = (Vec::new(), Table::default());
    for entry in &table.entries {
        match (entry.key.as_str(), &entry.node.value) {
            ("words", TomlValue::List(list)) if list.iter().all(|node| matches!(node.value, TomlValue::Text(_))) => {
                words.extend(
                    list.iter().map(|node| node.value.words().to_lowercase()).filter(|word| !word.trim().is_empty()),
                );
            }
            ("words", _) => drop(faults.error(&entry.place, "`words` is a list of texts", "no such list").help(FORM)),
            ("why", _) => {}
            ("preset", TomlValue::Text(name)) if !presets::names().iter().any(|(known, _)| known == name) => {
                let known = nearest(name, presets::names().into_iter().map(|(name, _)| name));
                let help =
                    known.map_or("`precopy presets` lists them".to_owned(), |name| format!("did you mean `{name}`?"));
                faults.error(&entry.node.place, format!("`{}` is no preset", clip(name)), "not known").help(help);
            }
            ("kind", TomlValue::Text(kind))
                if !workload_kind::WorkloadKind::NAMES.iter().any(|(known, _)| known == kind) =>
            {
                let known = list(workload_kind::WorkloadKind::NAMES.iter().map(|(name, _)| *name));
                let title = format!("`{}` is no kind of workload", clip(kind));
                faults.error(&entry.node.place, title, "not known").help(format!("known here: {known}"));
            }
            _ => drop(keys.put(entry.clone())),
        }
    }
    if faults.errors.len() == before && (words.is_empty() || keys.entries.is_empty()) {
        faults.error(place, "a load has words and the keys of a workload", "one of them is missing").help(FORM);
    }
    (faults.errors.len() == before).then_some(Load { words, keys })
}

/// Whether `word` stands in the text as a word, or as several in a row; both in lower case.
fn has_words(text: &str, word: &str) -> bool {
    let edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    text.match_indices(word)
        .any(|(at, found)| edge(text[..at].chars().next_back()) && edge(text[at + found.len()..].chars().next()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preset(loads: &Loads, field: &str) -> Option<String> {
        Some(loads.find(field)?.get("preset")?.node.value.words())
    }

    #[test]
    fn a_load_is_found_by_a_whole_word() {
        let none = Loads::default();
        for (field, name) in [
            ("nginx/php", Some("redis-get-1m")),
            ("Java/Tomcat", Some("jvm-17-young")),
            ("JAVA", Some("jvm-17-young")),
            ("javascript", None),
            ("SAP HANA", None),
            ("idle", Some("idle-linux")),
            ("", None),
        ] {
            assert_eq!(preset(&none, field).as_deref(), name, "{field}");
        }
    }

    #[test]
    fn a_table_of_ones_own_comes_first_and_its_faults_are_told() {
        let own = Loads::read("[[load]]\nwords = [\"Kafka\", \"nginx\"]\npreset = \"redis-set-1m\"").unwrap();
        assert_eq!(preset(&own, "Kafka 3").as_deref(), Some("redis-set-1m"));
        assert_eq!(preset(&own, "nginx").as_deref(), Some("redis-set-1m"));
        assert_eq!(preset(&own, "java").as_deref(), Some("jvm-17-young"));
        for (text, fault) in [
            ("", "the table has no loads"),
            ("load = 1", "a table of loads has `[[load]]` entries"),
            ("[[load]]\nwords = [\"a\"]", "a load has words and the keys of a workload"),
            ("[[load]]\nwords = \"a\"\npreset = \"idle-linux\"", "`words` is a list of texts"),
            ("[[load]]\nwords = [\"a\"]\npreset = \"idle-linu\"", "`idle-linu` is no preset"),
            ("[[load]]\nwords = [\"a\"]\nkind = \"even\"", "`even` is no kind of workload"),
            ("load = [1]", "a load is a section"),
        ] {
            let faults = Loads::read(text).unwrap_err();
            assert_eq!(faults.len(), 1, "{text}: {faults:?}");
            assert_eq!(faults[0].title, fault, "{text}");
        }
    }
}
