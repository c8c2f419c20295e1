//! A domain at its source.

use std::sync::mpsc::{self, Receiver, TryRecvError};
use std::thread;

use virt::connect::Connect;
use virt::domain::Domain as VirtDomain;
use virt::error::Error;
use virt::sys;

use super::calls::{self, RawJobStats};
use super::daemon::{self, Daemon, message};
use super::events::Iterations;
use super::told;
use crate::orchestrator::JobCommand;
use crate::replay::{Domain, Ended, HostError, JobLook, JobSeen, MigrationHost, MigrationRequest};
use crate::units::Span;

/// A domain behind a libvirt connection.
pub struct Libvirt {
    daemon: Daemon,
    domain: VirtDomain,
    name: String,
    iterations: Iterations,
    job: Option<Job>,
}

/// A migration that was started.
struct Job {
    result: Receiver<Result<(), Error>>,
    dest_uri: String,
}

impl Libvirt {
    /// Connects, and finds the domain.
    ///
    /// # Errors
    /// No daemon answers there, or there is no such domain.
    pub fn open(uri: &str, name: &str) -> Result<Libvirt, HostError> {
        let daemon = Daemon::open(uri)?;
        let domain = daemon.find(name)?;
        Ok(Libvirt { daemon, domain, name: name.to_owned(), iterations: Iterations::default(), job: None })
    }

    fn state(&self) -> String {
        match daemon::state(&self.domain) {
            Ok(state) => state,
            Err(_) if self.daemon.is_alive() => "gone".to_owned(),
            Err(_) => "unknown".to_owned(),
        }
    }

    /// Last figures of a completed migration: the source has them if the domain is still defined there, the
    /// destination always.
    fn totals(&self, dest_uri: &str) -> Option<JobSeen> {
        let completed = |domain: &VirtDomain| {
            RawJobStats::of(domain, sys::VIR_DOMAIN_JOB_STATS_COMPLETED).ok().and_then(|stats| told::seen(&stats))
        };
        completed(&self.domain).or_else(|| {
            let destination = Connect::open(Some(dest_uri)).ok()?;
            completed(&destination.lookup_domain_by_name(&self.name).ok()?)
        })
    }

    fn ended(&self, failure: Option<String>, dest_uri: &str) -> Result<JobLook, HostError> {
        if !self.daemon.is_alive() {
            let reason = failure.unwrap_or_else(|| "it was closed".to_owned());
            return Err(HostError::Lost { uri: self.daemon.uri().to_owned(), reason });
        }
        let totals = if failure.is_none() { self.totals(dest_uri) } else { None };
        Ok(JobLook::Ended(Ended { failure, totals, source: self.state() }))
    }
}

impl MigrationHost for Libvirt {
    fn domain(&mut self) -> Result<Domain, HostError> {
        self.daemon.describe(&self.domain).map_err(|error| self.daemon.failed(&error))
    }

    fn start(&mut self, request: &MigrationRequest) -> Result<(), HostError> {
        let limit = self.domain.migrate_set_max_downtime(request.downtime.whole_ms(), 0);
        limit.map_err(|error| self.daemon.failed(&error))?;
        self.iterations.listen(&self.daemon.connection, &self.domain);
        // The call returns when the migration is over; it has a connection of its own for that.
        let second = Daemon::open(self.daemon.uri())?;
        let domain = second.find(&self.name)?;
        let (flags, params, dest) = (told::flags(request), told::parameters(request), request.dest_uri.clone());
        let (send, result) = mpsc::channel();
        thread::spawn(move || {
            let ended = domain.migrate_to_uri3(Some(&dest), params, flags);
            // Nothing listens any more if the program is about to end.
            let _ = send.send(ended);
            drop(second);
        });
        self.job = Some(Job { result, dest_uri: request.dest_uri.clone() });
        Ok(())
    }

    fn look(&mut self) -> Result<JobLook, HostError> {
        let Some(job) = &self.job else { return Ok(JobLook::Preparing) };
        match job.result.try_recv() {
            Ok(result) => return self.ended(result.err().map(|error| message(&error)), &job.dest_uri),
            Err(TryRecvError::Empty) => {}
            Err(TryRecvError::Disconnected) => {
                return self.ended(Some("the thread that migrates is gone".to_owned()), &job.dest_uri);
            }
        }
        match RawJobStats::of(&self.domain, 0) {
            Ok(stats) => Ok(told::seen(&stats).map_or(JobLook::Preparing, JobLook::Running)),
            // The domain may just have gone; how it ended is told by the call that migrates.
            Err(error) => match self.daemon.failed(&error) {
                HostError::Refused(_) => Ok(JobLook::Preparing),
                lost => Err(lost),
            },
        }
    }

    fn iterations(&mut self) -> Vec<(Span, u64)> {
        self.iterations.take()
    }

    fn tell(&mut self, command: JobCommand) -> Result<(), HostError> {
        let told = match command {
            JobCommand::SetDowntime(limit) => self.domain.migrate_set_max_downtime(limit.whole_ms(), 0).map(|_| ()),
            JobCommand::SetBandwidth(rate) => {
                self.domain.migrate_set_max_speed(rate.0.div_ceil(1 << 20), 0).map(|_| ())
            }
            JobCommand::Pause => self.domain.suspend(),
            JobCommand::PostCopy => calls::start_post_copy(&self.domain),
            JobCommand::Abort => calls::abort_job(&self.domain),
            JobCommand::SwitchOver | JobCommand::SwitchOverAfterPass => {
                return Err(HostError::Refused("libvirt cannot tell QEMU when to stop the guest".to_owned()));
            }
            JobCommand::Note | JobCommand::QueueForceComplete => Ok(()),
        };
        told.map_err(|error| self.daemon.failed(&error))
    }

    fn stands_still(&mut self) -> Result<bool, HostError> {
        daemon::state(&self.domain).map(|state| state == "paused").map_err(|error| self.daemon.failed(&error))
    }

    fn resume(&mut self) -> Result<(), HostError> {
        self.domain.resume().map_err(|error| self.daemon.failed(&error))
    }
}
