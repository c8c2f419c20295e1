//! The exact memory judges the expected one: the same drawn migrations under both, and no result that depends on how
//! it was computed.
//!
//! A migration is *clear* when all seeds of the exact memory take the same decisions: verdict, syncs and throttle
//! steps. There, the expected memory must come to the same verdict, and to their mean within 2 %. It is a *tie* when
//! the seeds decide differently among themselves. Chance decides then, and the expected memory must stay within what
//! chance can do: a verdict that some seed has, and times between the seeds' extremes, widened by the same 2 %.

mod drawn;

use precopy::guest::PageSize;
use precopy::qemu::{MonitorCommand, Params, Transport, Version, ZeroPageDetection};
use precopy::scenario::Scenario;
use precopy::sim::{self, Event, Memory, Options, Outcome, Timeline, Verdict};
use precopy::units::Rate;

/// Migrations in each of the four tests below.
const MIGRATIONS: u64 = 100;
/// Seeds of the exact memory where all agree.
const SEEDS: u64 = 3;
/// Seeds where some decision differs, between two of the first or between them and the expected memory.
const MANY_SEEDS: u64 = 16;
const TOLERANCE: f64 = 0.02;
/// Ties that are allowed among the migrations of a test.
const TIES: f64 = 0.15;

/// What was decided in a migration.
#[derive(Clone, Debug, PartialEq)]
struct Decisions {
    verdict: Verdict,
    syncs: u64,
    throttle: Vec<f64>,
}

impl Decisions {
    fn of((outcome, timeline): &(Outcome, Timeline)) -> Decisions {
        let steps = timeline.rows.iter().filter(|row| row.event == Event::Throttle);
        let throttle = steps.map(|row| row.throttle_pct).collect();
        Decisions { verdict: outcome.verdict, syncs: outcome.dirty_sync_count, throttle }
    }
}

fn run(scenario: &Scenario, memory: Memory, seed: u64) -> (Outcome, Timeline) {
    sim::run(scenario, &Options { memory, seed, timeline: true, ..Options::default() }).unwrap()
}

type Figure = fn(&Outcome) -> f64;

/// What is compared, by name.
const FIGURES: [(&str, Figure); 2] =
    [("total_time_ms", |o| o.total_time_ms), ("transferred_bytes", |o| o.transferred_bytes as f64)];

/// Whether migration `index` is a tie; panics with the scenario where the memories do not agree.
fn is_tie(scenario: &Scenario, index: u64) -> bool {
    let expected = run(scenario, Memory::Expected, 1);
    let decided = Decisions::of(&expected);
    let mut exact: Vec<_> = (1..=SEEDS).map(|seed| run(scenario, Memory::Exact, seed)).collect();
    if exact.iter().any(|run| Decisions::of(run) != decided) {
        exact.extend((SEEDS + 1..=MANY_SEEDS).map(|seed| run(scenario, Memory::Exact, seed)));
    }
    let tie = exact.iter().any(|run| Decisions::of(run) != Decisions::of(&exact[0]));
    let place = || {
        let exact: Vec<_> = exact.iter().map(|run| (Decisions::of(run), run.0.total_time_ms)).collect();
        format!("migration {index}: expected {decided:?}, {:#?}\nexact {exact:#?}\n{scenario:#?}", expected.0)
    };
    let verdicts: Vec<Verdict> = exact.iter().map(|run| run.0.verdict).collect();
    assert!(verdicts.contains(&expected.0.verdict), "verdict of {}", place());
    for (name, figure) in FIGURES {
        let values: Vec<f64> = exact.iter().map(|run| figure(&run.0)).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let (low, high) = match tie {
            false => (mean, mean),
            true => values.iter().fold((mean, mean), |(low, high), &value| (low.min(value), high.max(value))),
        };
        let within = low * (1.0 - TOLERANCE)..=high * (1.0 + TOLERANCE);
        let value = figure(&expected.0);
        assert!(within.contains(&value), "{name} is {value}, not within {within:?}: {}", place());
    }
    tie
}

/// Every workload and every lever is among the migrations on which the memories must agree, and QEMU refuses none.
#[test]
fn nothing_that_can_be_asked_for_is_left_out() {
    let all: Vec<Scenario> = (0..4 * MIGRATIONS).map(drawn::scenario).collect();
    for (index, scenario) in all.iter().enumerate() {
        let refused: Vec<_> = scenario.qemu.conflicts().collect();
        assert!(refused.is_empty(), "migration {index}: {refused:?}");
    }
    let least = |what: &str, has: &dyn Fn(&Scenario) -> bool| {
        let count = all.iter().filter(|scenario| has(scenario)).count();
        assert!(count >= 3, "{what}: {count} of {}", all.len());
    };
    for law in ["idle", "uniform", "hotcold", "zipf", "classes", "sequential"] {
        least(law, &|scenario| {
            scenario.guest.workloads.iter().any(|w| format!("{:?}", w.law).to_lowercase().starts_with(law))
        });
    }
    least("a rate that changes", &|s| s.guest.workloads.iter().any(|w| !w.schedule.steps.is_empty()));
    least("slack", &|s| s.guest.workloads.iter().any(|w| w.cpu.0 < 1.0));
    least("several workloads", &|s| s.guest.workloads.len() > 1);
    for size in PageSize::ALL {
        least("a page size", &|s| s.guest.page_size == size);
    }
    least("a link that changes", &|s| s.link.steps.len() > 1);
    least("a link that fails", &|s| s.link.fails_at.is_some());
    let command = |s: &Scenario, is: fn(&MonitorCommand) -> bool| s.at.iter().any(|at| is(&at.command));
    least("set", &|s| command(s, |command| matches!(command, MonitorCommand::Set(_))));
    least("pause", &|s| command(s, |command| matches!(command, MonitorCommand::Pause)));
    least("continue", &|s| command(s, |command| matches!(command, MonitorCommand::Continue)));
    least("abort", &|s| command(s, |command| matches!(command, MonitorCommand::Cancel)));
    least("post-copy", &|s| command(s, |command| matches!(command, MonitorCommand::StartPostcopy)));
    // Capabilities and parameters by their names, so that a new one cannot be forgotten.
    let capabilities = serde_json::to_value(all[0].qemu.capabilities).unwrap();
    for name in capabilities.as_object().unwrap().keys().filter(|name| *name != "pause-before-switchover") {
        least(name, &|s| serde_json::to_value(s.qemu.capabilities).unwrap()[name] == true);
    }
    for (word, transport) in Transport::WORDS {
        least(word, &|s| s.qemu.transport == transport);
    }
    // A parameter is drawn if some migration has it away from its release's default. Levels of compression are not
    // simulated: the figures of the host stand for them.
    let params = |s: &Scenario| serde_json::to_value(&s.qemu.params).unwrap();
    let defaults = |s: &Scenario| serde_json::to_value(Params::defaults(s.qemu.version)).unwrap();
    for name in params(&all[0]).as_object().unwrap().keys().filter(|name| !name.ends_with("-level")) {
        least(name, &|s| params(s)[name] != defaults(s)[name]);
    }
    for method in ["zlib", "zstd"] {
        least(method, &|s| params(s)["multifd-compression"] == method);
    }
    least("no look for zero pages", &|s| s.qemu.params.zero_page_detection == ZeroPageDetection::None);
}

/// Holds one dirty log's migrations against each other; they stand `first`, `first` + 4, ...
fn agree(first: u64) {
    let ties: Vec<u64> = (0..MIGRATIONS)
        .map(|number| first + 4 * number)
        .filter(|index| is_tie(&drawn::scenario(*index), *index))
        .collect();
    println!("{} of {MIGRATIONS} are ties: {ties:?}", ties.len());
    assert!(ties.len() as f64 <= TIES * MIGRATIONS as f64, "{} ties of {MIGRATIONS}: {ties:?}", ties.len());
}

#[test]
fn memories_agree_under_the_classic_log() {
    agree(0);
}

#[test]
fn memories_agree_under_manual_protect() {
    agree(1);
}

#[test]
fn memories_agree_where_all_pages_are_initially_set() {
    agree(2);
}

#[test]
fn memories_agree_under_the_dirty_ring() {
    agree(3);
}

/// The same migration so slow that a page takes up to a second, under a limiter that a flush oversteps.
fn slowed(mut scenario: Scenario, times: u64) -> Scenario {
    for (_, rate) in &mut scenario.link.steps {
        *rate = Rate((rate.0 / times).max(1));
    }
    scenario.qemu.params.max_bandwidth.0 /= times;
    for workload in &mut scenario.guest.workloads {
        workload.rate.0 /= times as f64;
    }
    scenario.limits.time = scenario.limits.time * (times / 50);
    scenario
}

/// Panics if it matters to a migration whether it is walked through or written down.
fn is_the_same_however_it_is_run(scenario: &Scenario, memory: Memory, place: &str) {
    let options = Options { memory, jump: false, ..Options::default() };
    let (outcome, _) = sim::run(scenario, &options).unwrap();
    let recorded = |skip| sim::run(scenario, &Options { timeline: true, skip, ..options.clone() }).unwrap();
    let [(skipped, rows), (walked, all)] = [true, false].map(recorded);
    assert_eq!(outcome, skipped, "{place}, {memory:?}, with a timeline: {scenario:#?}");
    assert_eq!(outcome, walked, "{place}, {memory:?}, skipping off: {scenario:#?}");
    assert_eq!(rows, all, "{place}, {memory:?}, samples: {scenario:#?}");
}

#[test]
fn skipping_and_recording_change_no_digit() {
    for index in 0..4 * MIGRATIONS {
        let (scenario, place) = (drawn::scenario(index), format!("migration {index}"));
        is_the_same_however_it_is_run(&scenario, Memory::Expected, &place);
        is_the_same_however_it_is_run(&scenario, Memory::Exact, &place);
    }
}

#[test]
fn skipping_and_recording_change_no_digit_of_fast_and_of_slow_migrations() {
    // What is skipped does not depend on the memory, and this one is fast.
    // In the last one, slowed, a window's second call is much shorter than its first.
    for index in (4 * MIGRATIONS..20 * MIGRATIONS).chain([4881]) {
        let scenario = drawn::scenario(index);
        is_the_same_however_it_is_run(&scenario, Memory::Expected, &format!("migration {index}"));
        let times = [3_000, 10_000, 30_000][(index % 3) as usize];
        let slow = slowed(scenario, times);
        is_the_same_however_it_is_run(&slow, Memory::Expected, &format!("migration {index} slowed {times} times"));
    }
}

/// Windows close in the middle of a call on QEMU 5.0 to 6.0, and later on where RAM lies in huge pages.
#[test]
fn skipping_calls_in_which_windows_close_changes_no_digit() {
    let mut unlimited = 0;
    for index in 700_000..701_000 {
        let mut scenario = drawn::scenario(index);
        if index.is_multiple_of(2) {
            let (major, minor) = [(5, 0), (5, 1), (5, 2), (6, 0)][(index / 2 % 4) as usize];
            scenario.qemu.version = Version::new(major, minor);
        } else {
            scenario.guest.page_size = PageSize::Large;
        }
        if index.is_multiple_of(3) {
            scenario.qemu.params.max_bandwidth = Rate(0);
        }
        if scenario.check().is_err() {
            continue;
        }
        is_the_same_however_it_is_run(&scenario, Memory::Expected, &format!("migration {index}"));
        unlimited += u64::from(scenario.qemu.params.max_bandwidth == Rate(0));
    }
    assert!(unlimited > 200, "only {unlimited} may fill the link");
}

#[test]
fn memories_agree_under_orchestrators() {
    let ties: Vec<u64> =
        (60_000..60_000 + MIGRATIONS).filter(|index| is_tie(&drawn::ordered(*index), *index)).collect();
    println!("{} of {MIGRATIONS} are ties: {ties:?}", ties.len());
    assert!(ties.len() as f64 <= TIES * MIGRATIONS as f64, "{} ties of {MIGRATIONS}: {ties:?}", ties.len());
}
