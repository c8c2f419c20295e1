//! A part of something: `20 %` of it, or `4 GiB`.

use crate::units::parse;
use crate::units::{Pages, Share};

use super::reader::{Found, Section, quantity, share};
use super::schema::shape;
use super::tree::Value;

/// A part of RAM or of a region, as a share or as a size.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    Share(Share),
    Size(Pages),
}

impl Part {
    /// Its size where the whole is known, to the nearest page.
    pub fn of(self, whole: Pages) -> Pages {
        match self {
            Part::Share(share) => Pages((share.0 * whole.0 as f64).round() as u64),
            Part::Size(size) => size,
        }
    }
}

/// Reads a part; a number without a unit is a percentage.
pub(super) fn read(section: &mut Section, key: &'static str) -> Option<Found<Part>> {
    section.expect(key, shape::part);
    let node = section.raw(key)?;
    let path = section.path(key);
    let is_size = match &node.value {
        Value::Text(text) => !parse::is_bare(text) && parse::parse::<Pages>(text, None).is_ok(),
        _ => false,
    };
    if is_size {
        quantity::<Pages>(&path, node, None, section.faults).map(|found| found.map(Part::Size))
    } else {
        share(&path, node, section.faults).map(|found| found.map(Part::Share))
    }
}
