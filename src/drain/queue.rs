//! Who waits for a slot.

use super::{Attempt, DrainPlan};
use crate::orchestrator::scheduler::Scheduler;
use crate::units::{Span, Time};

/// The guests that are still to be migrated, first to last.
pub(super) struct Queue<'a> {
    scheduler: &'a Scheduler,
    waiting: Vec<Waiting>,
}

#[derive(Clone, Copy)]
struct Waiting {
    guest: usize,
    /// Not to be started before.
    from: Time,
}

impl<'a> Queue<'a> {
    pub(super) fn new(scheduler: &'a Scheduler, plan: &DrainPlan) -> Queue<'a> {
        let waiting = plan.sequence.iter().map(|guest| Waiting { guest: *guest, from: Time::ZERO }).collect();
        Queue { scheduler, waiting }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Takes out whoever may be started now.
    pub(super) fn next(&mut self, now: Time) -> Option<usize> {
        if self.seen(now) > now {
            return None;
        }
        let first = self.waiting.iter().position(|waiting| waiting.from <= now)?;
        Some(self.waiting.remove(first).guest)
    }

    /// When somebody may be started next, later than now; [`Time::NEVER`] if nobody waits.
    pub(super) fn ready_after(&self, now: Time) -> Time {
        let from = self.waiting.iter().map(|waiting| waiting.from).min();
        from.map_or(Time::NEVER, |from| self.seen(from.max(now + Span(1))))
    }

    /// When the scheduler looks next, from `at` on.
    fn seen(&self, at: Time) -> Time {
        match self.scheduler.requeue.0 {
            0 => at,
            every => Time(at.0.div_ceil(every).saturating_mul(every)),
        }
    }

    /// A guest that stays comes to the end of the queue, unless it has been tried often enough.
    pub(super) fn ended(&mut self, attempt: &Attempt) {
        if !attempt.is_gone() && attempt.number < self.scheduler.attempts {
            let from = attempt.end + self.scheduler.wait_after(attempt.number);
            self.waiting.push(Waiting { guest: attempt.guest, from });
        }
    }
}
