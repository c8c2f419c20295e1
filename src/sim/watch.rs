//! What somebody outside sees of a run while it lasts, and can say to it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::units::Time;

/// How far a run is, and whether it is to end.
///
/// A run that nobody stops gives the same result with a watch as without one. Of several runs that share a watch each
/// ends when it is stopped, and the time is that of whichever looked last.
#[derive(Debug, Default)]
pub struct Watch {
    stop: Arc<AtomicBool>,
    now: AtomicU64,
}

impl Watch {
    /// A watch that is stopped by a flag, such as that of a signal.
    pub fn new(stop: Arc<AtomicBool>) -> Watch {
        Watch { stop, now: AtomicU64::new(0) }
    }

    /// Whether runs are to end, and their outcomes to be thrown away.
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Simulated time of the run, as it was told last.
    pub fn now(&self) -> Time {
        Time(self.now.load(Ordering::Relaxed))
    }

    /// The flag that stops runs.
    pub fn flag(&self) -> &Arc<AtomicBool> {
        &self.stop
    }

    /// Says how far a run is; whether it is to end.
    pub(super) fn reaches(&self, now: Time) -> bool {
        self.now.store(now.0, Ordering::Relaxed);
        self.is_stopped()
    }
}
