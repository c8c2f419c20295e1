//! A folder with a scenario, and the program in it.

// Each test takes what it needs.
#![allow(dead_code)]

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use precopy::sweep::{Identity, Journal, SweepTarget};

/// A guest that migrates in no time.
pub const GUEST: &str = r#"
[guest]
memory = "1 GiB"

[[guest.workload]]
kind = "uniform"
region = "256 MiB"
rate = "1000 pages/s"

[link]
bandwidth = "1 Gbit/s"
"#;

/// A folder that goes away by itself.
pub struct Bench {
    folder: tempfile::TempDir,
}

/// How a run of the program ended.
pub struct Ended {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Bench {
    /// A folder with `guest.toml`.
    pub fn new(scenario: &str) -> Bench {
        let bench = Bench { folder: tempfile::tempdir().unwrap() };
        fs::write(bench.path("guest.toml"), scenario).unwrap();
        bench
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The program, to be started in the folder.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_precopy"));
        command.current_dir(self.folder.path()).args(words);
        command
    }

    /// Runs the program.
    pub fn precopy(&self, words: &[&str]) -> Ended {
        let output = self.command(words).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ended { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// What a sweep that is killed before its last step leaves in place of the complete file `name`: all of its rows, so many
    /// in a block.
    pub fn part(&self, name: &str, rows_a_block: usize) -> Vec<u8> {
        let note: serde_json::Value = serde_json::from_str(&self.read(&format!("{name}.sweep.json"))).unwrap();
        let identity: Identity = serde_json::from_value(note["sweep"].clone()).unwrap();
        let text = self.read(name);
        let rows: Vec<&str> = text.split_inclusive('\n').skip(usize::from(!identity.header().is_empty())).collect();
        let place = tempfile::tempdir().unwrap();
        let mut journal = Journal::start(&place.path().join("a"), identity, SweepTarget::Rows, false).unwrap();
        for (number, rows) in rows.chunks(rows_a_block).enumerate() {
            journal.append((number * rows_a_block) as u64, rows.concat().as_bytes(), rows.len() as u64).unwrap();
        }
        fs::read(journal.part()).unwrap()
    }

    /// Runs `precopy sweep guest.toml` with more words.
    pub fn sweep(&self, words: &[&str]) -> Ended {
        self.precopy(&[&["sweep", "guest.toml"], words].concat())
    }
}

/// The rows of a sweep that is not complete, without the heads of their blocks, as a file of CSV has them.
pub fn rows_of_part(part: &[u8]) -> Vec<u8> {
    let mut rows = Vec::new();
    let mut rest = part;
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let head = str::from_utf8(&rest[..end]).unwrap();
        let length = usize::from_str_radix(head.split(' ').nth(3).unwrap(), 16).unwrap();
        let Some(content) = rest.get(end + 1..end + 1 + length) else { break };
        if head.starts_with("#rows ") {
            rows.extend_from_slice(content);
        }
        rest = &rest[end + 1 + length..];
    }
    rows
}

/// How many lines a text has.
pub fn lines(text: &str) -> usize {
    text.lines().count()
}
