//! Reads the scenario that a command line names.

use std::io::{self, Write};
use std::path::Path;

use super::Failure;
use super::diagnostics::{Severity, render};
use crate::scenario::{Input, Scenario};

/// Reads a scenario file (`-` is standard input) with the `--set` flags laid over it; warnings go to standard error,
/// unless `quiet`.
///
/// # Errors
/// [`Failure::Input`]: the file cannot be read; [`Failure::Scenario`]: keys or values in it are wrong.
pub(super) fn read(path: &Path, sets: &[String], quiet: bool) -> Result<Scenario, Failure> {
    load(&input(path, sets)?, quiet)
}

/// The texts of a scenario that are not understood yet.
///
/// # Errors
/// [`Failure::Input`]: the file cannot be read.
pub(super) fn input(path: &Path, sets: &[String]) -> Result<Input, Failure> {
    let input = match path == Path::new("-") {
        true => Input::from_reader("<stdin>", io::stdin().lock(), sets),
        false => Input::from_file(path, sets),
    };
    input.map_err(|error| Failure::Input(error.to_string()))
}

/// Understands them; warnings go to standard error, unless `quiet`.
///
/// # Errors
/// [`Failure::Scenario`]: keys or values in it are wrong.
pub(super) fn load(input: &Input, quiet: bool) -> Result<Scenario, Failure> {
    match input.load() {
        Ok(loaded) => {
            if !quiet && !loaded.warnings.is_empty() {
                // A closed standard error is no reason to withhold the result.
                let _ = write!(anstream::stderr(), "{}", render(input, Severity::Warning, &loaded.warnings, true));
            }
            Ok(loaded.scenario)
        }
        Err(faults) => Err(Failure::Scenario(render(input, Severity::Error, &faults, true))),
    }
}

/// The name under which results speak of a scenario: its file's name without the suffix, so that it does not depend
/// on where the file lies.
pub(super) fn name(path: &Path) -> String {
    path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}
