//! Nothing that was finished is lost, whatever ends a sweep, and going on gives the bytes of a run that nothing ended.

#![cfg(unix)]

mod bench;

use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use bench::{Bench, lines, rows_of_part};
use rand::RngExt;
use rand_pcg::Pcg64;

/// A few seconds of work.
const GUEST: &str = r#"
[guest]
memory = "8 GiB"

[[guest.workload]]
kind = "uniform"
region = "4 GiB"
rate = "20000 pages/s"

[link]
bandwidth = "1 Gbit/s"

[qemu]
auto-converge = true
max-bandwidth = "0"

[sweep]
"link.bandwidth" = { from = "1 Gbit/s", to = "10 Gbit/s", steps = 100 }
"guest.workload.0.rate" = { from = 1000, to = 100_000, steps = 100 }
"#;

const OUT: [&str; 4] = ["sweep", "guest.toml", "-o", "a.csv"];
const ROWS: usize = 10_000;

/// Sends a signal to a program that was started here.
fn signal(name: &str, pid: u32) {
    assert!(Command::new("kill").args([name, &pid.to_string()]).status().unwrap().success());
}

/// Rows of the file that is being written.
fn there(bench: &Bench) -> usize {
    let part = std::fs::read(bench.path("a.csv.part")).unwrap_or_default();
    lines(str::from_utf8(&rows_of_part(&part)).unwrap())
}

/// Rows of a whole file, without its header.
fn rows_of(whole: &str) -> &[u8] {
    &whole.as_bytes()[whole.find('\n').unwrap() + 1..]
}

#[test]
fn killed_at_ten_moments_and_gone_on_with_it_has_the_same_bytes() {
    let bench = Bench::new(GUEST);
    let start = Instant::now();
    assert_eq!(bench.sweep(&["-o", "whole.csv"]).code, 0);
    let takes = start.elapsed();
    let whole = bench.read("whole.csv");
    assert_eq!(lines(&whole), ROWS + 1);
    let mut rng = Pcg64::new(20, 1);
    let (mut same, mut in_the_middle) = (0, 0);
    for _ in 0..10 {
        let mut child = bench.command(&OUT).spawn().unwrap();
        sleep(takes.mul_f64(rng.random_range(0.0..0.9)));
        signal("-KILL", child.id());
        child.wait().unwrap();
        let rows = there(&bench);
        in_the_middle += usize::from((1..ROWS).contains(&rows));
        let part = std::fs::read(bench.path("a.csv.part")).unwrap_or_default();
        let resumed = bench.precopy(&[&OUT[..], &["--resume"]].concat());
        assert_eq!(resumed.code, 0, "{}", resumed.stderr);
        same += usize::from(bench.read("a.csv") == whole && rows_of(&whole).starts_with(&rows_of_part(&part)));
        for name in ["a.csv", "a.csv.sweep.json"] {
            std::fs::remove_file(bench.path(name)).unwrap();
        }
        assert!(!bench.path("a.csv.part").exists());
    }
    assert_eq!(same, 10);
    assert!(in_the_middle > 0, "no moment was in the middle");
}

#[test]
fn a_part_that_is_cut_anywhere_is_gone_on_with_in_silence() {
    let bench = Bench::new(GUEST);
    let short = ["--vary", "link.bandwidth=1 Gbit/s", "--vary", "guest.workload.0.rate=1000..50000/4", "--jobs", "1"];
    for out in ["a.csv", "a.jsonl"] {
        let words = [&["sweep", "guest.toml", "-o", out], &short[..]].concat();
        assert_eq!(bench.precopy(&words).code, 0);
        let (whole, full) = (bench.read(out), bench.part(out, 1));
        let part = bench.path(&format!("{out}.part"));
        for cut in (0..full.len()).step_by(37).chain([full.len()]) {
            std::fs::remove_file(bench.path(out)).unwrap();
            std::fs::remove_file(bench.path(&format!("{out}.sweep.json"))).unwrap();
            std::fs::write(&part, &full[..cut]).unwrap();
            let resumed = bench.precopy(&[&words[..], &["--resume"]].concat());
            assert_eq!((resumed.code, resumed.stderr.as_str()), (0, ""), "cut at {cut}");
            assert!(bench.read(out) == whole && !part.exists(), "cut at {cut}");
        }
    }
}

#[test]
fn ctrl_c_keeps_whole_rows_and_says_how_to_go_on() {
    let bench = Bench::new(GUEST);
    let child = bench.command(&OUT).stderr(Stdio::piped()).spawn().unwrap();
    let start = Instant::now();
    while there(&bench) < 100 && start.elapsed() < Duration::from_secs(60) {
        sleep(Duration::from_millis(5));
    }
    signal("-INT", child.id());
    let ended = child.wait_with_output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(130), "{said}");
    let rows = there(&bench);
    assert!(rows >= 100);
    assert_eq!(
        said,
        format!(
            "error: interrupted: {rows} of {ROWS} rows are kept in `a.csv.part`; go on with the same command and \
             `--resume`\n"
        )
    );
    assert!(!bench.path("a.csv").exists(), "what is there is not complete");
}

/// A file system of its own for a test; taken away at the end.
struct Disk<'p>(&'p Path);

impl<'p> Disk<'p> {
    /// `None` where that may not be done.
    fn mount(path: &'p Path, size: &str) -> Option<Disk<'p>> {
        std::fs::create_dir_all(path).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size}"), "precopy-test"]).arg(path);
        let mounted = mount.stderr(Stdio::null()).status().is_ok_and(|status| status.success());
        mounted.then_some(Disk(path))
    }

    fn grow(&self, size: &str) {
        let grown = Command::new("mount").args(["-o", &format!("remount,size={size}")]).arg(self.0).status();
        assert!(grown.unwrap().success());
    }
}

impl Drop for Disk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0).status();
    }
}

#[test]
fn a_full_disk_keeps_what_fits_and_can_be_gone_on_with() {
    let bench = Bench::new(GUEST);
    assert_eq!(bench.sweep(&["-o", "whole.csv"]).code, 0);
    let whole = bench.read("whole.csv");
    let folder = bench.path("disk");
    let Some(disk) = Disk::mount(&folder, "1m") else {
        // Past the test harness, which would swallow it.
        let _ = writeln!(io::stderr(), "SKIPPED: a full disk; mounting a file system needs root");
        return;
    };
    let words = ["-o", "disk/a.csv"];
    let full = bench.sweep(&words);
    assert_eq!(full.code, 3, "{}", full.stderr);
    assert!(full.stderr.contains("No space left on device") && full.stderr.contains("`--resume`"), "{}", full.stderr);
    let kept = std::fs::read(folder.join("a.csv.part")).unwrap();
    let kept = rows_of_part(&kept);
    assert!(rows_of(&whole).starts_with(&kept) && kept.len() > 500_000, "{} bytes are kept", kept.len());
    assert_eq!(bench.sweep(&[&words[..], &["--resume"]].concat()).code, 3, "it is still full");
    disk.grow("64m");
    let resumed = bench.sweep(&[&words[..], &["--resume"]].concat());
    assert_eq!(resumed.code, 0, "{}", resumed.stderr);
    assert!(bench.read("disk/a.csv") == whole);
}

/// Some seconds of work that ends within them when it is asked to, and keeps nothing.
const SLOW: &str = r#"
[guest]
memory = "64 GiB"

[[guest.workload]]
kind = "uniform"
region = "4 GiB"
rate = "400000 pages/s"

[link]
bandwidth = "10 Gbit/s"
jitter = { law = "normal", deviation = "10 %", every = "20 ms" }

[qemu]
max-bandwidth = "0"
"#;

#[test]
fn ctrl_c_says_in_one_line_what_was_done_and_leaves_nothing_half_done() {
    for (words, said) in [
        (
            &["plan", "guest.toml", "--repeats", "1000", "-o", "a.txt"][..],
            "the search was not over, and nothing is written; `--pairs 0`, `--by KEY` or a lower `limits.time` are over \
             sooner",
        ),
        (&["run", "guest.toml", "--repeats", "100000", "-o", "a.txt"], "the same command makes all"),
        (
            &["check", "suite", "--bless", "--junit", "a.txt"],
            "of 20000 cases were run, and nothing is written; the same command begins again",
        ),
    ] {
        let bench = Bench::new(SLOW);
        std::fs::create_dir(bench.path("suite")).unwrap();
        std::fs::write(bench.path("suite/slow.toml"), SLOW).unwrap();
        let policies: String = (0..20_000).map(|n| format!("[[policy]]\nname = \"p{n}\"\nset = []\n")).collect();
        std::fs::write(bench.path("suite/check.toml"), policies).unwrap();
        let child = bench.command(words).stderr(Stdio::piped()).spawn().unwrap();
        sleep(Duration::from_millis(1500));
        let start = Instant::now();
        signal("-INT", child.id());
        let ended = child.wait_with_output().unwrap();
        let complaint = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(130), "{words:?}: {complaint}");
        assert!(start.elapsed() < Duration::from_secs(20), "{words:?}: ended after {:?}", start.elapsed());
        assert!(
            complaint.starts_with("error: interrupted: ") && complaint.ends_with(&format!("{said}\n")),
            "{complaint}"
        );
        assert_eq!(lines(&complaint), 1, "{complaint}");
        // Of runs, those that were made are reported, whole.
        let report = std::fs::read_to_string(bench.path("a.txt")).unwrap_or_default();
        assert_eq!(report.contains("precopy"), words[0] == "run", "{report}");
        let left = std::fs::read_dir(bench.path("")).unwrap().map(|entry| entry.unwrap().file_name());
        let is_rest = |name: &str| name.ends_with(".part") || name.contains(".precopy-");
        assert!(left.into_iter().all(|name| !is_rest(&name.to_string_lossy())), "{words:?}");
        assert!(!bench.path("suite/baseline.json").exists());
    }
}
