//! `check.toml`: policies, tolerances and expectations of a folder.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use serde::Deserialize;

use crate::goal::Goal;
use crate::metrics::METRICS;
use crate::units::spelling::nearest;

use super::{Tolerance, Tolerances};

/// The file's name.
pub const SETTINGS: &str = "check.toml";

/// What is done with every guest of a folder.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// `--set` flags of every case.
    pub set: Vec<String>,
    /// What each guest is run under; none: as its file says.
    pub policies: Vec<CheckPolicy>,
    /// How much figures may move.
    pub tolerances: Tolerances,
    /// What cases must do whatever the baseline says: a pattern of names, and a goal.
    pub expectations: Vec<(String, Goal)>,
}

/// A named set of flags.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckPolicy {
    /// Second part of a case's name.
    pub name: String,
    /// Its `--set` flags.
    pub set: Vec<String>,
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
    Value(String, String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckFile {
    #[serde(default)]
    set: Vec<String>,
    #[serde(default)]
    policy: Vec<CheckPolicy>,
    #[serde(default)]
    tolerance: toml::Table,
    #[serde(default)]
    expect: Vec<Expect>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    cases: String,
    goal: String,
}

impl Settings {
    /// All flags of each policy by its name, in the order in which they are set; one without a name where there is none.
    pub fn flags(&self) -> BTreeMap<String, Vec<String>> {
        if self.policies.is_empty() {
            return [(String::new(), self.set.clone())].into_iter().collect();
        }
        let all = |policy: &CheckPolicy| self.set.iter().chain(&policy.set).cloned().collect();
        self.policies.iter().map(|policy| (policy.name.clone(), all(policy))).collect()
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
        let file: CheckFile =
            toml::from_str(text).map_err(|error| SettingsError::Toml(name.to_owned(), error.to_string()))?;
        let value = |message: String| SettingsError::Value(name.to_owned(), message);
        for (at, policy) in file.policy.iter().enumerate() {
            if file.policy[..at].iter().any(|other| other.name == policy.name) {
                return Err(value(format!("two policies are called `{}`", policy.name)));
            }
        }
        let mut tolerances = Tolerances::default();
        for (key, written) in &file.tolerance {
            let known = || METRICS.iter().map(|metric| metric.key);
            if !known().any(|known| known == key) {
                let near = nearest(key, known()).map_or(String::new(), |near| format!("; did you mean `{near}`?"));
                return Err(value(format!("`tolerance.{key}` is no field of the outcome{near}")));
            }
            let written = written.as_str().map_or_else(|| written.to_string(), str::to_owned);
            let tolerance =
                Tolerance::parse(&written).map_err(|message| value(format!("`tolerance.{key}`: {message}")))?;
            tolerances.0.insert(key.clone(), tolerance);
        }
        let goal = |expect: Expect| match Goal::parse(&expect.goal) {
            Ok(goal) => Ok((expect.cases, goal)),
            Err(faults) => {
                let fault = faults.first().map_or(String::new(), |fault| {
                    format!("{}; {}", fault.title, fault.help.as_deref().unwrap_or_default())
                });
                Err(value(format!("the goal `{}` of `{}`: {fault}", expect.goal, expect.cases)))
            }
        };
        let expectations = file.expect.into_iter().map(goal).collect::<Result<_, _>>()?;
        Ok(Settings { set: file.set, policies: file.policy, tolerances, expectations })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_say_what_may_stand_there() {
        for (text, complaint) in [
            ("[tolerance]\ndowntme_ms = 5", "did you mean `downtime_ms`?"),
            ("[tolerance]\ndowntime_ms = \"few\"", "write \"1 %\""),
            ("[[expect]]\ncases = \"*\"\ngoal = \"convergd\"", "did you mean `converged`?"),
            ("[[policy]]\nname = \"a\"\nset = []\n[[policy]]\nname = \"a\"\nset = []", "two policies are called `a`"),
            ("[[policy]]\nname = \"a\"\nsets = []", "line 3"),
            ("= 3", "line 1"),
        ] {
            let error = Settings::parse("check.toml", text).unwrap_err().to_string();
            assert!(error.contains("`check.toml`") && error.contains(complaint), "{text}: {error}");
        }
        let settings = Settings::parse("check.toml", "[tolerance]\ndowntime_ms = 5\ntotal_time_ms = \"2 %\"").unwrap();
        assert_eq!(settings.tolerances.0["downtime_ms"].absolute, 5.0);
    }
}
