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
        let lines: Vec<String> = diagnostics.iter().map(|fault| format!("{}{fault}", place(input, fault))).collect();
        InvalidInput { diagnostics, told: lines.join("\n") }
    }
}

/// Where a fault is, as the beginning of a line.
fn place(input: &Input, fault: &Diagnostic) -> String {
    let flag = |name: &str, flags: &[String], index: usize| {
        format!("{name} '{}': ", flags.get(index).map_or("", String::as_str))
    };
    match fault.source {
        Source::File if fault.is_nowhere() => format!("{}: ", input.name()),
        Source::File => {
            let (line, column) = bounded::place(input.text().as_bytes(), fault.span.start);
            format!("{}:{line}:{column}: ", input.name())
        }
        Source::Set(index) => flag("--set", input.sets(), index),
        Source::Vary(index) => flag("--vary", input.varies(), index),
        Source::Study => String::new(),
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
