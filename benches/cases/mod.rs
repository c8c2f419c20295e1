//! Fixed migrations to measure.
#![allow(dead_code, reason = "each bench uses some of it")]

use precopy::guest::{CurveFit, DirtyCurve, Law, Workload};
use precopy::qemu::Version;
use precopy::scenario::{Input, Scenario};
use precopy::units::{Bytes, PageRate, Rate, Span};

/// 10 Gbit/s.
pub const LINK: Rate = Rate(1_250_000_000);

/// A guest of four vCPUs that does one thing in its whole RAM, migrated by QEMU 8.2 without a limit on bandwidth.
fn scenario(memory: Bytes, law: Law, rate: PageRate, link: Rate, auto_converge: bool) -> Scenario {
    let mut scenario = Scenario::new(memory, link, Version::new(8, 2));
    scenario.guest.vcpus = 4;
    scenario.guest.workloads = vec![Workload::steady(law, memory.pages(), rate)];
    scenario.qemu.capabilities.auto_converge = auto_converge;
    scenario.qemu.params.max_bandwidth = Rate(0);
    scenario
}

/// One uniform region that is the whole RAM, written at `load` times the link's speed.
pub fn uniform(memory: Bytes, load: f64, auto_converge: bool) -> Scenario {
    scenario(memory, Law::Uniform, PageRate(load * LINK.0 as f64 / 4096.0), LINK, auto_converge)
}

/// The peers' style: a uniform writer at 0, 10, ... 90 % of the link.
pub fn loads(gib: u64, auto_converge: bool) -> Vec<Scenario> {
    (0..10).map(|tenths| uniform(Bytes(gib << 30), f64::from(tenths) / 10.0, auto_converge)).collect()
}

/// Classes of pages that dirty so much memory as a curve between 20 ms and 10 s says.
fn measured(memory: Bytes) -> CurveFit {
    let measured = [(20, 7_500), (100, 28_000), (1_000, 120_000), (10_000, 460_000)];
    let points: Vec<_> = measured.map(|(ms, pages)| (Span::from_ms(ms), f64::from(pages))).into();
    DirtyCurve::new(&points, memory.pages()).fit()
}

/// A measured curve with auto-converge, over guests of 4 to 256 GiB, links of 1 to 25 Gbit/s, downtime limits of
/// 100 ms to 1 s and a quarter of the measured speed to four times it.
pub fn curves() -> Vec<Scenario> {
    let mut scenarios = Vec::new();
    for gib in [4, 16, 64, 256] {
        let memory = Bytes(gib << 30);
        let fit = measured(memory);
        for gbits in [1, 10, 25] {
            for limit in [100, 300, 1000] {
                for speed in [0.25, 1.0, 4.0] {
                    let (law, rate) = (Law::Classes(fit.classes.clone()), PageRate(fit.rate.0 * speed));
                    let mut one = scenario(memory, law, rate, Rate(gbits * 125_000_000), true);
                    one.qemu.params.downtime_limit = Span::from_ms(limit);
                    scenarios.push(one);
                }
            }
        }
    }
    scenarios
}

/// The peers' grid: guests of 4 to 16 GiB, links of 1 to 10 Gbit/s, and 0, 10, ... 90 % of what the link carries.
fn grid_of(scenario: impl Fn(Bytes, Rate, f64) -> Scenario) -> Vec<Scenario> {
    let mut scenarios = Vec::new();
    for gib in [4, 8, 12, 16] {
        for gbits in [1, 4, 7, 10] {
            let (memory, link) = (Bytes(gib << 30), Rate(gbits * 125_000_000));
            scenarios.extend((0..10).map(|tenths| scenario(memory, link, f64::from(tenths) / 10.0)));
        }
    }
    scenarios
}

/// The peers' grid with a guest that writes anywhere in its RAM, so many pages a second.
pub fn grid() -> Vec<Scenario> {
    grid_of(|memory, link, load| scenario(memory, Law::Uniform, PageRate(load * link.0 as f64 / 4096.0), link, false))
}

/// The peers' grid with a guest of a measured curve that dirties so many pages in a second, and auto-converge.
pub fn peers() -> Vec<Scenario> {
    grid_of(|memory, link, load| {
        let law = Law::Classes(measured(memory).classes);
        let pages = load * link.0 as f64 / 4096.0;
        let rate = law.writes_for(memory.pages(), pages).expect("a curve that reaches all of RAM");
        scenario(memory, law, PageRate(rate), link, true)
    })
}

/// Three thousand times the link's speed, throttled to 99 % and running into the one-hour limit.
pub fn never_converges() -> Vec<Scenario> {
    vec![uniform(Bytes(4 << 30), 3e3, true)]
}

/// A guest of this size at 100,000 page writes a second.
pub fn writing(gib: u64) -> Scenario {
    scenario(Bytes(gib << 30), Law::Uniform, PageRate(100_000.0), LINK, false)
}

/// A guest of this size that writes by the measured curve.
pub fn writing_by_curve(gib: u64) -> Scenario {
    let memory = Bytes(gib << 30);
    let fit = measured(memory);
    scenario(memory, Law::Classes(fit.classes), fit.rate, LINK, true)
}

/// A sweep of `scenarios/sweeps`, or a shard of it.
pub struct ShippedSweep {
    /// Name of the file.
    pub name: &'static str,
    shard: &'static str,
    /// How many it makes.
    pub rows: u64,
}

/// A grid that converges, one in which auto-converge decides, and every 499th point of the largest, among which are all values of
/// all axes.
pub const SWEEPS: [ShippedSweep; 3] = [
    ShippedSweep { name: "converging-grid", shard: "1/1", rows: 10_000 },
    ShippedSweep { name: "mixed-grid", shard: "1/1", rows: 4_000 },
    ShippedSweep { name: "million-points", shard: "1/499", rows: 2005 },
];

impl ShippedSweep {
    /// What `precopy` is told.
    pub fn words(&self) -> [String; 7] {
        let file = format!("{}/scenarios/sweeps/{}.toml", env!("CARGO_MANIFEST_DIR"), self.name);
        ["sweep", &file, "--shard", self.shard, "--quiet", "--output", "-"].map(str::to_owned)
    }
}

/// A file of `scenarios`.
pub fn shipped(name: &str) -> Scenario {
    let file = format!("{}/scenarios/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    Input::from_file(file.as_ref(), &[]).expect("the file is shipped").load().expect("and right").scenario
}
