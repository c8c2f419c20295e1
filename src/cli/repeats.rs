//! `precopy run --repeats N`: the same question, asked of many runs.

use super::args::{OutputFormat, RunArgs};
use super::progress::ProgressLine;
use super::{Failure, interrupt, reply};
use crate::goal::Goal;
use crate::plan::HostHinge;
use crate::report::{Assumed, Output, Provenance, csv, repeats as report};
use crate::scenario::{Input, Scenario};
use crate::sim::{self, Options, Verdict};
use crate::uncertain;
use crate::uncertain::Unknowns;

/// Runs the scenario with one seed after another and reports what the runs have in common.
pub(super) fn run(args: &RunArgs, input: &Input, scenario: &Scenario, expected: &Goal) -> Result<(), Failure> {
    let common = &args.common;
    for (flag, given) in [("--timeline", args.timeline.is_some()), ("--plot", args.plot.is_some())] {
        if given {
            return Err(Failure::Input(format!(
                "`{flag}` shows one run; leave out `--repeats`, and choose a run by its `--seed`"
            )));
        }
    }
    let output = Output::open(&common.output)?;
    let options = common.options(&interrupt::watch()?);
    let hint = "fewer `--repeats` or a lower `limits.time` are over sooner";
    let progress = ProgressLine::counted("runs", 0, u64::from(args.repeats), hint, common.quiet);
    let draft = input.draft().map_err(|faults| Failure::Input(faults.to_string()))?;
    let runs = uncertain::repeat(&draft, scenario, &options, args.repeats, &|| progress.more());
    progress.end();
    if runs.is_empty() {
        return Err(Failure::Interrupted("no run was over yet, and nothing is written".to_owned()));
    }
    let provenance = Provenance::new(super::asked::name(args), scenario.qemu.version, options.seed, options.memory)
        .assuming(hinging(Assumed::of_one(scenario), input, scenario, &runs, &options))
        .due(scenario.qemu.deadline)
        .archived(&common.archive);
    let varies = scenario.varies()
        || !Unknowns::of(&draft, &scenario.guest.uncertainty).is_empty()
        || options.memory == sim::Memory::Exact;
    let mut bytes = Vec::new();
    match common.format {
        OutputFormat::Text => bytes = report::text(&provenance, &runs, varies).into_bytes(),
        OutputFormat::Json => report::json(&mut bytes, &provenance, &runs)?,
        OutputFormat::Csv => {
            csv::write_runs(&mut bytes, &provenance, runs.iter().map(|(seed, outcome)| (*seed, outcome)))?
        }
    }
    reply::write(common, output, &bytes, &provenance)?;
    if runs.len() < args.repeats as usize {
        let (made, all) = (runs.len(), args.repeats);
        return Err(Failure::Interrupted(format!("reported are {made} of {all} runs; the same command makes all")));
    }
    let found = runs.iter().filter(|run| !expected.holds(&run.1)).count();
    match args.in_share.is_reached(runs.len() - found, runs.len()) {
        true => Ok(()),
        false => {
            Err(Failure::Repeats { expected: args.expect.join(", "), found, runs: runs.len(), share: args.in_share })
        }
    }
}

/// With the constants of the host on which the commonest verdict hangs, as its first run shows.
fn hinging(assumed: Assumed, input: &Input, scenario: &Scenario, runs: &[report::Run], options: &Options) -> Assumed {
    // A user who interrupts wants no more of it.
    if options.is_stopped() {
        return assumed;
    }
    let ended = |verdict: Verdict| runs.iter().filter(move |(_, outcome)| outcome.verdict == verdict);
    let commonest = Verdict::ALL.into_iter().max_by_key(|verdict| ended(*verdict).count());
    let Some((seed, outcome)) = commonest.and_then(|verdict| ended(verdict).next()) else { return assumed };
    let options = Options { seed: *seed, ..options.clone() };
    let hinges = input.draft().map_or(Vec::new(), |draft| HostHinge::all(&draft, scenario, outcome, &options));
    assumed.hanging_on(hinges).of_run(Some(format!("the run of seed {seed} ({})", outcome.verdict.as_str())))
}
