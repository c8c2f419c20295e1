//! One of several migrations on a link, which can be taken back a little.

use super::super::migration::{Interrupted, Migration};
use super::super::outside::Event as Happening;
use super::super::stream::Stream;
use super::super::{Options, Outcome, Timeline};
use crate::guest::Memory;
use crate::link::Link;
use crate::qemu::limiter;
use crate::qemu::multifd::Channels;
use crate::scenario::Scenario;
use crate::units::{Rate, Span, Time};

/// First stretch after a change of the share.
const FIRST: Span = Span::from_ms(200);

/// A migration on a shared link. Its times count from its own start.
pub(super) trait Lane {
    /// How far it has come.
    fn now(&self) -> Time;
    /// Goes on for a while; nothing once it has ended.
    fn go(&mut self);
    /// When it ended, if it has.
    fn end(&self) -> Option<Time>;
    /// Takes back what was done after `at`, and sends at `share` from then on.
    ///
    /// A migration in post-copy keeps its share: its end is settled.
    fn share_from(&mut self, at: Time, share: Rate);
    /// Whether its share can no longer be changed at `at`.
    fn is_settled(&self, at: Time) -> bool;
    /// What it could use of a link [bytes/s].
    fn cap(&self, link: Rate) -> Rate;
    /// Sums it up.
    fn finish(self: Box<Self>) -> (Outcome, Timeline);
}

/// A migration, and what it was before its last stretch.
pub(super) struct Running<'a, M> {
    moment: Moment<'a, M>,
    before: Option<Moment<'a, M>>,
    /// Length of the next stretch: each is twice as long as the one before, so that going on costs little, and being
    /// taken back costs no more than what was gone since the last change.
    stretch: Span,
}

#[derive(Clone)]
struct Moment<'a, M> {
    migration: Migration<'a, M>,
    stage: Stage,
}

#[derive(Clone)]
enum Stage {
    New,
    Looping,
    Ended(Result<(), Interrupted>),
}

impl<'a, M: Memory + Clone> Running<'a, M> {
    /// Starts at `share` of a link that breaks, if it does, at `fails_at`.
    pub fn new(scenario: &'a Scenario, share: Rate, fails_at: Option<Time>, options: &Options, memory: M) -> Self {
        let link = Link { fails_at, latency: scenario.link.latency, ..Link::constant(share) };
        let migration = Migration::new(scenario, link, options, memory);
        Running { moment: Moment { migration, stage: Stage::New }, before: None, stretch: FIRST }
    }
}

impl<M: Memory> Moment<'_, M> {
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
}

impl<M: Memory + Clone> Lane for Running<'_, M> {
    fn now(&self) -> Time {
        self.moment.migration.now
    }

    fn go(&mut self) {
        self.before = Some(self.moment.clone());
        let until = self.now() + self.stretch;
        while !self.moment.is_over() && self.now() < until {
            self.moment.step();
        }
        self.stretch = self.stretch * 2;
    }

    fn end(&self) -> Option<Time> {
        self.moment.is_over().then(|| self.now())
    }

    fn share_from(&mut self, at: Time, share: Rate) {
        if self.is_settled(at) {
            return;
        }
        if self.now() > at
            && let Some(before) = self.before.take()
        {
            self.moment = before;
            self.stretch = Span(self.stretch.0 / 8).max(FIRST);
        }
        let migration = &mut self.moment.migration;
        if at == Time::ZERO {
            migration.link.steps = vec![(Time::ZERO, share)];
            migration.stream = Stream::new(share, migration.scenario.guest.zero_scan, &migration.scenario.qemu);
            return;
        }
        // An earlier change may still be ahead of where it stands now; what was before that matters no more.
        let steps = &mut migration.link.steps;
        steps.drain(..steps.partition_point(|(from, _)| *from <= migration.now).max(1) - 1);
        steps.retain(|(from, _)| *from < at);
        steps.push((at, share));
        let due = migration.outside.due(Happening::LinkChange);
        migration.outside.set(Happening::LinkChange, due.min(at));
    }

    fn is_settled(&self, at: Time) -> bool {
        self.moment.migration.postcopy.is_some_and(|phase| phase.begin <= at)
    }

    fn cap(&self, link: Rate) -> Rate {
        let migration = &self.moment.migration;
        let max = migration.params.max_bandwidth;
        let limited = if limiter::quota(max) == 0 { link } else { max };
        Channels::of(&migration.scenario.qemu).wire_rate(link).min(limited)
    }

    fn finish(self: Box<Self>) -> (Outcome, Timeline) {
        let Moment { migration, stage } = self.moment;
        migration.finish(match stage {
            Stage::Ended(Err(interrupted)) => Some(interrupted),
            _ => None,
        })
    }
}
