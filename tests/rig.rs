//! `precopy replay` and `precopy watch` on the real thing: two libvirt daemons and a guest under TCG (`tests/rig`).
//!
//! Needs root and the packages that `tests/rig/rig.sh` names; where they are not there the tests say so and do nothing.
#![cfg(all(unix, feature = "libvirt"))]

mod real;

use std::time::Duration;

use precopy::sim::{Event, Verdict};
use real::{Rig, say};

/// How far a prediction may be off here [%].
///
/// On a quiet machine repeats scatter by 3 % (`tests/traces.rs`). A rig on two busy cores adds what `Rig::steady` lets
/// through: a guest that writes up to 20 % faster or slower than before. With a third of the bandwidth dirtied, the sum
/// of all passes, 1 / (1 - 1/3), moves by half of that; and QEMU itself, which needs a core to fill its bandwidth, was
/// seen to fall short by up to 15 % beside a busy guest.
const CONVERGING_PCT: f64 = 10.0 + 15.0;
/// With a throttle, 20 % more writes take up to two more steps of the throttle, each of at least a pass; passes with a
/// throttle are about half of such a migration, of five passes or more, and QEMU falls short as above.
const THROTTLED_PCT: f64 = 20.0 + 15.0;

#[test]
fn real_migrations_go_as_predicted() {
    let Some(mut rig) = Rig::up(&["memory=192", "mib=64", "rate=2500"]) else { return };

    // Three times the bandwidth that the guest dirties.
    rig.steady("converging", CONVERGING_PCT, |rig, rate| {
        let replay = rig.replay(&rig.guest_with(rate, 3.0));
        let trace = replay.ends(0).trace();
        assert_eq!((trace.verdict, trace.throttle_max_pct), (Verdict::Converged, 0.0));
        assert!(trace.downtime_ms.is_some_and(|ms| ms > 0.0));
        rig.has_moved();
        trace
    });

    // Less than it dirties: without a throttle it would not end. Somebody watches.
    rig.steady("through the throttle", THROTTLED_PCT, |rig, rate| {
        let watch = rig.watch();
        let replay =
            rig.replay(&[rig.guest_with(rate, 0.9), vec!["--set".into(), "qemu.auto-converge=true".into()]].concat());
        let trace = replay.ends(0).trace();
        assert_eq!(trace.verdict, Verdict::Converged);
        assert!(trace.throttle_max_pct >= 20.0, "{}", trace.throttle_max_pct);
        let steps: Vec<f64> = trace.rows.iter().map(|row| row.throttle_pct).collect();
        // QEMU takes it away when the guest is stopped for good.
        let peak = steps.iter().rposition(|step| *step == trace.throttle_max_pct).unwrap();
        assert!(steps[..=peak].is_sorted(), "the throttle only rises: {steps:?}");
        rig.has_moved();
        let forecast = watch.after_the_second_pass();
        let end = trace.begin_ms + trace.total_time_ms;
        say(&format!("forecast after the second pass: {:.1} s of {:.1} s", forecast / 1e3, end / 1e3));
        trace
    });
}

#[test]
fn orders_end_a_real_migration_or_turn_it_into_post_copy() {
    let Some(mut rig) = Rig::up(&["memory=192", "mib=64", "rate=2500"]) else { return };

    // Nova waits for as many times five seconds as the guest has GiB, two at least.
    let replay = rig.replay(
        &[
            rig.guest_with(2000.0, 0.2),
            rig.sets(&[
                "orchestrator.kind=nova",
                "orchestrator.live_migration_completion_timeout=5",
                "orchestrator.live_migration_bandwidth=2",
            ]),
        ]
        .concat(),
    );
    let trace = replay.ends(0).trace();
    assert_eq!((trace.verdict, trace.source.as_str()), (Verdict::Aborted, "running"));
    let abort = trace.actions.last().unwrap();
    assert_eq!((abort.by.as_str(), abort.what.as_str()), ("nova", "abort"));
    // The poll after ten seconds, and a second for a machine that has other things to do.
    let asked = abort.t_ms + trace.begin_ms;
    assert!((10_000.0..11_500.0).contains(&asked), "{asked}");
    rig.runs_at_source();

    // Post-copy, as the second pass begins.
    let post_copy = rig.scenario("[[at]]\nafter-pass = 2\naction = \"post-copy\"\n");
    let set = ["qemu.postcopy-ram=true", "qemu.max-bandwidth=8 MiB/s"];
    let replay = rig.replay_file(&post_copy, &[rig.guest_with(2000.0, 1.0), rig.sets(&set)].concat());
    if replay.says("userfaultfd") || replay.says("ostcopy is not supported") {
        say("SKIPPED: post-copy, which this kernel does not permit");
        return;
    }
    let trace = replay.ends(0).trace();
    assert_eq!((trace.verdict, trace.downtime_ms), (Verdict::PostCopy, None), "libvirt tells no downtime of it");
    assert_eq!(trace.actions[0].what, "post-copy");
    let asked = trace.actions[0].t_ms;
    assert!(trace.total_time_ms >= asked, "the rest follows");
    assert!(trace.rows.iter().filter(|row| row.event == Event::Sync).count() >= 2);
    rig.has_moved();
}

#[test]
fn whatever_fails_the_guest_runs_on_and_the_error_says_what_happened() {
    let Some(rig) = Rig::up(&["memory=192", "mib=64", "rate=1000"]) else { return };
    // So slow that it is under way whenever something happens.
    let slow = [rig.guest_with(1000.0, 1.0), rig.sets(&["qemu.max-bandwidth=2 MiB/s"])].concat();

    // Before anything is done.
    rig.replay_from("qemu:///no-such-place", &slow).ends(3).complains("cannot connect to `qemu:///no-such-place`");
    let replay = rig.replay_to("qemu+unix:///system?socket=/no/such/socket", &slow);
    replay.ends(3).complains("the migration failed: ").complains("the guest runs on at the source").keeps_nothing();
    rig.virsh("a", &["suspend", "rig"]);
    rig.replay(&slow).ends(3).complains("domain `rig` is paused, not running");
    rig.virsh("a", &["resume", "rig"]);
    rig.runs_at_source();

    // One is under way; then Ctrl-C.
    let running = rig.start(&slow);
    rig.wait_for_pass();
    rig.replay(&slow).ends(3).complains("in progress already");
    running.interrupt().ends(130).complains("the migration was cancelled; the guest runs on at the source").keeps();
    rig.runs_at_source();

    // The link is cut: nothing moves any more, and Ctrl-C still works.
    let running = rig.start(&slow);
    rig.wait_for_pass();
    rig.sh(&["freeze"]);
    std::thread::sleep(Duration::from_secs(2));
    running.interrupt().ends(130).complains("the guest runs on at the source").keeps();
    rig.sh(&["thaw"]);
    rig.runs_at_source();

    // The destination's daemon dies.
    let running = rig.start(&slow);
    rig.wait_for_pass();
    rig.sh(&["kill", "b"]);
    running.wait().ends(3).complains("the migration failed: ").complains("the guest runs on at the source").keeps();
    rig.sh(&["restart", "b"]);
    rig.runs_at_source();

    // The source's own daemon dies.
    let running = rig.start(&slow);
    rig.wait_for_pass();
    rig.sh(&["kill", "a"]);
    running.wait().ends(3).complains("the connection to `qemu+unix:///system?socket=").complains(" is lost: ").keeps();
    rig.advances();
    rig.sh(&["restart", "a"]);
    rig.runs_at_source();
}

#[test]
fn a_host_is_surveyed_and_a_guest_is_tried_and_does_not_move() {
    let Some(rig) = Rig::up(&["memory=192", "mib=64", "rate=2500"]) else { return };
    rig.more("web1", "redis");

    // A fleet of both, also of a survey that is interrupted, or whose daemon dies.
    let survey = |more: &[&str]| rig.precopy(&[&["survey", "--connect", "A", "-o", "fleet.toml"], more].concat());
    let guests = |survey: &std::path::Path| std::fs::read_to_string(survey).unwrap().matches("kind = ").count();
    let running = survey(&["--periods", "1s,2s", "--times", "1", "--mode", "dirty-bitmap"]);
    let fleet = running.file("fleet.toml");
    let said = running.ends(0);
    assert!(said.contains("2 guests under TCG, where writes are not counted: sampled"), "{said}");
    assert_eq!(guests(&fleet), 2);
    assert!(rig.precopy(&["drain", "fleet.toml"]).ends(0).contains("2 guests moved"));
    let running = survey(&["--periods", "1s,30s"]);
    std::thread::sleep(Duration::from_secs(4));
    running.signal("-INT");
    assert!(running.ends(130).contains("what was measured by then is written (2 measurements)"));
    assert_eq!(guests(&fleet), 2);
    // The other guest; QEMU measures those 30 s to their end, whoever asked for them.
    let said = survey(&["--guest", "web1", "--record", "3s", "--keep", "kept.txt"]).ends(0);
    let rows = std::fs::read_to_string(fleet.with_file_name("fleet-web1.csv")).unwrap();
    assert!(rows.lines().filter(|line| line.ends_with("page-sampling")).count() >= 2, "{said}: {rows}");
    rig.precopy(&["survey", "--from", "kept.txt", "--record", "1s", "-o", "again.csv"]).ends(2);
    rig.precopy(&["survey", "--from", "kept.txt", "-o", "again.toml"]).ends(0);

    // Time is up; the recording is one that others read.
    let trial = |more: &[&str]| {
        let words = ["probe", "--guest", "rig", "--connect", "A", "--to", "B", "--yes", "-o", "rig.json"];
        rig.precopy(&[&words, more].concat())
    };
    let stays = || {
        rig.runs_at_source();
        assert_eq!(rig.virsh("b", &["list", "--all", "--name"]).trim(), "");
    };
    let said = trial(&["--for", "2s", "--bandwidth", "20 MiB/s"]).ends(0);
    assert!(said.contains("the guest runs on at the source") && said.contains("Next: precopy fit rig.json"), "{said}");
    stays();
    rig.precopy(&["fit", "rig.json", "-o", "fitted.toml"]).ends(0);
    rig.precopy(&["why", "rig.json"]).ends(0);

    // It would arrive: the guest stands still for a moment, and no update of its memory is lost.
    let said = trial(&["--bandwidth", "100 MiB/s"]).ends(0);
    assert!(said.contains("it would have arrived by then"), "{said}");
    stays();

    // Whoever tries is interrupted, or killed: the stream ends with it.
    let slow = ["--bandwidth", "2 MiB/s"];
    let running = trial(&slow);
    rig.wait_for_pass();
    running.signal("-INT");
    assert!(running.ends(130).contains("the trial was cancelled; the guest runs on at the source"));
    let running = trial(&slow);
    rig.wait_for_pass();
    running.kill();
    stays();
    let said = trial(&["--sink", "0.0.0.0:0"]).ends(2);
    assert!(said.contains("no address that QEMU can connect to"), "{said}");

    // The page's own commands, shorter: this guest is small, and under TCG QEMU 7.2 does not survive its dirty bitmap.
    let instead = [
        ("--seconds $s --mode dirty-bitmap", "--seconds $s"),
        ("1 2 5 1 2 5 1 2 5", "1 2"),
        ("--mode dirty-bitmap --link", "--mode dirty-bitmap --periods 1s --times 1 --link"),
        ("--record 10min --every 2s", "--record 4s"),
        ("--for 20s", "--for 3s --yes"),
        ("--bandwidth 1GiB/s", "--bandwidth 40MiB/s"),
    ];
    let page = include_str!("../docs/measure.md");
    for (from, _) in instead {
        assert!(page.contains(from), "the page has no `{from}`");
    }
    let typed = rig.page(page, &instead);
    assert!(typed.len() >= 3, "{typed:?}");

    // The daemon dies.
    let running = survey(&["--periods", "1s,30s"]);
    std::thread::sleep(Duration::from_secs(4));
    rig.sh(&["kill", "a"]);
    let said = running.ends(3);
    assert!(said.contains(" is lost: ") && said.contains("is written (2 measurements)"), "{said}");
}

/// How far the end of a real drain may be off [%]; the prediction begins with QEMU, and libvirt takes a second or so to prepare
/// each destination.
const DRAIN_PCT: &str = "10";

#[test]
fn a_real_drain_goes_as_predicted() {
    let fleet = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/rig/host.toml");
    let words =
        ["replay", "--fleet", fleet, "--connect", "A", "--dest", "B", "--migrate-uri", "tcp://127.0.0.1", "--yes"];
    let names = ["idle", "random", "stuck", "hot-cold"];
    for _ in 0..3 {
        let Some(rig) = Rig::up(&["name=idle", "memory=192", "mib=64", "rate=0", "rest=1"]) else { return };
        let more = |guest: &[&str]| rig.sh(&[&["more", "memory=192", "mib=64", "rest=1"], guest].concat());
        more(&["name=random", "rate=2500"]);
        more(&["name=stuck", "rate=20000"]);
        more(&["name=hot-cold", "rate=2000", "model=hot-cold"]);
        let at =
            |side: &str| rig.virsh(side, &["list", "--name"]).split_whitespace().map(str::to_owned).collect::<Vec<_>>();

        // Ctrl-C: those under way are cancelled and recorded, the others are not touched.
        let running = rig.precopy(&[&words[..], &["-o", "cut"]].concat());
        let kept = running.file("cut");
        std::thread::sleep(Duration::from_secs(4));
        running.signal("-INT");
        let said = running.ends(130);
        assert!(said.contains("still on the host: ") && said.contains("cancelled"), "{said}");
        let files = |folder: &std::path::Path| std::fs::read_dir(folder).unwrap().count();
        assert_eq!((at("a").len(), files(&kept)), (names.len(), 2), "{said}");

        let load =
            || std::fs::read_to_string("/proc/loadavg").unwrap().split(' ').next().unwrap().parse::<f64>().unwrap();
        let before = load();
        let running = rig.precopy(&[&words[..], &["-o", "drained", "--tolerance", DRAIN_PCT]].concat());
        let kept = running.file("drained");
        let (code, said) = running.wait();
        let busy = before.max(load());
        say(&format!("load {busy}\n{said}"));
        if code != Some(0) && busy > 2.0 {
            continue;
        }
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("Guests started and ended in the predicted order"), "{said}");
        assert!(said.contains("stuck did not leave, as predicted"), "{said}");
        assert_eq!(at("a"), ["stuck"]);
        assert_eq!(at("b").len(), 3);
        for name in names {
            let guest = rig.sh(&["guest", name]);
            assert_eq!(guest.split_whitespace().nth(2), Some("0"), "{name} found pages changed");
        }
        assert_eq!(files(&kept), names.len());
        let traces: Vec<String> = names.iter().map(|name| format!("drained/{name}.trace.json")).collect();
        let traces: Vec<&str> = traces.iter().map(String::as_str).collect();
        let said = rig.precopy(&[&["compare"], traces.as_slice()].concat()).ends(0);
        assert!(said.contains("4 compared, 0 not covered: verdict right on 4/4"), "{said}");
        return;
    }
    say("SKIPPED: how good the prediction of a drain is; the machine is too busy to tell");
}

#[test]
fn the_pages_own_commands_work_as_printed() {
    let Some(rig) = Rig::unstarted() else { return };
    let page = include_str!("../docs/replay.md");
    let real = ["tests/rig/", "precopy replay scenarios/rig.toml --yes", "precopy watch"];
    let commands: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("$ ")).collect();
    let commands: Vec<&str> =
        commands.into_iter().filter(|command| real.iter().any(|start| command.starts_with(start))).collect();
    assert_eq!(commands.len(), 4, "{commands:?}");
    for (command, says) in commands.iter().zip(["", "1 compared, 0 not covered", "no migration leaves", ""]) {
        let shown = rig.types(command);
        assert!(shown.contains(says), "{command}: {shown}");
    }
}
