//! Whatever system call fails, or is the last one: no file is half written, no row is wrong, and nothing is stuck.
//!
//! `shim/calls.c` is loaded into the program and counts its calls on files of a folder. Each command is run anew for each
//! call, until one ends before it gets that far.

#![cfg(target_os = "linux")]

mod bench;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use bench::{Bench, GUEST};

const SWEEP: &str = r#"
[sweep]
"link.bandwidth" = { from = "1 Gbit/s", to = "10 Gbit/s", steps = 6 }
"#;

/// A folder with a sweep of few rows.
fn bench() -> Bench {
    Bench::new(&(GUEST.to_owned() + SWEEP))
}

/// What happens at a call. Numbers are those of Linux.
const FATES: [&str; 4] = ["28", "5", "kill", "lose"];

/// The shim, compiled once; `None`, said out loud, where that cannot be done.
fn shim() -> Option<&'static Path> {
    static SHIM: OnceLock<Option<(tempfile::TempDir, PathBuf)>> = OnceLock::new();
    let built = SHIM.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("calls.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/shim/calls.c");
        let mut cc = Command::new("cc");
        cc.args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source);
        match cc.status() {
            Ok(status) => assert!(status.success(), "the shim does not compile"),
            Err(_) => {
                // Past the test harness, which would swallow it.
                let _ = writeln!(std::io::stderr(), "SKIPPED: crashes at every system call; there is no `cc` here");
                return None;
            }
        }
        Some((folder, library))
    });
    built.as_ref().map(|(_, library)| library.as_path())
}

type Files = BTreeMap<String, Vec<u8>>;

/// All files of the folder `work`.
fn files(bench: &Bench) -> Files {
    let entries = fs::read_dir(bench.path("work")).unwrap().map(|entry| entry.unwrap().path());
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    entries.filter(|path| path.is_file()).map(|path| (name(&path), fs::read(&path).unwrap())).collect()
}

/// Puts back what was there before.
fn put(bench: &Bench, before: &Files) {
    let _ = fs::remove_dir_all(bench.path("work"));
    fs::create_dir(bench.path("work")).unwrap();
    for (name, bytes) in before {
        fs::write(bench.path("work").join(name), bytes).unwrap();
    }
}

/// What is tried.
struct Trial<'t> {
    /// For the complaint.
    name: &'t str,
    /// The command.
    words: &'t [&'t str],
    /// The command that is run after it.
    again: &'t [&'t str],
    /// What is there before.
    before: Files,
    /// The files that are written.
    results: &'t [&'t str],
}

/// Runs a command with each fate at each call; how many times that was.
fn every_call(bench: &Bench, trial: &Trial) {
    let Some(shim) = shim() else { return };
    let Trial { name, words, again, before, results } = trial;
    put(bench, before);
    let ended = bench.precopy(words);
    assert_eq!(ended.code, 0, "{name}: {}", ended.stderr);
    let reference = files(bench);
    let count = bench.path("calls");
    let mut times = [0; FATES.len()];
    for (fate, times) in FATES.into_iter().zip(&mut times) {
        for at in 1.. {
            put(bench, before);
            let _ = fs::remove_file(&count);
            let mut command = bench.command(words);
            command.env("LD_PRELOAD", shim).env("CALLS_FOLDER", bench.path("work").canonicalize().unwrap());
            command.env("CALLS_COUNT", &count).env("CALLS_AT", at.to_string()).env("CALLS_DO", fate);
            let ended = command.output().unwrap();
            let calls = fs::read_to_string(&count).unwrap_or_default();
            let Some(call) = calls.lines().nth(at - 1) else { break };
            *times += 1;
            let said = String::from_utf8_lossy(&ended.stderr);
            let what = format!("{name}, {fate} at call {at}, `{call}`: {said}");

            let left = files(bench);
            for result in *results {
                let now = left.get(*result);
                assert!(now == before.get(*result) || now == reference.get(*result), "{what}\n{result} is neither");
            }
            if fate.parse::<i32>().is_ok() {
                // Modes, and names after a power cut, are not worth a failure.
                let code = ended.status.code().unwrap_or(-1);
                assert!([0, 3].contains(&code), "{what}\nexit code {code}");
                assert!(
                    code == 3 || ["fchmod", "unlink", "fsync of a folder"].contains(&call),
                    "{what}\nnobody is told"
                );
                let temporary = left.keys().any(|name| name.contains(".precopy-"));
                assert!(call == "unlink" || !temporary, "{what}\nleft: {:?}", left.keys());
            } else {
                assert_eq!(ended.status.signal(), Some(9), "{what}");
            }

            let ended = bench.precopy(again);
            assert_eq!(ended.code, 0, "{what}\n{}", ended.stderr);
            let now = files(bench);
            for (result, bytes) in &reference {
                assert!(now.get(result) == Some(bytes), "{what}\n{result} is another one");
            }
            let is_rest = |name: &String| name.ends_with(".part") || name.contains(".precopy-");
            assert!(!now.keys().any(is_rest), "{what}\nleft: {:?}", now.keys());
        }
    }
    assert!(times.iter().all(|times| *times > 5), "{name}: {times:?} calls");
    let _ = writeln!(
        std::io::stderr(),
        "{name}: {} calls failed, {} were the last one",
        times[0] + times[1],
        times[2] + times[3]
    );
}

#[test]
fn a_sweep() {
    let bench = bench();
    let words = ["sweep", "guest.toml", "-q", "--jobs", "1", "-o", "work/a.csv"];
    let resume = [&words[..], &["--resume"]].concat();
    let results = ["a.csv", "a.csv.sweep.json"];
    let trial = Trial { name: "sweep", words: &words, again: &resume, before: Files::new(), results: &results };
    every_call(&bench, &trial);
}

#[test]
fn a_sweep_in_the_place_of_another() {
    let bench = bench();
    put(&bench, &Files::new());
    let words = ["sweep", "guest.toml", "-q", "--jobs", "1", "-o", "work/a.csv", "--restart"];
    assert_eq!(bench.precopy(&[&words[..], &["--vary", "link.bandwidth=2 Gbit/s,3 Gbit/s"]].concat()).code, 0);
    let before = files(&bench);
    let results = ["a.csv", "a.csv.sweep.json"];
    every_call(&bench, &Trial { name: "sweep --restart", words: &words, again: &words, before, results: &results });
}

#[test]
fn a_sweep_that_goes_on() {
    let bench = bench();
    put(&bench, &Files::new());
    let words = ["sweep", "guest.toml", "-q", "--jobs", "1", "-o", "work/a.csv"];
    assert_eq!(bench.precopy(&words).code, 0);
    let resume = [&words[..], &["--resume"]].concat();
    let results = ["a.csv", "a.csv.sweep.json"];
    // A block in the middle is damaged, and the last one is half there.
    let mut part = bench.part("work/a.csv", 1);
    let middle = part.len() / 2;
    part[middle] ^= 1;
    part.truncate(part.len() - 100);
    let before = [("a.csv.part".to_owned(), part)].into_iter().collect();
    let trial = Trial { name: "sweep --resume", words: &resume, again: &resume, before, results: &results };
    every_call(&bench, &trial);
}

#[test]
fn a_complete_file_that_is_mended() {
    let bench = bench();
    put(&bench, &Files::new());
    let words = ["sweep", "guest.toml", "-q", "--jobs", "1", "-o", "work/a.csv", "--resume"];
    assert_eq!(bench.precopy(&words).code, 0);
    let mut before = files(&bench);
    before.get_mut("a.csv").unwrap()[700] ^= 1;
    let results = ["a.csv", "a.csv.sweep.json"];
    every_call(
        &bench,
        &Trial { name: "sweep --resume of damage", words: &words, again: &words, before, results: &results },
    );
}

#[test]
fn a_merge() {
    let bench = bench();
    put(&bench, &Files::new());
    for (shard, out) in [("1/2", "1.csv"), ("2/2", "2.csv")] {
        assert_eq!(bench.sweep(&["-q", "--shard", shard, "-o", out]).code, 0);
    }
    let words = ["sweep", "-q", "--merge", "1.csv", "2.csv", "-o", "work/all.csv"];
    let before = [("all.csv".to_owned(), b"old".to_vec())].into_iter().collect();
    let results = ["all.csv", "all.csv.sweep.json"];
    every_call(&bench, &Trial { name: "sweep --merge", words: &words, again: &words, before, results: &results });
}

#[test]
fn a_baseline() {
    let bench = bench();
    fs::create_dir(bench.path("suite")).unwrap();
    fs::write(bench.path("suite/guest.toml"), GUEST).unwrap();
    let words = ["check", "suite", "--bless", "--baseline", "work/b.json", "--junit", "work/j.xml", "-o", "work/a.txt"];
    let results = ["b.json", "j.xml", "a.txt"];
    let before = results.map(|name| (name.to_owned(), b"old".to_vec())).into_iter().collect();
    every_call(&bench, &Trial { name: "check --bless", words: &words, again: &words, before, results: &results });
}

#[test]
fn results_of_a_run() {
    let bench = Bench::new(GUEST);
    let words = ["run", "guest.toml", "-o", "work/a.txt", "--plot", "work/a.svg", "--timeline", "work/t.csv"];
    let results = ["a.txt", "a.svg", "t.csv"];
    let before = results.map(|name| (name.to_owned(), b"old".to_vec())).into_iter().collect();
    every_call(&bench, &Trial { name: "run", words: &words, again: &words, before, results: &results });
}
