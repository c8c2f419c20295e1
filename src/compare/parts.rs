//! What a reader makes of a trace, and why it may not.

use std::io;

use super::json::FieldError;
use super::told::Told;
use super::{Fate, MigrationRecord};
use crate::scenario::Scenario;
use crate::sim::Timeline;
use crate::units::{Bytes, Span};
use crate::yaml::YamlError;

/// Largest file that is read [bytes].
pub(super) const MAX_BYTES: u64 = 64 << 20;

/// What a reader makes of a trace.
#[derive(Debug)]
pub(super) struct TraceParts {
    pub(super) scenario: Result<Scenario, NoScenario>,
    pub(super) measured: MigrationRecord,
    pub(super) timeline: Timeline,
    pub(super) memory: Option<Bytes>,
    pub(super) note: Option<String>,
    pub(super) told: Told,
}

/// Why a trace does not lead to a scenario.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NoScenario {
    /// It uses a lever that is not modelled yet; the text names it.
    #[error("{0}")]
    NotCovered(String),
    /// It does not say how guest, link and QEMU were configured; the text says what is missing.
    #[error(
        "{0}; name a scenario of that migration with `--scenario FILE`, which `precopy init LOG -o FILE` makes of a log"
    )]
    Unstated(String),
    /// Its guest runs a program whose writes were not counted; everything else is known.
    #[error(
        "what its guest's program writes is not known; name a scenario with a workload by `--scenario FILE`, such as one \
         that `precopy fit` writes"
    )]
    Program(Box<Scenario>),
}

/// What is wrong with a trace.
#[derive(Debug, thiserror::Error)]
pub enum TraceProblem {
    /// The file cannot be opened or read.
    #[error("cannot be read: {0}")]
    Read(#[from] io::Error),
    /// The file is larger than [`Trace::MAX_BYTES`](super::Trace::MAX_BYTES).
    #[error("is larger than {} MiB; a trace of an hour has about 5", MAX_BYTES >> 20)]
    TooLarge,
    /// Nothing is in the file.
    #[error(
        "is empty: it may not have been written yet, or its tool failed; docs/logs.md says how each log is collected"
    )]
    Empty,
    /// The file is a scenario.
    #[error("is a scenario, and a recorded migration is JSON; `precopy run` takes scenarios")]
    Scenario,
    /// The file is not JSON.
    #[error("is not valid JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// The file begins like objects in YAML, and is none.
    #[error("is not valid YAML: {0}")]
    Yaml(#[from] YamlError),
    /// A line of a log is none of those that are known.
    #[error("line {line}, column {column}: {what}")]
    Line {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What is wrong, and what to do.
        what: String,
    },
    /// It has fewer migrations.
    #[error("has {count} migration{}, and `--nth` asks for number {nth}", if *count == 1 { "" } else { "s" })]
    Few {
        /// What was asked for.
        nth: usize,
        /// How many there are.
        count: usize,
    },
    /// A field is missing or impossible.
    #[error(transparent)]
    Field(#[from] FieldError),
}

/// A scenario whose time limit comes no later than the end of a migration that was ended from outside.
pub(super) fn until_ended(scenario: Scenario, fate: Fate, seen_ms: f64) -> Scenario {
    let from_outside = matches!(fate, Fate::NotConverged | Fate::Cancelled | Fate::Failed);
    if from_outside { until(scenario, seen_ms) } else { scenario }
}

/// A scenario as far as a client looked: the time limit of one that was still running comes no later than the last look.
pub(crate) fn until_seen(scenario: Scenario, measured: &MigrationRecord) -> Scenario {
    if measured.verdict.is_over() { scenario } else { until(scenario, measured.seen_ms) }
}

fn until(mut scenario: Scenario, ms: f64) -> Scenario {
    scenario.limits.time = scenario.limits.time.min(Span::rounded_up(ms * 1e6));
    scenario
}
