//! `kind = "ganeti"`: hypervisor parameters.

use crate::orchestrator::ganeti::Ganeti;
use crate::orchestrator::{Policy, Stack};

use super::{Section, on, set, whole};

pub(super) fn read(section: &mut Section) -> (Policy, Stack) {
    let mut ganeti = Ganeti::default();
    set(&mut ganeti.migration_downtime, whole(section, "migration_downtime", 1));
    set(&mut ganeti.migration_bandwidth, whole(section, "migration_bandwidth", 1));
    set(&mut ganeti.migration_downtime_max, whole(section, "migration_downtime_max", 0));
    let threshold = section.raw("migration_cancel_threshold").map(|node| node.place.clone());
    set(&mut ganeti.migration_cancel_threshold, whole(section, "migration_cancel_threshold", 0));
    if let Some(place) = threshold.filter(|_| (1..=100).contains(&ganeti.migration_cancel_threshold)) {
        let title = "`orchestrator.migration_cancel_threshold` is too low";
        let label = "would cancel before the memory was sent once";
        section.faults.error(&place, title, label).help("write 0 for never, or more than 100");
    }
    ganeti.postcopy = on(section, "postcopy");
    (ganeti.policy(), ganeti.stack())
}
