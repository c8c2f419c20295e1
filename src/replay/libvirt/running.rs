//! Guests that run, and what a daemon says of them while they are not migrated.

use virt::error::Error;
use virt::sys;

use super::calls;
use super::daemon::Daemon;
use crate::fit::CalcMode;
use crate::replay::HostError;
use crate::units::Span;

/// What is asked of a guest's figures.
const GROUPS: u32 = sys::VIR_DOMAIN_STATS_STATE
    | sys::VIR_DOMAIN_STATS_BALLOON
    | sys::VIR_DOMAIN_STATS_VCPU
    | sys::VIR_DOMAIN_STATS_DIRTYRATE;

impl Daemon {
    /// The release of its QEMU, as it says it.
    ///
    /// # Errors
    /// It does not answer.
    pub fn qemu(&self) -> Result<String, HostError> {
        let version = self.connection.hyp_version().map_err(|error| self.failed(&error))?;
        Ok(format!("{}.{}.{}", version / 1_000_000, version / 1000 % 1000, version % 1000))
    }

    /// The domain XML of every guest that runs, without its secrets.
    ///
    /// # Errors
    /// It does not answer.
    pub fn running(&self) -> Result<Vec<String>, HostError> {
        let active = self.connection.list_all_domains(sys::VIR_CONNECT_LIST_DOMAINS_RUNNING);
        let active = active.map_err(|error| self.failed(&error))?;
        // A guest that ends in between is no fault.
        Ok(active.iter().filter_map(|domain| domain.xml_desc(0).ok()).collect())
    }

    /// Begins to count what a guest dirties within so many whole seconds.
    ///
    /// # Errors
    /// It is not there any more, is counted already, or cannot be counted so.
    pub fn start_dirty_rate(&self, name: &str, period: Span, mode: CalcMode) -> Result<(), HostError> {
        let domain = self.find(name)?;
        let flags = match mode {
            CalcMode::PageSampling => sys::VIR_DOMAIN_DIRTYRATE_MODE_PAGE_SAMPLING,
            CalcMode::DirtyBitmap => sys::VIR_DOMAIN_DIRTYRATE_MODE_DIRTY_BITMAP,
            CalcMode::DirtyRing => sys::VIR_DOMAIN_DIRTYRATE_MODE_DIRTY_RING,
        };
        let seconds = i32::try_from(period.whole_ms() / 1000).unwrap_or(i32::MAX);
        calls::start_dirty_rate(&domain, seconds, flags).map_err(|error| self.failed(&error))
    }

    /// A guest's figures, by libvirt's names.
    ///
    /// # Errors
    /// It is not there any more, or the daemon does not answer.
    pub fn figures(&self, name: &str) -> Result<Vec<(String, String)>, HostError> {
        let refused = |error: Error| self.failed(&error);
        calls::stats(&self.find(name)?, GROUPS).map_err(refused)
    }
}
