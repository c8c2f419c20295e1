//! One figure of several runs, summed up.

use super::band::Band;
use crate::plot::figure::Inside;
use crate::results::{Cell, ResultRow, Results, column};
use crate::statistic::{Sample, Seen, Statistic};

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
    /// Median of the figure in the runs that came to no end, without an end where only the end would give it one; where runs that
    /// were cut off hide the median of all, the bound of that.
    pub unfinished: Option<f64>,
    /// Whether runs that were cut off hide the median of all.
    pub cut_off: bool,
}

/// Where a figure lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Interval {
    pub low: f64,
    pub middle: f64,
    /// The upper end, or the middle where runs that were cut off leave that open.
    pub high: f64,
    /// Whether the upper end is not known.
    pub open: bool,
}

impl Interval {
    fn of(statistic: Statistic, band: Band) -> Option<Interval> {
        let point = |middle| Interval { low: middle, middle, high: middle, open: false };
        match band {
            Band::Quantiles => {
                let (low, middle) = (statistic.p5?.exact()?, statistic.median?.exact()?);
                let high = statistic.p95?.exact();
                Some(Interval { low, middle, high: high.unwrap_or(middle), open: high.is_none() })
            }
            Band::Confidence => {
                let (middle, half) = (statistic.mean?, statistic.ci95.unwrap_or(0.0));
                Some(Interval { low: middle - half, high: middle + half, ..point(middle) })
            }
            Band::Nothing => Some(point(statistic.median?.exact()?)),
        }
    }

    /// The ends of its whisker, if it has one; the upper is infinite where it is not known.
    pub(super) fn whisker(self) -> Option<(f64, f64)> {
        let Interval { low, high, open, .. } = self;
        (low < high || open).then_some((low, if open { f64::INFINITY } else { high }))
    }

    /// Another statistic of the figure that the column of a summary at `at` is of.
    fn beside(results: &Results, row: ResultRow, at: usize, other: &str) -> Option<f64> {
        row.number(results.find(&column::sibling(results.name(at), other))?)
    }

    /// What a summary's row says of the figure whose middle is in the column at `at`.
    fn stated(self, results: &Results, row: ResultRow, at: usize, band: Band) -> Interval {
        let beside = |other| Interval::beside(results, row, at, other);
        match band {
            Band::Quantiles if results.name(at).ends_with("_median") => Interval {
                low: beside("p5").map_or(self.low, |low| low.min(self.middle)),
                high: beside("p95").map_or(self.high, |high| high.max(self.middle)),
                open: beside("p95").is_none() && beside("cut_off").is_some_and(|runs| runs > 0.0),
                ..self
            },
            Band::Confidence if results.name(at).ends_with("_mean") => {
                let half = beside("ci95").unwrap_or(0.0);
                Interval { low: self.middle - half, high: self.middle + half, ..self }
            }
            _ => self,
        }
    }
}

impl Stat {
    /// Sums up the column at `at`; runs in which it is not known count as runs.
    pub(super) fn of(results: &Results, rows: &[ResultRow], at: usize) -> Stat {
        Stat::within(results, rows, at, Band::Quantiles)
    }

    /// Sums up the column at `at` with that interval around its middle. Of a summary's only row, the interval is what it says.
    pub(super) fn within(results: &Results, rows: &[ResultRow], at: usize, band: Band) -> Stat {
        let (mut sample, mut cut_off) = (Sample::default(), Sample::default());
        let (mut runs, mut finished, mut of, mut endless) = (0, 0, 0, false);
        for row in rows {
            let seen = row.seen(at);
            sample.add(seen);
            runs += row.runs();
            finished += row.runs_finished();
            of += if seen == Seen::Nothing { 0 } else { row.runs_with(at) };
            if !row.finished() {
                endless = true;
                cut_off.add(row.number(at).map_or(Seen::Nothing, Seen::Exactly));
            }
        }
        let all = sample.statistic();
        let bound = all.median.filter(|median| median.at_least);
        let unfinished = match column::needs_end(results.name(at)) {
            true => (finished < runs).then_some(f64::INFINITY),
            false => endless
                .then(|| bound.or_else(|| cut_off.statistic().median).map_or(f64::INFINITY, |median| median.value)),
        };
        // The median that a summary has not.
        let hides =
            |row: &ResultRow| row.number(at).is_none() && Interval::beside(results, *row, at, "cut_off") > Some(0.0);
        let is_cut_off = bound.is_some() || all.median.is_none() && results.is_summary() && rows.iter().any(hides);
        let interval = Interval::of(all, band);
        let interval = match rows {
            [row] if results.is_summary() => interval.map(|interval| interval.stated(results, *row, at, band)),
            _ => interval,
        };
        Stat { runs, finished, of, interval, unfinished, cut_off: is_cut_off }
    }

    /// What a mark of the runs that came to no end stands for, and nothing of those that did.
    pub(super) fn without_end(self) -> Stat {
        Stat { interval: None, ..self }
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
            |value: f64| if value.is_finite() { column::show(name, Cell::Number(value)) } else { "–".to_owned() };
        let mut text = match (self.interval, self.unfinished) {
            (Some(Interval { low, middle, high, open }), _) if low < high || open => {
                let most = if open { "beyond the limit".to_owned() } else { shown(high) };
                format!("{} {} ({} to {most})", column::label(name), shown(middle), shown(low))
            }
            (Some(interval), _) => format!("{} {}", column::label(name), shown(interval.middle)),
            (None, Some(bound)) if self.cut_off && bound.is_finite() => {
                format!("{} ≥ {}", column::label(name), shown(bound))
            }
            (None, _) if self.cut_off => format!("{} beyond the limit", column::label(name)),
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

#[cfg(test)]
mod tests {
    use super::*;

    /// One run of twenty was cut off: the median is known and the end above it is not, be it of rows or of their summary.
    #[test]
    fn an_end_that_was_cut_off_is_left_open_in_rows_and_in_their_summary() {
        let rows: String = (1..20).map(|at| format!("0,converged,{at}\n")).collect();
        let rows = format!("point,verdict,total_time_ms\n{rows}0,not-converged,1000\n");
        let summary = "point,runs,converged_pct,not_converged_pct,total_time_ms_of,total_time_ms_cut_off,total_time_ms_median,\
                       total_time_ms_p5,total_time_ms_p95\n0,20,95,5,20,1,10.5,1.95,\n";
        let intervals = [(rows.as_str(), "total_time_ms"), (summary, "total_time_ms_median")].map(|(text, name)| {
            let results = Results::from_csv(text).unwrap();
            let all: Vec<ResultRow> = results.rows().collect();
            let stat = Stat::of(&results, &all, results.find(name).unwrap());
            assert!(stat.says(name).contains("to beyond the limit)"), "{}", stat.says(name));
            stat.interval.unwrap()
        });
        for Interval { low, middle, high, open } in intervals {
            assert!((low - 1.95).abs() < 1e-9 && open, "{low}, open: {open}");
            assert_eq!(intervals[0].whisker().unwrap().1, f64::INFINITY);
            assert_eq!((middle, high), (10.5, 10.5));
        }
    }
    /// Twelve runs of twenty were cut off: the tip has the bound, which a summary does not keep.
    #[test]
    fn a_median_that_is_cut_off_is_told_as_a_bound() {
        let ended = "0,converged,30000,5\n".repeat(8);
        let rows =
            format!("point,verdict,total_time_ms,downtime_ms\n{ended}{}", "0,not-converged,3600000,\n".repeat(12));
        let summary = "point,runs,converged_pct,not-converged_pct,total_time_ms_runs,total_time_ms_cut_off,total_time_ms_median,\
                       downtime_ms_runs,downtime_ms_cut_off,downtime_ms_median\n0,20,40,60,20,12,,8,0,5\n";
        for (text, bound) in [(rows.as_str(), "≥ 1 h 00 min"), (summary, "beyond the limit")] {
            let results = Results::from_csv(text).unwrap();
            let all: Vec<ResultRow> = results.rows().collect();
            let of = |name| Stat::of(&results, &all, results.figure(name).unwrap());
            let says = of("total_time_ms").says("total_time_ms");
            assert_eq!(says, format!("total time {bound}\n8 of 20 runs converged"));
            let open = of("downtime_ms").without_end().says("downtime_ms");
            assert_eq!(open, "downtime –\n8 of 20 runs converged");
        }
    }
}
