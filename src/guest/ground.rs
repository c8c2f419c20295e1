//! What an expected memory is made of that depends on the guest alone, kept for one migration after another.

use std::sync::Arc;

use super::log::Touches;
use super::zones::{Zone, zones};
use super::{GuestConfig, Workload};
use crate::units::Share;

/// RAM cut into zones, and how often its pages are hit, whatever rates the workloads have.
#[derive(Debug)]
pub(super) struct Ground {
    pub(super) zones: Arc<[Zone]>,
    pub(super) touches: Arc<Touches>,
    /// Whose it is.
    guest: GuestConfig,
}

impl Ground {
    /// That of a guest.
    pub(super) fn new(guest: &GuestConfig) -> Ground {
        let zones: Arc<[Zone]> = zones(guest).into();
        Ground { touches: Touches::new(&zones).into(), zones, guest: guest.clone() }
    }

    /// Whether it is that of this guest, too.
    pub(super) fn is_that_of(&self, guest: &GuestConfig) -> bool {
        let (own, other) = (&self.guest.workloads, &guest.workloads);
        (self.guest.memory, self.guest.zero) == (guest.memory, guest.zero)
            && own.len() == other.len()
            && own.iter().zip(other).all(|(own, other)| lies_alike(own, other))
    }
}

/// Whether two workloads write the same pages in the same order. What a write changes is a mean by rates, unless every write
/// changes the whole page.
fn lies_alike(one: &Workload, other: &Workload) -> bool {
    (one.offset, one.region) == (other.offset, other.region)
        && (one.rate == other.rate || (one.changed == Share::ALL && one.rate.0 > 0.0 && other.rate.0 > 0.0))
        && one.changed == other.changed
        && one.law == other.law
}
