//! What each fuzz target does with its bytes.
//!
//! The targets of `fuzz_targets` hand their bytes to the function `look` of the module of their name; so does
//! `tests/fuzz_corpus.rs`, which replays the corpus without a fuzzer. `docs/fuzzing.md` says how to run them.

pub mod baseline;
pub mod fleet;
pub mod journal;
pub mod lists;
mod migrate;
mod outside;
pub mod recording;
pub mod rules;
pub mod run;
pub mod scenario;
pub mod set;
pub mod settings;
pub mod survey;
pub mod trace;
pub mod units;
pub mod vectors;

use precopy::cli::diagnostics::{Severity, render};
use precopy::scenario::diagnostic::Diagnostic;
use precopy::scenario::{Input, InvalidInput};

/// What a target does with its bytes.
pub type Look = fn(&[u8]);

/// Every target by its name, which is that of its folder in `fuzz/corpus` too.
pub const TARGETS: [(&str, Look); 14] = [
    ("baseline", baseline::look),
    ("fleet", fleet::look),
    ("journal", journal::look),
    ("lists", lists::look),
    ("recording", recording::look),
    ("rules", rules::look),
    ("run", run::look),
    ("scenario", scenario::look),
    ("set", set::look),
    ("settings", settings::look),
    ("survey", survey::look),
    ("trace", trace::look),
    ("units", units::look),
    ("vectors", vectors::look),
];

/// A scenario that is right, for what is laid over it.
const SOUND: &str = include_str!("sound.toml");

/// The bytes as text, if they are a text that names no file outside of its folder.
fn text(data: &[u8]) -> Option<&str> {
    str::from_utf8(data).ok().filter(|text| !outside::may_be_named(text))
}

/// Draws diagnostics as the command line does; each must say what is wrong, and be found in its text.
fn draw(input: &Input, severity: Severity, diagnostics: &[Diagnostic]) {
    for diagnostic in diagnostics {
        assert!(!diagnostic.title.is_empty() && diagnostic.span.start <= diagnostic.span.end, "{diagnostic:?}");
    }
    let plain = render(input, severity, diagnostics, false);
    assert_eq!(plain.is_empty(), diagnostics.is_empty());
    let styled = render(input, severity, diagnostics, true);
    assert!(styled.len() >= plain.len());
}

/// Draws the warnings of what was accepted and the faults of what was refused.
fn settle<T>(input: &Input, read: Result<(T, Vec<Diagnostic>), InvalidInput>) -> Option<T> {
    match read {
        Ok((read, warnings)) => {
            draw(input, Severity::Warning, &warnings);
            Some(read)
        }
        Err(faults) => {
            assert!(!faults.is_empty(), "refused without a reason");
            draw(input, Severity::Error, &faults);
            None
        }
    }
}

/// Reads the scenario of an input as `precopy run` does.
fn load(input: &Input) -> Option<precopy::scenario::Scenario> {
    settle(input, input.load().map(|loaded| (loaded.scenario, loaded.warnings)))
}
