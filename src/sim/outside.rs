//! What happens to a migration from outside its own loop, and when.

use crate::link::Link;
use crate::units::{Rate, Time};

/// Something that happens outside.
pub(super) enum Event {
    /// The link's bandwidth changes.
    LinkChange(Rate),
    /// The timer of the periodic sync fires.
    Tick,
    /// The run's time is up.
    Limit,
}

/// The calendar. A migration has at most one event of each kind ahead, so it is three instants; events at the same
/// instant are taken in the order link, tick, limit.
pub(super) struct Outside {
    link: Time,
    tick: Time,
    limit: Time,
    next: Time,
}

impl Outside {
    pub(super) fn new(link: &Link, limit: Time) -> Outside {
        let (link, limit) = (link.at(Time::ZERO).1, limit.min(Time::LAST));
        Outside { link, tick: Time::NEVER, limit, next: link.min(limit) }
    }

    /// The next event's time.
    pub(super) fn next(&self) -> Time {
        self.next
    }

    /// Takes the next event out.
    pub(super) fn take(&mut self, link: &Link) -> (Time, Event) {
        let at = self.next;
        let event = if at == self.link {
            let (bandwidth, next) = link.at(at);
            self.link = next;
            Event::LinkChange(bandwidth)
        } else if at == self.tick {
            self.tick = Time::NEVER;
            Event::Tick
        } else {
            self.limit = Time::NEVER;
            Event::Limit
        };
        self.settle();
        (at, event)
    }

    /// Sets the timer.
    pub(super) fn set_tick(&mut self, at: Time) {
        self.tick = at;
        self.settle();
    }

    /// The guest stops: its timer stands still, and the end is decided.
    pub(super) fn close(&mut self) {
        (self.tick, self.limit) = (Time::NEVER, Time::NEVER);
        self.settle();
    }

    fn settle(&mut self) {
        self.next = self.link.min(self.tick).min(self.limit);
    }
}
