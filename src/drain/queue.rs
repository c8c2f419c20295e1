//! Who waits for a slot.

use crate::orchestrator::scheduler::Scheduler;
use crate::units::Time;

/// The guests that are still to be migrated, first to last.
pub(super) struct Queue<'a> {
    scheduler: &'a Scheduler,
    waiting: Vec<Waiting>,
}

/// A migration that is over, for the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuestTried {
    /// Index of the guest.
    pub guest: usize,
    /// How often this guest was tried, from 1.
    pub number: u32,
    /// When it was over.
    pub end: Time,
    /// Whether the guest has left the host.
    pub is_gone: bool,
}

#[derive(Clone, Copy)]
struct Waiting {
    guest: usize,
    /// Not to be started before.
    from: Time,
}

impl<'a> Queue<'a> {
    /// Of guests that may all be started from then on.
    pub(super) fn new(scheduler: &'a Scheduler, guests: impl IntoIterator<Item = usize>, from: Time) -> Queue<'a> {
        Queue { scheduler, waiting: guests.into_iter().map(|guest| Waiting { guest, from }).collect() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Those that wait, first to last.
    pub(super) fn guests(&self) -> impl Iterator<Item = usize> {
        self.waiting.iter().map(|waiting| waiting.guest)
    }

    /// Takes out the first that may be started now and for whom there is a place.
    pub(super) fn next<P>(&mut self, now: Time, place: impl Fn(usize) -> Option<P>) -> Option<(usize, P)> {
        if self.seen(now) > now {
            return None;
        }
        let ready = self.waiting.iter().enumerate().filter(|(_, waiting)| waiting.from <= now);
        let (at, place) = ready.filter_map(|(at, waiting)| Some((at, place(waiting.guest)?))).next()?;
        Some((self.waiting.remove(at).guest, place))
    }

    /// When somebody may be started next, later than now; [`Time::NEVER`] if nobody waits for a time.
    pub(super) fn ready_after(&self, now: Time) -> Time {
        let seen = self.waiting.iter().map(|waiting| self.seen(waiting.from.max(now)));
        seen.filter(|seen| *seen > now).min().unwrap_or(Time::NEVER)
    }

    /// When the scheduler looks next, from `at` on.
    fn seen(&self, at: Time) -> Time {
        match self.scheduler.requeue.0 {
            0 => at,
            every => Time(at.0.div_ceil(every).saturating_mul(every)),
        }
    }

    /// A guest that stays comes to the end of the queue, unless it has been tried often enough.
    pub(super) fn ended(&mut self, tried: GuestTried) {
        if !tried.is_gone && tried.number < self.scheduler.attempts {
            let from = tried.end + self.scheduler.wait_after(tried.number);
            self.waiting.push(Waiting { guest: tried.guest, from });
        }
    }
}
