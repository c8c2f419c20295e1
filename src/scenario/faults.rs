//! Collecting everything that is wrong, and worth a warning, while reading on.

use super::diagnostic::{Diagnostic, DiagnosticKind, Note};
use super::figure::Figure;
use super::outline::Outline;
use super::tree::TextPlace;

/// The faults and warnings found so far.
#[derive(Debug, Default)]
pub(super) struct Faults {
    /// What makes the scenario unusable.
    pub errors: Vec<Diagnostic>,
    /// What is most likely not what was meant.
    pub warnings: Vec<Diagnostic>,
    /// Some text could not be read or stands in the wrong place, so that a key may only seem to be missing.
    pub incomplete: bool,
    /// The file is a table with a row for each guest, in which no section can be written.
    pub table: bool,
    /// Paths of the keys whose figures are wanted, each cut as by [`clip`].
    pub watched: Vec<String>,
    /// What is asked for, where that is wanted.
    pub outline: Option<Outline>,
    /// What those keys took.
    pub taken: Vec<(String, Figure)>,
}

impl Faults {
    /// Adds a fault; [`Diagnostic::help`] and [`Diagnostic::note`] complete it.
    pub(super) fn error(
        &mut self,
        place: &TextPlace,
        title: impl Into<String>,
        label: impl Into<String>,
    ) -> &mut Diagnostic {
        push(&mut self.errors, place, title.into(), label.into())
    }

    /// Adds a warning.
    pub(super) fn warn(
        &mut self,
        place: &TextPlace,
        title: impl Into<String>,
        label: impl Into<String>,
    ) -> &mut Diagnostic {
        push(&mut self.warnings, place, title.into(), label.into())
    }

    /// Notes what a key took, if that is wanted.
    pub(super) fn take(&mut self, path: &str, figure: Figure) {
        if self.watched.iter().any(|watched| watched == path) {
            self.taken.push((path.to_owned(), figure));
        }
    }

    /// Says that the key which took its value last takes only multiples of `grain`, in the unit of its figure.
    pub(super) fn grain(&mut self, path: &str, grain: f64) {
        if let Some((_, figure)) = self.taken.last_mut().filter(|(taken, _)| taken == path) {
            figure.grain = grain;
        }
    }
}

fn push<'a>(list: &'a mut Vec<Diagnostic>, place: &TextPlace, title: String, label: String) -> &'a mut Diagnostic {
    let TextPlace { source, span } = place.clone();
    let index = list.len();
    list.push(Diagnostic { kind: DiagnosticKind::Other, source, span, title, label, notes: Vec::new(), help: None });
    &mut list[index]
}

impl Diagnostic {
    /// Says what to do.
    pub(super) fn help(&mut self, help: impl Into<String>) -> &mut Diagnostic {
        self.help = Some(help.into());
        self
    }

    /// Says what it means for those who decide by it.
    pub(super) fn means(&mut self, kind: DiagnosticKind) -> &mut Diagnostic {
        self.kind = kind;
        self
    }

    /// Remarks on a second place.
    pub(super) fn note(&mut self, place: &TextPlace, label: impl Into<String>) -> &mut Diagnostic {
        let TextPlace { source, span } = place.clone();
        self.notes.push(Note { source, span, label: label.into() });
        self
    }
}

/// A piece of the user's text, short enough for a message.
pub(super) fn clip(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut shown: String = text.chars().take(LONGEST).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}
