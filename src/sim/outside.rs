//! What happens to a migration from outside its own loop, and when.

use crate::link::Link;
use crate::units::{Rate, Time};

/// Something that happens outside.
pub(super) enum Event {
    /// The link's bandwidth changes.
    LinkChange(Rate),
    /// The rate of a workload changes.
    WorkloadChange,
    /// A command is given: the next of the scenario's list.
    Command,
    /// The connection breaks.
    LinkFailure,
    /// The dirty limiter has measured for a period.
    Measure,
    /// The timer of the periodic sync fires.
    Tick,
    /// The run's time is up.
    Limit,
}

/// The calendar. A migration has at most one event of each kind ahead, so it is three instants; events at the same
/// instant are taken in the order of [`Event`].
pub(super) struct Outside {
    link: Time,
    workload: Time,
    command: Time,
    failure: Time,
    measure: Time,
    tick: Time,
    limit: Time,
    next: Time,
}

impl Outside {
    /// A calendar from the start on, with the first change of a workload at `workload`.
    pub(super) fn new(link: &Link, workload: Time, limit: Time) -> Outside {
        let never = Time::NEVER;
        let (failure, limit) = (link.fails_at.unwrap_or(never), limit.min(Time::LAST));
        let link = link.at(Time::ZERO).1;
        let mut outside =
            Outside { link, workload, command: never, failure, measure: never, tick: never, limit, next: never };
        outside.settle();
        outside
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
        } else if at == self.workload {
            self.workload = Time::NEVER;
            Event::WorkloadChange
        } else if at == self.command {
            self.command = Time::NEVER;
            Event::Command
        } else if at == self.failure {
            self.failure = Time::NEVER;
            Event::LinkFailure
        } else if at == self.measure {
            self.measure = Time::NEVER;
            Event::Measure
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

    /// Sets the next change of a workload.
    pub(super) fn set_workload_change(&mut self, at: Time) {
        self.workload = at;
        self.settle();
    }

    /// Sets the next command.
    pub(super) fn set_command(&mut self, at: Time) {
        self.command = at;
        self.settle();
    }

    /// Sets the end of the dirty limiter's period.
    pub(super) fn set_measure(&mut self, at: Time) {
        self.measure = at;
        self.settle();
    }

    /// Sets the timer.
    pub(super) fn set_tick(&mut self, at: Time) {
        self.tick = at;
        self.settle();
    }

    /// The guest stops: it and its timer stand still, and the end is decided.
    pub(super) fn close(&mut self) {
        let never = Time::NEVER;
        (self.workload, self.command, self.measure, self.tick, self.limit) = (never, never, never, never, never);
        self.settle();
    }

    fn settle(&mut self) {
        self.next = [self.workload, self.command, self.failure, self.measure, self.tick, self.limit]
            .into_iter()
            .fold(self.link, Time::min);
    }
}
