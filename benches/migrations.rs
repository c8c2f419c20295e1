//! How fast migrations are simulated. `cargo bench` prints migrations a second for the expected memory, and
//! simulated nanoseconds a second for the exact one (1 Gitem/s is real time).

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use precopy::guest::{self, Law, Workload};
use precopy::link::Link;
use precopy::qemu::{self, Accel, Version};
use precopy::scenario::{Limits, Scenario};
use precopy::sim::{self, Memory, Options};
use precopy::units::{Bytes, PageRate, Pages, Rate, Share, Span};

fn main() {
    divan::main();
}

/// 10 Gbit/s.
const LINK: Rate = Rate(1_250_000_000);

/// One uniform region that is the whole RAM, written at `load` times the link's speed.
fn uniform(memory: Bytes, load: f64, auto_converge: bool) -> Scenario {
    let pages = memory.pages();
    let mut qemu = qemu::Config::defaults(Version::new(8, 2), Accel::Kvm, memory);
    qemu.capabilities.auto_converge = auto_converge;
    qemu.params.max_bandwidth = Rate(0);
    Scenario {
        question: None,
        guest: guest::Config {
            memory: pages,
            page_size: guest::PageSize::Small,
            rate_spread: None,
            courses: Vec::new(),
            vcpus: 4,
            zero: Pages(0),
            zero_scan: guest::Config::ZERO_SCAN,
            fault_cost: guest::Config::FAULT_COST,
            workloads: vec![Workload {
                law: Law::Uniform,
                offset: Pages(0),
                region: pages,
                rate: PageRate(load * LINK.0 as f64 / 4096.0),
                cpu: Share::ALL,
                schedule: guest::Schedule::default(),
                changed: Share::ALL,
                catch_up: None,
            }],
        },
        link: Link::constant(LINK),
        qemu,
        orchestrator: None,
        at: Vec::new(),
        limits: Limits { time: Limits::TIME },
    }
}

/// 0, 10, ... 90 % of the link.
fn loads() -> impl Iterator<Item = f64> {
    (0..10).map(|tenths| f64::from(tenths) / 10.0)
}

fn migrations(bencher: Bencher, scenarios: &[Scenario]) {
    let options = Options::default();
    bencher.counter(ItemsCount::new(scenarios.len())).bench_local(|| {
        for scenario in scenarios {
            black_box(sim::run(black_box(scenario), &options));
        }
    });
}

/// The peers' style: a fixed downtime limit and no throttle.
#[divan::bench(args = [4, 64, 1024, 16384])]
fn expected_gib(bencher: Bencher, gib: u64) {
    let scenarios: Vec<_> = loads().map(|load| uniform(Bytes(gib << 30), load, false)).collect();
    migrations(bencher, &scenarios);
}

/// The same with auto-converge.
#[divan::bench(args = [4, 64, 1024, 16384])]
fn expected_auto_converge_gib(bencher: Bencher, gib: u64) {
    let scenarios: Vec<_> = loads().map(|load| uniform(Bytes(gib << 30), load, true)).collect();
    migrations(bencher, &scenarios);
}

/// Ten thousand times the link's speed, throttled to 99 % and running into the one-hour limit.
#[divan::bench]
fn expected_never_converges(bencher: Bencher) {
    migrations(bencher, &[uniform(Bytes(4 << 30), 1e4, true)]);
}

/// 64 GiB at 100,000 page writes a second, bit by bit; items are simulated nanoseconds.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn exact_64_gib(bencher: Bencher) {
    let mut scenario = uniform(Bytes(64 << 30), 0.0, false);
    scenario.guest.workloads[0].rate = PageRate(100_000.0);
    let options = Options { memory: Memory::Exact, ..Options::default() };
    let simulated = Span((sim::run(&scenario, &options).0.total_time_ms * 1e6) as u64);
    bencher.counter(ItemsCount::new(simulated.0)).bench_local(|| black_box(sim::run(black_box(&scenario), &options)));
}
