//! What a sweep costs beside its migrations: rows a second on one thread, and the same migrations alone.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use precopy::scenario::{Extent, Input, Scenario};
use precopy::sim::{self, Memory, Options};
use precopy::sweep::{RowForm, Shard, Study, Workshop};

fn main() {
    divan::main();
}

/// The guest of `benches/migrations.rs`: 64 GiB, written at 0 to 90 % of 10 Gbit/s, with auto-converge.
const GUEST: &str = r#"
[guest]
memory = "64 GiB"
vcpus = 4

[[guest.workload]]
kind = "uniform"
region = "64 GiB"
rate = "1000 pages/s"

[link]
bandwidth = "10 Gbit/s"

[qemu]
version = "8.2"
auto-converge = true
max-bandwidth = "0"
"#;

/// A grid of 20 x 20, and 400 points without steps.
const DESIGNS: [&str; 2] = ["grid", "sobol"];

fn study(design: &str) -> Study {
    let (steps, extent) = match design {
        "grid" => ("/20", Extent::default()),
        _ => ("", Extent { points: Some(400), ..Extent::default() }),
    };
    let axes = [format!("guest.workload.0.rate=1..274658{steps}"), format!("link.bandwidth=9..10 Gbit/s{steps}")];
    let input = Input::new("guest.toml", GUEST, &[]).expect("it is short").varying(&axes);
    let template = input.template(extent).expect("it is right");
    Study {
        template,
        name: "guest".into(),
        seed: 1,
        memory: Memory::Expected,
        watch: None,
        shard: Shard::WHOLE,
        summary: false,
    }
}

/// Scenario built, migration simulated, row written.
#[divan::bench(args = DESIGNS)]
fn rows(bencher: Bencher, design: &str) {
    let study = study(design);
    let workshop = Workshop::new(&study, RowForm::Csv);
    bencher
        .counter(ItemsCount::new(study.rows()))
        .bench_local(|| black_box(workshop.rows(0..study.rows(), || false)).rows);
}

/// The same migrations, of scenarios that are there.
#[divan::bench(args = DESIGNS)]
fn migrations_alone(bencher: Bencher, design: &str) {
    let study = study(design);
    let scenarios: Vec<Scenario> = (0..study.rows())
        .map(|point| study.template.scenario(&study.picks(point)).expect("all points are right"))
        .collect();
    let options = Options::default();
    let checked: Vec<_> = scenarios.iter().map(|scenario| scenario.check().unwrap()).collect();
    bencher.counter(ItemsCount::new(scenarios.len())).bench_local(|| {
        for scenario in &checked {
            black_box(sim::run_checked(black_box(*scenario), &options));
        }
    });
}
