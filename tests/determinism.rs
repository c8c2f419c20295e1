//! The same scenario and seed give the same bytes, and only the exact memory draws anything.

mod files;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use files::files;
use precopy::guest::Law;
use precopy::scenario::Input;
use serde_json::Value;

/// Every shipped scenario, in order of name.
fn scenarios() -> Vec<PathBuf> {
    let paths = files("scenarios", "toml");
    assert!(paths.len() >= 6, "{paths:?}");
    paths
}

/// Most page writes of a run, which is what the exact memory spends its time on: the build server makes 18 million a
/// second.
const WRITES: f64 = 4e8;

/// Where nothing converges, some minutes show as much as an hour, and so many writes do.
fn limit(scenario: &Path) -> String {
    let loaded = Input::from_file(scenario, &[]).unwrap().load().unwrap();
    let rate: f64 = loaded.scenario.guest.workloads.iter().map(|workload| workload.rate.0).sum();
    format!("limits.time={} s", (WRITES / rate).min(240.0) as u64)
}

/// The report and the timeline that `precopy run` writes with that memory and seed.
fn written(scenario: &Path, memory: &str, seed: u64) -> (String, String) {
    let folder = tempfile::tempdir().unwrap();
    let timeline = folder.path().join("timeline.csv");
    let output = Command::new(env!("CARGO_BIN_EXE_precopy"))
        .env_remove("COLUMNS")
        .arg("run")
        .arg(scenario)
        .args(["--format", "json", "--memory", memory, "--seed", &seed.to_string()])
        .args(["--set", &limit(scenario), "--timeline"])
        .arg(&timeline)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}: {}", scenario.display(), String::from_utf8_lossy(&output.stderr));
    (String::from_utf8(output.stdout).unwrap(), fs::read_to_string(&timeline).unwrap())
}

/// A JSON report without the seed that its figures are said to come from.
fn figures(json: &str) -> Value {
    let mut record: Value = serde_json::from_str(json).unwrap();
    for key in ["seed", "command"] {
        assert!(record.as_object_mut().unwrap().remove(key).is_some(), "{json}");
    }
    record
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    for scenario in scenarios() {
        for memory in ["expected", "exact"] {
            let (json, timeline) = written(&scenario, memory, 7);
            assert!(json.contains("total_time_ms") && timeline.lines().count() > 2, "{}", scenario.display());
            let (again, timeline_again) = written(&scenario, memory, 7);
            assert_eq!(json, again, "{}, {memory}", scenario.display());
            assert!(timeline == timeline_again, "timelines of {}, {memory}", scenario.display());
        }
    }
}

#[test]
fn another_seed_changes_what_is_drawn_and_nothing_else() {
    let mut drawn = 0;
    for scenario in scenarios() {
        let run = |memory, seed| figures(&written(&scenario, memory, seed).0);
        let expected = run("expected", 1);
        assert_eq!(expected, run("expected", 2), "{}", scenario.display());
        // A sequential writer has nothing to draw, and what is drawn shows in the log from the second sync on.
        let loaded = Input::from_file(&scenario, &[]).unwrap().load().unwrap();
        let random = |law: &Law| !matches!(law, Law::Idle | Law::Sequential { .. });
        // Where post-copy begins before anything was sent, all pages are missing, whichever were written.
        let ms = |figure: &str| expected[figure].as_f64().unwrap_or(0.0);
        let draws = loaded.scenario.guest.workloads.iter().any(|workload| random(&workload.law))
            && ms("dirty_sync_count") > 1.0
            && ms("total_time_ms") - ms("postcopy_time_ms") > 100.0;
        assert_eq!(run("exact", 1) != run("exact", 2), draws, "{}", scenario.display());
        drawn += u32::from(draws);
    }
    assert!(drawn >= 4, "only {drawn} scenarios draw anything");
}
