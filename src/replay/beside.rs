//! A real drain beside the predicted one.

use super::fleet::RealAttempt;
use crate::compare::Fate;
use crate::drain::{Attempt, Timetable};
use crate::scenario::Guest;
use crate::units::Time;

/// A real drain beside the predicted one.
pub struct DrainBeside<'a> {
    /// The guests.
    pub guests: &'a [Guest],
    /// As it was predicted.
    pub predicted: &'a Timetable,
    /// What was measured, by end.
    pub measured: &'a [RealAttempt],
}

/// One migration, as far as it was predicted and as far as it was done.
#[derive(Clone, Copy)]
pub struct GuestBeside<'a> {
    /// Index of the guest.
    pub guest: usize,
    /// How often this guest was tried, from 1.
    pub number: u32,
    /// As it was predicted.
    pub predicted: Option<&'a Attempt>,
    /// As it was measured.
    pub measured: Option<&'a RealAttempt>,
}

impl RealAttempt {
    /// How it ended.
    pub fn fate(&self) -> Fate {
        self.ending.as_ref().map_or(Fate::Failed, super::Ending::fate)
    }
}

impl GuestBeside<'_> {
    /// Whether it was predicted and done, and ended alike.
    pub fn is_right(&self) -> bool {
        let (Some(predicted), Some(measured)) = (self.predicted, self.measured) else { return false };
        measured.fate().agrees(predicted.outcome.verdict.into()) == Some(true)
    }
}

impl<'a> DrainBeside<'a> {
    /// All migrations, by their predicted start; those that were not predicted come last.
    pub fn rows(&self) -> Vec<GuestBeside<'a>> {
        let find = |guest, number| self.measured.iter().find(|real| (real.guest, real.number) == (guest, number));
        let predicted = self.predicted.attempts.iter().map(|attempt| {
            let Attempt { guest, number, .. } = *attempt;
            GuestBeside { guest, number, predicted: Some(attempt), measured: find(guest, number) }
        });
        let mut rows: Vec<GuestBeside> = predicted.collect();
        rows.sort_by_key(|row| row.predicted.map(|attempt| (attempt.start, attempt.end)));
        let others: Vec<GuestBeside> = self
            .measured
            .iter()
            .filter(|real| !rows.iter().any(|row| (row.guest, row.number) == (real.guest, real.number)))
            .map(|real| GuestBeside { guest: real.guest, number: real.number, predicted: None, measured: Some(real) })
            .collect();
        rows.extend(others);
        rows
    }

    /// When the last migration was over.
    pub fn end(&self) -> Option<Time> {
        self.measured.iter().map(|attempt| attempt.end).max()
    }

    /// End of the whole, predicted less measured [% of measured]; none where not everything was done that was predicted, or Ctrl-C
    /// ended it.
    pub fn error_pct(&self) -> Option<f64> {
        let is_done = |real: &RealAttempt| real.fate() != Fate::Cancelled;
        let is_whole = self.rows().iter().all(|row| row.measured.is_some_and(is_done));
        let measured = self.end().filter(|end| is_whole && end.0 > 0)?.0 as f64;
        Some(100.0 * (self.predicted.end.0 as f64 - measured) / measured)
    }

    /// Guests that are still on the host.
    pub fn stay(&self) -> Vec<usize> {
        let is_gone = |guest: usize| self.measured.iter().any(|real| real.guest == guest && real.is_gone());
        (0..self.guests.len()).filter(|guest| !is_gone(*guest)).collect()
    }

    /// Whether migrations began and ended in the predicted order; those that are predicted for one moment may change places.
    pub fn is_in_order(&self) -> (bool, bool) {
        (
            self.is_sorted(|row| Some((row.predicted?.start, row.measured?.start))),
            self.is_sorted(|row| Some((row.predicted?.end, row.measured?.end))),
        )
    }

    fn is_sorted(&self, times: impl Fn(&GuestBeside) -> Option<(Time, Time)>) -> bool {
        let times: Vec<(Time, Time)> = self.rows().iter().filter_map(times).collect();
        times.iter().all(|one| times.iter().all(|other| one.0 >= other.0 || one.1 <= other.1))
    }

    /// Whether each migration ended as predicted, and the end of the whole is off by no more than `tolerance` [%].
    pub fn is_within(&self, tolerance: f64) -> bool {
        self.rows().iter().all(GuestBeside::is_right) && self.error_pct().is_some_and(|error| error.abs() <= tolerance)
    }
}
