//! Several migrations on one link.
//!
//! What binds them to each other is their shares, and those change only where somebody comes or goes. Each migration
//! knows a moment before which it cannot end, as all that it has to send takes some time (`horizon`); until then nobody
//! else needs to hear of it, and changes of its share are written down for when it goes on. The one whose moment comes
//! first goes on, up to the next one's. Only where it may end before that, and somebody else too, it runs ahead and is
//! rolled back if its share turns out to change meanwhile.
//!
//! Links may be several, such as the uplinks of hosts: a migration goes over those of its path, and has the share that all of
//! them let it have.
//!
//! The result is that of running each migration alone on a link whose bandwidth is its share from moment to moment.

mod active;
mod dealing;
mod horizon;
mod lane;
mod paths;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::{Options, Outcome, Timeline};
use crate::link::Link;
use crate::scenario::CheckedScenario;
use crate::units::{Rate, Time};
use active::{Active, Coming};
use dealing::Dealing;

/// Links, and the migrations on them. Its times are those of the links.
pub struct Shared<'a> {
    links: Vec<&'a Link>,
    options: Options,
    now: Time,
    /// Asked for since the shares were dealt out last.
    waiting: Vec<Coming<'a>>,
    /// By the order of their start.
    lanes: BTreeMap<usize, Active<'a>>,
    started: usize,
    /// Until when each is quiet; at the same moment those that have ended come last, so that all that end then are
    /// known by then. An entry that is not true any more says nothing.
    next: BinaryHeap<Reverse<(Time, bool, usize)>>,
    dealing: Dealing,
    /// Somebody has come or gone.
    changed: bool,
    turns: u64,
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
        Shared::between(vec![link], options)
    }

    /// Several links with nobody on them; of none there may be no migration.
    pub fn between(links: Vec<&'a Link>, options: &Options) -> Shared<'a> {
        Shared {
            links,
            options: options.clone(),
            now: Time::ZERO,
            waiting: Vec::new(),
            lanes: BTreeMap::new(),
            started: 0,
            next: BinaryHeap::new(),
            dealing: Dealing::default(),
            changed: false,
            turns: 0,
        }
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

    /// Turns of the loops of all migrations that are over, with those that were rolled back: what they have cost.
    pub fn turns(&self) -> u64 {
        self.turns
    }

    /// Starts a migration now over the first link. Of its scenario's link only the latency counts; `id` is the caller's own.
    pub fn start(&mut self, id: usize, scenario: CheckedScenario<'a>, seed: u64) {
        self.start_over(vec![0], id, scenario, seed);
    }

    /// Starts one over the links with these numbers.
    pub fn start_over(&mut self, path: Vec<usize>, id: usize, scenario: CheckedScenario<'a>, seed: u64) {
        self.waiting.push(Coming { id, path, scenario: scenario.get(), seed });
    }

    /// Goes on until a migration ends, or to `until`; all that end in the same instant, in the order of their start.
    pub fn advance(&mut self, until: Time) -> Vec<Finished> {
        loop {
            self.deal();
            let change = self.links.iter().map(|link| link.at(self.now).1).min().unwrap_or(Time::NEVER);
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
        while let Some(entry) = self.next.peek() {
            let Reverse((at, ended, id)) = *entry;
            let Some(active) = self.lanes.get_mut(&id).filter(|active| active.place() == (at, ended)) else {
                self.next.pop();
                continue;
            };
            if at > until {
                return until;
            }
            if ended {
                return at;
            }
            self.next.pop();
            let horizon = self.next.peek().map_or(until, |Reverse(next)| next.0.min(until));
            active.go(horizon);
            let (at, ended) = active.place();
            self.next.push(Reverse((at, ended, id)));
        }
        until
    }

    /// Takes those out that end now.
    fn collect(&mut self) -> Vec<Finished> {
        let mut over = Vec::new();
        while let Some(&Reverse((at, ended, id))) = self.next.peek()
            && at <= self.now
        {
            let place = (at, ended);
            match self.lanes.get(&id).map(Active::place) {
                Some(now) if now != place => {}
                Some(_) if !ended => break,
                Some(_) => over.extend(self.lanes.remove(&id)),
                None => {}
            }
            self.next.pop();
        }
        self.changed |= !over.is_empty();
        for active in &over {
            self.dealing.free(active.share());
            self.turns += active.turns();
        }
        over.into_iter().map(Active::finish).collect()
    }

    /// Deals the link out anew where somebody has come or gone.
    fn deal(&mut self) {
        if !std::mem::take(&mut self.changed) && self.waiting.is_empty() {
            return;
        }
        let coming = self.started;
        for new in self.waiting.drain(..) {
            self.lanes.insert(self.started, Active::new(new, self.now, &self.links, &self.options));
            self.started += 1;
        }
        let next = &mut self.next;
        let moved = |id, active: &Active| {
            let (at, ended) = active.place();
            next.push(Reverse((at, ended, id)));
        };
        match self.links[..] {
            [link] => self.dealing.deal(link.at(self.now).0, self.now, &mut self.lanes, coming, moved),
            _ => paths::deal(&self.links, self.now, &mut self.lanes, moved),
        }
    }
}
