//! Migrations that a log tells apart by the guest that each line names.

use super::LoggedLook;
use crate::compare::sighting::{MigrationState, Sighting};
use crate::compare::told::{Told, ToldEnd};

/// One migration of a log, or several of one guest in a row where only the time tells them apart.
#[derive(Debug)]
pub(super) struct LoggedJob {
    pub(super) looks: Vec<LoggedLook>,
    pub(super) told: Told,
    /// Whether times count from libvirt's beginning, before QEMU's.
    pub(super) by_libvirt: bool,
}

impl LoggedJob {
    /// Ends it, as words of the log tell: a look like the last one, so late as the clock or the log itself says [s].
    pub(super) fn close(&mut self, end: ToldEnd, clock: Option<f64>, elapsed_s: Option<f64>) {
        let state = match &end {
            ToldEnd::Completed => MigrationState::Completed,
            ToldEnd::TimedOut(_) | ToldEnd::Stuck(_) | ToldEnd::Cancelled(_) => MigrationState::Cancelled,
            ToldEnd::Failed(_) => MigrationState::Failed,
        };
        let is_new = self.told.end.is_none();
        self.told.end(end);
        let Some(last) = self.looks.last().filter(|_| is_new) else { return };
        let since = clock.zip(last.clock).map(|(now, then)| (now - then).max(0.0) * 1e3);
        let elapsed_ms = elapsed_s
            .map(|seconds| seconds * 1e3)
            .filter(|ms| last.elapsed_ms.is_none_or(|before| *ms >= before))
            .or(last.elapsed_ms.zip(since).map(|(ms, since)| ms + since))
            .or(last.elapsed_ms);
        let remaining = if state == MigrationState::Completed { 0 } else { last.sighting.remaining };
        let sighting = Sighting { state, remaining, ..last.sighting.clone() };
        self.looks.push(LoggedLook { clock, elapsed_ms, sighting });
    }

    /// Whether its end was told.
    pub(super) fn is_closed(&self) -> bool {
        self.told.end.is_some()
    }
}

/// How a line says that a migration is over: its words, and the end that they tell.
pub(super) type EndWords = (&'static str, fn(String) -> ToldEnd);

/// The first of these ends that a line tells.
pub(super) fn end_in<'e>(ends: &'e [EndWords], line: &str) -> Option<&'e EndWords> {
    ends.iter().find(|(words, _)| line.contains(words))
}

/// The migrations of a log in the order in which they begin.
pub(super) struct LoggedJobs {
    told: Told,
    by_libvirt: bool,
    jobs: Vec<LoggedJob>,
}

impl LoggedJobs {
    pub(super) fn new(told: Told, by_libvirt: bool) -> LoggedJobs {
        LoggedJobs { told, by_libvirt, jobs: Vec::new() }
    }

    /// The migration of a guest that is under way, or else the last one of it.
    pub(super) fn of(&mut self, subject: &str) -> Option<&mut LoggedJob> {
        self.jobs.iter_mut().rev().find(|job| job.told.subject.as_deref() == Some(subject))
    }

    /// The same, or a new one where there is none, or where it is over.
    pub(super) fn open(&mut self, subject: &str) -> &mut LoggedJob {
        let known = self.jobs.iter().rposition(|job| job.told.subject.as_deref() == Some(subject));
        match known.filter(|at| !self.jobs[*at].is_closed()) {
            Some(at) => &mut self.jobs[at],
            None => self.begin(subject),
        }
    }

    /// A new migration of a guest.
    pub(super) fn begin(&mut self, subject: &str) -> &mut LoggedJob {
        let told = Told { subject: Some(subject.to_owned()), ..self.told.clone() };
        self.jobs.push(LoggedJob { looks: Vec::new(), told, by_libvirt: self.by_libvirt });
        let last = self.jobs.len() - 1;
        &mut self.jobs[last]
    }

    /// Adds a look; time that goes back begins another migration.
    pub(super) fn look(&mut self, subject: &str, look: LoggedLook) {
        let job = self.open(subject);
        let back = job.looks.last().and_then(|last| Some(last.elapsed_ms? > look.elapsed_ms?)).unwrap_or(false);
        let job = if back { self.begin(subject) } else { self.open(subject) };
        job.looks.push(look);
    }

    /// How many looks there are.
    pub(super) fn looks(&self) -> usize {
        self.jobs.iter().map(|job| job.looks.len()).sum()
    }

    pub(super) fn all(self) -> Vec<LoggedJob> {
        self.jobs
    }
}
