//! Result files as one table: what `plot` draws and `report` lists.
//!
//! Whatever wrote them (`sweep`, `run` as CSV or JSON, `run --timeline`), results are named columns and rows of numbers
//! and words. Column names are those of the files; [`column`] knows what they count.

mod cell;
pub mod column;
pub mod curve;
mod drain_row;
mod filter;
mod origin;
mod read;

pub use cell::{Cell, CellKey, Word};
pub use drain_row::DrainRow;
pub use filter::Filter;
pub use origin::Origin;
pub use read::Unreadable;

use std::collections::HashSet;

use crate::metrics::Course;
use crate::sim::Verdict;
use crate::statistic::Seen;
use crate::sweep::column::REFUSED;
use crate::units::spelling::meant;

/// Rows with named columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Results {
    /// Names, in the order of the file.
    pub columns: Vec<String>,
    /// A cell for each column.
    pub rows: Vec<Vec<Cell>>,
    /// Names of columns that the file has and nobody asked for.
    pub unread: Vec<String>,
}

/// Verdicts of migrations that came to no end.
const UNFINISHED: [Verdict; 2] = [Verdict::NotConverged, Verdict::Aborted];

/// So many of `runs` as a share [%] says.
fn part(runs: usize, share: f64) -> usize {
    (runs as f64 * share / 100.0).round() as usize
}

/// No column of that name.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("there is no column `{name}` in the results; {}", match nearest {
    Some(nearest) => format!("did you mean `{nearest}`?"),
    None => format!("they have: {}", known.join(", ")),
})]
pub struct UnknownColumn {
    /// What was asked for.
    pub name: String,
    /// What was probably meant.
    pub nearest: Option<String>,
    /// What there is.
    pub known: Vec<String>,
}

impl Results {
    /// The place of a column.
    ///
    /// # Errors
    /// There is none; the error names the nearest, if there is one.
    pub fn column(&self, name: &str) -> Result<usize, UnknownColumn> {
        self.find(name).ok_or_else(|| UnknownColumn {
            name: name.to_owned(),
            nearest: meant(name, self.columns.iter().chain(&self.unread).map(String::as_str)).map(str::to_owned),
            known: self.columns.iter().chain(&self.unread).cloned().collect(),
        })
    }

    /// The place of a column, if there is one.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }

    /// Places of the columns that were varied: scenario keys with more than one value.
    pub fn axes(&self) -> Vec<usize> {
        (0..self.columns.len()).filter(|&at| self.is_key(at) && self.varies(at)).collect()
    }

    /// Whether a column has more than one value.
    pub fn varies(&self, at: usize) -> bool {
        self.rows.windows(2).any(|pair| pair[0][at] != pair[1][at])
    }

    /// Whether a column is a key of the scenario.
    pub fn is_key(&self, at: usize) -> bool {
        column::is_key(&self.columns[at])
    }

    /// The different values of a column: numbers in order, then words as they come first, or releases by their age.
    pub fn values(&self, at: usize) -> Vec<Cell> {
        let cells = || self.rows.iter().map(|row| &row[at]);
        let mut numbers: Vec<f64> = cells().filter_map(Cell::number).collect();
        numbers.sort_by(f64::total_cmp);
        numbers.dedup();
        let mut seen = HashSet::new();
        let mut words: Vec<&Cell> =
            cells().filter(|cell| matches!(cell, Cell::Word(word) if seen.insert(&**word))).collect();
        words.sort_by(|a, b| a.by_size(b));
        let empty = cells().find(|cell| **cell == Cell::Empty);
        numbers.into_iter().map(Cell::Number).chain(words.into_iter().chain(empty).cloned()).collect()
    }

    /// Whether the rows are instants of one migration.
    pub fn is_timeline(&self) -> bool {
        self.find("t_ms").is_some() && self.find("event").is_some()
    }

    /// Whether a row is a migration that came to its end, or a summary of which most did; rows that do not say count
    /// as such.
    pub fn finished(&self, row: &[Cell]) -> bool {
        let is_unfinished = |word: &str| UNFINISHED.iter().any(|verdict| verdict.as_str() == word);
        // What fails in post-copy does not undo the stop of the guest.
        let postcopy_ms = || self.find("postcopy_time_ms").and_then(|at| row[at].number());
        match self.find("verdict") {
            Some(at) if matches!(&row[at], Cell::Word(word) if is_unfinished(word)) => {
                postcopy_ms().is_some_and(|ms| ms > 0.0)
            }
            Some(_) => true,
            None => self.unfinished(row) <= 50.0,
        }
    }

    /// The share of migrations without an end in a row of a summary [%].
    fn unfinished(&self, row: &[Cell]) -> f64 {
        UNFINISHED.iter().map(|verdict| self.share(row, verdict.as_str())).sum()
    }

    /// Whether rows sum up migrations, as those of `sweep --summary` do.
    pub fn is_summary(&self) -> bool {
        self.find("verdict").is_none() && !self.shares().is_empty()
    }

    /// Places of the shares of verdicts in a summary.
    pub fn shares(&self) -> Vec<usize> {
        (0..self.columns.len()).filter(|at| column::share_of(&self.columns[*at]).is_some()).collect()
    }

    /// Migrations behind a row: those that it sums up, or one.
    pub fn runs(&self, row: &[Cell]) -> usize {
        let stated = self.find("runs").filter(|_| self.is_summary()).and_then(|at| row[at].number());
        stated.map_or(1, |runs| runs as usize)
    }

    /// Of the migrations behind a row, those with a verdict.
    pub fn runs_that(&self, row: &[Cell], verdict: &str) -> usize {
        match self.find("verdict") {
            Some(at) => usize::from(matches!(&row[at], Cell::Word(word) if **word == *verdict)),
            None => part(self.runs(row), self.share(row, verdict)),
        }
    }

    /// Of the migrations behind a row, those that came to their end.
    pub fn runs_finished(&self, row: &[Cell]) -> usize {
        match self.is_summary() {
            true => part(self.runs(row), 100.0 - self.unfinished(row)),
            false => usize::from(self.finished(row)),
        }
    }

    /// Of the migrations behind a row, those over which the number in the column at `at` was taken.
    pub fn runs_with(&self, row: &[Cell], at: usize) -> usize {
        let name = &self.columns[at];
        let counted = || self.find(&column::runs_of(name)?).and_then(|at| row[at].number());
        match (row[at].number(), self.is_summary()) {
            (None, _) => 0,
            (_, false) => 1,
            (_, true) => match counted() {
                Some(runs) => runs as usize,
                None if column::needs_end(name) => self.runs_finished(row),
                None => self.runs(row),
            },
        }
    }

    /// What a row tells of the figure in the column at `at`: a run that was cut off a lower bound of what grows, and an aborted
    /// one nothing.
    pub fn seen(&self, row: &[Cell], at: usize) -> Seen {
        let name = &self.columns[at];
        let grows = column::metric(name).is_some_and(|metric| metric.course == Course::Grows);
        // Of a summary, what needs an end was taken over the runs that had one.
        let of_ended = || self.is_summary() && column::needs_end(name);
        match row[at].number() {
            Some(value) if self.finished(row) || of_ended() => Seen::Exactly(value),
            Some(value) if grows && self.ended(row, Verdict::NotConverged) => Seen::AtLeast(value),
            _ => Seen::Nothing,
        }
    }

    /// The place of a figure: of its column, or of its median in a summary.
    pub fn figure(&self, name: &str) -> Option<usize> {
        self.find(&format!("{name}_median")).or_else(|| self.find(name))
    }

    /// Whether a row is a migration with that verdict.
    pub fn ended(&self, row: &[Cell], verdict: Verdict) -> bool {
        self.find("verdict").is_some_and(|at| matches!(&row[at], Cell::Word(word) if **word == *verdict.as_str()))
    }

    /// How many rows that came to their end lack one of these figures.
    pub fn without(&self, figures: &[usize]) -> usize {
        let lacks = |row: &&Vec<Cell>| self.finished(row) && figures.iter().any(|at| row[*at].number().is_none());
        self.rows.iter().filter(lacks).count()
    }

    /// Whether a row stands for values of a sweep that do not go together, so that nothing was run.
    pub fn refused(&self, row: &[Cell]) -> bool {
        match self.find("verdict") {
            Some(at) => matches!(&row[at], Cell::Word(word) if **word == *REFUSED),
            None => self.share(row, REFUSED) > 0.0,
        }
    }

    /// The share of a verdict in a row of a summary [%].
    fn share(&self, row: &[Cell], verdict: &str) -> f64 {
        self.find(&format!("{verdict}_pct")).and_then(|at| row[at].number()).unwrap_or(0.0)
    }

    /// Adds the rows of other results, column by column; a column that one of them lacks is empty there.
    pub fn append(&mut self, other: Results) {
        if self.columns.is_empty() {
            *self = other;
            return;
        }
        for name in &other.columns {
            if self.find(name).is_none() {
                self.columns.push(name.clone());
                self.rows.iter_mut().for_each(|row| row.push(Cell::Empty));
            }
        }
        for name in other.unread {
            if !self.unread.contains(&name) {
                self.unread.push(name);
            }
        }
        for row in other.rows {
            let mut merged = vec![Cell::Empty; self.columns.len()];
            for (name, cell) in other.columns.iter().zip(row) {
                if let Some(at) = self.find(name) {
                    merged[at] = cell;
                }
            }
            self.rows.push(merged);
        }
    }

    /// Puts a column with one value in front.
    pub fn mark(&mut self, name: &str, value: &str) {
        self.columns.insert(0, name.to_owned());
        let value = Word::from(value);
        self.rows.iter_mut().for_each(|row| row.insert(0, Cell::Word(value.clone())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SWEEP: &str = "point,repeat,seed,link.bandwidth,qemu.version,verdict,downtime_ms\n\
                         0,0,1,1250000000,10.0,converged,120\n1,0,2,125000000,9.2,not-converged,0\n";

    #[test]
    fn axes_are_the_keys_that_vary() {
        let results = Results::from_csv(SWEEP).unwrap();
        assert_eq!(results.axes(), [3, 4]);
        assert_eq!(results.values(3), [Cell::Number(125e6), Cell::Number(1.25e9)]);
        assert_eq!(results.values(4), [Cell::Word("9.2".into()), Cell::Word("10.0".into())], "releases, not numbers");
        let finished: Vec<bool> = results.rows.iter().map(|row| results.finished(row)).collect();
        assert_eq!(finished, [true, false]);
    }

    #[test]
    fn a_summary_and_its_runs_count_the_same() {
        let runs = Results::from_csv(
            "verdict,downtime_ms\nconverged,5\nnot-converged,\naborted,\nnot-converged,\npost-copy,6\n",
        )
        .unwrap();
        let summary = Results::from_csv(
            "runs,converged_pct,post-copy_pct,not-converged_pct,aborted_pct,downtime_ms_runs,downtime_ms_median\n\
             5,20,20,40,20,2,5.5\n",
        )
        .unwrap();
        assert!(summary.is_summary() && !runs.is_summary());
        type Count = fn(&Results, &[Cell]) -> usize;
        let counts: [Count; 6] = [
            Results::runs,
            Results::runs_finished,
            |results, row| results.runs_that(row, "not-converged"),
            |results, row| results.runs_that(row, "post-copy"),
            |results, row| results.runs_that(row, "paused"),
            |results, row| results.runs_with(row, results.figure("downtime_ms").unwrap()),
        ];
        let all = |results: &Results| counts.map(|of| results.rows.iter().map(|row| of(results, row)).sum::<usize>());
        assert_eq!((all(&runs), all(&summary)), ([5, 2, 2, 1, 0, 2], [5, 2, 2, 1, 0, 2]));
    }

    #[test]
    fn an_unknown_column_has_a_neighbour() {
        let results = Results::from_csv(SWEEP).unwrap();
        for (name, meant) in [
            ("downtime", "downtime_ms"),
            ("link.bandwith", "link.bandwidth"),
            ("bandwidth", "link.bandwidth"),
            ("version", "qemu.version"),
        ] {
            let error = results.column(name).unwrap_err().to_string();
            assert!(error.contains(&format!("no column `{name}`")), "{error}");
            assert!(error.ends_with(&format!("did you mean `{meant}`?")), "{error}");
        }
        let error = results.column("colour").unwrap_err().to_string();
        assert!(error.contains("they have: point, repeat"), "{error}");
    }

    #[test]
    fn results_of_different_files_share_a_table() {
        let mut results = Results::from_csv("a,b\n1,2\n").unwrap();
        results.append(Results::from_csv("b,c\n3,x\n").unwrap());
        assert_eq!(results.columns, ["a", "b", "c"]);
        assert_eq!(results.rows[1], [Cell::Empty, Cell::Number(3.0), Cell::Word("x".into())]);
        assert_eq!(results.rows[0][2], Cell::Empty);
    }
}
