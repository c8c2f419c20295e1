//! Inputs that broke 0.1.0, one row each: what is typed, what 0.1.0 did, and what must be seen now.
//!
//! `tests/data/breaking` holds them as they were found; the one of 5,000 workloads is made here.

use std::fmt::Write as _;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A command and what is seen of it.
struct Row {
    /// Copied from `tests/data/breaking`, or made.
    inputs: &'static [&'static str],
    /// In order; all but the last prepare.
    commands: &'static [&'static [&'static str]],
    /// Whether it is told to end after a while, and what it has done by then is looked at.
    ended: bool,
    code: i32,
    /// Texts of both outputs together.
    seen: &'static [&'static str],
    unseen: &'static [&'static str],
    /// A file that must be there and be XML, or must not be there.
    file: File,
}

enum File {
    Any,
    Xml(&'static str),
    None(&'static str),
}

/// So long may a command take, or may it go on after it was told to end: an unoptimised build on a machine that is busy
/// takes some times what a release takes.
const OVER: Duration = Duration::from_secs(60);
const ENDS: Duration = Duration::from_secs(2);

const VARY: &str = "link.bandwidth=100..600 Mbit/s/6";

const ROWS: &[Row] = &[
    // 0.1.0: "converged, 46.3 s in total", without a word of the `limits.time` of 10 s.
    Row {
        inputs: &["after-limit.toml"],
        commands: &[&["run", "after-limit.toml"]],
        ended: false,
        code: 0,
        seen: &["converged, 46.", "it ended after the time limit of\n  10 s"],
        unseen: &[],
        file: File::Any,
    },
    // 0.1.0: the scenario that the damaged sweeps were made of; runs then as now.
    Row {
        inputs: &["base.toml"],
        commands: &[&["run", "base.toml", "--expect", "converged"]],
        ended: false,
        code: 0,
        seen: &["converged"],
        unseen: &[],
        file: File::Any,
    },
    // 0.1.0: a picture that no reader of XML takes.
    Row {
        inputs: &["control-chars.csv"],
        commands: &[&["plot", "control-chars.csv", "-o", "x.svg"]],
        ended: false,
        code: 0,
        seen: &[],
        unseen: &["\u{1b}"],
        file: File::Xml("x.svg"),
    },
    // 0.1.0: "is not what a sweep leaves behind: EOF while parsing a value; remove it to start anew": a dead end for `--resume`.
    Row {
        inputs: &["base.toml", "empty-note.csv.part", "empty-note.csv.part.json"],
        commands: &[&["sweep", "base.toml", "--vary", VARY, "--resume", "-o", "empty-note.csv"]],
        ended: false,
        code: 0,
        seen: &[],
        unseen: &["EOF"],
        file: File::None("empty-note.csv.part"),
    },
    // 0.1.0: merged in silence, rows of another seed among them.
    Row {
        inputs: &["mixed-1.csv", "mixed-1.csv.sweep.json", "mixed-2.csv", "mixed-2.csv.sweep.json"],
        commands: &[&["sweep", "--merge", "mixed-1.csv", "mixed-2.csv", "-o", "all.csv"]],
        ended: false,
        code: 2,
        seen: &["`mixed-1.csv.sweep.json` has no checksums of its rows", "`--restart`"],
        unseen: &["panicked"],
        file: File::None("all.csv"),
    },
    // 0.1.0: "capacity overflow", a panic with exit code 101.
    Row {
        inputs: &["note-count.csv", "note-count.csv.sweep.json"],
        commands: &[&["sweep", "--merge", "note-count.csv", "-o", "all.csv"]],
        ended: false,
        code: 2,
        seen: &["`note-count.csv.sweep.json`"],
        unseen: &["panicked", "overflow"],
        file: File::None("all.csv"),
    },
    // 0.1.0: a line of its own that begins `::warning::hey`, a command to whoever reads the log of a job.
    Row {
        inputs: &["base.toml", "policy-newline.check.toml"],
        commands: &[&["check", "suite", "--bless"], &["check", "suite", "--junit", "x.xml"]],
        ended: false,
        code: 1,
        seen: &["\\u{1}", "downtime_ms <= 1"],
        unseen: &["\n::warning", "\u{1}"],
        file: File::Xml("x.xml"),
    },
    // 0.1.0: no word for minutes; a signal killed it (143) without one.
    Row {
        inputs: &["exact-slow.toml"],
        commands: &[&["run", "exact-slow.toml", "--memory", "exact"]],
        ended: true,
        code: 130,
        seen: &["of the migration were simulated"],
        unseen: &[],
        file: File::Any,
    },
    // 0.1.0: a signal was heard only after the first run, which took minutes.
    Row {
        inputs: &["many-workloads.toml"],
        commands: &[&["run", "many-workloads.toml", "--repeats", "10000"]],
        ended: true,
        code: 130,
        seen: &["interrupted"],
        unseen: &[],
        file: File::Any,
    },
];

/// 5,000 workloads under a throttle.
fn many_workloads() -> String {
    let mut text = "[guest]\nmemory = \"1 GiB\"\n".to_owned();
    for rate in 1..=5000 {
        // Writing to a String cannot fail.
        let _ = write!(text, "[[guest.workload]]\nkind = \"uniform\"\nrate = {rate}\nregion = \"16 KiB\"\n");
    }
    text + "[link]\nbandwidth = \"100 Mbit/s\"\n[qemu]\nmax-bandwidth = 0\nauto-converge = true\n"
}

fn inputs(folder: &Path, names: &[&str]) {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/breaking");
    for name in names {
        match *name {
            "many-workloads.toml" => fs::write(folder.join(name), many_workloads()).unwrap(),
            "policy-newline.check.toml" => {
                fs::create_dir(folder.join("suite")).unwrap();
                fs::copy(data.join(name), folder.join("suite/check.toml")).unwrap();
                fs::copy(data.join("base.toml"), folder.join("suite/a.toml")).unwrap();
            }
            _ => drop(fs::copy(data.join(name), folder.join(name)).unwrap()),
        }
    }
}

/// Exit code and all that is said; a command that is told to end has a second to begin.
fn typed(folder: &Path, words: &[&str], ended: bool) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_precopy"));
    command.current_dir(folder).args(words).env_remove("GITHUB_ACTIONS").env_remove("GITHUB_STEP_SUMMARY");
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        out.read_to_string(&mut text).unwrap();
        text
    });
    let mut limit = OVER;
    if ended {
        std::thread::sleep(Duration::from_secs(1));
        assert!(child.try_wait().unwrap().is_none(), "{words:?} is over before it can be told to end");
        Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
        limit = ENDS;
    }
    let begun = Instant::now();
    let mut said = String::new();
    err.read_to_string(&mut said).unwrap();
    let code = child.wait().unwrap().code();
    assert!(begun.elapsed() < limit, "{words:?} took {:?}", begun.elapsed());
    (code, reader.join().unwrap() + &said)
}

#[test]
fn the_inputs_that_broke_an_earlier_release() {
    for row in ROWS {
        let folder = tempfile::tempdir().unwrap();
        inputs(folder.path(), row.inputs);
        let (last, before) = row.commands.split_last().unwrap();
        before.iter().for_each(|words| drop(typed(folder.path(), words, false)));
        let (code, said) = typed(folder.path(), last, row.ended);
        assert_eq!(code, Some(row.code), "{last:?}: {said}");
        row.seen.iter().for_each(|text| assert!(said.contains(text), "{last:?}: {text:?} in {said}"));
        row.unseen.iter().for_each(|text| assert!(!said.contains(text), "{last:?}: no {text:?} in {said}"));
        match row.file {
            File::Any => {}
            File::None(name) => assert!(!folder.path().join(name).exists(), "{last:?}: {name}"),
            File::Xml(name) => {
                let text = fs::read_to_string(folder.path().join(name)).unwrap();
                roxmltree::Document::parse(&text).unwrap_or_else(|error| panic!("{last:?}: {error}"));
            }
        }
    }
}

/// No input of the folder is left out.
#[test]
fn every_input_has_a_row() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/breaking");
    // Missing figures: tests/missing_figures.rs has its row.
    let elsewhere = ["redis-02.toml"];
    for entry in fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let has_row = ROWS.iter().any(|row| row.inputs.contains(&name.as_str()));
        assert!(has_row || elsewhere.contains(&name.as_str()), "{name}");
    }
}
