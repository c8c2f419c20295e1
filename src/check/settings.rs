//! `check.toml`: policies, tolerances and expectations of a folder.

use std::collections::{BTreeMap, HashSet};
use std::io;
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use crate::goal::Goal;
use crate::metrics::METRICS;
use crate::scenario::{SettingsFlag, settings_flags};
use crate::units::spelling::{listed, nearest};

use super::flag::texts;
use super::{CheckFlag, FlagPlace, Tolerance, Tolerances};

/// The file's name.
pub const SETTINGS: &str = "check.toml";

/// What is done with every guest of a folder.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The file itself.
    pub file: String,
    /// `--set` flags of every case.
    pub set: Vec<CheckFlag>,
    /// What each guest is run under; none: as its file says.
    pub policies: Vec<CheckPolicy>,
    /// How much figures may move.
    pub tolerances: Tolerances,
    /// What cases must do whatever the baseline says: a pattern of names, and a goal.
    pub expectations: Vec<(String, Goal)>,
}

/// A named set of flags.
#[derive(Clone, Debug)]
pub struct CheckPolicy {
    /// Second part of a case's name.
    pub name: String,
    /// Its own `--set` flags, those of its file first.
    pub set: Vec<CheckFlag>,
    /// The file that it is read from, or its entry in `check.toml`.
    pub place: FlagPlace,
}

/// The file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// It cannot be read.
    #[error("cannot read `{0}`: {1}")]
    Io(String, io::Error),
    /// It is no such file; the message has line and column.
    #[error("`{0}` is no list of policies and tolerances: {1}")]
    Toml(String, String),
    /// A value in it makes no sense.
    #[error("`{0}`: {1}")]
    Value(FlagPlace, String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckFile {
    #[serde(default)]
    set: Vec<Spanned<String>>,
    #[serde(default)]
    policy: Vec<PolicyEntry>,
    #[serde(default)]
    tolerance: BTreeMap<Spanned<String>, toml::Value>,
    #[serde(default)]
    expect: Vec<Expect>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyEntry {
    name: Spanned<String>,
    file: Option<Spanned<String>>,
    #[serde(default)]
    set: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    cases: String,
    goal: Spanned<String>,
}

impl Settings {
    /// All flags of each policy by its name, in the order in which they are set; one without a name where there is none.
    pub fn flags(&self) -> BTreeMap<String, Vec<String>> {
        if self.policies.is_empty() {
            return [(String::new(), texts(&self.set))].into_iter().collect();
        }
        let all = |policy: &CheckPolicy| texts(&[self.set.as_slice(), &policy.set].concat());
        self.policies.iter().map(|policy| (policy.name.clone(), all(policy))).collect()
    }

    /// What sets a key of a policy; where nothing does, the policy itself.
    pub fn place(&self, policy: &str, key: &str) -> FlagPlace {
        let entry = self.policies.iter().find(|entry| entry.name == policy);
        let flags = self.set.iter().chain(entry.iter().flat_map(|entry| &entry.set));
        let whole = || FlagPlace { file: self.file.clone(), line: None };
        let set = flags.filter(|flag| flag.key() == key).reduce(|_, later| later);
        set.map(|flag| flag.place.clone()).or_else(|| entry.map(|entry| entry.place.clone())).unwrap_or_else(whole)
    }

    /// Reads the file of a folder; a folder without one has no policies and the default tolerances.
    ///
    /// # Errors
    /// See [`SettingsError`].
    pub fn read(folder: &Path) -> Result<Settings, SettingsError> {
        let path = folder.join(SETTINGS);
        let name = path.display().to_string();
        match super::text(&path) {
            Ok(text) => Settings::parse(&name, &text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Settings::default()),
            Err(error) => Err(SettingsError::Io(name, error)),
        }
    }

    /// Reads its text.
    ///
    /// # Errors
    /// See [`SettingsError`].
    pub fn parse(name: &str, text: &str) -> Result<Settings, SettingsError> {
        let ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
        let line = |span: std::ops::Range<usize>| {
            let line = 1 + ends.partition_point(|end| *end < span.start);
            FlagPlace { file: straight(Path::new(name)).display().to_string(), line: Some(line) }
        };
        let value = |span, message: String| SettingsError::Value(line(span), message);
        let flag = |flag: Spanned<String>| CheckFlag { place: line(flag.span()), text: flag.into_inner() };
        let file: CheckFile = toml::from_str(text).map_err(|error| {
            let unknown = error.span().and_then(|span| Some((span, unknown_key(error.message())?)));
            unknown.map_or_else(
                || SettingsError::Toml(name.to_owned(), error.to_string()),
                |(span, fault)| value(span, fault),
            )
        })?;
        let folder = Path::new(name).parent().unwrap_or(Path::new(""));
        let (mut policies, mut names): (Vec<CheckPolicy>, HashSet<String>) = (Vec::new(), HashSet::new());
        for PolicyEntry { name: called, file, set } in file.policy {
            let (span, called) = (called.span(), called.into_inner());
            if !names.insert(called.clone()) {
                return Err(value(span, format!("two policies are called `{called}`")));
            }
            let (own, mut place) = (set.into_iter().map(flag).collect::<Vec<_>>(), line(span));
            let mut set = Vec::new();
            if let Some(file) = file {
                let is_kind = |flag: &&CheckFlag| flag.key() == "orchestrator.kind";
                let kind = own.iter().rev().find(is_kind).and_then(|flag| flag.text.split_once('='));
                let kind = kind.map(|(_, kind)| kind.trim().trim_matches('"'));
                let read = settings_flags(file.get_ref(), kind, folder);
                let read = read.map_err(|fault| value(file.span(), fault.to_string()))?;
                let path = file.get_ref().split('#').next().unwrap_or_default();
                place = FlagPlace { file: straight(&folder.join(path)).display().to_string(), line: None };
                let placed = |flag: SettingsFlag| CheckFlag {
                    text: flag.flag,
                    place: FlagPlace { line: flag.line, ..place.clone() },
                };
                set.extend(read.into_iter().map(placed));
            }
            set.extend(own);
            policies.push(CheckPolicy { name: called, set, place });
        }
        let mut tolerances = Tolerances::default();
        for (key, written) in &file.tolerance {
            let (span, key) = (key.span(), key.get_ref());
            let known = || METRICS.iter().map(|metric| metric.key);
            if !known().any(|known| known == key) {
                let near = nearest(key, known()).map_or(String::new(), |near| format!("; did you mean `{near}`?"));
                return Err(value(span, format!("`tolerance.{key}` is no field of the outcome{near}")));
            }
            let written = written.as_str().map_or_else(|| written.to_string(), str::to_owned);
            let tolerance =
                Tolerance::parse(&written).map_err(|message| value(span, format!("`tolerance.{key}`: {message}")))?;
            tolerances.0.insert(key.clone(), tolerance);
        }
        let goal = |expect: Expect| match Goal::parse(expect.goal.get_ref()) {
            Ok(goal) => Ok((expect.cases, goal)),
            Err(faults) => {
                let fault = faults.first().map_or(String::new(), |fault| {
                    format!("{}; {}", fault.title, fault.help.as_deref().unwrap_or_default())
                });
                let goal = expect.goal.get_ref();
                Err(value(expect.goal.span(), format!("the goal `{goal}` of `{}`: {fault}", expect.cases)))
            }
        };
        let expectations = file.expect.into_iter().map(goal).collect::<Result<_, _>>()?;
        let set = file.set.into_iter().map(flag).collect();
        Ok(Settings { file: name.to_owned(), set, policies, tolerances, expectations })
    }
}

/// What serde says of a key that it does not know, in the words of the scenario's loader; `None` if it says something else.
fn unknown_key(message: &str) -> Option<String> {
    let mut words = message.strip_prefix("unknown field `")?.split('`').step_by(2);
    let (key, known) = (words.next()?, words.filter(|word| !word.is_empty()).collect::<Vec<_>>());
    let help = nearest(key, known.iter().copied()).map(|near| format!("did you mean `{near}`?"));
    Some(format!("unknown key `{key}`; {}", help.unwrap_or_else(|| format!("known here: {}", listed(known)))))
}

/// A path without the steps up and down again that it can do without.
fn straight(path: &Path) -> PathBuf {
    let mut straight = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(straight.components().next_back(), Some(Component::Normal(_))) => {
                straight.pop();
            }
            part => straight.push(part),
        }
    }
    straight
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_say_what_may_stand_there() {
        for (text, complaint) in [
            (
                "[tolerance]\ndowntme_ms = 5",
                "`check.toml:2`: `tolerance.downtme_ms` is no field of the outcome; did you mean `downtime_ms`?",
            ),
            ("[tolerance]\ndowntime_ms = \"few\"", "write \"1 %\""),
            ("[[expect]]\ncases = \"*\"\ngoal = \"convergd\"", "did you mean `converged`?"),
            ("[[policy]]\nname = \"a\"\nset = []\n[[policy]]\nname = \"a\"\nset = []", "two policies are called `a`"),
            ("[[policy]]\nname = \"a\"\nsets = []", "`check.toml:3`: unknown key `sets`; did you mean `set`?"),
            ("[tolerence]", "unknown key `tolerence`; did you mean `tolerance`?"),
            ("xyz = 1", "unknown key `xyz`; known here: `set`, `policy`, `tolerance` and `expect`"),
            ("= 3", "line 1"),
        ] {
            let error = Settings::parse("check.toml", text).unwrap_err().to_string();
            assert!(error.contains("`check.toml") && error.contains(complaint), "{text}: {error}");
        }
        let settings = Settings::parse("check.toml", "[tolerance]\ndowntime_ms = 5\ntotal_time_ms = \"2 %\"").unwrap();
        assert_eq!(settings.tolerances.0["downtime_ms"].absolute, 5.0);
    }
}
