//! A libvirt daemon, asked for a survey.

use super::{Figures, SurveyedGuest, SurveyedHost};
use crate::fit::CalcMode;
use crate::replay::HostError;
use crate::replay::libvirt::Daemon;
use crate::units::Span;

/// A connection.
pub struct LibvirtHost(Daemon);

impl LibvirtHost {
    /// Connects.
    ///
    /// # Errors
    /// No daemon answers there.
    pub fn open(uri: &str) -> Result<LibvirtHost, HostError> {
        Ok(LibvirtHost(Daemon::open(uri)?))
    }
}

impl SurveyedHost for LibvirtHost {
    fn qemu(&mut self) -> Result<Option<String>, HostError> {
        self.0.qemu().map(Some)
    }

    fn guests(&mut self) -> Result<Vec<SurveyedGuest>, HostError> {
        let guests = self.0.running()?.iter().map(|xml| SurveyedGuest::of_xml(xml)).collect::<Result<Vec<_>, _>>();
        let mut guests = guests.map_err(|why| HostError::Refused(format!("what libvirt says of a guest: {why}")))?;
        guests.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(guests)
    }

    fn begin(&mut self, guest: &str, period: Span, mode: CalcMode) -> Result<(), HostError> {
        self.0.start_dirty_rate(guest, period, mode)
    }

    fn figures(&mut self, guest: &str) -> Result<Figures, HostError> {
        self.0.figures(guest).map(Figures)
    }
}
