//! A migration on the link's clock.

use super::super::{Memory, Options, exact, expected};
use super::Finished;
use super::lane::{Lane, Running};
use crate::link::Link;
use crate::scenario::Scenario;
use crate::units::{Rate, Time};

/// A migration that is asked for.
pub(super) struct Coming<'a> {
    /// The caller's own.
    pub id: usize,
    /// The links that it goes over.
    pub path: Vec<usize>,
    /// Of its link only the latency counts.
    pub scenario: &'a Scenario,
    /// The root of its random streams.
    pub seed: u64,
}

/// A migration on a link, since it was started.
pub(super) struct Active<'a> {
    /// The caller's own.
    id: usize,
    /// The links that it goes over.
    path: Vec<usize>,
    start: Time,
    lane: Box<dyn Lane + Send + 'a>,
    shares: Vec<(Time, Rate)>,
}

impl<'a> Active<'a> {
    /// Starts one now; it sends nothing before it has a share.
    pub(super) fn new(coming: Coming<'a>, now: Time, links: &[&Link], options: &Options) -> Active<'a> {
        let Coming { id, path, scenario, seed } = coming;
        // What comes after the next start or end is not known.
        let options = Options { seed, jump: false, ..options.clone() };
        let of_path = || path.iter().map(|link| links[*link]);
        let fails_at = of_path().filter_map(|link| link.fails_at).filter(|at| *at > now).min();
        let fails_at = fails_at.map(|at| Time::ZERO + (at - now));
        let share = of_path().map(|link| link.at(now).0).min().unwrap_or_default();
        let lane: Box<dyn Lane + Send + 'a> = match options.memory {
            Memory::Expected => Box::new(Running::new(scenario, share, fails_at, &options, expected(scenario))),
            Memory::Exact => Box::new(Running::new(scenario, share, fails_at, &options, exact(scenario, &options))),
        };
        Active { id, path, start: now, lane, shares: Vec::new() }
    }

    /// The links that it goes over.
    pub(super) fn path(&self) -> &[usize] {
        &self.path
    }

    /// The moment before which nothing comes of it that others would feel, and whether it ends then.
    pub(super) fn place(&self) -> (Time, bool) {
        (self.start + (self.lane.quiet_until() - Time::ZERO), self.lane.has_ended())
    }

    /// Goes on to where it may be felt, as long as nobody else is before `horizon`.
    pub(super) fn go(&mut self, horizon: Time) {
        let horizon = if horizon == Time::NEVER { horizon } else { self.own(horizon) };
        self.lane.go(horizon);
    }

    /// Its share now; nothing before it has one.
    pub(super) fn share(&self) -> Rate {
        self.shares.last().map_or(Rate(0), |step| step.1)
    }

    /// Gives it another share from `at` on; whether its place is another one now, as its first always is.
    pub(super) fn share_from(&mut self, at: Time, share: Rate) -> bool {
        let at = self.own(at);
        let before = self.lane.quiet_until();
        self.lane.share_from(at, share);
        self.shares.push((at, share));
        self.shares.len() == 1 || self.lane.quiet_until() != before
    }

    /// Whether its share can no longer be changed at `at`.
    pub(super) fn is_settled(&self, at: Time) -> bool {
        self.lane.is_settled(self.own(at))
    }

    /// What it could use of a link [bytes/s].
    pub(super) fn cap(&self, link: Rate) -> Rate {
        self.lane.cap(link)
    }

    /// Turns of its loop so far, with those that were rolled back.
    pub(super) fn turns(&self) -> u64 {
        self.lane.turns()
    }

    /// A moment of the link on its own clock.
    fn own(&self, at: Time) -> Time {
        Time::ZERO + (at - self.start)
    }

    /// Sums it up.
    pub(super) fn finish(self) -> Finished {
        let (end, _) = self.place();
        let (outcome, timeline) = self.lane.finish();
        Finished { id: self.id, start: self.start, end, outcome, timeline, shares: self.shares }
    }
}
