//! A host with its guests: what `precopy drain` reads.

use precopy::drain::{self, DrainHost};
use precopy::scenario::{Input, LoadedFleet};
use precopy::sim::Options;

use super::{migrate, outside, settle, text};

/// Guests of a host that is emptied, too.
const FEW: usize = 4;

/// Reads the bytes as a fleet in TOML and in CSV, and empties a small host.
pub fn look(data: &[u8]) {
    let Some(text) = text(data) else { return };
    read("fleet.toml", text, &[]);
    read("fleet.csv", text, &["link.bandwidth=10 Gbit/s".to_owned()]);
}

fn read(name: &str, text: &str, sets: &[String]) {
    let Ok(input) = Input::new(name, text, sets) else { return };
    let input = outside::nowhere(input);
    let loaded = input.load_fleet().map(|LoadedFleet { fleet, warnings }| (fleet, warnings));
    let Some(mut fleet) = settle(&input, loaded) else { return };
    assert!(!fleet.guests.is_empty());
    let is_small = fleet.guests.len() <= FEW && fleet.guests.iter().all(|guest| migrate::is_small(&guest.scenario));
    if !is_small {
        return;
    }
    fleet.guests.iter_mut().for_each(|guest| migrate::bound(&mut guest.scenario));
    let host = DrainHost::new(&fleet, &Options::default()).unwrap();
    let timetable = drain::drain(&host, &host.plan());
    if let Some((longest, sum)) = timetable.downtime_ms() {
        assert!(longest >= 0.0 && sum >= longest, "{longest} of {sum}");
    }
}
