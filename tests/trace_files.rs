//! Every recorded migration reads to the scenario that its configuration describes; damaged ones say what is wrong.

use std::path::{Path, PathBuf};

use precopy::compare::{Fate, NoScenario, Trace, TraceComparison, TraceProblem};
use precopy::guest::Law;
use precopy::qemu::MonitorCommand;
use precopy::qemu::{Accel, Version};
use precopy::scenario::{At, When};
use precopy::sim::{Event, Options, Verdict};
use precopy::units::{Bytes, Pages, Share, Span, Time};
use serde_json::{Value, json};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name).with_extension("json")
}

fn log(name: &str) -> Trace {
    Trace::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/logs").join(name)).unwrap()
}

fn trace(name: &str) -> Trace {
    Trace::read(&file(name)).unwrap()
}

#[test]
fn a_mark_of_the_encoding_is_no_part_of_a_trace() {
    for path in ["traces/01-converge-random.json", "logs/"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(path);
        let files =
            if path.is_dir() { path.read_dir().unwrap().map(|e| e.unwrap().path()).collect() } else { vec![path] };
        for file in files.into_iter().filter(|file| file.is_file()) {
            let text = std::fs::read(&file).unwrap();
            let plain = Trace::parse("log", &text).unwrap();
            let marked = Trace::parse("log", &[b"\xef\xbb\xbf", text.as_slice()].concat()).unwrap();
            assert_eq!(format!("{plain:?}"), format!("{marked:?}"), "{}", file.display());
        }
    }
}

struct Expected {
    trace: &'static str,
    /// RAM [KiB], without the 520 KiB of ROM.
    ram_kib: u64,
    buffer_mib: u64,
    law: Law,
    rate: f64,
    bandwidth_mib: u64,
    /// auto-converge, cpu-throttle-initial, -increment
    throttle: (bool, u8, u8),
    time_s: f64,
}

#[test]
fn every_covered_trace_reads_to_its_scenario() {
    let defaults = (true, 20, 10);
    let hot = Law::HotCold { hot: Pages(9830), share: Share(0.9) };
    // The last report came 75 ms before the start, after 41 497 writes: 1005 more until then.
    let sweep = Law::Sequential { start: Pages(42_502) };
    let cases = [
        ("01-converge-random", 524_296, 256, Law::Uniform, 2900.7, 32, defaults, 120.0),
        ("02-throttle-random", 524_296, 256, Law::Uniform, 11_613.0, 32, defaults, 120.0),
        ("03-throttle-hotcold", 786_440, 384, hot, 23_097.5, 40, defaults, 120.0),
        ("04-throttle-seq", 524_296, 192, sweep, 13_404.1, 40, (true, 30, 5), 120.0),
        ("05-abort-no-autoconverge", 524_296, 256, Law::Uniform, 18_611.3, 32, (false, 20, 10), 60.0),
        ("06-throttle-clock", 393_224, 192, Law::Uniform, 9000.5, 24, defaults, 120.0),
        ("08-libvirt-throttle", 524_288, 256, Law::Uniform, 11_704.0, 32, defaults, 119.1706),
        ("09-libvirt-abort", 393_216, 192, Law::Uniform, 19_926.7, 24, (false, 20, 10), 44.1905),
    ];
    for (trace, ram_kib, buffer_mib, law, rate, bandwidth_mib, throttle, time_s) in cases {
        check(Expected { trace, ram_kib, buffer_mib, law, rate, bandwidth_mib, throttle, time_s });
    }
}

fn check(expected: Expected) {
    let name = expected.trace;
    let scenario = trace(&format!("traces/{name}")).scenario.expect(name);
    let (guest, qemu) = (&scenario.guest, &scenario.qemu);
    let [writer, system] = &guest.workloads[..] else { panic!("{name}: a writer and the guest's system") };
    assert_eq!(guest.memory, Pages(expected.ram_kib / 4 + 130), "{name}");
    assert_eq!(writer.region, Bytes(expected.buffer_mib << 20).pages(), "{name}");
    assert_eq!(writer.law, expected.law, "{name}");
    assert_eq!(writer.rate.0, expected.rate, "{name}");
    assert_eq!(system.law, Law::Idle, "{name}");
    let below = writer.offset.0 + writer.region.0;
    assert_eq!(below + guest.zero.0, system.offset.0, "{name}: zero pages between the buffer and the top");
    assert_eq!(system.offset.0 + system.region.0, guest.memory.0, "{name}: the system's descriptors at the top");
    assert_eq!((qemu.version, qemu.accel), (Version::new(7, 2), Accel::Tcg), "{name}");
    assert_eq!(qemu.params.max_bandwidth.0, expected.bandwidth_mib << 20, "{name}");
    assert_eq!(qemu.params.downtime_limit, Span::from_ms(300), "{name}");
    let throttle =
        (qemu.capabilities.auto_converge, qemu.params.cpu_throttle_initial, qemu.params.cpu_throttle_increment);
    assert_eq!(throttle, expected.throttle, "{name}");
    assert!((scenario.limits.time.seconds() - expected.time_s).abs() < 1e-6, "{name}: {}", scenario.limits.time);
}

#[test]
fn a_writer_that_sleeps_has_slack_and_catches_up() {
    let pace = |name: &str| {
        let scenario = trace(name).scenario.unwrap();
        (scenario.guest.workloads[0].cpu, scenario.guest.workloads[0].catch_up)
    };
    assert_eq!(pace("traces/06-throttle-clock"), (Share(0.085), Some(Span::from_ms(204))));
    assert_eq!(pace("traces/01-converge-random"), (Share::ALL, Some(Span::ZERO)));
}

#[test]
fn levers_are_taken_over() {
    let xbzrle = trace("traces/07-xbzrle").scenario.unwrap().qemu;
    assert!(xbzrle.capabilities.xbzrle);
    assert_eq!(xbzrle.params.xbzrle_cache_size.0, 256 << 20);
    let switched = trace("traces/10-libvirt-postcopy").scenario.unwrap();
    assert!(switched.qemu.capabilities.postcopy_ram);
    assert_eq!(switched.at, [At { when: When::Pass(4), command: MonitorCommand::StartPostcopy }]);
    let changed = with("/config/changes", json!([{"at_s": 1.5, "max-bandwidth": 5000}])).unwrap().scenario.unwrap();
    let [At { when, command: MonitorCommand::Set(params) }] = changed.at.as_slice() else { panic!("{:?}", changed.at) };
    assert_eq!((*when, params.max_bandwidth.0), (When::Time(Time(1_500_000_000)), 5000));
    assert_eq!(params.downtime_limit, changed.qemu.params.downtime_limit, "the others stay");
}

#[test]
fn what_happened_is_read_beside_it() {
    use Verdict::{Converged, NotConverged, PostCopy};
    // verdict, total time [ms], syncs, highest throttle [%], downtime [ms]
    for (name, verdict, total_time_ms, syncs, throttle, downtime_ms) in [
        ("01-converge-random", Converged, 14_256.0, 8, 0.0, Some(19.0)),
        ("02-throttle-random", Converged, 39_065.0, 16, 60.0, Some(14.0)),
        ("05-abort-no-autoconverge", NotConverged, 60_101.0, 9, 0.0, None),
        ("06-throttle-clock", Converged, 99_414.0, 26, 99.0, Some(28.0)),
        ("08-libvirt-throttle", Converged, 42_207.0 - 829.4, 18, 60.0, Some(28.0)),
        ("09-libvirt-abort", NotConverged, 45_105.0 - 809.5, 6, 0.0, None),
        ("10-libvirt-postcopy", PostCopy, 23_234.0 - 868.6, 4, 20.0, None),
    ] {
        let measured = trace(&format!("traces/{name}")).measured;
        assert_eq!(measured.verdict, verdict, "{name}");
        assert_eq!(measured.total_time_ms, Some(total_time_ms), "{name}");
        assert_eq!((measured.dirty_sync_count, measured.throttle_max_pct), (syncs, throttle), "{name}");
        assert_eq!(measured.downtime_ms, downtime_ms, "{name}");
        assert!(measured.transferred_bytes.is_some() && measured.normal_pages.is_some(), "{name}");
        assert!(measured.duplicate_pages.is_some() && measured.guest_work_lost_ms.is_some(), "{name}");
        assert!(measured.sync_times_ms.is_sorted(), "{name}");
    }
}

#[test]
fn an_idle_guest_writes_nothing_and_loses_nothing() {
    let trace = trace("calibration/c0-idle512");
    assert_eq!(trace.scenario.unwrap().guest.workloads[0].law, Law::Idle);
    assert_eq!(trace.measured.guest_work_lost_ms, None);
    assert_eq!(trace.measured.sync_times_ms, [83.1, 4103.0, 4104.4]);
}

/// 11.1 tells of no pass before the second one, and does not count the syncs of its timer and of the end.
#[test]
fn a_time_belongs_to_each_sync_that_counts_whatever_a_release_counts() {
    for release in ["5.2", "7.2", "10.0", "11.1"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/data/traces-versions/{release}"));
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let trace = Trace::read(&path).unwrap();
            let measured = &trace.measured;
            assert_eq!(measured.sync_times_ms.len() as u64, measured.dirty_sync_count, "{path:?}");
            let setup = measured.setup_time_ms.unwrap_or(measured.sync_times_ms[0]);
            assert!((measured.sync_times_ms[0] - setup).abs() < 60.0, "{path:?}: the first one ends the setup");
            let rows = &trace.timeline.rows;
            let second = rows.iter().find(|row| row.event == Event::Sync && row.pass == 2).unwrap();
            assert_eq!(second.t_ms, measured.sync_times_ms[1], "{path:?}");
            let predicted =
                TraceComparison::of(trace, &Options { timeline: true, ..Options::default() }).predicted.unwrap();
            assert_eq!(predicted.sync_times_ms.len() as u64, predicted.dirty_sync_count, "{path:?}");
        }
    }
}

/// Trace 01 with one field set to something else; null takes it away.
fn with(pointer: &str, value: Value) -> Result<Trace, TraceProblem> {
    let mut document: Value =
        serde_json::from_slice(&std::fs::read(file("traces/01-converge-random")).unwrap()).unwrap();
    *document.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value;
    Trace::parse("01", &serde_json::to_vec(&document).unwrap())
}

#[test]
fn a_damaged_trace_names_the_field() {
    for (pointer, value, message) in [
        (
            "/schema",
            json!("x/1"),
            "`schema` must be precopy-trace/1, qmp-migrate-trace/1 or virsh-migrate-trace/1, not \"x/1\"",
        ),
        ("/config", Value::Null, "`config` is missing"),
        ("/config/memory_mib", json!(0), "`config.memory_mib` must be a whole number from 1 to 16777216, not 0"),
        ("/config/memory_mib", json!(1e18), "`config.memory_mib` must be a whole number from 1 to 16777216, not 1e+18"),
        ("/config/guest/mib", json!(500), "`config.guest.mib` is more than the "),
        (
            "/config/guest/model",
            json!("zipf"),
            "`config.guest.model` must be random, seq, hotcold or idle, not \"zipf\"",
        ),
        ("/config/guest/pace", json!(3), "`config.guest.pace` must be a text, not 3"),
        ("/config/accel", json!("hvf"), "`config.accel` must be tcg or kvm, not \"hvf\""),
        ("/config/capabilities", json!([]), "`config.capabilities` must be an object, not []"),
        ("/config/timeout_s", json!(-1), "`config.timeout_s` must be a number from 0.001 to 1000000, not -1"),
        ("/config/parameters/downtime-limit", json!(-5), "`config.parameters.downtime-limit` must be a whole number"),
        ("/env/qemu_version", json!("0.9"), "`env.qemu_version` must be a QEMU release from 1.6 on, not \"0.9\""),
        ("/baseline/page_writes_per_s", json!(-1), "`baseline.page_writes_per_s` cannot be -1"),
        ("/outcome/status", json!("active"), "`outcome.status` must be completed, cancelled, aborted or failed"),
        ("/outcome/total_time_ms", Value::Null, "`outcome.total_time_ms` is missing"),
        ("/outcome/passes", json!("many"), "`outcome.passes` must be a whole number, not \"many\""),
        ("/passes/3/t_ms", json!([]), "`passes[3].t_ms` must be a number, not []"),
        ("/progress/5/1", json!("late"), "`progress[5].host_ms` is not a number"),
        ("/progress_columns", json!(["side"]), "`progress` has no column `host_ms`"),
    ] {
        let error = with(pointer, value).expect_err(pointer).to_string();
        assert!(error.starts_with(message), "{pointer}: {error}");
    }
}

#[test]
fn fields_that_can_be_done_without_may_be_missing() {
    let nominal = with("/baseline/page_writes_per_s", Value::Null).unwrap();
    assert_eq!(nominal.scenario.unwrap().guest.workloads[0].rate.0, 3000.0, "as asked for");
    assert_eq!(nominal.measured.guest_work_lost_ms, None);
    for pointer in ["/final", "/events", "/label", "/progress", "/outcome/setup_time_ms", "/config/odd_kib"] {
        with(pointer, Value::Null).unwrap_or_else(|error| panic!("{pointer}: {error}"));
    }
}

#[test]
fn a_lever_in_any_place_makes_a_trace_uncovered() {
    for (pointer, value, lever) in [
        ("/config/capabilities", json!({"dirty-limit": true, "events": true}), "capability `dirty-limit`"),
        ("/config/guest", json!({"mib": 256, "phases": "8:1000,12:20000"}), "a workload in phases (`phases`)"),
    ] {
        let trace = with(pointer, value).unwrap();
        assert_eq!(trace.scenario.unwrap_err().to_string(), lever);
    }
}

#[test]
fn text_that_is_cut_off_is_not_json() {
    let text = std::fs::read(file("traces/08-libvirt-throttle")).unwrap();
    for empty in ["", "\n \n"] {
        let problem = Trace::parse("08", empty.as_bytes()).unwrap_err();
        assert!(matches!(problem, TraceProblem::Empty), "{problem}");
    }
    for length in [1, 100, text.len() / 2, text.len() - 3] {
        let problem = Trace::parse("08", &text[..length]).unwrap_err();
        assert!(matches!(problem, TraceProblem::Json(_)), "{length}: {problem}");
    }
    let problem = Trace::parse("deep", "[".repeat(100_000).as_bytes()).unwrap_err();
    assert!(problem.to_string().contains("recursion limit"), "{problem}");
}

/// Pointers to every scalar of a document.
fn leaves(value: &Value, at: String, found: &mut Vec<String>) {
    match value {
        Value::Array(list) => list.iter().enumerate().for_each(|(i, item)| leaves(item, format!("{at}/{i}"), found)),
        Value::Object(map) => map.iter().for_each(|(key, item)| leaves(item, format!("{at}/{key}"), found)),
        _ => found.push(at),
    }
}

#[test]
fn no_single_wrong_value_makes_reading_panic() {
    for name in ["01-converge-random", "06-throttle-clock", "08-libvirt-throttle"] {
        let mut document: Value =
            serde_json::from_slice(&std::fs::read(file(&format!("traces/{name}"))).unwrap()).unwrap();
        for list in ["samples", "progress"] {
            document[list].as_array_mut().unwrap().truncate(4);
        }
        let mut pointers = Vec::new();
        leaves(&document, String::new(), &mut pointers);
        for pointer in pointers {
            for value in [Value::Null, json!(-1), json!(0), json!(1e300), json!("x"), json!([]), json!({})] {
                let mut damaged = document.clone();
                *damaged.pointer_mut(&pointer).unwrap() = value;
                // Many fields are not read; the others must give an error that names a field.
                if let Err(problem) = Trace::parse(name, &serde_json::to_vec(&damaged).unwrap()) {
                    assert!(matches!(problem, TraceProblem::Field(_)), "{name} {pointer}: {problem}");
                }
            }
        }
    }
}

/// The same migrations as a user would have logged them, and in guestperf's layout.
#[test]
fn logs_and_guestperf_reports_read_to_what_the_recordings_say() {
    for (name, recording, half_interval_ms) in [
        ("rawstats.log", "traces/08-libvirt-throttle", 150.0),
        ("query-migrate.log", "traces/01-converge-random", 100.0),
        ("guestperf.json", "traces/01-converge-random", 100.0),
    ] {
        let (seen, recorded) = (log(name), trace(recording).measured);
        let measured = &seen.measured;
        assert!(matches!(seen.scenario, Err(NoScenario::Unstated(_))), "{name}");
        assert_eq!(measured.verdict, recorded.verdict, "{name}");
        assert!(
            (measured.total_time_ms.unwrap() - recorded.total_time_ms.unwrap()).abs() < half_interval_ms,
            "{name}: {measured:?}"
        );
        assert_eq!(measured.dirty_sync_count, recorded.dirty_sync_count, "{name}");
        assert_eq!(measured.throttle_max_pct, recorded.throttle_max_pct, "{name}");
        assert_eq!(measured.downtime_ms, recorded.downtime_ms, "{name}");
        assert_eq!(measured.transferred_bytes, recorded.transferred_bytes, "{name}");
        assert_eq!(measured.duplicate_pages, recorded.duplicate_pages, "{name}");
        let second = (measured.sync_times_ms[1] - recorded.sync_times_ms[1]).abs();
        assert!(second < 2.0 * half_interval_ms, "{name}: sync 2 is off by {second} ms");
        let rows = &seen.timeline.rows;
        assert!(rows.is_sorted_by(|a, b| a.t_ms <= b.t_ms), "{name}");
        assert!(rows.iter().any(|row| row.remaining_bytes > 100 << 20), "{name}");
    }
}

#[test]
fn a_log_that_ends_early_has_no_end_and_one_that_was_cancelled_says_so() {
    let active = |ms: u64, pass: u64| {
        format!(
            "{}\n{{\"return\": {{\"status\": \"active\", \"total-time\": {ms}, \"ram\": {{\"remaining\": 9999, \
             \"dirty-sync-count\": {pass}}}}}}}\n",
            1_760_000_000.0 + ms as f64 / 1e3
        )
    };
    let looks = active(1000, 1) + &active(2000, 2);
    for (end, fate, total_time_ms) in [
        (String::new(), Fate::Running, None),
        ("1760000002.5\n{\"return\": {\"status\": \"cancelled\"}}\n".to_owned(), Fate::Cancelled, Some(2500.0)),
        (active(500, 1), Fate::Running, None),
    ] {
        let seen = Trace::parse("log", (looks.clone() + &end).as_bytes()).unwrap().measured;
        assert_eq!((seen.verdict, seen.total_time_ms), (fate, total_time_ms), "{end}");
    }
}

#[test]
fn a_damaged_log_is_refused_with_its_line() {
    for (text, message) in [
        ("hello\n", "line 1, column 1: is neither a recording in JSON, nor a log"),
        ("1760000000.1\nJob type:         Unbounded\n", "line 3, column 1: has no statistics of a migration under way"),
        ("Job type: Unbounded\nMemory total: 4 GiB\nIteration: x", "line 3, column 1: `Iteration` has no amount that"),
        ("Job type: Wild\n", "line 1, column 1: job type `Wild` is no number"),
        ("Job type: 2\nmemory_iteration: two\n", "line 2, column 1: `memory_iteration` must be a number, not `two`"),
        ("Job type: 2\nmemory_total: -5\n", "line 2, column 15: `memory_total` cannot be -5"),
        ("Job type: 0\n", "line 2, column 1: has no statistics of a migration under way"),
        ("1760000000\n{\"return\": {\"status\": 3}}\n", "line 2, column 1: `return.status` must be a text, not 3"),
        ("1760000000\n{\"return\": \n", "line 2, column 1: is not valid JSON"),
        ("1760000000\n{\"event\": \"STOP\"}\nhm\n", "line 3, column 1: is neither the time nor an answer"),
        (
            "{\"status\": \"active\", \"ram\": {\"remaining\": \"much\"}}",
            "line 1, column 1: `ram.remaining` must be a number, not \"much\"",
        ),
        ("{\"name\": 1}", "`schema` is missing, and there is no `progress_history`"),
    ] {
        let problem = Trace::parse("log", text.as_bytes()).unwrap_err().to_string();
        assert!(problem.starts_with(message), "{text}: {problem}");
    }
    let deep = format!("1760000000\n{}", "{\"return\":".repeat(100_000));
    assert!(Trace::parse("log", deep.as_bytes()).unwrap_err().to_string().contains("recursion limit"));
    let problem = Trace::parse("log", b"Job type: 2\nx: \xff\n").unwrap_err().to_string();
    assert_eq!(problem, "line 2, column 4: is not UTF-8 text");
}

#[test]
fn a_damaged_guestperf_report_names_the_field() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/logs/guestperf.json");
    let report: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    for (pointer, value, message) in [
        ("/progress_history", json!([]), "`progress_history` has no look at a migration under way"),
        (
            "/progress_history/2/ram/iterations",
            json!("x"),
            "`progress_history[2].ram.iterations` must be a whole number",
        ),
        ("/progress_history/1/duration", Value::Null, "`progress_history[1].duration` is missing"),
        ("/hardware", Value::Null, "`hardware` is missing"),
        ("/scenario/downtime", json!({}), "`scenario.downtime` must be a number, not {}"),
    ] {
        let mut damaged = report.clone();
        *damaged.pointer_mut(pointer).unwrap() = value;
        let problem = Trace::parse("report", &serde_json::to_vec(&damaged).unwrap()).unwrap_err().to_string();
        assert!(problem.starts_with(message), "{pointer}: {problem}");
    }
}

#[test]
fn a_log_is_compared_with_a_scenario_that_is_named() {
    let compare = |words: &[&str]| {
        let program = std::process::Command::new(env!("CARGO_BIN_EXE_precopy"))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .args([&["compare", "tests/data/logs/rawstats.log"], words].concat())
            .output()
            .unwrap();
        (program.status.code(), String::from_utf8(program.stdout).unwrap(), String::from_utf8(program.stderr).unwrap())
    };
    let (code, _, complaint) = compare(&[]);
    assert_eq!(code, Some(2));
    assert!(complaint.contains("name a scenario of that migration with `--scenario FILE`"), "{complaint}");
    let (code, table, _) = compare(&["--scenario", "scenarios/web-server.toml"]);
    assert_eq!(code, Some(0));
    assert!(table.contains("rawstats   converged  converged"), "{table}");
}
