//! Whatever a scenario file may ask for: every key at its bounds and in between, in any company. Nothing panics or hangs,
//! and the figures hang together.
//!
//! A case is a list of `--set` flags, drawn from [`KEYS`]. Flags that do not go together are left out as the loader's
//! complaints name them, so that every case runs. `PROPTEST_CASES=100000` looks further.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use precopy::metrics::Metric;
use precopy::plot::timeline::{Migration, svg};
use precopy::qemu::{Capabilities, MonitorCommand, Params, Profile, Switchover, Throttle, Version};
use precopy::report::{Provenance, Report, csv, json, text};
use precopy::scenario::diagnostic::Source;
use precopy::scenario::{At, Input, Scenario, When};
use precopy::sim::{self, Event, Memory, Options, Outcome, Timeline, Verdict};
use precopy::units::{PAGE_SIZE, Pages, Span};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{TestError, TestRng, TestRunner};

/// What is always there, so that no case lacks what it needs.
const FILE: &str = "[guest]\nmemory = \"1 GiB\"\n[link]\nbandwidth = \"1 Gbit/s\"\n";

/// Each entry: what one choice sets, `;` between flags, and the alternatives. A `$` is where the alternative goes.
const KEYS: &[(&str, &[&str])] = &[
    ("guest.memory=$", &["4 KiB", "8 KiB", "1 MiB", "1 GiB", "3 GiB", "64 GiB", "64 TiB"]),
    ("guest.page-size=$", &["4 KiB", "2 MiB", "1 GiB"]),
    ("guest.vcpus=$", &["1", "7", "4096"]),
    ("guest.zero=$", &["0 %", "50 %", "99.999 %", "100 %"]),
    ("guest.zero-scan=$", &["1 B/s", "1 GB/s", "1000 TB/s"]),
    ("guest.fault-cost=$", &["0", "1 ns", "1 s"]),
    ("guest.rate-factor=$", &["0.001", "1000"]),
    ("guest.region-factor=$", &["0.001", "0.5", "1000"]),
    ("guest.rate-uncertainty=$", &["1", "1.5", "100"]),
    ("guest.zero=30 %;guest.least-zero=$;guest.most-zero=40 %", &["0", "30 %"]),
    ("guest.rate-spread={ law = \"$\", deviation = \"300 %\" }", &["normal", "log-normal", "gamma", "pareto"]),
    ("guest.workload.+={ kind = \"idle\", cpu = \"$\" }", &["0.001 %", "100 %"]),
    ("guest.workload.+={ kind = \"uniform\", region = \"4 KiB\", rate = $ }", &RATES),
    ("guest.workload.+={ kind = \"uniform\", region = \"512 MiB\", rate = $, changed = \"1 %\" }", &RATES),
    ("guest.workload.+={ kind = \"hot-cold\", hot = \"4 KiB\", share = \"100 %\", rate = $ }", &RATES),
    (
        "guest.workload.+={ kind = \"hot-cold\", hot = \"1 %\", share = \"99.9999 %\", cpu = \"0.001 %\", rate = $ }",
        &RATES,
    ),
    ("guest.workload.+={ kind = \"zipf\", region = \"400 MiB\", exponent = 1.3, rate = $ }", &RATES),
    ("guest.workload.+={ kind = \"sequential\", sweeps = 3, rate = $, catch-up = \"none\", cpu = \"50 %\" }", &RATES),
    (
        "guest.workload.+={ kind = \"sequential\", start = \"4 KiB\", region = \"100 MiB\", rate = $, catch-up = \"1 h\" }",
        &RATES,
    ),
    (
        "guest.workload.+={ kind = \"curve\", points = [[\"1 ms\", 10], [\"1 s\", 5000], [\"100 s\", 60000]], scale = $ }",
        &["0.5", "3"],
    ),
    (
        "guest.workload.+={ kind = \"curve\", points = [[\"1 s\", 0], [\"2 s\", 5000], [\"5 s\", 5000]], steepness = $ }",
        &["1", "2", "1000000"],
    ),
    (
        "guest.workload.+={ kind = \"uniform\", region = \"64 MiB\", rate = 1000000000, least-rate = $ }",
        &["0", "1", "1000000000"],
    ),
    (
        "guest.workload.+={ preset = \"redis-set-100k\", operations = \"$\", keys = 1000 }",
        &["0/s", "1/min", "1000000/s"],
    ),
    (
        "guest.workload.+={ $ }",
        &[
            "kind = \"phases\", repeat = true, phase = [{ time = \"10 ms\", kind = \"idle\" }, \
             { time = \"10 h\", kind = \"uniform\", region = \"64 MiB\", rate = 1000000000 }]",
            "kind = \"phases\", repeat = false, phase = [{ time = \"10 ms\", kind = \"idle\" }, \
             { time = \"10 h\", kind = \"uniform\", region = \"64 MiB\", rate = 1000000000 }]",
            "kind = \"recording\", file = \"scenarios/recordings/journal.csv\", repeat = true",
            "kind = \"recording\", file = \"scenarios/recordings/journal.csv\", repeat = false",
            "kind = \"recording\", file = \"tests/data/recordings/lackey.txt\", instructions = \"1/s\"",
            "kind = \"recording\", file = \"tests/data/recordings/lackey.txt\", instructions = \"1000000000000000/s\"",
        ],
    ),
    ("link.bandwidth=$", &BANDWIDTHS),
    ("link.bandwidth=$", &BANDWIDTHS),
    (
        "link.bandwidth=[[\"0 s\", \"10 Gbit/s\"], [\"50 ms\", \"1 B/s\"], [\"$\", \"800 Gbit/s\"]]",
        &["51 ms", "1 h", "80000 h"],
    ),
    ("link.migrations=$", &["1", "3", "10000"]),
    ("link.latency=$", &["1 ns", "10 ms", "10 s"]),
    ("link.fails-at=$", &["1 ns", "5 s", "80000 h"]),
    ("link.spread={ law = \"$\", deviation = \"1000 %\" }", &["normal", "log-normal", "gamma", "pareto"]),
    ("link.jitter={ law = \"exponential\", every = \"$\" };limits.time=100 s", &["10 ms", "1 s"]),
    ("qemu.machine-type=$", &["1.6", "5.0", "8.0"]),
    ("qemu.accel=$", &["kvm", "tcg"]),
    ("qemu.dirty-log=$", &["classic", "manual-protect", "initially-set", "ring"]),
    ("qemu.dirty-ring-size=$", &["1024", "65536"]),
    ("qemu.first-migration=$", &["true", "false"]),
    ("qemu.setup-time=$", &["0", "1 h"]),
    ("qemu.sync-time=$", &["0", "1 ns", "30 s", "1 h"]),
    ("qemu.switchover-time=$", &["0", "1 h"]),
    ("qemu.auto-converge=$", &["true", "true", "false"]),
    ("qemu.auto-converge=true", &[""]),
    ("qemu.xbzrle=true;qemu.xbzrle-cache-size=$", &["4 KiB", "1 MiB", "1 GiB"]),
    ("qemu.compress=true;qemu.compress-threads=$", &["1", "255"]),
    ("qemu.compress=true;qemu.compress-wait-thread=false;qemu.compress-level=$", &["0", "9"]),
    ("qemu.postcopy-ram=true;at.+={ time = \"$\", action = \"post-copy\" }", &["0 s", "1 s", "100 s"]),
    (
        "qemu.postcopy-ram=true;qemu.postcopy-preempt=true;at.+={ after-pass = $, action = \"post-copy\" }",
        &["1", "2", "1000"],
    ),
    ("qemu.max-postcopy-bandwidth=$", &["0", "1 B/s", "10 Gbit/s"]),
    ("qemu.return-path=true", &[""]),
    ("qemu.return-path=true;qemu.switchover-ack=true", &[""]),
    ("qemu.multifd=true;qemu.multifd-channels=$", &["1", "2", "255"]),
    ("qemu.multifd=true;qemu.multifd-channel-bandwidth=$", &["1 B/s", "1 Gbit/s", "1000 Tbit/s"]),
    ("qemu.multifd=true;qemu.zero-copy-send=true", &[""]),
    (
        "qemu.multifd=true;qemu.compression-ratio=4096;qemu.compression-bandwidth=1 GB/s;qemu.multifd-compression=$",
        &["zlib", "zstd", "qpl", "uadk", "qatzip"],
    ),
    ("qemu.multifd=true;qemu.multifd-compression=zlib;qemu.multifd-zlib-level=$", &["0", "9"]),
    ("qemu.multifd=true;qemu.multifd-compression=zstd;qemu.multifd-zstd-level=$", &["0", "20"]),
    ("qemu.multifd=true;qemu.multifd-compression=qatzip;qemu.multifd-qatzip-level=$", &["1", "9"]),
    ("qemu.compression-ratio=$", &["0.9", "1", "4096"]),
    ("qemu.compression-bandwidth=$", &["1 B/s", "1000 TB/s"]),
    ("qemu.zero-page-detection=$", &["none", "legacy", "multifd"]),
    ("qemu.tls-creds=tls0;qemu.tls-bandwidth=$", &["1 B/s", "300 MB/s", "1000 TB/s"]),
    (
        "qemu.version=10.2;qemu.dirty-log=ring;qemu.auto-converge=false;qemu.dirty-limit=true;qemu.vcpu-dirty-limit=$",
        &["1", "100", "1000000"],
    ),
    ("qemu.dirty-log=ring;qemu.dirty-limit=true;qemu.x-vcpu-dirty-limit-period=$", &["1", "1000"]),
    ("qemu.mapped-ram=true", &[""]),
    ("qemu.transport=$", &["tcp", "ssh", "libvirt-tunnel", "rdma"]),
    ("qemu.transport=rdma;qemu.rdma-pin-all=true;host.rdma-pinned=$", &["1 B/s", "1000 Tbit/s"]),
    ("host.ssh=$;qemu.transport=ssh", &["1 B/s", "1000 Tbit/s"]),
    ("host.stream=$", &["1 B/s", "1000 Tbit/s"]),
    ("host.kind=$", &["2014-xeon", "2019-xeon", "2023-epyc"]),
    ("qemu.max-bandwidth=$", &["0", "1", "10", "1 MiB/s", "1000 Tbit/s", "0", "0"]),
    ("qemu.avail-switchover-bandwidth=$", &["0", "1000", "1000 Tbit/s"]),
    ("qemu.downtime-limit=$", &["0", "1", "300", "2000000"]),
    ("qemu.cpu-throttle-initial=$;qemu.max-cpu-throttle=99", &["1", "50", "99"]),
    ("qemu.cpu-throttle-increment=$", &["1", "99"]),
    ("qemu.max-cpu-throttle=$", &["20", "60", "99"]),
    ("qemu.throttle-trigger-threshold=$", &["1", "100"]),
    ("qemu.cpu-throttle-tailslow=true", &[""]),
    ("at.+={ time = \"$\", action = \"pause\" }", &["0 s", "1 s", "100 s"]),
    ("at.+={ after-pass = $, action = \"pause\" }", &["1", "3"]),
    ("at.+={ time = \"$\", action = \"continue\" }", &["2 s", "100 s"]),
    ("at.+={ time = \"$\", action = \"abort\" }", &["0 s", "3 s", "100 s"]),
    ("at.+={ time = \"$\", set = { downtime-limit = \"2000 s\", max-bandwidth = \"10 B/s\" } }", &["0 s", "1 s"]),
    ("at.+={ after-pass = $, set = { downtime-limit = 0, max-bandwidth = 0 } }", &["1", "2"]),
    ("orchestrator.kind=nova;orchestrator.live_migration_completion_timeout=$", &["0", "1", "800"]),
    ("orchestrator.kind=nova;orchestrator.release=$", &["12", "18", "33"]),
    (
        "orchestrator.kind=nova;orchestrator.live_migration_permit_post_copy=true;orchestrator.live_migration_timeout_action=$",
        &["abort", "force_complete"],
    ),
    ("orchestrator.kind=virsh;orchestrator.timeout=$", &["1", "1000000"]),
    (
        "orchestrator.kind=virsh;orchestrator.postcopy=true;orchestrator.postcopy-after-precopy=true;orchestrator.postcopy-bandwidth=$",
        &["1", "1000000"],
    ),
    (
        "orchestrator.kind=ovirt;orchestrator.policy=$",
        &[
            "minimal-downtime",
            "post-copy",
            "suspend-workload-if-needed",
            "very-large-vms",
            "legacy",
            "minimal-downtime;orchestrator.release=4.0",
            "legacy;orchestrator.release=4.3",
        ],
    ),
    ("orchestrator.kind=kubevirt;orchestrator.completionTimeoutPerGiB=$", &["1", "1000000"]),
    (
        "orchestrator.kind=kubevirt;orchestrator.$=true",
        &["allowPostCopy", "downtimeTuning", "migrationStallDetection", "allowAutoConverge"],
    ),
    (
        "orchestrator.kind=$",
        &[
            "proxmox",
            "cloudstack",
            "ganeti",
            "xen",
            "cloud-hypervisor",
            "none",
            "proxmox;orchestrator.release=5.0",
            "cloudstack;orchestrator.vm.migrate.pauseafter=1000;orchestrator.vm.migrate.wait=2;orchestrator.release=4.23",
        ],
    ),
    (
        "orchestrator.kind=rules;orchestrator.poll=10 ms;orchestrator.rule=[{ on = \"poll\", downtime-limit = \"$\" }]",
        &["+1 s", "+100 s"],
    ),
    (
        "qemu.auto-converge=true;policy.deadline=1 min;policy.throttle=$",
        &["qemu", "none", "proportional", "aimd", "deadline", "dirty-quota", "next-pass", "steps", "0 / 0", "time"],
    ),
    ("policy.switchover=$", &["qemu", "none", "no-gain", "five-passes", "oracle", "time > 1 or syncs == 3"]),
    ("limits.time=$", &["1 ns", "1 s", "1 h", "87600 h"]),
    ("limits.time=$", &["87600 h"]),
];
/// Page writes a second. With `rate-factor` up to 10^12.
const RATES: [&str; 4] = ["0", "1", "100000", "1000000000"];
const BANDWIDTHS: [&str; 6] = ["1 bit/s", "1 kB/s", "100 Mbit/s", "10 Gbit/s", "800 Gbit/s", "1000 Tbit/s"];

/// Far more than the slowest case takes in this profile, so that a machine with other work does not matter.
const LONGEST: Duration = Duration::from_secs(120);

/// Some flags, and a release.
fn flags() -> impl Strategy<Value = Vec<String>> {
    let versions: Vec<Version> = Version::all().collect();
    let version = proptest::sample::select(versions).prop_map(|version| format!("qemu.version={version}"));
    let key = (0..KEYS.len(), any::<Index>()).prop_map(|(key, choice)| {
        let (flags, choices) = KEYS[key];
        flags.replace('$', choices[choice.index(choices.len())])
    });
    (version, proptest::collection::vec(key, 0..16)).prop_map(|(version, keys)| {
        let flags = keys.iter().flat_map(|key| key.split(';')).map(str::to_owned);
        std::iter::once(version).chain(flags).collect()
    })
}

/// The scenario of those flags that go together, and which flags these are.
fn understood(mut flags: Vec<String>) -> (Scenario, Vec<String>) {
    loop {
        let faults = match Input::new("extreme.toml", FILE, &flags).unwrap().load() {
            Ok(loaded) => return (loaded.scenario, flags),
            Err(faults) => faults,
        };
        let place = |source: &Source| match source {
            Source::Set(flag) => Some(*flag),
            _ => None,
        };
        let fault = &faults[0];
        let named = place(&fault.source).or_else(|| fault.notes.iter().find_map(|note| place(&note.source)));
        flags.remove(named.unwrap_or(flags.len() - 1));
    }
}

/// Panics unless all figures of an outcome and of its timeline hang together.
fn check(scenario: &Scenario, (outcome, timeline): &(Outcome, Timeline)) {
    figures(scenario, outcome);
    times(scenario, outcome, timeline);
    pages(scenario, outcome, timeline);
    throttle(scenario, timeline);
}

/// Every figure is a number, none is negative, and shares are shares.
fn figures(scenario: &Scenario, o: &Outcome) {
    for (name, value) in serde_json::to_value(o).unwrap().as_object().unwrap() {
        let may_be_none = Metric::of(name).is_some_and(|metric| !metric.none.is_empty());
        let known = value.is_string() || value.as_f64().is_some_and(|v| v >= 0.0);
        assert!(known || (value.is_null() && may_be_none), "{name} is {value}");
    }
    assert!(o.throttle_final_pct <= Some(o.throttle_max_pct) && o.throttle_max_pct <= 100.0, "throttle");
    assert!(
        o.guest_slowdown_pct <= Some(100.0)
            && o.running_slowdown_pct <= Some(100.0)
            && o.guest_work_lost_ms <= o.total_time_ms,
        "lost work"
    );
    assert!(o.throttled_over_90_ms <= o.throttled_time_ms && o.throttled_time_ms <= o.total_time_ms, "throttled");
    assert!(o.remaining_bytes <= scenario.guest.memory.bytes().0, "remaining");
    assert!(!o.verdict.is_completed() || o.remaining_bytes == 0, "completed with a rest");
    assert!(o.longest_stall_ms <= o.total_time_ms, "stall");
}

/// Time goes forward, and its parts add up.
fn times(scenario: &Scenario, o: &Outcome, timeline: &Timeline) {
    let rows = &timeline.rows;
    for pair in rows.windows(2) {
        assert!(pair[0].t_ms <= pair[1].t_ms, "time goes back: {pair:?}");
    }
    for row in rows {
        let numbers = [row.t_ms, row.bandwidth, row.throttle_pct, row.guest_cpu_share_pct];
        assert!(numbers.iter().all(|number| number.is_finite() && *number >= 0.0), "{row:?}");
        assert!(row.throttle_pct <= 100.0 && row.guest_cpu_share_pct <= 100.0, "{row:?}");
    }
    for action in &timeline.actions {
        assert!((0.0..=o.total_time_ms).contains(&action.t_ms), "{action:?}");
    }
    let (first, last) = (&rows[0], &rows[rows.len() - 1]);
    assert_eq!((first.event, first.t_ms), (Event::Start, 0.0));
    assert_eq!((last.event, last.t_ms), (Event::End, o.total_time_ms));
    // 2^-52 of ten years is less than this. Post-copy has no limit, and of thousands of years each of two sums may lose as much.
    let grain = f64::max(1e-3, o.total_time_ms * f64::EPSILON * 2.0);
    let same = |one: f64, other: f64| (one - other).abs() <= grain;
    let at = |event| rows.iter().find(|row| row.event == event).map(|row| row.t_ms);
    if let (Some(sync), Some(setup)) = (at(Event::Sync), o.setup_time_ms) {
        let connected = (scenario.link.latency * 2).ms();
        assert!(same(sync, connected + setup), "setup: {sync}");
    }
    let after = o.downtime_ms.unwrap_or(0.0) + o.postcopy_time_ms;
    assert!(o.total_time_ms + grain >= o.setup_time_ms.unwrap_or(0.0) + after, "more parts than time");
    if let (Some(stop), Some(_)) = (at(Event::Stop), o.downtime_ms) {
        // The vCPUs stand still at once, or when the throttle's sleep is over.
        let asleep = stop + after - o.total_time_ms;
        let interruptible = matches!(Profile::of(scenario.qemu.version).throttle, Throttle::Ramp(r) if r.interruptible);
        let most = if interruptible { grain } else { 1000.0 };
        assert!((-grain..=most).contains(&asleep), "setup, passes and downtime are {asleep} ms more than the whole");
    }
    let over = o.total_time_ms - scenario.limits.time.ms();
    assert!(over <= 1e-3 || at(Event::Stop).is_some() || at(Event::PostCopy).is_some(), "{over} ms beyond the limit");
    assert!(o.verdict != Verdict::NotConverged || over.abs() <= 1e-3, "{over} ms off the limit");
}

/// No page is lost: what no longer remains was transferred, and no pass sends a page twice.
fn pages(scenario: &Scenario, o: &Outcome, timeline: &Timeline) {
    let caps = scenario.qemu.capabilities;
    let plain = !(caps.xbzrle || caps.multifd || caps.compress || caps.mapped_ram || caps.postcopy_ram);
    let memory = scenario.guest.memory;
    for pair in timeline.rows.windows(2) {
        let (a, b) = (&pair[0], &pair[1]);
        assert!(b.transferred_bytes >= a.transferred_bytes, "{pair:?}");
        assert!(b.remaining_bytes <= memory.bytes().0, "{b:?}");
        if b.event == Event::Repeat {
            continue;
        }
        if b.event == Event::Sync {
            // 11.1 counts the syncs that begin a pass, and no others.
            let counts_all = !Profile::of(scenario.qemu.version).counts_passes;
            assert!(b.pass == a.pass + 1 || (!counts_all && b.pass == a.pass), "{pair:?}");
        } else {
            assert_eq!(b.pass, a.pass, "{pair:?}");
            assert!(b.remaining_bytes <= a.remaining_bytes, "more remains without a sync: {pair:?}");
            let sent = (a.remaining_bytes - b.remaining_bytes) / PAGE_SIZE;
            let counted = b.transferred_bytes - a.transferred_bytes;
            assert!(!plain || counted >= 9 * sent, "{sent} pages are gone and {counted} bytes came: {pair:?}");
        }
    }
    let left_out = timeline.rows.windows(2).filter(|pair| pair[1].event == Event::Repeat);
    let left_out: u64 = left_out.map(|pair| pair[1].pass - pair[0].pass).sum();
    let syncs = timeline.rows.iter().filter(|row| row.event == Event::Sync).count() as u64 + left_out;
    let counts_all = !Profile::of(scenario.qemu.version).counts_passes;
    assert!(syncs == o.dirty_sync_count || (!counts_all && syncs > o.dirty_sync_count), "{syncs} syncs, {o:?}");
    let last = &timeline.rows[timeline.rows.len() - 1];
    assert_eq!((last.transferred_bytes, last.remaining_bytes), (o.transferred_bytes, o.remaining_bytes), "at the end");
    if plain {
        let sent = o.normal_pages + o.duplicate_pages;
        assert!(Pages(sent).bytes().0 + o.remaining_bytes >= memory.bytes().0, "{sent} pages were sent");
        assert!(sent <= memory.0.saturating_mul(syncs), "{sent} pages in {syncs} passes");
    }
}

/// The throttle begins at its first step, rises by its step, never goes down and never beyond its maximum. A rule of one's own
/// may do as it likes, up to 99 %.
fn throttle(scenario: &Scenario, timeline: &Timeline) {
    let (params, caps) = (&scenario.qemu.params, scenario.qemu.capabilities);
    if caps.dirty_limit {
        // Sleeps that follow what is measured, up and down; its steps are held by the rules of the limiter.
        return;
    }
    let steps: Vec<f64> =
        timeline.rows.iter().filter(|row| row.event == Event::Throttle).map(|row| row.throttle_pct).collect();
    assert!(caps.auto_converge || steps.is_empty(), "a throttle without auto-converge");
    let has_own_rule = scenario.qemu.throttle_rule.is_some();
    for pair in timeline.rows.windows(2) {
        let (a, b) = (&pair[0], &pair[1]);
        let may_move = b.event == Event::Throttle || matches!(b.event, Event::Stop | Event::PostCopy | Event::End);
        assert!(
            has_own_rule
                || a.throttle_pct <= b.throttle_pct
                || matches!(b.event, Event::Stop | Event::PostCopy | Event::End),
            "falls: {pair:?}"
        );
        assert!(may_move || a.throttle_pct == b.throttle_pct, "moves by itself: {pair:?}");
    }
    if has_own_rule {
        assert!(steps.iter().all(|pct| (0.0..=99.0).contains(pct)), "{steps:?}");
        return;
    }
    let Throttle::Ramp(ramp) = Profile::of(scenario.qemu.version).throttle else {
        assert!(steps.len() <= 1, "a fixed throttle is set once: {steps:?}");
        return;
    };
    let (initial, increment) = (f64::from(params.cpu_throttle_initial), f64::from(params.cpu_throttle_increment));
    let max = if ramp.has_max { f64::from(params.max_cpu_throttle) } else { 99.0 };
    assert!(steps.first().is_none_or(|first| *first == initial), "begins at {steps:?}");
    for pair in steps.windows(2) {
        let full = (pair[0] + increment).min(max).min(99.0);
        let smaller = ramp.has_tailslow && params.cpu_throttle_tailslow;
        assert!(pair[1] == full || smaller && (pair[0]..full).contains(&pair[1]), "{steps:?}");
    }
}

/// Everything that a user can look at is made without a panic and has no number that is none.
fn shown(scenario: &Scenario, options: &Options, (outcome, timeline): &(Outcome, Timeline)) {
    let provenance = Provenance::new("extreme", scenario.qemu.version, options.seed, options.memory);
    let report = Report { provenance: &provenance, outcome, timeline };
    let mut bytes = text::page(&report, 80).into_bytes();
    json::write(&mut bytes, &report).unwrap();
    csv::write(&mut bytes, &report).unwrap();
    csv::write_timeline(&mut bytes, timeline).unwrap();
    match svg("extreme", "", &[Migration { name: "extreme", timeline }]) {
        Ok(picture) => bytes.extend(picture.into_bytes()),
        Err(none) => assert!(outcome.total_time_ms == 0.0, "{none}"),
    }
    let shown = String::from_utf8(bytes).unwrap();
    for wrong in ["NaN", "inf,", "inf\"", " inf ", ":-", "=\"inf"] {
        assert!(!shown.contains(wrong), "{wrong}:\n{shown}");
    }
}

/// The scenario, aborted after some thousand passes, and sooner where somebody looks every so often: ten years of passes of a
/// millisecond, or more than a million polls, take their time and show nothing new.
fn within_reason(mut scenario: Scenario) -> Scenario {
    const HOUR: Span = Span::from_ms(3_600_000);
    let caps = scenario.qemu.capabilities;
    let most = match &scenario.orchestrator {
        _ if caps.dirty_limit || caps.xbzrle || !matches!(scenario.qemu.switchover, Switchover::Qemu) => HOUR,
        Some(policy) => Span(policy.poll.period.0.saturating_mul(1_000_000)),
        None => Span(u64::MAX),
    };
    scenario.limits.time = scenario.limits.time.min(most);
    scenario.at.push(At { when: When::Pass(3000), command: MonitorCommand::Cancel });
    scenario
}

/// Runs one case.
fn holds(scenario: &Scenario, memory: Memory) {
    let start = Instant::now();
    let options = Options { memory, timeline: true, ..Options::default() };
    let scenario = within_reason(scenario.drawn(options.seed));
    let ended = sim::run(&scenario, &options).unwrap();
    check(&scenario, &ended);
    shown(&scenario, &options, &ended);
    assert!(start.elapsed() < LONGEST, "took {:?}", start.elapsed());
}

/// Draws cases from two seeds, the same on every machine, a thread for each; how many cases have each flag.
fn each(cases: u32, look: impl Fn(&Scenario) + Sync) -> BTreeMap<String, u32> {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(cases);
    let (mut seen, more) = rayon::join(|| half(cases / 2, 1, &look), || half(cases - cases / 2, 2, &look));
    more.into_iter().for_each(|(flag, cases)| *seen.entry(flag).or_insert(0) += cases);
    seen
}

fn half(cases: u32, seed: u8, look: impl Fn(&Scenario)) -> BTreeMap<String, u32> {
    let config =
        ProptestConfig { cases, failure_persistence: None, max_shrink_time: 60_000, ..ProptestConfig::default() };
    let rng = TestRng::from_seed(config.rng_algorithm, &[seed; 32]);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let seen = std::cell::RefCell::new(BTreeMap::new());
    let ended = runner.run(&flags(), |flags| {
        let (scenario, flags) = understood(flags);
        for flag in flags {
            *seen.borrow_mut().entry(flag).or_insert(0) += 1;
        }
        look(&scenario);
        Ok(())
    });
    match ended {
        Ok(()) => seen.into_inner(),
        Err(TestError::Fail(why, flags)) => {
            let flags: String = understood(flags).1.iter().map(|flag| format!(" --set '{flag}'")).collect();
            panic!("{why}\nprecopy run extreme.toml{flags}\nextreme.toml:\n{FILE}");
        }
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn small_guests_have_an_answer_page_by_page() {
    // The exact memory draws each write: so many that a case takes milliseconds.
    const WRITES: f64 = 2e5;
    let some = AtomicU32::new(0);
    each(600, |scenario| {
        let mut scenario = scenario.clone();
        let rate: f64 = scenario.guest.workloads.iter().map(|workload| workload.rate.0).sum();
        let most = Span(((WRITES / rate.max(1e-3)).min(1e9) * 1e9) as u64);
        scenario.limits.time = scenario.limits.time.min(most);
        if scenario.guest.memory <= Pages(1 << 18) {
            some.fetch_add(1, Ordering::Relaxed);
            holds(&scenario, Memory::Exact);
        }
    });
    let some = some.into_inner();
    assert!(some > 100, "only {some} guests were small enough");
}

#[test]
fn whatever_a_file_may_ask_for_has_an_answer() {
    let seen = each(3000, |scenario| holds(scenario, Memory::Expected));
    let unseen = |names: Vec<String>| -> Vec<String> {
        names.into_iter().filter(|name| !seen.keys().any(|flag| flag.starts_with(&format!("qemu.{name}=")))).collect()
    };
    let names = |value: serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    // By their names, so that a new one cannot be forgotten.
    let mut capabilities = names(serde_json::to_value(Capabilities::default()).unwrap());
    capabilities.retain(|name| name != "pause-before-switchover");
    assert_eq!(unseen(capabilities), [""; 0]);
    assert_eq!(unseen(names(serde_json::to_value(Params::defaults(Version::NEWEST)).unwrap())), [""; 0]);
}
