//! What comes of a migration whose guest's rate a measurement leaves open upwards.
//!
//! A guest that rewrites all of its pages between two looks shows the same, however much faster it writes. What is known is
//! a least rate. One that is twice as fast is taken for half as likely, so that a rate is above `least` with a chance of
//! `least / rate`, and the migration is run at rates of equal chance.

use rayon::prelude::*;
use serde::Serialize;

use crate::scenario::{Draft, Setting};
use crate::sim::{self, Memory, Options, Outcome};
use crate::units::parse::{self, Quantity};
use crate::units::{PageRate, Share};

use super::host::MOST_SYNCS;

/// How the end of a migration hangs on a rate that is open.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OpenRate {
    /// The key that says so, or would.
    pub key: String,
    /// What it is taken for in the answer beside this.
    pub taken_for: String,
    /// Total times that the migration stays below with a chance of 10, 50 and 90 % [ms]; `None`: it does not arrive.
    pub total_time_ms: [Option<f64>; 3],
    /// How likely it arrives at all [%].
    pub arrives_pct: f64,
}

/// Rates of equal chance, and of these the ends of what holds in eight cases of ten, and the middle.
const RATES: usize = 19;
const TOLD: [usize; 3] = [1, 9, 17];
/// Total times that are no farther apart are one: repeats of a migration scatter by as much.
const SCATTER: f64 = 0.03;
/// What a curve's steepness is taken for where nobody says it.
const AT_ONCE: &str = "the line through the first two points";

/// A key whose value goes with the rate.
struct OpenKey {
    path: String,
    /// Its value at the least rate, and its unit.
    least: f64,
    unit: &'static str,
    /// The share of the hot part, and how fast the cold one is written: that is known, however fast the hot part is.
    cold: Option<(String, f64)>,
}

impl OpenKey {
    fn at(&self, factor: f64) -> Vec<Setting> {
        let value = self.least * factor;
        let share = self.cold.as_ref().map(|(path, cold)| {
            Setting::amount(path.clone(), Share((1.0 - cold / value).max(0.0)).percent(), Share::FIGURE)
        });
        share.into_iter().chain([Setting::amount(self.path.clone(), value, self.unit)]).collect()
    }
}

impl OpenRate {
    /// What hangs on the open rates of a scenario; `None` where there are none, or the end is the same at all of them. Runs
    /// are those of the expected memory; none are made for a migration so long that they would be noticed.
    pub fn of(draft: &Draft, outcome: &Outcome, options: &Options) -> Option<OpenRate> {
        let keys = keys(draft);
        if keys.is_empty() || outcome.dirty_sync_count > MOST_SYNCS || options.memory == Memory::Exact {
            return None;
        }
        let options = Options { timeline: false, watch: None, ..options.clone() };
        let total = |rate: usize| -> Option<Option<f64>> {
            // How likely the guest is faster than this.
            let chance = 1.0 - (rate + 1) as f64 / (RATES + 1) as f64;
            let settings: Vec<Setting> = keys.iter().flat_map(|key| key.at(1.0 / chance)).collect();
            let scenario = draft.load(&settings).ok()?.scenario;
            let (outcome, _) = sim::run_checked(scenario.drawn(options.seed).trusted(), &options);
            Some(outcome.verdict.is_completed().then_some(outcome.total_time_ms))
        };
        let mut totals: Vec<Option<f64>> = (0..RATES).into_par_iter().map(total).collect::<Option<_>>()?;
        totals.sort_by(|a, b| a.unwrap_or(f64::INFINITY).total_cmp(&b.unwrap_or(f64::INFINITY)));
        let arrived = totals.iter().flatten().count();
        let same = match (totals[TOLD[0]], totals[TOLD[2]]) {
            (Some(low), Some(high)) => high / low < 1.0 + SCATTER && arrived == RATES,
            (None, _) => true,
            _ => false,
        };
        (!same).then(|| OpenRate {
            taken_for: draft.value(&keys[0].path).unwrap_or_else(|| AT_ONCE.to_owned()),
            key: keys[0].path.clone(),
            total_time_ms: TOLD.map(|at| totals[at]),
            arrives_pct: (100.0 * arrived as f64 / RATES as f64).round(),
        })
    }
}

/// What is open in a scenario: rates with a least one, and curves that somebody measured.
fn keys(draft: &Draft) -> Vec<OpenKey> {
    let of = |index: usize| -> Option<Option<OpenKey>> {
        let at = |key: &str| format!("guest.workload.{index}.{key}");
        let kind = draft.value(&at("kind"));
        if kind.is_none() && draft.value(&at("preset")).is_none() {
            return None;
        }
        let rate = |key: &str| {
            parse::parse::<PageRate>(&draft.value(&at(key))?, Some(PageRate::FIGURE)).ok().map(|rate| rate.figure())
        };
        let share = || parse::parse::<Share>(&draft.value(&at("share"))?, Some(Share::FIGURE)).ok();
        let is_curve = kind.as_deref() == Some("curve") && draft.value(&at("preset")).is_none();
        Some(match (rate("least-rate"), rate("rate")) {
            (Some(least), Some(rate)) => {
                let cold = share().map(|share| (at("share"), (1.0 - share.0) * rate));
                Some(OpenKey { path: at("rate"), least, unit: PageRate::FIGURE, cold })
            }
            _ => is_curve.then(|| OpenKey { path: at("steepness"), least: 1.0, unit: "", cold: None }),
        })
    };
    (0..).map_while(of).flatten().collect()
}
