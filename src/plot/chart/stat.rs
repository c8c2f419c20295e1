//! One figure of several runs, summed up.

use super::band::Band;
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
    pub low: f64,
    pub middle: f64,
    /// The highest that is known.
    pub high: f64,
    /// Whether the upper end is a lower bound.
    pub open: bool,
}

impl Interval {
    fn of(statistic: Statistic, band: Band) -> Option<Interval> {
        let point = |middle| Interval { low: middle, middle, high: middle, open: false };
        match band {
            Band::Quantiles => {
                let (low, middle) = (statistic.p5?.exact()?, statistic.median?.exact()?);
                let Known { value: high, at_least: open } = statistic.p95?;
                Some(Interval { low, middle, high, open })
            }
            Band::Confidence => {
                let (middle, half) = (statistic.mean?, statistic.ci95.unwrap_or(0.0));
                Some(Interval { low: middle - half, high: middle + half, ..point(middle) })
            }
            Band::Nothing => Some(point(statistic.median?.exact()?)),
        }
    }

    /// What a summary's row says of the figure whose middle is in the column at `at`.
    fn stated(self, results: &Results, row: Row, at: usize, band: Band) -> Interval {
        let beside = |other: &str| {
            let place = results.find(&column::sibling(&results.columns[at], other))?;
            row[place].number()
        };
        match band {
            Band::Quantiles if results.columns[at].ends_with("_median") => Interval {
                low: beside("p5").map_or(self.low, |low| low.min(self.middle)),
                high: beside("p95").map_or(self.high, |high| high.max(self.middle)),
                ..self
            },
            Band::Confidence if results.columns[at].ends_with("_mean") => {
                let half = beside("ci95").unwrap_or(0.0);
                Interval { low: self.middle - half, high: self.middle + half, ..self }
            }
            _ => self,
        }
    }
}

impl Stat {
    /// Sums up the column at `at`; runs in which it is not known count as runs.
    pub(super) fn of(results: &Results, rows: &[Row], at: usize) -> Stat {
        Stat::within(results, rows, at, Band::Quantiles)
    }

    /// Sums up the column at `at` with that interval around its middle. Of a summary's only row, the interval is what it says.
    pub(super) fn within(results: &Results, rows: &[Row], at: usize, band: Band) -> Stat {
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
        let interval = Interval::of(all, band);
        let interval = match rows {
            [row] if results.is_summary() => interval.map(|interval| interval.stated(results, row, at, band)),
            _ => interval,
        };
        Stat { runs, finished, of, interval, unfinished }
    }

    /// Whether the interval is more than a point.
    pub(super) fn has_width(&self) -> bool {
        self.interval.is_some_and(|interval| interval.low < interval.high)
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
        interval.into_iter().flat_map(|i| [i.middle, i.high]).chain(self.unfinished.filter(|_| !most))
    }

    /// What a point says of it.
    pub(super) fn says(&self, name: &str) -> String {
        let shown =
            |value: f64| if value.is_finite() { column::show(name, &Cell::Number(value)) } else { "–".to_owned() };
        let mut text = match (self.interval, self.unfinished) {
            (Some(Interval { low, middle, high, open }), _) if low < high => {
                let most = if open { "more than " } else { "" };
                format!("{} {} ({} to {most}{})", column::label(name), shown(middle), shown(low), shown(high))
            }
            (Some(interval), _) => format!("{} {}", column::label(name), shown(interval.middle)),
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
