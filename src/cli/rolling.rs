//! `precopy drain` of a fleet with several hosts.

use super::args::OutputFormat;
use super::args::drain::DrainArgs;
use super::drain_input::{open_report, provenance, read, several};
use super::page::page;
use super::plot::PictureFile;
use super::progress::ProgressLine;
use super::{Failure, goal, reply};
use crate::drain::{AssumedLoad, DrainGoal, DrainHost, roll};
use crate::report::drain::{Rolled, WorstRolling};
use crate::scenario::{Fleet, Input};
use crate::sim::Options;
use crate::uncertain::FleetUnknowns;

/// What makes it shorter.
const SHORTER: &str = "a lower `limits.time`, or `--host NAME`, is over sooner";

/// Empties the hosts one after another, and reports.
pub(super) fn rolling(args: &DrainArgs, input: &Input, fleet: &Fleet, command: &str) -> Result<(), Failure> {
    let common = &args.common;
    refuse(args, fleet)?;
    let goal = DrainGoal { window: args.window, owed: goal::owed(input, fleet, &args.goals)? };
    let plot = PictureFile::open(args.plot.as_deref(), common.quiet)?;
    let report = open_report(args)?;
    let output = common.desk.open(&common.output)?;
    let options = common.options(&common.desk.watch()?);
    let host = DrainHost::checked(fleet, &options);
    let hosts = fleet.nodes.iter().filter(|node| node.drains).count();
    let progress = ProgressLine::counted("hosts", 0, hosts as u64, SHORTER, common.quiet);
    let found = roll(&host, &|| progress.more());
    let worst =
        args.assume.as_ref().map(|load| worst(args, input, load, fleet, &goal, &options)).transpose()?.flatten();
    progress.end();
    if options.is_stopped() {
        return Err(Failure::Interrupted("the hosts were not all done, and nothing is reported".to_owned()));
    }
    let judgement = (!goal.is_nothing()).then(|| found.judge(&goal, host.guests()));
    let mut provenance = provenance(args, std::slice::from_ref(fleet));
    provenance.assumed = provenance.assumed.inexact(FleetUnknowns::of(input, fleet).guests(fleet));
    let rolled = Rolled {
        provenance: &provenance,
        host: &host,
        plan: &host.plan(),
        rolling: &found,
        goal: &goal,
        judgement: judgement.as_ref(),
        worst: worst.as_ref(),
    };
    if let Some(plot) = plot {
        plot.write(rolled.gantt(&provenance.scenario)?.svg())?;
    }
    if let Some(report) = report {
        let title = args.title.as_deref().or(fleet.question.as_deref());
        report.write(rolled.html(title, command)?.as_bytes())?;
    }
    let mut bytes = Vec::new();
    match common.format {
        OutputFormat::Text => bytes = page(common, output.is_stdout(), |width| rolled.text(width)),
        OutputFormat::Json => rolled.json(&mut bytes)?,
        OutputFormat::Csv => rolled.csv(&mut bytes)?,
    }
    reply::write(common, output, &bytes, &provenance)?;
    if rolled.is_sure() { Ok(()) } else { Err(Failure::Expectation(rolled.missed())) }
}

/// What is asked of one host only, and a fleet of which none is to be emptied.
fn refuse(args: &DrainArgs, fleet: &Fleet) -> Result<(), Failure> {
    let one_only = [
        ("--search", args.search),
        ("--within", args.within.is_some()),
        ("--in", args.in_share.is_some()),
        ("--repeats", args.repeats.is_some()),
    ];
    if !fleet.nodes.iter().any(|node| node.drains) {
        let help = "say `drain = true` in the `[[node]]` of one that is";
        return Err(Failure::Input(format!("no host of the fleet is to be emptied; {help}")));
    }
    match one_only.into_iter().find(|(_, given)| *given) {
        Some((flag, _)) => Err(several(flag, fleet)),
        None => Ok(()),
    }
}

/// The hosts where guests of unknown workload write what is assumed at worst; none if there is no such guest.
fn worst(
    args: &DrainArgs,
    input: &Input,
    load: &AssumedLoad,
    fleet: &Fleet,
    goal: &DrainGoal,
    options: &Options,
) -> Result<Option<WorstRolling>, Failure> {
    let sets = load.sets(fleet);
    if sets.is_empty() {
        return Ok(None);
    }
    let busy = read(args, &input.with_sets(&sets), None, true)?;
    let host = DrainHost::checked(&busy, options);
    let rolling = roll(&host, &|| {});
    let is_met = rolling.judge(goal, host.guests()).is_met();
    Ok(Some(WorstRolling { words: load.to_string(), rolling, is_met }))
}
