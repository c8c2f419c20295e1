//! One of several migrations on a link, which can be rolled back a little.

use std::borrow::Cow;

use super::super::event_queue::OutsideEvent;
use super::super::migration::{Interrupted, Migration};
use super::super::{Options, Outcome, Timeline};
use crate::guest::{FirstWrites, GuestMemory};
use crate::link::Link;
use crate::orchestrator::Polls;
use crate::qemu::multifd::Channels;
use crate::scenario::Scenario;
use crate::units::{Rate, Span, Time};

/// First stretch that is run ahead.
const FIRST: Span = Span::from_ms(200);

/// A migration is looked at with a share so much higher than its own, by one part in so many, that the next change need
/// not be heard of at once.
const LEEWAY: u64 = 16;

/// A migration on a shared link. Its times count from its own start.
pub(super) trait Lane {
    /// The moment before which it surely does not end; that of its end once it is known.
    fn quiet_until(&self) -> Time;
    /// Whether it is over.
    fn has_ended(&self) -> bool;
    /// Goes on until it is quiet beyond `horizon`, before which its share does not change, or for a while.
    fn go(&mut self, horizon: Time);
    /// Sends at `share` from `at` on, and rolls back what was done after that.
    fn share_from(&mut self, at: Time, share: Rate);
    /// Whether its share can no longer be changed at `at`: a migration in post-copy keeps it, as its end is settled.
    fn is_settled(&self, at: Time) -> bool;
    /// What it could use of a link [bytes/s].
    fn cap(&self, link: Rate) -> Rate;
    /// Turns of its loop so far, with those that were rolled back.
    fn turns(&self) -> u64;
    /// Sums it up.
    fn finish(self: Box<Self>) -> (Outcome, Timeline);
}

/// A migration, and a snapshot of it from before it ran ahead.
///
/// What others ask of it stands first, as of `current`: of many migrations few are at hand in the processor's caches.
pub(super) struct Running<'a, M> {
    now: Time,
    has_ended: bool,
    quiet_until: Time,
    /// The highest share that this holds for.
    most: Rate,
    settled_from: Time,
    cap: Rate,
    /// What its channels can carry.
    channels: Rate,
    /// Shares from given times on, of which it has not heard yet.
    unheard: Vec<(Time, Rate)>,
    /// Length of the next stretch that is run ahead: each is twice as long as the one before.
    stretch: Span,
    turns: u64,
    current: Box<Staged<'a, M>>,
    snapshot: Option<Box<Staged<'a, M>>>,
}

/// A migration, and how far its loop is.
#[derive(Clone)]
struct Staged<'a, M> {
    migration: Migration<'a, M>,
    stage: Stage,
}

#[derive(Clone)]
enum Stage {
    New,
    Looping,
    Ended(Result<(), Interrupted>),
}

impl<'a, M: GuestMemory + Clone> Running<'a, M> {
    /// Starts at `share` of a link that breaks, if it does, at `fails_at`.
    pub(super) fn new(
        scenario: &'a Scenario,
        share: Rate,
        fails_at: Option<Time>,
        options: &Options,
        memory: M,
    ) -> Self {
        let link = Link { fails_at, latency: scenario.link.latency, ..Link::constant(share) };
        let migration =
            Migration::new(scenario, Cow::Owned(link), options, memory, &mut FirstWrites::default(), Polls::Useful);
        let mut running = Running {
            now: Time::ZERO,
            has_ended: false,
            quiet_until: Time::ZERO,
            most: share,
            settled_from: Time::NEVER,
            cap: share,
            channels: Channels::of(&scenario.qemu).wire_rate(Rate(u64::MAX)),
            unheard: Vec::new(),
            stretch: FIRST,
            turns: 0,
            current: Box::new(Staged { migration, stage: Stage::New }),
            snapshot: None,
        };
        running.look_ahead(Time::ZERO);
        running
    }

    /// Brings what others ask for up to date, from what is known at `settled`; when the guest may be stopped.
    fn look_ahead(&mut self, settled: Time) -> Time {
        let migration = &self.current.migration;
        let share = migration.sender.share();
        self.most = Rate(share.0 + share.0 / LEEWAY);
        (self.now, self.has_ended) = (migration.clock.now(), self.current.is_over());
        self.settled_from = migration.postcopy.map_or(Time::NEVER, |phase| phase.begin);
        self.cap = migration.sender.cap(self.channels);
        let (stop, end) = match self.current.stage {
            Stage::Ended(_) => (self.now, self.now),
            _ => migration.may_stop_and_end(settled, self.most),
        };
        self.quiet_until = end;
        stop
    }

    /// Tells the migration of its shares.
    fn hear(&mut self) {
        let migration = &mut self.current.migration;
        for (at, share) in self.unheard.drain(..) {
            migration.sender.hear_share(migration.clock.now(), at, share);
            let due = migration.clock.due(OutsideEvent::LinkChange);
            migration.clock.set(OutsideEvent::LinkChange, due.min(at));
        }
    }

    /// Runs ahead of what is settled; rolled back if that turns out otherwise.
    fn run_ahead(&mut self, horizon: Time) {
        let mut until = self.now + self.stretch;
        if horizon == Time::NEVER {
            // Nobody else is there.
            until = horizon;
        } else {
            self.snapshot = Some(self.current.clone());
            self.stretch = self.stretch * 2;
        }
        self.current.migration.clock.set_horizon(until.max(horizon));
        while !self.current.is_over() && self.current.migration.clock.now() < until {
            self.current.step();
            self.turns += 1;
        }
        self.look_ahead(self.current.migration.clock.now());
    }
}

impl<M: GuestMemory> Staged<'_, M> {
    fn step(&mut self) {
        let turned = match self.stage {
            Stage::New => self.migration.begin().map(|()| false),
            Stage::Looping => self.migration.turn(),
            Stage::Ended(_) => return,
        };
        self.stage = match turned {
            Ok(false) => Stage::Looping,
            Ok(true) => Stage::Ended(Ok(())),
            Err(interrupted) => Stage::Ended(Err(interrupted)),
        };
    }

    fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Ended(_))
    }

    /// A bound on what the next step takes while the guest runs on.
    fn longest_step(&self) -> Span {
        let migration = &self.migration;
        match self.stage {
            Stage::New => migration.scenario.link.latency * 2 + migration.scenario.qemu.setup_time,
            _ => migration.longest_turn(),
        }
    }

    /// Goes on while a step surely ends before `until`; how many there were.
    fn walk(&mut self, until: Time) -> u64 {
        let mut steps = 0;
        // The first is unlike the others.
        while matches!(self.stage, Stage::New) && self.migration.clock.now() + self.longest_step() < until {
            self.step();
            steps += 1;
        }
        let longest = self.longest_step();
        while !self.is_over() && self.migration.clock.now() + longest < until {
            self.step();
            steps += 1;
        }
        steps
    }
}

impl<M: GuestMemory + Clone> Lane for Running<'_, M> {
    fn quiet_until(&self) -> Time {
        self.quiet_until
    }

    fn has_ended(&self) -> bool {
        self.has_ended
    }

    fn go(&mut self, horizon: Time) {
        // Nothing changes before now any more.
        self.snapshot = None;
        self.hear();
        let mut stop = self.look_ahead(horizon);
        while self.quiet_until <= horizon {
            self.current.migration.clock.set_horizon(horizon);
            let walked = self.current.walk(stop.min(horizon));
            if walked == 0 {
                return self.run_ahead(horizon);
            }
            self.turns += walked;
            self.stretch = FIRST;
            stop = self.look_ahead(horizon);
        }
    }

    fn share_from(&mut self, at: Time, share: Rate) {
        let snapshot = if self.now > at { self.snapshot.take() } else { None };
        let rolled_back = snapshot.is_some();
        if let Some(snapshot) = snapshot {
            self.current = snapshot;
            self.stretch = Span(self.stretch.0 / 8).max(FIRST);
        }
        if at == Time::ZERO {
            self.current.migration.sender.start_at_share(share);
            self.look_ahead(at);
            return;
        }
        self.unheard.push((at, share));
        if rolled_back {
            self.hear();
            self.look_ahead(at);
        } else if share > self.most {
            // At most so much faster from here on.
            let most = Rate(share.0 + share.0 / LEEWAY);
            let left = self.quiet_until.since(at).0 as f64 * (self.most.0 as f64 / most.0 as f64);
            (self.quiet_until, self.most) = (at + Span(left as u64), most);
        }
    }

    fn is_settled(&self, at: Time) -> bool {
        self.settled_from <= at
    }

    fn cap(&self, link: Rate) -> Rate {
        self.cap.min(link)
    }

    fn turns(&self) -> u64 {
        self.turns
    }

    fn finish(self: Box<Self>) -> (Outcome, Timeline) {
        let Staged { migration, stage } = *self.current;
        let (outcome, timeline, _) = migration.finish(match stage {
            Stage::Ended(Err(interrupted)) => Some(interrupted),
            _ => None,
        });
        (outcome, timeline)
    }
}
