//! A part of something: `20 %` of it, or `4 GiB`.

use crate::units::{Pages, Share};

use super::reader::{FoundValue, Section, quantity};
use super::shape;
use super::tree::TomlValue;

/// The unit of a part: per cent of a share, which is at most 100, and bytes of a size, which is no less than a page.
pub(super) const UNIT: &str = "% or B";

/// A part of RAM or of a region, as a share or as a size.
#[derive(Clone, Copy, Debug)]
pub(super) enum RamPart {
    Share(Share),
    Size(Pages),
}

impl RamPart {
    /// Its size where the whole is known, to the nearest page.
    pub(super) fn of(self, whole: Pages) -> Pages {
        match self {
            RamPart::Share(share) => Pages((share.0 * whole.0 as f64).round() as u64),
            RamPart::Size(size) => size,
        }
    }
}

/// Reads a part; a number without a unit is a percentage.
pub(super) fn read(section: &mut Section, key: &'static str) -> Option<FoundValue<RamPart>> {
    section.expect(key, UNIT, shape::part);
    let node = section.raw(key)?;
    // No size is written in per cent, and a share need not be held against all units of sizes.
    let is_share = match &node.value {
        TomlValue::Text(text) => text.trim_end().ends_with('%'),
        TomlValue::Amount(_, unit) => unit == "%",
        _ => false,
    };
    if !is_share && matches!(node.value.quantity::<Pages>(None), Some(Ok((_, false)))) {
        let path = section.path(key);
        quantity::<Pages>(path, node, None, section.faults).map(|found| found.map(RamPart::Size))
    } else {
        section.share(key).map(|found| found.map(RamPart::Share))
    }
}
