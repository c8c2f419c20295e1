//! Drawing of [`Diagnostic`]s: title, place, the text underlined, and what to do.

use std::borrow::Cow;
use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::scenario::Input;
use crate::scenario::diagnostic::{Diagnostic, Source};
use crate::sink::terminal;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The input is refused.
    Error,
    /// The input is used, but is most likely not what was meant.
    Warning,
}

/// More than this many are not read.
const MOST: usize = 50;
/// Nor more than this many remarks on one.
const MOST_NOTES: usize = 20;

/// Draws the diagnostics of an input, in the order given, with an empty line between two.
///
/// `styled` adds terminal colours; the text reads the same without them.
pub fn render(input: &Input, severity: Severity, diagnostics: &[Diagnostic], styled: bool) -> String {
    let renderer = if styled { Renderer::styled() } else { Renderer::plain() };
    let mut drawn: Vec<String> = diagnostics
        .iter()
        .take(MOST)
        .map(|diagnostic| renderer.render(&[group(input, severity, diagnostic)]))
        .collect();
    if diagnostics.len() > MOST {
        drawn.push(format!("... and {} more", diagnostics.len() - MOST));
    }
    let mut text = drawn.join("\n\n");
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

fn group<'a>(input: &'a Input, severity: Severity, diagnostic: &'a Diagnostic) -> Group<'a> {
    let level = match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(terminal::word(&diagnostic.title));
    let mut group = if diagnostic.is_nowhere() {
        title.element(Origin::path(terminal::word(input.name())))
    } else {
        title.elements(snippets(input, diagnostic))
    };
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(terminal::lines(help)));
    }
    group
}

/// A snippet for every text that the diagnostic speaks of, its own first.
fn snippets<'a>(input: &'a Input, diagnostic: &'a Diagnostic) -> Vec<Snippet<'a, Annotation<'a>>> {
    let shown = &diagnostic.notes[..diagnostic.notes.len().min(MOST_NOTES)];
    let mut sources = vec![&diagnostic.source];
    for note in shown {
        if !sources.contains(&&note.source) {
            sources.push(&note.source);
        }
    }
    let snippet = |source: &Source| {
        let (name, text) = origin(input, source);
        let visible = terminal::lines(text);
        let changed = if let Cow::Owned(changed) = &visible { Some(changed.as_str()) } else { None };
        let within = |span: &Range<usize>| within(text, changed, span);
        let notes = shown
            .iter()
            .filter(|note| note.source == *source)
            .map(|note| AnnotationKind::Context.span(within(&note.span)).label(terminal::word(&note.label)));
        let own = (diagnostic.source == *source)
            .then(|| AnnotationKind::Primary.span(within(&diagnostic.span)).label(terminal::word(&diagnostic.label)));
        Snippet::source(visible.clone())
            .path(terminal::word(&name).into_owned())
            .annotations(own.into_iter().chain(notes))
    };
    sources.into_iter().map(snippet).collect()
}

/// A text, and what to call it: the file's name, or the flag up to its `=`.
fn origin<'a>(input: &'a Input, source: &Source) -> (String, &'a str) {
    match source {
        Source::File => (input.name().to_owned(), input.text()),
        Source::Set(index) => flag("--set", input.sets(), *index),
        Source::Vary(index) => flag("--vary", input.varies(), *index),
        Source::Study => (String::new(), ""),
    }
}

fn flag<'a>(name: &str, values: &'a [String], index: usize) -> (String, &'a str) {
    let value = values.get(index).map_or("", String::as_str);
    (format!("{name} {}", value.split('=').next().unwrap_or_default()), value)
}

/// The span in the text as it is shown, where that is changed, and cut to it: a span may be one that the caller made.
fn within(text: &str, changed: Option<&str>, span: &Range<usize>) -> Range<usize> {
    let boundary = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let place = |at: usize| match changed {
        None => boundary(at),
        Some(shown) => {
            let (before, after) = text.split_at(boundary(at));
            // The two bytes of a line's end are one when they are shown.
            let before = if after.starts_with('\n') { before.strip_suffix('\r').unwrap_or(before) } else { before };
            let at = terminal::lines(before).len();
            (0..=at.min(shown.len())).rev().find(|at| shown.is_char_boundary(*at)).unwrap_or(0)
        }
    };
    let start = place(span.start);
    start..place(span.end).max(start)
}
