//! The changes that `docs/adding` shows can be made: each alone, and all of them one after the other.
//!
//! That they compile and pass their own tests is seen by `docs/adding/try.sh`, a check of `.ci/run`. If the tree has moved
//! on below one of them: apply it by hand, and put the output of `git diff` into the page.
#![cfg(unix)]

mod files;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// The pages, and the change that each shows.
fn changes() -> Vec<(String, String)> {
    let change = |path: &Path| {
        let page = fs::read_to_string(path).unwrap();
        let (_, diff) = page.split_once("\n```diff\n").unwrap_or_else(|| panic!("{} has no change", path.display()));
        let (diff, _) = diff.split_once("\n```\n").unwrap();
        (path.file_stem().unwrap().to_str().unwrap().to_owned(), format!("{diff}\n"))
    };
    files::files("docs/adding", "md").iter().map(|path| change(path)).collect()
}

/// Applies a change in a folder, or says why it cannot be.
fn apply(folder: &Path, diff: &str) -> Result<(), String> {
    let mut git = Command::new("git");
    git.args(["apply", "-"]).current_dir(folder).stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut git = git.spawn().expect("git is needed to apply a change");
    git.stdin.take().unwrap().write_all(diff.as_bytes()).unwrap();
    let output = git.wait_with_output().unwrap();
    if output.status.success() { Ok(()) } else { Err(String::from_utf8(output.stderr).unwrap()) }
}

/// A copy of what changes are made to.
fn copy() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let all = Command::new("cp").args(["-r", "src", "docs"]).arg(folder.path()).status().unwrap();
    assert!(all.success());
    folder
}

#[test]
fn every_change_applies_alone_and_after_the_others() {
    let changes = changes();
    let names: Vec<&str> = changes.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["orchestrator", "plot", "throttle-rule", "workload"]);
    let together = copy();
    for (name, diff) in &changes {
        apply(copy().path(), diff).unwrap_or_else(|why| panic!("docs/adding/{name}.md, alone: {why}"));
        apply(together.path(), diff).unwrap_or_else(|why| panic!("docs/adding/{name}.md, after the others: {why}"));
        assert!(apply(together.path(), diff).is_err(), "{name} cannot be applied twice");
    }
}

#[test]
fn every_change_brings_a_test_and_tells_the_user() {
    for (name, diff) in changes() {
        let added = |what: &str| diff.lines().any(|line| line.starts_with('+') && line.contains(what));
        assert!(added("#[test]"), "{name} has no test");
        assert!(diff.contains("\n+++ b/docs/"), "{name} changes no page");
    }
}
