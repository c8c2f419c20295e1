//! The rig, and `precopy` on it.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use precopy::compare::recording::Recording;
use serde_json::Value;

/// One rig at a time.
static TURN: Mutex<()> = Mutex::new(());

/// Past the test harness, which keeps what a passed test prints to itself.
pub fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Two daemons and a guest; taken down at the end.
pub struct Rig {
    dir: PathBuf,
    folder: tempfile::TempDir,
    source: &'static str,
    _turn: MutexGuard<'static, ()>,
}

impl Rig {
    /// Two daemons and a guest. `None` where they cannot be had, which is said.
    pub fn up(guest: &[&str]) -> Option<Rig> {
        let rig = Rig::unstarted()?;
        rig.sh(&[&["up"], guest].concat());
        Some(rig)
    }

    /// The place for them.
    pub fn unstarted() -> Option<Rig> {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let dir = std::env::temp_dir().join(format!("precopy-rig-{}", std::process::id()));
        let rig = Rig { dir, folder: tempfile::tempdir().unwrap(), source: "a", _turn: turn };
        let missing = rig.sh(&["missing"]);
        if !missing.is_empty() {
            say(&format!("SKIPPED: there is no {}", missing.trim().replace('\n', ", no ")));
            return None;
        }
        Some(rig)
    }

    fn command(&self, words: &[&str]) -> Output {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rig/rig.sh");
        self.here(Command::new("bash").arg(script).args(words)).output().unwrap()
    }

    fn here<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.env("RIG_DIR", &self.dir).env("RIG_CACHE", Path::new(env!("CARGO_TARGET_TMPDIR")).join("rig"))
    }

    /// What a terminal shows for a command that works, typed at the top of a checkout with the program on the path.
    pub fn types(&self, command: &str) -> String {
        for name in ["scenarios", "tests"] {
            let link = self.folder.path().join(name);
            if !link.exists() {
                std::os::unix::fs::symlink(Path::new(env!("CARGO_MANIFEST_DIR")).join(name), link).unwrap();
            }
        }
        let program = Path::new(env!("CARGO_BIN_EXE_precopy")).parent().unwrap();
        let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
        let mut shell = Command::new("sh");
        let shell = shell.args(["-c", command]).current_dir(self.folder.path()).env("PATH", path).env("LC_ALL", "C");
        let output = self.here(shell).output().unwrap();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(output.status.success(), "{command}: {text}");
        text
    }

    /// Another guest on the first daemon, that runs a program where its packages can be had, which is said where not.
    pub fn more(&self, name: &str, program: &str) {
        let missing = self.programs(&["missing", program]);
        let guest = match missing.is_empty() {
            true => vec![format!("program={program}"), "memory=256".to_owned(), "mib=0".to_owned()],
            false => {
                say(&format!(
                    "SKIPPED: a guest that runs {program}; there is no {}",
                    missing.trim().replace('\n', ", no ")
                ));
                ["memory=192", "mib=64", "rate=2500"].map(str::to_owned).to_vec()
            }
        };
        let words: Vec<&str> = guest.iter().map(String::as_str).collect();
        self.sh(&[&["more", &format!("name={name}")], words.as_slice()].concat());
    }

    fn programs(&self, words: &[&str]) -> String {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rig/programs.sh");
        let output = Command::new("bash").arg(script).args(words).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    /// `precopy` in the rig's network, in which `A` and `B` of its words are the daemons. Its process is the one that is started.
    pub fn precopy(&self, words: &[&str]) -> Precopy {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rig/rig.sh");
        let words: Vec<String> = words
            .iter()
            .map(|word| match *word {
                "A" => self.uri("a"),
                "B" => self.uri("b"),
                word => word.to_owned(),
            })
            .collect();
        let mut command = Command::new("bash");
        let command = command.arg(script).arg("net").arg(env!("CARGO_BIN_EXE_precopy")).args(words);
        let command = command.current_dir(self.folder.path()).stdin(Stdio::null());
        let child = self.here(command).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        Precopy { child, folder: self.folder.path().to_owned() }
    }

    /// What the page's commands do here: shell commands of its blocks `sh`, with other daemons, and shorter.
    pub fn page(&self, text: &str, instead: &[(&str, &str)]) -> Vec<(String, String)> {
        let (a, b) = (self.uri("a"), self.uri("b"));
        let here = [("qemu:///system", a.as_str()), ("qemu+ssh://host2/system", &b)];
        let blocks = text.split("```sh\n").skip(1).filter_map(|rest| rest.split("\n```").next());
        let typed = blocks.map(|block| {
            let changed = |text: String, (from, to): &(&str, &str)| text.replace(from, to);
            let block = here.iter().chain(instead).fold(block.to_owned(), changed);
            // A block is typed in one shell that stops at the first command that fails.
            let shell = format!("export VIRSH_DEFAULT_CONNECT_URI='{a}'\nset -e\n{block}");
            let net = format!("bash tests/rig/rig.sh net sh -c '{}'", shell.replace('\'', "'\\''"));
            (block, self.types(&net))
        });
        typed.collect()
    }

    /// Runs `rig.sh`; what it prints.
    pub fn sh(&self, words: &[&str]) -> String {
        let output = self.command(words);
        assert!(output.status.success(), "rig.sh {words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn uri(&self, side: &str) -> String {
        self.sh(&["uri", side]).trim().to_owned()
    }

    fn other(&self) -> &'static str {
        if self.source == "a" { "b" } else { "a" }
    }

    pub fn virsh(&self, side: &str, words: &[&str]) -> String {
        let output = Command::new("virsh").args(["-q", "-c", &self.uri(side)]).args(words).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    /// The guest's own time [ms], page writes, and pages that it found changed.
    fn guest(&self) -> [f64; 3] {
        let line = self.sh(&["guest"]);
        let mut numbers = line.split_whitespace().map(|word| word.parse().unwrap());
        [numbers.next().unwrap(), numbers.next().unwrap(), numbers.next().unwrap()]
    }

    /// Page writes a second.
    fn rate(&self) -> f64 {
        let before = self.guest();
        sleep(Duration::from_secs(5));
        let after = self.guest();
        assert!(after[0] > before[0], "the guest stands still");
        (after[1] - before[1]) / (after[0] - before[0]) * 1e3
    }

    /// The guest is alive, and no update of its memory was lost.
    pub fn advances(&self) {
        let before = self.guest();
        let start = Instant::now();
        while self.guest()[1] <= before[1] {
            assert!(start.elapsed() < Duration::from_secs(20), "the guest stands still at {before:?}");
            sleep(Duration::from_millis(200));
        }
        assert_eq!(self.guest()[2], 0.0, "pages that the guest found changed");
    }

    pub fn runs_at_source(&self) {
        assert_eq!(self.virsh(self.source, &["domstate", "rig"]).trim(), "running");
        self.advances();
    }

    /// The migration succeeded: the next one goes the other way.
    pub fn has_moved(&mut self) {
        self.source = self.other();
        self.runs_at_source();
    }

    /// Until RAM is sent.
    pub fn wait_for_pass(&self) {
        let start = Instant::now();
        while !self.virsh(self.source, &["domjobinfo", "rig", "--rawstats"]).contains("memory_iteration: 1") {
            assert!(start.elapsed() < Duration::from_secs(30), "no migration is under way");
            sleep(Duration::from_millis(100));
        }
        sleep(Duration::from_secs(2));
    }

    pub fn sets(&self, sets: &[&str]) -> Vec<String> {
        sets.iter().flat_map(|set| ["--set".to_owned(), (*set).to_owned()]).collect()
    }

    /// The guest of the rig as it writes now, and so many times the bandwidth that this takes.
    pub fn guest_with(&self, rate: f64, bandwidth: f64) -> Vec<String> {
        let mib = (rate * bandwidth * 4096.0 / f64::from(1 << 20)).ceil().max(2.0);
        self.sets(&[
            "guest.memory=192 MiB",
            "guest.zero=30 %",
            "guest.workload.0.region=64 MiB",
            &format!("guest.workload.0.rate={rate:.0} pages/s"),
            &format!("qemu.max-bandwidth={mib} MiB/s"),
            "qemu.auto-converge=false",
            "qemu.downtime-limit=500 ms",
        ])
    }

    /// The rig's scenario, and more.
    pub fn scenario(&self, more: &str) -> PathBuf {
        let rig = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/rig.toml");
        let path = self.folder.path().join("rig.toml");
        fs::write(&path, fs::read_to_string(rig).unwrap() + more).unwrap();
        path
    }

    /// Migrates for as long as the guest's rate changes by more than 20 % meanwhile, three times at most; the prediction
    /// of an undisturbed migration is off by no more than `tolerance`.
    pub fn steady(&mut self, name: &str, tolerance: f64, mut migrate: impl FnMut(&mut Rig, f64) -> Trace) {
        for _ in 0..3 {
            let before = self.rate();
            let trace = migrate(self, before);
            let change = self.rate() / before - 1.0;
            say(&format!(
                "{name}: {:.1} s, predicted {:+.1} %, verdict {}; {before:.0} page writes a second before, {:+.0} % after",
                trace.total_time_ms / 1e3,
                trace.off,
                trace.right,
                100.0 * change
            ));
            if change.abs() <= 0.2 {
                assert!(trace.right, "{name}: another verdict was predicted");
                assert!(trace.off.abs() <= tolerance, "{name}: the prediction is off by {:.1} %", trace.off);
                return;
            }
        }
        say(&format!("SKIPPED: how good the prediction of `{name}` is; the machine is too busy to tell"));
    }

    pub fn replay(&self, more: &[String]) -> Replayed {
        self.start(more).wait()
    }

    pub fn replay_file(&self, scenario: &Path, more: &[String]) -> Replayed {
        self.begin(scenario, &self.uri(self.source), &self.uri(self.other()), more).wait()
    }

    pub fn replay_from(&self, connect: &str, more: &[String]) -> Replayed {
        self.begin(&self.scenario(""), connect, &self.uri(self.other()), more).wait()
    }

    pub fn replay_to(&self, dest: &str, more: &[String]) -> Replayed {
        self.begin(&self.scenario(""), &self.uri(self.source), dest, more).wait()
    }

    pub fn start(&self, more: &[String]) -> Running {
        self.begin(&self.scenario(""), &self.uri(self.source), &self.uri(self.other()), more)
    }

    fn begin(&self, scenario: &Path, connect: &str, dest: &str, more: &[String]) -> Running {
        let nanos = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos();
        let trace = self.folder.path().join(format!("{nanos}.json"));
        let child = Command::new(env!("CARGO_BIN_EXE_precopy"))
            .arg("replay")
            .arg(scenario)
            .args(["--connect", connect, "--domain", "rig", "--dest", dest, "--migrate-uri", "tcp://127.0.0.1"])
            .args(["--yes", "-o"])
            .arg(&trace)
            .args(more)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Running { child, trace }
    }

    /// Watches the source from now on.
    pub fn watch(&self) -> Watch {
        let mut child = Command::new(env!("CARGO_BIN_EXE_precopy"))
            .args(["watch", "--connect", &self.uri(self.source), "--format", "json"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let reader = thread::spawn(move || {
            out.lines().map_while(Result::ok).map(|line| serde_json::from_str(&line).unwrap()).collect()
        });
        Watch { child, reader }
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        let down = self.command(&["down"]);
        if !thread::panicking() {
            assert!(down.status.success(), "{}", String::from_utf8_lossy(&down.stderr));
            assert!(!self.dir.exists(), "the rig leaves something behind");
        }
    }
}

/// A `precopy` that runs.
pub struct Precopy {
    child: Child,
    folder: PathBuf,
}

impl Precopy {
    pub fn signal(&self, name: &str) {
        assert!(Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap().success());
    }

    /// What it printed and said.
    pub fn ends(self, code: i32) -> String {
        let (ended, text) = self.wait();
        assert_eq!(ended, Some(code), "{text}");
        text
    }

    /// Its exit code, and what it printed and said.
    pub fn wait(self) -> (Option<i32>, String) {
        let output = self.child.wait_with_output().unwrap();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(!text.contains("panicked"), "{text}");
        (output.status.code(), text)
    }

    pub fn kill(mut self) {
        self.signal("-KILL");
        self.child.wait().unwrap();
    }

    /// A file that it writes.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// A `precopy replay` that runs.
pub struct Running {
    child: Child,
    trace: PathBuf,
}

impl Running {
    pub fn interrupt(self) -> Replayed {
        assert!(Command::new("kill").args(["-INT", &self.child.id().to_string()]).status().unwrap().success());
        self.wait()
    }

    pub fn wait(self) -> Replayed {
        let output = self.child.wait_with_output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        let (code, text) = (output.status.code(), String::from_utf8(text).unwrap());
        assert!(!text.contains("panicked"), "{text}");
        Replayed { code, text, trace: self.trace }
    }
}

/// One that has ended.
pub struct Replayed {
    code: Option<i32>,
    text: String,
    trace: PathBuf,
}

impl Replayed {
    pub fn ends(self, code: i32) -> Replayed {
        assert_eq!(self.code, Some(code), "{}", self.text);
        self
    }

    pub fn says(&self, words: &str) -> bool {
        self.text.contains(words)
    }

    pub fn complains(self, words: &str) -> Replayed {
        assert!(self.says("error: ") && self.says(words), "`{words}` is not in: {}", self.text);
        say(self.text.lines().rfind(|line| line.starts_with("error: ")).unwrap_or_default());
        self
    }

    /// A recording with what was seen until then.
    pub fn keeps(self) {
        let trace = self.trace();
        assert!(trace.rows.len() > 5 && trace.failure.is_some(), "{} rows", trace.rows.len());
    }

    pub fn keeps_nothing(self) {
        assert!(!self.trace.exists(), "there is nothing to record");
    }

    pub fn trace(&self) -> Trace {
        let recording: Recording = serde_json::from_slice(&fs::read(&self.trace).unwrap()).unwrap();
        let compared = Command::new(env!("CARGO_BIN_EXE_precopy"))
            .args(["compare", "--format", "json"])
            .arg(&self.trace)
            .output()
            .unwrap();
        let compared: Value = serde_json::from_slice(&compared.stdout).unwrap();
        let error = &compared[0]["error"];
        let (off, right) = (error["total_time_pct"].as_f64().unwrap(), error["verdict"] == true);
        Trace { recording, off, right }
    }
}

/// A recording beside its prediction.
pub struct Trace {
    recording: Recording,
    /// Total time, predicted less measured [%].
    off: f64,
    /// The verdict is the one that was predicted.
    right: bool,
}

impl std::ops::Deref for Trace {
    type Target = Recording;
    fn deref(&self) -> &Recording {
        &self.recording
    }
}

/// A `precopy watch` that runs.
pub struct Watch {
    child: Child,
    reader: thread::JoinHandle<Vec<Value>>,
}

impl Watch {
    /// The total time that was forecast as the third pass began [ms]; where it was not known then, once it was.
    pub fn after_the_second_pass(mut self) -> f64 {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let looks = self.reader.join().unwrap();
        let migrations = looks.iter().map(|look| &look["migrations"][0]);
        let mut later = migrations.filter(|one| one["memory_iteration"].as_u64().is_some_and(|pass| pass >= 3));
        later.find_map(|one| one["forecast"]["total_time_ms"].as_f64()).expect("it is forecast to end")
    }
}
