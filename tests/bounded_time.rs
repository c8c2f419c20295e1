//! Whatever a command is asked, a signal ends it within a second, and long work says how long it is.
#![cfg(unix)]

use std::fmt::Write as _;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// What a signal may take: a second, and as much again for an unoptimised build on a machine that does other work.
const WITHIN: Duration = Duration::from_secs(2);
/// Time after which a command is in the middle of its work.
const UNDER_WAY: Duration = Duration::from_millis(1500);

/// A guest whose exact memory draws 35 million page writes for each second of an hour.
fn exact() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/breaking/exact-slow.toml")
}

/// 5,000 workloads under a throttle.
fn many_workloads(folder: &Path) -> PathBuf {
    let mut text = "[guest]\nmemory = \"1 GiB\"\n".to_owned();
    for rate in 1..=5000 {
        let _ = write!(text, "[[guest.workload]]\nkind = \"uniform\"\nrate = {rate}\nregion = \"16 KiB\"\n");
    }
    text += "[link]\nbandwidth = \"100 Mbit/s\"\n[qemu]\nmax-bandwidth = 0\nauto-converge = true\n";
    write(folder, "many.toml", &text)
}

/// A link of 100,000 steps, over ten years.
fn many_steps(folder: &Path) -> PathBuf {
    let mut steps = "seconds,bits_per_second\n".to_owned();
    for step in 0..100_000_u64 {
        let _ = writeln!(steps, "{},{}", step * 3153, 10_000_000 + step % 7 * 1_000_000);
    }
    write(folder, "link.csv", &steps);
    write(
        folder,
        "steps.toml",
        "[guest]\nmemory = \"4 GiB\"\n[[guest.workload]]\nkind = \"uniform\"\nregion = \"1 GiB\"\nrate = \"200000 pages/s\"\n\
         [link]\nbandwidth = \"link.csv\"\n[qemu]\nmax-bandwidth = 0\nauto-converge = true\n[limits]\ntime = \"87600 h\"\n",
    )
}

fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path
}

fn start(folder: &Path, args: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_precopy"));
    command.args(args).current_dir(folder).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Sends a signal to a command that is under way; its exit code, what it took to end, and what it said.
fn signalled(folder: &Path, args: &[&str], signal: &str) -> (Option<i32>, Duration, String) {
    let mut child = start(folder, args);
    thread::sleep(UNDER_WAY);
    assert!(child.try_wait().unwrap().is_none(), "{args:?} is over before it can be interrupted");
    let sent = Instant::now();
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-s", signal, &id]).status().unwrap().success());
    let status = child.wait().unwrap();
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    (status.code(), sent.elapsed(), said)
}

/// What is said of runs, of which some are over or, on a slow machine, none.
const RUNS: &str = "no run was over yet|the same command makes all";

#[test]
fn every_command_ends_within_a_second_of_a_signal() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (exact, many, steps) = (exact(), many_workloads(folder), many_steps(folder));
    let [exact, many, steps] = [&exact, &many, &steps].map(|path| path.to_str().unwrap());
    fs::create_dir(folder.join("suite")).unwrap();
    fs::copy(exact, folder.join("suite/slow.toml")).unwrap();
    let fleet = fs::read_to_string(exact).unwrap();
    let (guest, rest) = fleet.split_once("[link]").unwrap();
    let guest = guest.replace("[guest]\n", "").replace("[[guest.workload]]\n", "[[vm.guest.workload]]\n");
    let (own, workload) = guest.split_once("[[vm").unwrap();
    let own: String = own.lines().map(|line| format!("guest.{line}\n")).collect();
    write(folder, "fleet.toml", &format!("[link]{rest}\n[[vm]]\nname = \"slow\"\n{own}[[vm{workload}"));
    let commands: [(&[&str], &str, &str); 11] = [
        (&["run", exact, "--memory", "exact"], "TERM", "of the migration were simulated"),
        (&["run", exact, "--memory", "exact"], "HUP", "of the migration were simulated"),
        (&["run", exact, "--memory", "exact", "--repeats", "20"], "TERM", "no run was over yet"),
        (&["run", many, "--repeats", "10000"], "HUP", RUNS),
        (&["run", steps, "--repeats", "10000"], "TERM", RUNS),
        (&["plan", exact, "--memory", "exact"], "TERM", "the search was not over"),
        (&["plan", many, "--repeats", "100"], "HUP", "the search was not over"),
        (&["check", "suite", "--memory", "exact", "--bless"], "TERM", "of 1 cases were run"),
        (&["drain", "fleet.toml", "--memory", "exact"], "HUP", "the drain was not over"),
        (&["drain", "fleet.toml", "--memory", "exact", "--search"], "INT", "nothing was found yet"),
        (
            &["sweep", exact, "--memory", "exact", "--vary", "link.bandwidth=1..2 Mbit/s/50", "-o", "rows.csv"],
            "HUP",
            "--resume",
        ),
    ];
    for (args, signal, words) in commands {
        let (code, took, said) = signalled(folder, args, signal);
        assert_eq!(code, Some(130), "{args:?}: {said}");
        assert!(took < WITHIN, "{args:?} took {took:?}");
        assert!(words.split('|').any(|words| said.contains(words)), "{args:?}: {said}");
    }
    assert!(!folder.join("suite/baseline.json").exists(), "no baseline of cases that were not run");
}

#[test]
fn a_signal_that_the_parent_ignores_is_ignored() {
    let folder = tempfile::tempdir().unwrap();
    let script =
        format!("trap '' HUP; exec {} run {} --memory exact", env!("CARGO_BIN_EXE_precopy"), exact().display());
    let mut shell = Command::new("sh");
    shell.args(["-c", &script]).current_dir(folder.path()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = shell.spawn().unwrap();
    thread::sleep(UNDER_WAY);
    let id = child.id().to_string();
    let send = |signal: &str| assert!(Command::new("kill").args(["-s", signal, &id]).status().unwrap().success());
    send("HUP");
    thread::sleep(WITHIN);
    assert!(child.try_wait().unwrap().is_none(), "as under nohup");
    send("TERM");
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[test]
fn long_work_says_how_long_it_is_and_what_is_shorter() {
    let folder = tempfile::tempdir().unwrap();
    let path = exact();
    let mut child =
        start(folder.path(), &["run", path.to_str().unwrap(), "--memory", "exact", "--set", "limits.time=100 h"]);
    thread::sleep(Duration::from_secs(34));
    child.kill().unwrap();
    child.wait().unwrap();
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    let estimates: Vec<&str> = said.lines().filter(|line| line.contains("`--memory expected` takes")).collect();
    assert_eq!(estimates.len(), 1, "once: {said}");
    assert!(estimates[0].contains("at most about"), "{said}");
    assert!(said.contains("of at most 100 h 00 min simulated"), "no silence: {said}");
}
