//! A real migration from its start to its end.

use std::sync::atomic::AtomicBool;

use super::clock::ClientClock;
use super::host::{Domain, Ended, HostError, JobSeen, MigrationHost};
use super::plan::ReplayPlan;
use super::recording::About;
use super::steer::{Cancelled, Steer};
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
    ready(&domain)?;
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
    };
    Ok(Ending { recording: steer.recorder.finish(now, ended, verdict, about), error, cancelled })
}

/// Whether a domain can be migrated as it is.
fn ready(domain: &Domain) -> Result<(), HostError> {
    let Domain { name, state, .. } = domain;
    match (domain.busy, state.as_str()) {
        (true, _) => Err(HostError::Refused(format!(
            "a migration of `{name}`, or another job, is in progress already; watch it with `precopy watch`, or cancel it \
             first (`virsh domjobabort {name}`)"
        ))),
        (false, "running") => Ok(()),
        (false, _) => Err(HostError::Refused(format!(
            "domain `{name}` is {state}, not running; start or resume it first (`virsh resume {name}`)"
        ))),
    }
}
