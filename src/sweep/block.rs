//! Makes rows of a sweep, one after the other.

use std::ops::Range;

use crate::metrics::{self, METRICS};
use crate::scenario::{Builder, Kept, Pick, Scenario};
use crate::sim::{Options, Outcome, Verdict, Workspace};
use crate::statistic::{Known, Sample, Statistic};

use super::Study;
use super::column::{self, REFUSED, SweepColumn};
use super::row::{RowCell, RowKind};

/// What it takes to make rows; shared by all threads.
#[derive(Debug)]
pub struct Workshop<'s, K> {
    study: &'s Study,
    kept: Kept<'s>,
    /// The rows' columns.
    pub columns: Vec<SweepColumn>,
    kind: K,
}

impl<'s, K: RowKind> Workshop<'s, K> {
    /// For the rows of a study.
    pub fn new(study: &'s Study, kind: K) -> Workshop<'s, K> {
        let template = &study.template;
        let columns = if study.summary { column::of_summary(template) } else { column::of_runs(template) };
        Workshop { study, kept: template.kept(), columns, kind }
    }

    /// A bench for one thread.
    pub fn bench(&self) -> Bench<'_, K> {
        Bench {
            study: self.study,
            builder: Builder::new(&self.kept),
            writer: self.kind.writer(&self.columns),
            workspace: Workspace::default(),
            point: None,
            picks: Vec::new(),
        }
    }
}

/// Rows that were made.
#[derive(Debug, Default)]
pub struct Made<B> {
    /// The rows.
    pub block: B,
    /// How many there are.
    pub rows: u64,
    /// How many are of points whose values do not go together.
    pub refused: u64,
}

/// Where rows are made, one after the other, with what they have in common at hand.
#[derive(Debug)]
pub struct Bench<'w, K: RowKind> {
    study: &'w Study,
    builder: Builder<'w>,
    writer: K::Writer,
    workspace: Workspace,
    /// The last point.
    point: Option<u64>,
    /// The values of all axes there.
    picks: Vec<Pick>,
}

impl<K: RowKind> Bench<'_, K> {
    /// Makes rows until `stop` says so.
    pub fn rows(&mut self, rows: Range<u64>, stop: impl Fn() -> bool) -> Made<K::Block> {
        let mut made = Made::default();
        for row in rows {
            if stop() {
                break;
            }
            let (point, repeat) = self.study.row(row);
            if self.point.replace(point) != Some(point) {
                self.study.picks(point, &mut self.picks);
            }
            let refused = match self.study.summary {
                true => self.summary(point, &stop, &mut made.block),
                false => self.run(point, repeat, &stop, &mut made.block),
            };
            let Some(refused) = refused else { break };
            made.rows += 1;
            made.refused += u64::from(refused);
        }
        made
    }

    /// One run, as a row; whether the point was refused. A run that was stopped on its way gives no row.
    fn run(&mut self, point: u64, repeat: u64, stop: &impl Fn() -> bool, block: &mut K::Block) -> Option<bool> {
        let seed = self.study.seed(repeat);
        let head = || [point, repeat, seed].map(RowCell::Whole).into_iter().chain(values(self.study, &self.picks));
        match self.builder.scenario(&self.picks) {
            Ok(scenario) => {
                let outcome = outcome(self.study, &mut self.workspace, scenario, seed);
                if stop() {
                    return None;
                }
                let figures = METRICS.iter().map(|metric| RowCell::Outcome((metric.get)(&outcome)));
                K::row(&mut self.writer, head().chain(figures), block);
                Some(false)
            }
            Err(fault) => {
                let figures = METRICS.iter().map(|metric| match metric.key {
                    "verdict" => RowCell::Words(REFUSED),
                    "reason" => RowCell::Words(&fault),
                    _ => RowCell::Empty,
                });
                K::row(&mut self.writer, head().chain(figures), block);
                Some(true)
            }
        }
    }

    /// All runs of a point, as one row; whether the point was refused. Of runs that were stopped on their way there is no row.
    fn summary(&mut self, point: u64, stop: &impl Fn() -> bool, block: &mut K::Block) -> Option<bool> {
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
        if stop() {
            return None;
        }
        let refused = scenario.is_err();
        let share = |count: u64| RowCell::Number(100.0 * count as f64 / repeats as f64);
        let shares = counts.into_iter().map(share).chain([share(if refused { repeats } else { 0 })]);
        let statistics = samples.into_iter().flat_map(|sample| statistics(sample.statistic(), refused));
        let head = [point, if refused { 0 } else { repeats }].map(RowCell::Whole).into_iter();
        let cells = head.chain(values(self.study, &self.picks)).chain(shares).chain(statistics);
        K::row(&mut self.writer, cells, block);
        Some(refused)
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
