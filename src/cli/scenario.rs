//! Reads the scenario that a command line names.

use std::io::{self, Write};
use std::path::Path;

use super::Failure;
use super::diagnostics::{Severity, render};
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::{Fleet, Input, Scenario};

/// Reads a scenario file (`-` is standard input) with the `--set` flags laid over it; warnings go to standard error,
/// unless `quiet`.
///
/// # Errors
/// [`Failure::Input`]: the file cannot be read; [`Failure::Scenario`]: keys or values in it are wrong.
pub(super) fn read(path: &Path, sets: &[String], quiet: bool) -> Result<Scenario, Failure> {
    let input = input(path, sets)?;
    settle(&input, input.load().map(|loaded| (loaded.scenario, loaded.warnings)), quiet)
}

/// Reads a fleet in the same way.
///
/// # Errors
/// As [`read`].
pub(super) fn fleet(path: &Path, sets: &[String], quiet: bool) -> Result<Fleet, Failure> {
    let input = input(path, sets)?;
    settle(&input, input.load_fleet().map(|loaded| (loaded.fleet, loaded.warnings)), quiet)
}

fn input(path: &Path, sets: &[String]) -> Result<Input, Failure> {
    let input = match path == Path::new("-") {
        true => Input::from_reader("<stdin>", io::stdin().lock(), sets),
        false => Input::from_file(path, sets),
    };
    input.map_err(|error| Failure::Input(error.to_string()))
}

/// What was read, or why it cannot be used.
fn settle<T>(input: &Input, read: Result<(T, Vec<Diagnostic>), Vec<Diagnostic>>, quiet: bool) -> Result<T, Failure> {
    match read {
        Ok((value, warnings)) => {
            if !quiet && !warnings.is_empty() {
                // A closed standard error is no reason to withhold the result.
                let _ = write!(anstream::stderr(), "{}", render(input, Severity::Warning, &warnings, true));
            }
            Ok(value)
        }
        Err(faults) => Err(Failure::Scenario(render(input, Severity::Error, &faults, true))),
    }
}

/// The name under which results speak of a scenario: its file's name without the suffix, so that it does not depend
/// on where the file lies.
pub(super) fn name(path: &Path) -> String {
    path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}
