//! One migration through time.

mod outcome;
mod timeline;

pub use outcome::{Outcome, Verdict};
pub use timeline::{Event, Row, Timeline};

use serde::Serialize;

use crate::scenario::Scenario;

/// Which model of the guest's memory a run uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Memory {
    /// Expected shares, advanced in closed form.
    #[default]
    Expected,
    /// One bit per page, every page write drawn.
    Exact,
}

impl Memory {
    /// The word used in every input and output.
    pub fn as_str(self) -> &'static str {
        match self {
            Memory::Expected => "expected",
            Memory::Exact => "exact",
        }
    }
}

/// How to run, beside what.
#[derive(Clone, Debug)]
pub struct Options {
    /// Memory model.
    pub memory: Memory,
    /// Root of every random stream.
    pub seed: u64,
    /// Skip stretches in which nothing can change; turning it off changes no result, only the time it takes.
    pub skip: bool,
    /// Record a timeline.
    pub timeline: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options { memory: Memory::Expected, seed: 1, skip: true, timeline: false }
    }
}

/// Runs one migration.
pub fn run(_scenario: &Scenario, _options: &Options) -> (Outcome, Timeline) {
    todo!()
}
