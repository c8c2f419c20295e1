//! All that is not known of a guest.

use std::borrow::Cow;

use rand::RngExt;
use rand_pcg::Pcg64;

use super::unknown::{OpenKey, Possible, Unknown, UnknownLaw};
use crate::guest::{DirtyCurve, GuestUncertainty, Workload};
use crate::scenario::{Draft, InvalidInput, Loaded, Scenario, Setting};
use crate::units::parse::{self, Quantity};
use crate::units::{PageRate, Share};

/// What is not known of the guest of a scenario.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Unknowns(pub(super) Vec<Unknown>);

/// The steepness that is assumed for a curve where none is given.
const AT_ONCE: &str = "the line through the first two points";

/// Far from the streams of what varies from run to run.
const STREAM: u128 = 6 << 64;
/// The fastest program of the workload catalogue, xz -9 on one core (section 2) [pages/s].
const FASTEST: f64 = 841_000.0;
/// The fastest under TCG: QEMU's stress tool, written anew, which prints 1.6 to 2 GiB a second [pages/s].
const FASTEST_TCG: f64 = 520_000.0;
/// No value is less likely than this.
const LEAST_CHANCE: f64 = 1e-6;
const DRAWS: usize = 20;

impl Unknowns {
    /// Of a scenario with the guest as it was read from the draft: rates that are known within a factor, zero pages between two
    /// sizes, rates with a least one, and curves that were measured and are flat from the beginning.
    pub fn of(draft: &Draft, uncertainty: &GuestUncertainty) -> Unknowns {
        let rates = (uncertainty.rates > 1.0).then(|| Unknown::of_rates(uncertainty.rates));
        let zero = uncertainty.zero.map(|(least, most)| Unknown {
            key: "guest.zero".to_owned(),
            taken_for: draft.value("guest.zero").unwrap_or_else(|| "0 B".to_owned()),
            law: UnknownLaw::Zero(least, most),
        });
        let open = (0..).map_while(|index| open(draft, index)).flatten();
        Unknowns(rates.into_iter().chain(zero).chain(open).collect())
    }

    /// Of a scenario, as it is read; none of one that is refused.
    pub fn read(draft: &Draft) -> Unknowns {
        draft
            .load(&[])
            .map_or_else(|_| Unknowns::default(), |loaded| Unknowns::of(draft, &loaded.scenario.guest.uncertainty))
    }

    /// Whether everything is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The scenario with these settings as it may be in one of many runs, which the seed draws; what varies from run to run is
    /// not drawn yet. `taken` is that scenario where everything is taken for what the draft says.
    pub fn possible<'s>(
        &self,
        draft: &Draft,
        settings: &[Setting],
        taken: &'s Scenario,
        seed: u64,
    ) -> Cow<'s, Scenario> {
        if self.is_empty() {
            return Cow::Borrowed(taken);
        }
        let mut rng = Pcg64::new(u128::from(seed), STREAM);
        let mut once = || self.load(draft, settings, |_| rng.random::<f64>().clamp(LEAST_CHANCE, 1.0 - LEAST_CHANCE));
        // A value that the rest of the scenario has no room for is none that may be, and drawn again.
        let loaded = (0..DRAWS).find_map(|_| once().ok());
        loaded.map_or(Cow::Borrowed(taken), |loaded| Cow::Owned(loaded.scenario))
    }

    /// The scenario with each unknown at the chance that `at` says of its place in the list.
    pub(super) fn load(
        &self,
        draft: &Draft,
        settings: &[Setting],
        mut at: impl FnMut(usize) -> f64,
    ) -> Result<Loaded, InvalidInput> {
        let possible: Vec<Possible> = self.0.iter().enumerate().map(|(place, one)| one.at(at(place))).collect();
        // What a user sets goes over what is drawn.
        let drawn = possible.iter().flat_map(|one| &one.settings).chain(settings).cloned();
        let mut loaded = draft.load(&drawn.collect::<Vec<_>>())?;
        let factor = libm::exp(possible.iter().map(|one| one.ln_rates).sum());
        loaded.scenario.guest.speed_up(factor);
        Ok(loaded)
    }
}

/// The fastest that a guest writes [pages/s]: as each of its vCPUs running the fastest program that was measured.
fn fastest(draft: &Draft) -> f64 {
    let vcpus = draft.value("guest.vcpus").and_then(|vcpus| vcpus.parse::<f64>().ok()).unwrap_or(1.0);
    let vcpu = if draft.value("qemu.accel").as_deref() == Some("tcg") { FASTEST_TCG } else { FASTEST };
    vcpu * vcpus
}

/// What is open of the workload of that index: `None` if there is none, none inside if nothing is.
fn open(draft: &Draft, index: usize) -> Option<Option<Unknown>> {
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
    let key = match (rate("least-rate"), rate("rate")) {
        (Some(least), Some(rate)) => {
            let cold = share().map(|share| (at("share"), (1.0 - share.0) * rate));
            let middle = Workload::open_rate(cold.is_some());
            Some(OpenKey {
                path: at("rate"),
                least,
                middle,
                most: fastest(draft).max(middle * least),
                unit: PageRate::FIGURE,
                cold,
            })
        }
        _ => is_curve.then(|| OpenKey {
            path: at("steepness"),
            least: 1.0,
            middle: DirtyCurve::LIKELY_STEEPNESS,
            most: f64::INFINITY,
            unit: "",
            cold: None,
        }),
    };
    Some(key.map(|open| Unknown {
        key: open.path.clone(),
        taken_for: draft.value(&open.path).unwrap_or_else(|| AT_ONCE.to_owned()),
        law: UnknownLaw::Open(open),
    }))
}
