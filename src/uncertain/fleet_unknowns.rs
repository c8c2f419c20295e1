//! All that is not known of the guests of a fleet.

use std::collections::BTreeMap;

use super::Unknowns;
use crate::scenario::{Draft, Fleet, Input};

/// What is not known of the guests of a fleet.
#[derive(Clone, Debug, Default)]
pub struct FleetUnknowns {
    /// For each entry of the file of whose guests something is not known.
    entries: BTreeMap<usize, (Draft, Unknowns)>,
}

impl FleetUnknowns {
    /// Of a fleet as it was read from the input.
    pub fn of(input: &Input, fleet: &Fleet) -> FleetUnknowns {
        let mut entries = BTreeMap::new();
        let mut seen = None;
        for guest in &fleet.guests {
            // Guests of one entry are alike, and follow each other.
            if seen.replace(guest.entry) == Some(guest.entry) {
                continue;
            }
            if let Ok(draft) = input.clone().of_guest(guest.entry).draft() {
                let unknowns = Unknowns::of(&draft, &guest.scenario.guest.uncertainty);
                if !unknowns.is_empty() {
                    entries.insert(guest.entry, (draft, unknowns));
                }
            }
        }
        FleetUnknowns { entries }
    }

    /// How many guests are not known exactly.
    pub fn guests(&self, fleet: &Fleet) -> usize {
        fleet.guests.iter().filter(|guest| self.entries.contains_key(&guest.entry)).count()
    }

    /// The fleet as it may be in one of many drains, which the seed draws, each guest apart.
    pub fn possible(&self, fleet: &Fleet, seed: u64) -> Fleet {
        let mut possible = fleet.clone();
        for (index, guest) in possible.guests.iter_mut().enumerate() {
            if let Some((draft, unknowns)) = self.entries.get(&guest.entry) {
                let drawn = unknowns.possible(draft, &[], &guest.scenario, Fleet::seed_of(seed, index)).guest.clone();
                // The rest of a guest's scenario may have come from a scheduler, which its entry does not name.
                guest.scenario.guest = drawn;
            }
        }
        possible
    }
}
