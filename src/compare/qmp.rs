//! Traces of two QEMU processes driven over QMP: schema `qmp-migrate-trace/1`.

use std::ops::RangeInclusive;

use super::json::{FieldError, JsonNode, JsonTable};
use super::parts::{NoScenario, TraceParts, until_ended};
use super::sighting::{self, MigrationState, Sighting};
use super::told::Told;
use super::workload::{self, PriorWorkload};
use super::{MigrationRecord, fate, rig};
use crate::guest::GuestConfig;
use crate::qemu::{self, Accel, MonitorCommand, MultifdCompression, OPTIONS, QemuForm, Version, ZeroPageDetection};
use crate::scenario::{At, Scenario, When};
use crate::units::{Bytes, Rate, Span, Time};

/// What the field `schema` says.
pub(super) const SCHEMA: &str = "qmp-migrate-trace/1";

pub(super) fn read(root: &JsonNode) -> Result<TraceParts, FieldError> {
    let scenario = match not_covered(root)? {
        Some(lever) => Err(NoScenario::NotCovered(lever)),
        None if workload::is_program(&root.get("config")?.get("guest")?) => {
            Err(NoScenario::Program(Box::new(around_program(root)?)))
        }
        None => Ok(scenario(root)?),
    };
    let measured = measured(root)?;
    let seen = seen(root, &COLUMNS, 0.0)?;
    let timeline = sighting::timeline(&seen, &measured.sync_times_ms, measured.seen_ms);
    Ok(TraceParts { scenario, measured, timeline, memory: None, note: release(root)?.1, told: Told::default() })
}

/// Columns of the samples: pass, bytes sent and remaining, normal and zero pages, dirty rate, throttle, bandwidth; and
/// the bandwidth's unit [bytes/s].
pub(super) type Columns = ([&'static str; 8], f64);
const COLUMNS: Columns = (
    ["pass", "transferred", "remaining", "normal_pages", "zero_pages", "dirty_pages_rate", "throttle_pct", "mbps"],
    1e6 / 8.0,
);

/// The samples since `begin` [ms] that saw RAM being moved.
pub(super) fn seen(root: &JsonNode, (columns, bandwidth): &Columns, begin: f64) -> Result<Vec<Sighting>, FieldError> {
    let table = JsonTable::read(root, "samples", "sample_columns")?;
    let t_ms = table.column("t_ms")?;
    let columns = columns.iter().map(|name| table.column(name)).collect::<Result<Vec<_>, _>>()?;
    let sighting = |row: usize| {
        let figure = |column: usize| columns[column][row].filter(|figure| *figure >= 0.0);
        let whole = |column| figure(column).unwrap_or(0.0) as u64;
        let pass = whole(0);
        (pass > 0).then_some(())?;
        Some(Sighting {
            t_ms: t_ms[row]? - begin,
            state: MigrationState::Active,
            pass,
            transferred: whole(1),
            remaining: figure(2)? as u64,
            total: None,
            normal: figure(3).map(|pages| pages as u64),
            duplicate: figure(4).map(|pages| pages as u64),
            dirty_pages_rate: whole(5),
            throttle_pct: figure(6).unwrap_or(0.0).min(100.0),
            bandwidth: figure(7).unwrap_or(0.0) * bandwidth,
            post_copied: false,
            downtime_ms: None,
            setup_time_ms: None,
        })
    };
    let mut seen: Vec<_> = (0..t_ms.len()).filter_map(sighting).filter(|sighting| sighting.t_ms >= 0.0).collect();
    seen.sort_by(|a, b| a.t_ms.total_cmp(&b.t_ms));
    Ok(seen)
}

/// Capabilities that are modelled or change nothing about a pre-copy migration.
const COVERED: [&str; 8] = [
    "auto-converge",
    "return-path",
    "events",
    "validate-uuid",
    "xbzrle",
    "multifd",
    "postcopy-ram",
    "postcopy-preempt",
];

fn not_covered(root: &JsonNode) -> Result<Option<String>, FieldError> {
    let config = root.get("config")?;
    for (name, on) in config.find("capabilities").map_or(Ok(vec![]), |all| all.members())? {
        if on.flag()? && !COVERED.contains(&name) {
            return Ok(Some(format!("capability `{name}`")));
        }
    }
    Ok(workload::not_covered(&config.get("guest")?)?.map(str::to_owned))
}

fn scenario(root: &JsonNode) -> Result<Scenario, FieldError> {
    around(root, workload::guest(&root.get("config")?, &baseline(root)?)?)
}

/// What is known of a migration whose guest runs a program: everything but its workload. It was ended from outside no later
/// than it was.
fn around_program(root: &JsonNode) -> Result<Scenario, FieldError> {
    let scenario = around(root, workload::unknown(&root.get("config")?)?)?;
    let MigrationRecord { verdict, seen_ms, .. } = measured(root)?;
    Ok(until_ended(scenario, verdict, seen_ms))
}

/// The scenario of a guest that migrates as the recording says.
fn around(root: &JsonNode, guest: GuestConfig) -> Result<Scenario, FieldError> {
    let config = root.get("config")?;
    let qemu = qemu(root, &config)?;
    let mut at = changes(&config, &qemu)?;
    at.extend(workload::post_copy(&config)?);
    Ok(rig::scenario(guest, qemu, at, time_limit(&config, 0.0)?))
}

/// Parameters that the rig changed during the migration, each over those before it.
fn changes(config: &JsonNode, qemu: &qemu::QemuConfig) -> Result<Vec<At>, FieldError> {
    let mut qemu = qemu.clone();
    let mut at = Vec::new();
    for change in config.find("changes").map_or(Ok(vec![]), |changes| changes.items())? {
        set(&mut qemu, |name| change.find(name))?;
        let seconds = change.get("at_s")?.number_in(0.0..=1e6)?;
        at.push(At {
            when: When::Time(Time((seconds * 1e9) as u64)),
            command: MonitorCommand::Set(qemu.params.clone()),
        });
    }
    Ok(at)
}

fn baseline(root: &JsonNode) -> Result<PriorWorkload, FieldError> {
    let seen = root.find("baseline");
    let figure = |key| seen.as_ref().and_then(|seen| seen.find(key)).map(|figure| figure.number()).transpose();
    let rate = figure("page_writes_per_s")?;
    Ok(PriorWorkload { rate, cpu: figure("vcpu_share")?, written: written(root, rate.unwrap_or(0.0))? })
}

/// Page writes done when the migration began: the guest's last report before it, and its rate from there on.
fn written(root: &JsonNode, rate: f64) -> Result<Option<f64>, FieldError> {
    if root.find("progress").is_none() {
        return Ok(None);
    }
    let progress = JsonTable::read(root, "progress", "progress_columns")?;
    let (side, t_ms, pages) = (progress.column("side")?, progress.column("host_ms")?, progress.column("pages")?);
    let source = |row: &usize| side[*row] == Some(0.0);
    let reports = (0..side.len()).filter(source).filter_map(|row| t_ms[row].zip(pages[row]));
    let last = reports.take_while(|(t_ms, _)| *t_ms < 0.0).last();
    Ok(last.map(|(t_ms, pages)| pages - t_ms / 1e3 * rate))
}

/// The release that the recording was made with.
fn release(root: &JsonNode) -> Result<(Version, Option<String>), FieldError> {
    version(&root.get("env")?.get("qemu_version")?, "")
}

fn qemu(root: &JsonNode, config: &JsonNode) -> Result<qemu::QemuConfig, FieldError> {
    let (version, _) = release(root)?;
    let accel = config.get("accel")?;
    let accel = match accel.text()?.split(',').next() {
        Some("tcg") => Accel::Tcg,
        Some("kvm") => Accel::Kvm,
        _ => return Err(accel.expected("tcg or kvm")),
    };
    let memory = workload::memory(config)?;
    let capability = |name| {
        let all = config.find("capabilities");
        all.and_then(|all| all.find(name)).map_or(Ok(false), |on| on.flag())
    };
    let mut qemu = qemu::QemuConfig::defaults(version, accel, memory);
    qemu.machine_type = machine_type(config, version)?;
    for option in OPTIONS {
        if let QemuForm::Capability(slot) = &option.form {
            slot.set(&mut qemu, capability(option.name)?);
        }
    }
    qemu.capabilities.postcopy_ram |= workload::switches(config)?;
    qemu.setup_time = rig::setup_time(version, accel, qemu.dirty_log, memory);
    let given = config.find("parameters");
    set(&mut qemu, |name| {
        let older = |name| match name {
            "max-bandwidth" => config.find("max_bandwidth"),
            "downtime-limit" => config.find("downtime_limit_ms"),
            _ => None,
        };
        given.as_ref().and_then(|given| given.find(name)).or_else(|| older(name))
    })?;
    Ok(qemu)
}

/// The release of the machine type, such as 8.0 of `pc-q35-8.0`; an alias without one, such as `pc`, is the release's own.
fn machine_type(config: &JsonNode, version: Version) -> Result<Version, FieldError> {
    let Some(machine) = config.find("machine") else { return Ok(version) };
    let Some(Ok(of)) =
        machine.text()?.split(',').next().and_then(|name| name.rsplit_once('-')).map(|(_, of)| of.parse())
    else {
        return Ok(version);
    };
    if of > version {
        return Err(machine.expected(&format!("a machine type of QEMU {version} or older")));
    }
    Ok(of)
}

/// The parameters that are `given`; QEMU's own limits hold for each.
fn set<'a>(config: &mut qemu::QemuConfig, given: impl Fn(&str) -> Option<JsonNode<'a>>) -> Result<(), FieldError> {
    for option in OPTIONS.iter().filter(|option| option.is_parameter()) {
        let Some(node) = given(option.name) else { continue };
        let within = |range: &RangeInclusive<u8>| {
            let whole = node.whole_in(u64::from(*range.start())..=u64::from(*range.end()))?;
            Ok::<u8, FieldError>(u8::try_from(whole).unwrap_or(u8::MAX))
        };
        match &option.form {
            QemuForm::Switch(slot) => slot.set(config, node.flag()?),
            QemuForm::Percent(slot, range) | QemuForm::Count(slot, range) => slot.set(config, within(range)?),
            QemuForm::BandwidthLimit(slot) | QemuForm::SwitchoverBandwidth(slot) => {
                slot.set(config, Rate(node.whole()?))
            }
            QemuForm::DirtyRate(slot) => slot.set(config, Rate(node.whole_in(1..=u64::MAX >> 20)? << 20)),
            QemuForm::Time(slot, range) => {
                let ms = node.whole_in(range.start().whole_ms()..=range.end().whole_ms())?;
                slot.set(config, Span::from_ms(ms));
            }
            QemuForm::CacheSize(slot) => slot.set(config, Bytes(node.whole()?)),
            QemuForm::Compression(slot) => slot.set(config, choice(&node, &MultifdCompression::WORDS)?),
            QemuForm::Detection(slot) => slot.set(config, choice(&node, &ZeroPageDetection::WORDS)?),
            QemuForm::Name(slot) => slot.set(config, node.text()?.to_owned()),
            QemuForm::Unmodelled | QemuForm::Capability(_) => {}
        }
    }
    let params = &config.params;
    if let Some(max) = given("max-cpu-throttle").filter(|_| params.max_cpu_throttle < params.cpu_throttle_initial) {
        max.whole_in(u64::from(params.cpu_throttle_initial)..=99)?;
    }
    Ok(())
}

/// What one of QEMU's words stands for.
fn choice<T: Copy>(node: &JsonNode, words: &[(&str, T)]) -> Result<T, FieldError> {
    let found = node.text()?;
    let known = || words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
    words.iter().find(|(word, _)| *word == found).map(|(_, value)| *value).ok_or_else(|| node.expected(&known()))
}

/// The QEMU release in a text that begins with `prefix`, or the newest whose rules are known where it is newer; with a note
/// in that case.
pub(super) fn version(node: &JsonNode, prefix: &str) -> Result<(Version, Option<String>), FieldError> {
    let text = node.text()?.strip_prefix(prefix).map(str::trim);
    // A package says more than the release: `11.1.3 (Debian 1:11.1.3+ds-1)`.
    let found = text.and_then(|text| text.split([' ', '-', '+']).next()).and_then(Version::nearest);
    let wanted = || format!("a QEMU release from {prefix}{} on", Version::OLDEST);
    let (version, is_known) = found.ok_or_else(|| node.expected(&wanted()))?;
    let note = || {
        let newer = text.unwrap_or_default();
        format!("QEMU {newer} is newer than the rules that are known; those of {version} are used")
    };
    Ok((version, (!is_known).then(note)))
}

/// When the rig gave up, less the time that it spent before the migration [ms].
pub(super) fn time_limit(config: &JsonNode, before_ms: f64) -> Result<Span, FieldError> {
    let timeout = config.get("timeout_s")?.number_in(0.001..=1e6)?;
    Ok(Span((timeout * 1e9 - before_ms * 1e6).max(0.0) as u64))
}

fn measured(root: &JsonNode) -> Result<MigrationRecord, FieldError> {
    let outcome = root.get("outcome")?;
    let ram = root.find("final").and_then(|last| last.find("src")?.find("ram"));
    let postcopy = happened(root, "RIG_START_POSTCOPY")?;
    let timed_out = outcome.find("cancelled_by_timeout").map_or(Ok(false), |node| node.flag())?;
    let verdict = fate(&outcome.get("status")?, postcopy, timed_out)?;
    let completed = verdict.is_completed();
    let total_time_ms = outcome.get(if completed { "total_time_ms" } else { "end_ms" })?.number_in(1.0..=1e12)?;
    let counter = |name, column| match ram.as_ref().and_then(|ram| ram.find(name)) {
        Some(counter) => counter.whole().map(Some),
        None => last(root, column),
    };
    let setup_time_ms = outcome.find("setup_time_ms").map(|node| node.number()).transpose()?;
    let rate = |node: Option<JsonNode>, key| node.and_then(|node| node.find(key)).map(|node| node.number()).transpose();
    let before = rate(root.find("baseline"), "page_writes_per_s")?;
    let during = rate(Some(outcome.clone()), "page_writes_per_s_during")?;
    Ok(MigrationRecord {
        verdict,
        total_time_ms: Some(total_time_ms),
        seen_ms: total_time_ms,
        setup_time_ms,
        downtime_ms: outcome.find("downtime_ms").filter(|_| completed).map(|node| node.number()).transpose()?,
        dirty_sync_count: outcome.get("passes")?.whole()?,
        throttle_max_pct: outcome.get("max_throttle_pct")?.number_in(0.0..=100.0)?,
        transferred_bytes: counter("transferred", "transferred")?,
        normal_pages: counter("normal", "normal_pages")?,
        duplicate_pages: counter("duplicate", "zero_pages")?,
        guest_work_lost_ms: super::work_lost(before, during, total_time_ms),
        sync_times_ms: counted(root, "passes", "pass", || Ok(setup_time_ms))?,
    })
}

/// The last figure of a column of the samples.
pub(super) fn last(root: &JsonNode, column: &str) -> Result<Option<u64>, FieldError> {
    let figures = JsonTable::read(root, "samples", "sample_columns")?.column(column)?;
    Ok(figures.into_iter().flatten().next_back().map(|figure| figure.max(0.0) as u64))
}

/// `t_ms` of every entry of a list.
pub(super) fn times(root: &JsonNode, list: &str) -> Result<Vec<f64>, FieldError> {
    root.get(list)?.items()?.iter().map(|entry| entry.get("t_ms")?.number()).collect()
}

/// When `dirty-sync-count` came to each number, by a list of events. 11.1 tells of none before the second pass: the first
/// one began at `setup`.
pub(super) fn counted(
    root: &JsonNode,
    list: &str,
    number: &str,
    setup: impl FnOnce() -> Result<Option<f64>, FieldError>,
) -> Result<Vec<f64>, FieldError> {
    let first = root.get(list)?.items()?.first().and_then(|event| event.find(number));
    let untold = match first.map(|number| number.whole()).transpose()? {
        Some(2) => setup()?,
        _ => None,
    };
    Ok(untold.into_iter().chain(times(root, list)?).collect())
}

/// Whether the rig noted an event.
pub(super) fn happened(root: &JsonNode, event: &str) -> Result<bool, FieldError> {
    let events = root.find("events").map_or(Ok(vec![]), |events| events.items())?;
    Ok(events.iter().any(|entry| entry.find("event").is_some_and(|name| name.text() == Ok(event))))
}
