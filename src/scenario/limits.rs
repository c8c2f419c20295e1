//! Section `[limits]`.

use crate::units::Span;

use super::Limits;
use super::reader::Section;

/// The longest run: ten years.
const MOST: Span = Span::from_ms(10 * 365 * 24 * 3_600_000);

/// Reads the section.
pub(super) fn read(top: &mut Section) -> Limits {
    top.section("limits", |limits| {
        let time = limits.quantity::<Span>("time", None);
        limits.finish(|_| None);
        if let Some(found) = &time
            && (found.value == Span::ZERO || found.value > MOST)
        {
            let (title, label) = match found.value {
                Span::ZERO => ("`limits.time` is zero", "nothing can happen in no time"),
                _ => ("`limits.time` is too long", "at most 87600 h, ten years"),
            };
            limits.faults.error(&found.place, title, label);
        }
        Limits { time: time.map_or(Limits::TIME, |found| found.value) }
    })
}
