//! `precopy drain`: how long until this host is empty?

use std::io::{self, Write};

use super::args::OutputFormat;
use super::args::drain::{ALL, DrainArgs};
use super::drain_input::{named, open, open_report, provenance, read, several};
use super::page::page;
use super::plot::PictureFile;
use super::progress::ProgressLine;
use super::rolling::rolling;
use super::{Failure, goal, reply};
use crate::drain::{
    self, AssumedLoad, Chance, DrainFound, DrainGoal, DrainHost, DrainPlan, DrainSearch, FleetHinge, FleetRemedy,
    SearchLimits, Timetable, WriteBudget,
};
use crate::orchestrator::scheduler::QueueOrder;
use crate::report::drain::{
    Drained, HostPage, Misses, WorstDrain, csv, is_sure, json, missed, schedulers, text, words,
};
use crate::scenario::{Fleet, Input, SCHEDULERS};
use crate::sim::Options;
use crate::sink::terminal;
use crate::uncertain::FleetUnknowns;
use crate::units::spelling::count;

/// Drains if `--within` is given without `--repeats`.
const REPEATS: u32 = 100;

/// The scheduler that is no product's.
const OWN: &str = "slots";

/// What makes a drain, or many of them, shorter.
const SHORTER: &str = "a lower `limits.time`, fewer `--repeats`, or a lower `--most` and `--exchanges` are over sooner";

/// Reads a fleet, empties the host, and reports.
pub(super) fn drain(args: &DrainArgs, command: &str) -> Result<(), Failure> {
    match args.scheduler.as_deref() {
        Some(ALL) if args.search => {
            Err(Failure::Input("`--search` searches one scheduler; name it with `--scheduler NAME`".to_owned()))
        }
        Some(ALL) => compare(args),
        _ => answer(args, open(args)?, command),
    }
}

/// Empties the host of these texts, and reports.
pub(super) fn answer(args: &DrainArgs, input: Input, command: &str) -> Result<(), Failure> {
    let common = &args.common;
    let input = named(args, input);
    let fleet = read(args, &input, None, common.quiet)?;
    if fleet.is_rolling() {
        return rolling(args, &input, &fleet, command);
    }
    let goal = DrainGoal { window: args.window.or(args.within), owed: goal::owed(&input, &fleet, &args.goals)? };
    // A chance that is only asked for is no demand.
    let demands = args.within.is_none() && !goal.is_nothing();
    if args.in_share.is_some() && goal.is_nothing() {
        return Err(Failure::Input(
            "`--in SHARE` is a share of drains that are as wanted; add `--window` or `--goal`".to_owned(),
        ));
    }
    let plot = PictureFile::open(args.plot.as_deref(), common.quiet)?;
    let report = open_report(args)?;
    let output = common.desk.open(&common.output)?;
    let options = common.options(&common.desk.watch()?);
    let order = fleet.scheduler.order;
    if !common.quiet && !args.search && order != QueueOrder::Priority && fleet.guests.iter().any(|vm| vm.priority != 0)
    {
        super::note(&format!(
            "`priority` changes nothing here: `{}` takes guests {}; `--order priority` looks at it",
            fleet.scheduler.name,
            words(Some(order))
        ));
    }
    let host = DrainHost::checked(&fleet, &options);
    let found = if args.search { Some(search(args, &input, &host, &goal)?) } else { None };
    // From here on it is the best drain that is told of.
    let input = found.as_ref().map_or(input.clone(), |found| input.with_sets(&found.best.sets()));
    let fleet = read(args, &input, None, true)?;
    let host = DrainHost::checked(&fleet, &options);
    // What was found by then is worth a report, and that needs runs that are not stopped.
    let host = still(host, &fleet, &options);
    let progress = ProgressLine::counted("drains", 0, None, SHORTER, common.quiet);
    let plan = found.as_ref().map_or_else(|| host.plan(), |found| found.best.plan.clone());
    let timetable = drain::drain(&host, &plan);
    progress.end();
    if options.is_stopped() && found.is_none() {
        return Err(Failure::Interrupted("the drain was not over, and nothing is reported".to_owned()));
    }
    if common.verbose {
        tell(&host, &timetable);
    }
    let unknowns = FleetUnknowns::of(&input, &fleet);
    let repeats = repeat(args, &fleet, &unknowns, &options)?;
    let host = still(host, &fleet, &options);
    let chance = (!repeats.is_empty() && !goal.is_nothing()).then(|| Chance::of(&goal, host.guests(), &repeats));
    let judgement = demands.then(|| goal.judge(host.guests(), &timetable));
    let with = |set: &str| read(args, &input.with_sets(&[set.to_owned()]), None, true).ok();
    // A search and a stopped drain are answers of another kind.
    let hangs = found.is_none() && !options.is_stopped();
    let hinges = if hangs { FleetHinge::all(&fleet, &timetable, &options, &with) } else { Vec::new() };
    let budgets = if hangs { WriteBudget::all(&host, &plan, &timetable, &goal) } else { Vec::new() };
    let best = found.as_ref().map(|found| &found.best.plan);
    // Where each may write whatever it likes, it is looked at whether all may.
    let may_all = demands && !budgets.is_empty() && budgets.iter().all(|budget| budget.is_unbounded());
    let assumed = args.assume.clone().or_else(|| may_all.then_some(AssumedLoad::Anything));
    let worst = assumed.as_ref().map(|load| worst(args, &input, load, &fleet, best, &goal, &options));
    let worst = worst.transpose()?.flatten();
    let remedies = if hangs {
        FleetRemedy::all(&fleet, &goal, goal.score(host.guests(), &timetable), &options, &with)
    } else {
        Vec::new()
    };
    let mut provenance = provenance(args, std::slice::from_ref(&fleet));
    provenance.assumed = provenance.assumed.draining_by(hinges).inexact(unknowns.guests(&fleet));
    let drained = Drained {
        provenance: &provenance,
        host: &host,
        of_host: None,
        plan: &plan,
        timetable: &timetable,
        goal: &goal,
        judgement: judgement.as_ref(),
        budgets: &budgets,
        worst: worst.as_ref(),
        remedies: &remedies,
        share: args.in_share.filter(|_| demands),
        found: found.as_ref(),
        repeats: &repeats,
        chance,
    };
    if let Some(plot) = plot {
        plot.write(drained.gantt(&provenance.scenario)?.svg())?;
    }
    if let Some(report) = report {
        let question = fleet.question.as_deref();
        let page = HostPage { drained, title: args.title.as_deref(), question, command };
        report.write(page.html()?.as_bytes())?;
    }
    let mut bytes = Vec::new();
    match common.format {
        OutputFormat::Text => {
            bytes = page(common, output.is_stdout(), |width| text::page(&drained, width));
        }
        OutputFormat::Json => json::write(&mut bytes, &drained)?,
        OutputFormat::Csv => csv::write(&mut bytes, &drained)?,
    }
    reply::write(common, output, &bytes, &provenance)?;
    match (chance, args.in_share, &judgement) {
        _ if options.is_stopped() => Err(Failure::Interrupted("reported is what was found until then".to_owned())),
        (Some(chance), Some(wanted), _) if chance.percent() < wanted.percent() => {
            Err(Failure::Chance { chance, wanted })
        }
        (_, _, Some(_)) if !is_sure(&drained) => Err(Failure::Expectation(missed(&drained))),
        _ => Ok(()),
    }
}

/// The drain in which guests of unknown workload write what is assumed at worst; none if there is no such guest.
fn worst(
    args: &DrainArgs,
    input: &Input,
    load: &AssumedLoad,
    fleet: &Fleet,
    best: Option<&DrainPlan>,
    goal: &DrainGoal,
    options: &Options,
) -> Result<Option<WorstDrain>, Failure> {
    let sets = load.sets(fleet);
    if sets.is_empty() {
        return Ok(None);
    }
    let busy = read(args, &input.with_sets(&sets), None, true)?;
    let host = DrainHost::checked(&busy, &Options { watch: None, ..options.clone() });
    let timetable = drain::drain(&host, &best.cloned().unwrap_or_else(|| host.plan()));
    let judgement = goal.judge(host.guests(), &timetable);
    let (is_met, missed) =
        (judgement.is_met(), Misses { guests: host.guests(), timetable: &timetable }.lines(&judgement));
    Ok(Some(WorstDrain { words: load.to_string(), timetable, is_met, missed }))
}

/// The host, or one whose runs are not stopped any more where the other's were.
fn still(host: DrainHost, fleet: &Fleet, options: &Options) -> DrainHost {
    if options.is_stopped() { DrainHost::checked(fleet, &Options { watch: None, ..options.clone() }) } else { host }
}

/// One fleet under every scheduler.
fn compare(args: &DrainArgs) -> Result<(), Failure> {
    let common = &args.common;
    let one_only = [
        ("--plot", args.plot.is_some()),
        ("--report", args.report.is_some()),
        ("--assume", args.assume.is_some()),
        ("--within", args.within.is_some()),
        ("--repeats", args.repeats.is_some()),
    ];
    for (flag, given) in one_only {
        if given {
            return Err(Failure::Input(format!("`{flag}` shows one scheduler; name it with `--scheduler NAME`")));
        }
    }
    let input = open(args)?;
    // One without a product's rules says what is odd about the fleet itself.
    let fleets = SCHEDULERS.iter().map(|name| read(args, &input, Some(name), common.quiet || *name != OWN));
    let fleets: Vec<Fleet> = fleets.collect::<Result<_, _>>()?;
    if let Some(fleet) = fleets.first().filter(|fleet| fleet.is_rolling()) {
        return Err(several("--scheduler all", fleet));
    }
    // Guests and what they are owed are those of the texts, under any scheduler.
    let goal = DrainGoal { window: args.window, owed: goal::owed(&input, &fleets[0], &args.goals)? };
    let output = common.desk.open(&common.output)?;
    let options = common.options(&common.desk.watch()?);
    let progress = ProgressLine::counted("drains", 0, None, SHORTER, common.quiet);
    let rows = drain::each(&fleets, &options);
    progress.end();
    if options.is_stopped() {
        return Err(Failure::Interrupted("not all schedulers were tried, and nothing is reported".to_owned()));
    }
    let rows: Vec<_> =
        rows.iter().map(|(host, plan, table)| schedulers::SchedulerRow::new(host, plan, table, &goal)).collect();
    let provenance = provenance(args, &fleets);
    let mut bytes = Vec::new();
    match common.format {
        OutputFormat::Text => {
            bytes = page(common, output.is_stdout(), |width| schedulers::text(&provenance, &rows, width))
        }
        OutputFormat::Json => schedulers::json(&mut bytes, &provenance, &rows)?,
        OutputFormat::Csv => schedulers::csv(&mut bytes, &rows)?,
    }
    reply::write(common, output, &bytes, &provenance)?;
    match goal.is_nothing() || rows.iter().any(schedulers::SchedulerRow::is_met) {
        true => Ok(()),
        false => Err(Failure::Expectation("expected a scheduler to keep window and goals, but none does".to_owned())),
    }
}

fn search(args: &DrainArgs, input: &Input, host: &DrainHost, goal: &DrainGoal) -> Result<DrainFound, Failure> {
    let [settings, exchanges] = [args.settings, args.exchanges].map(|drains| drains as usize);
    let limits = SearchLimits { slots: args.most, settings, exchanges };
    let input = Some(input).filter(|_| settings > 0);
    let search = DrainSearch { host, input, goal, limits, done: &|| () };
    let progress = ProgressLine::counted("drains", 0, search.most() as u64, SHORTER, args.common.quiet);
    let found = DrainSearch { done: &|| progress.more(), ..search }.run();
    progress.end();
    found.ok_or_else(|| Failure::Interrupted("nothing was found yet".to_owned()))
}

fn repeat(
    args: &DrainArgs,
    fleet: &Fleet,
    unknowns: &FleetUnknowns,
    options: &Options,
) -> Result<Vec<(u64, Timetable)>, Failure> {
    let share = args.within.is_some() || args.in_share.is_some();
    let repeats = args.repeats.unwrap_or(if share { REPEATS } else { 1 });
    if repeats == 1 && !share {
        let unknown = unknowns.guests(fleet);
        if unknown > 0 && !args.common.quiet {
            super::note(&format!(
                "{} not known exactly, and taken for what the file says; `--repeats 40` drains the host as each of them may be",
                are(unknown)
            ));
        }
        return Ok(Vec::new());
    }
    if !fleet.varies() && unknowns.guests(fleet) == 0 && !args.common.quiet {
        super::note(
            "nothing in this fleet varies, so that all drains are alike; see `rate-spread`, `time-spread`, \
             `link.spread` and `link.jitter` in docs/scenario.md",
        );
    }
    let progress = ProgressLine::counted("drains", 0, u64::from(repeats), SHORTER, args.common.quiet);
    let drains = drain::repeat(fleet, unknowns, options, repeats, &|| progress.more());
    progress.end();
    if drains.is_empty() {
        return Err(Failure::Interrupted("no drain was over, and nothing is reported".to_owned()));
    }
    Ok(drains)
}

/// `1 guest is`, `3 guests are`.
fn are(guests: usize) -> String {
    format!("{} {}", count(guests, "guest"), if guests == 1 { "is" } else { "are" })
}

/// Every migration on standard error, by the time of its end.
fn tell(host: &DrainHost, timetable: &Timetable) {
    for attempt in &timetable.attempts {
        let (name, outcome) = (&host.guests()[attempt.guest].name, &attempt.outcome);
        let what = format!("{name}: {} in {}: {}", outcome.verdict.as_str(), attempt.length(), outcome.reason);
        // A closed standard error is no reason to withhold the result.
        let _ = writeln!(io::stderr(), "{}", terminal::entry(&attempt.end.to_string(), &what));
    }
}
