//! `precopy survey`: what do the guests of this host dirty?

use std::collections::HashSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::args::survey::SurveyArgs;
use super::progress::ProgressLine;
use super::{Failure, interrupt, scenario};
use crate::replay::{ClientClock, RealClock};
use crate::report::{Output, named, survey as words};
use crate::sink::{shell, terminal};
use crate::survey::{self, Answers, AnswersClock, Series, Survey, SurveyPlan, SurveyedGuest, SurveyedHost};
use crate::units::Span;
use crate::units::bounded;
use crate::units::spelling::nearest;

/// Each measurement of a recording.
const RECORDED: Span = Span::from_ms(1000);
/// Longest measurement that libvirt makes.
const LONGEST: Span = Span::from_ms(60_000);
/// Lengths and times of a survey of which no others are given.
const PERIODS: [Span; 3] = [Span::from_ms(1000), Span::from_ms(2000), Span::from_ms(5000)];
const TIMES: u32 = 3;

/// Measures the guests of a host, and writes them as a fleet or as traces.
pub(super) fn survey(args: &SurveyArgs) -> Result<(), Failure> {
    if let Some(link) = &args.link {
        let text = "[guest]\nmemory = \"1 GiB\"\n[link]\nbandwidth = \"1 Gbit/s\"";
        let set = vec![format!("link.bandwidth={link}")];
        scenario::check(&scenario::of_text("the flags, as a scenario", text)?.with_sets(&set), true)?;
    }
    let (mut source, plan) = open(args)?;
    let guests = chosen(args, &source.name, source.host.guests()?)?;
    let places = Places::open(args, &guests)?;
    let plan = plan.of(guests.len());
    let is_real = args.from.is_none();
    if is_real && !args.manners.quiet {
        words::disturbance(&guests, args.mode, plan.time()).iter().for_each(|line| super::note(line));
    }
    let stop = interrupt::flag()?;
    let hint = "fewer `--periods`, `--times` or guests are over sooner";
    let rounds = plan.rounds() as u64;
    let progress = ProgressLine::counted("measurements", 0, rounds, hint, args.manners.quiet || !is_real);
    let host = source.host.as_mut();
    let found = survey::measure(host, source.clock.as_mut(), guests, plan, args.mode, &stop, || progress.more());
    progress.end();
    let kept = places.write(args, &found, &source.name)?;
    match found.error {
        Some(error) => Err(Failure::Real(format!("{error}; {kept}"))),
        None if !found.is_whole => Err(Failure::Interrupted(kept)),
        None => Ok(()),
    }
}

/// Who is asked.
struct Source {
    name: String,
    host: Box<dyn SurveyedHost>,
    clock: Box<dyn ClientClock>,
}

/// A plan for any number of guests.
enum Planned {
    InTurn(Vec<Span>, u32),
    Steady { every: Span, time: Span },
}

impl Planned {
    fn of(&self, guests: usize) -> SurveyPlan {
        match self {
            Planned::InTurn(periods, times) => SurveyPlan::in_turn(guests, periods, *times),
            Planned::Steady { every, time } => {
                SurveyPlan::steady(guests, RECORDED, *every, *time, Some(long(*time)).filter(|long| *long > RECORDED))
            }
        }
    }
}

/// The long measurement of a recording: a third of it, in whole seconds.
fn long(time: Span) -> Span {
    Span(time.0 / 3 / 1_000_000_000 * 1_000_000_000).min(LONGEST)
}

fn open(args: &SurveyArgs) -> Result<(Source, Planned), Failure> {
    let (source, known) = match &args.from {
        Some(path) => {
            let text = bounded::open(path).and_then(|source| bounded::text(source, Answers::MAX_BYTES));
            let text = text.map_err(|error| Failure::Input(format!("cannot read `{}`: {error}", path.display())))?;
            let answers =
                Answers::parse(&text).map_err(|damaged| Failure::Input(format!("{}, {damaged}", path.display())))?;
            let known = answers.lengths();
            let name = path.display().to_string();
            (Source { name, host: Box::new(answers), clock: Box::new(AnswersClock::default()) }, known)
        }
        None => {
            let uri = args.connect.clone().unwrap_or_default();
            let host = connected(&uri)?;
            (Source { name: uri, host, clock: Box::new(RealClock::default()) }, (PERIODS.to_vec(), TIMES))
        }
    };
    let periods = if args.periods.is_empty() { known.0 } else { args.periods.clone() };
    Ok((
        source,
        match args.record {
            Some(time) => Planned::Steady { every: args.every, time },
            None => Planned::InTurn(periods, args.times.unwrap_or(known.1)),
        },
    ))
}

#[cfg(feature = "libvirt")]
fn connected(uri: &str) -> Result<Box<dyn SurveyedHost>, Failure> {
    Ok(Box::new(survey::LibvirtHost::open(uri)?))
}

#[cfg(not(feature = "libvirt"))]
fn connected(_: &str) -> Result<Box<dyn SurveyedHost>, Failure> {
    Err(super::without_libvirt())
}

/// The guests that are asked for.
fn chosen(args: &SurveyArgs, source: &str, guests: Vec<SurveyedGuest>) -> Result<Vec<SurveyedGuest>, Failure> {
    if guests.is_empty() {
        return Err(Failure::Real(format!("no guest runs at `{source}`")));
    }
    let names: Vec<&str> = guests.iter().map(|guest| guest.name.as_str()).collect();
    if let Some(unknown) = args.guest.iter().find(|name| !names.contains(&name.as_str())) {
        let help = match nearest(unknown, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", named(&names)),
        };
        return Err(Failure::Input(format!("no guest called `{unknown}` runs at `{source}`; {help}")));
    }
    let is_asked = |guest: &SurveyedGuest| args.guest.is_empty() || args.guest.contains(&guest.name);
    Ok(guests.into_iter().filter(is_asked).collect())
}

/// Where results go, opened before anything is measured.
struct Places {
    output: Output,
    keep: Option<Output>,
    /// A trace for each guest, by the name that the fleet has for it.
    traces: Vec<(String, Output)>,
}

impl Places {
    fn open(args: &SurveyArgs, guests: &[SurveyedGuest]) -> Result<Places, Failure> {
        if args.keep.as_ref().is_some_and(|keep| *keep == args.output && keep != Path::new("-")) {
            return Err(Failure::Input("`-o` and `--keep` name one file; give each its own".to_owned()));
        }
        let suffix = args.output.extension().and_then(|suffix| suffix.to_str()).unwrap_or_default();
        let is_fleet = suffix.eq_ignore_ascii_case("toml");
        let traces = match args.record {
            Some(_) if is_fleet => beside(&args.output, guests)?,
            Some(_) if guests.len() > 1 => {
                let names: Vec<&str> = guests.iter().map(|guest| guest.name.as_str()).collect();
                return Err(Failure::Input(format!(
                    "a trace is of one guest, and there are {}: `--guest NAME` takes one, and `-o NAME.toml` writes a fleet with a \
                     trace for each",
                    named(&names)
                )));
            }
            _ => Vec::new(),
        };
        let keep = args.keep.as_deref().map(Output::open).transpose()?;
        Ok(Places { output: Output::open(&args.output)?, keep, traces })
    }

    /// Writes everything, with what should be known about it; says what is kept.
    fn write(self, args: &SurveyArgs, found: &Survey, source: &str) -> Result<String, Failure> {
        let is_quiet = args.manners.quiet;
        let warn = |warning: &str| {
            // A closed standard error is no reason to withhold the result.
            let _ = writeln!(anstream::stderr(), "warning: {}", terminal::lines(warning));
        };
        if let Some(keep) = self.keep {
            keep.write(found.answers().as_bytes())?;
        }
        let is_stdout = self.output.is_stdout();
        let measured = found.looks.iter().filter(|look| look.period.is_some()).count();
        let (text, warnings) = if args.record.is_some() && self.traces.is_empty() {
            (trace(found, source), Vec::new())
        } else if args.record.is_some() {
            let mut files = Vec::new();
            for (guest, (name, place)) in self.traces.into_iter().enumerate() {
                let series = Series::of(found, guest, RECORDED);
                place.write(series.csv(&words::remarks(found, guest, source, &series)).as_bytes())?;
                // A trace takes two rows.
                files.push((series.len() > 1).then_some((name, series)));
            }
            let fleet = survey::traces(found, source, args.link.as_deref(), &files);
            (fleet.text, fleet.warnings)
        } else {
            let fleet = survey::fleet(found, source, args.link.as_deref());
            (fleet.text, fleet.warnings)
        };
        self.output.write(text.as_bytes())?;
        if !is_quiet {
            found.left_out.iter().for_each(|why| warn(&format!("left out: {why}")));
            warnings.iter().for_each(|(warning, guests)| warn(&words::warning(warning, guests, found.guests.len())));
        }
        if !is_stdout {
            let next = next(args);
            Output::open(Path::new("-"))?.write(words::table(found, next.as_deref()).as_bytes())?;
        }
        let kept = if is_stdout { "printed" } else { "written" };
        Ok(format!("what was measured by then is {kept} ({measured} measurements)"))
    }
}

/// The command that goes on from a fleet.
fn next(args: &SurveyArgs) -> Option<String> {
    let is_fleet = args.record.is_none() || args.output.extension().is_some_and(|suffix| suffix == "toml");
    is_fleet.then(|| {
        let link = if args.link.is_none() { " --link RATE" } else { "" };
        format!("precopy drain {}{link}", shell::word(&args.output.to_string_lossy()))
    })
}

/// The trace of the only guest.
fn trace(found: &Survey, source: &str) -> String {
    let series = Series::of(found, 0, RECORDED);
    series.csv(&words::remarks(found, 0, source, &series))
}

/// The traces of all guests, beside their fleet.
fn beside(fleet: &Path, guests: &[SurveyedGuest]) -> Result<Vec<(String, Output)>, Failure> {
    let stem = fleet.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let mut taken = HashSet::new();
    let plain = |name: &str| -> String {
        name.chars()
            .map(|letter| if letter.is_alphanumeric() || "-_.".contains(letter) { letter } else { '-' })
            .collect()
    };
    let mut places = Vec::new();
    for guest in guests {
        let name = format!("{stem}-{}", plain(&guest.name));
        let mut names = std::iter::once(name.clone()).chain((2..).map(|number| format!("{name}-{number}")));
        let name = names.find(|name| taken.insert(name.clone())).unwrap_or(name) + ".csv";
        let path: PathBuf = fleet.with_file_name(&name);
        places.push((name, Output::open(&path)?));
    }
    Ok(places)
}
