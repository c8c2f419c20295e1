//! Traces of `virsh migrate` between two libvirt daemons: schema `virsh-migrate-trace/1`.
//!
//! libvirt first prepares the destination; QEMU's own migration begins shortly before the first iteration event.
//! Times are counted from that event here, so that they mean what QEMU's do.

use super::json::{FieldError, JsonNode, JsonTable};
use super::parts::{NoScenario, TraceParts};
use super::qmp::{self, Columns, counted, happened, last, time_limit, version};
use super::told::Told;
use super::workload::{self, PriorWorkload};
use super::{MigrationRecord, fate, rig, sighting};
use crate::qemu::{self, Accel, MAX_DOWNTIME_LIMIT, Version};
use crate::scenario::Scenario;
use crate::units::{Rate, Span};

/// What the field `schema` says.
pub(super) const SCHEMA: &str = "virsh-migrate-trace/1";

pub(super) fn read(root: &JsonNode) -> Result<TraceParts, FieldError> {
    let begin = iterations(root)?.first().copied();
    let begin = begin.ok_or_else(|| FieldError::new("iterations", "is empty: the migration never began"))?;
    let scenario = match not_covered(&root.get("config")?)? {
        Some(lever) => Err(NoScenario::NotCovered(lever)),
        None => Ok(scenario(root, begin)?),
    };
    let note = format!("{:.2} s in which libvirt prepared the destination are taken off all times", begin / 1e3);
    let note = release(root)?.1.into_iter().chain([note]).collect::<Vec<_>>().join("; ");
    let measured = measured(root, begin)?;
    let seen = qmp::seen(root, &COLUMNS, begin)?;
    let timeline = sighting::timeline(&seen, &measured.sync_times_ms, measured.seen_ms);
    Ok(TraceParts { scenario, measured, timeline, memory: None, note: Some(note), told: Told::default() })
}

/// When each iteration was; the first one by the first sample that has one, where no event told of it.
fn iterations(root: &JsonNode) -> Result<Vec<f64>, FieldError> {
    let first =
        || Ok(Samples::read(root)?.of("iteration")?.iter().find(|(_, count)| *count >= 1.0).map(|(t_ms, _)| *t_ms));
    counted(root, "iterations", "iteration", first)
}

const COLUMNS: Columns =
    (["iteration", "processed", "remaining", "normal_pages", "constant_pages", "dirty_rate", "throttle", "bps"], 1.0);

fn not_covered(config: &JsonNode) -> Result<Option<String>, FieldError> {
    let number = |key| config.find(key).map_or(Ok(0), |node| node.whole());
    if number("parallel")? > 0 {
        return Ok(Some("capability `multifd`".to_owned()));
    }
    let extra = config.find("extra").map_or(Ok(""), |extra| extra.text())?;
    if !extra.is_empty() {
        return Ok(Some(format!("further options of virsh migrate: {extra}")));
    }
    Ok(workload::not_covered(&config.get("guest")?)?.map(str::to_owned))
}

fn scenario(root: &JsonNode, begin: f64) -> Result<Scenario, FieldError> {
    let config = root.get("config")?;
    let baseline = baseline(root, begin)?;
    let (guest, at) = (workload::guest(&config, &baseline)?, workload::post_copy(&config)?);
    Ok(rig::scenario(guest, qemu(root, &config)?, at, time_limit(&config, begin)?))
}

/// The guest before QEMU's migration: the rig's own figure, and the samples taken while libvirt prepared.
fn baseline(root: &JsonNode, begin: f64) -> Result<PriorWorkload, FieldError> {
    let rate = root.find("baseline").and_then(|seen| seen.find("page_writes_per_s"));
    let rate = rate.map(|rate| rate.number()).transpose()?;
    let samples = Samples::read(root)?;
    let before = |(t_ms, _): &(f64, f64)| *t_ms < begin;
    let cpu: Vec<_> = samples.of("vcpu_cpu_ms")?.into_iter().filter(before).collect();
    let pages = samples.of("guest_pages")?.into_iter().rfind(before);
    let written = pages.map(|(t_ms, pages)| pages + (begin - t_ms) / 1e3 * rate.unwrap_or(0.0));
    Ok(PriorWorkload { rate, cpu: slope(&cpu), written })
}

/// The release that the recording was made with.
fn release(root: &JsonNode) -> Result<(Version, Option<String>), FieldError> {
    version(&root.get("env")?.get("versions")?.get("running hypervisor")?, "QEMU ")
}

fn qemu(root: &JsonNode, config: &JsonNode) -> Result<qemu::QemuConfig, FieldError> {
    let (version, _) = release(root)?;
    let memory = workload::memory(config)?;
    let mut qemu = qemu::QemuConfig::defaults(version, Accel::Tcg, memory);
    qemu.capabilities.auto_converge = config.find("auto_converge").map_or(Ok(false), |on| on.flag())?;
    qemu.capabilities.xbzrle = config.find("xbzrle").map_or(Ok(false), |on| on.flag())?;
    qemu.capabilities.postcopy_ram = workload::switches(config)?;
    // libvirt asks for it unless the migration is tunnelled (libvirt 9.0 src/qemu/qemu_migration_params.c).
    qemu.capabilities.return_path = true;
    qemu.setup_time = rig::setup_time(version, Accel::Tcg, qemu.dirty_log, memory);
    if let Some(mib_per_s) = config.find("bandwidth_mib_s") {
        qemu.params.max_bandwidth = Rate(mib_per_s.whole_in(0..=1 << 40)? << 20);
    }
    if let Some(limit) = config.find("downtime_limit_ms") {
        qemu.params.downtime_limit = Span::from_ms(limit.whole_in(0..=MAX_DOWNTIME_LIMIT.whole_ms())?);
    }
    if let Some(initial) = config.find("auto_converge_initial") {
        qemu.params.cpu_throttle_initial = initial.whole_in(1..=99)? as u8;
    }
    if let Some(increment) = config.find("auto_converge_increment") {
        qemu.params.cpu_throttle_increment = increment.whole_in(1..=99)? as u8;
    }
    Ok(qemu)
}

fn measured(root: &JsonNode, begin: f64) -> Result<MigrationRecord, FieldError> {
    let outcome = root.get("outcome")?;
    let job = root.find("final");
    let postcopy = happened(root, "migrate-postcopy")?;
    let verdict = fate(&outcome.get("status")?, postcopy, happened(root, "domjobabort")?)?;
    let completed = verdict.is_completed();
    let total = outcome.get(if completed { "total_time_ms" } else { "end_ms" })?;
    let total_time_ms = total.number_in(1.0..=1e12)? - begin;
    if total_time_ms <= 0.0 {
        return Err(total.fault("ends before the first iteration"));
    }
    let counter = |name, column| match job.as_ref().and_then(|job| job.find(name)) {
        Some(counter) => counter.whole().map(Some),
        None => last(root, column),
    };
    let before = root.find("baseline").and_then(|seen| seen.find("page_writes_per_s"));
    let before = before.map(|rate| rate.number()).transpose()?;
    let setup = job.as_ref().and_then(|job| job.find("setup_time"));
    Ok(MigrationRecord {
        verdict,
        total_time_ms: Some(total_time_ms),
        seen_ms: total_time_ms,
        setup_time_ms: setup.map(|setup| setup.number()).transpose()?,
        downtime_ms: outcome.find("downtime_ms").filter(|_| completed).map(|node| node.number()).transpose()?,
        dirty_sync_count: outcome.get("iterations")?.whole()?,
        throttle_max_pct: outcome.get("max_throttle_pct")?.number_in(0.0..=100.0)?,
        transferred_bytes: counter("memory_processed", "processed")?,
        normal_pages: counter("memory_normal", "normal_pages")?,
        duplicate_pages: counter("memory_constant", "constant_pages")?,
        guest_work_lost_ms: super::work_lost(before, rate_during(root, begin)?, total_time_ms),
        sync_times_ms: iterations(root)?.into_iter().map(|t_ms| t_ms - begin).collect(),
    })
}

/// The guest's rate from the first iteration to the last sample, by its own clock [page writes/s].
fn rate_during(root: &JsonNode, begin: f64) -> Result<Option<f64>, FieldError> {
    let samples = Samples::read(root)?;
    let reports: Vec<_> = samples.of("guest_ms")?.into_iter().zip(samples.of("guest_pages")?).collect();
    let during = reports.iter().filter(|((t_ms, _), _)| *t_ms >= begin).map(|((_, ms), (_, pages))| (*ms, *pages));
    Ok(slope(&during.collect::<Vec<_>>()).map(|pages_per_ms| pages_per_ms * 1e3))
}

/// The samples of a libvirt trace.
struct Samples<'a> {
    table: JsonTable<'a>,
    t_ms: Vec<Option<f64>>,
}

impl<'a> Samples<'a> {
    fn read(root: &JsonNode<'a>) -> Result<Samples<'a>, FieldError> {
        let table = JsonTable::read(root, "samples", "sample_columns")?;
        Ok(Samples { t_ms: table.column("t_ms")?, table })
    }

    /// A column against time, where it has a figure.
    fn of(&self, column: &str) -> Result<Vec<(f64, f64)>, FieldError> {
        let figures = self.table.column(column)?;
        Ok(self.t_ms.iter().zip(figures).filter_map(|(t_ms, figure)| t_ms.zip(figure)).collect())
    }
}

/// Rise per unit between the first and the last point.
fn slope(points: &[(f64, f64)]) -> Option<f64> {
    let ((x0, y0), (x1, y1)) = (points.first()?, points.last()?);
    (x1 > x0).then(|| (y1 - y0) / (x1 - x0))
}
