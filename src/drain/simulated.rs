//! The guests of a drain on a simulated link.

use super::dispatch::GuestCarrier;
use super::queue::GuestTried;
use super::{Attempt, DrainHost};
use crate::scenario::Scenario;
use crate::sim::shared::Shared;
use crate::units::Time;

/// A host's guests, and the link that they share, until a horizon.
pub(super) struct SimulatedGuests<'a> {
    host: &'a DrainHost,
    scenarios: &'a [Scenario],
    horizon: Time,
    shared: Shared<'a>,
    attempts: Vec<Attempt>,
    /// Who is under way, and at which attempt.
    on_the_way: Vec<(usize, u32)>,
}

impl<'a> SimulatedGuests<'a> {
    pub(super) fn new(host: &'a DrainHost, scenarios: &'a [Scenario], horizon: Time) -> SimulatedGuests<'a> {
        let shared = Shared::new(host.link(), &host.options);
        SimulatedGuests { host, scenarios, horizon, shared, attempts: Vec::new(), on_the_way: Vec::new() }
    }

    /// The migrations that are over, and who is under way.
    pub(super) fn finish(self) -> (Vec<Attempt>, Vec<usize>) {
        (self.attempts, self.on_the_way.into_iter().map(|(guest, _)| guest).collect())
    }
}

impl GuestCarrier for SimulatedGuests<'_> {
    fn now(&self) -> Time {
        self.shared.now()
    }

    fn under_way(&self) -> usize {
        self.on_the_way.len()
    }

    fn is_given_up(&self) -> bool {
        self.now() >= self.horizon
    }

    fn start(&mut self, guest: usize, number: u32) {
        self.shared.start(guest, self.scenarios[guest].trusted(), self.host.seed_of(guest));
        self.on_the_way.push((guest, number));
    }

    fn advance(&mut self, until: Time) -> Vec<GuestTried> {
        let finished = self.shared.advance(until.min(self.horizon));
        let before = self.attempts.len();
        for finished in finished {
            let number =
                self.on_the_way.iter().find(|(guest, _)| *guest == finished.id).map_or(1, |(_, number)| *number);
            self.on_the_way.retain(|(guest, _)| *guest != finished.id);
            self.attempts.push(Attempt::new(finished, number));
        }
        self.attempts[before..].iter().map(Attempt::tried).collect()
    }
}
