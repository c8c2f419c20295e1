//! Golden vectors of QEMU's decisions, over the pure rule functions. Files of the same format, with lists of any
//! length, can take the place of `tests/data/vectors/throttle-vectors.json`.

use precopy::qemu::{
    AutoConverge, Capabilities, DirtyLimit, ExpectedDowntime, Params, PeriodicSync, Profile, Ramp, SyncCounts,
    SyncOccasion, Throttle, Version, Window, cpu_throttle, switchover,
};
use precopy::units::{Bytes, Pages, Rate, Span};
use serde_json::Value;

fn vectors() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/vectors/throttle-vectors.json");
    let text = std::fs::read_to_string(path).expect("the vector file is in the tree");
    serde_json::from_str(&text).expect("the vector file is JSON")
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

fn int(value: &Value, key: &str) -> u64 {
    value[key].as_u64().unwrap_or_else(|| panic!("`{key}` is a number in {value}"))
}

fn version(label: &Value) -> Version {
    let label = label.as_str().expect("a generation is text");
    label.parse().unwrap_or_else(|error| panic!("{error}"))
}

fn set(params: &mut Params, caps: &mut Capabilities, given: &Value) {
    for (key, value) in given.as_object().into_iter().flatten() {
        let percent = || value.as_u64().and_then(|v| u8::try_from(v).ok()).expect("a percentage");
        match key.as_str() {
            "auto_converge" => caps.auto_converge = value.as_bool().expect("a switch"),
            "dirty_limit" => caps.dirty_limit = value.as_bool().expect("a switch"),
            "cpu_throttle_initial" => params.cpu_throttle_initial = percent(),
            "cpu_throttle_increment" => params.cpu_throttle_increment = percent(),
            "max_cpu_throttle" => params.max_cpu_throttle = percent(),
            "throttle_trigger_threshold" => params.throttle_trigger_threshold = percent(),
            "cpu_throttle_tailslow" => params.cpu_throttle_tailslow = value.as_bool().expect("a switch"),
            other => panic!("the vectors set `{other}`, which this test does not know"),
        }
    }
}

/// The generation of a case, or the newest one that all cases held for when none was named.
fn generation(case: &Value) -> Version {
    case.get("generation").map_or(Version::new(10, 2), version)
}

/// What a sync is taken for; a pass where it is not said.
fn occasion(name: &Value) -> SyncOccasion {
    match name.as_str() {
        Some("setup") => SyncOccasion::Setup,
        Some("pass") | None => SyncOccasion::Pass,
        Some("timer") => SyncOccasion::Timer,
        Some("stop") => SyncOccasion::Stop,
        Some(other) => panic!("the vectors take a sync for `{other}`, which this test does not know"),
    }
}

fn decisions(case: &Value) -> Vec<String> {
    let version = version(&case["generation"]);
    let profile = Profile::of(version);
    let (mut params, mut caps) = (Params::defaults(version), Capabilities::default());
    set(&mut params, &mut caps, &case["params"]);
    let mut auto_converge = AutoConverge::default();
    let mut faults = Vec::new();
    for (number, step) in list(case, "steps").iter().enumerate() {
        if step.get("new_migration").is_some() {
            auto_converge.new_migration(&profile);
            continue;
        }
        if let Some(given) = step.get("set_params") {
            set(&mut params, &mut caps, given);
            continue;
        }
        let end_ms = int(step, "t_ms");
        let sync = SyncCounts {
            begin_ms: step["t_begin_ms"].as_u64().unwrap_or(end_ms),
            end_ms,
            transferred: int(step, "bytes_transferred_total"),
            pages: Pages(int(step, "dirty_pages_new")),
            counts: occasion(&step["sync"]).counts(&profile),
        };
        let period = auto_converge.sync(&profile, &params, caps, sync);
        for (key, want) in step["expect"].as_object().into_iter().flatten() {
            let got = match key.as_str() {
                "gate" => Value::from(period.is_some()),
                "hit" => Value::from(period.is_some_and(|p| p.hit)),
                "fired" => Value::from(period.is_some_and(|p| p.fired)),
                "high_cnt" => Value::from(auto_converge.hits()),
                "throttle_pct" => Value::from(auto_converge.throttle_pct()),
                "throttle_on" => Value::from(auto_converge.fixed_throttle()),
                "dirty_pages_rate" => Value::from(auto_converge.dirty_pages_rate()),
                "dirty_sync_count" => Value::from(auto_converge.sync_count()),
                "bytes_xfer_period" => bytes(period.map(|p| p.sent_bytes)),
                "bytes_dirty_period" => bytes(period.map(|p| p.dirty_bytes)),
                "bytes_threshold" => bytes(period.map(|p| p.limit_bytes)),
                "dirty_limit_calls" => Value::from(auto_converge.dirty_limit_calls()),
                other => panic!("the vectors expect `{other}`, which this test does not know"),
            };
            if got != *want {
                faults.push(format!("{} step {number}: {key} is {got}, expected {want}", case["id"]));
            }
        }
    }
    faults
}

fn bytes(value: Option<i128>) -> Value {
    value.map_or(Value::Null, |v| Value::from(i64::try_from(v).expect("vectors fit 64 bits")))
}

fn ramp(version: Version) -> Ramp {
    match Profile::of(version).throttle {
        Throttle::Ramp(ramp) => ramp,
        Throttle::Fixed => panic!("{version} has no percentage"),
    }
}

fn timing(row: &Value) -> Vec<String> {
    let pct = u8::try_from(int(row, "pct")).expect("a percentage");
    [
        ("sleep_ns_since_4_2", cpu_throttle::sleep(pct, ramp(Version::new(4, 2))).0),
        ("sleep_us_until_4_1", cpu_throttle::sleep(pct, ramp(Version::new(4, 1))).0 / 1000),
        ("timer_period_ns", cpu_throttle::period(pct).0),
        ("nominal_run_share_pct", 100 - u64::from(pct)),
    ]
    .into_iter()
    .filter(|(key, got)| int(row, key) != *got)
    .map(|(key, got)| format!("at {pct} %: {key} is {got}, expected {}", row[key]))
    .collect()
}

fn threshold(case: &Value) -> Vec<String> {
    let version = generation(case);
    let profile = Profile::of(version);
    let mut params = Params::defaults(version);
    params.downtime_limit = Span::from_ms(int(case, "downtime_limit_ms"));
    params.avail_switchover_bandwidth = Rate(int(case, "avail_switchover_bandwidth"));
    let window = Window { transferred: Bytes(int(case, "window_bytes")), spent: Span::from_ms(int(case, "window_ms")) };
    let estimate = window.estimate(&profile, &params);
    let pending = Bytes(int(case, "dirty_bytes_last_sync"));
    let expected = match profile.expected_downtime {
        ExpectedDowntime::AtQuery => Some(estimate.expected_at_query(pending).unwrap_or(i64::MAX as u64)),
        _ => window.expected_downtime(&estimate, 1, pending),
    };
    let mut faults = Vec::new();
    let mut check = |key: &str, got: Value| {
        if case[key] != got {
            faults.push(format!("{}: {key} is {got}, expected {}", case["id"], case[key]));
        }
    };
    check("threshold_size", Value::from(estimate.threshold_size));
    check("mbps", Value::from(estimate.mbps));
    check("expected_downtime_ms", expected.map_or(Value::Null, Value::from));
    faults
}

/// Steps of the migration thread: what remains before the sync that may come, and after it.
fn steps(case: &Value) -> Vec<String> {
    let profile = Profile::of(generation(case));
    let threshold = Bytes(int(case, "threshold_size"));
    let postcopy_ram = case["postcopy_ram"].as_bool().unwrap_or(false);
    let mut faults = Vec::new();
    for (number, step) in list(case, "steps").iter().enumerate() {
        let sync = switchover::sync_wanted(&profile, Bytes(int(step, "remaining")), threshold, postcopy_ram);
        let left = int(step, if sync { "remaining_after_sync" } else { "remaining" });
        let completes = switchover::complete(&profile, Bytes(left), threshold);
        if step["expect_sync"] != sync || step["expect_complete"] != completes {
            faults.push(format!("{} step {number}: sync {sync}, complete {completes}, expected {step}", case["id"]));
        }
    }
    faults
}

/// `dirty-sync-count` and the passes that events tell of, over the syncs of a migration.
fn counts(case: &Value) -> Vec<String> {
    let profile = Profile::of(generation(case));
    let (mut count, mut told) = (0, Vec::new());
    for sync in list(case, "syncs").iter().map(occasion) {
        count += u64::from(sync.counts(&profile));
        told.extend(sync.is_told(&profile).then_some(count));
    }
    let mut faults = Vec::new();
    for (key, got) in [("expect_dirty_sync_count", Value::from(count)), ("expect_migration_pass", Value::from(told))] {
        if case[key] != got {
            faults.push(format!("{}: {key} is {got}, expected {}", case["id"], case[key]));
        }
    }
    faults
}

fn periodic(case: &Value) -> Vec<String> {
    let counts_timer = u64::from(SyncOccasion::Timer.counts(&Profile::of(generation(case))));
    let natural: Vec<u64> = list(case, "natural_sync_ms").iter().map(|t| t.as_u64().expect("a time")).collect();
    let mut timer = PeriodicSync::default();
    let (mut timer_syncs, mut faults) = (0, Vec::new());
    for tick in list(case, "ticks") {
        let now = int(tick, "tick_ms");
        let count = natural.iter().filter(|t| **t <= now).count() as u64 + timer_syncs;
        let wanted = timer.wants_sync(count);
        timer_syncs += u64::from(wanted) * counts_timer;
        let count = count + u64::from(wanted) * counts_timer;
        timer.end_tick(count);
        if tick["timer_sync"] != wanted || tick["dirty_sync_count"] != count {
            faults.push(format!("{} at {now} ms: sync {wanted}, count {count}, expected {tick}", case["id"]));
        }
    }
    faults
}

fn dirty_limit(case: &Value) -> Vec<String> {
    let steps = list(case, "steps");
    let vcpu = |step| usize::try_from(int(step, "cpu")).expect("a vCPU");
    let mib = |step, key| Rate(int(step, key) << 20);
    let vcpus = steps.iter().map(vcpu).max().map_or(0, |last| last + 1);
    let mut limit = DirtyLimit::new(Pages(int(case, "dirty_ring_entries")), vcpus);
    let mut faults = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        let sleep = limit.adjust(vcpu(step), mib(step, "quota_mib_s"), mib(step, "measured_mib_s"));
        if sleep.0 / 1000 != int(step, "expect_sleep_us") {
            faults.push(format!("{} step {number}: sleep is {sleep}, expected {step}", case["id"]));
        }
    }
    faults
}

/// Checks one entry of the file and words what does not hold.
type Check = fn(&Value) -> Vec<String>;

#[test]
fn throttle_vectors() {
    let vectors = vectors();
    let mut checked = 0;
    let mut faults = Vec::new();
    let kinds: [(&str, Check); 7] = [
        ("cases", decisions),
        ("cpu_throttle_timing", timing),
        ("dirty_limit_cases", dirty_limit),
        ("switchover_cases", threshold),
        ("step_cases", steps),
        ("sync_count_cases", counts),
        ("periodic_sync_cases", periodic),
    ];
    for (key, check) in kinds {
        for case in list(&vectors, key) {
            checked += 1;
            faults.extend(check(case));
        }
    }
    assert!(faults.is_empty(), "{} faults in {checked} cases:\n{}", faults.len(), faults.join("\n"));
    assert!(checked > 0, "the vector file holds no case");
    println!("{checked} vectors hold");
}
