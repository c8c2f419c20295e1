//! What `precopy plan` says is enough is enough, and what it says is not enough is not.

mod drawn;

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use drawn::Draw;
use precopy::goal::Goal;
use precopy::plan::{By, PlanOutcome, Question};
use precopy::scenario::Input;
use precopy::sim::{self, Options, Outcome, Watch};
use precopy::uncertain::Unknowns;
use precopy::units::Share;
use serde_json::Value;

fn precopy(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_precopy")).current_dir(env!("CARGO_MANIFEST_DIR")).args(words).output().unwrap()
}

fn stdout(words: &[&str]) -> String {
    let output = precopy(words);
    assert_eq!(output.status.code(), Some(0), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn question(text: &str, goal: &str) -> Question {
    let goal = if goal.is_empty() { Goal::default() } else { Goal::parse(goal).unwrap() };
    let draft = Input::new("test.toml", text, &[]).unwrap().draft().unwrap();
    Question {
        unknowns: Unknowns::read(&draft),
        draft,
        goal: Question::complete(goal),
        options: Options::default(),
        repeats: 1,
        share: Share::ALL,
        runs: Arc::default(),
        memo: Arc::default(),
    }
}

#[test]
fn a_plan_does_not_depend_on_threads() {
    let of = |jobs| stdout(&["plan", "scenarios/never-converges.toml", "--jobs", jobs]);
    assert_eq!(of("1"), of("3"));
}

#[test]
fn whoever_waits_can_see_how_many_migrations_were_simulated() {
    let text = std::fs::read_to_string("scenarios/idle-guest.toml").unwrap();
    let question = Question { repeats: 3, ..question(&text, "") };
    question.ask(&[]).unwrap();
    assert_eq!(question.runs.load(std::sync::atomic::Ordering::Relaxed), 3);
}

/// A guest that dirties more than the link carries, under a product that gives up.
fn hopeless(product: &str) -> String {
    format!(
        "guest.memory = \"16 GiB\"\nlink.bandwidth = \"10 Gbit/s\"\norchestrator.kind = \"{product}\"\n\
         guest.workload = [{{ kind = \"uniform\", region = \"8 GiB\", rate = \"2e6 pages/s\" }}]\n"
    )
}

/// A probe of which no more is asked than whether it meets the goal ends once that is plain, and is not made twice.
#[test]
fn hopeless_probes_end_early_and_none_is_made_twice() {
    // Two threads may make a few probes twice.
    for (product, most) in [("nova", 1_300), ("kubevirt", 950)] {
        let text = hopeless(product);
        let question = question(&text, "");
        let plan = PlanOutcome::of(&question, &[], 3).unwrap();
        assert!(!plan.as_is.met && !plan.single.is_empty() && !plan.margins.is_empty(), "{product}");
        let made = question.runs.load(Relaxed);
        println!("{product}: {made} migrations");
        assert!(made < most, "{product}: {made} migrations");
        PlanOutcome::of(&question, &[], 3).unwrap();
        let again = question.runs.load(Relaxed) - made;
        // What has figures to show is run anew.
        assert!(again < 60, "{product}: {again} of {made} migrations once more");
    }
}

#[test]
fn a_search_that_is_stopped_keeps_the_levers_that_it_has_searched() {
    let text = std::fs::read_to_string("scenarios/never-converges.toml").unwrap();
    let whole = PlanOutcome::of(&question(&text, ""), &[], 1).unwrap();
    let made = whole_runs(&text);
    let mut found = 0;
    for part in [2, 5] {
        let stop = Arc::new(AtomicBool::new(false));
        let watch = Some(Arc::new(Watch::new(stop.clone())));
        let question = Question { options: Options { watch, ..Options::default() }, ..question(&text, "") };
        let runs = question.runs.clone();
        let stopped = std::thread::scope(|scope| {
            scope.spawn(|| {
                while runs.load(Relaxed) < made * part / 8 {
                    std::thread::yield_now();
                }
                stop.store(true, Relaxed);
            });
            PlanOutcome::of(&question, &[], 1).unwrap()
        });
        let (searched, levers) = stopped.searched;
        assert!(searched < levers && levers == whole.searched.1, "{searched} of {levers}");
        for solution in &stopped.single {
            let alike = whole.single.iter().find(|known| known.sets() == solution.sets());
            assert!(alike.is_some_and(|known| known.answer.outcome == solution.answer.outcome), "{solution:?}");
        }
        found += stopped.single.len();
        assert!(stopped.no_help.is_empty() && stopped.pairs.is_empty());
    }
    assert!(found > 0, "nothing was kept of any search");
}

/// Migrations that it takes to search all levers, without pairs.
fn whole_runs(text: &str) -> u64 {
    let question = question(text, "");
    PlanOutcome::of_changes(&question, &[], 0).unwrap();
    question.runs.load(Relaxed)
}

/// A run with these flags, with nothing of the plan's own about it.
fn run(text: &str, sets: &[String]) -> Outcome {
    let scenario = Input::new("test.toml", text, sets).unwrap().load().unwrap().scenario;
    sim::run(&scenario, &Options::default()).unwrap().0
}

#[test]
fn the_hopeless_scenario_is_saved_by_each_change_that_is_named() {
    let name = "scenarios/never-converges.toml";
    let text = stdout(&["plan", name, "--pairs", "2", "--format", "json"]);
    let plan: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(plan["as_is"]["met"], false);
    let (single, pairs) = (plan["single"].as_array().unwrap(), plan["pairs"].as_array().unwrap());
    assert!(single.len() >= 3 && !pairs.is_empty(), "{text}");
    let program = Path::new(env!("CARGO_BIN_EXE_precopy")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    for solution in single.iter().chain(pairs) {
        // What is shown is pasted into a shell.
        let command = format!("{} --expect 'converged|post-copy'", solution["command"].as_str().unwrap());
        let shell = Command::new("sh").args(["-c", &command]).env("PATH", &path).output().unwrap();
        assert_eq!(shell.status.code(), Some(0), "{command}: {}", String::from_utf8_lossy(&shell.stderr));
        let less: Vec<&str> =
            solution["not_enough"]["sets"].as_array().unwrap().iter().map(|set| set.as_str().unwrap()).collect();
        let mut words = vec!["run", name, "--format", "csv", "--expect", "converged|post-copy"];
        words.extend(less.iter().flat_map(|set| ["--set", set]));
        assert_eq!(precopy(&words).status.code(), Some(1), "{words:?}");
    }
    assert!(!plan["not_enough"].as_array().unwrap().is_empty());
    assert_eq!(plan["margins"][0]["key"], "guest.rate-factor");
    assert_eq!(plan["margins"][0]["to"]["beyond"], "refused");
    assert_eq!(plan["margins"][0]["from"]["beyond"], "flips");
}

/// A guest that writes about as much as its link carries, or more.
fn busy_guest(draw: &mut Draw) -> String {
    let memory = draw.of(&[1, 2, 4]);
    let link = draw.log_between(500.0, 10_000.0).round();
    let region = draw.between(0.2, 0.9);
    let load = draw.between(0.8, 4.0) * link * 1e6 / 8.0 / 4096.0;
    let (version, throttle) =
        draw.of(&[("2.12", ""), ("4.2", "max-cpu-throttle"), ("8.2", "max-cpu-throttle"), ("10.1", "")]);
    let throttle = if throttle.is_empty() { String::new() } else { format!("{throttle} = {}", draw.of(&[30, 50, 70])) };
    format!(
        r#"
        [guest]
        memory = "{memory} GiB"
        vcpus = 4
        [[guest.workload]]
        kind = "{}"
        region = "{:.0} MiB"
        rate = "{load:.0} pages/s"
        cpu = "{} %"
        [link]
        bandwidth = "{link} Mbit/s"
        [qemu]
        version = "{version}"
        max-bandwidth = 0
        auto-converge = {}
        downtime-limit = {}
        {throttle}
        [limits]
        time = "3 min"
        "#,
        draw.of(&["uniform", "sequential"]),
        memory as f64 * 1024.0 * region,
        draw.of(&[30, 100]),
        !throttle.is_empty() || draw.chance(0.5),
        draw.of(&[30, 300]),
    )
}

#[test]
fn fifty_guests_that_do_not_converge_are_flipped_by_what_is_named_and_not_by_less() {
    let levers =
        ["link.bandwidth", "qemu.downtime-limit", "qemu.auto-converge", "qemu.max-cpu-throttle", "guest.rate-factor"];
    let by: Vec<By> = levers.iter().map(|key| By::parse(key).unwrap()).collect();
    let (mut hopeless, mut flips, mut short) = (0, 0, 0);
    for index in 0..1000 {
        let text = busy_guest(&mut Draw::new(index));
        let question = question(&text, "");
        if question.goal.holds(&run(&text, &[])) {
            continue;
        }
        let plan = PlanOutcome::of_changes(&question, &by, 0).unwrap();
        assert_eq!(plan.single.is_empty(), plan.no_help.len() == by.len(), "{text}");
        for solution in &plan.single {
            let outcome = run(&text, &solution.sets());
            assert!(question.goal.holds(&outcome), "{text}\n{:?}: {}", solution.changes, outcome.reason);
            assert!(outcome == solution.answer.outcome);
            let less = run(&text, &solution.short_sets());
            assert!(!question.goal.holds(&less), "{text}\n{:?} is enough as well", solution.short);
            flips += 1;
            short += usize::from(solution.short.is_some());
        }
        for no in &plan.no_help {
            assert!(!no.why.is_empty() && !no.brief.is_empty(), "{}", no.lever);
        }
        hopeless += 1;
        if hopeless == 50 {
            break;
        }
    }
    assert_eq!(hopeless, 50);
    assert!(flips >= 150 && short >= 100, "{flips} changes, {short} of them with less to try");
}

/// A guest that a throttle would save, with a QEMU that may be old.
fn throttled(version: &str, keys: &str) -> String {
    format!(
        r#"
        [guest]
        memory = "1 GiB"
        [[guest.workload]]
        kind = "uniform"
        region = "512 MiB"
        rate = "60000 pages/s"
        [link]
        bandwidth = "1 Gbit/s"
        [qemu]
        version = "{version}"
        max-bandwidth = 0
        {keys}
        [limits]
        time = "2 min"
        "#
    )
}

fn why(plan: &PlanOutcome, lever: &str) -> String {
    let found = plan.no_help.iter().find(|no| no.lever == lever);
    found.map_or_else(|| panic!("{lever} helps"), |no| no.why.clone())
}

#[test]
fn a_lever_that_cannot_help_is_named_with_the_reason() {
    let by = |keys: &[&str]| keys.iter().map(|key| By::parse(key).unwrap()).collect::<Vec<_>>();
    let old = question(&throttled("2.4", ""), "");
    let plan =
        PlanOutcome::of_changes(&old, &by(&["qemu.max-cpu-throttle", "qemu.postcopy-ram", "qemu.xbzrle"]), 0).unwrap();
    assert!(why(&plan, "qemu.max-cpu-throttle").starts_with("`qemu.max-cpu-throttle` needs QEMU 3.1"), "{plan:?}");
    assert!(why(&plan, "qemu.postcopy-ram").contains("needs QEMU 2.5"));
    let plan =
        PlanOutcome::of_changes(&question(&throttled("8.2", ""), "total_time_ms <= 1"), &by(&["qemu.postcopy-ram"]), 0);
    assert!(why(&plan.unwrap(), "qemu.postcopy-ram").starts_with("even if started as pass 2 begins: expected "));
    let off = question(&throttled("8.2", "xbzrle = true"), "");
    let keys = ["qemu.max-cpu-throttle", "qemu.multifd", "qemu.max-bandwidth", "link.bandwidth=1 Mbit/s,2 Mbit/s"];
    let plan = PlanOutcome::of_changes(&off, &by(&keys), 0).unwrap();
    assert_eq!(why(&plan, "qemu.max-cpu-throttle"), "changes nothing: `auto-converge` is off, so nothing is throttled");
    assert!(why(&plan, "qemu.multifd").contains("exclude one another"));
    assert_eq!(why(&plan, "qemu.max-bandwidth"), "there is no limit of QEMU's own");
    assert!(why(&plan, "link.bandwidth").starts_with("even at 2 Mbit/s: not-converged: the first pass was not over"));
}

/// A guest that writes twelve times what its link carries.
const OVERLOADED: &str = "guest.memory = \"32 GiB\"\nlink.bandwidth = \"1 Gbit/s\"\n\
                          guest.workload = [{ kind = \"uniform\", region = \"8 GiB\", rate = \"1480 MiB/s\" }]\n";

/// What few would change is told apart, behind what they would, and no pair has it.
#[test]
fn changes_that_are_far_from_what_is_usual_come_last_and_in_no_pair() {
    let question = question(OVERLOADED, "");
    let plan = PlanOutcome::of_changes(&question, &[], 10).unwrap();
    let of = |is_far: bool| -> Vec<&str> {
        let single = plan.single.iter().filter(|solution| solution.is_far == is_far);
        single.map(|solution| solution.changes[0].lever.as_str()).collect()
    };
    assert_eq!(
        (of(false), of(true)),
        (vec!["qemu.postcopy-ram", "qemu.auto-converge"], vec!["guest.rate-factor", "qemu.downtime-limit"])
    );
    assert!(plan.single.is_sorted_by_key(|solution| solution.is_far));
    for change in plan.pairs.iter().flat_map(|pair| &pair.changes) {
        let number = change.to.split(' ').next().unwrap().parse::<f64>().unwrap_or(0.0);
        let most = match change.lever.as_str() {
            "link.bandwidth" => 10.0,
            "qemu.downtime-limit" if change.to.ends_with(" s") => 3.0,
            _ => f64::INFINITY,
        };
        assert!(number <= most, "{change:?}");
    }
    // The default is near, however low the present limit is.
    let low = OVERLOADED.to_owned() + "qemu.downtime-limit = \"1 ms\"\nqemu.auto-converge = true\n";
    let plan =
        PlanOutcome::of_changes(&self::question(&low, ""), &[By::parse("qemu.downtime-limit").unwrap()], 0).unwrap();
    assert!(plan.single.iter().all(|solution| !solution.is_far), "{plan:?}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("guest.toml");
    std::fs::write(&file, OVERLOADED).unwrap();
    let page = stdout(&["plan", file.to_str().unwrap(), "--pairs", "0"]);
    insta::assert_snapshot!("plan_far", page.replace(file.to_str().unwrap(), "guest.toml"));
    let told = page.matches("were left at the last sync").count();
    assert_eq!(told, 1, "the sentence is told once: {page}");
    let rows = stdout(&["plan", file.to_str().unwrap(), "--pairs", "0", "--format", "csv"]);
    let kinds: Vec<&str> = rows.lines().skip(1).map(|row| row.split(',').next().unwrap()).collect();
    assert_eq!(kinds, ["as-is", "single", "single", "far", "far"]);
}

#[test]
fn fewer_migrations_on_a_link_and_an_orchestrator_s_own_switch_are_levers() {
    let shared = stdout(&["plan", "scenarios/web-server.toml", "--set", "link.migrations=8", "--pairs", "0"]);
    let line = shared.lines().find(|line| line.trim_start().starts_with("link.migrations")).unwrap();
    assert!(line.contains("8 → "), "{shared}");
    let hopeless = "scenarios/orchestrators/hopeless.toml";
    let nova = stdout(&["plan", hopeless, "--set", "orchestrator.kind=nova", "--pairs", "0"]);
    assert!(nova.contains("--set orchestrator.live_migration_permit_auto_converge=true"), "{nova}");
}

#[test]
fn a_goal_is_met_by_less_where_less_is_better() {
    let slow = question(&throttled("8.2", "downtime-limit = 2000\nauto-converge = true"), "downtime_ms <= 200");
    let plan = PlanOutcome::of_changes(&slow, &[By::parse("qemu.downtime-limit").unwrap()], 0).unwrap();
    assert_eq!(plan.single.len(), 1, "{:?}", plan.no_help);
    let limit: f64 = plan.single[0].changes[0].to.trim_end_matches(" ms").parse().unwrap();
    assert!(limit < 2000.0 && plan.single[0].answer.outcome.downtime_ms.unwrap() <= 200.0, "{limit}");
}

#[test]
fn two_halves_make_a_whole() {
    let text = throttled("8.2", "cpu-throttle-initial = 10\nmax-cpu-throttle = 20");
    let by: Vec<By> =
        ["qemu.auto-converge", "qemu.max-cpu-throttle"].iter().map(|key| By::parse(key).unwrap()).collect();
    let question = question(&text, "");
    let plan = PlanOutcome::of_changes(&question, &by, 3).unwrap();
    assert_eq!((plan.single.len(), plan.pairs.len()), (0, 1), "{plan:?}");
    let pair = &plan.pairs[0];
    assert!(question.goal.holds(&run(&text, &pair.sets())));
    assert!(!question.goal.holds(&run(&text, &pair.short_sets())));
    for change in &pair.changes {
        assert!(!question.goal.holds(&run(&text, &change.sets())), "{change:?} is enough alone");
    }
}

#[test]
fn a_share_of_the_runs_is_less_than_all_of_them() {
    let text = throttled("8.2", "") + "[guest.rate-spread]\nlaw = \"log-normal\"\ndeviation = \"30 %\"\n";
    let needed = |share: f64| {
        let question = Question { repeats: 40, share: Share(share), ..question(&text, "") };
        let plan = PlanOutcome::of_changes(&question, &[By::parse("link.bandwidth=1..4 Gbit/s").unwrap()], 0).unwrap();
        let fine =
            PlanOutcome::of_changes(&question, &[By::parse("link.bandwidth=1.00..4.01 Gbit/s").unwrap()], 0).unwrap();
        assert!(!plan.as_is.met && plan.single.len() == 1);
        assert!(fine.single[0].answer.runs_met >= (40.0 * share).ceil() as u32);
        fine.single[0].changes[0].to.trim_end_matches(" Gbit/s").parse::<f64>().unwrap()
    };
    let (half, most) = (needed(0.5), needed(0.95));
    assert!(half < most, "{half} and {most}");
}

#[test]
fn a_plan_reads_the_same_in_every_format_and_with_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("guest.toml");
    std::fs::write(&file, throttled("8.2", "")).unwrap();
    let file = file.to_str().unwrap();
    let words = ["plan", file, "--by", "link.bandwidth", "--by", "qemu.auto-converge", "--goal", "downtime_ms <= 1 s"];
    let with = |more: &[&str]| stdout(&[&words, more].concat());
    let json: Value = serde_json::from_str(&with(&["--format", "json"])).unwrap();
    let csv = with(&["--format", "csv"]);
    let rows: Vec<csv::StringRecord> = csv::Reader::from_reader(csv.as_bytes()).records().map(Result::unwrap).collect();
    let single = json["single"].as_array().unwrap();
    assert_eq!(rows.iter().filter(|row| &row[0] == "single").count(), single.len());
    let text = with(&[]);
    for solution in single {
        let command = solution["command"].as_str().unwrap();
        assert!(text.contains(command), "{text}");
        assert!(rows.iter().any(|row| &row[2] == command));
    }
    let threads = |count: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_precopy"))
            .args(words)
            .args(["--format", "json"])
            .env("RAYON_NUM_THREADS", count)
            .output()
            .unwrap();
        output.stdout
    };
    assert_eq!(threads("1"), threads("5"));
}

#[test]
fn a_scenario_that_does_what_is_wanted_needs_no_change() {
    let text = stdout(&["plan", "scenarios/throttle-decides.toml", "--goal", "guest_slowdown_pct <= 8"]);
    assert!(text.contains("goal met: verdict = converged|post-copy, guest_slowdown_pct <= 8\n"), "{text}");
    assert!(!text.contains("One change"), "{text}");
    assert!(text.contains("The goal stays met\n  guest.rate-factor    up to "), "{text}");
}

#[test]
fn wrong_usage_ends_with_2() {
    for (words, complaint) in [
        (&["plan", "scenarios/web-server.toml", "--by", "link.bandwith"][..], "did you mean `link.bandwidth`?"),
        (
            &["plan", "scenarios/never-converges.toml", "--by", "qemu.cpu-throtle-initial=20..90"],
            "did you mean `cpu-throttle-initial`?",
        ),
        (&["plan", "scenarios/web-server.toml", "--goal", "downtime <= 5"], "did you mean `downtime_ms`?"),
        (&["plan", "scenarios/web-server.toml", "--in", "120%"], "at most 100 %"),
        (&["plan", "scenarios/web-server.toml", "--set", "qemu.version=3"], "is no QEMU release"),
        (&["plan", "none.toml"], "cannot read"),
    ] {
        let output = precopy(words);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{words:?}: {said}");
        assert!(said.contains(complaint), "{words:?}: {said}");
    }
}

#[test]
fn a_plan_ends_with_its_changes_as_a_product_takes_them() {
    let plan = |words: &[&str]| stdout(&[&["plan", "scenarios/never-converges.toml", "--pairs", "0"], words].concat());
    let page = plan(&["--as", "virsh"]);
    let (before, lines) = page.split_once("As virsh takes it").unwrap();
    assert!(lines.contains("virsh migrate --live --p2p ") && lines.contains("no: "), "{page}");
    assert!(plan(&[]).starts_with(before), "everything else is as without the flag");
    let json: Value = serde_json::from_str(&plan(&["--as", "qmp", "--format", "json"])).unwrap();
    let changes = json["single"].as_array().unwrap();
    assert!(changes.iter().all(|change| change["as"]["product"] == "qmp"));
    let commands = changes.iter().flat_map(|change| change["as"]["lines"].as_array().unwrap());
    let commands: Vec<Value> = commands.map(|line| serde_json::from_str(line.as_str().unwrap()).unwrap()).collect();
    assert!(commands.iter().any(|command| command["execute"] == "migrate-set-parameters"), "{commands:?}");
}

/// One guest of a fleet or of a list is a scenario like any other, and what is to be typed names it.
#[test]
fn a_guest_of_a_fleet_can_be_asked_about() {
    let precopy = |words: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_precopy")).args(words).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let fleet = "scenarios/fleets/beside-a-second.toml";
    let (code, said, _) = precopy(&["run", fleet, "--vm", "busy"]);
    assert!(code == Some(0) && said.starts_with("converged, 13.5 s in total"), "{said}");
    let (code, said, _) = precopy(&["plan", fleet, "--vm", "busy", "--goal", "total_time_ms <= 10 s", "--pairs", "0"]);
    assert!(code == Some(0) && said.contains(&format!("precopy run {fleet} --vm busy --set ")), "{said}");
    let list = ["run", "tests/data/inventories/planner.csv", "--vm", "pg-01", "--set", "link.bandwidth=25G"];
    let (code, said, _) = precopy(&list);
    assert!(code == Some(0) && said.starts_with("converged, "), "{said}");
    let (code, _, said) = precopy(&["run", fleet, "--vm", "bussy"]);
    assert!(code == Some(2) && said.contains("is called `bussy`; did you mean `busy`?"), "{said}");
    let (code, _, said) = precopy(&["plan", fleet, "--by", "link.bandwidth"]);
    assert!(code == Some(2) && said.contains("`--vm NAME`"), "{said}");
    // Without a name it is the search over the whole host.
    let (code, said, _) = precopy(&["plan", fleet]);
    let (_, searched, _) = precopy(&["drain", fleet, "--search"]);
    assert!(code == Some(0) && said == searched && said.contains("as it is"), "{said}");
}
