//! Which guest and link explain a measured migration?
//!
//! A [`Trace`] knows what was configured and what a client saw. What the guest writes is looked for: candidates are
//! simulated, and the one whose migration is closest to the measured one is kept, with how far each of its figures could
//! be moved before noise no longer explains the difference.
//!
//! ```text
//!  trace ── Case ──┐                        ┌─ Features (predicted) ─┐
//!                  ├─ Scenario ── sim::run ─┘                        ├─ Misfit ─► Search, Interval
//!          Guess ──┘                           Features (measured) ──┘
//! ```
//!
//! Decisions of a migration are whole: a sync more, a step of the throttle. The misfit has kinks, so nothing here uses
//! a gradient. `docs/fit.md` explains the rest.

mod case;
mod dirtyrate;
mod features;
mod file;
mod first_scenario;
mod glimpse;
mod guess;
mod prior;
mod profile;
mod quick;
mod ranges;
mod recorded;
mod search;
mod simplex;
mod sketch;

use std::cell::Cell;

pub use case::Unfit;
pub use dirtyrate::{CalcMode, DirtyRates, MeasuredGuest, MeasuredWorkload, USUAL_SAMPLES, Unusable, ZeroPages};
pub(crate) use file::{known, whole_size};
pub use first_scenario::FirstScenario;
pub use guess::{FitQuantity, WriteShape};
pub use quick::{quick, scenario_file};
pub use recorded::{curve, recorded_file};
pub use search::FitProgress;

use crate::compare::{Trace, TraceComparison};
use crate::scenario::Scenario;
use crate::sim::Timeline;
use crate::units::{PageRate, Share};
use case::FitCase;
use guess::Guess;
pub use prior::DRIFT;
use profile::ProfileInterval;
use ranges::{central, is_open_upwards, known_anyway, open, ranges};
use search::{ShapeSearch, rms};

/// A quantity that was looked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Which one.
    pub quantity: FitQuantity,
    /// What explains the migration best, in the unit of [`FitQuantity`].
    pub value: f64,
    /// Lowest value with which a guest of the fitted kind explains it, as far as noise goes; `None`: any low one does,
    /// or it was not looked for.
    pub low: Option<f64>,
    /// Highest one.
    pub high: Option<f64>,
    /// Why it was not looked for, if so.
    pub unseen: Option<&'static str>,
}

impl Parameter {
    /// Farther than this from the value, as a share of it, an end of the interval makes a quantity undetermined.
    pub const DETERMINED: f64 = 0.15;

    /// What noise allows, for a person.
    pub fn range(&self) -> String {
        let show = |value: f64| self.quantity.show(value);
        match (self.low, self.high) {
            (Some(low), Some(high)) => format!("{} to {}", show(low), show(high)),
            (Some(low), None) => format!("{} or more", show(low)),
            (None, Some(high)) => format!("{} or less", show(high)),
            (None, None) => "anything".to_owned(),
        }
    }

    /// Whether the value lies outside its own interval: what was counted without a model contradicts the closest guest.
    pub fn is_contradicted(&self) -> bool {
        const ROUNDING: f64 = 1e-6;
        self.low.is_some_and(|low| self.value < low * (1.0 - ROUNDING))
            || self.high.is_some_and(|high| self.value > high * (1.0 + ROUNDING))
    }

    /// Whether the migration tells what it is, if the guest is of the fitted kind: the value lies in its interval, and neither
    /// end is farther away than [`DETERMINED`](Parameter::DETERMINED).
    pub fn is_determined(&self) -> bool {
        if self.is_contradicted() {
            return false;
        }
        let near = |end: Option<f64>| end.is_some_and(|end| (end / self.value - 1.0).abs() <= Parameter::DETERMINED);
        near(self.low) && near(self.high)
    }
}

/// One kind of guest, and how well the best of that kind explains the migrations.
#[derive(Clone, Copy, Debug)]
pub struct FitCandidate {
    /// Order of its writes.
    pub shape: WriteShape,
    /// Whether its writer may be less than fully busy.
    pub slack: bool,
    /// Root mean square of the differences, in standard deviations of repeated migrations.
    pub misfit: f64,
    /// Whether noise alone may be why another one explains them better.
    pub as_good: bool,
    /// Page writes of the best of that kind [pages/s].
    pub rate: f64,
    /// Its working set [pages].
    pub region: f64,
    /// How busy its writer is (0..=1].
    pub cpu: f64,
}

/// A measured migration and what the fitted guest makes of it.
#[derive(Clone, Debug)]
pub struct Fitted {
    /// The two records side by side.
    pub comparison: TraceComparison,
    /// What a client saw.
    pub measured: Timeline,
    /// What it would have seen.
    pub predicted: Timeline,
}

/// The guest and link that explain the migrations.
#[derive(Clone, Debug)]
pub struct Fit {
    /// Order of the guest's writes.
    pub shape: WriteShape,
    /// All kinds of guests that were tried, the simplest first. The first that is as good as any is the fitted one.
    pub candidates: Vec<FitCandidate>,
    /// What was found.
    pub parameters: Vec<Parameter>,
    /// Root mean square of the differences, in standard deviations of repeated migrations.
    pub misfit: f64,
    /// Migrations simulated.
    pub runs: usize,
    /// Whether the search went to its end; else this is the best so far, and intervals are missing.
    pub finished: bool,
    /// The first trace's scenario with the fitted guest.
    pub scenario: Scenario,
    /// What a few looks leave open, and which one would tell more, one sentence each; empty for logs.
    pub open: Vec<String>,
    /// Every trace.
    pub traces: Vec<Fitted>,
}

impl Fit {
    /// A guest that is farther off than so many times the scatter of repeats explains nothing.
    pub const EXPLAINED: f64 = 2.0;

    /// Whether the closest guest explains what was measured, as far as noise goes.
    pub fn is_explained(&self) -> bool {
        self.misfit <= Fit::EXPLAINED && !self.parameters.iter().any(Parameter::is_contradicted)
    }

    /// The scenario as a file, which says at its head where it comes from.
    pub fn file(&self) -> String {
        let names: Vec<&str> = self.traces.iter().map(|fitted| fitted.comparison.trace.as_str()).collect();
        let mut remarks = vec![format!("Fitted by precopy {} to {}.", env!("CARGO_PKG_VERSION"), names.join(", "))];
        // A file's name may hold anything; a remark ends with its line.
        remarks[0].retain(|c| !c.is_control());
        let explained = self.is_explained() || !self.finished;
        if !explained {
            remarks.push(
                "No guest that was tried explains this: the closest one is here, and its ranges are of no use."
                    .to_owned(),
            );
        }
        for parameter in &self.parameters {
            let key = parameter.quantity.key();
            remarks.push(match parameter.unseen {
                Some(why) => format!("{key}: not determined, {why}"),
                None if parameter.is_determined() => format!("{key}: determined"),
                None if self.open.is_empty() => format!("{key}: not determined by this migration"),
                None => format!("{key}: {} explains what was seen", parameter.range()),
            });
        }
        remarks.extend(self.open.iter().cloned());
        let others = self.candidates.iter().filter(|other| other.as_good).skip(1).count();
        if others > 0 && explained {
            remarks.push(format!("{others} other kinds of guests explain it as well, `precopy fit` names them"));
        }
        let least = self.least_rate();
        if let Some(least) = least {
            remarks.push(format!(
                "Any rate from {least} on explains what was seen: an answer about a throttle is a range. A trial with \
                 auto-converge tells more."
            ));
        }
        file::text(&self.scenario, &remarks, &file::workloads(&self.scenario, least))
    }

    /// The least rate that explains the migrations, where any faster one does as well. With slack none does by itself.
    pub fn least_rate(&self) -> Option<PageRate> {
        let rate = self.parameters.iter().find(|parameter| parameter.quantity == FitQuantity::Rate)?;
        let has_slack = self.scenario.guest.workloads.first().is_none_or(|writer| writer.cpu != Share::ALL);
        let is_open = self.finished && rate.high.is_none() && !rate.is_contradicted() && !has_slack;
        rate.low.filter(|_| is_open).map(PageRate)
    }
}

/// Finds the guest and link that explain all `traces` together.
///
/// `watch` is told of every run and stops the search by saying no. The same traces and seed give the same fit.
/// `None` if the search was stopped before it had anything.
///
/// # Errors
/// [`Unfit`] names the first trace that nothing can be fitted to.
pub fn fit(traces: Vec<Trace>, seed: u64, watch: &dyn Fn(FitProgress) -> bool) -> Result<Option<Fit>, Unfit> {
    let cases = traces.into_iter().map(FitCase::new).collect::<Result<Vec<_>, _>>()?;
    let runs = Cell::new(0);
    let mut searches: Vec<ShapeSearch> = Vec::new();
    let throttled = cases.iter().any(FitCase::throttled);
    let mut go_on = true;
    for slack in [false, true].into_iter().filter(|slack| throttled || !slack) {
        for shape in WriteShape::ALL {
            if !go_on {
                break;
            }
            let search = ShapeSearch::new(&cases, shape, slack, watch, &runs);
            let hints: Vec<_> = searches.iter().filter_map(|simpler| search.hint_from(simpler)).collect();
            go_on = search.everywhere(seed, &hints).is_some();
            searches.extend(search.best().is_some().then_some(search));
        }
    }
    let Some(limit) = limit(&searches) else { return Ok(None) };
    let good = |search: &&ShapeSearch| search.best().is_some_and(|found| found.misfit.sum <= limit);
    let Some(search) = searches.iter().find(good) else { return Ok(None) };
    // A few looks do not tell kinds apart, so what is said holds for all that explain them.
    let glimpsed = cases.iter().any(|case| case.glimpse().is_some());
    let kinds = searches.iter().filter(good).take(if glimpsed { searches.len() } else { 1 });
    let ranges = if go_on { ranges(kinds) } else { None };
    let Some(mut found) = search.best() else { return Ok(None) };
    let ranges = ranges.map(|ranges| known_anyway(ranges, &cases));
    let is_open = |ranges: &&Vec<_>| glimpsed || (!search.slack && is_open_upwards(ranges));
    if let Some(ranges) = ranges.as_ref().filter(is_open) {
        found = central(search, ranges, limit).unwrap_or(found);
    }
    let candidates = searches.iter().filter_map(|search| {
        let found = search.best()?;
        let Guess { shape, rate, region, cpu, .. } = Guess::at(search.shape, &search.axes, &found.point);
        Some(FitCandidate {
            shape,
            slack: search.slack,
            misfit: rms(found.misfit),
            as_good: good(&search),
            rate,
            region,
            cpu,
        })
    });
    let guess = Guess::at(search.shape, &search.axes, &found.point);
    let parameters = parameters(&guess, search, &cases, ranges.as_deref());
    let mut scenario = cases[0].scenario(&guess);
    scenario.guest.uncertainty.rates = prior::of_fit(&parameters);
    Ok(Some(Fit {
        shape: search.shape,
        candidates: candidates.collect(),
        parameters,
        misfit: rms(found.misfit),
        runs: runs.get(),
        finished: ranges.is_some(),
        scenario,
        open: open(&cases),
        traces: cases.iter().map(|case| case.fitted(&guess)).collect(),
    }))
}

/// The misfit up to which noise cannot tell a guest from the best one of all kinds.
fn limit(searches: &[ShapeSearch]) -> Option<f64> {
    let found = searches.iter().filter_map(|search| Some((search.best()?, search.axes.len())));
    let (best, quantities) = found.min_by(|(a, _), (b, _)| a.misfit.sum.total_cmp(&b.misfit.sum))?;
    Some(best.misfit.sum + profile::allowance(&best, quantities))
}

fn parameters(
    guess: &Guess,
    search: &ShapeSearch,
    cases: &[FitCase],
    ranges: Option<&[(FitQuantity, ProfileInterval)]>,
) -> Vec<Parameter> {
    let link = cases[0].link_bandwidth();
    let parameter = |(quantity, value): (FitQuantity, f64)| {
        let axis = search.axes.iter().find(|axis| axis.quantity == quantity);
        let range = ranges.and_then(|ranges| ranges.iter().find(|(known, _)| *known == quantity));
        let known = axis.and(range).map(|(_, interval)| interval);
        let end = |coordinate: f64, open: bool| (!open).then(|| libm::exp(coordinate));
        // More than all of a CPU cannot be busy: that end is known without a measurement.
        let cpu = quantity == FitQuantity::Cpu;
        let unseen = match quantity {
            FitQuantity::Cpu if !cases.iter().any(FitCase::throttled) => Some("the guest was never throttled"),
            FitQuantity::Cpu if axis.is_none() => Some("a guest without slack explains it as well as any other"),
            FitQuantity::Bandwidth if axis.is_none() => Some("`max-bandwidth` held the stream back"),
            _ => None,
        };
        Parameter {
            quantity,
            value,
            low: known.and_then(|interval| end(interval.low, interval.open.0)),
            high: known.and_then(|interval| end(interval.high, interval.open.1 && !cpu)),
            unseen,
        }
    };
    guess.quantities(link).into_iter().map(parameter).collect()
}
