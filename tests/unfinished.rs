//! Recordings of migrations that were not over, or were none: no reader makes an end up.

use std::path::Path;
use std::process::Command;

use precopy::compare::{Fate, Trace, TraceComparison};
use precopy::scenario::{Input, Scenario};
use precopy::sim::Options;

const BASE: &str = r#"
[guest]
memory = "16 GiB"
vcpus = 4
[[guest.workload]]
kind = "uniform"
region = "2 GiB"
rate = "20000 pages/s"
[link]
bandwidth = "10 Gbit/s"
[qemu]
version = "8.2"
max-bandwidth = 0
"#;

fn base() -> Scenario {
    Input::new("base.toml", BASE, &[]).unwrap().load().unwrap().scenario
}

fn log(name: &str) -> Trace {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/logs").join(name);
    Trace::read(&path).unwrap_or_else(|error| panic!("{error}"))
}

fn parsed(text: &str) -> Result<Trace, String> {
    Trace::parse("log", text.as_bytes()).map_err(|problem| problem.to_string())
}

/// An answer of `query-migrate` in a status; of the destination's side and of an end by force there is no `ram`.
fn answer(status: &str, ms: u64, pass: u64, more: &str) -> String {
    format!(
        "{{\"return\": {{\"status\": \"{status}\", \"total-time\": {ms}, \"ram\": {{\"remaining\": 5000000, \"transferred\": \
         900000, \"dirty-sync-count\": {pass}{more}}}}}}}\n"
    )
}

fn rawstats(kind: u32, operation: u32, ms: u64, more: &str) -> String {
    format!(
        "Job type: {kind}\noperation: {operation}\ntime_elapsed: {ms}\nmemory_remaining: 5000000\nmemory_iteration: \
         2\nmemory_processed: 900000\n{more}\n"
    )
}

/// Every status of QEMU from 1.6 to 10.2, and what is known of the end when it was the last that was seen.
#[test]
fn the_last_status_says_how_it_ended_and_nothing_else_does() {
    for (status, fate) in [
        ("active", Fate::Running),
        ("wait-unplug", Fate::Running),
        ("pre-switchover", Fate::Running),
        ("device", Fate::Running),
        ("postcopy-active", Fate::PostCopyRunning),
        ("postcopy-device", Fate::PostCopyRunning),
        ("postcopy-paused", Fate::PostCopyRunning),
        ("postcopy-recover-setup", Fate::PostCopyRunning),
        ("postcopy-recover", Fate::PostCopyRunning),
        ("completed", Fate::Converged),
        ("cancelling", Fate::Cancelled),
        ("cancelled", Fate::Cancelled),
        ("failed", Fate::Failed),
    ] {
        for before in ["", &answer("active", 1000, 1, "")] {
            let trace = parsed(&(before.to_owned() + &answer(status, 2000, 2, ""))).unwrap();
            assert_eq!(trace.measured.verdict, fate, "{status}");
            assert_eq!(trace.measured.total_time_ms, fate.is_over().then_some(2000.0), "{status}");
        }
    }
    // Before the first byte nothing is known, and of a status that nobody knows even less.
    assert!(parsed(&answer("setup", 3, 0, "")).unwrap_err().contains("no statistics of a migration under way"));
    for status in ["dancing", "colo", ""] {
        let problem = parsed(&answer(status, 2000, 2, "")).unwrap_err();
        assert!(problem.contains("must be a status of a migration in a release up to QEMU 10.2"), "{problem}");
    }
    let destination = parsed("{\"return\": {\"status\": \"completed\", \"total-time\": 5}}").unwrap_err();
    assert!(destination.contains("is the destination's answer; ask the source"), "{destination}");
}

#[test]
fn a_migration_whose_pages_were_asked_for_was_post_copy() {
    let requests = ", \"postcopy-requests\": 812";
    for (text, fate) in [
        (answer("completed", 2000, 3, requests), Fate::PostCopy),
        (answer("completed", 2000, 3, ", \"postcopy-requests\": 0"), Fate::Converged),
        (answer("completed", 2000, 3, ", \"postcopy-bytes\": 4096"), Fate::PostCopy),
        (answer("active", 1000, 2, requests) + &answer("completed", 2000, 3, ""), Fate::PostCopy),
        (rawstats(3, 5, 2000, "memory_postcopy_requests: 9"), Fate::PostCopy),
        (rawstats(2, 5, 2000, "memory_postcopy_requests: 9"), Fate::PostCopyRunning),
        (rawstats(2, 5, 2000, "memory_postcopy_requests: 0"), Fate::Running),
        (rawstats(3, 0, 2000, ""), Fate::Converged),
        (rawstats(4, 5, 2000, ""), Fate::Failed),
        (rawstats(5, 5, 2000, ""), Fate::Cancelled),
    ] {
        assert_eq!(parsed(&text).unwrap().measured.verdict, fate, "{text}");
    }
}

/// Everything that libvirt counts in the same figures as a migration.
#[test]
fn statistics_of_another_job_are_refused() {
    for (operation, what) in [
        (1, "a start"),
        (2, "a save to disk"),
        (3, "a restore from disk"),
        (4, "a migration to this host; ask the host that it comes from"),
        (6, "a snapshot"),
        (7, "a snapshot that is reverted"),
        (8, "a dump to disk"),
        (9, "a backup"),
        (10, "a snapshot that is deleted"),
    ] {
        for kind in [2, 3, 5] {
            let problem = parsed(&rawstats(kind, operation, 2000, "")).unwrap_err();
            assert_eq!(problem, format!("line 2, column 12: no migration: statistics of {what}"));
        }
    }
    assert!(parsed(&rawstats(2, 99, 2000, "")).unwrap_err().contains("operation 99 is none of libvirt's"));
}

#[test]
fn what_was_not_seen_is_not_made_up() {
    // A log that begins late knows the time of no sync.
    let late = parsed(&(answer("active", 41_000, 14, "") + &answer("active", 42_000, 15, ""))).unwrap().measured;
    assert_eq!((late.dirty_sync_count, late.sync_times_ms), (15, vec![]));
    // A block that was cut off before its counters is no look.
    let whole = rawstats(2, 5, 2000, "");
    let cut = parsed(&(whole.clone() + "\nJob type: 2\noperation: 5\ntime_elapsed: 3000\n")).unwrap();
    assert_eq!((cut.measured.verdict, cut.measured.seen_ms), (Fate::Running, 2000.0));
    // Of several migrations the first is taken, and that is said.
    let two =
        parsed(&(answer("active", 2000, 2, "") + &answer("cancelled", 2500, 2, "") + &answer("active", 9, 1, "")));
    let two = two.unwrap();
    assert_eq!(two.measured.verdict, Fate::Cancelled);
    assert_eq!(two.note.as_deref(), Some("migration 1 of the 2 in this log; `--nth N` is another one"));
    assert_eq!(parsed(&(answer("active", 1000, 1, "") + &answer("active", 2000, 2, ""))).unwrap().note, None);
}

#[test]
fn a_comparison_holds_of_a_running_migration_what_can_be_held() {
    for (name, fate) in [("one-look-running.json", Fate::Running), ("post-copy-running.json", Fate::PostCopyRunning)] {
        let trace = log(name).with_scenario(base());
        let seen = trace.measured.seen_ms;
        let comparison = TraceComparison::of(trace, &Options::default());
        let error = comparison.error.as_ref().unwrap();
        assert_eq!((comparison.measured.verdict, comparison.measured.total_time_ms), (fate, None), "{name}");
        assert_eq!((error.verdict, error.total_time_ms, error.total_time_pct), (None, None, None), "{name}");
        let predicted = comparison.predicted.as_ref().unwrap();
        assert!(predicted.seen_ms <= seen + 1.0, "{name}: {predicted:?}");
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("base.toml"), BASE).unwrap();
    let typed = |words: &[&str]| {
        let log = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/logs/one-look-running.json");
        let mut command = Command::new(env!("CARGO_BIN_EXE_precopy"));
        let command = command.current_dir(folder.path()).args(words).arg(log);
        let output = command.args(["--scenario", "base.toml"]).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, text, _) = typed(&["compare"]);
    assert_eq!(code, Some(0));
    assert!(text.contains("running at the last look, 41.00 s after its start: no verdict and no total time"), "{text}");
    assert!(text.contains("the end of none was seen") && !text.contains("total time off"), "{text}");
    let (_, rows, _) = typed(&["compare", "--format", "csv"]);
    assert!(rows.lines().nth(1).unwrap().starts_with("one-look-running,running,,"), "{rows}");
    let (code, _, complaint) = typed(&["compare", "--tolerance", "50"]);
    assert_eq!(code, Some(1), "what nobody saw is within no tolerance: {complaint}");
}
