//! A folder of guests, each under every policy.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::scenario::{Input, Unreadable};
use crate::units::spelling::nearest;

use super::flag::{CheckFlag, FlagPlace, texts};
use super::settings::{CheckPolicy, SETTINGS, Settings, SettingsError};

/// One guest under one policy.
#[derive(Clone, Debug)]
pub struct CheckCase {
    /// The scenario file's name without its suffix, with the folders below that of the suite.
    pub guest: String,
    /// The policy's name; `None`: the folder has no policies.
    pub policy: Option<String>,
    /// The scenario, with the policy's flags.
    pub input: Input,
    /// What sets the flags that the scenario came with, one after another.
    pub places: Vec<FlagPlace>,
}

impl CheckCase {
    /// `guest/policy`.
    pub fn name(&self) -> String {
        self.policy.as_ref().map_or_else(|| self.guest.clone(), |policy| format!("{}/{policy}", self.guest))
    }

    /// Tells the text of its scenario from any other one.
    pub fn digest(&self) -> u32 {
        crc32fast::hash(self.input.text().as_bytes())
    }

    /// Whether a word of `--only` names it: its whole name, its guest or a folder above that, with or without `.toml`, or
    /// its policy; `*` stands for any text.
    fn is_meant_by(&self, word: &str) -> bool {
        let word = word.trim_end_matches('/').trim_end_matches(".toml");
        let above = self.guest.match_indices('/').map(|(at, _)| &self.guest[..at]);
        let names = above.chain([self.guest.as_str()]).chain(self.policy.as_deref());
        matches(word, &self.name()) || names.into_iter().any(|name| matches(word, name))
    }
}

/// All cases of a folder.
#[derive(Clone, Debug)]
pub struct Suite {
    /// Guest after guest, in the order of their names, and for each policy after policy.
    pub cases: Vec<CheckCase>,
    /// What `check.toml` says.
    pub settings: Settings,
}

/// The folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SuiteError {
    /// It cannot be read.
    #[error("cannot read `{0}`: {1}")]
    Io(String, io::Error),
    /// It is a file.
    #[error("`{0}` is a file; name the folder that has it, with its check.toml")]
    File(String),
    /// A scenario in it cannot be read.
    #[error(transparent)]
    Scenario(#[from] Unreadable),
    /// Its `check.toml` is wrong.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// There is nothing to do.
    #[error("there is no scenario in `{0}`; name a folder with scenario files")]
    Empty(String),
    /// An expectation that is held against nothing.
    #[error("`[[expect]] cases = \"{pattern}\"` in check.toml matches no case of `{folder}`; {help}")]
    Expects {
        /// The pattern.
        pattern: String,
        /// The folder.
        folder: String,
        /// What there is, or what was probably meant.
        help: String,
    },
    /// A word of `--only` that nothing is called.
    #[error("`--only {word}` matches nothing in `{folder}`; {help}")]
    Only {
        /// The word.
        word: String,
        /// The folder.
        folder: String,
        /// What there is, or what was probably meant.
        help: String,
    },
}

impl Suite {
    /// Reads the scenarios in a folder and the folders below it, as far as a case's name matches one of `only`; an empty
    /// list matches all.
    ///
    /// # Errors
    /// See [`SuiteError`].
    pub fn read(folder: &Path, only: &[String]) -> Result<Suite, SuiteError> {
        if folder.is_file() {
            return Err(SuiteError::File(folder.display().to_string()));
        }
        let settings = Settings::read(folder)?;
        let mut files = Vec::new();
        list(folder, DEPTH, &mut files).map_err(|error| SuiteError::Io(folder.display().to_string(), error))?;
        files.sort();
        let mut cases = Vec::new();
        for path in &files {
            let guest = path.strip_prefix(folder).unwrap_or(path).with_extension("");
            let guest = guest.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/");
            let places = |own: &[CheckFlag]| settings.set.iter().chain(own).map(|flag| flag.place.clone()).collect();
            let input = Input::from_file(path, &texts(&settings.set))?;
            let case = |policy: Option<&CheckPolicy>| CheckCase {
                guest: guest.clone(),
                policy: policy.map(|policy| policy.name.clone()),
                places: places(policy.map_or(&[], |policy| &policy.set)),
                input: policy.map_or_else(|| input.clone(), |policy| input.with_sets(&texts(&policy.set))),
            };
            if settings.policies.is_empty() {
                cases.push(case(None));
            }
            cases.extend(settings.policies.iter().map(|policy| case(Some(policy))));
        }
        if cases.is_empty() {
            return Err(SuiteError::Empty(folder.display().to_string()));
        }
        if let Some(word) = only.iter().find(|word| !cases.iter().any(|case| case.is_meant_by(word))) {
            let help = known(&cases, &settings, word);
            return Err(SuiteError::Only { word: word.clone(), folder: folder.display().to_string(), help });
        }
        let applies = |pattern: &str| cases.iter().any(|case| matches(pattern, &case.name()));
        if let Some((pattern, _)) = settings.expectations.iter().find(|(pattern, _)| !applies(pattern)) {
            let (pattern, folder) = (pattern.clone(), folder.display().to_string());
            return Err(SuiteError::Expects { help: known(&cases, &settings, &pattern), pattern, folder });
        }
        cases.retain(|case| only.is_empty() || only.iter().any(|word| case.is_meant_by(word)));
        Ok(Suite { cases, settings })
    }
}

/// What to name in place of a word that nothing is called.
fn known(cases: &[CheckCase], settings: &Settings, word: &str) -> String {
    let mut guests: Vec<&str> = cases.iter().map(|case| case.guest.as_str()).collect();
    guests.dedup();
    let policies: Vec<&str> = settings.policies.iter().map(|policy| policy.name.as_str()).collect();
    let all = guests.iter().chain(&policies).copied();
    match nearest(word, all) {
        Some(near) => format!("did you mean `{near}`?"),
        None if policies.is_empty() => format!("scenarios: {}", guests.join(", ")),
        None => format!("scenarios: {}; policies: {}", guests.join(", "), policies.join(", ")),
    }
}

/// Folders in folders; a link to a folder above would lead on for ever.
const DEPTH: usize = 16;

/// Scenario files below a folder.
fn list(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let is_scenario = path.extension().is_some_and(|suffix| suffix == "toml");
        if path.is_dir() {
            let deeper = depth.checked_sub(1);
            let deeper =
                deeper.ok_or_else(|| io::Error::other(format!("folders lie more than {DEPTH} deep in each other")))?;
            list(&path, deeper, files)?;
        } else if is_scenario && path.file_name().is_none_or(|name| name != SETTINGS) {
            files.push(path);
        }
    }
    Ok(())
}

/// Whether a name matches a pattern in which `*` stands for any text.
pub fn matches(pattern: &str, name: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == name };
    let (middle, tail) = rest.rsplit_once('*').unwrap_or(("", rest));
    let between = name.strip_prefix(head).and_then(|name| name.strip_suffix(tail));
    // What stands first is taken for each piece: whatever follows it then has the most room.
    between.is_some_and(|name| {
        let find = |name: &str, piece: &str| name.find(piece).map(|at| at + piece.len());
        middle.split('*').try_fold(name, |name, piece| find(name, piece).map(|end| &name[end..])).is_some()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_folder_in_itself_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.toml"), "").unwrap();
        let error = Suite::read(&folder.path().join("a.toml"), &[]).unwrap_err().to_string();
        assert!(error.contains("name the folder"), "{error}");
        std::os::unix::fs::symlink(folder.path(), folder.path().join("again")).unwrap();
        let error = Suite::read(folder.path(), &[]).unwrap_err().to_string();
        assert!(error.contains("more than 16 deep"), "{error}");
    }

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, name, is_match) in [
            ("*", "a/b", true),
            ("a/*", "a/b", true),
            ("*/b", "a/b", true),
            ("a", "a/b", false),
            ("*b*", "abc", true),
            ("a*c*", "abd", false),
            ("a*a", "a", false),
            ("*ab*b", "ab", false),
            ("a**c", "abc", true),
            ("*a*b*", "xbxaxbx", true),
            ("", "", true),
        ] {
            assert_eq!(matches(pattern, name), is_match, "{pattern} and {name}");
        }
        let (stars, name) = ("*a".repeat(1000) + "b", "a".repeat(10_000));
        assert!(!matches(&stars, &name), "many stars take no longer than one");
    }

    #[test]
    fn a_word_names_a_folder_a_guest_a_policy_or_both() {
        let input = Input::new("a.toml", "", &[]).unwrap();
        let case =
            CheckCase { guest: "rack/web/idle".to_owned(), policy: Some("qemu-8.2".to_owned()), input, places: vec![] };
        for (word, is_meant) in [
            ("rack", true),
            ("rack/", true),
            ("rack/web", true),
            ("rack/web/idle", true),
            ("rack/web/idle.toml", true),
            ("qemu-8.2", true),
            ("rack/web/idle/qemu-8.2", true),
            ("*/qemu-*", true),
            ("*idle", true),
            ("web", false),
            ("rac", false),
            ("qemu-8", false),
        ] {
            assert_eq!(case.is_meant_by(word), is_meant, "{word}");
        }
    }
}
