//! Texts that are refused.

use std::fmt;

use super::diagnostics::{Severity, render};
use crate::scenario::Input;
use crate::scenario::diagnostic::Diagnostic;

/// Texts that are refused, and all that is wrong in each; `Display` draws them, styled for a terminal.
#[derive(Clone, Debug, Default)]
pub struct Refused {
    /// Each text with its faults.
    pub texts: Vec<(Input, Vec<Diagnostic>)>,
}

impl Refused {
    /// One text.
    pub(super) fn one(input: &Input, faults: &[Diagnostic]) -> Refused {
        Refused { texts: vec![(input.clone(), faults.to_vec())] }
    }

    /// Whether nothing is wrong.
    pub(super) fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// One text more.
    pub(super) fn add(&mut self, input: &Input, faults: Vec<Diagnostic>) {
        self.texts.push((input.clone(), faults));
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let drawn = self.texts.iter().map(|(input, faults)| render(input, Severity::Error, faults, true));
        f.write_str(&drawn.collect::<Vec<_>>().join("\n"))
    }
}
