//! Reads the scenario that a command line names.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::Failure;
use super::diagnostics::{Severity, render};
use super::refused::Refused;
use crate::orchestrator::{PRODUCTS, Product};
use crate::plot::chart;
use crate::report::Assumed;
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::{Assumption, Extent, Fleet, Input, Loads, Scenario, Template, orchestrator_set};
use crate::units::bounded;
use crate::units::spelling::nearest;

/// Reads a scenario file (`-` is standard input) with the `--set` flags laid over it; warnings go to standard error,
/// unless `quiet`.
///
/// # Errors
/// [`Failure::Input`]: the file cannot be read; [`Failure::Scenario`]: keys or values in it are wrong.
pub(super) fn read(path: &Path, sets: &[String], quiet: bool) -> Result<Scenario, Failure> {
    check(&open_one(path, sets)?, quiet)
}

/// Understands a scenario; warnings go to standard error, unless `quiet`.
///
/// # Errors
/// [`Failure::Scenario`]: keys or values in it are wrong.
pub(super) fn check(input: &Input, quiet: bool) -> Result<Scenario, Failure> {
    let loaded = input.load().map_err(|faults| wrong(input, &faults))?;
    warn(input, &loaded.warnings, quiet);
    Ok(loaded.scenario)
}

/// Reads a scenario file with some keys left open by its `[sweep]` section and the `--vary` flags.
///
/// # Errors
/// As [`read`].
pub(super) fn template(
    path: &Path,
    sets: &[String],
    varies: &[String],
    extent: Extent,
    quiet: bool,
) -> Result<Template, Failure> {
    let input = open_one(path, sets)?.varying(varies);
    let template = input.template(extent).map_err(|faults| wrong(&input, &faults))?;
    warn(&input, &template.warnings, quiet);
    Ok(template)
}

/// Understands a fleet; warnings go to standard error, unless `quiet`.
///
/// # Errors
/// [`Failure::Scenario`]: keys or values in it are wrong.
pub(super) fn fleet(input: &Input, quiet: bool) -> Result<Fleet, Failure> {
    let loaded = input.load_fleet().map_err(|faults| wrong(input, &faults))?;
    warn(input, &loaded.warnings, quiet);
    Ok(loaded.fleet)
}

/// Opens a scenario file (`-` is standard input), with the `--set` flags beside it.
///
/// # Errors
/// [`Failure::Input`]: it cannot be read.
pub(super) fn open(path: &Path, sets: &[String]) -> Result<Input, Failure> {
    let input = match path == Path::new("-") {
        true => Input::from_reader("<stdin>", bounded::standard_input(), sets),
        false => Input::from_file(path, sets),
    };
    input.map_err(|error| Failure::Input(error.to_string()))
}

/// The `--set` flags with what `--orchestrator` stands for in front: the name of a product, or its settings.
///
/// # Errors
/// [`Failure::Input`]: it is neither a product nor a file.
pub(super) fn with_orchestrator(
    scenario: &Path,
    orchestrator: Option<&PathBuf>,
    sets: &[String],
) -> Result<Vec<String>, Failure> {
    let set = orchestrator.map(|named| product_or_file(named).map(|()| orchestrator_set(scenario, named)));
    Ok(set.transpose()?.into_iter().chain(sets.iter().cloned()).collect())
}

fn product_or_file(named: &Path) -> Result<(), Failure> {
    let name = named.to_string_lossy();
    let file = Path::new(name.split('#').next().unwrap_or_default());
    if name == "none" || Product::find(&name).is_some() || file.exists() {
        return Ok(());
    }
    if file.extension().is_some() || name.contains(['/', '\\']) {
        let why = "is no file that is there; paths of flags start from the working folder";
        return Err(Failure::Input(format!("`--orchestrator {name}` {why}")));
    }
    Err(no_product(&name))
}

/// The complaint about a word of `--orchestrator`.
pub(super) fn no_product(name: &str) -> Failure {
    let known: Vec<&str> = PRODUCTS.iter().map(|product| product.kind).collect();
    let help = match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`? docs/orchestrators.md lists all"),
        None => format!("these are: {}", known.join(", ")),
    };
    Failure::Input(format!("`--orchestrator {name}` is no product that is known; {help}"))
}

/// Reads a table of loads.
///
/// # Errors
/// [`Failure::Input`]: it cannot be read; [`Failure::Scenario`]: something in it is wrong.
pub(super) fn loads(path: &Path) -> Result<Loads, Failure> {
    let input = open(path, &[])?;
    Loads::read(input.text()).map_err(|faults| wrong(&input, &faults))
}

/// A scenario that no file has.
///
/// # Errors
/// [`Failure::Input`]: the text is none.
pub(super) fn of_text(name: &str, text: &str) -> Result<Input, Failure> {
    Input::new(name, text, &[]).map_err(|error| Failure::Input(error.to_string()))
}

/// Opens the scenario of one guest, which is no CSV.
///
/// # Errors
/// As [`open`].
pub(super) fn open_one(path: &Path, sets: &[String]) -> Result<Input, Failure> {
    if path.extension().is_some_and(|suffix| suffix.eq_ignore_ascii_case("csv")) && path.is_file() {
        return Err(Failure::Input(format!(
            "`{0}` is CSV, and a scenario is TOML; a list of guests goes to `precopy drain {0} --link RATE`, results go \
             to `precopy plot`",
            path.display()
        )));
    }
    open(path, sets)
}

fn wrong(input: &Input, faults: &[Diagnostic]) -> Failure {
    Failure::Scenario(Refused::one(input, faults))
}

fn warn(input: &Input, warnings: &[Diagnostic], quiet: bool) {
    if !quiet && !warnings.is_empty() {
        // A closed standard error is no reason to withhold the result.
        let _ = write!(anstream::stderr(), "{}", render(input, Severity::Warning, warnings, true));
    }
}

/// Says on standard error what a scenario leaves open, as far as an answer without it misleads; for answers that have no
/// place for it.
pub(super) fn note_assumed(assumed: &[Assumption], quiet: bool) {
    if !quiet {
        Assumed::of_all([("", assumed)]).warnings().iter().for_each(|words| super::note(words));
    }
}

/// The name under which results speak of a scenario: its file's name without the suffix, so that it does not depend
/// on where the file lies.
pub(super) fn name(path: &Path) -> String {
    chart::name(path)
}
