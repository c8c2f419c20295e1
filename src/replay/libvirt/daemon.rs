//! A libvirt daemon, and what it says of its domains.

use virt::connect::Connect;
use virt::domain::Domain as VirtDomain;
use virt::error::Error;
use virt::sys;

use super::calls::{self, RawJobStats};
use super::events::Iterations;
use super::told;
use crate::replay::{Domain, HostError, Migrating};
use crate::units::{Bytes, Span};

/// Looks for a dead connection every so many seconds, and gives up after so many of them.
const KEEP_ALIVE: (i32, u32) = (2, 3);

/// A connection.
pub struct Daemon {
    uri: String,
    pub(super) connection: Connect,
}

impl Daemon {
    /// Connects.
    ///
    /// # Errors
    /// No daemon answers there.
    pub fn open(uri: &str) -> Result<Daemon, HostError> {
        // The caller tells what goes wrong, not libvirt past it.
        virt::error::clear_error_callback();
        Iterations::start_loop();
        let refused = |error: Error| HostError::NoConnection { uri: uri.to_owned(), reason: message(&error) };
        let connection = Connect::open(Some(uri)).map_err(refused)?;
        // Where the other side cannot do that, a lost connection shows later.
        let _ = connection.set_keep_alive(KEEP_ALIVE.0, KEEP_ALIVE.1);
        Ok(Daemon { uri: uri.to_owned(), connection })
    }

    /// As it was given.
    pub(super) fn uri(&self) -> &str {
        &self.uri
    }

    pub(super) fn is_alive(&self) -> bool {
        self.connection.is_alive().unwrap_or(false)
    }

    /// What an error of a call means: the connection is gone, or the call was refused.
    pub(super) fn failed(&self, error: &Error) -> HostError {
        if self.is_alive() {
            HostError::Refused(message(error))
        } else {
            HostError::Lost { uri: self.uri.clone(), reason: message(error) }
        }
    }

    pub(super) fn find(&self, name: &str) -> Result<VirtDomain, HostError> {
        let unknown = |error: Error| match self.is_alive() {
            true => HostError::NoDomain { name: name.to_owned(), uri: self.uri.clone(), known: self.names() },
            false => self.failed(&error),
        };
        self.connection.lookup_domain_by_name(name).map_err(unknown)
    }

    fn names(&self) -> Vec<String> {
        let active = self.connection.list_all_domains(sys::VIR_CONNECT_LIST_DOMAINS_ACTIVE).unwrap_or_default();
        active.iter().filter_map(|domain| domain.name().ok()).collect()
    }

    /// The migrations that leave it now, or that of one domain.
    ///
    /// # Errors
    /// It does not answer any more, or there is no such domain.
    pub fn migrations(&self, name: Option<&str>) -> Result<Vec<Migrating>, HostError> {
        let domains = match name {
            Some(name) => vec![self.find(name)?],
            None => {
                let active = self.connection.list_all_domains(sys::VIR_CONNECT_LIST_DOMAINS_ACTIVE);
                active.map_err(|error| self.failed(&error))?
            }
        };
        // A domain that ends in between is no fault.
        Ok(domains.iter().filter_map(|domain| self.migration(domain)).collect())
    }

    fn migration(&self, domain: &VirtDomain) -> Option<Migrating> {
        let stats = RawJobStats::of(domain, 0).ok()?;
        let leaves = stats.get("operation") == Some(u64::from(sys::VIR_DOMAIN_JOB_OPERATION_MIGRATION_OUT));
        let seen = told::seen(&stats).filter(|_| leaves)?;
        Some(Migrating { domain: self.describe(domain).ok()?, seen })
    }

    pub(super) fn describe(&self, domain: &VirtDomain) -> Result<Domain, Error> {
        let info = domain.info()?;
        let version = self.connection.hyp_version()?;
        Ok(Domain {
            name: domain.name()?,
            state: state(domain)?,
            busy: RawJobStats::of(domain, 0)?.kind != sys::VIR_DOMAIN_JOB_NONE,
            memory: Bytes(info.max_mem << 10),
            vcpus: info.nr_virt_cpu,
            qemu: (version / 1_000_000, version / 1000 % 1000),
            // An old daemon has no such call; it can do without.
            downtime_limit: calls::max_downtime(domain).ok().filter(|ms| *ms > 0).map(Span::from_ms),
        })
    }
}

/// `running`, `paused`, ...
pub(super) fn state(domain: &VirtDomain) -> Result<String, Error> {
    // The binding gives a state even of a domain that is not there.
    domain.is_active()?;
    Ok(domain.state()?.0.to_string().to_lowercase())
}

pub(super) fn message(error: &Error) -> String {
    error.message().trim().to_owned()
}
