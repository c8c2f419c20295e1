//! How fast migrations are simulated. `cargo bench` prints migrations a second for the expected memory, and
//! simulated nanoseconds a second for the exact one (1 Gitem/s is real time).

mod cases;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use precopy::scenario::Scenario;
use precopy::sim::{self, Memory, Options};
use precopy::units::Span;

fn main() {
    divan::main();
}

fn migrations(bencher: Bencher, scenarios: &[Scenario]) {
    let options = Options::default();
    let checked: Vec<_> = scenarios.iter().map(|scenario| scenario.check().unwrap()).collect();
    bencher.counter(ItemsCount::new(scenarios.len())).bench_local(|| {
        for scenario in &checked {
            black_box(sim::run_checked(black_box(*scenario), &options));
        }
    });
}

/// The peers' style: a fixed downtime limit and no throttle.
#[divan::bench(args = [4, 64, 1024, 16384])]
fn expected_gib(bencher: Bencher, gib: u64) {
    migrations(bencher, &cases::loads(gib, false));
}

/// The same with auto-converge.
#[divan::bench(args = [4, 64, 1024, 16384])]
fn expected_auto_converge_gib(bencher: Bencher, gib: u64) {
    migrations(bencher, &cases::loads(gib, true));
}

/// A measured curve with auto-converge, on a grid of guests, links, downtime limits and speeds.
#[divan::bench]
fn expected_curves(bencher: Bencher) {
    migrations(bencher, &cases::curves());
}

/// The peers' grid, with a curve and auto-converge.
#[divan::bench]
fn expected_peers(bencher: Bencher) {
    migrations(bencher, &cases::peers());
}

/// Ten thousand times the link's speed, throttled to 99 % and running into the one-hour limit.
#[divan::bench]
fn expected_never_converges(bencher: Bencher) {
    migrations(bencher, &cases::never_converges());
}

/// 64 GiB at 100,000 page writes a second, bit by bit; items are simulated nanoseconds.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn exact_64_gib(bencher: Bencher) {
    let scenario = cases::writing(64);
    let options = Options { memory: Memory::Exact, ..Options::default() };
    let simulated = Span((sim::run(&scenario, &options).unwrap().0.total_time_ms * 1e6) as u64);
    bencher
        .counter(ItemsCount::new(simulated.0))
        .bench_local(|| black_box(sim::run(black_box(&scenario), &options).unwrap()));
}
