//! A host that is emptied: who goes when, what the schedulers make of it, and what is found by search.

mod page;

use std::collections::BTreeMap;
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use page::flat;
use precopy::drain::{
    Attempt, DrainGoal, DrainHost, DrainPlan, DrainSearch, GuestNames, OwedGoal, SearchLimits, Timetable, WriteBudget,
    drain, repeat,
};
use precopy::goal::Goal;
use precopy::orchestrator::scheduler::{KubeVirtLimits, LinkDivision, QueueOrder, Scheduler};
use precopy::scenario::{Fleet, Input};
use precopy::sim::{Options, Verdict, Watch};
use precopy::uncertain::FleetUnknowns;
use precopy::units::{Rate, Span, Time};
use proptest::prelude::*;

fn fleet(text: &str, sets: &[&str]) -> Fleet {
    let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
    let loaded = Input::new("fleet.toml", text, &sets).unwrap().load_fleet();
    loaded.unwrap_or_else(|faults| panic!("{sets:?}: {faults:?}")).fleet
}

fn shipped(name: &str, sets: &[&str]) -> Fleet {
    fleet(&std::fs::read_to_string(format!("scenarios/fleets/{name}.toml")).unwrap(), sets)
}

fn drained(fleet: &Fleet) -> (DrainHost, Timetable) {
    let host = DrainHost::new(fleet, &Options::default()).unwrap();
    let timetable = drain(&host, &host.plan());
    (host, timetable)
}

/// Names with their start and end in whole seconds.
fn times(host: &DrainHost, timetable: &Timetable) -> Vec<(String, u64, u64)> {
    let row = |attempt: &Attempt| {
        let second = |time: Time| (time - Time::ZERO).whole_ms() / 1000;
        (host.guests()[attempt.guest].name.clone(), second(attempt.start), second(attempt.end))
    };
    timetable.attempts.iter().map(row).collect()
}

/// Guests of 1 GiB on 1 Gbit/s: each takes 8.8 s alone.
const ALIKE: &str = r#"
[guest]
memory = "1 GiB"
[link]
bandwidth = "1 Gbit/s"
[qemu]
max-bandwidth = 0
[limits]
time = "1 min"
"#;

/// A guest that dirties more than the link carries.
const STUCK: &str = r#"
name = "stuck"
guest.workload = [{ kind = "sequential", region = "900 MiB", rate = "60000 pages/s" }]
"#;

/// What the command prints of a fleet of this text, and its notes.
fn page_of(text: &str, words: &[&str]) -> (String, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("f.toml"), text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_precopy"));
    let output = command.current_dir(folder.path()).args(["drain", "f.toml"]).args(words).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_page_that_is_full_of_long_times_can_be_read() {
    let text = r#"
[guest]
memory = "64 GiB"
[link]
bandwidth = [["0 s", "10 Gbit/s"], ["60 s", "2 Gbit/s"], ["120 s", "10 Gbit/s"]]
[orchestrator]
kind = "nova"
[scheduler]
kind = "nova"
[[vm]]
name = "busy"
count = 4
guest.workload = [{ kind = "uniform", region = "40 GiB", rate = "1000000 pages/s" }]
[[vm]]
name = "small"
priority = 5
guest.memory = "2 GiB"
"#;
    let run = |words: &[&str]| page_of(text, words);
    let (page, note) = run(&[]);
    assert!(page.contains("fair shares of 2 Gbit/s to 10 Gbit/s\n"), "the link has steps: {page}");
    assert!(page.contains("busy-1 and 3 like it stay; of busy-1:\n") && !page.contains("busy-2 stays"), "{page}");
    assert!(page.contains("  14 h 13 min  14 h 13 min  "), "columns do not touch: {page}");
    assert!(page.lines().all(|line| line.chars().count() <= 80), "{page}");
    assert!(note.contains("`priority` changes nothing here: `nova` takes guests as given"), "{note}");
    let (_, note) = run(&["--order", "priority"]);
    assert_eq!(note, "");
    let held = ["--scheduler", "slots", "--set", "orchestrator.kind=none", "--set", "limits.time=5 min"];
    let (page, _) = run(&held);
    assert!(page.contains("`max-bandwidth` held it to 1.07 Gbit/s of its\n  8.4 Gbit/s of the link"), "{page}");
    assert!(
        page.contains("  1.07 G  ") && !page.contains("  8.4 G  "),
        "what it could not use is not its share: {page}"
    );
}

#[test]
fn a_guest_that_only_its_own_limit_holds_back_is_told_to_lift_it() {
    // QEMU's own limit is 1.07 Gbit/s; the second dirties more than the link carries, too.
    let text = r#"
[guest]
memory = "2 GiB"
[link]
bandwidth = "10 Gbit/s"
[limits]
time = "2 min"
[[vm]]
name = "held"
guest.workload = [{ kind = "uniform", region = "1 GiB", rate = "100000 pages/s" }]
[[vm]]
name = "wild"
guest.workload = [{ kind = "uniform", region = "1.5 GiB", rate = "3000000 pages/s" }]
"#;
    let (page, _) = page_of(text, &[]);
    let page = flat(&page);
    assert!(page.contains("alone and without that limit it is moved in"), "{page}");
    let lifts = "assumed: max-bandwidth 128 MiB/s, QEMU's own, so the link is not filled; `--set qemu.max-bandwidth=0` lifts it";
    assert!(page.contains(lifts), "{page}");
    assert_eq!(page.matches("qemu.max-bandwidth=0").count(), 1, "{page}");
    assert!(page.contains("without that limit it does not converge either."), "{page}");
    let (lifted, _) = page_of(text, &["--set", "qemu.max-bandwidth=0"]);
    assert!(!lifted.contains("held stays") && lifted.contains("wild stays"), "{lifted}");
}

#[test]
fn a_guest_that_converges_alone_does_not_beside_a_second_one() {
    let name = "beside-a-second";
    let (_, one_at_a_time) = drained(&shipped(name, &["scheduler.slots=1"]));
    assert!(one_at_a_time.stay.is_empty());
    let (host, two) = drained(&shipped(name, &[]));
    let stay: Vec<&str> = two.stay.iter().map(|guest| host.guests()[*guest].name.as_str()).collect();
    assert_eq!(stay, ["busy"]);
    assert_eq!(host.alone(two.stay[0]).verdict, Verdict::Converged);
    // 700 MB/s is more than half of 1250 MB/s, and less than two thirds.
    let quiet = shipped(name, &["vm.1.qemu.max-bandwidth=400 MB/s"]);
    assert!(drained(&quiet).1.stay.is_empty(), "a neighbour that is held down leaves enough");
}

#[test]
fn two_on_a_link_take_as_long_as_one_after_the_other() {
    let text = format!("{ALIKE}\n[[vm]]\ncount = 4");
    let end = |slots: u32| {
        let fleet = Fleet { scheduler: Scheduler::slots(slots), ..fleet(&text, &[]) };
        drained(&fleet).1.end.whole_ms()
    };
    let alone = end(1);
    for slots in [2, 3, 4] {
        let ratio = end(slots) as f64 / alone as f64;
        assert!((0.98..1.02).contains(&ratio), "{slots} at a time: {ratio}");
    }
}

#[test]
fn a_free_slot_is_seen_when_the_scheduler_looks() {
    let text = format!("{ALIKE}\n[[vm]]\ncount = 3");
    let with = |scheduler| Fleet { scheduler, ..fleet(&text, &[]) };
    let (host, at_once) = drained(&with(Scheduler::nova()));
    assert_eq!(times(&host, &at_once).iter().map(|row| row.1).collect::<Vec<_>>(), [0, 8, 17]);
    let (host, every_5_s) =
        drained(&with(Scheduler::kubevirt(&KubeVirtLimits { outbound_per_node: 1, ..KubeVirtLimits::KUBEVIRT })));
    assert_eq!(times(&host, &every_5_s).iter().map(|row| row.1).collect::<Vec<_>>(), [0, 10, 20]);
}

#[test]
fn a_guest_that_fails_is_tried_again_later_and_holds_nobody_up() {
    let text = format!("{ALIKE}\n[[vm]]\n{STUCK}\n[[vm]]\nname = \"next\"\ncount = 2");
    let with = |scheduler| Fleet { scheduler, ..fleet(&text, &[]) };
    let stuck = |host: &DrainHost, timetable: &Timetable| -> Vec<u64> {
        times(host, timetable).iter().filter(|row| row.0 == "stuck").map(|row| row.1).collect()
    };
    let (host, once) = drained(&with(Scheduler::proxmox(1)));
    assert_eq!((stuck(&host, &once), once.stay.len()), (vec![0], 1));
    assert_eq!(once.attempts.iter().filter(|attempt| attempt.is_gone()).count(), 2);
    // 60 s and then 20 s more, and 60 s and 40 s more, at the next multiple of 5 s.
    let (host, thrice) = drained(&with(Scheduler::kubevirt(&KubeVirtLimits::KUBEVIRT)));
    assert_eq!(stuck(&host, &thrice), [0, 80, 180]);
    assert_eq!((thrice.stay.as_slice(), thrice.end.whole_ms()), (&[0][..], 240_000));
    let (host, rerun) = drained(&with(Scheduler::ovirt(2)));
    assert_eq!(stuck(&host, &rerun).len(), 3);
}

#[test]
fn an_important_guest_goes_first_where_the_scheduler_looks_at_it() {
    let text = format!(
        "{ALIKE}\n[[vm]]\nname = \"one\"\n[[vm]]\nname = \"two\"\npriority = 1\nguest.memory = \"512 MiB\"\n[[vm]]\nname = \"three\"\nguest.memory = \"2 GiB\"\n{}",
        "guest.workload = [{ kind = \"uniform\", region = \"1 GiB\", rate = \"10 pages/s\" }]"
    );
    let host = DrainHost::new(&fleet(&text, &[]), &Options::default()).unwrap();
    for (order, expected) in [
        (QueueOrder::AsGiven, [0, 1, 2]),
        (QueueOrder::Priority, [1, 0, 2]),
        (QueueOrder::SmallestFirst, [1, 0, 2]),
        (QueueOrder::LargestFirst, [2, 0, 1]),
        (QueueOrder::ShortestFirst, [1, 0, 2]),
        (QueueOrder::LongestFirst, [2, 0, 1]),
        (QueueOrder::LowestRateFirst, [0, 1, 2]),
        (QueueOrder::HighestRateFirst, [2, 0, 1]),
    ] {
        assert_eq!(host.sequence(order), expected, "{order:?}");
        assert!(QueueOrder::ALL.iter().any(|(_, known)| *known == order));
    }
}

#[test]
fn a_cap_holds_also_where_a_guest_is_alone() {
    let text = format!("{ALIKE}\n[[vm]]");
    let length = |bandwidth| {
        let scheduler = Scheduler { bandwidth, ..Scheduler::slots(2) };
        drained(&Fleet { scheduler, ..fleet(&text, &[]) }).1.end.whole_ms()
    };
    let (fair, split) = (length(LinkDivision::Fair), length(LinkDivision::Split));
    assert!((1.9..2.1).contains(&(split as f64 / fair as f64)), "{split} {fair}");
    assert_eq!(length(LinkDivision::Cap(Rate(62_500_000))), split);
}

#[test]
fn a_search_is_never_worse_than_what_it_starts_from_and_finds_the_flip() {
    let host = DrainHost::new(&shipped("beside-a-second", &[]), &Options::default()).unwrap();
    let (goal, limits) = (DrainGoal::default(), SearchLimits { slots: 4, settings: 0, exchanges: 32 });
    let found = DrainSearch { host: &host, input: None, goal: &goal, limits, done: &|| () }.run().unwrap();
    let score = |timetable: &Timetable| DrainGoal::default().score(host.guests(), timetable);
    assert!(found.complete && found.by_slots.len() == 4);
    assert_eq!(found.best.score.stay, 0);
    assert!(found.best.score <= score(&drain(&host, &host.plan())));
    assert!(found.by_slots.iter().all(|candidate| found.best.score <= candidate.score));
    assert_eq!(score(&drain(&host, &found.best.plan)), found.best.score);
    let mut all = found.best.plan.sequence.clone();
    all.sort_unstable();
    assert_eq!(all, (0..40).collect::<Vec<_>>());
    // Guests that are alike but for their place in the list: an exchange may help, or nothing does.
    let stopped = Some(Arc::new(Watch::new(Arc::new(AtomicBool::new(true)))));
    let host =
        DrainHost::new(&shipped("beside-a-second", &[]), &Options { watch: stopped, ..Options::default() }).unwrap();
    assert!(DrainSearch { host: &host, input: None, goal: &goal, limits, done: &|| () }.run().is_none());
}

#[test]
fn drains_of_a_fleet_that_varies_differ_and_those_of_one_that_does_not_are_alike() {
    let sets = [
        "guest.rate-spread={ law = \"log-normal\", deviation = \"40 %\" }",
        "link.jitter={ law = \"normal\", deviation = \"10 %\", every = \"1 s\" }",
    ];
    let varying = shipped("forty-guests", &sets);
    assert!(varying.varies() && !shipped("forty-guests", &[]).varies());
    let drains = repeat(&varying, &FleetUnknowns::default(), &Options::default(), 8, &|| ());
    let ends: std::collections::BTreeSet<Time> = drains.iter().map(|(_, timetable)| timetable.end).collect();
    assert!(ends.len() == 8, "{ends:?}");
    let downtimes: std::collections::BTreeSet<u64> =
        drains[0].1.attempts.iter().map(|attempt| attempt.outcome.transferred_bytes).collect();
    assert!(downtimes.len() > 20, "guests that are alike are drawn apart: {downtimes:?}");
    let drains = repeat(&shipped("forty-guests", &[]), &FleetUnknowns::default(), &Options::default(), 3, &|| ());
    assert!(drains.windows(2).all(|pair| pair[0].1 == pair[1].1));
}

/// What must hold of every drain.
fn check(fleet: &Fleet, timetable: &Timetable) -> Result<(), TestCaseError> {
    let scheduler = &fleet.scheduler;
    let mut tries: BTreeMap<usize, Vec<&Attempt>> = BTreeMap::new();
    for attempt in &timetable.attempts {
        tries.entry(attempt.guest).or_default().push(attempt);
    }
    prop_assert_eq!(tries.len(), fleet.guests.len());
    for (guest, tries) in &tries {
        let stays = timetable.stay.contains(guest);
        prop_assert_eq!(tries.iter().filter(|attempt| attempt.is_gone()).count(), usize::from(!stays));
        prop_assert!(stays || tries.last().unwrap().is_gone(), "nobody is tried again that is gone");
        prop_assert!(tries.len() as u32 <= scheduler.attempts && (!stays || tries.len() as u32 == scheduler.attempts));
        for (number, attempt) in tries.iter().enumerate() {
            prop_assert_eq!(attempt.number as usize, number + 1);
        }
        for pair in tries.windows(2) {
            prop_assert!(pair[1].start >= pair[0].end + scheduler.wait_after(pair[0].number));
        }
    }
    let most = fleet.link.steps.iter().map(|step| step.1.0).max().unwrap();
    let moved: u64 = timetable.attempts.iter().map(|attempt| attempt.outcome.transferred_bytes).sum();
    // Frames of iterate calls take no time: see the test of the shared link.
    let slack = timetable.attempts.iter().map(|attempt| 4200.0 + 400.0 * attempt.length().seconds()).sum::<f64>();
    prop_assert!(moved as f64 <= (timetable.end - Time::ZERO).seconds() * most as f64 + slack);
    let every = scheduler.requeue.0.max(1);
    for attempt in &timetable.attempts {
        prop_assert!(attempt.start.0.is_multiple_of(every));
        let beside = |other: &&Attempt| other.start <= attempt.start && attempt.start < other.end;
        prop_assert!(timetable.attempts.iter().filter(beside).count() <= scheduler.slots as usize);
        let share = scheduler.bandwidth.cap(Rate(most), scheduler.slots).unwrap_or(Rate(most));
        // The limiter overshoots each window by up to a flushed buffer of 32 pages (qemu-precopy 2.1), and what is
        // copied while the guest stands still has no limit.
        let (sent, length) = (attempt.outcome.transferred_bytes as f64, attempt.length().seconds());
        let limited = (share.0 as f64 + 32.0 * 4104.0 * 10.0) * (length + 0.1);
        let unlimited = most as f64 * attempt.outcome.downtime_ms.unwrap_or(0.0) / 1e3;
        prop_assert!(sent <= limited + unlimited, "{sent} of {limited} + {unlimited}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, ..ProptestConfig::default() })]

    #[test]
    fn whoever_schedules_nobody_is_lost_and_the_link_is_enough(
        guests in proptest::collection::vec((64u32..1500, 1u32..50_000, -5i32..5), 1..12),
        link in 50u64..1000,
        slots in 1u32..7,
        kind in 0usize..6,
        order in 0usize..8,
    ) {
        let vms: String = guests.iter().map(|(memory, rate, priority)| format!(
            "[[vm]]\npriority = {priority}\nguest.memory = \"{memory} MiB\"\nguest.workload = [{{ kind = \"uniform\", \
             region = \"{} MiB\", rate = \"{rate} pages/s\" }}]\n", memory / 2)).collect();
        let text = format!("{ALIKE}\n{vms}");
        let mut fleet = fleet(&text, &[&format!("link.bandwidth={link} MB/s")]);
        let own = Scheduler { attempts: 2, back_off: Span::from_ms(1500), ..Scheduler::slots(slots) };
        fleet.scheduler = [
            Scheduler { slots, ..Scheduler::nova() },
            Scheduler { slots, ..Scheduler::ovirt(2) },
            Scheduler::kubevirt(&KubeVirtLimits { per_cluster: slots, outbound_per_node: slots, ..KubeVirtLimits::KUBEVIRT }),
            Scheduler::proxmox(slots),
            Scheduler { bandwidth: LinkDivision::Split, ..own.clone() },
            Scheduler { bandwidth: LinkDivision::Cap(Rate(20_000_000)), requeue: Span::from_ms(700), ..own },
        ][kind].clone();
        fleet.scheduler.order = QueueOrder::ALL[order].1;
        let (host, timetable) = drained(&fleet);
        check(&fleet, &timetable)?;
        // Whoever is listed first is started first.
        let plan: DrainPlan = host.plan();
        let first = timetable.attempts.iter().min_by_key(|attempt| (attempt.start, attempt.number)).unwrap();
        prop_assert!(plan.sequence[..plan.sequence.len().min(slots as usize)].contains(&first.guest));
    }
}

fn precopy(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_precopy")).env_remove("COLUMNS").arg("drain").args(words).output().unwrap()
}

fn stdout(words: &[&str]) -> String {
    let output = precopy(words);
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

const FORTY: &str = "scenarios/fleets/forty-guests.toml";
const BESIDE: &str = "scenarios/fleets/beside-a-second.toml";
const VARIES: [&str; 4] =
    ["--set", "guest.rate-spread={ law = \"log-normal\", deviation = \"50 %\" }", "--within", "330 s"];

#[test]
fn reports_read_well() {
    insta::assert_snapshot!("forty", stdout(&[FORTY]));
    insta::assert_snapshot!("beside", stdout(&[BESIDE]));
    insta::assert_snapshot!("schedulers", stdout(&[FORTY, "--scheduler", "all"]));
    insta::assert_snapshot!("search", stdout(&[BESIDE, "--search", "--most", "4", "--exchanges", "16"]));
    insta::assert_snapshot!("chance", stdout(&[&[FORTY, "--slots", "2", "--repeats", "40"], &VARIES[..]].concat()));
    let csv = ["scenarios/fleets/small-host.csv", "--link", "10 Gbit/s", "--set", "qemu.max-bandwidth=0"];
    insta::assert_snapshot!("csv", stdout(&csv));
    let rows = stdout(&[&csv[..], &["--format", "csv"]].concat());
    insta::assert_snapshot!("rows", rows.lines().take(3).collect::<Vec<_>>().join("\n"));
    let json: serde_json::Value = serde_json::from_str(&stdout(&[&csv[..], &["--format", "json"]].concat())).unwrap();
    assert_eq!(json["migrations"].as_array().unwrap().len(), 5);
    assert_eq!(json["empty_ms"], json["migrations"][4]["end_ms"]);
}

/// A table from standard input has no name that says what it is.
#[test]
fn a_table_comes_through_a_pipe_as_from_its_file() {
    let path = "scenarios/fleets/small-host.csv";
    let table = std::fs::read_to_string(path).unwrap();
    let words = |fleet| ["drain", fleet, "--link", "10 Gbit/s", "--set", "qemu.max-bandwidth=0", "--format", "csv"];
    let of_file = stdout(&words(path)[1..]);
    for text in [table.clone(), table.replace(',', ";"), format!("sep=,\n{table}")] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_precopy"));
        let piped = std::process::Stdio::piped;
        let mut child = command.args(words("-")).stdin(piped()).stdout(piped()).stderr(piped()).spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), text.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let (rows, said) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        // The fleet's name is the one thing that differs.
        assert_eq!(rows, of_file.replace(",small-host,", ",'-,"), "{said}");
    }
}

#[test]
fn the_same_bytes_with_any_number_of_threads() {
    for words in [
        vec![BESIDE, "--search", "--most", "6", "--exchanges", "40", "--format", "json"],
        [&[FORTY, "--repeats", "24", "--format", "json"], &VARIES[..]].concat(),
        vec![FORTY, "--scheduler", "all", "--format", "csv"],
    ] {
        let with = |jobs| stdout(&[&words[..], &["--jobs", jobs]].concat());
        assert_eq!(with("1"), with("4"), "{words:?}");
    }
}

#[test]
fn a_chance_that_is_too_small_ends_with_1_and_wrong_usage_with_2() {
    let asked = [&[FORTY, "--slots", "2", "--repeats", "40", "--in"][..], &["99 %"][..], &VARIES[..]].concat();
    let output = precopy(&asked);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("expected 99 % of the drains to be over within 5 min 30 s"), "{said}");
    assert!(!output.stdout.is_empty(), "the report is written all the same");
    for words in [
        &[FORTY, "--in", "95%"][..],
        &[FORTY, "--within", "1"],
        &[FORTY, "--scheduler", "all", "--plot", "a.svg"],
        &[FORTY, "--scheduler", "novaa"],
        &["scenarios/web-server.toml"],
    ] {
        assert_eq!(precopy(words).status.code(), Some(2), "{words:?}");
    }
}

#[test]
fn a_picture_has_a_bar_for_each_migration() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gantt.svg");
    stdout(&[BESIDE, "--plot", path.to_str().unwrap()]);
    let svg = std::fs::read_to_string(path).unwrap();
    for text in ["busy", "quiet-39", "stays on the host", "39 of 40 guests moved after 6 min 59 s"] {
        assert!(svg.contains(text), "{text}");
    }
    // The background, two keys of the legend, and a bar each, which says whose it is.
    assert_eq!(svg.matches("<rect x=").count(), 1 + 2 + 40);
    assert_eq!(svg.matches("<title>").count(), 40);
}

#[test]
fn a_page_is_as_wide_as_it_may_be() {
    let widest = |columns: &str| {
        let mut drain = Command::new(env!("CARGO_BIN_EXE_precopy"));
        let output = drain.env("COLUMNS", columns).args(["drain", FORTY]).output().unwrap();
        let page = String::from_utf8(output.stdout).unwrap();
        page.lines().map(|line| line.chars().count()).max().unwrap()
    };
    assert!(widest("120") > widest("80"));
}

#[test]
fn phases_of_drawn_lengths_are_something_that_varies() {
    let phases = r#"{ kind = "phases", repeat = true, time-spread = { law = "exponential" }, phase = [
        { time = "10 s", kind = "uniform", rate = "20000 pages/s" }, { time = "40 s", kind = "idle" }] }"#;
    let text = format!(
        "[link]\nbandwidth = \"10 Gbit/s\"\n[guest]\nmemory = \"8 GiB\"\n[[vm]]\nname = \"a\"\nguest.workload = [{phases}]\n"
    );
    assert!(fleet(&text, &[]).varies());
}

#[cfg(unix)]
#[test]
fn an_interrupted_search_reports_the_best_found_so_far() {
    let words = ["drain", FORTY, "--search", "--exchanges", "100000000"];
    let child = Command::new(env!("CARGO_BIN_EXE_precopy"))
        .args(words)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    // Long enough for a drain, and far too short for all of them.
    std::thread::sleep(std::time::Duration::from_secs(4));
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let output = child.wait_with_output().unwrap();
    let page = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(130), "{page}");
    assert!(page.contains("stopped before the end") && page.contains("host empty after"), "{page}");
}

#[test]
fn the_page_names_whatever_can_be_asked_for() {
    let page = include_str!("../docs/drain.md");
    let named = |word: &str| assert!(page.contains(&format!("`{word}`")), "docs/drain.md does not name `{word}`");
    QueueOrder::ALL.iter().for_each(|(word, _)| named(&format!("\"{word}\"")));
    for kind in precopy::scenario::SCHEDULERS {
        named(kind);
        let text = format!("{ALIKE}\n[scheduler]\nkind = \"{kind}\"\nqqqq = 1\n[[vm]]\nqqqq = 1");
        for fault in Input::new("fleet.toml", &text, &[]).unwrap().load_fleet().unwrap_err() {
            let help = fault.help.unwrap();
            let known = help.strip_prefix("known here: ").unwrap_or_else(|| panic!("{help}"));
            known.split('`').skip(1).step_by(2).for_each(named);
        }
    }
    let input = Input::new("fleet.csv", "qqqq\n1", &[]).unwrap();
    let faults = input.load_fleet().unwrap_err();
    let help = faults.iter().find_map(|fault| fault.help.as_deref()?.strip_prefix("known here: ")).unwrap();
    help.split('`').skip(1).step_by(2).for_each(named);

    let block = page.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    assert_eq!(fleet(block, &[]).guests.len(), 13);
}

#[test]
fn lines_of_a_table_that_say_the_same_are_one_paragraph() {
    let folder = tempfile::tempdir().unwrap();
    let rows: String = (1..=4).map(|n| format!("busy-{n},64 GiB,uniform,40 GiB,1000000 pages/s\n")).collect();
    let path = folder.path().join("fleet.csv");
    std::fs::write(&path, format!("name,memory,kind,region,rate\n{rows}")).unwrap();
    let run = |form: &str| {
        let words = ["drain", path.to_str().unwrap(), "--link", "10 Gbit/s", "--format", form];
        let output = Command::new(env!("CARGO_BIN_EXE_precopy")).args(words).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, page, said) = run("text");
    assert_eq!(code, Some(0), "{said}");
    assert!(page.contains("busy-1 and 3 like it stay; of busy-1:\n"), "{page}");
    let json: serde_json::Value = serde_json::from_str(&run("json").1).unwrap();
    assert_eq!((&json["cut_off"], &json["empty_ms"]), (&true.into(), &serde_json::Value::Null));
}

/// Schedulers of products that are orchestrators, too.
const PRODUCTS: [&str; 6] = ["nova", "ovirt", "kubevirt", "openshift", "harvester", "proxmox"];

fn came_along(product: &str) -> String {
    format!(
        "assumed: orchestrator {product}, as the scheduler is; `--set orchestrator.kind=none` moves guests without its rules"
    )
}

#[test]
fn a_scheduler_brings_the_rules_of_its_product_unless_somebody_says_whose_hold() {
    let with = |more: &[&str]| flat(&stdout(&[&[FORTY, "-q"], more].concat()));
    for product in PRODUCTS {
        let brought = with(&["--scheduler", product]);
        let named = with(&["--scheduler", product, "--set", &format!("orchestrator.kind={product}")]);
        assert!(brought.contains(&came_along(product)), "{brought}");
        assert_eq!(brought.replace(&format!("{} ", came_along(product)), ""), named, "they are the same rules");
        let none = with(&["--scheduler", product, "--set", "orchestrator.kind=none"]);
        assert_ne!(named, none, "rules make a difference");
        assert!(!none.contains("as the scheduler is"), "{none}");
        let set = with(&["--set", &format!("scheduler.kind={product}")]);
        assert_eq!(set, brought, "wherever it is named");
    }
    for product in ["vsphere", "slots"] {
        assert!(!with(&["--scheduler", product]).contains("as the scheduler is"), "{product} is no orchestrator");
    }
    let options = ["--scheduler", "kubevirt", "--set", "orchestrator.bandwidthPerMigration=64Mi"];
    assert_ne!(with(&options), with(&options[..2]), "an option of the product whose rules come along");
}

#[test]
fn rules_come_along_for_those_guests_that_name_none() {
    let text = format!(
        "{ALIKE}[scheduler]\nkind = \"openshift\"\n[[vm]]\nname = \"own\"\norchestrator.kind = \"nova\"\n\
         [[vm]]\nname = \"bare\"\norchestrator.kind = \"none\"\n[[vm]]\nname = \"open\"\ncount = 2\n"
    );
    let (host, _) = drained(&fleet(&text, &[]));
    let rules: Vec<_> = (0..4).map(|guest| (host.rules(guest), host.rules_came_along(guest))).collect();
    assert_eq!(rules, [("nova", false), ("none", false), ("openshift", true), ("openshift", true)]);
    assert_eq!(host.rules_brought(), 2);
    let (page, _) = page_of(&text, &[]);
    assert!(flat(&page).contains("assumed: orchestrator openshift for 2 of 4 guests, as the scheduler is;"), "{page}");
    let (json, _) = page_of(&text, &["--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let of = |guest: &str| json["migrations"].as_array().unwrap().iter().find(|row| row["guest"] == guest).unwrap();
    assert_eq!(
        (&json["rules_brought"], &of("own")["rules"], &of("own")["rules_brought"]),
        (&2.into(), &"nova".into(), &false.into())
    );
    assert_eq!((&of("open-1")["rules"], &of("open-1")["rules_brought"]), (&"openshift".into(), &true.into()));
    let assumed = json["assumed"].as_array().unwrap().iter().find(|entry| entry["key"] == "orchestrator.kind").unwrap();
    assert_eq!(assumed["guests"], serde_json::json!(["open-1", "open-2"]));
    let (rows, _) = page_of(&text, &["--format", "csv"]);
    assert!(
        rows.contains(",openshift,1,openshift,true,open-1,") && rows.contains(",openshift,1,nova,false,own,"),
        "{rows}"
    );
    // A fault of what came along is shown where the scheduler is named.
    let old = ["qemu.version=7.0".to_owned(), "orchestrator.experimental.compression=\"lz4\"".to_owned()];
    let faults = Input::new("fleet.toml", &text, &old).unwrap().load_fleet().unwrap_err();
    assert!(faults.iter().any(|fault| fault.title.contains("experimental.compression")), "{faults:?}");
}

#[test]
fn a_comparison_has_the_rules_of_each_product() {
    let text =
        format!("{}\n[[vm]]\ncount = 3\n", ALIKE.replace("max-bandwidth = 0", "").replace("1 Gbit/s", "10 Gbit/s"));
    let all = |more: &[&str]| page_of(&text, &[&["--scheduler", "all"], more].concat()).0;
    let page = flat(&all(&[]));
    assert!(page.contains("brings the product's rules for each migration, too"), "{page}");
    assert!(
        page.contains(
            "`vsphere` and `slots` bring none. The `max-bandwidth` assumed below holds under `vsphere` and `slots` only."
        ),
        "{page}"
    );
    assert!(!page.contains("as the scheduler is"), "no row's rules are those of all: {page}");
    for named in ["none", "nova"] {
        let page = flat(&all(&["--set", &format!("orchestrator.kind={named}")]));
        assert!(page.contains(&format!("stay those of `[orchestrator]`: {named}.")), "{page}");
    }
    let json: serde_json::Value = serde_json::from_str(&all(&["--format", "json"])).unwrap();
    for row in json["schedulers"].as_array().unwrap() {
        let scheduler = row["scheduler"].as_str().unwrap();
        let brings = PRODUCTS.contains(&scheduler);
        assert_eq!(row["rules"], if brings { scheduler } else { "none" });
        assert_eq!(row["rules_brought"], if brings { 3 } else { 0 });
    }
    // Standard input is read once for all of them.
    let mut command = Command::new(env!("CARGO_BIN_EXE_precopy"));
    let command = command.args(["drain", "-", "--scheduler", "all"]).stdin(std::process::Stdio::piped());
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// A spreadsheet with a guest of which nobody knows anything.
const PLANNER: [&str; 5] = ["tests/data/inventories/planner.csv", "--link", "25G", "--set", "qemu.auto-converge=true"];
const OWED: [&str; 6] =
    ["--window", "45min", "--goal", "longest_stall_ms <= 600", "--goal", "running_slowdown_pct <= 20"];

#[test]
fn an_answer_is_yes_only_where_unknown_guests_cannot_undo_it() {
    let ask = |more: &[&str]| {
        let output = precopy(&[&PLANNER[..], &OWED[..], more].concat());
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let (code, page, said) = ask(&[]);
    assert_eq!(code, Some(1), "{said}");
    assert!(flat(&page).starts_with("cannot tell: host empty after"), "{page}");
    assert!(flat(&page).contains("within 45 min 00 s, all goals met, if the 1 of unknown workload is idle"), "{page}");
    assert!(flat(&page).contains("measure first, with what a guest may write"), "{page}");
    assert!(said.contains("cannot tell: it is as wanted if the 1 of unknown workload is idle"), "{said}");

    let (code, page, _) = ask(&["--assume", "20 MiB/s per GiB"]);
    assert_eq!(code, Some(0), "{page}");
    assert!(page.starts_with("yes: host empty after"), "{page}");
    assert!(flat(&page).contains("at worst, if those of unknown workload write 20 MiB/s for each GiB"), "{page}");

    let (code, page, said) = ask(&["--goal", "redis-*: running_slowdown_pct <= 0.1"]);
    assert_eq!(code, Some(1));
    assert!(page.starts_with("no: host empty after") && flat(&page).contains("1 guest misses a goal"), "{page}");
    assert!(said.contains("`running_slowdown_pct <= 0.1` does not hold for redis-01"), "{said}");

    let (_, json, _) = ask(&["--format", "json", "--assume", "redis-idle"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["goal"]["met"], &json["goal"]["in_window"]), (&true.into(), &true.into()));
    assert_eq!(json["write_budgets"].as_array().unwrap().len(), 1);
    assert_eq!(json["at_worst"]["assumed"], "write like `redis-idle`");
}

#[test]
fn a_goal_for_nobody_and_a_page_of_another_kind_are_refused() {
    for (words, said) in [
        (&["--goal", "redsi-*: downtime_ms <= 1"][..], "a goal is for `redsi-*`, and no guest is called so"),
        (&["--goal", ": downtime_ms <= 1"], "a goal is for ``"),
        (&["--report", "page.pdf"], "let its name end in `.html`"),
        (&["--in", "95%"], "add `--window` or `--goal`"),
    ] {
        let output = precopy(&[&PLANNER[..], words].concat());
        let err = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && err.contains(said), "{words:?}: {err}");
    }
}

/// A search never gives up what a plan keeps, and a drain with somebody who stays says what would help.
#[test]
fn goals_count_in_a_search_and_a_way_out_is_named() {
    let fleet = shipped("beside-a-second", &[]);
    let host = DrainHost::new(&fleet, &Options::default()).unwrap();
    let owed = vec![OwedGoal { guests: GuestNames::read("*"), goal: Goal::parse("total_time_ms <= 10 s").unwrap() }];
    let goal = DrainGoal { window: Some(Span::from_ms(400_000)), owed };
    let limits = SearchLimits { slots: 4, settings: 0, exchanges: 16 };
    let search = |goal: &DrainGoal| DrainSearch { host: &host, input: None, goal, limits, done: &|| () }.run().unwrap();
    let (found, plain) = (search(&goal), search(&DrainGoal::default()));
    let score = |plan: &DrainPlan| goal.score(host.guests(), &drain(&host, plan));
    assert!(found.best.score <= score(&plain.best.plan) && found.best.score <= score(&host.plan()));
    assert_eq!(found.best.score, score(&found.best.plan));

    let page = stdout(&[BESIDE]);
    assert!(flat(&page).contains("what would help: `--set qemu.auto-converge=true`: empty after"), "{page}");
}

/// The window and the goals, held against each row anew.
#[test]
fn what_a_goal_accepts_each_row_confirms() {
    let fleet = shipped("forty-guests", &[]);
    let (host, timetable) = drained(&fleet);
    for (names, text) in [
        ("*", "longest_stall_ms <= 300"),
        ("*", "downtime_ms <= 100, running_slowdown_pct <= 1"),
        ("*-1*", "total_time_ms < 10 s"),
        ("nobody", "downtime_ms < 0"),
        ("*", "verdict = converged"),
    ] {
        let names = GuestNames::read(names);
        let goal = Goal::parse(text).unwrap();
        let asked = DrainGoal { window: None, owed: vec![OwedGoal { guests: names.clone(), goal: goal.clone() }] };
        let judged = asked.judge(host.guests(), &timetable);
        let of_it = |attempt: &&Attempt| names.contain(&host.guests()[attempt.guest].name);
        let holds = timetable.attempts.iter().filter(of_it).all(|attempt| goal.holds(&attempt.outcome));
        assert_eq!(judged.missed.is_empty(), holds, "{text}");
        for missed in &judged.missed {
            assert!(!missed.comparison.holds(&timetable.attempts[missed.attempt].outcome), "{text}");
        }
    }
    let within =
        |window| DrainGoal { window: Some(window), owed: Vec::new() }.judge(host.guests(), &timetable).is_met();
    let end = Span(timetable.end.0);
    assert_eq!((within(end), within(end - Span(1))), (timetable.stay.is_empty(), false));
}

/// A guest that writes no more than its budget leaves; one that writes a good deal more stays.
#[test]
fn a_budget_is_what_a_guest_may_write() {
    let text =
        "link.bandwidth = \"10 Gbit/s\"\nqemu.max-bandwidth = 0\nguest.memory = \"8 GiB\"\nvm = [{ name = \"a\" }]";
    let nothing = DrainGoal::default();
    let (host, timetable) = drained(&fleet(text, &[]));
    let budgets = WriteBudget::all(&host, &host.plan(), &timetable, &nothing);
    assert_eq!(budgets.len(), 1);
    let most = budgets[0].most.0;
    let leaves = |written: f64| {
        let workload = format!("vm.0.guest.workload=[{{ kind = \"uniform\", rate = \"{written:.0} B/s\" }}]");
        drained(&fleet(text, &[&workload])).1.stay.is_empty()
    };
    assert!(leaves(most as f64 * 0.99), "{most}");
    assert!(!leaves(most as f64 * 1.05), "{most}");
}

#[test]
fn what_guests_are_owed_stands_in_the_fleet_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fleet.toml");
    let write = |goal: &str| {
        let text = std::fs::read_to_string(BESIDE).unwrap();
        std::fs::write(&path, format!("{text}\n[[sla]]\nguests = \"*\"\ngoal = \"{goal}\"\n")).unwrap();
        let output = precopy(&[path.to_str().unwrap()]);
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, page, said) = write("longest_stall_ms <= 1");
    assert_eq!(code, Some(1), "{said}");
    assert!(page.starts_with("no: host"), "{page}");
    let (code, _, said) = write("longest_stall <= 1");
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("there is no `longest_stall` in an outcome") && said.contains("fleet.toml:"), "{said}");
}

#[test]
fn the_page_to_hand_on_answers_the_question() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("host.html");
    let title = "Can host 17 be emptied in 45 minutes?";
    let page = ["--report", path.to_str().unwrap(), "--title", title];
    let output = precopy(&[&PLANNER[..], &OWED[..], &page[..]].concat());
    assert_eq!(output.status.code(), Some(1));
    let html = std::fs::read_to_string(&path).unwrap();
    for words in [
        title,
        "<b>cannot tell</b>",
        "<svg",
        "kafka-01",
        "What to measure first",
        "--window 45min",
        "default-src 'none'",
    ] {
        assert!(html.contains(words), "{words}");
    }
    assert_eq!(html.matches("<h1>").count(), 1);
    assert!(html.len() < 200_000, "{} bytes", html.len());
}
