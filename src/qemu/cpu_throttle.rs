//! Timing of the percentage throttle (qemu-precopy 5).

use super::{Ramp, TIMER_SLACK};
use crate::units::{Duty, Span, Time};

/// Run time between two throttle sleeps at any percentage [ns].
const SLICE_NS: f64 = 10_000_000.0;

/// Sleep of a vCPU after each tick at `pct` per cent (1..=99).
///
/// From 4.2 on the ns count is rounded up by one; before, it was cut to whole µs.
pub fn sleep(pct: u8, ramp: Ramp) -> Span {
    let share = f64::from(pct) / 100.0;
    let ns = share / (1.0 - share) * SLICE_NS;
    if ramp.interruptible { Span((ns + 1.0) as u64) } else { Span(ns as u64 / 1000 * 1000) }
}

/// From one tick of the throttle timer to the next at `pct` per cent (1..=99).
pub fn period(pct: u8) -> Span {
    Span((SLICE_NS / (1.0 - f64::from(pct) / 100.0)) as u64)
}

/// The pattern of sleep and run after the percentage is set to `pct` at `now`, while `old` was in force.
///
/// From 6.0 on a running timer is left alone, so the new percentage begins with its next tick, and the very first
/// tick comes at once. Up to 5.2 every setting puts the next tick 10 ms into the future; a vCPU that still sleeps
/// by then is passed over until the tick after. Each tick re-arms the timer from its own, late, time, and each sleep
/// ends late, by [`TIMER_SLACK`].
pub fn set(pct: u8, ramp: Ramp, old: &Duty, now: Time) -> Duty {
    let asleep_until = old.asleep(now).unwrap_or(now);
    let period = period(pct) + TIMER_SLACK;
    let mut anchor = match (ramp.keeps_timer, old.anchor) {
        (true, Time::NEVER) => now,
        (true, _) => old.next_tick(now),
        (false, _) => now + Span(SLICE_NS as u64),
    };
    while anchor < asleep_until {
        anchor += period;
    }
    Duty { from: now, asleep_until, anchor, period, sleep: sleep(pct, ramp) + TIMER_SLACK }
}
