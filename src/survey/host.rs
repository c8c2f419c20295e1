//! What a connection can be asked.

use super::{Figures, SurveyedGuest};
use crate::fit::CalcMode;
use crate::replay::HostError;
use crate::units::Span;

/// A host whose guests can be measured.
pub trait SurveyedHost {
    /// The release of its QEMU, where it is told.
    ///
    /// # Errors
    /// The host does not answer.
    fn qemu(&mut self) -> Result<Option<String>, HostError>;

    /// The guests that run there.
    ///
    /// # Errors
    /// The host does not answer, or says what cannot be read.
    fn guests(&mut self) -> Result<Vec<SurveyedGuest>, HostError>;

    /// Begins to count what a guest dirties within `period`, and returns at once.
    ///
    /// # Errors
    /// The guest is not there any more, or is counted by another client; or the host does not answer.
    fn begin(&mut self, guest: &str, period: Span, mode: CalcMode) -> Result<(), HostError>;

    /// A guest's figures as they are now: balloon, vCPUs, and the last count of dirty pages.
    ///
    /// # Errors
    /// As [`begin`](SurveyedHost::begin).
    fn figures(&mut self, guest: &str) -> Result<Figures, HostError>;
}
