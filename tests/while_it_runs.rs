//! What is done to a migration while it runs changes it from that moment on, and not before.

use precopy::qemu::MonitorCommand;
use precopy::scenario::{Input, Scenario};
use precopy::sim::{self, Event, Memory, Options, Outcome, Reason, Row, Timeline, Verdict};

/// A guest that writes faster than the link carries, so that nothing but an intervention ends its migration.
const BUSY: &str = r#"
[guest]
memory = "2 GiB"
[[guest.workload]]
kind = "uniform"
region = "1 GiB"
rate = "400000 pages/s"
[link]
bandwidth = "10 Gbit/s"
[qemu]
version = "7.2"
max-bandwidth = "0"
downtime-limit = "100 ms"
[limits]
time = "60 s"
"#;

fn scenario(more: &str) -> Scenario {
    let input = Input::new("busy.toml", &format!("{BUSY}{more}"), &[]).expect("the text is short");
    input.load().expect("the scenario is right").scenario
}

/// Runs with both memories, with and without skipping, which must agree; gives the expected one.
fn run(more: &str) -> (Outcome, Timeline) {
    let scenario = scenario(more);
    let options = Options { timeline: true, ..Options::default() };
    let (outcome, timeline) = sim::run(&scenario, &options).unwrap();
    for memory in [Memory::Expected, Memory::Exact] {
        let run = |skip| sim::run(&scenario, &Options { memory, skip, ..Options::default() }).unwrap().0;
        assert_eq!(run(true), run(false), "{memory:?}");
        assert_eq!(run(true).verdict, outcome.verdict, "{memory:?}");
        let off = run(true).total_time_ms / outcome.total_time_ms - 1.0;
        assert!(off.abs() < 0.02, "{memory:?} is off by {:.1} %", off * 100.0);
    }
    (outcome, timeline)
}

#[test]
fn left_alone_it_does_not_converge() {
    assert_eq!(run("").0.verdict, Verdict::NotConverged);
}

#[test]
fn a_raised_downtime_limit_lets_it_converge_at_once() {
    let (outcome, timeline) = run("[[at]]\ntime = \"20 s\"\nset = { downtime-limit = \"1 s\" }\n");
    assert_eq!(outcome.verdict, Verdict::Converged);
    assert!((20_000.0..21_500.0).contains(&outcome.total_time_ms), "{}", outcome.total_time_ms);
    let limits: Vec<_> = timeline.rows.iter().map(|row| (row.t_ms >= 20_000.0, row.downtime_limit_ms)).collect();
    assert!(limits.iter().all(|(after, limit)| *limit == if *after { 1000 } else { 100 }));
    assert_eq!(timeline.rows.iter().filter(|row| row.event == Event::Set).count(), 1);
}

#[test]
fn throttle_parameters_count_from_the_next_step_on() {
    let on = BUSY.replace(
        "version = \"7.2\"",
        "version = \"7.2\"\nauto-converge = true\ncpu-throttle-initial = 1\ncpu-throttle-increment = 1",
    );
    let text = format!("{on}[[at]]\ntime = \"20 s\"\nset = {{ cpu-throttle-increment = 40 }}\n");
    let scenario = Input::new("busy.toml", &text, &[]).unwrap().load().unwrap().scenario;
    let (outcome, timeline) = sim::run(&scenario, &Options { timeline: true, ..Options::default() }).unwrap();
    let steps = timeline.rows.iter().filter(|row| row.event == Event::Throttle);
    let (before, after): (Vec<&Row>, Vec<&Row>) = steps.partition(|row| row.t_ms < 20_000.0);
    assert!(before.len() > 1 && before.windows(2).all(|pair| pair[1].throttle_pct - pair[0].throttle_pct == 1.0));
    assert_eq!(after[0].throttle_pct, before[before.len() - 1].throttle_pct + 40.0);
    assert_eq!(outcome.verdict, Verdict::Converged);
}

#[test]
fn a_paused_guest_dirties_nothing_and_the_migration_ends() {
    let (outcome, _) = run("[[at]]\ntime = \"20 s\"\naction = \"pause\"\n");
    assert_eq!(outcome.verdict, Verdict::Paused);
    assert!((20_000.0..22_000.0).contains(&outcome.total_time_ms), "{}", outcome.total_time_ms);
    assert!(matches!(outcome.reason, Reason::Paused { .. }));
    let downtime = outcome.downtime_ms.unwrap();
    assert!(downtime < 200.0, "QEMU's downtime begins with the switchover: {downtime}");
    assert!(outcome.longest_stall_ms > downtime, "the guest stood still for longer than that");
    assert!((outcome.longest_stall_ms - (outcome.total_time_ms - 20_000.0)).abs() < 1e-6);
}

#[test]
fn a_guest_that_continues_is_as_busy_as_before() {
    // The pause is too short for the whole rest of the pass.
    let (outcome, _) =
        run("[[at]]\ntime = \"20 s\"\naction = \"pause\"\n[[at]]\ntime = \"20100 ms\"\naction = \"continue\"\n");
    assert_eq!(outcome.verdict, Verdict::NotConverged);
    assert!(outcome.guest_work_lost_ms >= 100.0);
}

#[test]
fn abort_and_a_broken_link_leave_the_guest_at_the_source() {
    let (aborted, _) = run("[[at]]\ntime = \"5 s\"\naction = \"abort\"\n");
    assert_eq!((aborted.verdict, aborted.total_time_ms, aborted.downtime_ms), (Verdict::Aborted, 5000.0, None));
    let mut broken = scenario("");
    broken.link.fails_at = Some(precopy::units::Time(5_000_000_000));
    let (broken, _) = sim::run(&broken, &Options::default()).unwrap();
    assert_eq!((broken.verdict, broken.total_time_ms), (Verdict::Aborted, 5000.0));
    assert!(broken.reason.to_string().contains("the guest runs on at the source"));
}

#[test]
fn what_comes_too_late_changes_nothing() {
    let quiet = "[[at]]\ntime = \"59 s\"\nset = { downtime-limit = \"1 s\" }\n";
    let mut scenario = scenario(quiet);
    scenario.guest.workloads.clear();
    let with = sim::run(&scenario, &Options::default()).unwrap().0;
    scenario.at.clear();
    assert_eq!(with, sim::run(&scenario, &Options::default()).unwrap().0);
}

#[test]
fn a_flag_may_add_an_entry_to_a_list() {
    let file = "[guest]\nmemory = \"1 GiB\"\n[link]\nbandwidth = \"1 Gbit/s\"\n";
    let load = |sets: &[&str]| {
        let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
        Input::new("test.toml", file, &sets).unwrap().load()
    };
    let abort = r#"at.+={ time = "9 s", action = "abort" }"#;
    let pause = r#"at.+={ time = "5 s", action = "pause" }"#;
    assert_eq!(load(&[pause]).unwrap().scenario.at.len(), 1);
    let both = load(&[pause, abort]).unwrap().scenario.at;
    assert_eq!(
        both.iter().map(|at| at.command.clone()).collect::<Vec<_>>(),
        [MonitorCommand::Pause, MonitorCommand::Cancel]
    );
    assert_eq!(load(&["guest.+=1"]).unwrap_err()[0].title, "unknown key `+` in `[guest]`");
}
