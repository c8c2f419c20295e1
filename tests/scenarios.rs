//! What a scenario file says is what is run, and every shipped file says something that can be.

use std::fs;
use std::path::{Path, PathBuf};

use precopy::cli::diagnostics::{Severity, render};
use precopy::guest::{Law, PageSize};
use precopy::qemu::{
    Accel, Compression, DirtyLog, HostModel, MonitorCommand, MultifdCompression, Params, QemuConfig, Version,
    ZeroPageDetection,
};
use precopy::scenario::{Input, Limits, Scenario, When};
use precopy::units::{Bytes, PageRate, Pages, Rate, Share, Span, Time};

/// Every scenario file in a folder and those below it; what `precopy check` keeps beside them is none, and fleets have a
/// test of their own.
fn shipped(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = paths.flat_map(|path| if path.is_dir() { shipped(&path) } else { vec![path] });
    files
        .filter(|path| {
            !["check.toml", "baseline.json", "journal.csv"].iter().any(|name| path.ends_with(name))
                && !path.iter().any(|part| part == "fleets")
        })
        .collect()
}

#[test]
fn every_shipped_scenario_loads_without_a_word_of_complaint() {
    let mut names = Vec::new();
    for path in shipped(Path::new("scenarios")) {
        let name = path.display().to_string();
        let input = Input::from_file(&path, &[]).unwrap();
        assert!(input.text().starts_with("# "), "{name} opens with the question it answers");
        let loaded = input.load().unwrap_or_else(|faults| panic!("{name}: {faults:#?}"));
        assert_eq!(loaded.warnings, [], "{name}");
        assert!(loaded.scenario.question.is_some(), "{name} has a question");
        names.push(name);
    }
    assert!(names.len() >= 16, "{names:?}");
}

#[test]
fn the_changes_that_scenarios_suggest_can_be_made() {
    let mut tried = 0;
    for path in shipped(Path::new("scenarios")) {
        let text = fs::read_to_string(&path).unwrap();
        for line in text.lines().filter_map(|line| line.strip_prefix("#   --set ")) {
            let flags: Vec<String> = line.split(" --set ").map(|flag| flag.trim_matches('"').to_owned()).collect();
            let loaded = Input::from_file(&path, &flags).unwrap().load();
            assert_eq!(loaded.map(|loaded| loaded.warnings), Ok(Vec::new()), "{}: {line}", path.display());
            tried += 1;
        }
    }
    assert!(tried >= 13);
}

/// The scenario of a text that is right.
fn scenario(text: &str) -> Scenario {
    let input = Input::new("test.toml", text, &[]).unwrap();
    input.load().unwrap_or_else(|faults| panic!("{}", render(&input, Severity::Error, &faults, false))).scenario
}

#[test]
fn every_key_arrives_as_its_value() {
    let Scenario { question, guest, link, qemu, orchestrator: _, at, limits, assumed: _ } = scenario(
        r#"
        question = "Does every key arrive?"
        [guest]
        memory = "1 GiB"
        vcpus = 8
        zero = "25 %"
        zero-scan = "2 GB/s"
        fault-cost = "1 us"
        [[guest.workload]]
        kind = "idle"
        cpu = "5 %"
        [[guest.workload]]
        kind = "hot-cold"
        region = "256 MiB"
        rate = "60_000 pages/s"
        hot = "10 %"
        share = 90
        cpu = "70 %"
        catch-up = "none"
        [[guest.workload]]
        kind = "sequential"
        region = 4096
        rate = 1000
        catch-up = "10 s"
        [[guest.workload]]
        kind = "sequential"
        offset = "1 MiB"
        region = "2 MiB"
        start = "1 MiB"
        rate = "4 MiB/s"
        [link]
        bandwidth = [["0 s", "10 Gbit/s"], ["1 min", "1 GB/s"]]
        latency = "500 us"
        [qemu]
        version = 10.2
        accel = "kvm"
        auto-converge = true
        return-path = true
        max-bandwidth = 33554432
        avail-switchover-bandwidth = "1 GB/s"
        downtime-limit = 500
        cpu-throttle-initial = 30
        cpu-throttle-increment = "5 %"
        max-cpu-throttle = 80
        throttle-trigger-threshold = 100
        cpu-throttle-tailslow = true
        dirty-log = "ring"
        first-migration = false
        setup-time = "7 ms"
        sync-time = "8 ms"
        switchover-time = "9 ms"
        [[at]]
        time = "20 s"
        set = { downtime-limit = "1 s" }
        [[at]]
        time = "30 s"
        action = "abort"
        [limits]
        time = "2 h"
        "#,
    );
    assert_eq!(question.as_deref(), Some("Does every key arrive?"));

    assert_eq!((guest.memory, guest.vcpus, guest.zero), (Pages(262_144), 8, Pages(65_536)));
    assert_eq!((guest.zero_scan, guest.fault_cost), (Some(Rate(2_000_000_000)), Some(Span(1000))));
    let [idle, hot_cold, page, placed] = guest.workloads.as_slice() else { panic!("{:?}", guest.workloads) };
    assert_eq!(idle.law, Law::Idle);
    assert_eq!((idle.rate, idle.cpu, idle.region), (PageRate(0.0), Share(0.05), Pages(0)));
    assert_eq!(hot_cold.law, Law::HotCold { hot: Pages(6554), share: Share(0.9) });
    assert_eq!((hot_cold.rate, hot_cold.cpu), (PageRate(60_000.0), Share(0.7)));
    assert_eq!((hot_cold.catch_up, page.catch_up, placed.catch_up), (Some(Span(0)), Some(Span::from_ms(10_000)), None));
    assert_eq!((hot_cold.offset, hot_cold.region), (Pages(196_607 - 65_536), Pages(65_536)), "below the next workload");
    assert_eq!((page.offset, page.region), (Pages(196_607), Pages(1)), "below the zero pages");
    assert_eq!((placed.offset, placed.region, placed.rate), (Pages(256), Pages(512), PageRate(1024.0)));
    assert_eq!(placed.law, Law::Sequential { start: Pages(256) });

    assert_eq!(link.steps, [(Time(0), Rate(1_250_000_000)), (Time(60_000_000_000), Rate(1_000_000_000))]);
    assert_eq!(link.latency, Span(500_000));

    assert_eq!((qemu.version, qemu.accel, qemu.dirty_log), (Version::new(10, 2), Accel::Kvm, DirtyLog::Ring));
    assert_eq!(
        (qemu.capabilities.auto_converge, qemu.capabilities.return_path, qemu.first_migration),
        (true, true, false)
    );
    let times = [qemu.setup_time, qemu.sync_time, qemu.switchover_time].map(Span::whole_ms);
    assert_eq!(times, [7, 8, 9]);
    let params = Params {
        max_bandwidth: Rate(32 << 20),
        avail_switchover_bandwidth: Rate(1_000_000_000),
        downtime_limit: Span::from_ms(500),
        cpu_throttle_initial: 30,
        cpu_throttle_increment: 5,
        max_cpu_throttle: 80,
        throttle_trigger_threshold: 100,
        cpu_throttle_tailslow: true,
        ..Params::defaults(Version::new(10, 2))
    };
    assert_eq!(qemu.params, params);
    assert_eq!(at.len(), 2);
    assert_eq!(at[0].when, When::Time(Time(20_000_000_000)));
    assert!(matches!(&at[0].command, MonitorCommand::Set(params) if params.downtime_limit == Span::from_ms(1000)));
    assert_eq!(at[1].command, MonitorCommand::Cancel);
    assert_eq!(limits.time.seconds(), 7200.0);
}

#[test]
fn every_lever_is_understood() {
    let text = r#"
        [guest]
        memory = "1 GiB"
        page-size = "2 MiB"
        [[guest.workload]]
        kind = "uniform"
        rate = "10 pages/s"
        changed = "5 %"
        [link]
        bandwidth = "10 Gbit/s"
        [qemu]
        version = "9.2"
        machine-type = "pc-q35-8.0"
        dirty-ring-size = 8192
        max-postcopy-bandwidth = "1 Gbit/s"
        vcpu-dirty-limit = 20
        x-vcpu-dirty-limit-period = 500
        xbzrle-cache-size = "128 MiB"
        multifd-channels = 8
        multifd-compression = "zstd"
        multifd-zlib-level = 9
        multifd-zstd-level = 20
        multifd-qatzip-level = 3
        multifd-channel-bandwidth = "1 GB/s"
        compression-ratio = 2.5
        compression-bandwidth = "400 MB/s"
        tls-bandwidth = "500 MB/s"
    "#;
    let Scenario { guest, qemu, .. } = scenario(text);
    assert_eq!((guest.page_size, guest.workloads[0].changed), (PageSize::Large, Share(0.05)));
    assert_eq!((qemu.machine_type, qemu.dirty_log), (Version::new(8, 0), DirtyLog::Ring));
    let params = Params {
        max_postcopy_bandwidth: Rate(125_000_000),
        vcpu_dirty_limit: Rate(20 << 20),
        x_vcpu_dirty_limit_period: Span::from_ms(500),
        xbzrle_cache_size: Bytes(128 << 20),
        multifd_channels: 8,
        multifd_compression: MultifdCompression::Zstd,
        multifd_zlib_level: 9,
        multifd_zstd_level: 20,
        multifd_qatzip_level: 3,
        zero_page_detection: ZeroPageDetection::Legacy,
        ..Params::defaults(Version::new(9, 2))
    };
    assert_eq!(qemu.params, params, "and the machine type's own zero page detection");
    let host = HostModel {
        dirty_ring_size: Pages(8192),
        multifd_channel_bandwidth: Some(Rate(1_000_000_000)),
        compression: Compression { ratio: 2.5, bandwidth: Rate(400_000_000) },
        tls_bandwidth: Rate(500_000_000),
        ..QemuConfig::defaults(Version::new(9, 2), Accel::Kvm, Bytes(0)).host
    };
    assert_eq!(qemu.host, host);

    let old = text
        .replace("9.2", "8.2")
        .replace("multifd-qatzip-level = 3", "compress-level = 9\ncompress-threads = 4\ncompress-wait-thread = false");
    let params = scenario(&old).qemu.params;
    assert_eq!((params.compress_level, params.compress_threads, params.compress_wait_thread), (9, 4, false));
}

/// A lever may be read and checked before a run heeds it; then it must be refused, never ignored.
#[test]
fn a_lever_is_simulated_or_refused() {
    let file = "[guest]\nmemory = \"1 GiB\"\n[link]\nbandwidth = \"1 Gbit/s\"\n[qemu]\nversion = \"9.0\"";
    let load = |flags: &[&str]| {
        let flags: Vec<String> = flags.iter().map(|flag| format!("qemu.{flag}")).collect();
        Input::new("lever.toml", file, &flags).unwrap().load()
    };
    for flags in [
        ["xbzrle=true"].as_slice(),
        &["compress=true"],
        &["postcopy-ram=true"],
        &["postcopy-ram=true", "postcopy-preempt=true"],
        &["pause-before-switchover=true"],
        &["multifd=true"],
        &["multifd=true", "zero-copy-send=true"],
        &["return-path=true", "switchover-ack=true"],
        &["dirty-ring-size=4096", "dirty-limit=true"],
        &["mapped-ram=true"],
        &["tls-creds=tls0"],
        &["zero-page-detection=none"],
    ] {
        match load(flags) {
            Ok(loaded) => assert_eq!(loaded.scenario.qemu.not_simulated().count(), 0, "{flags:?}"),
            Err(faults) => {
                assert!(faults.iter().all(|fault| fault.title.contains("is not modelled")), "{flags:?}: {faults:?}");
            }
        }
    }
    assert!(load(&["xbzrle=false", "multifd=false", "tls-creds=\"\"", "zero-page-detection=legacy"]).is_ok());
}

#[test]
fn what_is_left_out_has_its_default() {
    let Scenario { question, guest, link, qemu, orchestrator: _, at, limits, assumed: _ } = scenario(
        "[guest]\nmemory = \"4 GiB\"\n[[guest.workload]]\nkind = \"uniform\"\nrate = 10\n[link]\nbandwidth = \"1 Gbit/s\"",
    );
    assert_eq!((question, guest.vcpus, guest.zero), (None, 1, Pages(0)));
    let workload = &guest.workloads[0];
    assert_eq!((workload.offset, workload.region), (Pages(0), guest.memory), "all that is not zero");
    assert_eq!((workload.cpu, workload.catch_up), (Share::ALL, None));
    assert_eq!((link.steps.len(), link.latency), (1, Span::ZERO));
    let defaults = QemuConfig::defaults(Version::new(8, 2), Accel::Kvm, guest.memory.bytes());
    assert_eq!(format!("{qemu:?}"), format!("{defaults:?}"));
    assert_eq!(at, []);
    assert_eq!(limits.time, Limits::TIME);
}
