//! What varies from run to run: drawn values, their streams, and the summary over many runs.

use std::process::Command;

use precopy::scenario::{Input, Scenario};
use precopy::sim::{self, Options};

fn scenario(sets: &[&str]) -> Scenario {
    let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
    let input = Input::from_file("scenarios/throttle-decides.toml".as_ref(), &sets).unwrap();
    input.load().unwrap_or_else(|faults| panic!("{faults:#?}")).scenario
}

const RATE: [&str; 2] = ["guest.rate-spread.law=gamma", "guest.rate-spread.deviation=30 %"];
const JITTER: [&str; 3] = ["link.jitter.law=log-normal", "link.jitter.deviation=10 %", "link.jitter.every=1 s"];

#[test]
fn the_same_seed_draws_the_same_and_another_seed_something_else() {
    let varying = scenario(&RATE);
    let rate = |seed| varying.drawn(seed).guest.workloads[0].rate.0;
    assert_eq!(rate(1), rate(1));
    assert_ne!(rate(1), rate(2));
    assert!(varying.varies() && !varying.drawn(1).varies(), "a drawn scenario is fixed");
}

#[test]
fn a_draw_that_is_added_moves_no_other() {
    let both: Vec<&str> = RATE.into_iter().chain(JITTER).collect();
    for seed in 1..20 {
        let (rate, jitter, both) =
            (scenario(&RATE).drawn(seed), scenario(&JITTER).drawn(seed), scenario(&both).drawn(seed));
        assert_eq!(both.guest.workloads[0].rate, rate.guest.workloads[0].rate);
        assert_eq!(both.link.steps, jitter.link.steps);
    }
}

#[test]
fn a_jittering_link_is_drawn_anew_every_second_and_keeps_its_mean() {
    let link = scenario(&JITTER).drawn(7).link;
    assert!(link.steps.len() > 100 && link.steps.windows(2).all(|pair| (pair[1].0 - pair[0].0).whole_ms() == 1000));
    let mean = link.steps.iter().map(|(_, rate)| rate.0 as f64).sum::<f64>() / link.steps.len() as f64;
    let stated = scenario(&[]).link.steps[0].1.0 as f64;
    assert!((mean / stated - 1.0).abs() < 0.02, "{mean} {stated}");
}

#[test]
fn a_scenario_in_which_nothing_varies_is_left_as_it_is() {
    let fixed = scenario(&[]);
    assert!(!fixed.varies());
    let outcome = |scenario: &Scenario| sim::run(scenario, &Options::default()).0;
    assert_eq!(outcome(&fixed.drawn(5)), outcome(&fixed));
}

fn precopy(words: &[&str]) -> (String, i32) {
    let output = Command::new(env!("CARGO_BIN_EXE_precopy")).args(words).output().unwrap();
    (String::from_utf8(output.stdout).unwrap(), output.status.code().unwrap())
}

#[test]
fn repeats_are_summed_up_in_every_format() {
    let mut words = vec!["run", "scenarios/throttle-decides.toml", "--repeats", "20"];
    for set in RATE {
        words.extend(["--set", set]);
    }
    let (json, code) = precopy(&[&words[..], &["--format", "json"]].concat());
    assert_eq!(code, 0);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["runs"].as_array().unwrap().len(), 20);
    let total = &json["summary"]["total_time_ms"];
    let figure = |key: &str| total[key].as_f64().unwrap();
    assert!(figure("p5") < figure("median") && figure("median") < figure("p95"), "{total}");
    let counted: u64 = json["verdicts"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!(counted, 20);
    let (csv, _) = precopy(&[&words[..], &["--format", "csv"]].concat());
    assert_eq!(csv.lines().count(), 21);
    let (text, _) = precopy(&words);
    assert!(text.starts_with("20 runs: ") && text.contains("median"), "{text}");
    // Run 1 of many is the run of that seed alone.
    let (alone, _) = precopy(&[&words[..2], &words[4..], &["--seed", "3", "--format", "csv"]].concat());
    assert_eq!(csv.lines().nth(3), alone.lines().nth(1));
}

#[test]
fn an_expectation_must_hold_in_every_run() {
    let slow = ["--set", "link.spread.law=pareto", "--set", "link.spread.deviation=80 %", "--set", "limits.time=40 s"];
    let words = ["run", "scenarios/throttle-decides.toml", "--repeats", "40", "--expect", "converged"];
    assert_eq!(precopy(&[&words[..], &slow[..]].concat()).1, 1);
    assert_eq!(precopy(&words).1, 0);
}
