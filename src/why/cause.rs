//! What ended a migration, and what lay beneath it.

use serde::Serialize;

use super::Evidence;
use crate::compare::{Fate, LogGap, Told, ToldEnd};

/// What ended it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// Nothing: it arrived.
    Arrived,
    /// Nothing yet: it was still running at the last look.
    Running,
    /// Its orchestrator gave up after a time.
    TimedOut,
    /// Its orchestrator gave up because nothing moved on.
    Stuck,
    /// It was cancelled.
    Cancelled,
    /// A fault.
    Failed,
}

/// What kept it from arriving by then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hindrance {
    /// The guest dirties RAM about as fast as it is sent, or faster, and no throttle was seen.
    DirtiesTooFast,
    /// The same, and a limit rather than the link holds the stream back.
    BandwidthCap,
    /// The throttle was at its ceiling.
    ThrottleCeiling,
    /// The throttle was still being raised.
    ThrottleUnderWay,
    /// What remains after each sync takes longer than the downtime limit.
    DowntimeLimit,
    /// Syncs come before what they found is sent.
    SyncPerStep,
    /// The first pass was not over.
    FirstPass,
    /// The log does not tell.
    Untold,
}

/// How sure something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sureness {
    /// Little speaks for it but that nothing else fits.
    Guess,
    /// The figures speak for it.
    Likely,
    /// The log says so, or its figures leave no other way.
    Certain,
}

impl Sureness {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Sureness::Guess => "a guess",
            Sureness::Likely => "likely",
            Sureness::Certain => "certain",
        }
    }
}

/// How it ended, and whether the log says so itself.
pub(super) fn cause(fate: Fate, told: &Told) -> (Cause, Sureness) {
    let said = match &told.end {
        Some(ToldEnd::TimedOut(_)) => Some(Cause::TimedOut),
        Some(ToldEnd::Stuck(_)) => Some(Cause::Stuck),
        Some(ToldEnd::Cancelled(_)) => Some(Cause::Cancelled),
        Some(ToldEnd::Failed(_)) => Some(Cause::Failed),
        Some(ToldEnd::Completed) => Some(Cause::Arrived),
        None => None,
    };
    if let Some(cause) = said {
        return (cause, Sureness::Certain);
    }
    match fate {
        Fate::Converged | Fate::PostCopy | Fate::Paused => (Cause::Arrived, Sureness::Certain),
        Fate::Running | Fate::PostCopyRunning => (Cause::Running, Sureness::Certain),
        Fate::NotConverged => (Cause::TimedOut, Sureness::Certain),
        // Statistics have one word for a person and for a program.
        Fate::Cancelled | Fate::Aborted => (Cause::Cancelled, Sureness::Likely),
        Fate::Failed => (Cause::Failed, Sureness::Certain),
    }
}

/// A dirty rate of that share of the bandwidth keeps what remains from shrinking within any patience.
const AS_FAST: f64 = 0.8;
/// A throttle from here on is at the end of what QEMU has [%].
const CEILING: f64 = 98.0;
/// Syncs that come in less than this share of the time that sending takes.
const HASTY: f64 = 0.5;
/// So many syncs are a pattern.
const MANY: u64 = 20;
/// A step of QEMU's, in which it sends and looks whether to end [s]; and how many times the downtime limit remains where it
/// is no use to look.
const STEP: f64 = 0.12;
const FAR: f64 = 3.0;

/// What kept a migration from arriving, by its figures.
pub(super) fn hindrance(evidence: &Evidence, told: &Told, cap: Option<Sureness>) -> (Hindrance, Sureness) {
    let known = |sure: Sureness| if evidence.late_looks > 1 { sure } else { sure.min(Sureness::Likely) };
    let too_little = evidence.bandwidth.is_none() && evidence.dirtied.is_none();
    if too_little {
        return (Hindrance::Untold, Sureness::Certain);
    }
    let counted = !told.lacks(LogGap::Syncs);
    let all_sent = evidence.sent_bytes.zip(evidence.memory_bytes).map(|(sent, memory)| sent >= memory);
    if (counted && evidence.syncs <= 1) || (!counted && evidence.late_looks == 0 && all_sent == Some(false)) {
        return (Hindrance::FirstPass, if counted { Sureness::Certain } else { Sureness::Likely });
    }
    let hasty = evidence.pass_s.zip(evidence.remaining_s()).is_some_and(|(pass, left)| pass < HASTY * left);
    if hasty && evidence.syncs >= MANY {
        // Just above the downtime limit, each step also ends with a sync that finds a little too much.
        let far = evidence.remaining_s().is_some_and(|left| left * 1e3 > FAR * evidence.downtime_limit_ms);
        let per_step = far && evidence.pass_s.is_some_and(|pass| pass < STEP);
        return (if per_step { Hindrance::SyncPerStep } else { Hindrance::DowntimeLimit }, Sureness::Likely);
    }
    if evidence.throttle_max_pct >= CEILING {
        return (Hindrance::ThrottleCeiling, known(Sureness::Certain));
    }
    if evidence.throttle_max_pct > 0.0 {
        let steady = !evidence.throttle_rising && evidence.late_looks > 1;
        let what = if steady { Hindrance::ThrottleCeiling } else { Hindrance::ThrottleUnderWay };
        return (what, Sureness::Likely);
    }
    let waits = evidence.remaining_s().is_some_and(|seconds| seconds * 1e3 > evidence.downtime_limit_ms);
    match evidence.ratio() {
        Some(ratio) if ratio >= AS_FAST => {
            let sure = if evidence.dirtied_told { Sureness::Certain } else { Sureness::Likely };
            match cap {
                Some(of_cap) => (Hindrance::BandwidthCap, known(sure).min(of_cap)),
                None => (Hindrance::DirtiesTooFast, known(sure)),
            }
        }
        Some(_) if !evidence.dirtied_told && evidence.late_looks < 2 => (Hindrance::DirtiesTooFast, Sureness::Guess),
        Some(_) if waits => (Hindrance::DowntimeLimit, Sureness::Likely),
        Some(_) => (Hindrance::DirtiesTooFast, Sureness::Guess),
        None => (Hindrance::Untold, Sureness::Certain),
    }
}
