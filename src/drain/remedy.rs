//! What one change for all guests would make of a drain that is not as wanted.

use rayon::prelude::*;

use super::{DrainGoal, DrainHost, MOST_GUESTS, Score, drain};
use crate::orchestrator::{OptionForm, OptionValue, Product};
use crate::scenario::Fleet;
use crate::sim::Options;

/// A change that makes a drain better.
#[derive(Clone, Debug)]
pub struct FleetRemedy {
    /// As `--set` takes it.
    pub set: String,
    /// What comes of it.
    pub score: Score,
}

/// Changes that are told.
const TOLD: usize = 3;

impl FleetRemedy {
    /// Switches that make a drain better than `now`, the best first: QEMU's throttle where nobody is above it, or what the
    /// product can switch on. `with` is the fleet with a key set. None where all is as wanted, and for a large fleet.
    pub fn all(
        fleet: &Fleet,
        goal: &DrainGoal,
        now: Score,
        options: &Options,
        with: &(dyn Fn(&str) -> Option<Fleet> + Sync),
    ) -> Vec<FleetRemedy> {
        if now.is_as_wanted() || fleet.guests.len() > MOST_GUESTS {
            return Vec::new();
        }
        let options = Options { watch: None, timeline: false, ..options.clone() };
        let of = |set: String| {
            let host = DrainHost::new(&with(&set)?, &options).ok()?;
            let score = goal.score(host.guests(), &drain(&host, &host.plan()));
            ((score.stay, score.missed) < (now.stay, now.missed)).then_some(FleetRemedy { set, score })
        };
        let mut found: Vec<FleetRemedy> = switches(fleet).into_par_iter().filter_map(of).collect();
        found.sort_by_key(|remedy| remedy.score);
        found.truncate(TOLD);
        found
    }
}

/// What can be switched on for all guests, as `--set` takes it.
fn switches(fleet: &Fleet) -> Vec<String> {
    let policy = fleet.guests.iter().find_map(|guest| guest.scenario.orchestrator.as_ref());
    let Some(product) = policy.and_then(|policy| Product::find(policy.name)) else {
        return vec!["qemu.auto-converge=true".to_owned()];
    };
    let is_off = |value: &OptionValue| matches!(value, OptionValue::Switch(false) | OptionValue::Unset);
    let options = (product.options)().into_iter();
    let levers =
        options.filter(|(option, value)| option.is_lever && matches!(option.form, OptionForm::Switch) && is_off(value));
    levers.map(|(option, _)| format!("orchestrator.{}=true", option.key)).collect()
}
