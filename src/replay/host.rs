//! What is asked of a host, and what it says.

use crate::orchestrator::{JobCommand, JobStats};
use crate::replay::MigrationRequest;
use crate::units::{Bytes, Span};

/// Something that can migrate one domain.
pub trait MigrationHost {
    /// The domain, before anything is done to it.
    ///
    /// # Errors
    /// It is not there, or the host does not answer.
    fn domain(&mut self) -> Result<Domain, HostError>;

    /// Starts the migration and returns at once.
    ///
    /// # Errors
    /// The host refuses the request out of hand.
    fn start(&mut self, request: &MigrationRequest) -> Result<(), HostError>;

    /// Where the migration is now.
    ///
    /// # Errors
    /// The host does not answer.
    fn look(&mut self) -> Result<JobLook, HostError>;

    /// Syncs that the host has told of since the last call: how long ago, and `dirty-sync-count`.
    fn iterations(&mut self) -> Vec<(Span, u64)>;

    /// Does what an orchestrator or an operator orders.
    ///
    /// # Errors
    /// The host refuses, or does not answer.
    fn tell(&mut self, command: JobCommand) -> Result<(), HostError>;

    /// Whether the guest is stopped at the source.
    ///
    /// # Errors
    /// The host does not answer.
    fn stands_still(&mut self) -> Result<bool, HostError> {
        Ok(self.domain()?.state == "paused")
    }

    /// Lets a guest run again that was paused.
    ///
    /// # Errors
    /// As [`tell`](Host::tell).
    fn resume(&mut self) -> Result<(), HostError>;
}

/// A domain that could be migrated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    /// Its name.
    pub name: String,
    /// What it does: `running`, `paused`, ...
    pub state: String,
    /// A migration, or another job, is under way.
    pub busy: bool,
    /// Its memory.
    pub memory: Bytes,
    /// Its vCPUs.
    pub vcpus: u32,
    /// The host's QEMU: major, minor.
    pub qemu: (u32, u32),
    /// `downtime-limit` as it is now, where the host tells.
    pub downtime_limit: Option<Span>,
}

impl Domain {
    /// Whether it can be migrated as it is.
    ///
    /// # Errors
    /// It does not run, or a migration or another job is in progress.
    pub fn ready(&self) -> Result<(), HostError> {
        let Domain { name, state, .. } = self;
        match (self.busy, state.as_str()) {
            (true, _) => Err(HostError::Refused(format!(
                "a migration of `{name}`, or another job, is in progress already; watch it with `precopy watch`, or \
                 cancel it first (`virsh domjobabort {name}`)"
            ))),
            (false, "running") => Ok(()),
            (false, _) => Err(HostError::Refused(format!(
                "domain `{name}` is {state}, not running; start or resume it first (`virsh resume {name}`)"
            ))),
        }
    }
}

/// Where a migration is.
#[derive(Clone, Debug, PartialEq)]
pub enum JobLook {
    /// It is being prepared; QEMU has not begun.
    Preparing,
    /// It is under way.
    Running(JobSeen),
    /// It is over.
    Ended(Ended),
}

/// What `virDomainGetJobStats` says.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct JobSeen {
    /// What an orchestrator sees; `elapsed` is libvirt's own `time_elapsed`.
    pub job: JobStats,
    /// `memory_normal` [pages].
    pub normal: u64,
    /// `memory_constant` [pages].
    pub constant: u64,
    /// `setup_time` [ms], where it is told.
    pub setup_ms: Option<u64>,
}

/// How a migration ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Ended {
    /// Nothing, or why it failed.
    pub failure: Option<String>,
    /// Last figures of a completed migration; `job.downtime` is the downtime.
    pub totals: Option<JobSeen>,
    /// What the domain does at the source: `running`, `paused`, ... or `gone`.
    pub source: String,
}

/// A migration that another user started.
#[derive(Clone, Debug, PartialEq)]
pub struct Migrating {
    /// The domain.
    pub domain: Domain,
    /// What is seen of it.
    pub seen: JobSeen,
}

/// Why a host did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// No connection.
    #[error("cannot connect to `{uri}`: {reason}")]
    NoConnection {
        /// Where.
        uri: String,
        /// Why.
        reason: String,
    },
    /// No such domain.
    #[error("there is no running domain `{name}` at `{uri}`{}", near(.known))]
    NoDomain {
        /// Its name.
        name: String,
        /// Where.
        uri: String,
        /// The domains that are there.
        known: Vec<String>,
    },
    /// The connection broke.
    #[error("the connection to `{uri}` is lost: {reason}")]
    Lost {
        /// To whom.
        uri: String,
        /// Why.
        reason: String,
    },
    /// It was understood and refused.
    #[error("{0}")]
    Refused(String),
}

fn near(known: &[String]) -> String {
    match known {
        [] => "; none runs there".to_owned(),
        names => format!("; there are `{}`", names.join("`, `")),
    }
}
