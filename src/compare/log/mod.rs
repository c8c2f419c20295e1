//! Logs: the statistics of migrations, one look after the other, as each product writes them.
//!
//! A form of log is a row of [`FORMS`]: the words by which its lines are known, and how they are read. All of them make
//! looks ([`LoggedLook`]) of migrations that are told apart ([`LoggedJob`]), with what words say beside the figures
//! ([`Told`]). docs/logs.md lists the forms.
//!
//! ```text
//! 1760000000.25          a line of `date +%s.%N`: when the next statistics were asked for; may be left out
//! Job type: 2            `virsh domjobinfo --rawstats`, or
//! {"return": {...}}      the answer of `query-migrate`
//! ```

mod amount;
mod documents;
mod grafana;
mod hmp;
mod job;
mod kubevirt;
mod nova;
mod order;
mod prometheus;
mod proxmox;
mod query_migrate;
mod rawstats;
mod scrapes;
mod stamp;
mod table;
mod vdsm;
mod virt_handler;
mod without;

use serde_json::Value;

use super::json::{FieldError, JsonNode};
use super::parts::{NoScenario, TraceParts, TraceProblem};
use super::sighting::{self, MigrationState, Sighting};
use super::told::{LogGap, Told, ToldEnd};
use crate::units::{Bytes, bounded};
use crate::yaml;
use job::LoggedJob;
use order::{begun, count_rises, timed};

/// Most looks in a log.
const MOST: usize = 1_000_000;

/// One look, and the clock before it.
#[derive(Clone, Debug)]
struct LoggedLook {
    /// [s]
    clock: Option<f64>,
    /// Since the job began, by the statistics themselves [ms].
    elapsed_ms: Option<f64>,
    /// Everything else, with `t_ms` still open.
    sighting: Sighting,
}

/// A form of log.
struct LogForm {
    /// What it is called.
    name: &'static str,
    /// Whether a line is one of such a log and of no other.
    is_line: fn(&str) -> bool,
    /// The migrations in it.
    read: fn(&str) -> Result<Vec<LoggedJob>, TraceProblem>,
}

/// All forms. The one with most lines in a file is what the file is; the first of several.
const FORMS: [LogForm; 9] = [
    nova::FORM,
    proxmox::FORM,
    kubevirt::FORM,
    vdsm::FORM,
    grafana::FORM,
    LogForm {
        name: "`info migrate` of QEMU's monitor",
        is_line: |line| hmp::is_line(stamp::split(line).1),
        read: |text| Ok(vec![plain(hmp::read(text)?, "`info migrate` of QEMU's monitor", hmp::rounding(text), false)]),
    },
    LogForm {
        name: "`virsh domjobinfo`",
        is_line: |line| table::is_line(stamp::split(line).1),
        read: |text| Ok(vec![plain(table::read(text)?, "`virsh domjobinfo`", Some(table::ROUNDING), true)]),
    },
    LogForm {
        name: "`virsh domjobinfo --rawstats`",
        is_line: |line| line.trim_start().get(..9).is_some_and(|start| start.eq_ignore_ascii_case("job type:")),
        read: |text| Ok(vec![plain(rawstats::read(text)?, "`virsh domjobinfo --rawstats`", None, true)]),
    },
    LogForm {
        name: QUERY,
        // KubeVirt's lines are also JSON, and say whose.
        is_line: |line| is_json(line) && !line.contains("\"component\""),
        read: |text| Ok(vec![plain(query_migrate::read(text)?, QUERY, None, false)]),
    },
];

/// Looks that nothing but time tells apart.
fn plain(looks: Vec<LoggedLook>, form: &'static str, rounding: Option<&'static str>, by_libvirt: bool) -> LoggedJob {
    LoggedJob { looks, told: Told { rounding, ..Told::of(form, None, &[]) }, by_libvirt }
}

/// Reads a log of any form: every migration in it, in the order in which they begin.
///
/// # Errors
/// No form has such lines, a line of it cannot be read, or no migration was under way.
pub(super) fn read(text: &str) -> Result<Vec<TraceParts>, TraceProblem> {
    let first = first_line(text);
    let counts = FORMS.map(|form| text.lines().filter(|line| (form.is_line)(line)).count());
    let most = counts.iter().max().copied().unwrap_or(0);
    let jobs = match FORMS.iter().zip(counts).find(|(_, count)| *count == most && most > 0) {
        // A line that begins like JSON is an answer of `query-migrate` in a file that begins with one.
        Some((form, _)) if form.name != QUERY || first.is_some_and(is_json) => (form.read)(text)?,
        _ => {
            let (line, what) = without::refusal(text);
            return Err(at_line(text, line, what));
        }
    };
    every(jobs).ok_or_else(|| at(text.as_bytes(), text.len(), NONE))
}

/// What a text is called, if it is a log of any form.
pub(super) fn form_of(text: &str) -> Option<&'static str> {
    let first = first_line(text)?;
    if yaml::has_objects(text) {
        let objects = yaml::documents(text).ok()?;
        return objects.iter().find_map(documents::form).map(|form| form.name);
    }
    if !is_json(first) {
        let is_one = |form: &&LogForm| form.name != QUERY && text.lines().any(|line| (form.is_line)(line));
        return FORMS.iter().find(is_one).map(|form| form.name);
    }
    let value: Option<Value> = serde_json::Deserializer::from_str(text.trim_start()).into_iter().next()?.ok();
    let answer = value.as_ref().map(|value| value.get("return").unwrap_or(value));
    let is_answer = answer.is_some_and(|answer| answer.get("ram").is_some() && answer.get("status").is_some());
    let launcher = || text.lines().any(kubevirt::is_line).then_some(kubevirt::FORM.name);
    is_answer.then_some(QUERY).or_else(|| documents::form(&value?).map(|form| form.name)).or_else(launcher)
}

/// The first line that says anything but the time.
fn first_line(text: &str) -> Option<&str> {
    text.lines().find(|line| !line.trim().is_empty() && clock(line).is_none())
}

const QUERY: &str = "`query-migrate`";

fn is_json(line: &str) -> bool {
    line.trim_start().starts_with('{')
}

const NONE: &str = "has no statistics of a migration under way; docs/logs.md shows how to collect them";

/// Whether a document of JSON is one that [`document`] reads.
pub(super) fn is_document(value: &Value) -> bool {
    documents::form(value).is_some()
}

/// Reads documents that hold migrations.
///
/// # Errors
/// A field is missing or impossible, or no migration is in them.
pub(super) fn documents(values: &[Value]) -> Result<Vec<TraceParts>, FieldError> {
    let mut jobs = Vec::new();
    for value in values {
        let form = documents::form(value);
        jobs.extend(form.map_or(Ok(vec![]), |form| (form.read)(&JsonNode::root(value)))?);
    }
    every(jobs).ok_or_else(|| FieldError::new("the document", "has no migration that lasted any time"))
}

/// Every migration, where there is one at all.
fn every(jobs: Vec<LoggedJob>) -> Option<Vec<TraceParts>> {
    let all: Vec<TraceParts> = jobs.into_iter().flat_map(parts).collect();
    (!all.is_empty()).then_some(all)
}

/// The migrations that one job turns out to be.
fn parts(job: LoggedJob) -> Vec<TraceParts> {
    let LoggedJob { mut looks, told, by_libvirt } = job;
    if told.lacks(LogGap::Syncs) {
        count_rises(&mut looks);
    }
    let part = |seen: Vec<Sighting>| {
        let (seen, begun) = if by_libvirt { begun(seen) } else { (seen, None) };
        let timed_out = matches!(told.end, Some(ToldEnd::TimedOut(_) | ToldEnd::Stuck(_)));
        let mut measured = sighting::record(&seen, timed_out, f64::INFINITY).filter(|record| record.seen_ms > 0.0)?;
        if told.lacks(LogGap::Sent) {
            measured.transferred_bytes = None;
        }
        let timeline = sighting::timeline(&seen, &measured.sync_times_ms, measured.seen_ms);
        let unstated = "a log of statistics does not say how guest, link and QEMU were configured".to_owned();
        let memory = seen.iter().filter_map(|sighting| sighting.total).max().map(Bytes);
        let lacks = (!told.lacks.is_empty()).then(|| {
            let words: Vec<&str> = told.lacks.iter().map(|gap| gap.as_str()).collect();
            format!("it does not tell {}", words.join(", "))
        });
        let notes: Vec<String> = begun.into_iter().chain(told.rounding.map(str::to_owned)).chain(lacks).collect();
        let note = (!notes.is_empty()).then(|| notes.join("; "));
        let told = told.clone();
        Some(TraceParts { scenario: Err(NoScenario::Unstated(unstated)), measured, timeline, memory, note, told })
    };
    timed(looks).into_iter().filter_map(part).collect()
}

/// A look of which nothing but these two is known yet.
fn sighting_of(transferred: u64, remaining: u64) -> Sighting {
    Sighting {
        t_ms: 0.0,
        state: MigrationState::Active,
        pass: 1,
        transferred,
        remaining,
        total: None,
        normal: None,
        duplicate: None,
        dirty_pages_rate: 0,
        bandwidth: 0.0,
        throttle_pct: 0.0,
        post_copied: false,
        downtime_ms: None,
        setup_time_ms: None,
    }
}

/// Seconds on a line of `date +%s.%N`.
fn clock(line: &str) -> Option<f64> {
    let line = line.trim();
    let plain = line.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if plain && !line.is_empty() { line.parse().ok().filter(|seconds: &f64| *seconds < 1e12) } else { None }
}

/// A complaint about a place in the text.
fn at(text: &[u8], byte: usize, what: impl Into<String>) -> TraceProblem {
    let (line, column) = bounded::place(text, byte);
    TraceProblem::Line { line, column, what: what.into() }
}

/// A complaint about a line, or another part, of the text.
fn at_line(text: &str, part: &str, what: impl Into<String>) -> TraceProblem {
    let byte = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    at(text.as_bytes(), byte.min(text.len()), what)
}

/// Refuses a log that is longer than a user would collect, at a part of its text.
fn room(looks: usize, text: &str, part: &str) -> Result<(), TraceProblem> {
    if looks < MOST { Ok(()) } else { Err(at_line(text, part, format!("has more than {MOST} looks"))) }
}
