//! `precopy replay`: do it for real, record it, hold it against the prediction.

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use super::args::replay::ReplayArgs;
use super::plot::PictureFile;
use super::{Failure, interrupt, scenario};
use crate::compare::recording::Recording;
use crate::compare::{Summary, Trace, TraceComparison};
use crate::plot::{self, timeline::Migration};
use crate::replay::{
    self, Cancelled, Domain, Ending, HostError, MigrationHost, MigrationRequest, RealClock, ReplayPlan,
};
use crate::report::{Output, compare as report, replay as words};
use crate::scenario::{Input, Scenario};
use crate::sim::{self, Options};
use crate::units::Span;

/// Migrates a domain as the scenario says.
pub(super) fn replay(args: &ReplayArgs) -> Result<(), Failure> {
    match (&args.scenario, &args.domain) {
        (Some(scenario), Some(domain)) => one(args, scenario, domain),
        _ => Err(Failure::Input("say what to migrate: `SCENARIO --domain NAME`, or `--fleet FLEET`".to_owned())),
    }
}

fn one(args: &ReplayArgs, path: &Path, name: &str) -> Result<(), Failure> {
    let input = scenario::open(path, &args.sets)?;
    let scenario = scenario::check(&input, args.manners.quiet)?;
    scenario::note_assumed(&scenario.assumed, args.manners.quiet);
    let request = MigrationRequest::new(&scenario, &args.dest, args.migrate_uri.as_deref())
        .map_err(|refused| Failure::Input(words::refused(&refused)))?;
    if args.dry_run {
        let text = words::dry_run(&request, name, scenario.orchestrator.as_ref(), &scenario.at);
        return Ok(Output::open("-".as_ref())?.write(text.as_bytes())?);
    }
    let mut host = finder()?(&args.connect, name)?;
    let domain = host.domain()?;
    agree(args, &domain, &scenario, &request)?;

    let place = args.output.clone().unwrap_or_else(|| PathBuf::from(format!("{name}.trace.json")));
    let (output, plot) = places(args, &place)?;
    let stop = interrupt::flag()?;
    let ending = drive(args, host.as_mut(), &input, &scenario, request, &stop)?;
    let recording = &ending.recording;
    if recording.rows.is_empty() {
        return Err(bad_end(&ending).unwrap_or_else(|| Failure::Real("nothing was seen of the migration".to_owned())));
    }
    output.write(&words::file(recording)?)?;
    if !args.manners.quiet {
        super::note(&format!("the recording is in `{}`", place.display()));
    }
    let comparison = compare(args, name, &scenario, recording, plot)?;
    let text = words::text(recording, &comparison, &report::text(std::slice::from_ref(&comparison), true));
    Output::open("-".as_ref())?.write(text.as_bytes())?;
    if let Some(failure) = bad_end(&ending) {
        return Err(failure);
    }
    let summary = Summary::of(std::slice::from_ref(&comparison));
    match args.tolerance {
        Some(tolerance) if !summary.is_within(tolerance) => {
            Err(Failure::Tolerance { tolerance, summary: report::worst_time(&summary) })
        }
        _ => Ok(()),
    }
}

/// Finds a domain, given by its host's name and its own.
pub(super) type Finder = fn(&str, &str) -> Result<Box<dyn MigrationHost>, HostError>;

#[cfg(feature = "libvirt")]
pub(super) fn finder() -> Result<Finder, Failure> {
    Ok(|connect, domain| Ok(Box::new(replay::libvirt::Libvirt::open(connect, domain)?)))
}

#[cfg(not(feature = "libvirt"))]
pub(super) fn finder() -> Result<Finder, Failure> {
    Err(super::without_libvirt())
}

/// Asks on standard error, unless that was done with.
fn agree(args: &ReplayArgs, domain: &Domain, scenario: &Scenario, request: &MigrationRequest) -> Result<(), Failure> {
    if !args.manners.quiet {
        words::unlike(domain, scenario).iter().for_each(|difference| super::note(difference));
    }
    confirm(args.yes, "migrate a real guest", &words::question(domain, &args.connect, request))
}

/// Asks on standard error whether to do something to a real guest, unless that was done with.
pub(super) fn confirm(yes: bool, what: &str, question: &str) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        return Err(Failure::Input(format!(
            "no terminal is there to ask whether to {what}; say `--yes`, or look with `--dry-run`"
        )));
    }
    let mut stderr = io::stderr();
    let _ = write!(stderr, "{question} [y/N] ");
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    match answer.trim().to_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Failure::Interrupted("nothing was done".to_owned())),
    }
}

fn places(args: &ReplayArgs, place: &Path) -> Result<(Output, Option<PictureFile>), Failure> {
    let plot = PictureFile::open(args.plot.as_deref(), args.manners.quiet)?;
    Ok((Output::open(place)?, plot))
}

fn drive(
    args: &ReplayArgs,
    host: &mut dyn MigrationHost,
    input: &Input,
    scenario: &Scenario,
    request: MigrationRequest,
    stop: &AtomicBool,
) -> Result<Ending, Failure> {
    let plan = ReplayPlan {
        scenario,
        request,
        sample: Span::from_ms(u64::from(args.sample_ms)),
        text: input.text().to_owned(),
        sets: args.sets.clone(),
        of_fleet: None,
        trial: None,
    };
    let bar = match args.manners.quiet {
        true => indicatif::ProgressBar::hidden(),
        false => indicatif::ProgressBar::new_spinner(),
    };
    let ending = replay::drive(host, &mut RealClock::default(), &plan, stop, |now, seen| {
        bar.set_message(words::progress(now, seen));
        bar.tick();
    });
    bar.finish_and_clear();
    Ok(ending?)
}

/// Predicted beside measured, with the picture of both.
fn compare(
    args: &ReplayArgs,
    name: &str,
    scenario: &Scenario,
    recording: &Recording,
    plot: Option<PictureFile>,
) -> Result<TraceComparison, Failure> {
    let options = Options { seed: args.seed, timeline: true, jump: false, ..Options::default() };
    let bytes = words::file(recording)?;
    let trace = Trace::parse(name, &bytes).map_err(|problem| Failure::Real(problem.to_string()))?;
    // As it was given, `--set` and files beside it included.
    let trace = trace.with_scenario(scenario.drawn(options.seed));
    if let (Some(plot), Ok(scenario)) = (plot, &trace.scenario) {
        let (_, predicted) = sim::run_checked(scenario.trusted(), &options);
        let migrations = [
            Migration { name: "measured", timeline: &trace.timeline },
            Migration { name: "predicted", timeline: &predicted },
        ];
        let subtitle = format!("measured on QEMU {}, and predicted", recording.qemu);
        let svg = plot::timeline::svg(name, &subtitle, &migrations)?;
        plot.write(svg)?;
    }
    Ok(TraceComparison::of(trace, &options))
}

/// What went wrong on the way, if anything did.
fn bad_end(ending: &Ending) -> Option<Failure> {
    let recording = &ending.recording;
    if let Some(error) = &ending.error {
        return Some(Failure::Real(format!("{error}; {}", words::whereabouts(recording))));
    }
    let failure = recording.failure.as_ref()?;
    match ending.cancelled {
        Some(Cancelled::Ordered | Cancelled::OutOfTime | Cancelled::Arrived) => None,
        Some(Cancelled::Interrupted) => {
            Some(Failure::Interrupted(format!("the migration was cancelled; {}", words::whereabouts(recording))))
        }
        None => Some(Failure::Real(format!("the migration failed: {failure}; {}", words::whereabouts(recording)))),
    }
}
