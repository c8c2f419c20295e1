//! The five-second sync of 9.2 and later, with auto-converge (qemu-precopy 4.5).

use crate::units::Span;

/// From the start of the migration thread to the first tick, and from one tick to the next.
pub const INTERVAL: Span = Span::from_ms(5000);

/// The timer's memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PeriodicSync {
    seen: u64,
}

impl PeriodicSync {
    /// Whether this tick must sync: the first pass is over, and no sync came since the last tick.
    pub fn wants_sync(&self, sync_count: u64) -> bool {
        sync_count > 1 && sync_count == self.seen
    }

    /// Ends the tick; `sync_count` includes the sync that it may have made.
    pub fn end_tick(&mut self, sync_count: u64) {
        self.seen = sync_count;
    }
}
