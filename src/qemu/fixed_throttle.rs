//! The fixed throttle of 1.6 to 2.4 (qemu-precopy 4.4).

use crate::units::{Duty, Span, Time};

/// Sleep that a kick puts on every vCPU; it cannot be interrupted.
const SLEEP: Span = Span::from_ms(30);

/// Least distance of two kicks while pages are being sent: more than 40 whole ms.
const INTERVAL: Span = Span::from_ms(41);

/// The pattern of sleep and run from `now` on, for a sender that is busy for `burst` at the start of every
/// `window`, or all the time where the two are equal.
///
/// Kicks come only while pages are sent: one at the start of a burst and one for each further 41 ms of it.
pub fn pattern(now: Time, burst: Span, window: Span) -> Duty {
    let (period, sleep) =
        if burst >= window { (INTERVAL, SLEEP) } else { (window, (SLEEP * (1 + burst.0 / INTERVAL.0))) };
    Duty { from: now, asleep_until: now, anchor: now, period, sleep }
}
