//! `precopy compare`: how well does the model predict these real migrations?

use std::path::PathBuf;

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

/// Reads all traces, with a scenario in place of their own configuration if there is one: for all of them, or one for each.
///
/// # Errors
/// All files that cannot be read, or another number of scenarios than one or that of the traces.
pub(super) fn read(paths: &[PathBuf], nth: u32, scenarios: &[PathBuf], quiet: bool) -> Result<Vec<Trace>, Failure> {
    let one = |path: &PathBuf| Trace::read_nth(path, usize::try_from(nth).unwrap_or(usize::MAX));
    let (traces, faults): (Vec<_>, Vec<_>) = paths.iter().map(one).partition(Result::is_ok);
    let faults: Vec<_> = faults.into_iter().filter_map(Result::err).collect();
    if !faults.is_empty() {
        return Err(Failure::Traces(faults));
    }
    if scenarios.len() > 1 && scenarios.len() != paths.len() {
        let counts = format!("{} scenarios for {} traces", scenarios.len(), paths.len());
        return Err(Failure::Input(format!("{counts}; name one for all, or one for each in the order of the traces")));
    }
    let scenarios = scenarios.iter().map(|path| scenario::read(path, &[], quiet)).collect::<Result<Vec<_>, _>>()?;
    let with = |(at, trace): (usize, Trace)| match scenarios.get(at).or(scenarios.first()) {
        Some(scenario) => trace.with_scenario(scenario.clone()),
        None => trace,
    };
    Ok(traces.into_iter().flatten().enumerate().map(with).collect())
}

/// As [`read`], of traces that are to be predicted.
///
/// # Errors
/// As [`read`], or that no trace says anything of its configuration where no scenario is named. One among others that do is
/// reported as not covered.
fn traces(args: &CompareArgs) -> Result<Vec<Trace>, Failure> {
    let traces = read(&args.traces, args.nth, args.scenario.as_slice(), args.common.quiet)?;
    let silent = args.traces.iter().zip(&traces).filter_map(|(path, trace)| match &trace.scenario {
        Err(reason @ NoScenario::Unstated(_)) => Some(format!("{}: {reason}", path.display())),
        _ => None,
    });
    let silent: Vec<String> = silent.collect();
    if silent.len() < traces.len() { Ok(traces) } else { Err(Failure::Input(silent.join("\nerror: "))) }
}
