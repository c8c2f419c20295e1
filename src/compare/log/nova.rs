//! Lines of nova-compute: progress every 5 s or 30 s, steps of the downtime, and the end.

use super::amount::{after, between};
use super::job::{EndWords, LoggedJob, LoggedJobs, end_in};
use super::{LogForm, LoggedLook, sighting_of, stamp};
use crate::compare::parts::TraceProblem;
use crate::compare::told::{LogGap, Told, ToldEnd};

/// `nova-compute.log`.
pub(super) const FORM: LogForm = LogForm { name: "log of nova-compute", is_line, read };

const RUNNING: &str = "Migration running for";
const DOWNTIME: &str = "Increasing downtime to";
/// How a line says that it is over; the first that fits.
const ENDS: [EndWords; 6] = [
    ("Live migration not completed after", ToldEnd::TimedOut),
    ("Live migration stuck for", ToldEnd::Stuck),
    ("Migration operation has completed", |_| ToldEnd::Completed),
    ("Migration operation was cancelled", ToldEnd::Cancelled),
    ("Migration operation has been cancelled", ToldEnd::Cancelled),
    ("Migration operation has aborted", ToldEnd::Failed),
];

fn is_line(line: &str) -> bool {
    line.contains("instance: ")
        && ([RUNNING, DOWNTIME].iter().any(|words| line.contains(words)) || end_in(&ENDS, line).is_some())
}

fn read(text: &str) -> Result<Vec<LoggedJob>, TraceProblem> {
    let gaps = [LogGap::Syncs, LogGap::DirtyRate, LogGap::Throttle];
    let mut jobs = LoggedJobs::new(Told::of(FORM.name, Some("nova"), &gaps), false);
    let mut limits: Vec<(String, f64)> = Vec::new();
    for line in text.lines().filter(|line| is_line(line)) {
        let clock = stamp::split(line).0;
        let subject = between(line, "instance: ", &[']', ' ']).unwrap_or_default();
        if let Some(ms) = after(line, DOWNTIME) {
            limits.retain(|(of, _)| of != subject);
            limits.push((subject.to_owned(), ms));
        } else if line.contains(RUNNING) {
            let figure = |name| after(line, name).map(|bytes| bytes as u64);
            // The first line may come before there are statistics: then all of nothing remains.
            let Some(total) = figure("total=").filter(|total| *total > 0) else { continue };
            let mut sighting = sighting_of(figure("processed=").unwrap_or(0), figure("remaining=").unwrap_or(0));
            sighting.total = Some(total);
            let elapsed_ms = after(line, RUNNING).map(|seconds| seconds * 1e3);
            super::room(jobs.looks(), text, line)?;
            jobs.look(subject, LoggedLook { clock, elapsed_ms, sighting });
        } else if let (Some((words, end)), Some(job)) = (end_in(&ENDS, line), jobs.of(subject)) {
            let said = line[line.find(words).unwrap_or(0)..].trim().to_owned();
            job.close(end(said), clock, after(line, words));
        }
        if let (Some((_, ms)), Some(job)) = (limits.iter().find(|(of, _)| of == subject), jobs.of(subject)) {
            job.told.downtime_limit_ms = Some(*ms);
        }
    }
    Ok(jobs.all())
}
