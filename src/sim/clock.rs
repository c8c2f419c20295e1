//! Simulated time of one migration, and what lies ahead of it.

use super::event_queue::{EventQueue, OutsideEvent};
use crate::units::{Span, Time};

/// The clock: time passes here alone, and events from outside the loop are met on the way.
#[derive(Clone)]
pub(super) struct Clock {
    now: Time,
    /// Windows are not jumped over beyond this moment: what is there is not settled yet.
    horizon: Time,
    queue: EventQueue,
    met: u64,
}

impl Clock {
    /// A clock at zero, with the events that are known to lie ahead.
    pub(super) fn new(queue: EventQueue) -> Clock {
        Clock { now: Time::ZERO, horizon: Time::NEVER, queue, met: 0 }
    }

    #[inline]
    pub(super) fn now(&self) -> Time {
        self.now
    }

    /// Since the migration began.
    pub(super) fn elapsed(&self) -> Span {
        self.now - Time::ZERO
    }

    /// Events met so far: as long as this count does not change, nothing came from outside.
    #[inline]
    pub(super) fn met(&self) -> u64 {
        self.met
    }

    /// When the next event comes; [`Time::NEVER`] if none is ahead.
    #[inline]
    pub(super) fn next(&self) -> Time {
        self.queue.next()
    }

    /// When the event of this kind comes; [`Time::NEVER`] if none is ahead.
    pub(super) fn due(&self, event: OutsideEvent) -> Time {
        self.queue.due(event)
    }

    /// Puts the event of this kind at `at`, in place of the one that was ahead.
    pub(super) fn set(&mut self, event: OutsideEvent, at: Time) {
        self.queue.set(event, at);
    }

    /// The guest stops: only the link still matters.
    pub(super) fn close(&mut self) {
        self.queue.close();
    }

    /// Lets time pass up to `until`, or to the next event before it, which comes back with its own time.
    ///
    /// That time may be past: a sync that a tick starts may last beyond the next event.
    #[inline]
    pub(super) fn meet(&mut self, until: Time) -> Option<(Time, OutsideEvent)> {
        if self.queue.next() > until.min(Time::LAST) {
            self.now = self.now.max(until);
            return None;
        }
        let (at, event) = self.queue.take();
        self.now = self.now.max(at);
        self.met += 1;
        Some((at, event))
    }

    /// Up to when time may be jumped over: the next event, or what is not settled yet.
    pub(super) fn jumps_until(&self) -> Time {
        self.queue.next().min(self.horizon)
    }

    /// Jumps over time without any event, not beyond [`jumps_until`](Self::jumps_until).
    pub(super) fn jump(&mut self, span: Span) {
        self.now += span;
        debug_assert!(self.now <= self.jumps_until());
    }

    /// Up to when time may be filled with what was before: the next event but a tick, or what is not settled yet.
    pub(super) fn repeats_until(&self) -> Time {
        self.queue.next_but_ticks().min(self.horizon)
    }

    /// Fills time with what was before, ticks among it, not beyond [`repeats_until`](Self::repeats_until): the next tick is as far
    /// away then as it was.
    pub(super) fn repeat(&mut self, span: Span) {
        self.now += span;
        let tick = self.queue.due(OutsideEvent::Tick);
        if tick != Time::NEVER {
            self.queue.set(OutsideEvent::Tick, tick + span);
        }
        debug_assert!(self.now <= self.repeats_until());
    }

    pub(super) fn set_horizon(&mut self, horizon: Time) {
        self.horizon = horizon;
    }
}
