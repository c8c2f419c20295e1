//! The command as a shell sees it: help, complaints, exit codes.

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
