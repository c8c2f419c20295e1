//! A fault in what the user wrote, as data; only the command line draws it.

use std::ops::Range;

/// Where a piece of text came from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// The scenario file.
    File,
    /// The n-th `--set` flag, from 0.
    Set(usize),
    /// The n-th `--vary` flag, from 0.
    Vary(usize),
    /// A value that a study sets; it has no text.
    Study,
}

/// A remark on a second place.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Note {
    /// Which text.
    pub source: Source,
    /// Bytes of that text.
    pub span: Range<usize>,
    /// What to say there.
    pub label: String,
}

/// What a fault means for those who decide by it. Sentences are for people, and nothing in the program reads them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum DiagnosticKind {
    /// No decision hangs on it.
    #[default]
    Other,
    /// The orchestrator sets the key of this path by itself, so that its value lasts until then at most.
    Overridden(String),
    /// The key of this path does nothing, as what it needs is off.
    WithoutEffect(String),
    /// A name that is not known, and the known one that was most likely meant.
    Misspelt(String),
    /// A curve that was measured bends more sharply than any that a guest without an order of writes has.
    BendsTooSharply,
}

impl DiagnosticKind {
    /// The path of the key that it is about.
    pub fn key(&self) -> Option<&str> {
        match self {
            DiagnosticKind::Other | DiagnosticKind::Misspelt(_) | DiagnosticKind::BendsTooSharply => None,
            DiagnosticKind::Overridden(key) | DiagnosticKind::WithoutEffect(key) => Some(key),
        }
    }
}

/// One fault: what is wrong, where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Diagnostic {
    /// What it means for those who decide by it.
    pub kind: DiagnosticKind,
    /// Which text.
    pub source: Source,
    /// Bytes of that text that are wrong.
    pub span: Range<usize>,
    /// What is wrong: one sentence, lower case, no full stop.
    pub title: String,
    /// A few words under the offending text.
    pub label: String,
    /// Other places that belong to it.
    pub notes: Vec<Note>,
    /// What to do.
    pub help: Option<String>,
}

impl Diagnostic {
    /// Whether it concerns the file as a whole, such as a section that is not there.
    pub fn is_nowhere(&self) -> bool {
        self.source == Source::File && self.span == (0..0)
    }
}
