//! What kind of file a command was given: a wrong one is refused with what it is and which command reads it.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde_json::{Deserializer, Value};

use super::Failure;
use super::args::CliCommand;
use crate::compare;
use crate::inventory::{Document, FORMATS};
use crate::sink::shell;
use crate::units::utf16;

/// What a command does with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FileRole {
    Scenario,
    Fleet,
    ScenarioOrFleet,
    Migration,
    DirtyRates,
    Results,
    Page,
}

impl FileRole {
    /// What it takes.
    fn takes(self) -> &'static str {
        match self {
            FileRole::Scenario => "a scenario (TOML)",
            FileRole::Fleet => "a fleet (TOML or CSV)",
            FileRole::ScenarioOrFleet => "a scenario (TOML) or a fleet (TOML or CSV)",
            FileRole::Migration => "the log or recording of a migration",
            FileRole::DirtyRates => "dirty rates",
            FileRole::Results => "results (CSV or JSON)",
            FileRole::Page => "scenarios and results",
        }
    }
}

/// A kind of file that a user may take for another.
struct FileKind {
    /// What it is called, by its text; `None`: it is none of these.
    named: fn(&str) -> Option<String>,
    /// Where it is right; other complaints than these here are more exact in `elsewhere`.
    right: &'static [FileRole],
    elsewhere: &'static [FileRole],
    /// Who reads it, the file's name being `{}`.
    read_by: &'static str,
}

/// All kinds; the first that fits.
const KINDS: [FileKind; 7] = [
    FileKind {
        named: |text| is_of_a_host(text).then(|| "what virsh printed of a host".to_owned()),
        right: &[FileRole::DirtyRates],
        elsewhere: &[],
        read_by: "`precopy survey --from {} -o fleet.toml` makes a fleet of it",
    },
    FileKind {
        named: |text| is_dirty_rates(text).then(|| "output about dirty rates".to_owned()),
        right: &[FileRole::DirtyRates],
        elsewhere: &[],
        read_by: "`precopy fit --dirtyrate {}` reads it",
    },
    FileKind {
        named: |text| compare::form_of(text).map(log),
        right: &[FileRole::Migration],
        elsewhere: &[],
        read_by: "`precopy why {}` reads it, and so do `precopy fit` and `precopy compare`",
    },
    FileKind {
        named: |text| header(text, &["verdict"]).then(|| "a table of results".to_owned()),
        right: &[FileRole::Results, FileRole::Page],
        elsewhere: &[FileRole::Scenario],
        read_by: "`precopy plot {} -o FILE.svg` draws it",
    },
    FileKind {
        named: |text| header(text, &["t_ms", "event"]).then(|| "the timeline of a migration".to_owned()),
        right: &[FileRole::Results, FileRole::Page],
        elsewhere: &[FileRole::Scenario],
        read_by: "`precopy plot {} -o FILE.svg` draws it",
    },
    FileKind {
        named: |text| header(text, &["name", "memory"]).then(|| "a list of guests".to_owned()),
        right: &[FileRole::Fleet, FileRole::ScenarioOrFleet],
        elsewhere: &[FileRole::Scenario, FileRole::Results, FileRole::Page],
        read_by: "`precopy drain {} --link RATE` reads it",
    },
    FileKind {
        named: |text| list_of_guests(text).map(str::to_owned),
        right: &[FileRole::Fleet, FileRole::ScenarioOrFleet],
        elsewhere: &[],
        read_by: "`precopy drain {} --link RATE` reads it",
    },
];

/// What a product's list of guests is called.
fn list_of_guests(text: &str) -> Option<&'static str> {
    let document = Document::new(text, None);
    FORMATS.iter().find(|format| (format.is)(&document)).map(|format| format.name)
}

/// A form of log in a sentence.
fn log(form: &str) -> String {
    if form.starts_with('`') { format!("output of {form}") } else { format!("a {form}") }
}

/// Whether the first line names such columns.
fn header(text: &str, columns: &[&str]) -> bool {
    let first = text.trim_start_matches('\u{feff}').lines().next().unwrap_or_default();
    let names: Vec<&str> = first.split([',', ';', '\t']).map(|name| name.trim().trim_matches('"')).collect();
    names.len() > 1 && columns.iter().all(|column| names.contains(column))
}

/// Guests with their figures: `virsh dumpxml` and `virsh domstats` in one file.
fn is_of_a_host(text: &str) -> bool {
    let begins = |start: &str| text.lines().any(|line| line.trim_start().starts_with(start));
    begins("<domain") && begins("Domain: '")
}

fn is_dirty_rates(text: &str) -> bool {
    if !text.trim_start().starts_with('{') {
        return text.lines().any(|line| line.trim_start().starts_with("dirtyrate."));
    }
    let first = Deserializer::from_str(text.trim_start()).into_iter::<Value>().next();
    first.and_then(Result::ok).is_some_and(|value| {
        let answer = value.get("return").unwrap_or(&value);
        let scraped = value["data"]["result"][0]["metric"]["__name__"].as_str();
        answer.get("calc-time").is_some() || scraped.is_some_and(|name| name.starts_with("kubevirt_vmi_dirty_rate"))
    })
}

/// How much of a file tells what it is [bytes].
const HEAD: u64 = 1 << 18;

/// Refuses files that are known to be of another kind than a command takes. What cannot be read is left to the command.
///
/// # Errors
/// [`Failure::Input`]: a sentence for each of them.
pub(super) fn suit(command: &CliCommand) -> Result<(), Failure> {
    let wrong = roles(command).into_iter().filter_map(|(path, role)| {
        let text = head(path)?;
        // Some lists of guests also say of dirty rates and migrations.
        if matches!(role, FileRole::Fleet | FileRole::ScenarioOrFleet) && list_of_guests(&text).is_some() {
            return None;
        }
        let (kind, what) = KINDS.iter().find_map(|kind| Some((kind, (kind.named)(&text)?)))?;
        let is_right = kind.right.contains(&role) || kind.elsewhere.contains(&role);
        (!is_right).then(|| {
            let file = path.to_string_lossy();
            let read_by = kind.read_by.replacen("{}", &shell::word(&file), 1);
            format!("`{file}` is {what}, and `precopy {}` takes {}; {read_by}", command.name(), role.takes())
        })
    });
    let wrong: Vec<String> = wrong.collect();
    if wrong.is_empty() { Ok(()) } else { Err(Failure::Input(wrong.join("\nerror: "))) }
}

/// The first part of a file, if it is one that can be looked at twice.
fn head(path: &Path) -> Option<String> {
    if !path.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(HEAD).read_to_end(&mut bytes).ok()?;
    let wide = utf16::text(&bytes).and_then(Result::ok);
    Some(wide.unwrap_or_else(|| String::from_utf8_lossy(&bytes).into_owned()))
}

/// Files and what they are to be.
fn roles(command: &CliCommand) -> Vec<(&Path, FileRole)> {
    match command {
        CliCommand::Run(args) => args.scenario.iter().map(|path| (path.as_path(), FileRole::Scenario)).collect(),
        CliCommand::Plan(args) => vec![(&args.scenario, FileRole::ScenarioOrFleet)],
        CliCommand::Replay(args) => {
            let scenario = args.scenario.iter().map(|path| (path.as_path(), FileRole::Scenario));
            scenario.chain(args.fleet.iter().map(|path| (path.as_path(), FileRole::Fleet))).collect()
        }
        CliCommand::Sweep(args) => args.scenario.iter().map(|path| (path.as_path(), FileRole::Scenario)).collect(),
        CliCommand::Drain(args) => vec![(&args.fleet, FileRole::Fleet)],
        CliCommand::Init(args) => {
            let log = args.log.iter().map(|path| (path.as_path(), FileRole::Migration));
            log.chain(args.from.iter().map(|path| (path.as_path(), FileRole::Fleet))).collect()
        }
        CliCommand::Why(args) => args.logs.iter().map(|path| (path.as_path(), FileRole::Migration)).collect(),
        CliCommand::Compare(args) => {
            let traces = args.traces.iter().map(|path| (path.as_path(), FileRole::Migration));
            traces.chain(args.scenario.iter().map(|path| (path.as_path(), FileRole::Scenario))).collect()
        }
        CliCommand::Fit(args) => {
            let traces = args.traces.iter().chain(&args.log).map(|path| (path.as_path(), FileRole::Migration));
            let rates = args.dirtyrate.iter().map(|path| (path.as_path(), FileRole::DirtyRates));
            let scenario = args.scenario.iter().map(|path| (path.as_path(), FileRole::Scenario));
            traces.chain(rates).chain(scenario).collect()
        }
        CliCommand::Plot(args) => args.results.iter().map(|path| (path.as_path(), FileRole::Results)).collect(),
        CliCommand::Report(args) => args.inputs.iter().map(|path| (path.as_path(), FileRole::Page)).collect(),
        _ => Vec::new(),
    }
}
