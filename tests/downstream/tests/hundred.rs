//! A hundred scenarios, made, checked and run from outside.

use std::error::Error;

use precopy::guest::{Law, OpenOrder, OwnOrder, Workload};
use precopy::qemu::{
    OwnSwitchoverRule, OwnThrottleRule, Switchover, SwitchoverExpression, ThrottleExpression, ThrottleRule, Version,
};
use precopy::scenario::{Input, OwnRules, Scenario};
use precopy::sim::{self, Memory, Options, Outcome, Verdict};
use precopy::units::{Bytes, PageRate, Pages, Rate, Span};
use precopy_downstream::{Anywhere, Journal, OneRegion, Passes, Proportional, TwoHits, Walk};

/// Guests of 1 to 16 GiB that write 64 MiB to 1 GiB at 10,000 to 160,000 pages a second, on 1, 2.5, 10 and 25 Gbit/s.
fn hundred() -> Vec<Scenario> {
    let mut all = Vec::new();
    for size in 0..5 {
        for rate in 0..5 {
            for mbit in [1_000, 2_500, 10_000, 25_000] {
                let memory = Bytes((1 << 30) << size);
                let mut scenario = Scenario::new(memory, Rate(mbit * 1_000_000 / 8), Version::new(8, 2));
                let region = Bytes((64 << 20) << size).pages();
                scenario.guest.workloads =
                    vec![Workload::steady(Law::Uniform, region, PageRate(10_000.0 * f64::from(1 << rate)))];
                scenario.qemu.params.max_bandwidth = Rate(0);
                scenario.qemu.capabilities.auto_converge = true;
                all.push(scenario);
            }
        }
    }
    assert_eq!(all.len(), 100);
    all
}

fn ruled(scenario: &Scenario, rule: impl ThrottleRule + 'static) -> Scenario {
    let mut ruled = scenario.clone();
    ruled.qemu.throttle_rule = Some(OwnThrottleRule::new(rule));
    ruled
}

fn run(scenario: &Scenario) -> Result<Outcome, Box<dyn Error>> {
    Ok(sim::run(scenario, &Options::default())?.0)
}

/// Everything that is known of an outcome.
fn told(outcome: &Outcome) -> String {
    format!("{outcome:?}")
}

#[test]
fn the_rule_of_qemu_written_from_outside_gives_the_same_numbers() -> Result<(), Box<dyn Error>> {
    let mut throttled = 0;
    for scenario in hundred() {
        let own = run(&ruled(&scenario, TwoHits))?;
        assert_eq!(told(&own), told(&run(&scenario)?));
        throttled += u32::from(own.throttle_max_pct > 0.0);
    }
    assert!((20..100).contains(&throttled), "{throttled} of 100 were throttled");
    Ok(())
}

#[test]
fn a_rule_of_one_line_is_the_one_written_in_rust() -> Result<(), Box<dyn Error>> {
    let throttle = ThrottleExpression::parse(
        "hits = if(dirty > limit, hits + 1, hits); fires = hits >= 2; hits = if(fires, 0, hits);
         if(fires, if(throttle == 0, initial, min(throttle + increment, max)), throttle)",
    )?;
    let switchover = SwitchoverExpression::parse("qemu or syncs > 6")?;
    let mut stopped = 0;
    for scenario in hundred() {
        let mut in_rust = ruled(&scenario, TwoHits);
        let mut of_one_line = ruled(&scenario, throttle.clone());
        assert_eq!(told(&run(&in_rust)?), told(&run(&of_one_line)?));
        in_rust.qemu.switchover = Switchover::Own(OwnSwitchoverRule::new(Passes(6)));
        of_one_line.qemu.switchover = Switchover::Own(OwnSwitchoverRule::new(switchover.clone()));
        assert_eq!(told(&run(&in_rust)?), told(&run(&of_one_line)?));
        stopped += u32::from(told(&run(&in_rust)?) != told(&run(&scenario)?));
    }
    assert!(stopped > 0, "the seventh sync stops guests that QEMU does not stop");
    let error = ThrottleExpression::parse("throtle + 10 %").unwrap_err().to_string();
    assert_eq!(error, "column 1: unknown name `throtle`; did you mean `throttle`?");
    Ok(())
}

#[test]
fn another_rule_gives_other_numbers() -> Result<(), Box<dyn Error>> {
    let mut others = 0;
    for scenario in hundred() {
        let qemu = run(&scenario)?;
        let other = told(&run(&ruled(&scenario, Proportional))?) != told(&qemu);
        assert!(!other || qemu.throttle_max_pct > 0.0, "it acts where QEMU's own rule has nothing to do");
        others += u32::from(other);
    }
    assert!(others >= 20, "{others} of 100 differ");
    Ok(())
}

#[test]
fn a_rule_may_take_the_throttle_back() -> Result<(), Box<dyn Error>> {
    let busy_then_calm = OneRegion {
        pages: Bytes(12 << 30).pages(),
        rates: vec![(Span::ZERO, PageRate(100_000.0)), (Span::from_ms(180_000), PageRate(12_000.0))],
    };
    let mut scenario = Scenario::new(Bytes(16 << 30), Rate(125_000_000), Version::new(10, 0));
    scenario.guest.workloads = vec![Workload::modelled(&busy_then_calm, Pages(0))];
    scenario.qemu.params.max_bandwidth = Rate(0);
    scenario.qemu.capabilities.auto_converge = true;
    let options = Options { timeline: true, ..Options::default() };
    let went_down = |scenario: &Scenario| -> Result<bool, Box<dyn Error>> {
        let (_, timeline) = sim::run(scenario, &options)?;
        Ok(timeline.rows.windows(2).any(|pair| pair[1].throttle_pct < pair[0].throttle_pct))
    };
    assert!(went_down(&ruled(&scenario, Proportional))? && !went_down(&scenario)?);
    Ok(())
}

#[test]
fn a_workload_from_outside_is_one_of_the_program_s_own() -> Result<(), Box<dyn Error>> {
    for scenario in hundred() {
        let mut modelled = scenario.clone();
        let Workload { region, rate, .. } = scenario.guest.workloads[0];
        modelled.guest.workloads =
            vec![Workload::modelled(&OneRegion { pages: region, rates: vec![(Span::ZERO, rate)] }, Pages(0))];
        assert_eq!(told(&run(&modelled)?), told(&run(&scenario)?));
    }
    Ok(())
}

#[test]
fn both_memories_run_what_was_made_outside() -> Result<(), Box<dyn Error>> {
    let scenario = ruled(&hundred()[2], Proportional);
    let exact = Options { memory: Memory::Exact, ..Options::default() };
    assert_eq!(sim::run(&scenario, &exact)?.0.verdict, run(&scenario)?.verdict);
    Ok(())
}

#[test]
fn errors_pass_through_a_question_mark() {
    fn load(text: &str) -> Result<Verdict, Box<dyn Error>> {
        let loaded = Input::new("guest.toml", text, &[])?.load()?;
        Ok(sim::run(&loaded.scenario, &Options::default())?.0.verdict)
    }
    let sound = "[guest]\nmemory = \"1 GiB\"\n[link]\nbandwidth = \"1 Gbit/s\"\n";
    assert_eq!(load(sound).unwrap(), Verdict::Converged);
    let error = load("[guest]\nmemory = \"1 GiB\"\n[link]\nbandwidth = 5\n").unwrap_err().to_string();
    assert!(error.starts_with("guest.toml:4:13: "), "{error}");

    let mut wrong = hundred().swap_remove(0);
    wrong.guest.workloads[0].rate = PageRate(f64::NAN);
    wrong.limits.time = Span::ZERO;
    let error = run(&wrong).unwrap_err().to_string();
    assert!(error.contains("`guest.workload.0.rate`") && error.contains("`limits.time`"), "{error}");

    let mut unruled = ruled(&hundred()[0], TwoHits);
    unruled.qemu.capabilities.auto_converge = false;
    let error = run(&unruled).unwrap_err().to_string();
    assert!(error.contains("`qemu.throttle-rule` and `qemu.auto-converge`"), "{error}");
}

#[test]
fn a_scenario_made_in_rust_is_the_one_that_a_text_of_two_keys_gives() {
    let text = "[guest]\nmemory = \"8 GiB\"\n[link]\nbandwidth = \"10 Gbit/s\"\n[qemu]\nversion = \"8.2\"\n";
    let mut read = Input::new("guest.toml", text, &[]).unwrap().load().unwrap().scenario;
    read.assumed.clear();
    let made = Scenario::new(Bytes(8 << 30), Rate(1_250_000_000), Version::new(8, 2));
    assert_eq!(format!("{made:?}"), format!("{read:?}"));
}

/// The order `uniform` written from outside: its migration to the last bit in the exact memory where first writes cost nothing,
/// and else within what the measured curve of first writes scatters by; in the expected one within the scatter of that curve.
#[test]
fn an_order_of_ones_own_that_is_uniform_gives_the_same_migration() -> Result<(), Box<dyn Error>> {
    let small = |scenario: &Scenario| scenario.guest.memory.bytes() <= Bytes(4 << 30);
    for mut scenario in hundred().into_iter().filter(small).step_by(7) {
        let run = |scenario: &Scenario, memory| -> Result<Outcome, Box<dyn Error>> {
            Ok(sim::run(scenario, &Options { memory, ..Options::default() })?.0)
        };
        let order = OwnOrder::new(Anywhere, scenario.guest.workloads[0].region);
        let own = |scenario: &Scenario| {
            let mut own = scenario.clone();
            own.guest.workloads[0].law = Law::Own(order.clone());
            own
        };
        for (memory, share) in [(Memory::Exact, 1e-3), (Memory::Expected, 0.03)] {
            let (found, wanted) = (run(&own(&scenario), memory)?, run(&scenario, memory)?);
            assert!((found.total_time_ms / wanted.total_time_ms - 1.0).abs() < share, "{memory:?}: {scenario:?}");
        }
        scenario.guest.fault_cost = Some(Span::ZERO);
        assert_eq!(told(&run(&own(&scenario), Memory::Exact)?), told(&run(&scenario, Memory::Exact)?));
    }
    Ok(())
}

/// Both memories give what comes of an order of one's own, the expected one as well as its classes follow the curve.
#[test]
fn orders_of_ones_own_migrate_alike_in_both_memories() -> Result<(), Box<dyn Error>> {
    let region = Bytes(256 << 20).pages();
    let orders = [
        // Half of it comes back to its pages in turn, which bends more sharply than any classes.
        (OwnOrder::new(Journal, region), 0.0),
        // What is written lies close together, so that the cursor meets it as a whole or not at all; no curve knows that.
        (OwnOrder::new(Walk, region), 0.25),
    ];
    for (order, clustered) in orders {
        let law = Law::Own(order.clone());
        let missed = |(writes, pages): &(u64, f64)| (law.distinct(region, *writes as f64) / pages - 1.0).abs();
        let curve = order.curve().iter().filter(|(writes, _)| *writes > 1000).map(missed).fold(0.0, f64::max);
        let mut scenario = Scenario::new(Bytes(1 << 30), Rate(62_500_000), Version::new(8, 2));
        scenario.guest.workloads = vec![Workload::ordered(order, Pages(0), PageRate(20_000.0))];
        scenario.qemu.params.max_bandwidth = Rate(0);
        scenario.qemu.capabilities.auto_converge = true;
        let run = |memory| sim::run(&scenario, &Options { memory, ..Options::default() }).map(|(outcome, _)| outcome);
        let (expected, exact) = (run(Memory::Expected)?, run(Memory::Exact)?);
        assert_eq!((expected.verdict, exact.verdict), (Verdict::Converged, Verdict::Converged));
        let ratio = expected.total_time_ms / exact.total_time_ms;
        assert!((ratio - 1.0).abs() <= curve + clustered + 0.01, "{ratio}, where the curve is missed by {curve}");
    }
    Ok(())
}

/// An order comes with a scenario's text in the place of that of a workload, which must be there.
#[test]
fn an_order_takes_the_place_of_a_workloads() -> Result<(), Box<dyn Error>> {
    let file = "[guest]\nmemory = \"1 GiB\"\n[[guest.workload]]\nkind = \"zipf\"\nregion = \"64 MiB\"\nrate = 9000\n[link]\nbandwidth = \"1 Gbit/s\"";
    let rules = |index| OwnRules { orders: vec![(index, OpenOrder::new(Anywhere))], ..OwnRules::default() };
    let draft = Input::new("own.toml", file, &[])?.draft()?.ruled_by(rules(0));
    let own = draft.load(&[])?.scenario;
    let uniform = Input::new("own.toml", &file.replace("zipf", "uniform"), &[])?.load()?.scenario;
    let exact = |scenario: &Scenario| sim::run(scenario, &Options { memory: Memory::Exact, ..Options::default() });
    assert_eq!(told(&exact(&own)?.0), told(&exact(&uniform)?.0));
    let refused = Input::new("own.toml", file, &[])?.draft()?.ruled_by(rules(1)).load(&[]).unwrap_err();
    assert!(refused.to_string().contains("`guest.workload.1` is no workload that writes"), "{refused}");
    Ok(())
}
