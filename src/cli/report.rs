//! `precopy report`: one page to send to somebody.

use std::path::{Path, PathBuf};

use clap::Parser;

use super::args::sweep::SweepArgs;
use super::args::{Cli, CliCommand, ReportArgs};
use super::{Failure, scenario as files};
use crate::plot::{PlotError, chart};
use crate::report::drain::SavedDrain;
use crate::report::page::{Page, Points, Sketch};
use crate::report::{Assumed, Output, Provenance, Report, csv};
use crate::results::{Cell, Origin, Results, column};
use crate::scenario::{Extent, Input, InvalidInput, Scenario, Template};
use crate::sim::{self, Options, Timeline};
use crate::sink::shell;
use crate::sweep::{Journal, Shard, Study};

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
    // The command of the first sweep that is known.
    let mut command_of_sweep = None;
    let (mut doubts, mut faults) = (Vec::new(), Vec::new());
    for path in inputs {
        let fault = Origin::fault_beside(path);
        if let Some(why) = fault.as_ref().filter(|_| !args.manners.quiet) {
            super::warn(why);
        }
        faults.extend(fault);
        let read = Results::read(path).map_err(PlotError::from)?;
        if read.is_drain() {
            if args.inputs.len() > 1 || !args.filters.is_empty() {
                let name = path.display();
                return Err(Failure::Input(format!(
                    "`{name}` is a drain, whose page is about all of its rows and nothing else; give it alone, without `--where`"
                )));
            }
            return drained(args, path, &read, command, output);
        }
        match read.is_timeline() {
            true => timelines.push((files::name(path), chart::timeline(&read, None)?)),
            false => {
                if !read.has_figures() {
                    // As a picture of it is refused.
                    read.column("total_time_ms").map_err(PlotError::from)?;
                }
                if let Some((scenario, (input, _))) = &scenario {
                    let swept = swept(path);
                    doubts.extend(doubt(&files::name(scenario), input, path, swept.as_ref(), &read));
                    command_of_sweep = command_of_sweep.or(swept);
                }
                results.push((files::name(path), read));
            }
        }
    }
    if !args.manners.quiet {
        doubts.iter().for_each(|words| super::note(words));
    }
    doubts.extend(faults);
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
    let assumed = scenario.as_ref().map(|(_, (_, scenario))| assumed(scenario, &results)).unwrap_or_default();
    let points = Points::of(&results);
    let sketches = match (&scenario, &points) {
        (Some((path, (input, _))), Some(points)) => {
            sketches(&files::name(path), input, command_of_sweep.as_ref(), points, &results)
        }
        _ => Vec::new(),
    };
    let page = Page {
        title: args.title.as_ref().unwrap_or(&name),
        question: scenario.as_ref().and_then(|(_, (_, scenario))| scenario.question.as_deref()),
        scenario: scenario.as_ref().map(|(path, (input, _))| (file_name(path), input.text())),
        results: &results,
        points: points.as_ref(),
        sketches: &sketches,
        timelines: &timelines,
        doubts: &doubts,
        assumed: &assumed,
        command,
    };
    Ok(output.write(page.html()?.as_bytes())?)
}

/// The command of a sweep, which the note beside its rows keeps.
fn swept(rows: &Path) -> Option<SweepArgs> {
    let (_, archive) = Journal::beside(rows).ok()??;
    match Cli::try_parse_from(shell::words(&archive?.command)?).ok()?.command {
        CliCommand::Sweep(args) => Some(args),
        _ => None,
    }
}

/// The scenario with what its sweep was to vary, as far as the command of the sweep is known; what is set for the page counts last.
fn template(input: &Input, swept: Option<&SweepArgs>) -> Result<Template, InvalidInput> {
    let Some(SweepArgs { sets, varies, design, points, repeats, .. }) = swept else {
        return input.template(Extent::default());
    };
    let sets: Vec<String> = sets.iter().chain(input.sets()).cloned().collect();
    let extent = Extent { design: design.map(Into::into), points: points.map(u64::from), repeats: *repeats };
    input.under(&sets).varying(varies).template(extent)
}

/// Points of the scenario's sweep through time; none of ranges that nothing tells.
fn sketches(
    name: &str,
    input: &Input,
    swept: Option<&SweepArgs>,
    points: &Points,
    results: &Results,
) -> Vec<Option<Sketch>> {
    let Ok(template) = template(input, swept) else { return Vec::new() };
    let Options { seed, memory, .. } = Options::default();
    let memory = swept.map_or(memory, |swept| swept.memory.into());
    let study =
        Study { template, name: name.to_owned(), seed, memory, watch: None, shard: Shard::WHOLE, summary: false };
    points.sketches(results, study)
}

/// The page of a drain from its rows.
fn drained(args: &ReportArgs, path: &Path, rows: &Results, command: &str, output: Output) -> Result<(), Failure> {
    if let Some(other) = ["seed", "scheduler", "slots", "scenario"]
        .into_iter()
        .find(|name| rows.find(name).is_some_and(|at| rows.varies(at)))
    {
        let name = path.display();
        return Err(Failure::Input(format!(
            "`{name}` has rows of several drains, whose `{other}` differs; a page is about one of them"
        )));
    }
    let fleet =
        rows.find("scenario").map_or_else(|| files::name(path), |at| column::show("scenario", rows.row(0).cell(at)));
    let page = SavedDrain { rows: &rows.drain_rows(), fleet: &fleet, title: args.title.as_deref(), command };
    Ok(output.write(page.html()?.as_bytes())?)
}

/// A scenario file and what it says.
fn read(path: &Path, args: &ReportArgs) -> Result<(Input, Scenario), Failure> {
    let input = files::open_one(path, &args.sets)?;
    let scenario = files::check(&input, args.manners.quiet)?;
    Ok((input, scenario))
}

/// Why the results at `path` are perhaps not those of the scenario called `name`: what their note says, or else their rows.
fn doubt(name: &str, input: &Input, path: &Path, swept: Option<&SweepArgs>, results: &Results) -> Option<String> {
    let about = |why: String| format!("the rows of `{}` are perhaps not those of this scenario: {why}", path.display());
    match Journal::identity_beside(path) {
        Ok(Some(identity)) => {
            let why = match template(input, swept) {
                Ok(template) => identity.strange_to(name, &template),
                // Its ranges need what the command line of the sweep said, and the note does not.
                Err(_) => identity.misnamed(name),
            };
            (!why.is_empty()).then(|| about(why.join("; ")))
        }
        Ok(None) => {
            let at = results.find("scenario")?;
            let is_other = |cell: &Cell| matches!(cell, Cell::Word(word) if **word != *name);
            let other = results.rows().map(|row| row.cell(at)).find(|cell| is_other(cell))?;
            Some(about(format!("some are of `{other}`")))
        }
        Err(damage) => Some(about(format!("what they belong to cannot be read: {damage}"))),
    }
}

/// What the scenario does not say and no column of the results either.
fn assumed(scenario: &Scenario, results: &Results) -> Assumed {
    let keys = || (0..results.width()).filter(|at| results.is_key(*at)).map(|at| results.name(at));
    let says =
        |name: &str, key: &str| name.strip_prefix(key).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    let open = scenario.assumed.iter().copied().filter(|open| !keys().any(|name| says(name, open.key())));
    Assumed::of_all([("", &open.collect::<Vec<_>>()[..])])
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
