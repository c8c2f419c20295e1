//! `precopy plan`: what is the smallest change that makes it work?

use std::path::Path;
use std::sync::Arc;

use super::args::drain::DrainArgs;
use super::args::{OutputFormat, PlanArgs};
use super::progress::ProgressLine;
use super::{Failure, drain, drain_input, goal, inventory, reply, scenario};
use crate::metrics;
use crate::plan::{By, HostHinge, PlanOutcome, Question, Rung, Solution};
use crate::report::{Assumed, Provenance, plan as report};
use crate::scenario::{Draft, Input, Setting};
use crate::sim::Options;
use crate::sink::shell;
use crate::uncertain::{LikelyRange, Unknowns};

/// What makes the search shorter.
const SHORTER: &str = "`--pairs 0`, `--by KEY` or a lower `limits.time` are over sooner";

/// Asks the scenario, climbs every lever, and reports what was found.
pub(super) fn plan(args: &PlanArgs) -> Result<(), Failure> {
    let common = &args.common;
    let asked = DrainArgs::of_plan(args);
    let input = match &args.vm {
        Some(name) => inventory::guest(&args.scenario, &drain_input::sets(&asked)?, name, common.quiet)?,
        None => drain_input::open(&asked)?,
    };
    if input.is_fleet() {
        one_guest_only(args)?;
        return drain::answer(&asked, input, "");
    }
    if let Some(flag) = args.window.map(|_| "--window").or(args.scheduler.as_ref().map(|_| "--scheduler")) {
        return Err(Failure::Input(format!(
            "`{flag}` is about a host with several guests, and this is one guest's scenario"
        )));
    }
    let wanted = goal::read("--goal", &args.goals)?;
    let taken = scenario::check(&input, common.quiet)?;
    let draft = input.draft().map_err(|faults| Failure::Input(faults.to_string()))?;
    by_can_be_set(&args.by, &input, &draft)?;
    let output = common.desk.open(&common.output)?;
    let options = common.options(&common.desk.watch()?);
    let question = Question {
        unknowns: Unknowns::of(&draft, &taken.guest.uncertainty),
        draft,
        goal: Question::complete(wanted),
        options: options.clone(),
        repeats: args.repeats,
        share: args.share,
        runs: Arc::default(),
        memo: Arc::default(),
    };
    let progress = ProgressLine::counting("migrations simulated", &question.runs, SHORTER, common.quiet);
    let plan = PlanOutcome::of(&question, &args.by, args.pairs);
    progress.end();
    if options.is_stopped() {
        let known = plan.ok().map_or(String::new(), |plan| found_so_far(&plan));
        return Err(Failure::Interrupted(format!("{known}the search was not over, and nothing is written; {SHORTER}")));
    }
    let plan = plan.map_err(|refusal| Failure::Input(refusal.to_string()))?;
    let version = plan.as_is.scenario.qemu.version;
    let hinges = HostHinge::all(&question.draft, &plan.as_is.scenario, &plan.as_is.outcome, &options);
    let likely = LikelyRange::of(&question.unknowns, &question.draft, &plan.as_is.outcome, &options);
    let provenance = Provenance::new(scenario::name(&args.scenario), version, options.seed, options.memory)
        .assuming(Assumed::of_one(&plan.as_is.scenario).hanging_on(hinges).likely(likely))
        .archived(&common.archive);
    let command = command(args);
    let shown = report::PlanReport {
        provenance: &provenance,
        question: &question,
        plan: &plan,
        command: &command,
        taker: args.taker,
    };
    let mut bytes = Vec::new();
    match common.format {
        OutputFormat::Text => bytes = report::text(&shown).into_bytes(),
        OutputFormat::Json => report::json(&mut bytes, &shown)?,
        OutputFormat::Csv => report::csv(&mut bytes, &shown)?,
    }
    reply::write(common, output, &bytes, &provenance)
}

/// Refuses what only a plan for one guest has.
fn one_guest_only(args: &PlanArgs) -> Result<(), Failure> {
    let flags = [("--by", !args.by.is_empty()), ("--as", args.taker.is_some()), ("--repeats", args.repeats > 1)];
    match flags.into_iter().find(|(_, given)| *given) {
        Some((flag, _)) => Err(Failure::Input(format!("`{flag}` is about one guest; name it by `--vm NAME`"))),
        None => Ok(()),
    }
}

/// What a search that was stopped knows.
fn found_so_far(plan: &PlanOutcome) -> String {
    let outcome = &plan.as_is.outcome;
    let as_is = format!("as it is: {}, {} in total; ", outcome.verdict.as_str(), metrics::ms(outcome.total_time_ms));
    let flags = |solution: &Solution| {
        let sets = solution.sets();
        let words: Vec<String> = sets.iter().map(|set| format!("--set {}", shell::word(set))).collect();
        format!("`{}`", words.join(" "))
    };
    match (plan.searched, plan.single.is_empty()) {
        ((0, _), _) => as_is,
        ((searched, levers), true) => {
            format!("{as_is}none of the {searched} levers searched, of {levers}, is enough; ")
        }
        ((searched, levers), false) => {
            let enough: Vec<String> = plan.single.iter().map(flags).collect();
            format!("{as_is}of the {searched} levers searched, of {levers}, enough alone: {}; ", enough.join(", "))
        }
    }
}

/// A lever that the user names and that is refused at each of its values is a mistake, not a lever that does not help.
fn by_can_be_set(by: &[By], input: &Input, draft: &Draft) -> Result<(), Failure> {
    for ladder in by.iter().filter_map(|by| by.ladder.as_ref()) {
        let at = |rung: &Rung| input.with_sets(&rung.settings.iter().map(Setting::to_string).collect::<Vec<_>>());
        let refused = ladder.rungs.iter().all(|rung| draft.load(&rung.settings).is_err());
        if let (true, Some(first)) = (refused, ladder.rungs.first()) {
            scenario::check(&at(first), true)?;
        }
    }
    Ok(())
}

/// The command that runs the scenario as it is.
fn command(args: &PlanArgs) -> String {
    let name = if args.scenario == Path::new("-") { "-".into() } else { args.scenario.to_string_lossy() };
    let mut words = vec!["precopy".to_owned(), "run".to_owned(), shell::word(&name).into_owned()];
    if let Some(name) = &args.vm {
        words.extend(["--vm".to_owned(), shell::word(name).into_owned()]);
    }
    if args.common.seed != Options::default().seed {
        words.extend(["--seed".to_owned(), args.common.seed.to_string()]);
    }
    let memory = crate::sim::Memory::from(args.common.memory);
    if memory != crate::sim::Memory::default() {
        words.extend(["--memory".to_owned(), memory.as_str().to_owned()]);
    }
    if args.repeats > 1 {
        words.extend(["--repeats".to_owned(), args.repeats.to_string()]);
    }
    if let Some(orchestrator) = &args.orchestrator {
        words.extend(["--orchestrator".to_owned(), shell::word(&orchestrator.to_string_lossy()).into_owned()]);
    }
    let link = args.link.iter().map(|link| format!("link.bandwidth={link}"));
    let sets: Vec<String> = link.chain(args.sets.iter().cloned()).collect();
    words.extend(sets.iter().flat_map(|set| ["--set".to_owned(), shell::word(set).into_owned()]));
    words.join(" ")
}
