//! A folder with a scenario, and the program in it.

// Each test takes what it needs.
#![allow(dead_code)]

use std::fs;
use std::path::PathBuf;
use std::process::Command;

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

    /// Runs `precopy sweep guest.toml` with more words.
    pub fn sweep(&self, words: &[&str]) -> Ended {
        self.precopy(&[&["sweep", "guest.toml"], words].concat())
    }
}

/// How many lines a text has.
pub fn lines(text: &str) -> usize {
    text.lines().count()
}
