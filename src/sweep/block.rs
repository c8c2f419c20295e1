//! Runs a few rows of a sweep, one after the other.

use std::ops::Range;

use crate::metrics::{self, METRICS};
use crate::scenario::{Builder, Kept, Pick, Scenario};
use crate::sim::{self, Options, Outcome, Verdict};
use crate::statistic::{Known, Sample, Statistic};

use super::Study;
use super::column::{self, REFUSED, SweepColumn};
use super::row::{RowCell, RowForm, RowWriter};

/// What it takes to make rows; shared by all threads.
#[derive(Debug)]
pub struct Workshop<'s> {
    study: &'s Study,
    kept: Kept<'s>,
    /// The rows' columns.
    pub columns: Vec<SweepColumn>,
    form: RowForm,
}

impl<'s> Workshop<'s> {
    /// For the rows of a study.
    pub fn new(study: &'s Study, form: RowForm) -> Workshop<'s> {
        let template = &study.template;
        let columns = if study.summary { column::of_summary(template) } else { column::of_runs(template) };
        Workshop { study, kept: template.kept(), columns, form }
    }

    /// Makes rows until `stop` says so: the bytes, how many rows they are, and how many of them were refused.
    pub fn rows(&self, rows: Range<u64>, stop: impl Fn() -> bool) -> Made {
        let mut made = Made::default();
        let mut writer = RowWriter::new(self.form, &self.columns);
        let mut bench = Bench { study: self.study, builder: Builder::new(&self.kept), at: None };
        for row in rows {
            if stop() {
                break;
            }
            let whole = made.bytes.len();
            let (point, repeat) = self.study.row(row);
            bench.go_to(point);
            let refused = match self.study.summary {
                true => bench.summary(point, &mut writer, &mut made.bytes),
                false => bench.run(point, repeat, &mut writer, &mut made.bytes),
            };
            // A run that was stopped on its way gave no row.
            if stop() {
                made.bytes.truncate(whole);
                break;
            }
            made.rows += 1;
            made.refused += u64::from(refused);
        }
        made
    }
}

/// Rows that were made.
#[derive(Debug, Default)]
pub struct Made {
    /// As they stand in the file.
    pub bytes: Vec<u8>,
    /// How many there are.
    pub rows: u64,
    /// How many are of points whose values do not go together.
    pub refused: u64,
}

/// The scenario at one point after the other.
struct Bench<'k> {
    study: &'k Study,
    builder: Builder<'k>,
    at: Option<Point>,
}

struct Point {
    number: u64,
    picks: Vec<Pick>,
    scenario: Result<Scenario, String>,
    varies: bool,
}

impl Bench<'_> {
    fn go_to(&mut self, number: u64) {
        if self.at.as_ref().is_some_and(|at| at.number == number) {
            return;
        }
        let picks = self.study.picks(number);
        let scenario = self.builder.scenario(&picks);
        let varies = scenario.as_ref().is_ok_and(Scenario::varies);
        self.at = Some(Point { number, picks, scenario, varies });
    }

    /// One run, as a row; whether the point was refused.
    fn run(&self, number: u64, repeat: u64, rows: &mut RowWriter, out: &mut Vec<u8>) -> bool {
        let Some(point) = &self.at else { return false };
        let seed = self.study.seed(repeat);
        let head = [number, repeat, seed].map(RowCell::Whole).into_iter().chain(self.values(point));
        match &point.scenario {
            Ok(scenario) => {
                let outcome = self.outcome(scenario, point.varies, seed);
                rows.row(head.chain(METRICS.iter().map(|metric| RowCell::Outcome((metric.get)(&outcome)))), out);
            }
            Err(fault) => {
                let figures = METRICS.iter().map(|metric| match metric.key {
                    "verdict" => RowCell::Words(REFUSED),
                    "reason" => RowCell::Words(fault),
                    _ => RowCell::Empty,
                });
                rows.row(head.chain(figures), out);
            }
        }
        point.scenario.is_err()
    }

    /// All runs of a point, as one row; whether the point was refused.
    fn summary(&self, number: u64, rows: &mut RowWriter, out: &mut Vec<u8>) -> bool {
        let Some(point) = &self.at else { return false };
        let repeats = u64::from(self.study.template.repeats);
        let figures: Vec<_> = metrics::figures().collect();
        let mut samples: Vec<Sample> = vec![Sample::default(); figures.len()];
        let mut counts = [0u64; Verdict::ALL.len()];
        if let Ok(scenario) = &point.scenario {
            for repeat in 0..repeats {
                let outcome = self.outcome(scenario, point.varies, self.study.seed(repeat));
                samples.iter_mut().zip(&figures).for_each(|(sample, metric)| sample.add(metric.seen(&outcome)));
                counts
                    .iter_mut()
                    .zip(Verdict::ALL)
                    .for_each(|(count, verdict)| *count += u64::from(verdict == outcome.verdict));
            }
        }
        let refused = point.scenario.is_err();
        let share = |count: u64| RowCell::Number(100.0 * count as f64 / repeats as f64);
        let shares = counts.into_iter().map(share).chain([share(if refused { repeats } else { 0 })]);
        let statistics = samples.into_iter().flat_map(|sample| statistics(sample.statistic(), refused));
        let head =
            [number, if refused { 0 } else { repeats }].map(RowCell::Whole).into_iter().chain(self.values(point));
        rows.row(head.chain(shares).chain(statistics), out);
        refused
    }

    fn outcome(&self, scenario: &Scenario, varies: bool, seed: u64) -> Outcome {
        let options =
            Options { memory: self.study.memory, seed, watch: self.study.watch.clone(), ..Options::default() };
        if varies {
            sim::run_checked(scenario.drawn(seed).trusted(), &options).0
        } else {
            sim::run_checked(scenario.trusted(), &options).0
        }
    }

    fn values<'p>(&'p self, point: &'p Point) -> impl Iterator<Item = RowCell<'p>> {
        self.study.template.axes.iter().zip(&point.picks).map(|(axis, pick)| axis.shown(*pick).into())
    }
}

/// The cells of [`column::STATISTICS`]; a bound is no number and leaves its cell empty.
fn statistics(statistic: Statistic, refused: bool) -> [RowCell<'static>; 6] {
    let Statistic { of, p5, median, p95, mean, ci95 } = statistic;
    let of = if refused { RowCell::Empty } else { RowCell::Whole(of as u64) };
    let quantiles = [median, p5, p95].map(|known| known.and_then(Known::exact));
    let cell = |number: Option<f64>| number.map_or(RowCell::Empty, RowCell::Number);
    [of, cell(quantiles[0]), cell(quantiles[1]), cell(quantiles[2]), cell(mean), cell(ci95)]
}
