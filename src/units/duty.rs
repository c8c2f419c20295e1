//! The repeating pattern of sleep and run that a throttle imposes on the vCPUs.

use super::{Span, Time};

/// When the vCPUs may run: at `anchor` and every `period` after it they sleep for `sleep`, then run.
///
/// Before `anchor` they run, except until `asleep_until`, the end of a sleep that an earlier pattern began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duty {
    /// Since when this pattern is in force.
    pub from: Time,
    /// End of a sleep begun under the pattern before.
    pub asleep_until: Time,
    /// First tick of this pattern; [`Time::NEVER`] for no throttle.
    pub anchor: Time,
    /// From tick to tick [ns].
    pub period: Span,
    /// Sleep after each tick [ns], shorter than `period`.
    pub sleep: Span,
}

impl Duty {
    /// No throttle.
    pub const FREE: Duty =
        Duty { from: Time::ZERO, asleep_until: Time::ZERO, anchor: Time::NEVER, period: Span(1), sleep: Span::ZERO };

    /// No vCPU runs from `now` on, until another pattern is put in force.
    pub fn halted(now: Time) -> Duty {
        Duty { from: now, asleep_until: Time::NEVER, ..Duty::FREE }
    }

    /// Whether no vCPU runs at all.
    pub fn is_halted(&self) -> bool {
        self.asleep_until == Time::NEVER
    }

    /// The tick at or before `now`, if there was one yet.
    fn last_tick(&self, now: Time) -> Option<Time> {
        (now >= self.anchor).then(|| {
            let since = now.since(self.anchor).0;
            Time(now.0 - since % self.period.0)
        })
    }

    /// The first tick at or after `now`.
    pub fn next_tick(&self, now: Time) -> Time {
        match self.last_tick(now) {
            None => self.anchor,
            Some(tick) if tick == now => tick,
            Some(tick) => tick + self.period,
        }
    }

    /// End of the sleep that the vCPUs are in at `now`; `None` when they run.
    pub fn asleep(&self, now: Time) -> Option<Time> {
        let until = match self.last_tick(now) {
            None => self.asleep_until,
            Some(tick) => tick + self.sleep,
        };
        (now < until).then_some(until)
    }

    /// This pattern from `now` on, for an observer who saw nothing of it before.
    pub fn seen_from(&self, now: Time) -> Duty {
        match self.last_tick(now) {
            None => Duty { from: now, ..*self },
            Some(tick) => {
                let anchor = if tick == now { tick } else { tick + self.period };
                Duty { from: now, asleep_until: self.asleep(now).unwrap_or(now), anchor, ..*self }
            }
        }
    }

    /// Share of time that the vCPUs run in the long term [0..=1].
    pub fn run_share(&self) -> f64 {
        if self.asleep_until == Time::NEVER {
            0.0
        } else if self.anchor == Time::NEVER {
            1.0
        } else {
            1.0 - self.sleep.0 as f64 / self.period.0 as f64
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sleeps_first_then_runs() {
        let duty = Duty { from: Time(0), asleep_until: Time(3), anchor: Time(10), period: Span(20), sleep: Span(15) };
        for (now, asleep) in
            [(0, Some(3)), (3, None), (9, None), (10, Some(25)), (24, Some(25)), (25, None), (30, Some(45))]
        {
            assert_eq!(duty.asleep(Time(now)), asleep.map(Time), "at {now}");
        }
        assert_eq!(duty.next_tick(Time(10)), Time(10));
        assert_eq!(duty.next_tick(Time(11)), Time(30));
        assert_eq!(Duty::FREE.asleep(Time(1 << 60)), None);
    }
}
