//! Lines of KubeVirt's virt-launcher: JSON, or the text after it; with those of its virt-handler between.

use std::collections::BTreeMap;

use serde_json::Value;

use super::amount::{after, between, bytes, number};
use super::job::{EndWords, LoggedJob, LoggedJobs, end_in};
use super::{LogForm, LoggedLook, sighting_of, stamp, virt_handler};
use crate::compare::parts::TraceProblem;
use crate::compare::sighting::Sighting;
use crate::compare::told::{LogGap, Told, ToldEnd};
use crate::units::PAGE_SIZE;

/// The log of a virt-launcher.
pub(super) const FORM: LogForm = LogForm { name: "log of KubeVirt's virt-launcher", is_line, read };

const INFO: &str = "igration info for ";
/// How a line says that it is over; the first that fits.
const ENDS: [EndWords; 8] = [
    ("ive migration stuck for", ToldEnd::Stuck),
    ("ive migration is not completed after", ToldEnd::TimedOut),
    ("borting migration: not completed after", ToldEnd::TimedOut),
    ("ive migration aborted because implied downtime", ToldEnd::Stuck),
    ("ive migration abort succeeded", ToldEnd::Cancelled),
    ("igration aborted by user", ToldEnd::Cancelled),
    ("ive migration succe", |_| ToldEnd::Completed),
    ("ive migration failed", ToldEnd::Failed),
];

pub(super) fn is_line(line: &str) -> bool {
    (line.contains(INFO) && line.contains("TimeElapsed:"))
        || end_in(&ENDS, line).is_some()
        || virt_handler::is_line(line)
}

fn read(text: &str) -> Result<Vec<LoggedJob>, TraceProblem> {
    let mut told = Told::of(FORM.name, Some("kubevirt"), &[LogGap::Throttle]);
    told.rounding = Some("amounts are whole MiB, rates whole Mbit/s");
    let mut jobs = LoggedJobs::new(told, true);
    let mut last = String::new();
    // VMIs by what the lines of figures call the migration.
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let mut tales = Vec::new();
    for line in text.lines().filter(|line| is_line(line)) {
        if virt_handler::is_line(line) {
            virt_handler::hear(&mut tales, line);
            continue;
        }
        let entry: Option<Value> = serde_json::from_str(line.trim()).ok();
        let field = |name: &str| entry.as_ref().and_then(|entry| entry.get(name)).and_then(Value::as_str);
        let clock = field("timestamp").and_then(stamp::of).or_else(|| stamp::split(line).0);
        let message = field("msg").unwrap_or(line);
        if let Some(subject) = between(message, INFO, &[':', ' ']) {
            last = subject.to_owned();
            if let Some(name) = field("name") {
                names.insert(last.clone(), name.to_owned());
            }
        }
        if let Some((sighting, elapsed_ms)) = info(message) {
            super::room(jobs.looks(), text, line)?;
            jobs.look(&last, LoggedLook { clock, elapsed_ms, sighting });
        } else if let (Some((words, end)), Some(job)) = (end_in(&ENDS, message), jobs.of(&last)) {
            let reason = field("reason").map_or(String::new(), |reason| format!(": {reason}"));
            job.close(end(message.trim().to_owned() + &reason), clock, after(message, words).filter(|s| *s < 1e7));
        }
    }
    let mut jobs: Vec<LoggedJob> = jobs.all().into_iter().map(in_bits).collect();
    virt_handler::lay(tales, &mut jobs, |job| names.get(job.told.subject.as_deref()?).cloned());
    Ok(jobs)
}

/// The figures of a line, and the time since the start [ms].
fn info(message: &str) -> Option<(Sighting, Option<f64>)> {
    let text = |name: &str| between(message, &format!("{name}:"), &[' ']);
    let size = |name| text(name).and_then(bytes);
    let whole = |name| text(name).and_then(number).map(|count| count as u64);
    let rate = |name| text(name).and_then(|text| text.trim_end_matches("Mbps").parse::<f64>().ok());
    let elapsed_ms = text("TimeElapsed").and_then(|text| text.trim_end_matches("ms").parse::<f64>().ok())?;
    let mut sighting = sighting_of(size("MemoryProcessed")? as u64, size("MemoryRemaining")? as u64);
    sighting.total = size("MemoryTotal").map(|bytes| bytes as u64);
    sighting.pass = whole("Iteration").unwrap_or(1);
    (sighting.normal, sighting.duplicate) = (whole("NormalPages"), whole("ConstantPages"));
    sighting.bandwidth = rate("MemoryBandwidth").unwrap_or(0.0).clamp(0.0, 1e9) * MBIT;
    sighting.dirty_pages_rate = (rate("DirtyRate").unwrap_or(0.0).clamp(0.0, 1e9) * MBIT / PAGE_SIZE as f64) as u64;
    sighting.post_copied = whole("PostcopyRequests").is_some_and(|requests| requests > 0);
    Some((sighting, Some(elapsed_ms).filter(|ms| (0.0..=1e12).contains(ms))))
}

/// [bytes/s]
const MBIT: f64 = 1e6 / 8.0;
/// Older releases divide where they should multiply.
const TOO_LOW: f64 = 64.0;

/// Takes rates for what they are: in releases before April 2022 "Mbps" is bytes / 8 / 10^6, 64 times too low. What was
/// sent since the start tells.
fn in_bits(mut job: LoggedJob) -> LoggedJob {
    let mean = job.looks.last().and_then(|look| Some(look.sighting.transferred as f64 / look.elapsed_ms? * 1e3));
    let said = job.looks.iter().map(|look| look.sighting.bandwidth).fold(0.0, f64::max);
    if said > 0.0 && mean.is_some_and(|mean| mean > 8.0 * said) {
        for look in &mut job.looks {
            look.sighting.bandwidth *= TOO_LOW;
            look.sighting.dirty_pages_rate = (look.sighting.dirty_pages_rate as f64 * TOO_LOW) as u64;
        }
        job.told.rounding = Some(
            "amounts are whole MiB; what was sent shows that rates are 64 times what the lines call Mbps, as in KubeVirt \
             before April 2022, so they are known to 64 Mbit/s",
        );
    }
    job
}
