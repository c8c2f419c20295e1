//! When an orchestrator looks.

use serde::Serialize;

use super::job::JobStats;
use crate::units::Span;

/// The rhythm of the polls: `first`, then every `period`. Where the first falls matters, and is part of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Poll {
    /// Since the start.
    pub first: Span,
    /// Between two polls, as long as they are regular [more than 0].
    pub period: Span,
    /// Proxmox: between two polls, once less remains than was sent a poll on average.
    pub fast: Option<Span>,
}

impl Poll {
    /// Polls every `period`, the first one after as long.
    pub const fn every(period: Span) -> Poll {
        Poll { first: period, period, fast: None }
    }

    /// Polls every `period` from the start on.
    pub const fn from_start(period: Span) -> Poll {
        Poll { first: Span::ZERO, ..Poll::every(period) }
    }
}

/// Which polls are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Polls {
    /// Every one.
    All,
    /// Those at which something can happen.
    Useful,
    /// Of those that only look for progress, the last ones before its want would count. The engine says whether
    /// [that went well](super::Engine::is_unsure).
    Sparse,
}

/// A poll that has a rhythm, and where it is in it.
#[derive(Clone, Copy, Debug)]
pub struct Rhythm {
    poll: Poll,
    next: Span,
    polls: u64,
    processed: u64,
    is_fast: bool,
}

impl Rhythm {
    /// Before the first poll.
    pub fn new(poll: Poll) -> Rhythm {
        Rhythm { poll, next: poll.first, polls: 0, processed: 0, is_fast: false }
    }

    /// When the next poll is.
    pub fn next(&self) -> Span {
        self.next
    }

    /// Between this poll and the next.
    pub fn period(&self) -> Span {
        self.poll.fast.filter(|_| self.is_fast).unwrap_or(self.poll.period)
    }

    /// A poll is over.
    pub fn polled(&mut self, job: &JobStats) {
        self.polls += 1;
        let moved = job.memory_processed.0 != self.processed;
        let average = self.processed / self.polls;
        // Once fast, always fast.
        self.is_fast |= moved && average > 0 && job.memory_remaining.0 < average;
        self.processed = job.memory_processed.0;
        self.next = Span(self.next.0.saturating_add(self.period().0));
    }

    /// Leaves out the polls before `until`; the ones after it stay where they would have been. Whether there were any.
    pub fn skip_to(&mut self, until: Span) -> bool {
        let ahead = until.0.saturating_sub(self.next.0);
        let polls = ahead.div_ceil(self.period().0.max(1));
        self.next = Span(self.next.0.saturating_add(polls.saturating_mul(self.period().0)));
        self.polls += polls;
        polls > 0
    }
}
