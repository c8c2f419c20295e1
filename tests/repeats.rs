//! What varies from run to run: drawn values, their streams, and the summary over many runs.

use std::process::Command;

use precopy::scenario::{Input, Scenario};
use precopy::sim::{self, Options};
use precopy::units::Time;

fn scenario(sets: &[&str]) -> Scenario {
    load("throttle-decides", sets)
}

fn load(name: &str, sets: &[&str]) -> Scenario {
    let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
    let input = Input::from_file(format!("scenarios/{name}.toml").as_ref(), &sets).unwrap();
    input.load().unwrap_or_else(|faults| panic!("{faults:#?}")).scenario
}

const RATE: [&str; 2] = ["guest.rate-spread.law=gamma", "guest.rate-spread.deviation=30 %"];
const LINK: [&str; 2] = ["link.spread.law=normal", "link.spread.deviation=10 %"];
const TIME: [&str; 2] = ["guest.workload.0.time-spread.law=gamma", "guest.workload.0.time-spread.deviation=60 %"];
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
    let draws: [&[&str]; 4] = [&RATE, &LINK, &JITTER, &TIME];
    // What each of them moves: rates, the link, and when phases are on. The link's own two draws meet in one figure,
    // so each is looked at without the other.
    let rates = |run: &Scenario| run.guest.workloads.iter().map(|workload| workload.rate).collect::<Vec<_>>();
    let phases = |run: &Scenario| run.guest.workloads.iter().map(|w| w.schedule.clone()).collect::<Vec<_>>();
    for seed in 1..20 {
        let drawn = |sets: &[&[&str]]| load("build-server", &sets.concat()).drawn(seed);
        for added in draws {
            let with = |one: &[&'static str]| drawn(&[one, added]);
            if added != RATE {
                assert_eq!(rates(&with(&RATE)), rates(&drawn(&[&RATE])));
            }
            if added != TIME {
                assert_eq!(phases(&with(&TIME)), phases(&drawn(&[&TIME])));
            }
            if added != LINK && added != JITTER {
                assert_eq!(with(&LINK).link.steps, drawn(&[&LINK]).link.steps);
                assert_eq!(with(&JITTER).link.steps, drawn(&[&JITTER]).link.steps);
            }
        }
        let both = drawn(&[&LINK, &JITTER]).link.steps;
        let whole = drawn(&[&LINK]).link.steps[0].1.0 as f64 / load("build-server", &[]).link.steps[0].1.0 as f64;
        for (both, jitter) in both.iter().zip(drawn(&[&JITTER]).link.steps) {
            assert_eq!(both.0, jitter.0);
            assert!((both.1.0 as f64 / jitter.1.0 as f64 / whole - 1.0).abs() < 1e-6, "one factor on all");
        }
    }
}

#[test]
fn the_lengths_of_phases_are_drawn_each_time_they_come() {
    let varying = load("build-server", &[&TIME[..], &["limits.time=1000 h"]].concat());
    assert!(varying.varies());
    let run = varying.drawn(3);
    assert!(!run.varies(), "a drawn scenario is fixed");
    assert_ne!(run.guest.workloads[0].schedule, varying.drawn(4).guest.workloads[0].schedule);
    // The compilers: on for ten minutes and off for five in the mean, and no two builds take equally long.
    let steps = &run.guest.workloads[0].schedule.steps;
    let lengths = |on: bool| {
        let pairs = steps.windows(2).filter(move |pair| (pair[0].1 > 0.0) == on);
        pairs.map(|pair| (pair[1].0 - pair[0].0).seconds()).collect::<Vec<_>>()
    };
    for (on, minutes) in [(true, 10.0), (false, 5.0)] {
        let mut lengths = lengths(on);
        let mean = lengths.iter().sum::<f64>() / lengths.len() as f64;
        assert!((mean / (60.0 * minutes) - 1.0).abs() < 0.06, "{mean} s over {} phases", lengths.len());
        let count = lengths.len();
        lengths.sort_by(f64::total_cmp);
        lengths.dedup();
        assert!(count > 3000 && lengths.len() == count, "{count}");
    }
    // One phase takes over where the other ends.
    for workloads in run.guest.workloads.windows(2) {
        let [build, pause] = [0, 1].map(|index| &workloads[index].schedule);
        for (at, _) in steps.iter().take(100) {
            let now = Time::ZERO + *at;
            assert_eq!(build.at(now).0 + pause.at(now).0, 1.0, "at {now:?}");
        }
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
    let outcome = |scenario: &Scenario| sim::run(scenario, &Options::default()).unwrap().0;
    assert_eq!(outcome(&fixed.drawn(5)), outcome(&fixed));
}

fn precopy(words: &[&str]) -> (String, i32) {
    let output = Command::new(env!("CARGO_BIN_EXE_precopy")).env_remove("COLUMNS").args(words).output().unwrap();
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

/// A verdict that another host would change is that of one run.
#[test]
fn what_depends_on_the_host_is_said_of_a_run() {
    let mut words = vec!["run", "--ram", "64GiB", "--link", "10G", "--repeats", "10"];
    let workload = "guest.workload=[{ kind = \"uniform\", region = \"1 GiB\", rate = \"1150 MiB/s\" }]";
    let spread = ["guest.rate-spread.law=log-normal", "guest.rate-spread.deviation=20 %", "qemu.max-bandwidth=0"];
    for set in [workload].into_iter().chain(spread) {
        words.extend(["--set", set]);
    }
    let (text, _) = precopy(&words);
    assert!(text.contains("the run of seed 1 (converged) would be not-converged"), "{text}");
}

#[test]
fn an_expectation_must_hold_in_every_run() {
    let slow = ["--set", "link.spread.law=pareto", "--set", "link.spread.deviation=80 %", "--set", "limits.time=40 s"];
    let words = ["run", "scenarios/throttle-decides.toml", "--repeats", "40", "--expect", "converged"];
    assert_eq!(precopy(&[&words[..], &slow[..]].concat()).1, 1);
    assert_eq!(precopy(&words).1, 0);
}
