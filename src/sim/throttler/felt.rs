//! What the throttle did to the guest, summed up.

use crate::units::{Span, Time};

/// Highest, current and accumulated throttling.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::sim) struct FeltThrottle {
    pct: f64,
    max_pct: f64,
    /// Before the last change.
    before: (f64, f64),
    since: Time,
    total: Span,
    over_90: Span,
    longest_sleep: Span,
}

impl FeltThrottle {
    /// The throttle in force [%].
    pub(in crate::sim) fn pct(&self) -> f64 {
        self.pct
    }

    /// The last and the highest percentage that the guest ran under until `stop` [%].
    ///
    /// A change in the very instant of the stop is not among them: the deciding sync may raise the throttle of a
    /// guest that never runs again.
    pub(in crate::sim) fn until_stop(&self, stop: Time) -> (f64, f64) {
        if stop == self.since { self.before } else { (self.pct, self.max_pct) }
    }

    /// Longest sleep at any percentage so far.
    pub(in crate::sim) fn longest_sleep(&self) -> Span {
        self.longest_sleep
    }

    /// The throttle goes to `pct` at `now`, with sleeps of that length.
    pub(super) fn set(&mut self, pct: f64, sleep: Span, now: Time) {
        let (total, over_90) = self.time_until(now);
        *self = FeltThrottle {
            pct,
            max_pct: self.max_pct.max(pct),
            before: (self.pct, self.max_pct),
            since: now,
            total,
            over_90,
            longest_sleep: self.longest_sleep.max(sleep),
        };
    }

    /// Time with any throttle, and with 90 % or more, up to `now`.
    pub(in crate::sim) fn time_until(&self, now: Time) -> (Span, Span) {
        let here = now - self.since;
        let add = |sum: Span, on: bool| if on { sum + here } else { sum };
        (add(self.total, self.pct > 0.0), add(self.over_90, self.pct >= 90.0))
    }
}
