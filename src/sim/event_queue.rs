//! What happens to a migration from outside its own loop, and when.

use crate::link::Link;
use crate::units::Time;

/// Something that happens outside.
#[derive(Clone, Copy)]
pub(super) enum OutsideEvent {
    /// The link's bandwidth changes.
    LinkChange,
    /// The rate of a workload changes.
    WorkloadChange,
    /// A command is given: the next of the scenario's list.
    Command,
    /// The orchestrator looks, or hears of a sync.
    Orchestrator,
    /// The connection breaks.
    LinkFailure,
    /// The dirty limiter has measured for a period.
    Measure,
    /// The timer of the periodic sync fires.
    Tick,
    /// The run's time is up.
    Limit,
}

impl OutsideEvent {
    /// In the order in which events at the same instant are taken.
    const ALL: [OutsideEvent; 8] = [
        OutsideEvent::LinkChange,
        OutsideEvent::WorkloadChange,
        OutsideEvent::Command,
        OutsideEvent::Orchestrator,
        OutsideEvent::LinkFailure,
        OutsideEvent::Measure,
        OutsideEvent::Tick,
        OutsideEvent::Limit,
    ];
}

/// The event queue. A migration has at most one event of each kind ahead, so it is an instant for each.
#[derive(Clone)]
pub(super) struct EventQueue {
    /// By [`OutsideEvent`]; [`Time::NEVER`] where none is ahead.
    due: [Time; OutsideEvent::ALL.len()],
    next: (Time, OutsideEvent),
}

impl EventQueue {
    /// A queue from the start on, with the first change of a workload at `workload`.
    pub(super) fn new(link: &Link, workload: Time, limit: Time) -> EventQueue {
        let mut queue =
            EventQueue { due: [Time::NEVER; OutsideEvent::ALL.len()], next: (Time::NEVER, OutsideEvent::Limit) };
        queue.set(OutsideEvent::LinkChange, link.at(Time::ZERO).1);
        queue.set(OutsideEvent::WorkloadChange, workload);
        queue.set(OutsideEvent::LinkFailure, link.fails_at.unwrap_or(Time::NEVER));
        queue.set(OutsideEvent::Limit, limit.min(Time::LAST));
        queue
    }

    /// The next event's time.
    #[inline]
    pub(super) fn next(&self) -> Time {
        self.next.0
    }

    /// The time of the next event that is no tick.
    pub(super) fn next_but_ticks(&self) -> Time {
        let others = OutsideEvent::ALL.into_iter().filter(|event| !matches!(event, OutsideEvent::Tick));
        others.map(|event| self.due(event)).min().unwrap_or(Time::NEVER)
    }

    /// Takes the next event out.
    #[inline]
    pub(super) fn take(&mut self) -> (Time, OutsideEvent) {
        let next = self.next;
        self.set(next.1, Time::NEVER);
        next
    }

    /// When the event of this kind comes; [`Time::NEVER`] if none is ahead.
    pub(super) fn due(&self, event: OutsideEvent) -> Time {
        self.due[event as usize]
    }

    /// Puts the event of this kind at `at`.
    pub(super) fn set(&mut self, event: OutsideEvent, at: Time) {
        self.due[event as usize] = at;
        self.settle();
    }

    /// The guest stops: it and its timer stand still, and the end is decided. Only the link still matters.
    pub(super) fn close(&mut self) {
        for event in OutsideEvent::ALL
            .into_iter()
            .filter(|event| !matches!(event, OutsideEvent::LinkChange | OutsideEvent::LinkFailure))
        {
            self.due[event as usize] = Time::NEVER;
        }
        self.settle();
    }

    fn settle(&mut self) {
        let earlier = |first: (Time, OutsideEvent), event| {
            let at = self.due[event as usize];
            if at < first.0 { (at, event) } else { first }
        };
        self.next = OutsideEvent::ALL.into_iter().fold((Time::NEVER, OutsideEvent::Limit), earlier);
    }
}
