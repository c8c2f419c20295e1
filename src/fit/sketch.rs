//! A scenario that was not named: what was measured, and what most have.

use crate::compare::Trace;
use crate::qemu::Version;
use crate::scenario::Scenario;
use crate::units::{Bytes, Rate};

/// Release that is taken.
pub(super) const VERSION: Version = Version::new(8, 2);

/// Guests that a scenario may have [bytes].
const SMALLEST: Bytes = Bytes(1 << 20);
const LARGEST: Bytes = Bytes(64 << 40);

/// A guest without a writer, and QEMU with its own defaults.
pub(super) fn scenario(memory: Bytes, vcpus: u32, link: Rate) -> Scenario {
    let mut scenario = Scenario::new(memory, link, VERSION);
    scenario.guest.vcpus = vcpus;
    scenario
}

/// What the statistics of a migration tell of its scenario; `None` if not even the RAM.
///
/// Whether a limit or the link held the stream back does not show: the link is taken to have.
pub(super) fn of(trace: &Trace) -> Option<Scenario> {
    let memory = trace.memory.filter(|memory| (SMALLEST..=LARGEST).contains(memory))?;
    let link = trace.timeline.rows.iter().map(|row| row.bandwidth).fold(1.0, f64::max);
    let mut scenario = scenario(memory, 1, Rate(link as u64));
    scenario.qemu.params.max_bandwidth = Rate(0);
    scenario.qemu.capabilities.auto_converge = trace.measured.throttle_max_pct > 0.0;
    Some(scenario)
}
