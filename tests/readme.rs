//! What the README shows is what happens: every `console` block is run and its output compared.
#![cfg(unix)]

mod page;

use std::fs;
use std::path::Path;
use std::process::Command;

use page::Page;

/// Commands that are typed but not run here: they would build the program inside its own test, or need a real host
/// (`tests/rig.rs` runs those).
const NOT_RUN: [&str; 5] =
    ["cargo ", "export ", "tests/rig/", "precopy replay scenarios/rig.toml --yes", "precopy watch"];

/// A folder that looks like the checkout but can be written to.
fn scratch() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["scenarios", "tests"] {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        std::os::unix::fs::symlink(from, folder.path().join(name)).unwrap();
    }
    folder
}

/// What a terminal shows for `command`, typed in `folder` with the program on the path.
fn typed(command: &str, folder: &Path) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_precopy")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let shown = Command::new("sh")
        .args(["-c", &format!("{{ {command}\n}} 2>&1")])
        .current_dir(folder)
        .env("PATH", path)
        .env_remove("COLUMNS")
        .env("LC_ALL", "C")
        .output()
        .unwrap();
    String::from_utf8(shown.stdout).unwrap()
}

/// `output` as the page shows it: where `shown` has a line `...`, only as many lines before and after it.
fn like(shown: &[&str], output: &str) -> String {
    let lines: Vec<&str> = output.lines().map(str::trim_end).collect();
    let cut = shown.iter().position(|line| *line == "...").map(|head| (head, shown.len() - head - 1));
    let kept = match cut {
        Some((head, tail)) if head + tail < lines.len() => {
            [&lines[..head], &["..."], &lines[lines.len() - tail..]].concat()
        }
        _ => lines,
    };
    kept.iter().map(|line| format!("{line}\n")).collect()
}

/// The page with the output of every command as it is now, and the commands.
fn replayed(text: &str) -> (String, Vec<String>) {
    let folder = scratch();
    let (mut fresh, mut commands) = (String::new(), Vec::new());
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        fresh += &format!("{line}\n");
        match line {
            "```toml" => {
                // A file that a later command reads; its first line is a comment with its name.
                let mut file = String::new();
                while let Some(line) = lines.next_if(|line| *line != "```") {
                    file += &format!("{line}\n");
                }
                if let Some(name) = file.lines().next().and_then(|first| first.strip_prefix("# ")) {
                    fs::write(folder.path().join(name), &file).unwrap();
                }
                fresh += &file;
            }
            "```console" => {
                while let Some(line) = lines.next_if(|line| *line != "```") {
                    fresh += &format!("{line}\n");
                    let Some(command) = line.strip_prefix("$ ") else { continue };
                    let mut shown = Vec::new();
                    while let Some(line) = lines.next_if(|line| *line != "```" && !line.starts_with("$ ")) {
                        shown.push(line);
                    }
                    commands.push(command.to_owned());
                    if !NOT_RUN.iter().any(|start| command.starts_with(start)) {
                        fresh += &like(&shown, &typed(command, folder.path()));
                    }
                }
            }
            _ => {}
        }
    }
    (fresh, commands)
}

#[test]
fn every_command_of_the_readme_prints_what_the_readme_shows() {
    let readme = Page::read("README.md");
    let (fresh, commands) = replayed(&readme.text);
    readme.hold(&fresh);
    for start in ["cargo build --release", "export PATH=", "cargo test --workspace --locked"] {
        let times = commands.iter().filter(|command| command.starts_with(start)).count();
        assert_eq!(times, 1, "`{start}` is shown once");
    }
    assert!(commands.iter().filter(|command| command.starts_with("precopy ")).count() >= 6, "{commands:?}");
}

#[test]
fn every_command_of_the_guides_prints_what_they_show() {
    for name in ["docs/plan.md", "docs/drain.md", "docs/ci.md", "docs/measure.md", "docs/peers.md"] {
        let page = Page::read(name);
        let (fresh, commands) = replayed(&page.text);
        page.hold(&fresh);
        assert!(commands.len() >= 2, "{name}: {commands:?}");
    }
}

#[test]
fn every_page_that_is_linked_exists() {
    for name in [
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "docs/adding/orchestrator.md",
        "docs/adding/plot.md",
        "docs/adding/qemu-option.md",
        "docs/adding/throttle-rule.md",
        "docs/adding/workload.md",
        "docs/README.md",
        "docs/accuracy.md",
        "docs/ci.md",
        "docs/gallery.md",
        "docs/measure.md",
        "docs/model.md",
        "docs/model/guest.md",
        "docs/model/link.md",
        "docs/model/orchestrator.md",
        "docs/model/qemu.md",
        "docs/peers.md",
        "docs/plan.md",
        "docs/plots.md",
        "docs/python.md",
        "docs/replay.md",
        "docs/reproduced.md",
        "docs/report.md",
        "docs/scenario.md",
    ] {
        let page = Page::read(name);
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(name).parent().unwrap().to_owned();
        for (at, _) in page.text.match_indices("](") {
            let link = page.text[at + 2..].split([')', '#']).next().unwrap_or_default();
            let elsewhere = link.starts_with("http") || link.is_empty();
            assert!(elsewhere || folder.join(link).exists(), "{name} links to `{link}`");
        }
    }
}

#[test]
fn an_ellipsis_stands_for_lines_in_the_middle() {
    let output = "a \nb\nc\nd\n";
    for (shown, page) in [
        (&["a", "..."][..], "a\n...\n"),
        (&["x", "...", "y"], "a\n...\nd\n"),
        (&["...", "d"], "...\nd\n"),
        (&["a"], "a\nb\nc\nd\n"),
        (&["a", "b", "...", "c", "d"], "a\nb\nc\nd\n"),
    ] {
        assert_eq!(like(shown, output), page, "{shown:?}");
    }
}
