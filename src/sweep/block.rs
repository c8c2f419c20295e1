//! Makes rows of a sweep, one after the other.

use std::ops::Range;

use crate::metrics::{self, METRICS};
use crate::scenario::{Builder, Kept, Pick, Scenario};
use crate::sim::{Options, Outcome, Verdict, Workspace};
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

    /// A bench for one thread.
    pub fn bench(&self) -> Bench<'_> {
        Bench {
            study: self.study,
            builder: Builder::new(&self.kept),
            writer: RowWriter::new(self.form, &self.columns),
            workspace: Workspace::default(),
            point: None,
            picks: Vec::new(),
        }
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

/// Where rows are made, one after the other, with what they have in common at hand.
#[derive(Debug)]
pub struct Bench<'w> {
    study: &'w Study,
    builder: Builder<'w>,
    writer: RowWriter,
    workspace: Workspace,
    /// The last point.
    point: Option<u64>,
    /// The values of all axes there.
    picks: Vec<Pick>,
}

impl Bench<'_> {
    /// Makes rows until `stop` says so: the bytes, how many rows they are, and how many of them were refused.
    pub fn rows(&mut self, rows: Range<u64>, stop: impl Fn() -> bool) -> Made {
        let mut made = Made::default();
        for row in rows {
            if stop() {
                break;
            }
            let whole = made.bytes.len();
            let (point, repeat) = self.study.row(row);
            if self.point.replace(point) != Some(point) {
                self.study.picks(point, &mut self.picks);
            }
            let refused = match self.study.summary {
                true => self.summary(point, &mut made.bytes),
                false => self.run(point, repeat, &mut made.bytes),
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

    /// One run, as a row; whether the point was refused.
    fn run(&mut self, point: u64, repeat: u64, out: &mut Vec<u8>) -> bool {
        let seed = self.study.seed(repeat);
        let head = || [point, repeat, seed].map(RowCell::Whole).into_iter().chain(values(self.study, &self.picks));
        match self.builder.scenario(&self.picks) {
            Ok(scenario) => {
                let outcome = outcome(self.study, &mut self.workspace, scenario, seed);
                self.writer
                    .row(head().chain(METRICS.iter().map(|metric| RowCell::Outcome((metric.get)(&outcome)))), out);
                false
            }
            Err(fault) => {
                let figures = METRICS.iter().map(|metric| match metric.key {
                    "verdict" => RowCell::Words(REFUSED),
                    "reason" => RowCell::Words(&fault),
                    _ => RowCell::Empty,
                });
                self.writer.row(head().chain(figures), out);
                true
            }
        }
    }

    /// All runs of a point, as one row; whether the point was refused.
    fn summary(&mut self, point: u64, out: &mut Vec<u8>) -> bool {
        let repeats = u64::from(self.study.template.repeats);
        let figures: Vec<_> = metrics::figures().collect();
        let mut samples: Vec<Sample> = vec![Sample::default(); figures.len()];
        let mut counts = [0u64; Verdict::ALL.len()];
        let scenario = self.builder.scenario(&self.picks);
        if let Ok(scenario) = &scenario {
            for repeat in 0..repeats {
                let outcome = outcome(self.study, &mut self.workspace, scenario, self.study.seed(repeat));
                samples.iter_mut().zip(&figures).for_each(|(sample, metric)| sample.add(metric.seen(&outcome)));
                counts
                    .iter_mut()
                    .zip(Verdict::ALL)
                    .for_each(|(count, verdict)| *count += u64::from(verdict == outcome.verdict));
            }
        }
        let refused = scenario.is_err();
        let share = |count: u64| RowCell::Number(100.0 * count as f64 / repeats as f64);
        let shares = counts.into_iter().map(share).chain([share(if refused { repeats } else { 0 })]);
        let statistics = samples.into_iter().flat_map(|sample| statistics(sample.statistic(), refused));
        let head = [point, if refused { 0 } else { repeats }].map(RowCell::Whole).into_iter();
        self.writer.row(head.chain(values(self.study, &self.picks)).chain(shares).chain(statistics), out);
        refused
    }
}

/// One run of a scenario.
fn outcome(study: &Study, workspace: &mut Workspace, scenario: &Scenario, seed: u64) -> Outcome {
    let options = Options { memory: study.memory, seed, watch: study.watch.clone(), ..Options::default() };
    match scenario.varies() {
        true => workspace.run(scenario.drawn(seed).trusted(), &options).0,
        false => workspace.run(scenario.trusted(), &options).0,
    }
}

/// The cells of the axes.
fn values<'p>(study: &'p Study, picks: &'p [Pick]) -> impl Iterator<Item = RowCell<'p>> {
    study.template.axes.iter().zip(picks).map(|(axis, pick)| axis.shown(*pick).into())
}

/// The cells of [`column::STATISTICS`]; a bound is no number and leaves its cell empty.
fn statistics(statistic: Statistic, refused: bool) -> [RowCell<'static>; 7] {
    let Statistic { of, cut_off, p5, median, p95, mean, ci95 } = statistic;
    let [of, cut_off] = [of, cut_off].map(|runs| if refused { RowCell::Empty } else { RowCell::Whole(runs as u64) });
    let quantiles = [median, p5, p95].map(|known| known.and_then(Known::exact));
    let cell = |number: Option<f64>| number.map_or(RowCell::Empty, RowCell::Number);
    [of, cut_off, cell(quantiles[0]), cell(quantiles[1]), cell(quantiles[2]), cell(mean), cell(ci95)]
}
