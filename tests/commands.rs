//! The command as a shell sees it: help, complaints, exit codes.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use clap::CommandFactory;
use precopy::cli::args::Cli;

/// Runs the program in a folder of its own.
fn precopy(folder: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_precopy")).env_remove("COLUMNS").current_dir(folder).args(words).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn help_explains_every_flag() {
    let mut cli = Cli::command();
    cli.build();
    insta::assert_snapshot!("help", cli.clone().term_width(100).render_long_help());
    for command in cli.get_subcommands().filter(|command| command.get_name() != "help") {
        let help = command.clone().term_width(100).render_long_help();
        insta::assert_snapshot!(format!("help_{}", command.get_name()), help);
    }
}

#[test]
fn the_version_is_an_answer() {
    let folder = tempfile::tempdir().unwrap();
    let output = precopy(folder.path(), &["--version"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("precopy {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn wrong_usage_ends_with_2_and_runs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for (words, complaint) in [
        (&[][..], "Usage: precopy"),
        (&["fly"], "unrecognized subcommand 'fly'"),
        (&["run"], "<SCENARIO>"),
        (&["run", "none.toml"], "cannot read `none.toml`"),
        (&["run", "none.toml", "--expect", "success"], "not-converged"),
        (&["run", "none.toml", "--expect", "downtime <= 5"], "did you mean `downtime_ms`?"),
        (&["run", "none.toml", "--expect", "downtime_ms <= 5 mm"], " --> --expect:1:16"),
        (&["run", "none.toml", "--seed", "x"], "--seed"),
        (&["run", "none.toml", "-q", "-v"], "cannot be used with"),
    ] {
        let output = precopy(folder.path(), words);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{words:?}: {said}");
        assert!(said.contains(complaint), "{words:?}: {said}");
        assert!(output.stdout.is_empty(), "{words:?}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "no file was left behind");
}

#[test]
fn the_page_is_as_wide_as_columns_says() {
    let widest = |columns: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_precopy"));
        let output = command.args(["run", "scenarios/web-server.toml"]).env("COLUMNS", columns).output().unwrap();
        String::from_utf8(output.stdout).unwrap().lines().map(|line| line.chars().count()).max().unwrap()
    };
    let (usual, wide) = (widest("80"), widest("110"));
    assert!(usual <= 80 && (90..=110).contains(&wide), "{usual}, {wide}");
    assert_eq!(widest("a few"), usual, "nonsense is not heard");
}

#[test]
fn a_scenario_is_no_recorded_migration() {
    let output = Command::new(env!("CARGO_BIN_EXE_precopy")).args(["compare", "scenarios/web-server.toml"]).output();
    let output = output.unwrap();
    let message = "error: scenarios/web-server.toml: is a scenario, and a recorded migration is JSON; `precopy run` takes \
                   scenarios\n";
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap().as_str()), (Some(2), message));
}

#[test]
fn an_expectation_that_does_not_hold_ends_with_1_and_says_what_was_found() {
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/database-1g.toml");
    let folder = tempfile::tempdir().unwrap();
    for (goals, complaint) in [
        (&["converged"][..], None),
        (&["converged, downtime_ms <= 300", "throttle_max_pct >= 90"], None),
        (&["downtime_ms <= 100"], Some("expected `downtime_ms <= 100`, but it is 292 ms")),
        (&["converged", "total_time_ms < 1 min"], Some("expected `total_time_ms < 1 min`, but it is 113 s")),
        (&["aborted"], Some("expected `aborted`, but the migration ended `converged`: ")),
    ] {
        let mut words = vec!["run", scenario.to_str().unwrap(), "--format", "csv"];
        words.extend(goals.iter().flat_map(|goal| ["--expect", goal]));
        let output = precopy(folder.path(), &words);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(i32::from(complaint.is_some())), "{goals:?}: {said}");
        assert!(said.contains(complaint.unwrap_or_default()), "{goals:?}: {said}");
        assert!(!output.stdout.is_empty(), "the report is written all the same");
    }
}

#[cfg(not(feature = "libvirt"))]
#[test]
fn without_libvirt_real_migrations_say_how_to_get_it() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/rig.toml");
    let place = ["--connect", "qemu:///system"];
    let replay = [&["replay", scenario, "--domain", "web1", "--dest", "qemu+ssh://host2/system", "--yes"], &place[..]];
    for words in [replay.concat(), [&["watch"], &place[..]].concat()] {
        let output = precopy(folder.path(), &words);
        assert_eq!(output.status.code(), Some(2));
        let said = stderr(&output);
        assert!(said.contains("libvirt-dev") && said.contains("--features libvirt"), "{said}");
    }
}

#[test]
fn a_result_never_takes_the_place_of_what_it_is_made_from() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/web-server.toml")).unwrap();
    let file = folder.path().join("a.toml");
    fs::write(&file, &scenario).unwrap();
    for words in [
        &["run", "a.toml", "-o", "a.toml"][..],
        &["run", "a.toml", "-o", "b.txt", "--timeline", "./a.toml"],
        &["sweep", "a.toml", "--vary", "qemu.auto-converge=true,false", "-o", "a.toml"],
        &["plan", "a.toml", "-o", "a.toml"],
        &["report", "a.toml", "-o", "a.toml"],
        &["plot", "a.toml", "-o", "a.toml"],
    ] {
        let output = precopy(folder.path(), words);
        assert_eq!(output.status.code(), Some(2), "{words:?}: {}", stderr(&output));
        assert!(stderr(&output).contains("is read here"), "{words:?}: {}", stderr(&output));
        assert_eq!(fs::read(&file).unwrap(), scenario, "{words:?}");
    }
}

#[test]
fn rows_go_into_no_file_whose_suffix_says_something_else() {
    let scenario = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/web-server.toml");
    let folder = tempfile::tempdir().unwrap();
    for file in ["rows.xlsx", "rows.csv.gz", "rows.svg"] {
        let output =
            precopy(folder.path(), &["sweep", scenario, "--vary", "qemu.auto-converge=true,false", "-o", file]);
        assert_eq!(output.status.code(), Some(2), "{file}");
        assert!(stderr(&output).contains("`.csv`, `.jsonl` or `.parquet`, not as"), "{}", stderr(&output));
        assert!(!folder.path().join(file).exists(), "{file}");
    }
}

#[test]
fn a_share_of_runs_says_whether_it_is_a_percentage() {
    let scenario = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/web-server.toml");
    let folder = tempfile::tempdir().unwrap();
    let output = precopy(folder.path(), &["plan", scenario, "--repeats", "3", "--in", "0.95"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("write 95 % or 0.95 %"), "{}", stderr(&output));
}
