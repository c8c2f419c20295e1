//! Reads the scenario that a command line names.

use std::io::Read;
use std::path::Path;

use super::Failure;
use crate::scenario::Scenario;

/// Reads a scenario file (`-` is standard input) with the `--set` flags laid over it.
///
/// # Errors
/// [`Failure::Input`]: the file cannot be read, or a key or value in it is wrong.
pub(super) fn read(path: &Path, _sets: &[String]) -> Result<Scenario, Failure> {
    let _text = text(path).map_err(|error| Failure::Input(format!("cannot read `{}`: {error}", path.display())))?;
    Err(Failure::Input("scenario loading lands separately".to_owned()))
}

/// The name under which results speak of a scenario: its file's name without the suffix, so that it does not depend
/// on where the file lies.
pub(super) fn name(path: &Path) -> String {
    path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn text(path: &Path) -> std::io::Result<String> {
    if path != Path::new("-") {
        return std::fs::read_to_string(path);
    }
    let mut text = String::new();
    std::io::stdin().lock().read_to_string(&mut text)?;
    Ok(text)
}
