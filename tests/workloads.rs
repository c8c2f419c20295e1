//! Every kind of workload: what a file says is what is run, and both memories agree on what comes of it.

mod page;

use std::path::Path;

use page::Page;
use precopy::cli::diagnostics::{Severity, render};
use precopy::guest::{Law, RateSchedule, Workload};
use precopy::scenario::{Input, Scenario, presets};
use precopy::sim::{self, Memory, Options, Outcome, Verdict};
use precopy::units::{PageRate, Pages, Share, Span};

/// A guest of 1 GiB, half of it zero, with these workloads; files lie in `tests/data/tables`.
fn input(workloads: &str, sets: &[&str]) -> Input {
    let text = format!(
        r#"
        [guest]
        memory = "1 GiB"
        zero = "50 %"
        {workloads}
        [link]
        bandwidth = "1 Gbit/s"
        [qemu]
        auto-converge = true
        max-bandwidth = "0"
        [limits]
        time = "10 min"
        "#
    );
    let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
    Input::new("test.toml", &text, &sets).unwrap().in_folder(Path::new("tests/data/tables"))
}

fn scenario(workloads: &str) -> Scenario {
    let input = input(workloads, &[]);
    let loaded = input.load().unwrap_or_else(|faults| panic!("{}", render(&input, Severity::Error, &faults, false)));
    assert_eq!(loaded.warnings, [], "{}", render(&input, Severity::Warning, &loaded.warnings, false));
    loaded.scenario
}

fn workloads(text: &str) -> Vec<Workload> {
    scenario(text).guest.workloads
}

/// Distinct pages that a workload dirties in that many seconds at its full rate.
fn dirtied(w: &Workload, seconds: f64) -> f64 {
    w.law.distinct(w.region, w.rate.0 * seconds)
}

fn seconds(schedule: &RateSchedule) -> Vec<(f64, f64)> {
    schedule.steps.iter().map(|(from, factor)| (from.seconds(), *factor)).collect()
}

/// The memory starts at page 0, the workloads lie below the zero pages in the upper half.
const HALF: u64 = 131_072;

#[test]
fn zipf_has_the_usual_exponent_unless_told() {
    let kinds = workloads(
        r#"
        [[guest.workload]]
        kind = "zipf"
        rate = 1000
        region = "64 MiB"
        [[guest.workload]]
        kind = "zipf"
        exponent = 1.2
        rate = 1000
        region = "64 MiB"
        "#,
    );
    assert_eq!(kinds[0].law, Law::Zipf { exponent: 0.99 });
    assert_eq!(kinds[1].law, Law::Zipf { exponent: 1.2 });
}

#[test]
fn sweeps_are_equal_parts_with_equal_rates() {
    let parts = workloads(
        r#"
        [[guest.workload]]
        kind = "sequential"
        region = "10 pages"
        sweeps = 4
        start = "1 pages"
        rate = "400 pages/s"
        "#,
    );
    let places: Vec<(u64, u64)> = parts.iter().map(|w| (HALF - w.offset.0, w.region.0)).collect();
    assert_eq!(places, [(10, 3), (7, 3), (4, 2), (2, 2)]);
    for part in parts {
        assert_eq!((part.rate, part.law), (PageRate(100.0), Law::Sequential { start: Pages(1) }));
    }
}

#[test]
fn a_curve_comes_from_the_file_or_from_a_csv_beside_it() {
    let from_csv = workloads(
        r#"
        [[guest.workload]]
        kind = "curve"
        region = "128 MiB"
        file = "curve.csv"
        "#,
    );
    let written = workloads(
        r#"
        [[guest.workload]]
        kind = "curve"
        region = "128 MiB"
        points = [["100 ms", 550], ["200 ms", "825 pages"], ["500 ms", 1487.5], ["1 s", 2262.5], ["2 s", 3150],
                  ["5 s", "16025600 B"], ["10 s", 4000]]
        sample-factor = 4
        scale = 2
        "#,
    );
    for (seconds, pages) in [(0.1, 4400.0), (1.0, 18_100.0), (10.0, 32_000.0)] {
        assert!((dirtied(&from_csv[0], seconds) / pages - 1.0).abs() < 0.02, "{seconds} s from the CSV");
        assert!((dirtied(&written[0], seconds) / pages - 1.0).abs() < 0.02, "{seconds} s as written");
    }
    assert_eq!(from_csv[0].cpu, Share::ALL);
}

#[test]
fn a_trace_of_rates_is_followed_from_its_first_row_on() {
    let trace = r#"
        [[guest.workload]]
        kind = "trace"
        region = "256 MiB"
        file = "rates.csv"
        scale = 0.5
        law = "hot-cold"
        hot = "10 %"
        share = "80 %"
        repeat = true
        "#;
    let [w] = workloads(trace).try_into().unwrap();
    assert_eq!(w.law, Law::HotCold { hot: Pages(6554), share: Share(0.8) });
    assert_eq!(w.rate, PageRate(30_000.0));
    let third = 1.0 / 3.0;
    let factors = [third, 1.0, 1.0 / 12.0, 0.0, 2.0 * third];
    assert_eq!(seconds(&w.schedule), [0.0, 2.0, 4.0, 7.0, 8.0].into_iter().zip(factors).collect::<Vec<_>>());
    assert_eq!(w.schedule.repeat, Some(Span::from_ms(9000)), "the last row lasts as long as the one before");
}

#[test]
fn a_trace_of_dirtied_pages_becomes_the_writes_that_dirty_them() {
    let trace = "[[guest.workload]]\nkind = \"trace\"\nregion = \"50000 pages\"\nfile = \"dirtied.csv\"";
    let [w] = workloads(trace).try_into().unwrap();
    // Of 50,000 pages 10,000 writes hit 9063, 21,250 hit 17,317 and 5000 hit 4758.
    let writes: Vec<u64> = w.schedule.steps.iter().map(|step| (step.1 * w.rate.0).round() as u64).collect();
    for (found, expected) in writes.iter().zip([10_000.0, 21_250.0, 5_000.0]) {
        assert!((*found as f64 / expected - 1.0).abs() < 0.002, "{found}, not {expected}");
    }
    assert_eq!(w.schedule.repeat, None);
}

#[test]
fn phases_share_a_region_and_follow_each_other() {
    let phases = workloads(
        r#"
        [[guest.workload]]
        kind = "phases"
        region = "128 MiB"
        repeat = true
        phase = [
            { time = "10 s", kind = "uniform", rate = 1000 },
            { time = "5 s", kind = "idle", cpu = "10 %" },
            { time = "20 s", kind = "sequential", sweeps = 2, rate = 4000, region = "64 MiB" },
        ]
        "#,
    );
    let [uniform, idle, first, second] = phases.try_into().unwrap();
    assert_eq!((uniform.offset, uniform.region), (Pages(HALF - 32_768), Pages(32_768)));
    assert_eq!(seconds(&uniform.schedule), [(0.0, 1.0), (10.0, 0.0)]);
    assert_eq!((idle.law, idle.cpu), (Law::Idle, Share(0.1)));
    assert_eq!(seconds(&idle.schedule), [(0.0, 0.0), (10.0, 1.0), (15.0, 0.0)]);
    assert_eq!((first.offset, first.region, first.rate), (uniform.offset, Pages(8192), PageRate(2000.0)));
    assert_eq!(second.offset, Pages(uniform.offset.0 + 8192));
    for phase in [&uniform.schedule, &idle.schedule, &first.schedule, &second.schedule] {
        assert_eq!(phase.repeat, Some(Span::from_ms(35_000)));
    }
}

#[test]
fn the_last_phase_may_go_on_and_a_trace_may_be_a_phase() {
    let phases = workloads(
        r#"
        [[guest.workload]]
        kind = "phases"
        region = "200 MiB"
        [[guest.workload.phase]]
        time = "6 s"
        kind = "trace"
        file = "rates.csv"
        [[guest.workload.phase]]
        preset = "redis-set-100k"
        "#,
    );
    let [trace, redis] = phases.try_into().unwrap();
    let third = 1.0 / 3.0;
    assert_eq!(seconds(&trace.schedule), [(0.0, third), (2.0, 1.0), (4.0, 1.0 / 12.0), (6.0, 0.0)]);
    assert_eq!(seconds(&redis.schedule), [(0.0, 0.0), (6.0, 1.0)]);
    assert_eq!((redis.schedule.repeat, redis.region), (None, Pages(37_120)));
}

#[test]
fn own_keys_come_before_those_of_a_preset() {
    let own = workloads(
        r#"
        [[guest.workload]]
        preset = "redis-set-100k"
        scale = 2
        region = "300 MiB"
        cpu = "40 %"
        "#,
    );
    assert_eq!((own[0].region, own[0].cpu), (Pages(76_800), Share(0.4)));
    assert!((dirtied(&own[0], 10.0) / 66_782.0 - 1.0).abs() < 0.02);
    let other = workloads("[[guest.workload]]\npreset = \"redis-write-small\"\nkind = \"uniform\"\nrate = 5");
    assert_eq!((&other[0].law, other[0].region), (&Law::Uniform, Pages(37_120)), "what still makes sense is kept");
}

#[test]
fn a_preset_takes_the_operations_and_the_keys_of_a_program() {
    let of = |more: &str| workloads(&format!("[[guest.workload]]\npreset = \"redis-set-100k\"\n{more}"));
    let (own, sized) = (of(""), of("operations = \"14400/s\"\nkeys = 50000"));
    assert!((sized[0].rate.0 / own[0].rate.0 - 0.1).abs() < 1e-9, "{:?}", sized[0].rate);
    assert!((sized[0].region.0 as f64 / own[0].region.0 as f64 - 0.5).abs() < 0.01, "{:?}", sized[0].region);
    assert_eq!(of("operations = \"864000/min\"")[0].rate, of("operations = 14400")[0].rate);
    let wrong = |more: &str| input(&format!("[[guest.workload]]\n{more}"), &[]).load().unwrap_err()[0].clone();
    for (more, title, help) in [
        (
            "kind = \"uniform\"\nrate = 5\noperations = 5",
            "`guest.workload.0.operations` has no preset",
            "give `preset`",
        ),
        ("preset = \"xz-9\"\nkeys = 5", "`guest.workload.0.keys` cannot be used with preset `xz-9`", "redis-set-100k"),
        (
            "preset = \"redis-set-1m\"\noperations = 5",
            "`guest.workload.0.operations` cannot be used with",
            "rate-factor",
        ),
        ("preset = \"redis-set-100k\"\noperations = 1e12", "so many `operations` make the workload too fast", ""),
        (
            "preset = \"redis-set-100k\"\noperations = \"5 pages/s\"",
            "`guest.workload.0.operations` has the wrong unit",
            "/s",
        ),
    ] {
        let fault = wrong(more);
        assert!(fault.title.starts_with(title), "{more}: {fault:?}");
        assert!(fault.help.clone().unwrap_or_default().contains(help), "{more}: {fault:?}");
    }
}

#[test]
fn a_least_rate_is_no_more_than_the_rate() {
    let text = "[[guest.workload]]\nkind = \"uniform\"\nrate = 100\nleast-rate = 200";
    let faults = input(text, &[]).load().unwrap_err();
    assert_eq!(faults[0].title, "`guest.workload.0.least-rate` is more than the rate");
}

/// A count of none is less than one: a guest of which next to nothing was seen does not write all over its RAM.
#[test]
fn a_point_without_pages_keeps_a_curve_low() {
    let text = "[[guest.workload]]\nkind = \"curve\"\npoints = [[\"1 s\", 100], [\"2 s\", 0], [\"5 s\", 0]]";
    let found = input(text, &[]).load().unwrap().scenario.guest.workloads;
    assert!(dirtied(&found[0], 100.0) < 200.0, "{found:?}");
}

#[test]
fn a_curve_that_no_steady_guest_has_is_doubted() {
    let bent = r#"
        [[guest.workload]]
        kind = "curve"
        region = "256 MiB"
        points = [["1 s", 1000], ["2 s", 9000]]
        "#;
    let warnings = |sets: &[&str]| input(bent, sets).load().unwrap().warnings;
    let found = warnings(&[]);
    assert_eq!(found.len(), 1);
    assert!(found[0].title.starts_with("`guest.workload.0.points."), "{}", found[0].title);
    assert_eq!(warnings(&["guest.workload.0.points=[[\"1 s\", 5100], [\"2 s\", 10000]]"]), []);
    // One page in 512 is sampled, so 20 samples tell hardly anything.
    let few = "guest.workload.0.points=[[\"1 s\", 20], [\"2 s\", 50]]";
    assert_eq!(warnings(&[few, "guest.workload.0.sample-factor=512"]), []);
    assert_eq!(warnings(&[few]).len(), 1);
}

#[test]
fn the_page_of_presets_is_current() {
    Page::read("docs/presets.md").hold(&presets::page());
}

/// A few scenarios of each kind, with and without a throttle and in each way of re-arming the log.
const KINDS: [(&str, &str); 9] = [
    ("zipf", "kind = \"zipf\"\nregion = \"256 MiB\"\nrate = \"60000 pages/s\""),
    ("steep zipf", "kind = \"zipf\"\nregion = \"256 MiB\"\nrate = \"200000 pages/s\"\nexponent = 1.3"),
    ("curve", "kind = \"curve\"\nregion = \"256 MiB\"\nfile = \"curve.csv\""),
    ("steep curve", "kind = \"curve\"\nregion = \"256 MiB\"\nfile = \"curve.csv\"\nscale = 2"),
    ("preset", "preset = \"sqlite-update\""),
    ("trace", "kind = \"trace\"\nregion = \"256 MiB\"\nfile = \"rates.csv\"\nrepeat = true"),
    (
        "skewed trace",
        "kind = \"trace\"\nregion = \"256 MiB\"\nfile = \"rates.csv\"\nrepeat = true\nlaw = \"zipf\"\ncpu = \"60 %\"",
    ),
    (
        "phases",
        "kind = \"phases\"\nregion = \"192 MiB\"\nrepeat = true\nphase = [{ time = \"3 s\", kind = \"zipf\", rate = 90000 }, \
         { time = \"2 s\", kind = \"idle\" }, { time = \"4 s\", kind = \"curve\", file = \"curve.csv\" }]",
    ),
    ("sweeps", "kind = \"sequential\"\nregion = \"192 MiB\"\nsweeps = 3\nrate = \"50000 pages/s\""),
];

fn run(scenario: &Scenario, memory: Memory, seed: u64) -> Outcome {
    let options = Options { memory, seed, ..Options::default() };
    sim::run(scenario, &options).unwrap().0
}

#[test]
fn both_memories_agree_on_every_kind() {
    const SEEDS: u64 = 2;
    for (name, keys) in KINDS {
        for (log, converge) in
            [("classic", "true"), ("manual-protect", "false"), ("initially-set", "true"), ("initially-set", "false")]
        {
            let sets = [format!("qemu.dirty-log={log}"), format!("qemu.auto-converge={converge}")];
            let input = input(&format!("[[guest.workload]]\n{keys}\n"), &[&sets[0], &sets[1], "limits.time=30 s"]);
            let scenario = input.load().unwrap().scenario;
            let expected = run(&scenario, Memory::Expected, 1);
            let walked = sim::run(&scenario, &Options { skip: false, ..Options::default() }).unwrap().0;
            assert_eq!(expected, walked, "{name}: skipping changes nothing");
            let exact: Vec<Outcome> = (1..=SEEDS).map(|seed| run(&scenario, Memory::Exact, seed)).collect();
            let case = format!("{name}, {log}, auto-converge {converge}");
            assert!(exact.iter().any(|outcome| outcome.verdict == expected.verdict), "{case}: {}", expected.reason);
            let mean = |value: fn(&Outcome) -> f64| exact.iter().map(value).sum::<f64>() / SEEDS as f64;
            let total = mean(|outcome| outcome.total_time_ms);
            assert!(
                (expected.total_time_ms / total - 1.0).abs() < 0.02,
                "{case}: {} ms, exact {total}",
                expected.total_time_ms
            );
            let sent = mean(|outcome| outcome.normal_pages as f64);
            assert!(
                (expected.normal_pages as f64 / sent - 1.0).abs() < 0.02,
                "{case}: {} pages, exact {sent}",
                expected.normal_pages
            );
        }
    }
}

#[test]
fn two_skewed_workloads_on_one_region_have_the_same_hot_pages() {
    // Were their ranks mixed independently, more different pages would be dirtied.
    let text = "[[guest.workload]]\nkind = \"zipf\"\nregion = \"64 MiB\"\noffset = 0\nrate = 40000\n".repeat(2);
    let both = scenario(&text);
    let mut one = both.clone();
    one.guest.workloads.pop();
    one.guest.workloads[0].rate = PageRate(80_000.0);
    for memory in [Memory::Expected, Memory::Exact] {
        let (both, one) = (run(&both, memory, 1), run(&one, memory, 1));
        let ratio = both.normal_pages as f64 / one.normal_pages as f64;
        assert!((ratio - 1.0).abs() < 0.01, "{memory:?}: {ratio}");
    }
}

/// A shipped scenario with its suggested change, or without.
fn shipped(name: &str, set: Option<&str>) -> Outcome {
    let sets: Vec<String> = set.map(str::to_owned).into_iter().collect();
    let loaded = Input::from_file(&Path::new("scenarios").join(name), &sets).unwrap().load().unwrap();
    sim::run(&loaded.scenario, &Options::default()).unwrap().0
}

#[test]
fn tailslow_spares_the_guest_its_longest_stalls() {
    let with = shipped("tailslow-matters.toml", None);
    let without = shipped("tailslow-matters.toml", Some("qemu.cpu-throttle-tailslow=false"));
    assert_eq!((with.verdict, without.verdict), (Verdict::Converged, Verdict::Converged));
    assert_eq!((with.throttle_max_pct, without.throttle_max_pct), (93.0, 99.0));
    assert!(with.longest_stall_ms < 300.0 && without.longest_stall_ms > 950.0);
    assert!(with.total_time_ms < without.total_time_ms + 5_000.0);
}

#[test]
fn the_periodic_sync_moves_a_huge_guest_sooner_and_at_a_price() {
    let (new, old) = (shipped("huge-guest.toml", None), shipped("huge-guest.toml", Some("qemu.version=9.1")));
    assert_eq!((new.verdict, old.verdict), (Verdict::Converged, Verdict::Converged));
    assert!(new.total_time_ms < 0.8 * old.total_time_ms, "{} and {}", new.total_time_ms, old.total_time_ms);
    assert!(new.guest_slowdown_pct > old.guest_slowdown_pct);
}

#[test]
fn a_build_server_moves_while_it_waits() {
    let busy = shipped("build-server.toml", None);
    let waiting = shipped("build-server.toml", Some("guest.workload.0.phase.0.kind=idle"));
    assert!((600_000.0..620_000.0).contains(&busy.total_time_ms), "until the compilers end: {}", busy.total_time_ms);
    assert!(waiting.total_time_ms < 30_000.0);
}

#[test]
fn the_warehouse_of_2013_needs_the_throttle() {
    let off = shipped("published/java-warehouse-off.toml", None);
    let on = shipped("published/java-warehouse-on.toml", None);
    assert_eq!((off.verdict, on.verdict), (Verdict::NotConverged, Verdict::Converged));
    assert!(on.throttled_time_ms > 0.0 && on.downtime_ms.unwrap() > 4_000.0);
}

#[test]
fn factors_change_every_rate_and_every_region() {
    let two = r#"
        [[guest.workload]]
        kind = "hot-cold"
        region = "100 MiB"
        hot = "10 %"
        share = "90 %"
        rate = "1000 pages/s"
        [[guest.workload]]
        kind = "sequential"
        region = "50 MiB"
        sweeps = 2
        rate = "400 pages/s"
    "#;
    let load = |sets: &[&str]| input(two, sets).load().map(|loaded| loaded.scenario.guest.workloads);
    let as_written = load(&[]).unwrap();
    let faster = load(&["guest.rate-factor=1.5"]).unwrap();
    for (one, other) in as_written.iter().zip(&faster) {
        assert_eq!((other.rate.0, other.region, other.offset), (1.5 * one.rate.0, one.region, one.offset));
    }
    let larger = load(&["guest.region-factor=2"]).unwrap();
    for (one, other) in as_written.iter().zip(&larger) {
        assert_eq!((other.rate, other.region), (one.rate, Pages(2 * one.region.0)));
    }
    assert_eq!(larger[0].law, Law::HotCold { hot: Pages(2 * 2560), share: Share(0.9) });
    // One after the other, as in the file.
    assert_eq!(larger[2].offset, larger[1].end());
    assert_eq!(load(&["guest.rate-factor=1", "guest.region-factor=1"]).unwrap().len(), as_written.len());
    for (flag, title) in [
        ("guest.region-factor=5", "the workloads do not fit beside the zero pages"),
        ("guest.rate-factor=0", "`guest.rate-factor` must be a number from 0.001 to 1000"),
    ] {
        assert_eq!(load(&[flag]).unwrap_err()[0].title, title);
    }
    let fast = load(&["guest.workload.0.rate=9e8", "guest.rate-factor=2"]).unwrap_err();
    assert_eq!(fast[0].title, "`guest.rate-factor` makes a workload too fast");
}
