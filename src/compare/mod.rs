//! How well the model predicts real migrations.
//!
//! A [`Trace`] is a migration that was recorded: its configuration becomes a scenario, its outcome a
//! [`MigrationRecord`]. `kind` tells by a file's text which reader it is for; `sighting` puts together what a client
//! saw look by look. [`TraceComparison::of`] runs the scenario and sets the two records side by side; a [`Summary`]
//! sums up many.
//!
//! ```text
//!             configuration, baseline ── Scenario ── sim::run ── Record (predicted) ─┐
//! trace file                                                                         ├─ Deviation ── Summary
//!             outcome, samples ───────────────────────────────── Record (measured) ──┘
//! ```

mod encoding;
mod fate;
#[cfg(test)]
pub(crate) mod fixtures;
mod guestperf;
mod json;
mod kind;
mod log;
mod parts;
mod qmp;
mod record;
pub mod recording;
mod rig;
mod sighting;
mod summary;
mod told;
mod trace;
mod under_way;
mod virsh;
mod workload;

pub use fate::Fate;
pub use json::FieldError;

pub(crate) use parts::until_seen;
pub use parts::{NoScenario, TraceProblem};
pub use record::{Deviation, MigrationRecord};
pub use summary::Summary;
pub use told::{LogGap, Told, ToldEnd};
pub use trace::{Trace, TraceError};

use serde::Serialize;

use crate::sim::{self, Options};
use json::JsonNode;

/// One trace: what happened and what was predicted.
///
/// As JSON: `trace`, `measured`, `predicted`, `error`; for a trace that is not covered the last two are null and
/// `not_covered` says why.
#[derive(Clone, Debug, Serialize)]
pub struct TraceComparison {
    /// Name of the trace.
    pub trace: String,
    /// What happened.
    pub measured: MigrationRecord,
    /// What the model says, unless the trace is not covered.
    pub predicted: Option<MigrationRecord>,
    /// Predicted less measured; there whenever `predicted` is.
    pub error: Option<Deviation>,
    /// The lever that is not modelled yet, or what is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_covered: Option<String>,
    /// What was done to the measured figures, if anything.
    #[serde(skip)]
    pub note: Option<String>,
}

impl TraceComparison {
    /// Predicts the migration of a trace from its configuration and holds it against what happened.
    ///
    /// The run records a timeline, whatever `options` say, for the times of the syncs.
    pub fn of(trace: Trace, options: &Options) -> TraceComparison {
        let Trace { name, scenario, measured, note, .. } = trace;
        let options = Options { timeline: true, jump: false, ..options.clone() };
        match scenario {
            Err(reason) => {
                let not_covered = Some(reason.to_string());
                TraceComparison { trace: name, measured, predicted: None, error: None, not_covered, note }
            }
            Ok(scenario) => {
                let (outcome, timeline) = sim::run_checked(until_seen(scenario, &measured).trusted(), &options);
                TraceComparison::between(name, measured, MigrationRecord::predicted(&outcome, &timeline), note)
            }
        }
    }

    /// A prediction beside what was measured.
    pub(crate) fn between(
        trace: String,
        measured: MigrationRecord,
        predicted: MigrationRecord,
        note: Option<String>,
    ) -> TraceComparison {
        let error = Deviation::of(&predicted, &measured);
        TraceComparison { trace, measured, predicted: Some(predicted), error: Some(error), not_covered: None, note }
    }
}

/// What a text is called, if it is a log of migrations or a product's own record of one, by its first lines; `None` for
/// everything else, recordings among it.
pub fn form_of(text: &str) -> Option<&'static str> {
    log::form_of(text)
}

/// The verdict on a recorded migration.
///
/// A migration that the rig ended at its time limit did not converge.
fn fate(status: &JsonNode, postcopy: bool, timed_out: bool) -> Result<Fate, FieldError> {
    match status.text()? {
        "completed" if postcopy => Ok(Fate::PostCopy),
        "completed" => Ok(Fate::Converged),
        "cancelled" | "aborted" if timed_out => Ok(Fate::NotConverged),
        "cancelled" | "aborted" => Ok(Fate::Cancelled),
        "failed" | "failing" => Ok(Fate::Failed),
        _ => Err(status.expected("completed, cancelled, aborted or failed")),
    }
}

/// Guest work lost in `total_time_ms`, from its rates before and during the migration [ms].
fn work_lost(before: Option<f64>, during: Option<f64>, total_time_ms: f64) -> Option<f64> {
    let before = before.filter(|before| *before > 0.0)?;
    Some((1.0 - during? / before) * total_time_ms)
}
