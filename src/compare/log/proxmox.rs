//! Task logs of Proxmox VE, as they are since 6.3 and as they were before.

use super::amount::{after, between, bytes};
use super::job::{LoggedJob, LoggedJobs};
use super::{LogForm, LoggedLook, sighting_of, stamp};
use crate::compare::parts::TraceProblem;
use crate::compare::sighting::Sighting;
use crate::compare::told::{LogGap, Told, ToldEnd};
use crate::units::PAGE_SIZE;

/// The log of a migration task.
pub(super) const FORM: LogForm = LogForm { name: "Proxmox task log", is_line, read };

const START: &str = "start migrate command to";
const NEW: &str = "migration active, transferred ";
const OLD: &str = "migration status: active (transferred";
const OTHERS: [&str; 6] = [
    "migration downtime limit:",
    "auto-increased downtime to continue migration:",
    "migration status: completed",
    "average migration speed:",
    "migration cachesize:",
    "migrate_set_downtime:",
];
const ERRORS: [&str; 3] = ["ERROR: online migrate failure", "ERROR: migration aborted", "TASK ERROR:"];

fn is_line(line: &str) -> bool {
    [START, NEW, OLD].iter().chain(&OTHERS).any(|words| line.contains(words))
}

fn read(text: &str) -> Result<Vec<LoggedJob>, TraceProblem> {
    let old = text.contains(OLD);
    let gaps: &[LogGap] = match old {
        true => &[LogGap::Syncs, LogGap::DirtyRate, LogGap::Throttle],
        false => &[LogGap::Syncs, LogGap::Remaining, LogGap::Throttle],
    };
    let mut told = Told::of(FORM.name, Some("proxmox"), gaps);
    told.rounding = Some("times are whole seconds, amounts have one decimal");
    let mut jobs = LoggedJobs::new(told, false);
    let (mut guest, mut start) = (String::new(), None);
    // Settings are told before the migration begins.
    let (mut limit, mut cap) = (None, None);
    for line in text.lines() {
        let (clock, line) = stamp::split(line);
        if let Some(number) = after(line, "starting migration of VM ") {
            guest = format!("VM {number}");
        }
        let set = after(line, OTHERS[0]).or_else(|| after(line, OTHERS[1]));
        limit = set.or_else(|| after(line, OTHERS[5]).map(|seconds| seconds * 1e3)).or(limit);
        cap = between(line, "migration speed limit: ", &[',']).and_then(bytes).or(cap);
        if line.contains(START) {
            jobs.begin(&guest);
            start = clock;
        }
        let elapsed_ms = clock.zip(start).map(|(now, then)| (now - then).max(0.0) * 1e3);
        if let Some(sighting) = progress(line) {
            super::room(jobs.looks(), text, line)?;
            jobs.look(&guest, LoggedLook { clock, elapsed_ms, sighting });
        }
        let Some(job) = jobs.of(&guest) else { continue };
        (job.told.downtime_limit_ms, job.told.max_bandwidth) = (limit, cap);
        ended(job, line, clock, elapsed_ms);
    }
    Ok(jobs.all())
}

/// A line of progress.
fn progress(line: &str) -> Option<Sighting> {
    if line.contains(OLD) {
        let figure = |name| after(line, name).map(|bytes| bytes as u64);
        let mut sighting = sighting_of(figure("(transferred")?, figure("remaining")?);
        sighting.total = figure("total");
        return Some(sighting);
    }
    let (sent, rest) = line[line.find(NEW)? + NEW.len()..].split_once(" of ")?;
    let mut sighting = sighting_of(bytes(sent)? as u64, 0);
    sighting.total = bytes(between(rest, "", &['V'])?).map(|total| total as u64);
    let speed = rest.split(", ").nth(1).and_then(bytes);
    sighting.bandwidth = speed.unwrap_or(0.0);
    let dirtied = between(line, "VM dirties lots of memory: ", &[',']).and_then(bytes);
    sighting.dirty_pages_rate = dirtied.map_or(0, |rate| (rate / PAGE_SIZE as f64) as u64);
    Some(sighting)
}

/// A line about the end.
fn ended(job: &mut LoggedJob, line: &str, clock: Option<f64>, elapsed_ms: Option<f64>) {
    if let Some(downtime) = after(line, "- downtime ") {
        job.close(ToldEnd::Completed, clock, elapsed_ms.map(|ms| ms / 1e3));
        if let Some(last) = job.looks.last_mut() {
            last.sighting.downtime_ms = Some(downtime);
        }
    } else if line.contains(OTHERS[2]) {
        job.close(ToldEnd::Completed, clock, None);
    } else if let Some(words) = ERRORS.iter().find(|words| line.contains(**words)) {
        let said = line[line.find(words).unwrap_or(0)..].trim().to_owned();
        let by_hand = ["interrupted by signal", "received interrupt"].iter().any(|words| said.contains(words));
        job.close(if by_hand { ToldEnd::Cancelled(said) } else { ToldEnd::Failed(said) }, clock, None);
    }
}
