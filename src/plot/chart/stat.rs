//! One figure of several runs, summed up.

use super::series::Row;
use crate::plot::figure::Inside;
use crate::results::{Cell, Results, column};
use crate::statistic::{Known, Sample, Seen, Statistic};

/// One figure of several runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stat {
    /// All runs.
    pub runs: usize,
    /// Runs that came to their end.
    pub finished: usize,
    /// Runs that the interval was taken over.
    pub of: usize,
    /// Where the figure lies, if its median is known. A run that was cut off counts as at least what it had by then, and an
    /// aborted one not at all.
    pub interval: Option<Interval>,
    /// Median of the figure in the runs that came to no end, without an end where only the end would give it one.
    pub unfinished: Option<f64>,
}

/// Where a figure lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Interval {
    pub p5: f64,
    pub median: f64,
    /// The highest that is known.
    pub p95: f64,
    /// Whether the upper end is a lower bound.
    pub open: bool,
}

impl Interval {
    fn of(statistic: Statistic) -> Option<Interval> {
        let (p5, median) = (statistic.p5?.exact()?, statistic.median?.exact()?);
        let Known { value: p95, at_least: open } = statistic.p95?;
        Some(Interval { p5, median, p95, open })
    }
}

impl Stat {
    /// Sums up the column at `at`; runs in which it is not known count as runs.
    pub(super) fn of(results: &Results, rows: &[Row], at: usize) -> Stat {
        let others: Vec<Row> = rows.iter().copied().filter(|row| !results.finished(row)).collect();
        let all = rows.iter().map(|row| results.seen(row, at)).collect::<Sample>().statistic();
        let sum = |of: &dyn Fn(Row) -> usize| rows.iter().map(|row| of(row)).sum::<usize>();
        let (runs, finished) = (sum(&|row| results.runs(row)), sum(&|row| results.runs_finished(row)));
        let of = sum(&|row| if results.seen(row, at) == Seen::Nothing { 0 } else { results.runs_with(row, at) });
        let numbers = others.iter().filter_map(|row| row[at].number()).map(Seen::Exactly);
        let unfinished = match column::needs_end(&results.columns[at]) {
            true => (finished < runs).then_some(f64::INFINITY),
            false => (!others.is_empty())
                .then(|| numbers.collect::<Sample>().statistic().median.map_or(f64::INFINITY, |median| median.value)),
        };
        Stat { runs, finished, of, interval: Interval::of(all), unfinished }
    }

    /// Whether the interval is that of some of the runs only.
    pub(super) fn is_partial(&self) -> bool {
        self.interval.is_some() && self.of.min(self.finished) < self.runs
    }

    /// How a mark at the median looks.
    pub(super) fn inside(&self) -> Inside {
        if self.is_partial() { Inside::Half } else { Inside::Full }
    }

    /// Whether at least half of the runs came to their end.
    pub(super) fn mostly_finished(&self) -> bool {
        2 * self.finished >= self.runs && self.interval.is_some()
    }

    /// The values that a mark of most runs reaches.
    pub(super) fn reach(&self) -> impl Iterator<Item = f64> {
        let most = self.mostly_finished();
        let interval = self.interval.filter(|_| most);
        interval.into_iter().flat_map(|i| [i.median, i.p95]).chain(self.unfinished.filter(|_| !most))
    }

    /// What a point says of it.
    pub(super) fn says(&self, name: &str) -> String {
        let shown =
            |value: f64| if value.is_finite() { column::show(name, &Cell::Number(value)) } else { "–".to_owned() };
        let mut text = match (self.interval, self.unfinished) {
            (Some(Interval { p5, median, p95, open }), _) if p5 < p95 => {
                let most = if open { "more than " } else { "" };
                format!("{} {} ({} to {most}{})", column::label(name), shown(median), shown(p5), shown(p95))
            }
            (Some(interval), _) => format!("{} {}", column::label(name), shown(interval.median)),
            (None, other) => format!("{} {}", column::label(name), shown(other.unwrap_or(f64::NAN))),
        };
        match (self.runs, self.finished) {
            (1, 1) => {}
            (1, 0) => text += "\nnot converged",
            (runs, finished) => text += &format!("\n{finished} of {runs} runs converged"),
        }
        if self.interval.is_some() && self.of < self.finished {
            text += &format!("\n{} of {} runs have it", self.of, self.runs);
        }
        text
    }
}
