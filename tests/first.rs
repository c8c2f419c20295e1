//! The first answer: without a file, by presets, and with a scenario to go on from.

mod figures;

use std::path::Path;
use std::process::{Command, Output};

fn precopy(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_precopy")).current_dir(env!("CARGO_MANIFEST_DIR")).args(words).output().unwrap()
}

fn said(words: &[&str]) -> (Option<i32>, String, String) {
    let output = precopy(words);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

const GUEST: [&str; 6] = ["--ram", "32GiB", "--dirty-rate", "1480MiB/s", "--link", "25G"];

#[test]
fn a_migration_needs_no_file() {
    let (code, page, complaint) = said(&[&["run"], &GUEST[..]].concat());
    assert_eq!(code, Some(0), "{complaint}");
    assert!(page.contains("not-converged"), "{page}");
    // The same as the scenario that the same flags write.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("guest.toml");
    let file = file.to_str().unwrap();
    assert_eq!(said(&[&["init", "-o", file], &GUEST[..]].concat()).0, Some(0));
    let json = |words: &[&str]| figures::figures(said(&[words, &["--format", "json"]].concat()).1.as_bytes());
    assert_eq!(json(&[&["run"], &GUEST[..]].concat()), json(&["run", file]));
    // Flags count over a file's keys.
    let over = json(&["run", file, "--ram", "4GiB", "--load", "redis-idle", "--link", "45GbE"]);
    let by_hand = json(&[
        "run",
        file,
        "--set",
        "guest.memory=4 GiB",
        "--set",
        "guest.workload=[{ preset = \"redis-idle\" }]",
        "--set",
        "link.bandwidth=45 Gbit/s",
    ]);
    assert_eq!(over, by_hand);
}

#[test]
fn what_is_missing_or_wrong_is_said_in_one_message() {
    let wrong = [
        &["run"][..],
        &["run", "--ram", "32GiB"],
        &["run", "--ram", "32GiBs", "--link", "25G"],
        &["run", "--ram", "32GiB", "--link", "25G", "--load", "redis-set-1n"],
        &["presets", "redis-set-1n"],
        &["init", "--ram", "much"],
        &["init", "--from", "tests/data/inventories/dumpxml.xml"],
        &["init", "--from", "tests/data/inventories/planner.csv"],
    ];
    let complaints = wrong.map(|words| {
        let (code, page, complaint) = said(words);
        assert_eq!((code, page.as_str()), (Some(2), ""), "{words:?}");
        format!("$ precopy {}\n{complaint}", words.join(" "))
    });
    insta::assert_snapshot!("wrong", complaints.join("\n"));
}

#[test]
fn a_rate_without_a_unit_and_a_product_that_is_none_are_refused() {
    let guest = ["run", "--ram", "16GiB", "--link", "10G"];
    for (more, wanted) in [
        (["--dirty-rate", "1480"], "`--dirty-rate 1480` has no unit; write `1480MiB/s`, or `1480pages/s` of 4 KiB"),
        (["--orchestrator", "novaa"], "did you mean `nova`?"),
        (["--orchestrator", "nova.cnf"], "paths of flags start from the working folder"),
    ] {
        let (code, _, complaint) = said(&[&guest[..], &more].concat());
        assert!(code == Some(2) && complaint.contains(wanted), "{complaint}");
        assert_eq!(complaint.lines().count(), 1, "{complaint}");
    }
}

#[test]
fn a_load_in_words_is_said_to_be_a_guess() {
    let words = ["run", "--ram", "8GiB", "--link", "10G", "--load"];
    let (code, _, note) = said(&[&words[..], &["nginx"]].concat());
    assert!(code == Some(0) && note.contains("`nginx` is taken for preset = \"redis-get-1m\""), "{note}");
    let (code, _, note) = said(&[&words[..], &["redis-get-1m"]].concat());
    assert!(code == Some(0) && !note.contains("is taken for"), "{note}");
}

#[test]
fn presets_are_listed_and_shown() {
    let (code, list, _) = said(&["presets"]);
    assert_eq!(code, Some(0));
    for preset in precopy::scenario::presets::PRESETS.iter() {
        assert!(list.contains(&preset.name), "{list}");
        let (code, shown, _) = said(&["presets", &preset.name]);
        assert_eq!(code, Some(0), "{}", preset.name);
        // What is shown is a part of a scenario.
        let text = format!("[guest]\nmemory = \"64 GiB\"\n[link]\nbandwidth = \"1 Gbit/s\"\n{shown}");
        let input = precopy::scenario::Input::new("a.toml", &text, &[]).unwrap();
        assert!(input.load().is_ok(), "{shown}");
    }
    for (words, taken) in precopy::scenario::Loads::known() {
        assert!(list.contains(&taken) && words.iter().all(|word| list.contains(word)), "{list}");
        let (code, _, complaint) = said(&["run", "--ram", "64GiB", "--link", "25G", "--load", &words[0]]);
        assert_eq!(code, Some(0), "{complaint}");
    }
    insta::assert_snapshot!("preset", said(&["presets", "redis-set-1m"]).1);
}

#[test]
fn a_first_scenario_explains_itself_and_runs() {
    let (code, text, _) = said(&["init"]);
    assert_eq!(code, Some(0));
    insta::assert_snapshot!("init", text);
    let path = "tests/data/inventories/domstats.txt";
    assert!(Path::new(path).is_file());
    let (code, text, complaint) = said(&["init", "--from", path, "--guest", "redis-02", "--link", "25G"]);
    assert!(code == Some(0), "{complaint}");
    assert!(text.contains("rate = \"1480 MiB/s\"") && text.contains("vcpus = 4"), "{text}");
    // Examples are right, too.
    let all: String = text
        .lines()
        .filter(|line| {
            !line.contains("precopy") && line.starts_with("# ") && (line.contains(" = ") || line.starts_with("# ["))
        })
        .map(|line| format!("{}\n", &line[2..]))
        .filter(|line| !line.starts_with("[["))
        .collect();
    assert!(all.contains("auto-converge = true"), "{all}");
}

#[test]
fn a_log_becomes_a_scenario_that_runs() {
    let folder = tempfile::tempdir().unwrap();
    for (log, kind) in [("nova.txt", "nova"), ("kubevirt-mixed.txt", "kubevirt"), ("domjobinfo-many.txt", "virsh")] {
        let (code, text, complaint) = said(&["init", &format!("tests/data/logs/{log}")]);
        assert_eq!(code, Some(0), "{log}: {complaint}");
        assert!(text.contains("Taken for granted:") && text.contains(&format!("# kind = \"{kind}\"")), "{text}");
        let file = folder.path().join("guest.toml");
        std::fs::write(&file, &text).unwrap();
        let (code, _, complaint) = said(&["run", file.to_str().unwrap()]);
        assert_eq!((code, complaint.as_str()), (Some(0), ""), "{log}");
    }
    let (_, text, _) = said(&["init", "tests/data/logs/nova.txt"]);
    insta::assert_snapshot!("init-log", text);
    let (_, text, _) = said(&["init", "tests/data/logs/nova.txt", "--link", "25G"]);
    assert!(text.contains("bandwidth = \"25 Gbit/s\""), "{text}");
    for (words, wanted) in [
        (&["init", "tests/data/logs/kubevirt-vmim.json"][..], "does not tell enough of its guest"),
        (&["init", "tests/data/inventories/dominfo.txt"], "takes the log or recording of a migration"),
        (&["init", "--from", "tests/data/logs/nova.txt"], "takes a fleet"),
        (&["init", "tests/data/logs/nova.txt", "--nth", "9"], "`--nth` asks for number 9"),
    ] {
        let (code, page, complaint) = said(words);
        assert_eq!((code, page.as_str(), complaint.lines().count()), (Some(2), "", 1), "{words:?}: {complaint}");
        assert!(complaint.contains(wanted), "{words:?}: {complaint}");
    }
}
