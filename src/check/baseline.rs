//! Outcomes of an earlier time, in a file.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::metrics;
use crate::sim::{Outcome, Verdict};

use super::unique::Unique;
use super::{CheckCase, Program, Settings};

/// Counts changes of the file's form that an older program cannot read. Form 1 has a number where there was no figure.
const FORMAT: u64 = 2;

/// One case's outcome, as far as it is compared.
#[derive(Clone, Debug, PartialEq)]
pub struct BaselineRecord {
    /// How it ended.
    pub verdict: Verdict,
    /// What decided it.
    pub reason: String,
    /// Every figure by its key, as far as it was known then; `None` where there was none.
    pub figures: BTreeMap<String, Option<f64>>,
}

/// Outcomes of all cases by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Baseline {
    /// The program that wrote it.
    pub program: Program,
    /// The flags that each policy had, as far as they were written down; those of a folder without policies have no name.
    pub settings: BTreeMap<String, Vec<String>>,
    /// A digest of each guest's file, as far as they were written down.
    pub guests: BTreeMap<String, u32>,
    /// Whether it tells a figure that did not exist from a number.
    pub tells_none: bool,
    /// The outcomes.
    pub cases: BTreeMap<String, BaselineRecord>,
}

/// There is no baseline that could be compared with.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// No file.
    #[error("there is no baseline `{0}`; `precopy check DIR --bless` writes it")]
    Missing(String),
    /// The file cannot be read.
    #[error("cannot read the baseline `{0}`: {1}")]
    Io(String, io::Error),
    /// In a form that this version does not know.
    #[error(
        "the baseline `{0}` has form {1}, and this version of precopy knows forms up to {FORMAT}; use the version that \
         wrote it, or write it anew with `precopy check DIR --bless`"
    )]
    Newer(String, u64),
    /// Of a later version.
    #[error(
        "the baseline `{0}` was written by precopy {1}, and this is {version}; use that version, or write it anew with \
         `precopy check DIR --bless`", version = env!("CARGO_PKG_VERSION")
    )]
    Later(String, String),
    /// No baseline.
    #[error(
        "the baseline `{0}` is damaged: {1}; take it from your version control, or write it anew with `precopy check DIR --bless`"
    )]
    Damaged(String, String),
}

impl BaselineRecord {
    /// Of an outcome.
    pub fn of(outcome: &Outcome) -> BaselineRecord {
        let figures = metrics::figures();
        BaselineRecord {
            verdict: outcome.verdict,
            reason: outcome.reason.to_string(),
            figures: figures.map(|metric| (metric.key.to_owned(), (metric.get)(outcome).number())).collect(),
        }
    }
}

impl Baseline {
    /// Of cases with their outcomes, under these settings.
    pub fn of<'a>(settings: &Settings, outcomes: impl IntoIterator<Item = (&'a CheckCase, &'a Outcome)>) -> Baseline {
        let mut baseline =
            Baseline { program: Program::this(), settings: settings.flags(), tells_none: true, ..Baseline::default() };
        for (case, outcome) in outcomes {
            baseline.guests.entry(case.guest.clone()).or_insert_with(|| case.digest());
            baseline.cases.insert(case.name(), BaselineRecord::of(outcome));
        }
        baseline
    }

    /// Reads a file.
    ///
    /// # Errors
    /// See [`BaselineError`].
    pub fn read(path: &Path) -> Result<Baseline, BaselineError> {
        let name = path.display().to_string();
        match super::text(path) {
            Ok(text) => Baseline::parse(&name, &text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(BaselineError::Missing(name)),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                Err(BaselineError::Damaged(name, "it is no text".to_owned()))
            }
            Err(error) => Err(BaselineError::Io(name, error)),
        }
    }

    /// Reads its text.
    ///
    /// # Errors
    /// See [`BaselineError`].
    pub fn parse(name: &str, text: &str) -> Result<Baseline, BaselineError> {
        let damaged = |why: String| BaselineError::Damaged(name.to_owned(), why);
        let Unique(file) = serde_json::from_str(text).map_err(|error| damaged(error.to_string()))?;
        let format = file["format"].as_u64().ok_or_else(|| damaged("it has no `format`".to_owned()))?;
        if format > FORMAT {
            return Err(BaselineError::Newer(name.to_owned(), format));
        }
        let precopy = file["precopy"].as_str().unwrap_or("?").to_owned();
        let program = Program { precopy, results: file["results"].as_u64() };
        if program.is_later() {
            return Err(BaselineError::Later(name.to_owned(), program.precopy));
        }
        let cases = file["cases"].as_object().ok_or_else(|| damaged("it has no `cases`".to_owned()))?;
        let record = |(case, value): (&String, &Value)| {
            let fields = value.as_object().ok_or_else(|| damaged(format!("`{case}` is no outcome")))?;
            let word = fields.get("verdict").and_then(Value::as_str).unwrap_or_default();
            let verdict = Verdict::ALL.into_iter().find(|verdict| verdict.as_str() == word);
            let verdict = verdict.ok_or_else(|| damaged(format!("`{case}` has no verdict")))?;
            let reason = fields.get("reason").and_then(Value::as_str).unwrap_or_default().to_owned();
            let mut figures = BTreeMap::new();
            for metric in metrics::figures() {
                let figure = match fields.get(metric.key) {
                    None => continue,
                    Some(Value::Null) => None,
                    Some(number) => Some(
                        number
                            .as_f64()
                            .ok_or_else(|| damaged(format!("`{case}` has no number as `{}`", metric.key)))?,
                    ),
                };
                figures.insert(metric.key.to_owned(), figure);
            }
            Ok((case.clone(), BaselineRecord { verdict, reason, figures }))
        };
        let cases = cases.iter().map(record).collect::<Result<_, _>>()?;
        let (settings, guests) = (map(&file, "settings").map_err(damaged)?, map(&file, "guests").map_err(damaged)?);
        Ok(Baseline { program, settings, guests, tells_none: format > 1, cases })
    }

    /// The text of its file: JSON with a line for each case, so that a change reads well in version control.
    pub fn text(&self) -> String {
        // One of the first form has zeros for what was not there, and keeps them as they are.
        let format = if self.tells_none { FORMAT } else { 1 };
        let Program { precopy, results } = &self.program;
        let mut text = format!("{{\n\"format\": {format},\n\"precopy\": {},\n", Value::from(precopy.as_str()));
        if let Some(results) = results {
            let _ = writeln!(text, "\"results\": {results},");
        }
        text += "\"settings\": {\n";
        for (at, (policy, flags)) in self.settings.iter().enumerate() {
            let comma = if at + 1 == self.settings.len() { "" } else { "," };
            let _ = writeln!(text, "{}: {}{comma}", Value::from(policy.as_str()), Value::from(flags.as_slice()));
        }
        text += "},\n\"guests\": {\n";
        for (at, (guest, digest)) in self.guests.iter().enumerate() {
            let comma = if at + 1 == self.guests.len() { "" } else { "," };
            let _ = writeln!(text, "{}: {digest}{comma}", Value::from(guest.as_str()));
        }
        text += "},\n\"cases\": {\n";
        for (at, (name, record)) in self.cases.iter().enumerate() {
            let mut line = format!("{}: {{\"verdict\": \"{}\"", Value::from(name.as_str()), record.verdict.as_str());
            for metric in metrics::figures() {
                if let Some(figure) = record.figures.get(metric.key) {
                    let figure = match *figure {
                        Some(figure) if figure.fract() == 0.0 && figure.abs() < 1e15 => Value::from(figure as i64),
                        // What is not finite is `null`.
                        figure => Value::from(figure),
                    };
                    let _ = write!(line, ", \"{}\": {figure}", metric.key);
                }
            }
            let comma = if at + 1 == self.cases.len() { "" } else { "," };
            let _ = writeln!(text, "{line}, \"reason\": {}}}{comma}", Value::from(record.reason.as_str()));
        }
        text + "}\n}\n"
    }
}

/// What a file says by names below one key; nothing where it does not have the key.
fn map<T: DeserializeOwned>(file: &Value, key: &str) -> Result<BTreeMap<String, T>, String> {
    match &file[key] {
        Value::Null => Ok(BTreeMap::new()),
        value => serde_json::from_value(value.clone()).map_err(|error| format!("`{key}`: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let figures = [("downtime_ms", Some(12.5)), ("expected_downtime_ms", None), ("normal_pages", Some(1e6))];
        let record = BaselineRecord {
            verdict: Verdict::PostCopy,
            reason: "it was \"late\"".to_owned(),
            figures: figures.into_iter().map(|(key, figure)| (key.to_owned(), figure)).collect(),
        };
        let cases = [("a/b".to_owned(), record.clone()), ("a/c".to_owned(), record)].into_iter().collect();
        let settings =
            [("b".to_owned(), vec!["qemu.tls-creds=\"x\"".to_owned()]), ("c".to_owned(), vec![])].into_iter().collect();
        let program = Program { precopy: "0.0.3".to_owned(), results: Some(7) };
        let guests = [("a".to_owned(), u32::MAX)].into_iter().collect();
        let baseline = Baseline { program, settings, guests, tells_none: true, cases };
        assert_eq!(Baseline::parse("b.json", &baseline.text()).unwrap(), baseline);
        assert_eq!(baseline.text().lines().count(), 16);
        let empty = Baseline { program: Program::this(), tells_none: true, ..Baseline::default() };
        assert_eq!(Baseline::parse("b.json", &empty.text()).unwrap(), empty);
    }

    /// Off by the last digit, a run as it was before would miss a tolerance of `exact`.
    #[test]
    fn a_figure_is_read_to_its_last_digit() {
        let text =
            r#"{"format": 2, "cases": {"a": {"verdict": "converged", "guest_slowdown_pct": 0.94516826644444443}}}"#;
        let baseline = Baseline::parse("b.json", text).unwrap();
        assert_eq!(baseline.cases["a"].figures["guest_slowdown_pct"], Some(0.945_168_266_444_444_4));
        assert_eq!(Baseline::parse("b.json", &baseline.text()).unwrap(), baseline);
        // Tests have it of `jsonschema` too, which the program is built without.
        let manifest: toml::Table = include_str!("../../Cargo.toml").parse().unwrap();
        let features = &manifest["dependencies"]["serde_json"]["features"];
        assert!(features.as_array().unwrap().contains(&"float_roundtrip".into()), "{features}");
    }

    #[test]
    fn what_is_no_baseline_says_why() {
        for (text, complaint) in [
            ("", "EOF"),
            ("{\"format\": 1, \"cases\": {\"a\": {}}", "line 1"),
            ("{}", "no `format`"),
            ("{\"format\": 1}", "no `cases`"),
            ("{\"format\": 1, \"cases\": {\"a\": 3}}", "`a` is no outcome"),
            ("{\"format\": 1, \"cases\": {\"a\": {}, \"a\": {}}}", "`a` is there twice at line 1 column"),
            ("{\"format\": 1, \"cases\": {\"a\": {\"verdict\": \"fine\"}}}", "`a` has no verdict"),
            (
                "{\"format\": 1, \"cases\": {\"a\": {\"verdict\": \"paused\", \"downtime_ms\": \"x\"}}}",
                "no number as `downtime_ms`",
            ),
            ("{\"format\": 1, \"cases\": {}, \"settings\": 3}", "`settings`: invalid type"),
            ("{\"format\": 1, \"cases\": {}, \"guests\": {\"a\": -1}}", "`guests`: invalid value"),
            ("{\"format\": 2, \"precopy\": \"9.9.9\"}", "was written by precopy 9.9.9, and this is 0."),
            ("{\"format\": 3}", "form 3, and this version of precopy knows forms up to 2"),
        ] {
            let error = Baseline::parse("b.json", text).unwrap_err().to_string();
            assert!(error.contains(complaint) && error.contains("--bless"), "{text}: {error}");
        }
    }
}
