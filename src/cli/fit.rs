//! `precopy fit`: which scenario explains this real migration?

use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::Ordering;

use super::args::OutputFormat;
use super::args::fit::FitArgs;
use super::plot::PictureFile;
use super::progress::ProgressLine;
use super::{Failure, compare, interrupt, scenario};
use crate::fit::{self, DirtyRates, Fit};
use crate::plot::{self, timeline::Migration};
use crate::report::{Output, fit as report};
use crate::scenario::Input;
use crate::sink::terminal;
use crate::units::bounded;

/// Fits a guest to traces or to dirty rates, writes it as a scenario and reports.
pub(super) fn fit(args: &FitArgs) -> Result<(), Failure> {
    match &args.dirtyrate {
        Some(path) => first(args, path),
        None => search(args),
    }
}

fn search(args: &FitArgs) -> Result<(), Failure> {
    let common = &args.common;
    let traces = compare::read(&args.traces, args.nth, args.scenario.as_deref(), common.quiet)?;
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
    let is_stdout = output.is_stdout();
    output.write(fit.file().as_bytes())?;
    if !is_stdout {
        Output::open(Path::new("-"))?.write(report.as_bytes())?;
    } else if !common.quiet {
        // A closed standard error is no reason to fail: the scenario is written.
        let _ = io::stderr().write_all(report.as_bytes());
    }
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
    let base = args.scenario.as_deref().map(|path| scenario::read(path, &[], common.quiet)).transpose()?;
    let text = read(path).map_err(|error| Failure::Input(format!("cannot read `{}`: {error}", path.display())))?;
    let complain = |unusable: fit::Unusable| Failure::Input(format!("{}: {unusable}", path.display()));
    let (file, warnings) =
        DirtyRates::of_guest(&text, args.guest.as_deref()).and_then(|rates| rates.file(base)).map_err(complain)?;
    let output = Output::open(&common.output)?;
    if !common.quiet {
        for warning in warnings {
            // A closed standard error is no reason to withhold the result.
            let _ = writeln!(anstream::stderr(), "warning: {}", terminal::lines(&warning.to_string()));
        }
    }
    // What the loader finds odd of a curve, such as one that bends upwards, is said as for any file.
    if let Ok(input) = Input::new("the measured curve", &file, &[]) {
        scenario::check(&input, common.quiet)?;
    }
    Ok(output.write(file.as_bytes())?)
}

/// Reads a text file that is not too large; `-` is standard input.
fn read(path: &Path) -> io::Result<String> {
    bounded::text(bounded::open(path)?, DirtyRates::MAX_BYTES)
}
