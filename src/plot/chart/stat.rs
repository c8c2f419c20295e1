//! One figure of several runs, summed up.

use super::series::Row;
use crate::report::results::{Cell, Results, column};
use crate::sweep::Interval;

/// One figure of several runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stat {
    /// All runs.
    pub runs: usize,
    /// Runs that came to their end.
    pub finished: usize,
    /// The figure in those.
    pub interval: Option<Interval>,
    /// Median of the figure in the others, without an end where only the end would give it one.
    pub unfinished: Option<f64>,
}

impl Stat {
    /// Sums up the column at `at`; runs in which it is not known count as runs.
    pub fn of(results: &Results, rows: &[Row], at: usize) -> Stat {
        let (finished, others): (Vec<Row>, Vec<Row>) = rows.iter().partition(|row| results.finished(row));
        let numbers = |rows: &[Row]| rows.iter().filter_map(|row| row[at].number()).collect::<Vec<_>>();
        let interval = |values: Vec<f64>| (!values.is_empty()).then(|| Interval::of(values));
        let unfinished = (!others.is_empty()).then(|| match column::needs_end(&results.columns[at]) {
            true => f64::INFINITY,
            false => interval(numbers(&others)).map_or(f64::INFINITY, |interval| interval.median),
        });
        Stat { runs: rows.len(), finished: finished.len(), interval: interval(numbers(&finished)), unfinished }
    }

    /// Whether at least half of the runs came to their end.
    pub fn mostly_finished(&self) -> bool {
        2 * self.finished >= self.runs && self.interval.is_some()
    }

    /// The values that a mark of most runs reaches.
    pub fn reach(&self) -> impl Iterator<Item = f64> {
        let most = self.mostly_finished();
        let interval = self.interval.filter(|_| most);
        interval.into_iter().flat_map(|i| [i.median, i.p95]).chain(self.unfinished.filter(|_| !most))
    }

    /// What a point says of it.
    pub fn says(&self, name: &str) -> String {
        let shown =
            |value: f64| if value.is_finite() { column::show(name, &Cell::Number(value)) } else { "–".to_owned() };
        let mut text = match (self.interval, self.unfinished) {
            (Some(Interval { p5, median, p95 }), _) if p5 < p95 => {
                format!("{} {} ({} to {})", column::label(name), shown(median), shown(p5), shown(p95))
            }
            (Some(interval), _) => format!("{} {}", column::label(name), shown(interval.median)),
            (None, other) => format!("{} {}", column::label(name), shown(other.unwrap_or(f64::NAN))),
        };
        match (self.runs, self.finished) {
            (1, 1) => {}
            (1, 0) => text += "\nnot converged",
            (runs, finished) => text += &format!("\n{finished} of {runs} runs converged"),
        }
        text
    }
}
