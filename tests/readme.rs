//! What the pages show is what happens: every `console` block of README and docs is run and its output compared.
#![cfg(unix)]

mod files;
mod page;
mod session;

use std::fs;
use std::path::Path;
use std::process::Command;

use page::Page;
use session::Typed;

/// Commands that are typed but not run here: they would build the program inside its own test, or need a real host
/// (`tests/rig.rs` runs those).
const NOT_RUN: [&str; 6] = [
    "cargo ",
    "tests/rig/",
    "precopy replay scenarios/rig.toml --yes",
    "precopy watch",
    "callgrind_annotate ",
    "/usr/bin/time ",
];

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

/// Pages of `docs` with commands, but for those of pictures, which `tests/gallery.rs` types.
fn pages() -> Vec<String> {
    let names = files::files("docs", "md").into_iter().map(|path| {
        let name = path.file_name().unwrap().to_str().unwrap();
        format!("docs/{name}")
    });
    let typed = |name: &String| name != "docs/gallery.md" && name != "docs/reproduced.md";
    names.filter(|name| typed(name) && Page::read(name).text.contains("```console")).collect()
}

#[test]
fn every_command_of_the_readme_prints_what_the_readme_shows() {
    let readme = Page::read("README.md");
    let (fresh, commands) = replayed(&readme.text);
    readme.hold(&fresh);
    for start in ["cargo install --locked --path .", "cargo test --workspace --locked"] {
        let times = commands.iter().filter(|command| command.starts_with(start)).count();
        assert_eq!(times, 1, "`{start}` is shown once");
    }
    assert!(commands.iter().filter(|command| command.starts_with("precopy ")).count() >= 6, "{commands:?}");
}

#[test]
fn every_command_of_the_docs_prints_what_they_show() {
    let pages = pages();
    assert!(pages.len() >= 12, "{pages:?}");
    let stale: Vec<String> = pages
        .iter()
        .filter_map(|name| {
            let page = Page::read(name);
            std::panic::catch_unwind(|| page.hold(&replayed(&page.text).0)).is_err().then(|| name.clone())
        })
        .collect();
    assert!(stale.is_empty(), "out of date: {stale:?}");
}

/// A reader can type the first command of a page at once: it needs no file but those that are shipped.
#[test]
fn every_guide_begins_with_a_command_that_runs() {
    let book = Page::read("docs/SUMMARY.md").text;
    let parts: Vec<&str> = book.split("\n# ").collect();
    let mut seen = 0;
    for part in parts.iter().filter(|part| ["Guides", "Concepts", "Reference"].contains(&part.lines().next().unwrap()))
    {
        for link in part.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            // The changelog is a list, and an actor's page draws its picture first.
            if link.starts_with("../") {
                continue;
            }
            let text = Page::read(&format!("docs/{link}")).text;
            let block = text.split("```").nth(1).unwrap_or_default();
            let command = block.lines().nth(1).and_then(|line| line.strip_prefix("$ ")).unwrap_or_default();
            let runs = command.starts_with("precopy ") && !NOT_RUN.iter().any(|start| command.starts_with(start));
            assert!(block.starts_with("console") && runs, "docs/{link} begins with `{command}`");
            seen += 1;
        }
    }
    assert!(seen >= 25, "{seen} pages");
}

/// What the first picture of README types.
const SESSION: [&str; 3] = [
    "precopy run scenarios/never-converges.toml | head -7",
    "precopy plan scenarios/never-converges.toml --pairs 0 | grep -A 3 '^One change'",
    "precopy run scenarios/never-converges.toml --set qemu.max-cpu-throttle=77 | head -20",
];

#[test]
fn the_first_picture_is_what_a_terminal_shows() {
    let folder = scratch();
    let session = SESSION.map(|command| {
        let coloured = command.replacen(" |", " --color always |", 1);
        Typed { command: command.to_owned(), output: typed(&coloured, folder.path()).trim_end().to_owned() }
    });
    Page::read("docs/session.svg").hold(&session::svg(&session));
    Page::read("docs/session.cast").hold(&session::cast(&session));
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
