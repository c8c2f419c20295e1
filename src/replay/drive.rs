//! A real migration from its start to its end.

use std::sync::atomic::AtomicBool;

use super::clock::ClientClock;
use super::host::{Ended, HostError, JobSeen, MigrationHost};
use super::plan::ReplayPlan;
use super::recording::About;
use super::steer::{Cancelled, Steer};
use crate::compare::Fate;
use crate::compare::recording::Recording;
use crate::sim::Verdict;
use crate::units::Span;

/// How the drive ended.
pub struct Ending {
    /// What was seen, also where it ended badly.
    pub recording: Recording,
    /// The host failed on the way.
    pub error: Option<HostError>,
    /// Who cancelled it, if that is how it ended.
    pub cancelled: Option<Cancelled>,
}

impl Ending {
    /// How the migration ended, by any cause.
    pub fn fate(&self) -> Fate {
        match (&self.error, &self.recording.failure, self.cancelled) {
            (Some(_), ..) | (None, Some(_), None) => Fate::Failed,
            (None, Some(_), Some(Cancelled::Interrupted)) => Fate::Cancelled,
            _ => self.recording.verdict.into(),
        }
    }
}

/// Starts a migration, steers it, and writes down what is seen until it is over.
///
/// `stop` cancels it; it is then waited for until the host says that it is over. `tell` hears of every look.
///
/// # Errors
/// It could not be started, and nothing was done.
pub fn drive(
    host: &mut dyn MigrationHost,
    clock: &mut dyn ClientClock,
    plan: &ReplayPlan,
    stop: &AtomicBool,
    mut tell: impl FnMut(Span, &JobSeen),
) -> Result<Ending, HostError> {
    let domain = host.domain()?;
    domain.ready()?;
    host.start(&plan.request)?;
    clock.restart();
    let mut steer = Steer::new(host, plan);
    let outcome = steer.run(clock, plan.sample, stop, &mut tell);
    let now = clock.now();
    let (ended, error) = match outcome {
        Ok(ended) => (ended, None),
        Err(error) => {
            let failure = Some(error.to_string());
            (Ended { failure, totals: None, source: "unknown".to_owned() }, Some(error))
        }
    };
    let cancelled = steer.cancelled.filter(|_| ended.failure.is_some() && error.is_none());
    let verdict = match (&ended.failure, cancelled) {
        (Some(_), Some(Cancelled::OutOfTime)) => Verdict::NotConverged,
        // A trial; nothing but the switchover was left.
        (Some(_), Some(Cancelled::Arrived)) => Verdict::Converged,
        (Some(_), _) => Verdict::Aborted,
        (None, _) if steer.post_copy => Verdict::PostCopy,
        (None, _) if steer.paused => Verdict::Paused,
        (None, _) => Verdict::Converged,
    };
    let about = About {
        qemu: format!("{}.{}", domain.qemu.0, domain.qemu.1),
        domain: domain.name,
        scenario: plan.text.clone(),
        sets: plan.sets.clone(),
        of_fleet: plan.of_fleet,
    };
    Ok(Ending { recording: steer.recorder.finish(now, ended, verdict, about), error, cancelled })
}
