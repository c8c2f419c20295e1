//! Who went when.

use std::collections::HashSet;

use serde::Serialize;

use super::queue::GuestTried;
use crate::sim::shared::Finished;
use crate::sim::{Outcome, Verdict};
use crate::units::{Rate, Span, Time};

/// One migration of a drain.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    /// Index of the guest.
    pub guest: usize,
    /// How often this guest was tried, from 1.
    pub number: u32,
    /// When it was started.
    pub start: Time,
    /// When it was over.
    pub end: Time,
    /// Its share of the link, on average [bytes/s]; none if it took no time.
    pub share: Option<Rate>,
    /// How it ended.
    pub outcome: Outcome,
}

/// A drain: its migrations by the time of their end.
#[derive(Clone, Debug, PartialEq)]
pub struct Timetable {
    /// By end.
    pub attempts: Vec<Attempt>,
    /// Guests that could not be moved, by index.
    pub stay: Vec<usize>,
    /// When the last migration was over.
    pub end: Time,
}

/// What makes one drain better than another: the smaller, the better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Score {
    /// Guests that stay.
    pub stay: usize,
    /// What is owed and not kept, the window among it.
    pub missed: usize,
    /// When the last migration was over [ns].
    pub end: Time,
}

impl Score {
    /// Whether nobody stays, and nothing is missed.
    pub fn is_as_wanted(&self) -> bool {
        (self.stay, self.missed) == (0, 0)
    }
}

impl Attempt {
    pub(super) fn new(finished: Finished, number: u32) -> Attempt {
        let Finished { id, start, end, outcome, shares, .. } = finished;
        Attempt { guest: id, number, start, end, share: mean(&shares, end - start), outcome }
    }

    /// What the queue is told of it.
    pub(super) fn tried(&self) -> GuestTried {
        GuestTried { guest: self.guest, number: self.number, end: self.end, is_gone: self.is_gone() }
    }

    /// Whether the guest has left the host.
    pub fn is_gone(&self) -> bool {
        self.outcome.verdict.is_completed()
    }

    /// How long it took.
    pub fn length(&self) -> Span {
        self.end - self.start
    }
}

/// The mean of shares that begin at those times, over a migration of that length.
fn mean(shares: &[(Time, Rate)], length: Span) -> Option<Rate> {
    let ends = shares.iter().skip(1).map(|step| step.0).chain([Time::ZERO + length]);
    let sum: f64 = shares.iter().zip(ends).map(|((from, rate), to)| rate.0 as f64 * (to - *from).0 as f64).sum();
    (length.0 > 0).then(|| Rate((sum / length.0 as f64).round() as u64))
}

impl Timetable {
    /// Of the guests that were to leave.
    pub(super) fn new(attempts: Vec<Attempt>, guests: impl IntoIterator<Item = usize>) -> Timetable {
        let gone: HashSet<usize> =
            attempts.iter().filter(|attempt| attempt.is_gone()).map(|attempt| attempt.guest).collect();
        let stay = guests.into_iter().filter(|guest| !gone.contains(guest)).collect();
        let end = attempts.last().map_or(Time::ZERO, |attempt| attempt.end);
        Timetable { attempts, stay, end }
    }

    /// When the host is empty, if it ever is.
    pub fn empty(&self) -> Option<Time> {
        self.stay.is_empty().then_some(self.end)
    }

    /// Longest and summed downtime of the guests that were moved [ms]; none if nobody was.
    pub fn downtime_ms(&self) -> Option<(f64, f64)> {
        let downtimes = self.attempts.iter().filter_map(|attempt| attempt.outcome.downtime_ms);
        Some((downtimes.clone().reduce(f64::max)?, downtimes.sum()))
    }

    /// Work that all guests together did not get done, as time at their own pace [ms].
    pub fn work_lost_ms(&self) -> f64 {
        self.attempts.iter().map(|attempt| attempt.outcome.guest_work_lost_ms).sum()
    }

    /// Whether a migration was cut off by `limits.time`: what grows with time is a lower bound then.
    pub fn is_cut_off(&self) -> bool {
        self.attempts.iter().any(|attempt| attempt.outcome.verdict == Verdict::NotConverged)
    }
}
