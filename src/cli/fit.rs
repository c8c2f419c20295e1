//! `precopy fit`: which scenario explains this real migration?

use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::Ordering;

use super::args::fit::FitArgs;
use super::args::{Common, OutputFormat};
use super::plot::PictureFile;
use super::progress::ProgressLine;
use super::{Failure, compare, interrupt, scenario};
use crate::compare::Trace;
use crate::fit::{self, DirtyRates, FirstScenario, Fit, ZeroPages};
use crate::plot::{self, timeline::Migration};
use crate::recordings;
use crate::report::{Output, fit as report};
use crate::scenario::Input;
use crate::sink::terminal;
use crate::units::{Operations, Pages, bounded, parse};

/// Fits a guest to traces or to dirty rates, writes it as a scenario and reports.
pub(super) fn fit(args: &FitArgs) -> Result<(), Failure> {
    match (&args.dirtyrate, &args.recording) {
        (Some(path), _) => first(args, path),
        (_, Some(path)) => recorded(args, path),
        _ => search(args),
    }
}

fn search(args: &FitArgs) -> Result<(), Failure> {
    let common = &args.common;
    let traces = compare::read(&args.traces, args.nth, &args.scenario, common.quiet)?;
    let output = Output::open(&common.output)?;
    let plot = PictureFile::open(args.plot.as_deref(), common.quiet)?;
    let stop = interrupt::flag()?;
    let hint = "fewer traces are over sooner";
    let progress = ProgressLine::counted("migrations simulated", 0, None, hint, common.quiet);
    let watch = |fit::FitProgress { runs, .. }: fit::FitProgress| {
        progress.at(runs as u64);
        !stop.load(Ordering::Relaxed)
    };
    let found = fit::fit(traces, common.seed, &watch);
    progress.end();
    let Some(fit) = found.map_err(|unfit| Failure::Input(unfit.to_string()))? else {
        return Err(Failure::Interrupted("nothing was found yet".to_owned()));
    };
    if let Some(plot) = plot {
        plot.write(picture(&fit)?)?;
    }
    let report = match common.format {
        OutputFormat::Text => report::text(&fit),
        OutputFormat::Json => report::json(&fit)?,
        OutputFormat::Csv => report::csv(&fit)?,
    };
    hand_out(common, output, &fit.file(), &report)?;
    if fit.finished {
        Ok(())
    } else {
        Err(Failure::Interrupted("the best that was found by then is written".to_owned()))
    }
}

/// The first migration, measured and predicted.
fn picture(fit: &Fit) -> Result<String, Failure> {
    let fitted = &fit.traces[0];
    let migrations = [
        Migration { name: "measured", timeline: &fitted.measured },
        Migration { name: "predicted", timeline: &fitted.predicted },
    ];
    let subtitle = format!("measured, and predicted with a fitted {} guest", fit.shape.as_str());
    Ok(plot::timeline::svg(&fitted.comparison.trace, &subtitle, &migrations)?)
}

/// A first scenario from dirty rates.
fn first(args: &FitArgs, path: &Path) -> Result<(), Failure> {
    let common = &args.common;
    let sets: Vec<String> = args.zero.iter().map(|zero| format!("guest.zero={zero}")).collect();
    let named = match args.scenario.as_slice() {
        [] => None,
        [one] => Some(one),
        _ => return Err(Failure::Input("dirty rates are of one guest: name one `--scenario`".to_owned())),
    };
    let base = named.map(|path| scenario::read(path, &sets, common.quiet)).transpose()?;
    let text = read(path).map_err(|error| Failure::Input(format!("cannot read `{}`: {error}", path.display())))?;
    let complain = |unusable: fit::Unusable| Failure::Input(format!("{}: {unusable}", path.display()));
    let mut rates = DirtyRates::of_guest(&text, args.guest.as_deref()).map_err(complain)?;
    if let Some(zero) = zero_pages(args, &rates, &sets)? {
        rates = rates.with_zero(zero);
    }
    write(args, &rates.first(base).map_err(complain)?)
}

/// A recording, as a curve in the place of a scenario's workloads.
fn recorded(args: &FitArgs, path: &Path) -> Result<(), Failure> {
    let common = &args.common;
    let [scenario] = args.scenario.as_slice() else {
        return Err(Failure::Input("a recording is of one guest: name one `--scenario`".to_owned()));
    };
    let base = scenario::read(scenario, &[], common.quiet)?;
    let instructions = args.instructions.as_deref().map(instructions).transpose()?;
    let recorded = recordings::read(path, instructions).map_err(|damage| {
        let recordings::Damage { what, help, .. } = &damage;
        Failure::Input(format!("`{}`{} {what}; {help}", path.display(), damage.place()))
    })?;
    let unusable = |unusable: fit::Unusable| Failure::Input(format!("`{}` {unusable}", path.display()));
    let mut first = fit::recorded_file(&recorded, &path.display().to_string(), &base).map_err(unusable)?;
    if first.prefers_recording {
        first.warnings.push(format!(
            "kind `recording` keeps its order; write in the place of the workload\n{}",
            lines(args, path)
        ));
    }
    write(args, &first)
}

/// The workload that replays a recording, in the scenario that is written.
fn lines(args: &FitArgs, path: &Path) -> String {
    // A scenario looks for its files from its own folder.
    let folder = args.common.output.parent().filter(|folder| *folder != Path::new(""));
    let whole = folder.and_then(|_| path.canonicalize().ok());
    let file = whole.as_deref().unwrap_or(path).to_string_lossy();
    let quoted = serde_json::to_string(&file).unwrap_or_default();
    let clock = args.instructions.as_ref().map_or(String::new(), |rate| format!("\ninstructions = \"{rate}\""));
    format!("[[guest.workload]]\nkind = \"recording\"\nfile = {quoted}{clock}")
}

/// The flag `--instructions`.
fn instructions(text: &str) -> Result<Operations, Failure> {
    parse::parse(text, Some("/s")).map_err(|error| {
        let hint = error.hint.map_or(String::new(), |hint| format!("; {hint}"));
        Failure::Input(format!("`--instructions` {}: {}{hint}", error.problem.predicate(), error.reason))
    })
}

/// Writes a scenario that was made without a search, and reports as after one; of text the warnings are all of it.
fn write(args: &FitArgs, first: &FirstScenario) -> Result<(), Failure> {
    let common = &args.common;
    let output = Output::open(&common.output)?;
    if !common.quiet {
        for warning in &first.warnings {
            // A closed standard error is no reason to withhold the result.
            let _ = writeln!(anstream::stderr(), "warning: {}", terminal::lines(warning));
        }
    }
    // What the loader finds odd of a curve is said above, or by the command that runs it; here only what it refuses.
    if let Ok(input) = Input::new("the measured curve", &first.file, &[]) {
        scenario::check(&input, true)?;
    }
    let report = match common.format {
        OutputFormat::Text => String::new(),
        OutputFormat::Json => report::first_json(first)?,
        OutputFormat::Csv => report::first_csv(first)?,
    };
    hand_out(common, output, &first.file, &report)
}

/// The scenario goes to its place; the report to standard output, or where that is the scenario's to standard error.
fn hand_out(common: &Common, output: Output, file: &str, report: &str) -> Result<(), Failure> {
    let is_stdout = output.is_stdout();
    output.write(file.as_bytes())?;
    if !is_stdout {
        Output::open(Path::new("-"))?.write(report.as_bytes())?;
    } else if !common.quiet {
        // A closed standard error is no reason to fail: the scenario is written.
        let _ = io::stderr().write_all(report.as_bytes());
    }
    Ok(())
}

/// Zero pages as the flags tell them, beside a scenario that is named.
fn zero_pages(args: &FitArgs, rates: &DirtyRates, sets: &[String]) -> Result<Option<ZeroPages>, Failure> {
    if let Some(log) = &args.log {
        let trace = Trace::read(log).map_err(|fault| Failure::Traces(vec![fault]))?;
        let sent = trace.measured.duplicate_pages.ok_or_else(|| {
            let what = "does not say how many zero pages were sent (`ram.duplicate`, `memory_constant`); `--zero SHARE` says it";
            Failure::Input(format!("{}: {what}", log.display()))
        })?;
        return Ok(Some(ZeroPages::Sent(Pages(sent), trace.name)));
    }
    let (Some(memory), None, [_]) = (rates.memory, args.scenario.first(), sets) else { return Ok(None) };
    let text = format!("[guest]\nmemory = \"{} B\"\n[link]\nbandwidth = \"1 Gbit/s\"", memory.0);
    let told = scenario::check(&scenario::of_text("the flags, as a scenario", &text)?.with_sets(sets), true)?;
    Ok(Some(ZeroPages::Told(told.guest.zero)))
}

/// Reads a text file that is not too large; `-` is standard input.
fn read(path: &Path) -> io::Result<String> {
    bounded::text(bounded::open(path)?, DirtyRates::MAX_BYTES)
}
