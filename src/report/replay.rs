//! What is said of a real migration.

use std::fmt::Write as _;

use crate::compare::TraceComparison;
use crate::compare::recording::Recording;
use crate::metrics;
use crate::orchestrator::Policy;
use crate::replay::{Domain, JobSeen, MigrationRequest};
use crate::scenario::{At, Scenario};
use crate::sim::Verdict;
use crate::sink::terminal;
use crate::units::{Bytes, PageRate, Span};

/// Everything that libvirt has no word for.
pub fn refused(reasons: &[String]) -> String {
    format!("libvirt cannot do what the scenario asks for:\n  {}", reasons.join("\n  "))
}

/// What would be done.
pub fn dry_run(request: &MigrationRequest, domain: &str, policy: Option<&Policy>, at: &[At]) -> String {
    let mut text = String::from("Would call:\n");
    for call in request.calls(domain) {
        let _ = writeln!(text, "  {call}");
    }
    if let Some(policy) = policy {
        let _ = writeln!(text, "\nThen, as {} (a poll every {}):", policy.name, policy.poll.period);
        for rule in policy.rules.iter().filter(|rule| !rule.why.is_empty()) {
            let _ = writeln!(text, "  {}", rule.why);
        }
    }
    if !at.is_empty() {
        let _ = writeln!(text, "\nAnd {} commands of `[[at]]`.", at.len());
    }
    terminal::lines(&(text + "\nNothing was done.\n")).into_owned()
}

/// Where the scenario predicts for another domain than this one.
pub fn unlike(domain: &Domain, scenario: &Scenario) -> Vec<String> {
    let mut differences = Vec::new();
    let (version, (major, minor)) = (scenario.qemu.version, domain.qemu);
    if (u32::from(version.major), u32::from(version.minor)) != (major, minor) {
        differences.push(format!(
            "the host runs QEMU {major}.{minor}, and the scenario predicts for {version}; \
             `--set qemu.version={major}.{minor}` would say so"
        ));
    }
    let memory = scenario.guest.memory.bytes();
    // libvirt counts RAM alone, and a scenario may have the firmware's too.
    if memory < domain.memory || memory.0 - domain.memory.0 > FIRMWARE {
        differences.push(format!(
            "`{}` has {} of memory, and the scenario predicts for {memory}; `--set \"guest.memory={} B\"` would say so",
            domain.name, domain.memory, domain.memory.0
        ));
    }
    differences
}

/// RAM of firmware and devices beside the guest's own [bytes].
const FIRMWARE: u64 = 64 << 20;

/// The question before anything is done.
pub fn question(domain: &Domain, source: &str, request: &MigrationRequest) -> String {
    let asked = format!(
        "Migrate `{}` ({} of memory, {} vCPUs, {}) from {source} to {}?",
        domain.name, domain.memory, domain.vcpus, domain.state, request.dest_uri
    );
    terminal::word(&asked).into_owned()
}

/// A line on the migration under way.
pub fn progress(now: Span, seen: &JobSeen) -> String {
    let job = &seen.job;
    let mut line = format!(
        "{}: pass {}, {} of {} left at {}",
        metrics::ms(now.ms()),
        job.memory_iteration,
        job.memory_remaining,
        job.memory_total,
        job.memory_bps
    );
    if job.memory_dirty_rate > 0 {
        let _ = write!(line, ", {} dirtied", PageRate(job.memory_dirty_rate as f64));
    }
    if job.auto_converge_throttle > 0.0 {
        let _ = write!(line, ", throttle {} %", job.auto_converge_throttle);
    }
    line
}

/// Where the guest is now.
pub fn whereabouts(recording: &Recording) -> String {
    match recording.source.as_str() {
        "running" => "the guest runs on at the source".to_owned(),
        "unknown" => {
            "where the guest is cannot be asked; look with `virsh list` when the daemon answers again".to_owned()
        }
        "gone" => "the guest is no longer at the source".to_owned(),
        state => format!("the guest at the source is {state}"),
    }
}

/// The file of a recording.
///
/// # Errors
/// None in practice: a recording is numbers and words.
pub fn file(recording: &Recording) -> std::io::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec(recording)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// How it went, what was done, and the prediction beside it.
pub fn text(recording: &Recording, comparison: &TraceComparison, table: &str) -> String {
    let mut text = format!("{}, {} in total", recording.verdict.as_str(), metrics::ms(recording.total_time_ms));
    if let Some(downtime) = recording.downtime_ms {
        let _ = write!(text, ", guest stopped for {}", metrics::ms(downtime));
    }
    let _ = writeln!(text, ", {} sent", Bytes(recording.transferred_bytes));
    if let Some(predicted) = comparison.predicted.as_ref().filter(|predicted| predicted.verdict != recording.verdict) {
        let _ =
            writeln!(text, "predicted was {}, after {}", predicted.verdict.as_str(), metrics::ms(predicted.seen_ms));
    }
    if recording.verdict == Verdict::Aborted || recording.failure.is_some() {
        let _ = writeln!(text, "{}", whereabouts(recording));
    }
    if !recording.actions.is_empty() {
        text.push_str("\nDone:\n");
        for deed in &recording.actions {
            let what = format!("{}: {} ({})", deed.by, deed.what, deed.why);
            let _ = writeln!(text, "{}", terminal::entry(&metrics::ms(deed.t_ms), &what));
        }
    }
    terminal::lines(&(text + "\n" + table)).into_owned()
}
