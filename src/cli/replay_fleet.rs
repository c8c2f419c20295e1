//! `precopy replay --fleet`: drain a host for real, record it, hold it against the predicted drain.

use std::path::Path;
use std::sync::atomic::Ordering;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget};

use super::args::replay::ReplayArgs;
use super::inventory::ListFlags;
use super::replay::{Finder, confirm, finder};
use super::{Failure, interrupt, inventory, scenario as files};
use crate::compare::Fate;
use crate::compare::recording::OfFleet;
use crate::drain::{self, DrainHost, DrainPlan};
use crate::replay::{Domain, DrainBeside, FleetReplay, HostError, JobSeen, MigrationRequest, RealAttempt, ReplayPlan};
use crate::report::{Output, replay as one, replay_fleet as words};
use crate::scenario::{Fleet, Input, Scenario};
use crate::sim::Options;
use crate::units::Span;

/// Drains a host as the fleet says.
pub(super) fn replay(args: &ReplayArgs, path: &Path) -> Result<(), Failure> {
    let quiet = args.manners.quiet;
    let input = inventory::open(path, &args.sets, ListFlags { flavors: None, host: None, quiet })?;
    let fleet = files::fleet(&input, quiet)?;
    if fleet.is_rolling() {
        return Err(Failure::Input(format!(
            "`--fleet` drains one host, and the guests of `{}` are on {}; give it a file with those of one host",
            path.display(),
            fleet.nodes.len()
        )));
    }
    let drained = DrainHost::checked(&fleet, &Options { seed: args.seed, ..Options::default() });
    let plan = drained.plan();
    let scenarios = drained.scenarios(plan.slots);
    let replays = plans(args, &input, &fleet, &scenarios)?;
    if !quiet {
        words::unheld(&drained, &plan).iter().for_each(|difference| super::note(difference));
    }
    if args.dry_run {
        let text = words::dry_run(&drained, &plan, &replays);
        return Ok(Output::open("-".as_ref())?.write(text.as_bytes())?);
    }
    let find = finder()?;
    agree(args, find, &drained, &plan, &scenarios)?;
    let folder = folder(args);
    std::fs::create_dir_all(folder)
        .map_err(|error| Failure::Input(format!("the folder `{}` cannot be made: {error}", folder.display())))?;
    let predicted = drain::drain(&drained, &plan);
    let measured = drive(args, find, &drained, &plan, &replays)?;
    keep(args, &drained, &measured)?;
    let beside = DrainBeside { guests: drained.guests(), predicted: &predicted, measured: &measured };
    Output::open("-".as_ref())?.write(words::text(&beside).as_bytes())?;
    verdict(args, &beside)
}

/// Every guest's own migration, or all that libvirt has no word for.
fn plans<'a>(
    args: &ReplayArgs,
    input: &Input,
    fleet: &Fleet,
    scenarios: &'a [Scenario],
) -> Result<Vec<ReplayPlan<'a>>, Failure> {
    let (mut plans, mut refused) = (Vec::new(), Vec::new());
    if fleet.link.fails_at.is_some() {
        refused.push("`link.fails-at`: a real link is not cut".to_owned());
    }
    for (guest, scenario) in fleet.guests.iter().zip(scenarios) {
        let request = match MigrationRequest::new(scenario, &args.dest, args.migrate_uri.as_deref()) {
            Ok(request) => request,
            Err(reasons) => {
                refused.extend(reasons.iter().map(|reason| format!("{}: {reason}", guest.name)));
                continue;
            }
        };
        // The scheduler's cap is no key of the guest's.
        let cap = format!("vm.{}.qemu.max-bandwidth={} B/s", guest.entry, scenario.qemu.params.max_bandwidth.0);
        plans.push(ReplayPlan {
            scenario,
            request,
            sample: Span::from_ms(u64::from(args.sample_ms)),
            text: input.text().to_owned(),
            sets: args.sets.iter().cloned().chain([cap]).collect(),
            of_fleet: Some(OfFleet { entry: guest.entry, table: input.is_table() }),
            trial: None,
        });
    }
    match refused.is_empty() {
        true => Ok(plans),
        false => Err(Failure::Input(one::refused(&refused))),
    }
}

/// Looks at every domain, so that nothing is done where one of them cannot be migrated, and asks.
fn agree(
    args: &ReplayArgs,
    find: Finder,
    drained: &DrainHost,
    plan: &DrainPlan,
    scenarios: &[Scenario],
) -> Result<(), Failure> {
    let mut problems = Vec::new();
    let mut domains: Vec<Domain> = Vec::new();
    for (guest, scenario) in drained.guests().iter().zip(scenarios) {
        let domain = find(&args.connect, &guest.name).and_then(|mut host| {
            let domain = host.domain()?;
            domain.ready()?;
            Ok(domain)
        });
        match domain {
            Ok(domain) => {
                if !args.manners.quiet {
                    one::unlike(&domain, scenario).iter().for_each(|difference| super::note(difference));
                }
                domains.push(domain);
            }
            Err(error @ HostError::NoConnection { .. }) => return Err(error.into()),
            Err(problem) => problems.push(problem.to_string()),
        }
    }
    if !problems.is_empty() {
        return Err(Failure::Real(format!("nothing was done: {}", problems.join("\nerror: "))));
    }
    confirm(args.yes, "drain a real host", &words::question(&domains, &args.connect, &args.dest, plan))
}

fn drive(
    args: &ReplayArgs,
    find: Finder,
    drained: &DrainHost,
    plan: &DrainPlan,
    replays: &[ReplayPlan],
) -> Result<Vec<RealAttempt>, Failure> {
    let stop = interrupt::flag()?;
    let lines = MultiProgress::new();
    if args.manners.quiet {
        lines.set_draw_target(ProgressDrawTarget::hidden());
    }
    let guests = drained.guests();
    let bars: Vec<ProgressBar> = guests.iter().map(|_| lines.add(ProgressBar::new_spinner())).collect();
    let tell = |guest: usize, look: Option<(Span, &JobSeen)>| match look {
        Some((now, seen)) => {
            bars[guest].set_message(format!("{}: {}", guests[guest].name, one::progress(now, seen)));
            bars[guest].tick();
        }
        None => bars[guest].finish_and_clear(),
    };
    let find = |guest: usize| find(&args.connect, &guests[guest].name);
    let fleet = FleetReplay { scheduler: drained.scheduler(), plan, replays, find: &find, stop: &stop, tell: &tell };
    Ok(fleet.run())
}

/// Where recordings go.
fn folder(args: &ReplayArgs) -> &Path {
    args.output.as_deref().unwrap_or(Path::new("."))
}

/// Writes what was seen of each migration into the folder.
fn keep(args: &ReplayArgs, drained: &DrainHost, measured: &[RealAttempt]) -> Result<(), Failure> {
    let folder = folder(args);
    let mut kept = 0;
    for attempt in measured {
        let Some(recording) =
            attempt.ending.as_ref().ok().map(|ending| &ending.recording).filter(|recording| !recording.rows.is_empty())
        else {
            continue;
        };
        let place = folder.join(words::file_name(&drained.guests()[attempt.guest].name, attempt.number));
        Output::open(&place)?.write(&one::file(recording)?)?;
        kept += 1;
    }
    if kept > 0 && !args.manners.quiet {
        super::note(&format!("the recordings are in `{}`; `precopy compare` reads them", folder.display()));
    }
    Ok(())
}

/// What the exit code tells.
fn verdict(args: &ReplayArgs, beside: &DrainBeside) -> Result<(), Failure> {
    if interrupt::flag()?.load(Ordering::Relaxed) && beside.measured.len() < beside.predicted.attempts.len()
        || beside.measured.iter().any(|attempt| attempt.fate() == Fate::Cancelled)
    {
        return Err(Failure::Interrupted(words::stays(beside)));
    }
    let broken =
        beside.measured.iter().find(|attempt| attempt.fate() == Fate::Failed && beside.stay().contains(&attempt.guest));
    if let Some(attempt) = broken {
        return Err(Failure::Real(format!("`{}`: {}", beside.guests[attempt.guest].name, words::failure(attempt))));
    }
    match args.tolerance {
        Some(tolerance) if !beside.is_within(tolerance) => {
            Err(Failure::Tolerance { tolerance, summary: words::summary(beside) })
        }
        _ => Ok(()),
    }
}
