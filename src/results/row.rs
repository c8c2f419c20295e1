//! What a row of results tells.

use super::{Cell, Results, column};
use crate::metrics::Course;
use crate::sim::Verdict;
use crate::statistic::Seen;
use crate::sweep::column::REFUSED;

/// A row of results.
#[derive(Clone, Copy, Debug)]
pub struct ResultRow<'a> {
    pub(super) results: &'a Results,
    pub(super) place: usize,
}

/// Verdicts of migrations that came to no end.
const UNFINISHED: [Verdict; 2] = [Verdict::NotConverged, Verdict::Aborted];

/// So many of `runs` as a share [%] says.
fn part(runs: usize, share: f64) -> usize {
    (runs as f64 * share / 100.0).round() as usize
}

impl<'a> ResultRow<'a> {
    /// Its place among the rows, from 0.
    pub fn place(self) -> usize {
        self.place
    }

    /// The cell of the column at `at`.
    pub fn cell(self, at: usize) -> Cell<'a> {
        self.results.columns[at].cells.cell(self.place)
    }

    /// The number in the column at `at`, if there is one.
    pub fn number(self, at: usize) -> Option<f64> {
        self.results.columns[at].cells.number(self.place)
    }

    /// A cell for each column.
    pub fn cells(self) -> impl ExactSizeIterator<Item = Cell<'a>> {
        (0..self.results.columns.len()).map(move |at| self.cell(at))
    }

    /// How it ended, where the row says it.
    fn verdict(self) -> Option<&'a str> {
        self.cell(self.results.places.verdict?).word()
    }

    /// Whether it is a migration that came to its end, or a summary of which most did; rows that do not say count as such.
    pub fn finished(self) -> bool {
        let places = &self.results.places;
        match (places.verdict, self.verdict()) {
            // What fails in post-copy does not undo the stop of the guest.
            (Some(_), Some(word)) if UNFINISHED.iter().any(|verdict| verdict.as_str() == word) => {
                places.postcopy.and_then(|at| self.number(at)).is_some_and(|ms| ms > 0.0)
            }
            (Some(_), _) => true,
            (None, _) => self.unfinished() <= 50.0,
        }
    }

    /// The share of migrations without an end in a row of a summary [%].
    fn unfinished(self) -> f64 {
        UNFINISHED.iter().map(|verdict| self.share(verdict.as_str())).sum()
    }

    /// The share of a verdict in a row of a summary [%].
    fn share(self, verdict: &str) -> f64 {
        let shares = &self.results.places.shares;
        let at = shares.iter().find(|(of, _)| of == verdict).map(|(_, at)| *at);
        at.and_then(|at| self.number(at)).unwrap_or(0.0)
    }

    /// Migrations behind the row: those that it sums up, or one.
    pub fn runs(self) -> usize {
        self.results.places.runs.and_then(|at| self.number(at)).map_or(1, |runs| runs as usize)
    }

    /// Of the migrations behind the row, those with a verdict.
    pub fn runs_that(self, verdict: &str) -> usize {
        match self.results.places.verdict {
            Some(_) => usize::from(self.verdict() == Some(verdict)),
            None => part(self.runs(), self.share(verdict)),
        }
    }

    /// Of the migrations behind the row, those that came to their end.
    pub fn runs_finished(self) -> usize {
        match self.results.is_summary() {
            true => part(self.runs(), 100.0 - self.unfinished()),
            false => usize::from(self.finished()),
        }
    }

    /// Of the migrations behind the row, those over which the number in the column at `at` was taken.
    pub fn runs_with(self, at: usize) -> usize {
        let counted = || self.number(self.results.places.counted[at]?);
        match (self.number(at), self.results.is_summary()) {
            (None, _) => 0,
            (_, false) => 1,
            (_, true) => match counted() {
                Some(runs) => runs as usize,
                None if self.course(at) == Some(Course::AtEnd) => self.runs_finished(),
                None => self.runs(),
            },
        }
    }

    /// What the row tells of the figure in the column at `at`: a run that was cut off a lower bound of what grows, and an aborted
    /// one nothing.
    pub fn seen(self, at: usize) -> Seen {
        // Of a summary, what needs an end was taken over the runs that had one.
        let of_ended = || self.results.is_summary() && self.course(at) == Some(Course::AtEnd);
        match self.number(at) {
            Some(value) if self.finished() || of_ended() => Seen::Exactly(value),
            Some(value) if self.course(at) == Some(Course::Grows) && self.ended(Verdict::NotConverged) => {
                Seen::AtLeast(value)
            }
            _ => Seen::Nothing,
        }
    }

    fn course(self, at: usize) -> Option<Course> {
        self.results.columns[at].course
    }

    /// Whether it is a migration with that verdict.
    pub fn ended(self, verdict: Verdict) -> bool {
        self.verdict() == Some(verdict.as_str())
    }

    /// Whether it stands for values of a sweep that do not go together, so that nothing was run.
    pub fn refused(self) -> bool {
        match self.results.places.verdict {
            Some(_) => self.verdict() == Some(REFUSED),
            None => self.share(REFUSED) > 0.0,
        }
    }
}

/// Where a table has what rows are asked for again and again.
#[derive(Clone, Debug, Default)]
pub(super) struct KnownColumns {
    /// Whether rows sum up migrations.
    pub(super) is_summary: bool,
    verdict: Option<usize>,
    postcopy: Option<usize>,
    /// Of a summary, how many runs a row is of.
    runs: Option<usize>,
    /// Shares of verdicts.
    shares: Vec<(String, usize)>,
    /// For each column of a summary the one that says over how many runs it was taken.
    counted: Vec<Option<usize>>,
}

impl KnownColumns {
    pub(super) fn of(results: &Results) -> KnownColumns {
        let share = |(at, name): (usize, &str)| Some((name.strip_suffix("_pct")?.to_owned(), at));
        let counted = |name| results.find(&column::runs_of(name)?);
        let verdict = results.find("verdict");
        let is_summary = verdict.is_none() && !results.shares().is_empty();
        KnownColumns {
            is_summary,
            verdict,
            postcopy: results.find("postcopy_time_ms"),
            runs: results.find("runs").filter(|_| is_summary),
            shares: results.names().enumerate().filter_map(share).collect(),
            counted: results.names().map(counted).collect(),
        }
    }
}
