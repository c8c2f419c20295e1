//! Texts that are no scenario, as one error.

use std::fmt;
use std::ops::Deref;

use super::Input;
use super::diagnostic::{Diagnostic, Source};
use crate::units::bounded;

/// Everything that is wrong with a scenario's texts, sorted by place; at least one fault.
///
/// ```
/// use precopy::scenario::Input;
///
/// let input = Input::new("example.toml", "[guest]\nmemory = \"16 GiBs\"", &[]).unwrap();
/// let error = input.load().unwrap_err();
/// assert_eq!(error.len(), 2);
/// assert!(error.to_string().contains("example.toml:2:10: `guest.memory` has an unknown unit; did you mean `GiB`?"), "{error}");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct InvalidInput {
    diagnostics: Vec<Diagnostic>,
    /// The faults as lines of text.
    told: String,
}

impl InvalidInput {
    /// The faults that were found in `input`.
    pub(super) fn new(input: &Input, diagnostics: Vec<Diagnostic>) -> InvalidInput {
        let lines: Vec<String> =
            diagnostics.iter().map(|fault| format!("{}{fault}", FaultPlace::of(input, fault))).collect();
        InvalidInput { diagnostics, told: lines.join("\n") }
    }
}

/// Where a fault is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultPlace {
    /// The file, or the flag with its value; empty for a value that a study sets.
    pub name: String,
    /// Line and column in the file, from 1; none of a flag, and of what is missing from the file as a whole.
    pub at: Option<(usize, usize)>,
}

impl FaultPlace {
    /// The place of a fault that was found in `input`.
    pub fn of(input: &Input, fault: &Diagnostic) -> FaultPlace {
        let flag = |name: &str, flags: &[String], index: usize| {
            format!("{name} '{}'", flags.get(index).map_or("", String::as_str))
        };
        let name = match fault.source {
            Source::File => input.name().to_owned(),
            Source::Set(index) => flag("--set", input.sets(), index),
            Source::Vary(index) => flag("--vary", input.varies(), index),
            Source::Study => String::new(),
        };
        let in_file = fault.source == Source::File && !fault.is_nowhere();
        FaultPlace { name, at: in_file.then(|| bounded::place(input.text().as_bytes(), fault.span.start)) }
    }
}

/// As the beginning of a line.
impl fmt::Display for FaultPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            Some((line, column)) => write!(f, "{}:{line}:{column}: ", self.name),
            None if self.name.is_empty() => Ok(()),
            None => write!(f, "{}: ", self.name),
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.title)?;
        match &self.help {
            Some(help) => write!(f, "; {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Diagnostic {}

impl fmt::Display for InvalidInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.told)
    }
}

impl std::error::Error for InvalidInput {}

impl Deref for InvalidInput {
    type Target = [Diagnostic];

    fn deref(&self) -> &[Diagnostic] {
        &self.diagnostics
    }
}

impl IntoIterator for InvalidInput {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.diagnostics.into_iter()
    }
}

impl From<InvalidInput> for Vec<Diagnostic> {
    fn from(error: InvalidInput) -> Vec<Diagnostic> {
        error.diagnostics
    }
}
