//! Passes that repeat are counted: held against migrations in which every pass is walked.

mod drawn;

use precopy::scenario::{Input, Scenario};
use precopy::sim::{self, Event, Options, Outcome, Verdict};
use precopy::units::Span;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

/// Migrations that are drawn; `REPEATS=100000` draws more.
const MIGRATIONS: u64 = 6_000;

fn outcome(scenario: &Scenario, jump: bool) -> Outcome {
    sim::run(scenario, &Options { jump, ..Options::default() }).unwrap().0
}

/// How far two figures are apart, as a share of the larger.
fn apart(one: f64, other: f64) -> f64 {
    if one == other { 0.0 } else { (one - other).abs() / one.abs().max(other.abs()) }
}

#[test]
fn no_verdict_and_no_migration_that_ends_by_itself_is_touched() {
    let migrations = std::env::var("REPEATS").ok().and_then(|text| text.parse().ok()).unwrap_or(MIGRATIONS);
    let (mut jumped, mut worst) = (0, [0.0_f64; 3]);
    for index in 0..migrations {
        let mut scenario =
            if index % 3 == 0 { drawn::ordered(900_000 + index) } else { drawn::scenario(900_000 + index) };
        if index % 2 == 0 {
            // Long enough for passes to repeat.
            scenario.limits.time = scenario.limits.time * 50;
        }
        if scenario.check().is_err() {
            continue;
        }
        let place = format!("migration {index}: {scenario:#?}");
        let (quick, walked) = (outcome(&scenario, true), outcome(&scenario, false));
        assert_eq!(quick.verdict, walked.verdict, "{place}");
        if quick == walked {
            continue;
        }
        jumped += 1;
        if quick.verdict.is_completed() {
            // Something from outside let it end.
            assert!(
                scenario.orchestrator.is_some() || !scenario.at.is_empty() || scenario.link.steps.len() > 1,
                "{place}"
            );
            assert!((quick.total_time_ms - walked.total_time_ms).abs() < 1000.0, "{place}");
            continue;
        }
        assert_eq!(quick.throttle_max_pct, walked.throttle_max_pct, "{place}");
        if quick.verdict == Verdict::NotConverged {
            assert_eq!(quick.total_time_ms, walked.total_time_ms, "{place}");
        }
        let figures = |o: &Outcome| [o.transferred_bytes as f64, o.dirty_sync_count as f64, o.guest_work_lost_ms];
        for ((worst, one), other) in worst.iter_mut().zip(figures(&quick)).zip(figures(&walked)) {
            *worst = worst.max(apart(one, other));
        }
    }
    println!("{jumped} of {migrations} jumped; bytes, syncs and work lost apart by at most {worst:?}");
    assert!(jumped > 0 && worst[0] < 0.02 && worst[1] < 0.05 && worst[2] < 0.02, "{jumped} jumped, apart {worst:?}");
}

fn hopeless(sets: &[&str]) -> Scenario {
    let text = "guest.memory = \"4 GiB\"\nlink.bandwidth = \"1 Gbit/s\"\nqemu.max-bandwidth = 0\n\
                guest.workload = [{ kind = \"uniform\", region = \"1 GiB\", rate = \"1e8 pages/s\" }]\n";
    let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
    Input::new("hopeless.toml", text, &sets).unwrap().load().unwrap().scenario
}

/// Ten years are over as soon as an hour, and show the same guest.
#[test]
fn a_long_time_costs_what_a_short_one_does() {
    for law in ["kind = \"uniform\"", "kind = \"hot-cold\", hot = \"10 %\", share = \"90 %\""] {
        let workload = format!("guest.workload=[{{ {law}, region = \"1 GiB\", rate = \"1e8 pages/s\" }}]");
        let hour = outcome(&hopeless(&[&workload, "limits.time=1 h"]), true);
        let begin = std::time::Instant::now();
        let years = outcome(&hopeless(&[&workload, "limits.time=87600 h"]), true);
        let took = begin.elapsed();
        assert_eq!((hour.verdict, years.verdict), (Verdict::NotConverged, Verdict::NotConverged), "{law}");
        assert!(took.as_millis() < 500, "{law}: {took:?}");
        let [of_hour, of_years] = [&hour, &years].map(|o| o.transferred_bytes as f64 / o.total_time_ms);
        assert!(apart(of_hour, of_years) < 0.02, "{law}: {of_hour} and {of_years} bytes/ms");
    }
}

/// What happens from outside is met where it is, and a timeline says what it leaves out.
#[test]
fn a_jump_ends_before_the_next_event_and_is_told() {
    let scenario = hopeless(&["limits.time=2 h", "at.+={ time = \"1 h\", set = { downtime-limit = \"2000 s\" } }"]);
    let options = Options { timeline: true, ..Options::default() };
    let (quick, timeline) = sim::run(&scenario, &options).unwrap();
    let walked = outcome(&scenario, false);
    assert_eq!((quick.verdict, walked.verdict), (Verdict::Converged, Verdict::Converged));
    assert!((quick.total_time_ms - walked.total_time_ms).abs() < Span::from_ms(60_000).ms(), "{quick:?} {walked:?}");
    let told: Vec<_> = timeline.rows.iter().filter(|row| row.event == Event::Repeat).collect();
    assert!(!told.is_empty() && told.iter().all(|row| row.detail.ends_with("passes like those before")), "{told:?}");
    assert!(told.iter().all(|row| row.t_ms < 3_600_000.0), "{told:?}");
    assert_eq!(quick, outcome(&scenario, true), "with a timeline or without");
}

/// Passes shorter than a bandwidth window, which end close to the threshold: whether one meets it hangs on the window's phase.
#[test]
fn short_passes_near_the_threshold_keep_their_verdict() {
    let migrations = std::env::var("REPEATS").ok().and_then(|text| text.parse().ok()).unwrap_or(300);
    let mut rng = Pcg64::seed_from_u64(77);
    let (mut short, mut jumped) = (0, 0);
    for index in 0..migrations {
        let mut between = |low: f64, high: f64| low * libm::pow(high / low, rng.random::<f64>());
        let (link, limit) = (between(1e8, 2e10), between(5.0, 150.0));
        // What a pass finds dirty is what the link carries in little more than the downtime limit.
        let pages = link / 8.0 / 4096.0 * limit / 1e3 * between(0.9, 1.6);
        let rate = link / 8.0 / 4096.0 * between(1.05, 30.0);
        let law =
            ["kind = \"uniform\"", "kind = \"hot-cold\", hot = \"50 %\", share = \"95 %\"", "kind = \"sequential\""]
                [index % 3];
        let version = ["2.5", "5.0", "8.2", "10.2", "11.1"][index % 5];
        let workload = format!(
            "guest.workload=[{{ {law}, region = \"{:.0} KiB\", rate = \"{rate:.0} pages/s\" }}]",
            (4.0 * pages).max(64.0)
        );
        let scenario = hopeless(&[
            &workload,
            &format!("link.bandwidth={link:.0} bit/s"),
            &format!("qemu.downtime-limit={limit:.0} ms"),
            &format!("qemu.version={version}"),
            "limits.time=5 min",
        ]);
        let (quick, walked) = (outcome(&scenario, true), outcome(&scenario, false));
        assert_eq!(quick.verdict, walked.verdict, "migration {index}: {scenario:#?}");
        short += u32::from(walked.total_time_ms / walked.dirty_sync_count as f64 <= 100.0);
        jumped += u32::from(quick != walked);
    }
    println!("{short} of {migrations} have short passes, {jumped} jumped");
    assert!(jumped > 0 && short > jumped / 2, "{short} of {migrations}, {jumped} jumped");
}
