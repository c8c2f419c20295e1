//! Whether it hangs on a constant of the host, which nobody measured, how many guests leave.

use rayon::prelude::*;

use crate::qemu::{HOST_CONSTANTS, HostConstant};
use crate::scenario::Fleet;
use crate::sim::Options;

use super::{DrainHost, MOST_GUESTS, Timetable, drain};

/// A constant of the host at whose published ends another number of guests leaves.
#[derive(Clone, Debug, PartialEq)]
pub struct FleetHinge {
    /// The constant.
    pub constant: &'static HostConstant,
    /// The end of its range.
    pub value: &'static str,
    /// Guests that leave there.
    pub moved: usize,
    /// Guests that leave with what was taken.
    pub moved_now: usize,
}

impl FleetHinge {
    /// All constants that some guest leaves open and on which it hangs how many leave, in the order of [`HOST_CONSTANTS`].
    /// `with` is the fleet with a key set, as `--set` takes it, which guests of their own hosts keep. None for a large fleet.
    pub fn all(
        fleet: &Fleet,
        now: &Timetable,
        options: &Options,
        with: &(dyn Fn(&str) -> Option<Fleet> + Sync),
    ) -> Vec<FleetHinge> {
        if fleet.guests.len() > MOST_GUESTS {
            return Vec::new();
        }
        let options = Options { watch: None, timeline: false, ..options.clone() };
        let moved = |timetable: &Timetable| fleet.guests.len() - timetable.stay.len();
        let moved_now = moved(now);
        let is_open = |constant: &&HostConstant| {
            let mut open = fleet.guests.iter().flat_map(|guest| &guest.scenario.assumed);
            open.any(|open| open.is_said_by(constant.key))
        };
        let ends: Vec<(&'static HostConstant, &'static str)> = HOST_CONSTANTS
            .iter()
            .filter(is_open)
            .flat_map(|constant| [(constant, constant.range.0), (constant, constant.range.1)])
            .collect();
        let at = |(constant, value): &(&'static HostConstant, &'static str)| {
            let host = DrainHost::new(&with(&format!("{}={value}", constant.key))?, &options).ok()?;
            let moved = moved(&drain(&host, &host.plan()));
            (moved != moved_now).then_some(FleetHinge { constant, value, moved, moved_now })
        };
        ends.par_iter().filter_map(at).collect()
    }
}
