//! The client's clock.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::units::Span;

/// Time as the client sees it.
pub trait ClientClock {
    /// It is zero now.
    fn restart(&mut self);
    /// Since then.
    fn now(&self) -> Span;
    /// Waits until then, or until `stop` is set.
    fn wait_until(&mut self, at: Span, stop: &AtomicBool);
}

/// The clock on the wall.
pub struct RealClock(Instant);

impl Default for RealClock {
    fn default() -> RealClock {
        RealClock(Instant::now())
    }
}

impl ClientClock for RealClock {
    fn restart(&mut self) {
        self.0 = Instant::now();
    }

    fn now(&self) -> Span {
        span(self.0.elapsed())
    }

    fn wait_until(&mut self, at: Span, stop: &AtomicBool) {
        // Short sleeps, so that Ctrl-C is heard at once.
        const NAP: Duration = Duration::from_millis(20);
        while !stop.load(Ordering::Relaxed) {
            let left = at.0.saturating_sub(self.now().0);
            if left == 0 {
                return;
            }
            std::thread::sleep(NAP.min(Duration::from_nanos(left)));
        }
    }
}

/// A length of real time; after 584 years it is no longer counted.
pub(super) fn span(duration: Duration) -> Span {
    Span(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX))
}
