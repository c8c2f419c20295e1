//! The migrations of a drain, each with all that a row says of it.

use super::Drained;
use super::stays::lacking;
use crate::drain::Attempt;
use crate::results::DrainRow;
use crate::scenario::Guest;
use crate::units::Time;

/// A migration, or a guest that fits nowhere.
pub(super) struct DrainedRow<'a> {
    /// Index of the guest.
    pub index: usize,
    /// The guest.
    pub guest: &'a Guest,
    /// Whether its workload is unknown.
    pub unknown: bool,
    /// The host that it leaves, where hosts are named.
    pub host: Option<&'a str>,
    /// The host that it goes to, likewise.
    pub destination: Option<&'a str>,
    /// None of a guest that was never tried.
    pub attempt: Option<&'a Attempt>,
    /// What is missing for a guest that was never tried.
    pub lack: Option<String>,
    /// Goals that it misses, with commas between.
    pub missed: String,
}

/// The migrations by the time of their end, then those that were never tried.
pub(super) fn rows<'a>(drained: &Drained<'a>) -> Vec<DrainedRow<'a>> {
    let (host, of) = (drained.host, drained.of_host);
    let name = |node: usize| host.nodes()[node].name.as_str();
    let row = |index: usize| DrainedRow {
        index,
        guest: &host.guests()[index],
        unknown: host.is_unknown(index),
        host: of.map(|of| name(of.node)),
        destination: None,
        attempt: None,
        lack: None,
        missed: String::new(),
    };
    let attempts = drained.timetable.attempts.iter().enumerate().map(|(at, attempt)| DrainedRow {
        destination: of.map(|of| name(of.to[at])),
        attempt: Some(attempt),
        missed: missed(drained, at),
        ..row(attempt.guest)
    });
    let was_tried = |guest: usize| drained.timetable.attempts.iter().any(|attempt| attempt.guest == guest);
    let unplaced = of.into_iter().flat_map(|of| &of.unplaced).filter(|unplaced| !was_tried(unplaced.guest));
    let never =
        unplaced.map(|unplaced| DrainedRow { lack: Some(lacking(host, &unplaced.lack)), ..row(unplaced.guest) });
    attempts.chain(never).collect()
}

/// Goals that an attempt misses, with commas between.
fn missed(drained: &Drained, attempt: usize) -> String {
    let missed = drained.judgement.iter().flat_map(|judgement| &judgement.missed);
    let of_it = missed.filter(|miss| miss.attempt == attempt).map(|miss| miss.comparison.text.as_str());
    of_it.collect::<Vec<_>>().join(", ")
}

impl DrainedRow<'_> {
    /// How often it was tried.
    pub(super) fn number(&self) -> u32 {
        self.attempt.map_or(0, |attempt| attempt.number)
    }

    /// Whether the guest left.
    pub(super) fn moved(&self) -> bool {
        self.attempt.is_some_and(Attempt::is_gone)
    }

    /// The figures that tables and pictures show.
    pub(super) fn shown(&self) -> DrainRow {
        let ms = |time: fn(&Attempt) -> Time| self.attempt.map(|attempt| (time(attempt) - Time::ZERO).ms());
        let outcome = self.attempt.map(|attempt| &attempt.outcome);
        let reason = outcome.map(|outcome| outcome.reason.to_string());
        DrainRow {
            host: self.host.map(str::to_owned),
            destination: self.destination.map(str::to_owned),
            guest: self.guest.name.clone(),
            memory: Some(self.guest.scenario.guest.memory.bytes().0 as f64),
            unknown: Some(self.unknown),
            attempt: self.number(),
            moved: self.moved(),
            missed: self.missed.clone(),
            start_ms: ms(|attempt| attempt.start),
            end_ms: ms(|attempt| attempt.end),
            verdict: outcome.map_or_else(String::new, |outcome| outcome.verdict.as_str().to_owned()),
            reason: reason.or_else(|| self.lack.clone()).unwrap_or_default(),
            downtime_ms: outcome.and_then(|outcome| outcome.downtime_ms).filter(|_| self.moved()),
            running_slowdown_pct: outcome.and_then(|outcome| outcome.running_slowdown_pct),
        }
    }
}
