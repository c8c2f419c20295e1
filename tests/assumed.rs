//! What was not given is said, once for each answer, and is what the answer was made with.

mod page;

use std::fs;
use std::process::Command;

use page::flat;
use precopy::scenario::{Assumption, Input, Scenario};
use precopy::sim::{self, Options, Outcome};
use serde_json::Value;

fn scenario(text: &str, sets: &[String]) -> Scenario {
    let loaded = Input::new("x.toml", text, sets).unwrap().load();
    loaded.unwrap_or_else(|faults| panic!("{sets:?}: {faults:?}")).scenario
}

fn outcome(scenario: &Scenario) -> Outcome {
    sim::run(scenario, &Options::default()).unwrap().0
}

const BARE: &str = "[guest]\nmemory = \"4 GiB\"\n[link]\nbandwidth = \"10 Gbit/s\"\n";

/// Flags under which each assumption is met at least once.
const SETTINGS: [&[&str]; 13] = [
    &[],
    &["guest.zero=\"40 %\""],
    &["qemu.version=4.1", "qemu.accel=tcg"],
    &["qemu.multifd=true", "qemu.max-bandwidth=0"],
    &["qemu.multifd=true", "qemu.multifd-compression=zstd", "qemu.max-bandwidth=0"],
    &["qemu.tls-creds=tls0", "qemu.max-bandwidth=0", "guest.workload=[{ kind = \"idle\" }]"],
    &["qemu.version=7.2", "qemu.compress=true", "guest.zero=\"10 %\""],
    &["qemu.max-bandwidth=0", "link.bandwidth=\"100 Gbit/s\""],
    &["qemu.multifd=true", "qemu.max-bandwidth=0", "link.bandwidth=\"100 Gbit/s\""],
    &["qemu.transport=ssh"],
    &["qemu.transport=rdma", "qemu.max-bandwidth=0"],
    &["qemu.transport=rdma", "qemu.rdma-pin-all=true"],
    &["orchestrator={ kind = \"virsh\", tunnelled = true }"],
];

/// Whoever gives what was assumed gets the same answer, and is told no more that it was assumed.
#[test]
fn what_is_assumed_is_what_the_key_would_say() {
    let mut met: Vec<&str> = Vec::new();
    for setting in SETTINGS {
        let sets: Vec<String> = setting.iter().map(|set| (*set).to_owned()).collect();
        let open = scenario(BARE, &sets);
        for assumption in open.assumed.iter().copied() {
            met.push(assumption.key());
            let value = match assumption {
                Assumption::Idle => "[{ kind = \"idle\" }]".to_owned(),
                other => format!("\"{}\"", other.taken_for()),
            };
            // A ratio is a number.
            let value =
                if matches!(assumption, Assumption::CompressionRatio(_)) { assumption.taken_for() } else { value };
            let said = [sets.as_slice(), &[format!("{}={value}", assumption.key())]].concat();
            let told = scenario(BARE, &said);
            let others = |scenario: &Scenario| -> Vec<&str> {
                scenario.assumed.iter().map(|open| open.key()).filter(|key| *key != assumption.key()).collect()
            };
            assert!(!told.assumed.contains(&assumption), "{said:?}");
            assert_eq!(others(&told), others(&open), "{said:?}");
            // A time is told with three digits.
            let (told, open) = (outcome(&told).total_time_ms, outcome(&open).total_time_ms);
            assert!((told / open - 1.0).abs() < 1e-3, "{said:?}: {told} ms, and {open} ms without it");
        }
    }
    met.sort_unstable();
    met.dedup();
    assert_eq!(met.len(), 15, "{met:?}");
}

/// QEMU's own limit is told wherever it holds a guest back that nobody asked to be held back, and nowhere else.
#[test]
fn the_limit_that_nobody_set_is_told_under_every_orchestrator() {
    for kind in ["none", "nova", "kubevirt", "ovirt", "virsh", "proxmox", "cloudstack", "ganeti"] {
        for version in ["5.0", "8.2"] {
            for link in ["100 Mbit/s", "10 Gbit/s"] {
                let sets = [
                    format!("orchestrator.kind={kind}"),
                    format!("qemu.version={version}"),
                    format!("link.bandwidth=\"{link}\""),
                ];
                let open = scenario(BARE, &sets);
                let lifted = scenario(BARE, &[&sets[..], &["qemu.max-bandwidth=0".to_owned()]].concat());
                let is_told = open.assumed.iter().any(|open| matches!(open, Assumption::MaxBandwidth(_)));
                let holds_back = outcome(&open).total_time_ms > 1.01 * outcome(&lifted).total_time_ms;
                assert_eq!(is_told, holds_back, "{sets:?}");
            }
        }
    }
}

/// An idle guest that is called so, a preset and a rate are known; an empty list is not.
#[test]
fn a_workload_is_unknown_only_where_there_is_none() {
    for (workload, is_unknown) in [
        ("", true),
        ("workload = []", true),
        ("workload = [{ kind = \"idle\" }]", false),
        ("workload = [{ preset = \"idle-linux\" }]", false),
        ("workload = [{ kind = \"uniform\", rate = 0 }]", false),
    ] {
        let text = BARE.replace("[link]", &format!("{workload}\n[link]"));
        assert_eq!(scenario(&text, &[]).assumed.contains(&Assumption::Idle), is_unknown, "{workload}");
    }
}

/// A folder in which commands are typed.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new(files: &[(&str, &str)]) -> Desk {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Desk(folder)
    }

    /// Standard output and standard error.
    fn typed(&self, words: &str) -> (String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_precopy"));
        let words = words.split_whitespace();
        let output = command.current_dir(self.0.path()).args(words).env("COLUMNS", "100").output().unwrap();
        assert!(matches!(output.status.code(), Some(0 | 1)), "{output:?}");
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    }
}

/// Twelve guests of which nothing is known, and one that is idle.
fn fleet() -> String {
    let unknown: String = (1..=12).map(|number| format!("web-{number},2 GiB,\n")).collect();
    format!("name,memory,kind\n{unknown}quiet,2 GiB,idle\n")
}

fn desk() -> Desk {
    let fleet = fleet();
    let known = BARE.replace("[link]", "workload = [{ kind = \"idle\" }]\n[link]");
    Desk::new(&[
        ("bare.toml", BARE),
        ("known.toml", &known),
        ("fleet.csv", &fleet),
        ("folder/bare.toml", BARE),
        ("folder/known.toml", &known),
        (
            "folder/check.toml",
            "[[policy]]\nname = \"a\"\nset = []\n[[policy]]\nname = \"b\"\nset = [\"qemu.version=9.0\"]\n",
        ),
    ])
}

#[test]
fn every_command_says_once_what_it_took_for_idle() {
    let desk = desk();
    desk.typed("check folder --bless");
    let all = "12 of 13 guests have no workload and are taken for idle: web-1 to web-12";
    let one = "no workload is given; the guest is taken for idle";
    let half = "1 of 2 guests has no workload and is taken for idle: bare";
    for (words, said) in [
        ("run bare.toml", one),
        ("run bare.toml --repeats 3", one),
        ("run bare.toml --expect verdict=aborted", one),
        ("plan bare.toml --goal verdict=converged", one),
        ("sweep bare.toml --vary qemu.version=8.2,9.0 -o rows.csv", one),
        ("drain fleet.csv --link 25Gbit/s", all),
        ("drain fleet.csv --link 25Gbit/s --scheduler all", all),
        ("drain fleet.csv --link 25Gbit/s --search", all),
        ("drain fleet.csv --link 25Gbit/s --within 600s --repeats 3", all),
        ("check folder", half),
        ("check folder --a qemu.version=8.2 --b qemu.version=9.0", half),
    ] {
        let (out, err) = desk.typed(words);
        let text = flat(&(out + &err));
        assert_eq!(text.matches("taken for idle").count(), 1, "{words}: {text}");
        assert!(text.contains(said), "{words}: {text}");
        // A list is migrated as through libvirt.
        let limit = if words.contains(".csv --link") { "no max-bandwidth" } else { "QEMU's own" };
        assert_eq!(text.matches(limit).count(), 1, "{words}: {text}");
    }
    desk.typed("check folder --markdown note.md");
    let note = fs::read_to_string(desk.0.path().join("note.md")).unwrap();
    assert!(note.contains(&format!("- unknown: {half}")), "{note}");
    desk.typed("report bare.toml -o page.html");
    let page = fs::read_to_string(desk.0.path().join("page.html")).unwrap();
    assert_eq!(page.matches("taken for idle").count(), 1, "{page}");
    let (known, _) = desk.typed("run known.toml");
    assert!(!known.contains("idle"), "{known}");
}

#[test]
fn an_answer_about_a_host_names_its_condition_first() {
    let desk = desk();
    let condition = "if the 12 of unknown workload are idle";
    for (words, before) in [
        ("", "host empty"),
        ("--set limits.time=10ms", "host not empty"),
        ("--search", "best of"),
        ("--within 600s", "% certain"),
        ("--scheduler all", "All rows hold"),
    ] {
        let (page, _) = desk.typed(&format!("drain fleet.csv --link 25Gbit/s {words}"));
        let sentence = flat(&page);
        let from = sentence.find(before).unwrap_or_else(|| panic!("{words}: {page}"));
        let hit = sentence[from..].find(condition).unwrap_or_else(|| panic!("{words}: {page}"));
        assert!(hit < 200, "{words}: {page}");
    }
    let (page, _) = desk.typed("drain fleet.csv --link 25Gbit/s");
    let first = flat(page.lines().next().unwrap());
    assert!(first.starts_with("host empty after") && first.ends_with(condition), "{first}");
    assert_eq!(page.lines().filter(|line| line.contains("idle?")).count(), 12, "{page}");
    desk.typed("drain fleet.csv --link 25Gbit/s --plot drain.svg");
    let picture = fs::read_to_string(desk.0.path().join("drain.svg")).unwrap();
    assert!(picture.contains(condition), "{picture}");
}

#[test]
fn programs_read_it_as_data_and_rows_stay_as_they_are() {
    let desk = desk();
    desk.typed("check folder --bless");
    let json = |words: &str| -> Value { serde_json::from_str(&desk.typed(words).0).unwrap() };
    let idle = |value: &Value| value["assumed"][0].clone();
    let of_one = serde_json::json!({"key": "guest.workload", "taken_for": "idle"});
    for words in ["run bare.toml", "run bare.toml --repeats 2", "plan bare.toml --goal verdict=converged"] {
        assert_eq!(idle(&json(&format!("{words} --format json"))), of_one, "{words}");
    }
    let drain = json("drain fleet.csv --link 25Gbit/s --format json");
    assert_eq!(drain["unknown"], 12);
    assert_eq!(idle(&drain)["guests"].as_array().unwrap().len(), 12, "all by their names");
    let migrations = drain["migrations"].as_array().unwrap();
    let unknown = |guest: &str| migrations.iter().find(|row| row["guest"] == guest).unwrap()["unknown"].clone();
    assert_eq!((unknown("web-7"), unknown("quiet")), (true.into(), false.into()));
    let all = json("drain fleet.csv --link 25Gbit/s --scheduler all --format json");
    assert_eq!(idle(&all)["taken_for"], "idle");
    let check = json("check folder --format json");
    assert_eq!((&check["guests"], &check["unknown"]), (&2.into(), &serde_json::json!(["bare"])));
    let (rows, _) = desk.typed("run bare.toml --format csv");
    assert!(!rows.contains("assumed") && !rows.contains("unknown"), "{rows}");
    // Rows of a drain say of each guest whether its workload is unknown.
    let (rows, _) = desk.typed("drain fleet.csv --link 25Gbit/s --format csv");
    let mut rows = csv::Reader::from_reader(rows.as_bytes());
    let unknown = rows.headers().unwrap().iter().position(|name| name == "unknown").unwrap();
    assert_eq!(rows.records().filter(|row| &row.as_ref().unwrap()[unknown] == "true").count(), 12);
}
