//! Section `[limits]`.

use crate::units::Span;

use super::Limits;
use super::reader::Section;

/// Reads the section; `last_due` is when an orchestrator's last timeout is over.
///
/// A default that ended a migration before its orchestrator would answers a question that nobody asked, so the hour begins
/// when the last timeout is over. That leaves room for what comes of it: a post-copy phase, a paused guest.
pub(super) fn read(top: &mut Section, last_due: Span) -> Limits {
    top.section("limits", |limits| {
        let time = limits.quantity::<Span>("time", None);
        limits.finish(|_| None);
        if let Some(found) = &time
            && (found.value == Span::ZERO || found.value > Limits::MOST)
        {
            let (title, label) = match found.value {
                Span::ZERO => ("`limits.time` is zero", "nothing can happen in no time"),
                _ => ("`limits.time` is too long", "at most 87600 h, ten years"),
            };
            limits.faults.error(&found.place, title, label);
        }
        Limits { time: time.map_or((Limits::TIME + last_due).min(Limits::MOST), |found| found.value) }
    })
}
