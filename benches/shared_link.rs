//! Many guests on one link, all started at once: migrations a second, and how their cost grows with their number.
//!
//! `cargo bench --bench shared_link` prints for each number the best of some drains; the exponent is that of the cost
//! of all between this number and the one before (1: each costs as much as before; 2: twice as many cost four times).

use std::hint::black_box;
use std::time::Instant;

use precopy::link::Link;
use precopy::scenario::{Input, Scenario};
use precopy::sim::Options;
use precopy::sim::shared::Shared;
use precopy::units::{Rate, Time};

/// 400 Gbit/s.
const LINK: Rate = Rate(50_000_000_000);

const GUEST: &str = r#"
[guest]
memory = "4 GiB"
zero = "10 %"
[[guest.workload]]
kind = "hot-cold"
region = "1 GiB"
hot = "10 %"
share = "90 %"
rate = "1000 pages/s"
[link]
bandwidth = "400 Gbit/s"
[qemu]
version = "8.2"
max-bandwidth = 0
"#;

/// Guests of 2 to 8 GiB at 100 to 2,100 page writes a second.
fn different(count: usize) -> Vec<Scenario> {
    let guest = |index: usize| {
        let (mib, rate) = (2048 + index * 7919 % 6144, 100 + index * 104_729 % 2000);
        let sets = [format!("guest.memory={mib} MiB"), format!("guest.workload.0.rate={rate} pages/s")];
        Input::new("guest.toml", GUEST, &sets).expect("it is short").load().expect("and right").scenario
    };
    (0..count).map(guest).collect()
}

/// Migrates all at once; turns of their loops.
fn drain(scenarios: &[Scenario], link: &Link) -> u64 {
    let mut shared = Shared::new(link, &Options::default());
    scenarios.iter().enumerate().for_each(|(id, scenario)| shared.start(id, scenario.check().unwrap(), id as u64));
    while !shared.is_empty() {
        black_box(shared.advance(Time::NEVER));
    }
    shared.turns()
}

fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        println!("SKIPPED: times hold for `cargo bench --bench shared_link` only, not for this build");
        return;
    }
    let link = Link::constant(LINK);
    let mut before: Option<(f64, f64)> = None;
    println!("{:>7}{:>12}{:>15}{:>14}{:>10}", "guests", "time", "migrations/s", "turns each", "exponent");
    for count in [1, 16, 128, 1024, 4096] {
        let scenarios = different(count);
        let (mut best, mut turns) = (f64::INFINITY, 0);
        for _ in 0..(2000 / count).clamp(5, 100) {
            let start = Instant::now();
            turns = drain(&scenarios, &link);
            best = best.min(start.elapsed().as_secs_f64());
        }
        let n = count as f64;
        let exponent = before.map_or("-".to_owned(), |(m, time)| format!("{:.2}", (best / time).ln() / (n / m).ln()));
        before = Some((n, best));
        println!("{count:>7}{:>9.3} ms{:>15.0}{:>14.1}{exponent:>10}", best * 1e3, n / best, turns as f64 / n);
    }
}
