//! `precopy compare`: how well does the model predict these real migrations?

use std::path::{Path, PathBuf};

use super::args::{CompareArgs, GuestRate, OutputFormat};
use super::progress::ProgressLine;
use super::{Failure, interrupt, scenario};
use crate::compare::{NoScenario, Summary, Trace, TraceComparison};
use crate::report::{Output, compare as report};

/// Reads every trace, predicts each migration from what was known before it, and reports the two side by side.
pub(super) fn compare(args: &CompareArgs) -> Result<(), Failure> {
    let common = &args.common;
    let mut traces = traces(args)?;
    if args.rate == GuestRate::UnderWay {
        traces = traces.into_iter().map(Trace::at_rate_under_way).collect();
    }
    if let (Some(_), Some(Ok(scenario))) = (&args.scenario, traces.first().map(|trace| &trace.scenario)) {
        scenario::note_assumed(&scenario.assumed, common.quiet);
    }
    let output = Output::open(&common.output)?;
    let options = common.options(&interrupt::watch()?);
    let hint = "fewer traces at a time are over sooner";
    let progress = ProgressLine::counted("traces", 0, traces.len() as u64, hint, common.quiet);
    let compared = |trace| options.unless_stopped(|| TraceComparison::of(trace, &options)).inspect(|_| progress.more());
    let all = traces.len();
    let comparisons: Vec<_> = traces.into_iter().map_while(compared).collect();
    progress.end();
    let text = match common.format {
        OutputFormat::Text => report::text(&comparisons, args.passes || common.verbose),
        OutputFormat::Json => report::json(&comparisons)?,
        OutputFormat::Csv => report::csv(&comparisons)?,
    };
    output.write(text.as_bytes())?;
    if comparisons.len() < all {
        return Err(Failure::Interrupted(format!("reported are {} of {all} traces", comparisons.len())));
    }
    let summary = Summary::of(&comparisons);
    match args.tolerance {
        Some(tolerance) if !summary.is_within(tolerance) => Err(Failure::Tolerance {
            tolerance,
            summary: format!(
                "{} of {} verdicts are right, and {}",
                summary.verdicts_right,
                summary.compared,
                report::worst_time(&summary)
            ),
        }),
        _ => Ok(()),
    }
}

/// Reads all traces, with `scenario` in place of their own configuration if there is one.
///
/// # Errors
/// All files that cannot be read.
pub(super) fn read(paths: &[PathBuf], nth: u32, scenario: Option<&Path>, quiet: bool) -> Result<Vec<Trace>, Failure> {
    let one = |path: &PathBuf| Trace::read_nth(path, usize::try_from(nth).unwrap_or(usize::MAX));
    let (traces, faults): (Vec<_>, Vec<_>) = paths.iter().map(one).partition(Result::is_ok);
    let faults: Vec<_> = faults.into_iter().filter_map(Result::err).collect();
    if !faults.is_empty() {
        return Err(Failure::Traces(faults));
    }
    let scenario = scenario.map(|path| scenario::read(path, &[], quiet)).transpose()?;
    let traces = traces.into_iter().flatten();
    Ok(match scenario {
        Some(scenario) => traces.map(|trace| trace.with_scenario(scenario.clone())).collect(),
        None => traces.collect(),
    })
}

/// As [`read`], of traces that are to be predicted.
///
/// # Errors
/// As [`read`], or that no trace says anything of its configuration where no scenario is named. One among others that do is
/// reported as not covered.
fn traces(args: &CompareArgs) -> Result<Vec<Trace>, Failure> {
    let traces = read(&args.traces, args.nth, args.scenario.as_deref(), args.common.quiet)?;
    let silent = args.traces.iter().zip(&traces).filter_map(|(path, trace)| match &trace.scenario {
        Err(reason @ NoScenario::Unstated(_)) => Some(format!("{}: {reason}", path.display())),
        _ => None,
    });
    let silent: Vec<String> = silent.collect();
    if silent.len() < traces.len() { Ok(traces) } else { Err(Failure::Input(silent.join("\nerror: "))) }
}
