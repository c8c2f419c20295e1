//! Lines of oVirt's vdsm.

use super::amount::{after, between};
use super::job::{EndWords, LoggedJob, LoggedJobs, end_in};
use super::{LogForm, LoggedLook, sighting_of, stamp};
use crate::compare::parts::TraceProblem;
use crate::compare::sighting::Sighting;
use crate::compare::told::{LogGap, Told, ToldEnd};

/// `vdsm.log`.
pub(super) const FORM: LogForm = LogForm { name: "log of vdsm", is_line, read };

const PROGRESS: &str = "Migration Progress:";
/// How a line says that it is over; the first that fits.
const ENDS: [EndWords; 4] = [
    ("Migration is stuck: Hasn't progressed in", ToldEnd::Stuck),
    ("which is exceeding the configured maximum time for migrations", ToldEnd::TimedOut),
    ("migration cancelled", ToldEnd::Cancelled),
    ("migration took", |_| ToldEnd::Completed),
];
const MIB: f64 = 1_048_576.0;

fn is_line(line: &str) -> bool {
    line.contains(PROGRESS) || end_in(&ENDS, line).is_some()
}

fn read(text: &str) -> Result<Vec<LoggedJob>, TraceProblem> {
    let mut told = Told::of(FORM.name, Some("ovirt"), &[LogGap::Throttle]);
    told.rounding = Some("amounts are whole MiB");
    let mut jobs = LoggedJobs::new(told, true);
    for line in text.lines().filter(|line| is_line(line)) {
        let clock = stamp::split(line).0;
        let marks = ["vmId='", "vmId=`", "vmId=\""];
        let subject = marks.iter().find_map(|mark| between(line, mark, &['\'', '`', '"'])).unwrap_or_default();
        if let Some(sighting) = progress(line) {
            super::room(jobs.looks(), text, line)?;
            let elapsed_ms = after(line, PROGRESS).map(|seconds| seconds * 1e3);
            jobs.look(subject, LoggedLook { clock, elapsed_ms, sighting });
        } else if let (Some((_, end)), Some(job)) = (end_in(&ENDS, line), jobs.of(subject)) {
            let from = line.find("The migration").or_else(|| line.find("Migration")).unwrap_or(0);
            let said = line[from..].trim().to_owned();
            job.close(end(said), clock, None);
        }
    }
    Ok(jobs.all())
}

/// The figures of a line; older ones tell shares alone, of which nothing follows.
fn progress(line: &str) -> Option<Sighting> {
    let size = |name| after(line, name).map(|mib| mib * MIB);
    let mut sighting = sighting_of(size("processed data:")? as u64, size("remaining data:")? as u64);
    sighting.total = size("total data:").map(|bytes| bytes as u64);
    sighting.pass = after(line, "memory iteration:").map_or(1, |count| count as u64);
    sighting.dirty_pages_rate = after(line, "dirty rate:").map_or(0, |rate| rate as u64);
    let speed = size("transfer speed")?;
    sighting.bandwidth = if line.contains("Mbps") { speed / 8.0 } else { speed };
    Some(sighting)
}
