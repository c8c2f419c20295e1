//! Several migrations on one link.
//!
//! Each goes on by itself, the one that is behind first, with the share that it has now. When one ends, or another is
//! started, the shares change for all; those that have already gone past that moment are taken back to a moment before
//! it. None is ever taken back further than its last stretch: a stretch is begun only by the migration that is behind
//! all others, so nothing can end before it.
//!
//! The result is that of running each migration alone on a link whose bandwidth is its share from moment to moment.

mod lane;

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::{Memory, Options, Outcome, Timeline};
use crate::guest::{Exact, Expected};
use crate::link::{Link, shares};
use crate::scenario::Scenario;
use crate::units::{Rate, Time};
use lane::{Lane, Running};

/// A link, and the migrations on it. Its times are those of the link.
pub struct Shared<'a> {
    link: &'a Link,
    options: Options,
    now: Time,
    /// Asked for since the shares were dealt out last.
    waiting: Vec<(usize, &'a Scenario, u64)>,
    lanes: Vec<Active<'a>>,
    /// Somebody has come or gone.
    changed: bool,
}

struct Active<'a> {
    id: usize,
    start: Time,
    lane: Box<dyn Lane + Send + 'a>,
    shares: Vec<(Time, Rate)>,
}

/// A migration that is over.
#[derive(Debug)]
pub struct Finished {
    /// As it was started.
    pub id: usize,
    /// When.
    pub start: Time,
    /// When it ended.
    pub end: Time,
    /// How.
    pub outcome: Outcome,
    /// What happened when, if that was asked for, from its own start on.
    pub timeline: Timeline,
    /// Its share of the link from each moment of its own time on [bytes/s].
    pub shares: Vec<(Time, Rate)>,
}

impl<'a> Shared<'a> {
    /// A link with nobody on it. It may break, but does not vary by itself: see [`Scenario::drawn`].
    pub fn new(link: &'a Link, options: &Options) -> Shared<'a> {
        let options = options.clone();
        Shared { link, options, now: Time::ZERO, waiting: Vec::new(), lanes: Vec::new(), changed: false }
    }

    /// The moment up to which everything is settled.
    pub fn now(&self) -> Time {
        self.now
    }

    /// Migrations that have been started and are not over.
    pub fn len(&self) -> usize {
        self.lanes.len() + self.waiting.len()
    }

    /// Whether nobody is on the link.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Starts a migration now. Of its scenario's link only the latency counts; `id` is the caller's own.
    pub fn start(&mut self, id: usize, scenario: &'a Scenario, seed: u64) {
        self.waiting.push((id, scenario, seed));
    }

    /// Goes on until a migration ends, or to `until`; all that end in the same instant, in the order of their start.
    pub fn advance(&mut self, until: Time) -> Vec<Finished> {
        loop {
            self.deal();
            let (_, change) = self.link.at(self.now);
            let next = self.run(until.min(change));
            self.now = next;
            self.changed |= next == change;
            let over = self.collect();
            if !over.is_empty() || next >= until {
                return over;
            }
        }
    }

    /// Lets everybody come to the first end, or to `until`; when that was.
    fn run(&mut self, until: Time) -> Time {
        // Who is behind comes first; at the same moment, who has ended.
        let place = |index: usize, active: &Active| Reverse((active.now(), active.lane.end().is_none(), index));
        let mut behind: BinaryHeap<_> =
            self.lanes.iter().enumerate().map(|(index, active)| place(index, active)).collect();
        while let Some(mut last) = behind.peek_mut() {
            let Reverse((now, goes_on, index)) = *last;
            if now >= until {
                return until;
            }
            if !goes_on {
                return now;
            }
            self.lanes[index].lane.go();
            *last = place(index, &self.lanes[index]);
        }
        until
    }

    /// Takes those out that end now.
    fn collect(&mut self) -> Vec<Finished> {
        let now = self.now;
        let over = |active: &mut Active| active.lane.end().is_some() && active.now() <= now;
        let over: Vec<Active> = self.lanes.extract_if(.., over).collect();
        self.changed |= !over.is_empty();
        over.into_iter().map(Active::finish).collect()
    }

    /// Deals the link out anew where somebody has come or gone.
    fn deal(&mut self) {
        if !std::mem::take(&mut self.changed) && self.waiting.is_empty() {
            return;
        }
        let link = self.link.at(self.now).0;
        let settled = |active: &Active| active.lane.is_settled(active.own(self.now));
        let kept: u64 = self.lanes.iter().filter(|active| settled(active)).map(Active::share).map(|rate| rate.0).sum();
        let rest = Rate(link.0.saturating_sub(kept));
        let mut coming: Vec<Active> =
            self.waiting.drain(..).map(|new| Active::new(new, self.now, self.link, &self.options)).collect();
        self.lanes.append(&mut coming);
        let now = self.now;
        let mut open: Vec<&mut Active> =
            self.lanes.iter_mut().filter(|active| !active.lane.is_settled(active.own(now))).collect();
        let caps: Vec<Rate> = open.iter().map(|active| active.lane.cap(rest)).collect();
        for (active, share) in open.iter_mut().zip(shares(rest, &caps)) {
            active.share_from(now, share);
        }
    }
}

impl<'a> Active<'a> {
    fn new((id, scenario, seed): (usize, &'a Scenario, u64), now: Time, link: &Link, options: &Options) -> Active<'a> {
        let options = Options { seed, ..options.clone() };
        let fails_at = link.fails_at.filter(|at| *at > now).map(|at| Time::ZERO + (at - now));
        let (guest, rearm) = (&scenario.guest, super::rearm(scenario));
        // Nothing is sent before the shares are dealt out.
        let share = link.at(now).0;
        let lane: Box<dyn Lane + Send + 'a> = match options.memory {
            Memory::Expected => {
                Box::new(Running::new(scenario, share, fails_at, &options, Expected::new(guest, rearm)))
            }
            Memory::Exact => {
                Box::new(Running::new(scenario, share, fails_at, &options, Exact::new(guest, rearm, seed)))
            }
        };
        Active { id, start: now, lane, shares: Vec::new() }
    }

    /// How far it has come, on the link's clock.
    fn now(&self) -> Time {
        self.start + (self.lane.now() - Time::ZERO)
    }

    /// A moment of the link on its own clock.
    fn own(&self, at: Time) -> Time {
        Time::ZERO + (at - self.start)
    }

    fn share(&self) -> Rate {
        self.shares.last().map_or(Rate(0), |step| step.1)
    }

    fn share_from(&mut self, at: Time, share: Rate) {
        if self.share() != share {
            let at = self.own(at);
            self.lane.share_from(at, share);
            self.shares.push((at, share));
        }
    }

    fn finish(self) -> Finished {
        let end = self.now();
        let (outcome, timeline) = self.lane.finish();
        Finished { id: self.id, start: self.start, end, outcome, timeline, shares: self.shares }
    }
}
