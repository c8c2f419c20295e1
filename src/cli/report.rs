//! `precopy report`: one page to send to somebody.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::args::ReportArgs;
use super::{Failure, scenario as files};
use crate::plot::{PlotError, chart};
use crate::report::page::Page;
use crate::report::{Assumed, Output, Provenance, Report, csv};
use crate::results::Results;
use crate::scenario::Scenario;
use crate::sim::{self, Options, Timeline};
use crate::sink::shell;

/// Reads all inputs, runs the scenario if it stands alone, and writes the page.
pub(super) fn report(args: &ReportArgs, command: &str) -> Result<(), Failure> {
    let is_scenario = |path: &&PathBuf| path.extension().is_some_and(|suffix| suffix.eq_ignore_ascii_case("toml"));
    let (scenarios, inputs): (Vec<&PathBuf>, Vec<&PathBuf>) = args.inputs.iter().partition(is_scenario);
    let scenario = match scenarios[..] {
        [] => None,
        [path] => Some((path.clone(), read(path, args)?)),
        _ => return Err(Failure::Input("a page is about one scenario; give one `.toml` file".to_owned())),
    };
    let output = Output::open(&args.output)?;
    let (mut timelines, mut results) = (Vec::new(), Vec::new());
    for path in inputs {
        let read = Results::read(path).map_err(PlotError::from)?;
        match read.is_timeline() {
            true => timelines.push((files::name(path), chart::timeline(&read, None)?)),
            false => results.push((files::name(path), read)),
        }
    }
    let results = match &scenario {
        Some((path, (_, scenario))) if results.is_empty() && timelines.is_empty() => {
            let (results, timeline) = run(&files::name(path), scenario)?;
            timelines.push((files::name(path), timeline));
            results
        }
        _ => chart::together(results),
    };
    let results = results.selected(&args.filters).map_err(PlotError::from)?;
    // The scenario's name, or else those of all files.
    let named = scenario.as_ref().map_or(&args.inputs[..], |(path, _)| std::slice::from_ref(path));
    let name = named.iter().map(|path| files::name(path)).collect::<Vec<_>>().join(", ");
    let assumed = scenario.as_ref().map(|(_, (_, scenario))| Assumed::of_one(scenario)).unwrap_or_default();
    let page = Page {
        title: args.title.as_ref().unwrap_or(&name),
        question: scenario.as_ref().and_then(|(_, (_, scenario))| scenario.question.as_deref()),
        scenario: scenario.as_ref().map(|(path, (text, _))| (file_name(path), text.as_str())),
        results: &results,
        timelines: &timelines,
        assumed: &assumed,
        command,
    };
    Ok(output.write(page.html()?.as_bytes())?)
}

/// The text of a scenario file and what it says.
fn read(path: &Path, args: &ReportArgs) -> Result<(String, Scenario), Failure> {
    let input = files::open_one(path, &args.sets)?;
    let scenario = files::check(&input, args.manners.quiet)?;
    Ok((input.text().to_owned(), scenario))
}

/// One migration, as `precopy run` would write it.
fn run(name: &str, scenario: &Scenario) -> Result<(Results, Timeline), Failure> {
    let options = Options { timeline: true, ..Options::default() };
    let (outcome, timeline) = sim::run_checked(scenario.drawn(options.seed).trusted(), &options);
    let provenance = Provenance::new(name, scenario.qemu.version, options.seed, options.memory);
    let mut bytes = Vec::new();
    csv::write(&mut bytes, &Report { provenance: &provenance, outcome: &outcome, timeline: &timeline })?;
    let results = Results::from_csv(&String::from_utf8_lossy(&bytes)).map_err(Failure::Input)?;
    Ok((results, timeline))
}

fn file_name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or("scenario")
}

/// A command line as it would be typed into a shell.
///
/// The program goes by its name, wherever it was found.
pub(super) fn typed(words: &[OsString]) -> String {
    let quoted = |word: &OsString| shell::word(&word.to_string_lossy()).into_owned();
    let program = std::iter::once(env!("CARGO_PKG_NAME").to_owned());
    program.chain(words.iter().skip(1).map(quoted)).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_can_be_typed_again() {
        let words = ["/bin/precopy", "report", "my guest.toml", "--title", "it's", ""].map(OsString::from);
        assert_eq!(typed(&words), r"precopy report 'my guest.toml' --title 'it'\''s' ''");
    }
}
