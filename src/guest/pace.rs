//! How much work a writer gets done while a throttle lets it run only part of the time.

use crate::units::{Duty, Span, Time, real};

/// A writer's appetite, in work units (page writes, or seconds of CPU for a workload that writes nothing).
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// Work asked for [units/ns of wall time].
    demand: f64,
    /// Work done while it has a CPU and is behind [units/ns of run time]; at least `demand`.
    capacity: f64,
    /// Most work that is kept for later when the writer falls behind [units].
    backlog_limit: f64,
}

/// Work done and work held back at one instant.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct WorkProgress {
    /// Work done since the start [units].
    pub done: f64,
    /// Work that is due and will still be made up for [units].
    pub backlog: f64,
}

impl Pace {
    /// This writer while it asks for `factor` times its rate; its capacity and its patience stay.
    pub(super) fn scaled(self, factor: f64) -> Pace {
        let demand = self.demand * factor;
        Pace { demand, capacity: self.capacity.max(demand), backlog_limit: self.backlog_limit }
    }

    /// A writer that asks for `rate` units a second and keeps its CPU busy for `cpu` (0..=1] of the time then.
    ///
    /// With `cpu` at 1 each lost CPU cycle costs work. With less, the writer has slack: after a sleep it catches up
    /// at `rate / cpu`, as far as `catch_up` lets it (`None`: with everything it missed).
    pub(super) fn new(rate: f64, cpu: f64, catch_up: Option<Span>) -> Pace {
        let demand = rate / 1e9;
        let backlog_limit = catch_up.map_or(f64::INFINITY, |span| demand * span.0 as f64);
        Pace { demand, capacity: demand / cpu, backlog_limit }
    }

    /// Work asked for within `span` [units].
    pub(super) fn asked(&self, span: Span) -> f64 {
        self.demand * real(span.0)
    }

    /// How long so much work takes to be asked for [ns]; nothing takes no time.
    pub(super) fn time_for(&self, work: f64) -> f64 {
        if work > 0.0 { work / self.demand } else { 0.0 }
    }

    fn sleep(&self, p: WorkProgress, span: Span) -> WorkProgress {
        WorkProgress { done: p.done, backlog: (p.backlog + self.asked(span)).min(self.backlog_limit) }
    }

    fn run(&self, p: WorkProgress, span: Span) -> WorkProgress {
        let spare = self.capacity - self.demand;
        let ns = real(span.0);
        if spare * ns >= p.backlog {
            WorkProgress { done: p.done + p.backlog + self.demand * ns, backlog: 0.0 }
        } else {
            WorkProgress { done: p.done + self.capacity * ns, backlog: p.backlog - spare * ns }
        }
    }

    /// `count` whole periods of sleep and run, in closed form.
    ///
    /// The backlog after a period is a straight line of the one before, cut off at zero and at the limit. So it moves
    /// by the same amount until it meets a cut, a few periods are walked around that point, and from there on each
    /// period is like the one before.
    fn periods(&self, mut p: WorkProgress, duty: &Duty, mut count: u64) -> WorkProgress {
        let run = duty.period - duty.sleep;
        let (grown, served) = (self.asked(duty.sleep), self.capacity * run.0 as f64);
        let change = grown - (self.capacity - self.demand) * run.0 as f64;
        let room = if change > 0.0 { self.backlog_limit - grown - p.backlog } else { p.backlog };
        let free = if change == 0.0 { 0.0 } else { room / change.abs() - 1.0 };
        if free >= 1.0 {
            let n = if free < count as f64 { free as u64 } else { count };
            p = WorkProgress { done: p.done + served * n as f64, backlog: p.backlog + change * n as f64 };
            count -= n;
        }
        for _ in 0..4 {
            if count == 0 {
                return p;
            }
            let before = p;
            p = self.run(self.sleep(p, duty.sleep), run);
            count -= 1;
            if p.backlog == before.backlog {
                break;
            }
        }
        let before = p;
        p = self.run(self.sleep(p, duty.sleep), run);
        WorkProgress { done: before.done + (p.done - before.done) * count as f64, backlog: before.backlog }
    }

    /// Progress at `now`, from `start` at `duty.from` on.
    #[inline]
    pub(super) fn at(&self, start: WorkProgress, duty: &Duty, now: Time) -> WorkProgress {
        if duty.anchor == Time::NEVER && duty.asleep_until <= duty.from && start.backlog == 0.0 {
            return WorkProgress { done: start.done + self.asked(now - duty.from), backlog: 0.0 };
        }
        self.at_under_throttle(start, duty, now)
    }

    /// Progress of a writer that sleeps, or has slept and makes up for it; few calls come here.
    #[inline(never)]
    fn at_under_throttle(&self, start: WorkProgress, duty: &Duty, now: Time) -> WorkProgress {
        let head = now.min(duty.anchor);
        let wake = duty.asleep_until.max(duty.from).min(head);
        let mut p = self.run(self.sleep(start, wake - duty.from), head - wake);
        if now > duty.anchor {
            let since = now - duty.anchor;
            p = self.periods(p, duty, since.0 / duty.period.0);
            let rest = Span(since.0 % duty.period.0);
            let slept = rest.min(duty.sleep);
            p = self.run(self.sleep(p, slept), rest - slept);
        }
        p
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    fn duty(period_ms: u64, sleep_ms: u64) -> Duty {
        Duty { anchor: Time(0), period: Span::from_ms(period_ms), sleep: Span::from_ms(sleep_ms), ..Duty::FREE }
    }

    fn done(pace: &Pace, duty: &Duty, ms: u64) -> f64 {
        pace.at(WorkProgress::default(), duty, Time(ms * MS)).done
    }

    #[test]
    fn a_busy_writer_loses_in_step_with_the_throttle() {
        let pace = Pace::new(1000.0, 1.0, None);
        assert!((done(&pace, &Duty::FREE, 10_000) - 10_000.0).abs() < 1e-6);
        assert!((done(&pace, &duty(20, 10), 10_000) - 5_000.0).abs() < 1e-6);
        assert!((done(&pace, &duty(1000, 990), 10_000) - 100.0).abs() < 1e-6);
    }

    #[test]
    fn a_halted_guest_does_nothing() {
        let pace = Pace::new(1000.0, 1.0, None);
        assert_eq!(done(&pace, &Duty::halted(Time(0)), 10_000), 0.0);
    }

    #[test]
    fn slack_absorbs_sleep_until_the_cpu_is_too_short() {
        let pace = Pace::new(1000.0, 0.1, None);
        assert!((done(&pace, &duty(20, 10), 10_000) - 10_000.0).abs() < 1e-6, "half a CPU is five times enough");
        assert!((done(&pace, &duty(1000, 990), 100_000) - 10_000.0).abs() < 1e-6, "10 ms a second at full speed");
    }

    #[test]
    fn work_that_is_not_made_up_for_is_lost() {
        let pace = Pace::new(1000.0, 0.1, Some(Span::ZERO));
        assert!((done(&pace, &duty(20, 10), 10_000) - 5_000.0).abs() < 1e-6);
        let some = Pace::new(1000.0, 0.01, Some(Span::from_ms(100)));
        assert!((done(&some, &duty(1000, 990), 100_000) - 100.0 * 110.0).abs() < 1e-6, "100 ms of backlog and 10 ms");
    }

    #[test]
    fn whole_periods_at_once_equal_one_after_the_other() {
        for (cpu, catch_up, period, sleep) in
            [(0.3, None, 100, 90), (0.3, Some(500), 100, 90), (0.05, Some(2000), 100, 90), (0.9, Some(70), 20, 10)]
        {
            let pace = Pace::new(12_345.0, cpu, catch_up.map(Span::from_ms));
            let duty = duty(period, sleep);
            let run = duty.period - duty.sleep;
            let mut walked = WorkProgress { done: 0.0, backlog: 700.0 };
            let start = walked;
            for k in 0..200 {
                let jumped = pace.periods(start, &duty, k);
                assert!((jumped.done - walked.done).abs() < 1e-6 * (1.0 + walked.done), "cpu {cpu}, period {k}");
                walked = pace.run(pace.sleep(walked, duty.sleep), run);
            }
        }
    }
}
