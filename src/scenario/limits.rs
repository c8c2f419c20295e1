//! Section `[limits]`.

use crate::units::Span;

use super::Limits;
use super::keys::LIMITS_TIME;
use super::reader::Section;

/// Reads the section; `last_due` is when an orchestrator's last timeout is over.
///
/// A default that ended a migration before its orchestrator would answers a question that nobody asked, so the hour begins
/// when the last timeout is over. That leaves room for what comes of it: a post-copy phase, a paused guest.
pub(super) fn read(top: &mut Section, last_due: Span) -> Limits {
    top.section("limits", |limits| {
        let time = LIMITS_TIME.read(limits);
        limits.finish(|_| None);
        Limits { time: time.map_or((Limits::TIME + last_due).min(LIMITS_TIME.form.most), |found| found.value) }
    })
}
