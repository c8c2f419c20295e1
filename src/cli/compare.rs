//! `precopy compare`: how well does the model predict these real migrations?

use super::Failure;
use super::args::{CompareArgs, Format};
use crate::compare::{Comparison, Summary, Trace};
use crate::report::{Output, compare as report};
use crate::sim::Options;

/// Reads every trace, predicts each migration from what was known before it, and reports the two side by side.
pub(super) fn compare(args: &CompareArgs) -> Result<(), Failure> {
    let common = &args.common;
    let (traces, faults): (Vec<_>, Vec<_>) = args.traces.iter().map(|path| Trace::read(path)).partition(Result::is_ok);
    let faults: Vec<_> = faults.into_iter().filter_map(Result::err).collect();
    if !faults.is_empty() {
        return Err(Failure::Traces(faults));
    }
    let output = Output::open(&common.output)?;
    let options = Options { memory: common.memory.into(), seed: common.seed, ..Options::default() };
    let comparisons: Vec<_> = traces.into_iter().flatten().map(|trace| Comparison::of(trace, &options)).collect();
    let text = match common.format {
        Format::Text => report::text(&comparisons, args.passes || common.verbose),
        Format::Json => report::json(&comparisons)?,
        Format::Csv => report::csv(&comparisons)?,
    };
    output.write(text.as_bytes())?;
    let summary = Summary::of(&comparisons);
    match args.tolerance {
        Some(tolerance) if !summary.is_within(tolerance) => Err(Failure::Tolerance {
            tolerance,
            summary: format!(
                "{} of {} verdicts are right, and the worst total time is off by {:.1} %",
                summary.verdicts_right, summary.compared, summary.total_time_pct_worst
            ),
        }),
        _ => Ok(()),
    }
}
