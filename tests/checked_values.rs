//! A value that no migration can have is refused by its key: of a scenario that was made in Rust as of one from a file.

use precopy::guest::{Law, RateClass};
use precopy::qemu::{DirtyLog, MultifdCompression, Version};
use precopy::scenario::{At, Input, Scenario, When};
use precopy::sim::{self, Memory, Options};
use precopy::units::{Bytes, PageRate, Pages, Rate, Share, Span, Time};
use precopy::{orchestrator, qemu};

const TEXT: &str = r#"
[guest]
memory = "1 GiB"

[[guest.workload]]
kind = "uniform"
region = "256 MiB"
rate = "1000 pages/s"

[link]
bandwidth = [["0 s", "1 Gbit/s"], ["10 s", "2 Gbit/s"]]

[qemu]
version = "8.2"
auto-converge = true
max-bandwidth = 0
"#;

fn scenario() -> Scenario {
    Input::new("test.toml", TEXT, &[]).unwrap().load().unwrap().scenario
}

/// A change, and the key that must be named.
type Case = (&'static str, fn(&mut Scenario));

const RUST: &[Case] = &[
    // NaN and infinite.
    ("guest.workload.0.rate", |s| s.guest.workloads[0].rate = PageRate(f64::NAN)),
    ("guest.workload.0.rate", |s| s.guest.workloads[0].rate = PageRate(f64::INFINITY)),
    ("guest.workload.0.cpu", |s| s.guest.workloads[0].cpu = Share(f64::NAN)),
    ("guest.workload.0.changed", |s| s.guest.workloads[0].changed = Share(f64::NEG_INFINITY)),
    ("guest.workload.0.exponent", |s| s.guest.workloads[0].law = Law::Zipf { exponent: f64::NAN }),
    ("guest.workload.0.schedule.0", |s| s.guest.workloads[0].schedule.steps = vec![(Span::ZERO, f64::NAN)]),
    ("qemu.compression-ratio", |s| s.qemu.host.compression.ratio = f64::NAN),
    // Negative.
    ("guest.workload.0.rate", |s| s.guest.workloads[0].rate = PageRate(-1.0)),
    ("guest.workload.0.changed", |s| s.guest.workloads[0].changed = Share(-0.1)),
    ("guest.workload.0.exponent", |s| s.guest.workloads[0].law = Law::Zipf { exponent: -1.0 }),
    // Empty.
    ("link.bandwidth", |s| s.link.steps.clear()),
    ("guest.workload.0.classes", |s| s.guest.workloads[0].law = Law::Classes(Vec::new())),
    // Out of range.
    ("guest.memory", |s| s.guest.memory = Pages(0)),
    ("guest.memory", |s| s.guest.memory = Bytes(65 << 40).pages()),
    ("guest.vcpus", |s| s.guest.vcpus = 0),
    ("guest.zero", |s| s.guest.zero = Pages(s.guest.memory.0 + 1)),
    ("guest.zero-scan", |s| s.guest.zero_scan = Some(Rate(0))),
    ("guest.workload.0.cpu", |s| s.guest.workloads[0].cpu = Share(0.0)),
    ("guest.workload.0.region", |s| s.guest.workloads[0].region = Pages(0)),
    ("guest.workload.0.hot", |s| s.guest.workloads[0].law = Law::HotCold { hot: Pages(1 << 20), share: Share(0.9) }),
    ("guest.workload.0.share", |s| s.guest.workloads[0].law = Law::HotCold { hot: Pages(1), share: Share(1.1) }),
    ("guest.workload.0.start", |s| s.guest.workloads[0].law = Law::Sequential { start: Pages(1 << 20) }),
    ("guest.workload.0.classes", |s| {
        s.guest.workloads[0].law = Law::Classes(vec![RateClass { pages: Pages(10), share: Share(0.5) }]);
    }),
    ("link.bandwidth.0.1", |s| s.link.steps[0].1 = Rate(0)),
    ("link.bandwidth.1.0", |s| s.link.steps[1].0 = Time::ZERO),
    ("link.latency", |s| s.link.latency = Span::from_ms(60_000)),
    ("qemu.downtime-limit", |s| s.qemu.params.downtime_limit = Span::from_ms(2_000_001)),
    ("qemu.downtime-limit", |s| s.qemu.params.downtime_limit = Span(1)),
    ("qemu.cpu-throttle-initial", |s| s.qemu.params.cpu_throttle_initial = 0),
    ("qemu.cpu-throttle-increment", |s| s.qemu.params.cpu_throttle_increment = 100),
    ("qemu.max-cpu-throttle", |s| s.qemu.params.max_cpu_throttle = 10),
    ("qemu.multifd-channels", |s| s.qemu.params.multifd_channels = 0),
    ("qemu.vcpu-dirty-limit", |s| s.qemu.params.vcpu_dirty_limit = Rate(1)),
    ("qemu.avail-switchover-bandwidth", |s| s.qemu.params.avail_switchover_bandwidth = Rate(7)),
    ("qemu.xbzrle-cache-size", |s| s.qemu.params.xbzrle_cache_size = Bytes(5000)),
    ("qemu.setup-time", |s| s.qemu.setup_time = Span(u64::MAX)),
    ("qemu.tls-bandwidth", |s| s.qemu.host.tls_bandwidth = Rate(0)),
    ("limits.time", |s| s.limits.time = Span::ZERO),
    ("at.0.after-pass", |s| s.at = vec![At { when: When::Pass(0), command: qemu::MonitorCommand::Pause }]),
    ("at.1.time", |s| {
        let at = |ms| At { when: When::Time(Time::ZERO + Span::from_ms(ms)), command: qemu::MonitorCommand::Pause };
        s.at = vec![at(10), at(5)];
    }),
    ("orchestrator.poll", |s| {
        s.orchestrator = Some(orchestrator::Policy::new("own", orchestrator::Poll::every(Span::ZERO)));
    }),
    // Regions beyond RAM.
    ("guest.workload.0.region", |s| s.guest.workloads[0].region = Pages(s.guest.memory.0 + 1)),
    ("guest.workload.0.region", |s| s.guest.workloads[0].offset = Pages(u64::MAX)),
    // Options that a release lacks.
    ("qemu.multifd", |s| {
        s.qemu.version = Version::new(3, 1);
        s.qemu.machine_type = Version::new(3, 1);
        s.qemu.dirty_log = DirtyLog::Classic;
        s.qemu.capabilities.multifd = true;
    }),
    ("qemu.multifd-compression", |s| s.qemu.params.multifd_compression = MultifdCompression::Qatzip),
    ("qemu.dirty-log", |s| {
        s.qemu.version = Version::new(5, 2);
        s.qemu.machine_type = Version::new(5, 2);
        s.qemu.dirty_log = DirtyLog::Ring;
    }),
    ("qemu.version", |s| s.qemu.version = Version::new(8, 9)),
    ("qemu.machine-type", |s| s.qemu.machine_type = Version::new(9, 0)),
    ("qemu.postcopy-preempt", |s| s.qemu.capabilities.postcopy_preempt = true),
];

#[test]
fn a_wrong_value_made_in_rust_is_refused_by_its_key_in_both_memories() {
    assert_eq!(scenario().faults(), []);
    for (key, change) in RUST {
        let mut wrong = scenario();
        change(&mut wrong);
        for memory in [Memory::Expected, Memory::Exact] {
            let refused = sim::run(&wrong, &Options { memory, ..Options::default() }).expect_err(key);
            assert!(refused.0.iter().any(|fault| fault.key == *key), "{key}: {refused}");
            assert!(refused.to_string().contains(key), "{refused}");
        }
    }
}

#[test]
fn the_same_value_in_a_file_is_refused_as_well() {
    for (set, key) in [
        ("guest.workload.0.rate=nan pages/s", "guest.workload.0.rate"),
        ("guest.workload.0.rate=-1 pages/s", "guest.workload.0.rate"),
        ("guest.workload.0.region=2 GiB", "guest.workload.0.region"),
        ("guest.memory=65 TiB", "guest.memory"),
        ("guest.vcpus=0", "guest.vcpus"),
        ("guest.zero-scan=0 B/s", "guest.zero-scan"),
        ("link.bandwidth=[]", "link.bandwidth"),
        ("link.bandwidth=0 bit/s", "link.bandwidth"),
        ("qemu.downtime-limit=2001 s", "qemu.downtime-limit"),
        ("qemu.cpu-throttle-initial=0", "qemu.cpu-throttle-initial"),
        ("qemu.max-cpu-throttle=10", "qemu.max-cpu-throttle"),
        ("qemu.multifd-channels=0", "qemu.multifd-channels"),
        ("qemu.dirty-log=perhaps", "qemu.dirty-log"),
        ("qemu.machine-type=9.0", "qemu.machine-type"),
        ("qemu.postcopy-preempt=true", "qemu.postcopy-preempt"),
        ("limits.time=0 s", "limits.time"),
    ] {
        let faults = Input::new("test.toml", TEXT, &[set.to_owned()]).unwrap().load().expect_err(set);
        assert!(faults.iter().any(|fault| fault.title.contains(key)), "{set}: {faults:?}");
    }
}

#[test]
fn an_error_can_be_passed_on() {
    fn run(scenario: &Scenario) -> Result<String, Box<dyn std::error::Error>> {
        Ok(sim::run(scenario, &Options::default())?.0.reason.to_string())
    }
    let mut wrong = scenario();
    wrong.guest.workloads[0].rate = PageRate(f64::NAN);
    assert_eq!(run(&wrong).unwrap_err().to_string(), "`guest.workload.0.rate` is not a finite number");
    assert!(run(&scenario()).is_ok());
}
