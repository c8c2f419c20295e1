//! One outcome as people and programs read it: text for a terminal, JSON, CSV.
//!
//! Reports know [`Outcome`] and [`Timeline`] and nothing of how they came about, so that a recorded real migration
//! reads the same as a simulated one. [`crate::metrics`] describes every figure once; the text, the CSV columns and the page
//! `docs/output.md` are drawn from it.

mod actions;
mod assumed;
mod chart;
pub mod check;
pub mod cite;
pub mod compare;
pub mod csv;
pub mod drain;
pub mod fit;
pub mod json;
mod output;
pub mod page;
pub mod plan;
pub mod repeats;
pub mod replay;
pub mod replay_fleet;
pub mod survey;
pub mod text;
pub mod trial;
pub mod watch;
pub mod why;

pub use crate::metrics;

pub use assumed::{Assumed, named};
pub use output::{Output, OutputError};

use serde::Serialize;

use crate::disk::Archive;
use crate::qemu::Version;
use crate::sim::{Memory, Outcome, Timeline};
use crate::units::Span;

/// What it takes to make a result again.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Provenance {
    /// Version of this program.
    pub precopy: &'static str,
    /// Name of the scenario: its file's name without the suffix, `-` for standard input.
    pub scenario: String,
    /// Release of QEMU whose rules were followed.
    pub qemu: Version,
    /// Root of every random stream.
    pub seed: u64,
    /// Memory model.
    pub memory: Memory,
    /// What was not given, and what it is taken for.
    pub assumed: Assumed,
    /// How long a migration may take, where the scenario says so (`policy.deadline`).
    #[serde(skip)]
    pub deadline: Option<Span>,
    /// The command and the files that it read; none of what the library alone made.
    #[serde(flatten)]
    pub archive: Option<Archive>,
}

impl Provenance {
    /// A result of this version of the program.
    pub fn new(scenario: impl Into<String>, qemu: Version, seed: u64, memory: Memory) -> Provenance {
        let assumed = Assumed::default();
        let (precopy, scenario) = (env!("CARGO_PKG_VERSION"), scenario.into());
        Provenance { precopy, scenario, qemu, seed, memory, assumed, deadline: None, archive: None }
    }

    /// Says by when a migration is to be over, if there is such a time.
    pub fn due(self, deadline: Option<Span>) -> Provenance {
        Provenance { deadline, ..self }
    }

    /// By how much a migration took longer than it may.
    fn late_by(&self, outcome: &Outcome) -> Option<(Span, Span)> {
        let deadline = self.deadline?;
        let late = outcome.total_time_ms - deadline.ms();
        (late > 0.0).then(|| (deadline, Span::rounded_up(late * 1e6)))
    }

    /// The same with what was not given.
    pub fn assuming(self, assumed: Assumed) -> Provenance {
        Provenance { assumed, ..self }
    }

    /// The same with what it takes to make the result again.
    pub fn archived(self, archive: &Archive) -> Provenance {
        Provenance { archive: Some(archive.clone()), ..self }
    }
}

/// Everything that a report may show of one migration.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// Where it came from.
    pub provenance: &'a Provenance,
    /// How it ended.
    pub outcome: &'a Outcome,
    /// What happened when; may be empty.
    pub timeline: &'a Timeline,
}
