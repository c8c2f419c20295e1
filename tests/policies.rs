//! Rules of one's own for throttle and switchover: in Rust, as expressions, by name, as bounds, and as bundles of a sweep.

mod bench;
mod page;

use std::fmt::Write as _;

use bench::Bench;
use page::hold_parts;
use precopy::expression::FUNCTIONS;
use precopy::guest::{Law, Workload};
use precopy::qemu::{
    AutoConvergeStep, OwnSwitchoverRule, OwnThrottleRule, SHIPPED_SWITCHOVERS, SHIPPED_THROTTLES,
    SWITCHOVER_QUANTITIES, ShippedRule, Switchover, SwitchoverExpression, THROTTLE_QUANTITIES, ThrottleExpression,
    ThrottleRule, Version,
};
use precopy::results::{ResultRow, Results};
use precopy::scenario::{Input, Scenario};
use precopy::sim::{self, Memory, Options, Outcome, Verdict};
use precopy::statistic::{Sample, Seen};
use precopy::units::{Bytes, PageRate, Rate, Share, Span};

/// Two hundred guests of 1 to 16 GiB that write 256 MiB to 4 GiB, at random or most of it in a tenth, at 25 000 to 400 000 pages a
/// second, on 1, 2.5, 10 and 25 Gbit/s.
fn guests(version: Version) -> Vec<Scenario> {
    let mut all = Vec::new();
    for size in 0..5 {
        for rate in 0..5 {
            for mbit in [1_000, 2_500, 10_000, 25_000] {
                let region = Bytes((256 << 20) << size).pages();
                for law in [Law::Uniform, Law::HotCold { hot: precopy::units::Pages(region.0 / 10), share: Share(0.9) }]
                {
                    let mut scenario = Scenario::new(Bytes((1 << 30) << size), Rate(mbit * 1_000_000 / 8), version);
                    let rate = PageRate(25_000.0 * f64::from(1 << rate));
                    scenario.guest.workloads = vec![Workload::steady(law, region, rate)];
                    scenario.qemu.params.max_bandwidth = Rate(0);
                    scenario.qemu.capabilities.auto_converge = true;
                    scenario.limits.time = Span::from_ms(600_000);
                    all.push(scenario);
                }
            }
        }
    }
    assert_eq!(all.len(), 200);
    all
}

fn run(scenario: &Scenario) -> Outcome {
    sim::run(scenario, &Options::default()).unwrap().0
}

/// Everything that is known of an outcome.
fn told(outcome: &Outcome) -> String {
    format!("{outcome:?}")
}

fn throttled_by(scenario: &Scenario, rule: impl ThrottleRule + 'static) -> Scenario {
    let mut ruled = scenario.clone();
    ruled.qemu.throttle_rule = Some(OwnThrottleRule::new(rule));
    ruled
}

fn stopped_by(scenario: &Scenario, rule: &str) -> Scenario {
    let mut ruled = scenario.clone();
    let rule = SwitchoverExpression::parse(rule).unwrap();
    ruled.qemu.switchover = Switchover::Own(OwnSwitchoverRule::new(rule));
    ruled
}

/// QEMU's own rule as the shipped scenario has it.
fn qemus_own() -> ThrottleExpression {
    let text = include_str!("../scenarios/policies/qemu-8.2.toml");
    let rule = text.split("\"\"\"\n").nth(1).unwrap();
    ThrottleExpression::parse(rule).unwrap()
}

#[test]
fn qemus_own_rule_as_an_expression_gives_qemus_figures() {
    let rule = qemus_own();
    let mut throttled = 0;
    for scenario in guests(Version::new(8, 2)) {
        let qemu = run(&scenario);
        assert_eq!(told(&run(&throttled_by(&scenario, rule.clone()))), told(&qemu));
        throttled += u32::from(qemu.throttle_max_pct > 0.0);
    }
    assert!((40..200).contains(&throttled), "{throttled} of 200 were throttled");
    for version in [(3, 1), (4, 2), (5, 1), (6, 0), (7, 2), (9, 2), (10, 1), (11, 1)] {
        for (number, mut scenario) in guests(Version::new(version.0, version.1)).into_iter().enumerate().step_by(5) {
            scenario.qemu.params.cpu_throttle_tailslow = version >= (5, 1) && number % 2 == 0;
            scenario.qemu.params.cpu_throttle_increment = [10, 7, 25][number % 3];
            let own = told(&run(&throttled_by(&scenario, rule.clone())));
            assert_eq!(own, told(&run(&scenario)), "{version:?}, guest {number}");
        }
    }
}

/// By half the overshoot, in Rust.
#[derive(Debug)]
struct HalfTheOvershoot;

impl ThrottleRule for HalfTheOvershoot {
    fn throttle_pct(&self, step: &AutoConvergeStep, _: &mut [f64; 4]) -> u8 {
        let overshoot = step.period.dirty_bytes as f64 / step.period.sent_bytes as f64 - 1.0;
        let share = f64::from(step.throttle_pct) / 100.0 + overshoot / 2.0;
        if share.is_nan() { step.throttle_pct } else { (100.0 * share).round().clamp(0.0, 99.0) as u8 }
    }
}

/// The same as a user writes it.
const HALF_THE_OVERSHOOT: &str = "throttle + (dirty / sent - 1) / 2";

#[test]
fn a_rule_in_rust_and_one_in_toml_give_equal_numbers_and_others_than_qemu() {
    let mut others = 0;
    for scenario in guests(Version::new(8, 2)) {
        let in_rust = told(&run(&throttled_by(&scenario, HalfTheOvershoot)));
        let expression = ThrottleExpression::parse(HALF_THE_OVERSHOOT).unwrap();
        assert_eq!(told(&run(&throttled_by(&scenario, expression))), in_rust);
        others += u32::from(in_rust != told(&run(&scenario)));
    }
    assert!(others >= 40, "{others} of 200 differ from QEMU");

    let text = format!(
        "[guest]\nmemory = \"16 GiB\"\n[[guest.workload]]\nkind = \"uniform\"\nregion = \"2 GiB\"\nrate = 160000\n\
         [link]\nbandwidth = \"5 Gbit/s\"\n[qemu]\nmax-bandwidth = \"0\"\nauto-converge = true\n\
         [policy]\nthrottle = \"{HALF_THE_OVERSHOOT}\"\n"
    );
    let load = |flags: &[&str]| {
        let flags: Vec<String> = flags.iter().map(|flag| (*flag).to_owned()).collect();
        Input::new("guest.toml", &text, &flags).unwrap().load().unwrap().scenario
    };
    let (own, qemu) = (load(&[]), load(&["policy.throttle=qemu"]));
    assert_eq!(told(&run(&own)), told(&run(&throttled_by(&qemu, HalfTheOvershoot))));
    assert_ne!(told(&run(&own)), told(&run(&qemu)));
}

#[test]
fn a_rule_of_the_other_key_is_told_its_place() {
    let text = "guest.memory = \"1 GiB\"\nlink.bandwidth = \"1 Gbit/s\"\nqemu.auto-converge = true\n";
    for (flag, help) in [
        ("policy.throttle=oracle", "write `switchover = \"oracle\"`"),
        ("policy.throttle=no-gain", "write `switchover = \"no-gain\"`"),
        ("policy.switchover=aimd", "write `throttle = \"aimd\"`"),
        ("policy.switchover=remaining < 100 MiB", "plain bytes: write 104857600"),
    ] {
        let refused = Input::new("guest.toml", text, &[flag.to_owned()]).unwrap().load().unwrap_err();
        assert!(refused.to_string().contains(help), "{flag}: {refused}");
    }
}

#[test]
fn shipped_rules_run_and_none_bounds_what_a_throttle_costs() {
    let guests: Vec<Scenario> = guests(Version::new(8, 2)).into_iter().step_by(4).collect();
    for shipped in SHIPPED_THROTTLES {
        let rule = ThrottleExpression::parse(shipped.rule).unwrap();
        let mut throttled = 0;
        for scenario in &guests {
            let mut ruled = throttled_by(scenario, rule.clone());
            ruled.qemu.deadline = Some(Span::from_ms(120_000));
            let outcome = run(&ruled);
            throttled += u32::from(outcome.throttle_max_pct > 0.0);
            assert!(outcome.throttle_max_pct <= 99.0, "{}: {outcome:#?}", shipped.name);
        }
        assert_eq!(throttled > 0, shipped.name != "none", "{}", shipped.name);
    }
}

#[test]
fn a_deadline_is_kept_where_it_can_be() {
    let mut kept = [0; 2];
    let rule = ThrottleExpression::parse(SHIPPED_THROTTLES.iter().find(|rule| rule.name == "deadline").unwrap().rule);
    let rule = rule.unwrap();
    for mut scenario in guests(Version::new(8, 2)).into_iter().skip(2).step_by(4) {
        scenario.limits.time = Span::from_ms(120_000);
        scenario.qemu.deadline = Some(Span::from_ms(120_000));
        let ended = |scenario: &Scenario| usize::from(run(scenario).verdict == Verdict::Converged);
        kept[0] += ended(&scenario);
        kept[1] += ended(&throttled_by(&scenario, rule.clone()));
    }
    assert!(kept[1] >= kept[0], "{kept:?} of 50 within two minutes, by QEMU and by the rule");
}

/// Of one run and of many.
#[test]
fn a_deadline_that_was_missed_is_told() {
    let said = |words: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_precopy"));
        let guest = ["run", "scenarios/idle-guest.toml", "--set", "qemu.max-bandwidth=0"];
        let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).args(guest).args(words).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let late = said(&["--set", "policy.deadline=1 ms"]);
    assert!(late.contains("\n  the deadline of 1 ms (`policy.deadline`) was missed by "), "{late}");
    assert!(!said(&["--set", "policy.deadline=1 h"]).contains("deadline"), "one that is kept is no news");
    let many = said(&["--set", "policy.deadline=1 ms", "--repeats", "3"]);
    assert!(many.contains("the deadline of 1 ms (`policy.deadline`) was missed by 3 of 3 runs\n"), "{many}");
    let kept = said(&["--set", "policy.deadline=1 h", "--repeats", "3"]);
    assert!(kept.contains("was missed by 0 of 3 runs\n"), "{kept}");
}

#[test]
fn qemus_own_switchover_as_an_expression_gives_qemus_figures() {
    for scenario in guests(Version::new(8, 2)) {
        let qemu = told(&run(&scenario));
        assert_eq!(told(&run(&stopped_by(&scenario, "remaining < threshold"))), qemu);
        assert_eq!(told(&run(&stopped_by(&scenario, "qemu"))), qemu);
    }
}

#[test]
fn no_rule_stops_the_guest_at_a_better_moment_than_the_oracle() {
    let mut better = 0;
    for scenario in guests(Version::new(8, 2)).into_iter().step_by(3) {
        let downtime = |scenario: &Scenario| run(scenario).downtime_ms;
        let mut oracle = scenario.clone();
        oracle.qemu.switchover = Switchover::Oracle;
        let best = downtime(&oracle).expect("there is a sync within the time limit");
        let rules = SHIPPED_SWITCHOVERS.iter().map(|rule| stopped_by(&scenario, rule.rule));
        for other in rules.chain([scenario.clone()]) {
            let other = downtime(&other).unwrap_or(f64::INFINITY);
            assert!(best <= other + 1.0, "{best} against {other}: {scenario:#?}");
            better += u32::from(best < other);
        }
    }
    assert!(better > 20, "{better}");
}

#[test]
fn a_rule_that_always_says_no_ends_with_the_time_limit_or_with_nothing_left() {
    for scenario in guests(Version::new(11, 1)).into_iter().step_by(11) {
        let outcome = run(&stopped_by(&scenario, "0"));
        match outcome.verdict {
            Verdict::Converged => {
                assert!(outcome.reason.to_string().starts_with("0 B were left"), "{}", outcome.reason)
            }
            _ => assert_eq!(outcome.verdict, Verdict::NotConverged),
        }
    }
}

#[test]
fn both_memories_run_under_rules() {
    let guests = guests(Version::new(8, 2));
    let scenario = throttled_by(&guests[14], qemus_own());
    let exact = Options { memory: Memory::Exact, ..Options::default() };
    assert_eq!(sim::run(&scenario, &exact).unwrap().0.verdict, run(&scenario).verdict);
}

/// Two bundles, over a scenario that says something of both.
const SWEPT: &str = r#"
[guest]
memory = "16 GiB"
vcpus = 4

[[guest.workload]]
kind = "uniform"
region = "2 GiB"
rate = "160000 pages/s"

[link]
bandwidth = "5 Gbit/s"

[qemu]
max-bandwidth = "0"
auto-converge = true

[sweep]
"link.bandwidth" = ["4 Gbit/s", "5 Gbit/s"]
"qemu.cpu-throttle-initial" = [20, 40]

[[sweep.policy]]
name = "as shipped"
set = []

[[sweep.policy]]
name = "gentle"
set = ["policy.throttle=aimd", "qemu.max-cpu-throttle=60"]

[[sweep.policy]]
name = "nova"
set = ["orchestrator.kind=nova", "qemu.auto-converge=false"]
"#;

#[test]
fn bundles_are_an_axis_and_each_row_is_what_the_flags_give() {
    let bench = Bench::new(SWEPT);
    let ended = bench.sweep(&[]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let rows = Results::parse(&ended.stdout).unwrap();
    assert_eq!(rows.len(), 12);
    assert_eq!(rows.name(3), "policy");
    for row in rows.rows() {
        let cell = |name: &str| row.cell(rows.column(name).unwrap()).to_string();
        let bundle = match cell("policy").as_str() {
            "as shipped" => &[][..],
            "gentle" => &["policy.throttle=aimd", "qemu.max-cpu-throttle=60"],
            "nova" => &["orchestrator.kind=nova", "qemu.auto-converge=false"],
            other => panic!("{other}"),
        };
        let number = |name: &str| row.number(rows.column(name).unwrap()).unwrap();
        let axes = [
            format!("link.bandwidth={} B/s", number("link.bandwidth")),
            format!("qemu.cpu-throttle-initial={}", number("qemu.cpu-throttle-initial")),
        ];
        let sets = bundle.iter().copied().chain(axes.iter().map(String::as_str)).flat_map(|flag| ["--set", flag]);
        let words: Vec<&str> = ["run", "guest.toml", "--format", "csv"].into_iter().chain(sets).collect();
        let alone = Results::parse(&bench.precopy(&words).stdout).unwrap();
        for name in ["verdict", "total_time_ms", "downtime_ms", "throttle_max_pct"] {
            let of = |results: &Results, row: ResultRow| row.cell(results.column(name).unwrap()).to_string();
            assert_eq!(of(&rows, row), of(&alone, alone.row(0)), "{name} of row {}", row.place());
        }
    }
    let some = bench.sweep(&["--vary", "policy=nova,gentle"]);
    assert_eq!(Results::parse(&some.stdout).unwrap().len(), 8, "{}", some.stderr);
    let none = bench.sweep(&["--vary", "policy=novas,gentle"]);
    assert!(none.code == 2 && none.stderr.contains("did you mean `nova`?"), "{}", none.stderr);
    assert_eq!(bench.precopy(&["run", "guest.toml"]).code, 0);
}

#[test]
fn a_bundle_that_changes_makes_another_sweep() {
    let bench = Bench::new(SWEPT);
    assert_eq!(bench.sweep(&["-o", "rows.csv"]).code, 0);
    std::fs::write(bench.path("guest.toml"), SWEPT.replace("=aimd", "=steps")).unwrap();
    let again = bench.sweep(&["-o", "rows.csv", "--resume"]);
    assert!(again.code == 2 && again.stderr.contains("belongs to another sweep"), "{}: {}", again.code, again.stderr);
}

#[test]
fn a_throttle_is_an_axis_by_itself() {
    let bench = Bench::new(SWEPT.split("[sweep]").next().unwrap());
    let rules = format!("policy.throttle=qemu,none,aimd,{HALF_THE_OVERSHOOT},min(throttle + 10 %, max)");
    let ended = bench.sweep(&["--vary", &rules]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let rows = Results::parse(&ended.stdout).unwrap();
    let at = rows.column("policy.throttle").unwrap();
    let named: Vec<String> = rows.rows().map(|row| row.cell(at).to_string()).collect();
    assert_eq!(named, ["qemu", "none", "aimd", HALF_THE_OVERSHOOT, "min(throttle + 10 %, max)"]);
}

/// A table of rules with a name.
fn shipped(rules: &[ShippedRule]) -> String {
    let mut table = "| name | rule | does | from |\n|---|---|---|---|\n".to_owned();
    for ShippedRule { name, rule, means, source } in rules {
        let rule = rule.split_whitespace().collect::<Vec<_>>().join(" ");
        let _ = writeln!(table, "| `{name}` | `{rule}` | {means} | {source} |");
    }
    table
}

#[test]
fn the_page_has_what_rules_may_read_and_call_and_what_is_shipped() {
    let quantities = |rows: Vec<[&str; 3]>| {
        let mut table = "| name | unit | what |\n|---|---|---|\n".to_owned();
        rows.iter().for_each(|[name, unit, means]| {
            let _ = writeln!(table, "| `{name}` | {unit} | {means} |");
        });
        table
    };
    let throttle = THROTTLE_QUANTITIES.iter().map(|quantity| [quantity.name, quantity.unit, quantity.means]).collect();
    let switchover =
        SWITCHOVER_QUANTITIES.iter().map(|quantity| [quantity.name, quantity.unit, quantity.means]).collect();
    let mut functions = "| function | gives |\n|---|---|\n".to_owned();
    FUNCTIONS.iter().for_each(|(_, call, gives)| {
        let _ = writeln!(functions, "| `{call}` | {gives} |");
    });
    hold_parts(
        "docs/policies.md",
        &[
            ("drawn: throttle quantities", &quantities(throttle)),
            ("drawn: switchover quantities", &quantities(switchover)),
            ("drawn: functions", &functions),
            ("drawn: throttles", &shipped(&SHIPPED_THROTTLES)),
            ("drawn: switchovers", &shipped(&SHIPPED_SWITCHOVERS)),
        ],
    );
}

/// What the rules do to 200 guests, from a sweep over rules and guests.
const TWO_HUNDRED: &str = include_str!("../scenarios/policies/two-hundred.toml");

#[test]
fn the_page_compares_rules_on_two_hundred_guests() {
    let bench = Bench::new(TWO_HUNDRED);
    let ended = bench.sweep(&[]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let rows = Results::parse(&ended.stdout).unwrap();
    let at = rows.column("policy.throttle").unwrap();
    let mut table = "| `throttle` | converge | total time | slowdown while it ran | throttled by 90 % and more |\n\
                     |---|---|---|---|---|\n"
        .to_owned();
    for rule in rows.values(at) {
        let of_rule: Vec<ResultRow> = rows.rows().filter(|row| row.cell(at) == rule).collect();
        assert_eq!(of_rule.len(), 200, "{rule}");
        let median = |name: &str, seen: fn(&ResultRow, usize) -> Seen| {
            let column = rows.column(name).unwrap();
            let sample: Sample = of_rule.iter().map(|row| seen(row, column)).collect();
            precopy::metrics::Metric::of(name).unwrap().unit.show_known(sample.statistic().median)
        };
        // Also what those paid that did not end: a rule that gives guests up is not cheap for that.
        let paid = |row: &ResultRow, column: usize| row.number(column).map_or(Seen::Nothing, Seen::Exactly);
        let converged = of_rule.iter().filter(|row| row.finished()).count();
        let over = rows.column("throttled_over_90_ms").unwrap();
        let hard = of_rule.iter().filter(|row| row.number(over).is_some_and(|ms| ms > 0.0)).count();
        let _ = writeln!(
            table,
            "| `{rule}` | {converged} of 200 | {} | {} | {hard} guests |",
            median("total_time_ms", |row, column| row.seen(column)),
            median("running_slowdown_pct", paid)
        );
    }
    hold_parts("docs/policies.md", &[("drawn: compared", &table)]);
}
