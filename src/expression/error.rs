//! What is wrong with a rule.

use std::fmt;
use std::ops::Range;

/// A fault of a rule, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpressionError {
    /// Bytes of the rule that are wrong; empty at its end.
    pub span: Range<usize>,
    /// The column at which they begin, from 1, counted in letters of their line.
    pub column: usize,
    /// What is wrong.
    pub title: String,
    /// What to do, where there is something to say.
    pub help: Option<String>,
}

impl ExpressionError {
    pub(crate) fn new(text: &str, span: Range<usize>, title: impl Into<String>) -> ExpressionError {
        let before = &text[..span.start];
        let line = before.rfind('\n').map_or(0, |end| end + 1);
        ExpressionError { column: before[line..].chars().count() + 1, span, title: title.into(), help: None }
    }

    pub(crate) fn help(self, help: impl Into<String>) -> ExpressionError {
        ExpressionError { help: Some(help.into()), ..self }
    }
}

impl fmt::Display for ExpressionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column {}: {}", self.column, self.title)?;
        self.help.iter().try_for_each(|help| write!(f, "; {help}"))
    }
}

impl std::error::Error for ExpressionError {}
