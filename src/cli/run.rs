//! `precopy run`: what happens if I migrate this guest?

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use super::args::{Common, OutputFormat, RunArgs};
use super::page::page;
use super::plot::PictureFile;
use super::progress::{Hint, ProgressLine};
use super::{Failure, asked, goal, interrupt, repeats, reply, scenario, story};
use crate::plan::HostHinge;
use crate::plot::{self, timeline::Migration};
use crate::report::{Assumed, Output, Provenance, Report, csv, json, metrics, text};
use crate::scenario::Scenario;
use crate::sim::{self, Memory, Options, Verdict, Watch};
use crate::uncertain::{LikelyRange, Unknowns};
use crate::units::Span;

/// Reads, runs and reports one migration.
pub(super) fn run(args: &RunArgs) -> Result<(), Failure> {
    let common = &args.common;
    let name = asked::name(args);
    let expected = goal::read("--expect", &args.expect)?;
    let input = asked::open(args)?;
    let scenario = scenario::check(&input, common.quiet)?;
    if args.repeats > 1 {
        return repeats::run(args, &input, &scenario, &expected);
    }
    let places = RunPlaces::open(args)?;

    let watch = interrupt::watch()?;
    let options = Options {
        timeline: common.format == OutputFormat::Text || common.verbose || places.need_timeline(),
        ..common.options(&watch)
    };
    let progress = ProgressLine::timed(&watch, scenario.limits.time, shorter(&scenario, &options), common.quiet);
    let (outcome, timeline) = sim::run_checked(scenario.drawn(options.seed).trusted(), &options);
    progress.end();
    if options.is_stopped() {
        return Err(Failure::Interrupted(format!(
            "{} of the migration were simulated; nothing is reported, and the same command begins again",
            watch.now()
        )));
    }
    if common.verbose {
        for line in story::lines(&timeline) {
            // A closed standard error is no reason to withhold the result.
            let _ = writeln!(io::stderr(), "{line}");
        }
    }

    let assumed = Assumed::of_one(&scenario);
    let assumed =
        match input.draft() {
            Ok(draft) => assumed.hanging_on(HostHinge::all(&draft, &scenario, &outcome, &options)).likely(
                LikelyRange::of(&Unknowns::of(&draft, &scenario.guest.uncertainty), &draft, &outcome, &options),
            ),
            Err(_) => assumed,
        };
    let provenance = Provenance::new(name, scenario.qemu.version, options.seed, options.memory)
        .assuming(assumed)
        .due(scenario.qemu.deadline)
        .archived(&common.archive);
    places.write(&Report { provenance: &provenance, outcome: &outcome, timeline: &timeline }, common)?;
    if let (Verdict::NotConverged, Some(policy), false) = (outcome.verdict, &scenario.orchestrator, common.quiet) {
        super::note(&format!(
            "the time limit of {} is this simulation's own; {} had not ended the migration by then; \
             `--set limits.time=24h` goes on",
            scenario.limits.time, policy.name
        ));
    }
    let missed: Vec<String> = expected.missed(&outcome).map(|missed| missed.complaint(&outcome)).collect();
    if missed.is_empty() { Ok(()) } else { Err(Failure::Expectation(missed.join("; "))) }
}

/// What makes a long run shorter. How long the other memory takes is found out by running it.
fn shorter(scenario: &Scenario, options: &Options) -> Hint {
    if options.memory == Memory::Expected {
        return Box::new(|| "a lower `limits.time` is over sooner".to_owned());
    }
    let (scenario, options) =
        (scenario.clone(), Options { memory: Memory::Expected, timeline: false, ..options.clone() });
    Box::new(move || {
        // A watch of its own, so that the time shown stays that of the other run.
        let start = Instant::now();
        let flag = options.watch.as_ref().map(|watch| watch.flag().clone()).unwrap_or_default();
        let options = Options { watch: Some(Arc::new(Watch::new(flag))), ..options };
        sim::run_checked(scenario.drawn(options.seed).trusted(), &options);
        // A hundred thousandth of a second is as good as none.
        let took = Span((start.elapsed().as_nanos() as u64).max(10_000));
        format!("`--memory expected` takes {took:.1}")
    })
}

/// Where the results go: all opened before the run starts, so that a bad path fails at once.
struct RunPlaces {
    report: Output,
    timeline: Option<Output>,
    plot: Option<PictureFile>,
}

impl RunPlaces {
    fn open(args: &RunArgs) -> Result<RunPlaces, Failure> {
        let mut paths = vec![args.common.output.as_path()];
        paths.extend(args.timeline.as_deref());
        paths.extend(args.plot.as_deref());
        for (at, path) in paths.iter().enumerate() {
            if paths[..at].contains(path) {
                return Err(Failure::Input(twice(path)));
            }
        }
        let plot = PictureFile::open(args.plot.as_deref(), args.common.quiet)?;
        let timeline = args.timeline.as_deref().map(Output::open).transpose()?;
        Ok(RunPlaces { report: Output::open(&args.common.output)?, timeline, plot })
    }

    fn need_timeline(&self) -> bool {
        self.timeline.is_some() || self.plot.is_some()
    }

    /// Files first: the reader of the report's pipe finds them complete.
    fn write(self, report: &Report, common: &Common) -> Result<(), Failure> {
        if let Some(place) = self.timeline {
            let mut bytes = Vec::new();
            csv::write_timeline(&mut bytes, report.timeline)?;
            place.write(&bytes)?;
        }
        if let Some(plot) = self.plot {
            plot.write(picture(report)?)?;
        }
        let mut bytes = Vec::new();
        match common.format {
            OutputFormat::Text => bytes = page(common, self.report.is_stdout(), |width| text::page(report, width)),
            OutputFormat::Json => json::write(&mut bytes, report)?,
            OutputFormat::Csv => csv::write(&mut bytes, report)?,
        }
        reply::write(common, self.report, &bytes, report.provenance)
    }
}

/// The complaint about two results for one place.
fn twice(path: &Path) -> String {
    if path == Path::new("-") {
        "the report and the timeline cannot both go to standard output; give the report a file with `-o FILE`"
            .to_owned()
    } else {
        format!("two results cannot both go to `{}`", path.display())
    }
}

/// The picture of one migration, titled with its scenario and verdict.
fn picture(report: &Report) -> Result<String, Failure> {
    let (name, outcome) = (&report.provenance.scenario, report.outcome);
    let mut verdict = format!("{}, {} in total", outcome.verdict.as_str(), metrics::ms(outcome.total_time_ms));
    if let Some(downtime) = outcome.downtime_ms {
        verdict += &format!(", guest stopped for {}", metrics::ms(downtime));
    }
    Ok(plot::timeline::svg(name, &verdict, &[Migration { name, timeline: report.timeline }])?)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use clap::Parser;

    use super::*;
    use crate::cli::args::{Cli, CliCommand};

    fn open(words: &[&str]) -> Result<RunPlaces, Failure> {
        match Cli::try_parse_from(["precopy", "run", "x.toml"].iter().chain(words)).unwrap().command {
            CliCommand::Run(args) => RunPlaces::open(&args),
            other => panic!("{other:?} is no run"),
        }
    }

    #[test]
    fn places_that_cannot_be_written_are_refused_before_the_run() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.csv");
        let (file, nowhere) = (file.to_str().unwrap(), folder.path().join("no/b.svg"));
        for (words, code, complaint) in [
            (&["--timeline", "-"][..], Failure::INPUT, "give the report a file with `-o FILE`"),
            (&["-o", file, "--timeline", file], Failure::INPUT, "two results cannot both go to"),
            (&["--plot", "a.gif"], Failure::INPUT, "ends in `.svg`, `.pdf` or `.png`"),
            (&["-o", nowhere.to_str().unwrap()], Failure::OUTSIDE, "cannot write `"),
            (&["--plot", nowhere.to_str().unwrap()], Failure::OUTSIDE, "cannot write `"),
        ] {
            let failure = open(words).err().unwrap();
            assert_eq!(failure.exit_code(), code, "{words:?}");
            assert!(failure.to_string().contains(complaint), "{words:?}: {failure}");
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "no file was left behind");
    }

    #[test]
    fn the_timeline_may_have_standard_output_for_itself() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.json");
        let places = open(&["-o", file.to_str().unwrap(), "--timeline", "-"]).unwrap();
        assert!(places.timeline.as_ref().is_some_and(Output::is_stdout));
    }
}
