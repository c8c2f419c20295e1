//! `precopy check`: did a policy default get worse?

use std::collections::HashSet;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::args::{CheckArgs, OutputFormat};
use super::diagnostics::{Severity, render};
use super::plot::PictureFile;
use super::progress::ProgressLine;
use super::{Failure, interrupt, note};
use crate::check::{self, Baseline, CheckCase, Ran, Suite, SuiteComparison, Trend};
use crate::plot::dumbbell;
use crate::report::{Assumed, Output, check as report};
use crate::scenario::Input;
use crate::scenario::diagnostic::{Diagnostic, Source};
use crate::sim::Options;
use crate::sink::terminal;
use crate::units::spelling::count;

/// Runs the folder, and compares it with its baseline or two settings with each other.
pub(super) fn check(args: &CheckArgs) -> Result<(), Failure> {
    let common = &args.common;
    if args.bless && args.folder.is_none() {
        let how = "name the folder: `precopy check DIR --bless`, or `precopy check . --bless` for this one";
        return Err(Failure::Input(format!("`--bless` writes a baseline over the one that is there; {how}")));
    }
    let folder = args.folder.as_deref().unwrap_or(Path::new("."));
    let suite = Suite::read(folder, &args.only).map_err(|error| Failure::Input(error.to_string()))?;
    let options = common.options(&interrupt::watch()?);
    let places = CheckPlaces::open(args)?;
    if args.is_diff() {
        return diff(args, &suite, &options, places);
    }
    let path = args.baseline.clone().unwrap_or_else(|| folder.join("baseline.json"));
    // A baseline that cannot be used is told before anything is run.
    let baseline = match args.bless {
        true => None,
        false => match Baseline::read(&path) {
            Ok(baseline) => Some(baseline),
            // A folder that cannot be run gets no baseline either.
            Err(error) => {
                refuse(&suite.cases, &args.sets, &check::loads(&suite.cases))?;
                return Err(Failure::Input(error.to_string()));
            }
        },
    };
    let ran = all(&suite.cases, &[&args.sets], &options, common.quiet)?.remove(0);
    refuse(&suite.cases, &args.sets, &ran)?;
    let baseline = match baseline {
        Some(baseline) => baseline,
        None => bless(&suite, &ran, &path, common.quiet)?,
    };
    let whole = args.only.is_empty();
    let mut comparison = check::compare(&suite.cases, &ran, &baseline, &suite.settings, whole);
    // What flags do is told apart from nothing: the baseline is without them.
    if args.sets.is_empty() {
        let former = check::former(&suite.cases, &baseline, &comparison);
        let outcomes = match former.is_empty() {
            true => Vec::new(),
            false => all(&former, &[&[]], &options, common.quiet)?.remove(0),
        };
        let former = former.iter().map(CheckCase::name).zip(outcomes).collect();
        comparison.causes = check::causes(&suite.cases, &ran, &baseline, &suite.settings, &comparison, &former);
    }
    let name = path.file_name().map_or_else(|| "baseline".to_owned(), |name| name.to_string_lossy().into_owned());
    let assumed = assumed(&suite.cases, &args.sets);
    let bless = bless_command(args);
    let shown =
        report::CheckReport { comparison: &comparison, old: &name, new: report::NOW, bless: &bless, assumed: &assumed };
    places.write(&shown, args, None)?;
    annotate(&shown, folder)?;
    // A regression is an answer, with no.
    comparison.complaint().map_or(Ok(()), |complaint| Err(Failure::Regression(complaint + &way_out(args, &comparison))))
}

/// What can be done about it. A baseline is of a whole folder as its files are, and does not make an expectation hold.
fn way_out(args: &CheckArgs, comparison: &SuiteComparison) -> String {
    let mut ways = Vec::new();
    if comparison.count(Trend::Worse) > 0 {
        ways.push("`-v` shows every case".to_owned());
    }
    if args.sets.is_empty()
        && args.only.is_empty()
        && (comparison.count(Trend::Worse) > 0 || !comparison.gone.is_empty())
    {
        ways.push(format!("`{}` makes what is there now the new baseline", bless_command(args)));
    }
    if !comparison.broken.is_empty() {
        ways.push("expectations are changed in check.toml".to_owned());
    }
    if ways.is_empty() { String::new() } else { format!("; {}", ways.join(", ")) }
}

/// The command that accepts what is there now.
fn bless_command(args: &CheckArgs) -> String {
    let folder = args.folder.as_deref().unwrap_or(Path::new("."));
    let baseline = args.baseline.as_ref().map_or(String::new(), |path| format!(" --baseline {}", path.display()));
    format!("precopy check {}{baseline} --bless", folder.display())
}

/// Runs all cases under each of some flags, unless it is interrupted.
fn all(cases: &[CheckCase], sets: &[&[String]], options: &Options, quiet: bool) -> Result<Vec<Vec<Ran>>, Failure> {
    let all = (cases.len() * sets.len()) as u64;
    let hint = "fewer cases (`--only PATTERN`) or a lower `limits.time` are over sooner";
    let progress = ProgressLine::counted("cases", 0, all, hint, quiet);
    let ran: Option<Vec<_>> = sets.iter().map(|sets| check::run(cases, sets, options, &|| progress.more())).collect();
    let done = progress.count();
    progress.end();
    ran.ok_or_else(|| {
        Failure::Interrupted(format!(
            "{done} of {all} cases were run, and nothing is written; the same command begins again"
        ))
    })
}

/// Most refused cases that are shown.
const SHOWN: usize = 5;

/// Complains of scenarios that the loader refuses. With further flags only if it refuses all of them: a flag may be for
/// newer releases only.
fn refuse<T>(cases: &[CheckCase], sets: &[String], ran: &[Result<T, Vec<Diagnostic>>]) -> Result<(), Failure> {
    if !sets.is_empty() && ran.iter().any(Result::is_ok) {
        return Ok(());
    }
    let refused = cases.iter().zip(ran).filter_map(|(case, ran)| Some((case, ran.as_ref().err()?)));
    let most = if sets.is_empty() { SHOWN } else { 1 };
    // A fault of a guest is one, under however many policies it is run.
    let mut seen = HashSet::new();
    let drawn = refused.flat_map(|(case, faults)| faults.iter().map(|fault| drawn(case, sets, fault)));
    let drawn: Vec<String> = drawn.filter(|drawn| seen.insert(drawn.clone())).take(most).collect();
    if drawn.is_empty() { Ok(()) } else { Err(Failure::Cases(drawn.join("\n"))) }
}

/// A fault of a case: one in a flag of `check.toml`, or of a file that it names, at the line that sets it.
fn drawn(case: &CheckCase, sets: &[String], fault: &Diagnostic) -> String {
    let in_its_file = || {
        let Source::Set(index) = fault.source else { return None };
        let (place, flag) = (case.places.get(index)?, case.input.sets().get(index)?);
        let text = fs::read_to_string(&place.file).ok()?;
        let line = text.split('\n').nth(place.line?.checked_sub(1)?)?;
        let start = line.as_ptr() as usize - text.as_ptr() as usize;
        let span = match line.find(flag.as_str()) {
            Some(at) => start + at + fault.span.start..start + at + fault.span.end,
            None => start + line.len() - line.trim_start().len()..start + line.trim_end().len(),
        };
        let input = Input::new(&place.file, &text, &[]).ok()?;
        let fault = Diagnostic { source: Source::File, span, notes: Vec::new(), ..fault.clone() };
        Some(render(&input, Severity::Error, &[fault], true))
    };
    let as_flag = || render(&case.input.with_sets(sets), Severity::Error, std::slice::from_ref(fault), true);
    in_its_file().unwrap_or_else(as_flag)
}

/// Writes what came of the cases as the new baseline, and says what it accepts by that.
fn bless(suite: &Suite, ran: &[Ran], path: &Path, quiet: bool) -> Result<Baseline, Failure> {
    let outcomes = suite.cases.iter().zip(ran).filter_map(|(case, ran)| Some((case, ran.as_ref().ok()?)));
    let baseline = Baseline::of(&suite.settings, outcomes);
    let before = Baseline::read(path).ok();
    Output::open(path)?.write(baseline.text().as_bytes())?;
    if !quiet {
        let (cases, program) = (count(baseline.cases.len(), "case"), &baseline.program);
        let accepted = before.map_or("there was none before".to_owned(), |before| {
            let moved = check::compare(&suite.cases, ran, &before, &suite.settings, true);
            format!("against the one before, {}", report::summary(&moved))
        });
        let name = path.to_string_lossy();
        note(&format!("`{}` is written: {cases}, {program}; {accepted}", terminal::word(&name)));
    }
    Ok(baseline)
}

/// Two settings over the same folder.
fn diff(args: &CheckArgs, suite: &Suite, options: &Options, places: CheckPlaces) -> Result<(), Failure> {
    let ran = all(&suite.cases, &[&args.a, &args.b], options, args.common.quiet)?;
    let (one, other) = (&ran[0], &ran[1]);
    for (flag, sets, ran) in [("--a", &args.a, one), ("--b", &args.b, other)] {
        // A fault speaks of the flag that is typed here.
        refuse(&suite.cases, sets, ran).map_err(|failure| match failure {
            Failure::Cases(drawn) => Failure::Cases(drawn.replace("--set", flag)),
            failure => failure,
        })?;
    }
    let (comparison, pairs) = check::side_by_side(&suite.cases, one, other, &suite.settings);
    if pairs.is_empty() {
        let reasons = comparison.refused_by_reason();
        let reasons = reasons.iter().map(|(why, cases)| format!("{why} ({})", count(cases.len(), "case")));
        let reasons = reasons.collect::<Vec<_>>().join("; ");
        let way = whole_sections(args, &comparison)
            .unwrap_or_else(|| "name the product in each of them, as in `--a orchestrator.kind=nova`".to_owned());
        return Err(Failure::Input(format!("no case can be run under both settings: {reasons}; {way}")));
    }
    if let (Some(way), false) = (whole_sections(args, &comparison), args.common.quiet) {
        note(&way);
    }
    let (old, new) = (label(&args.a), label(&args.b));
    let assumed = assumed(&suite.cases, &args.a);
    let shown = report::CheckReport { comparison: &comparison, old: &old, new: &new, bless: "", assumed: &assumed };
    let svg = places.plot.as_ref().map(|_| dumbbell::svg(&old, &new, &dumbbell::rows(&pairs))).transpose()?;
    places.write(&shown, args, svg)
}

/// How to compare products over cases that have keys of another one; none where no setting names a product, and no such case is
/// refused.
fn whole_sections(args: &CheckArgs, comparison: &SuiteComparison) -> Option<String> {
    let named = |flag: &str, sets: &[String]| {
        let kind = sets.iter().rev().find_map(|set| set.trim().strip_prefix("orchestrator.kind="))?;
        Some(format!("`{flag} 'orchestrator={{ kind = \"{}\" }}'`", kind.trim().trim_matches('"')))
    };
    let ways: Vec<String> = [named("--a", &args.a), named("--b", &args.b)].into_iter().flatten().collect();
    let own = comparison.refused.iter().filter(|(_, why)| why.contains("`orchestrator.")).count();
    (!ways.is_empty() && own > 0).then(|| {
        let (cases, way) = (count(own, "case"), ways.join(" and "));
        let have = if own == 1 { "has keys" } else { "have keys" };
        let put = if ways.len() == 1 { "puts the product" } else { "put the products" };
        format!("{cases} {have} of another product; {way} {put} with defaults in place of the whole section")
    })
}

/// What the guests of the folder leave open.
fn assumed(cases: &[CheckCase], sets: &[String]) -> Assumed {
    let guests = check::assumed(cases, sets);
    Assumed::of_all(guests.iter().map(|(guest, assumed)| (guest.as_str(), assumed.as_slice())))
}

fn label(sets: &[String]) -> String {
    if sets.is_empty() { "as it is".to_owned() } else { sets.join(" ") }
}

/// Where the results go, all opened before anything is run.
struct CheckPlaces {
    report: Output,
    junit: Option<Output>,
    markdown: Option<Output>,
    plot: Option<PictureFile>,
}

impl CheckPlaces {
    fn open(args: &CheckArgs) -> Result<CheckPlaces, Failure> {
        if args.plot.is_some() && !args.is_diff() {
            return Err(Failure::Input("`--plot` draws two settings; name them with `--a` and `--b`".to_owned()));
        }
        let open = |path: &Option<PathBuf>| path.as_deref().map(Output::open).transpose();
        let plot = PictureFile::open(args.plot.as_deref(), args.common.quiet)?;
        let report = Output::open(&args.common.output)?;
        Ok(CheckPlaces { report, junit: open(&args.junit)?, markdown: open(&args.markdown)?, plot })
    }

    fn write(self, shown: &report::CheckReport, args: &CheckArgs, svg: Option<String>) -> Result<(), Failure> {
        if let (Some(plot), Some(svg)) = (self.plot, svg) {
            plot.write(svg)?;
        }
        if let Some(place) = self.junit {
            place.write(report::junit(shown)?.as_bytes())?;
        }
        if let Some(place) = self.markdown {
            place.write(report::markdown(shown).as_bytes())?;
        }
        let mut bytes = Vec::new();
        match args.common.format {
            OutputFormat::Text => bytes = report::text(shown, args.common.verbose).into_bytes(),
            OutputFormat::Json => report::json(&mut bytes, shown)?,
            OutputFormat::Csv => report::csv(&mut bytes, shown)?,
        }
        Ok(self.report.write(&bytes)?)
    }
}

/// In a GitHub workflow: annotations, and the job's summary. A runner reads both streams; standard output is the report's.
fn annotate(shown: &report::CheckReport, folder: &Path) -> Result<(), Failure> {
    if std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true") {
        let file = |guest: &str| folder.join(format!("{guest}.toml")).display().to_string();
        let _ = io::stderr().write_all(report::annotations(shown, file).as_bytes());
    }
    if let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY") {
        // Other steps write there too.
        let mut summary = OpenOptions::new().append(true).create(true).open(path)?;
        summary.write_all(report::markdown(shown).as_bytes())?;
    }
    Ok(())
}
