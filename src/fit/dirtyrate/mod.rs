//! Dirty rates that were measured without any migration: by libvirt, by QEMU, or scraped from KubeVirt.
//!
//! ```text
//!  domstats, answers ── RateReading ── RatePoints ── a workload ─┐
//!                       BalloonStats ── zero pages ──────────────┴─ a first scenario
//! ```

mod answers;
mod domstats;
mod points;
mod reading;
mod remarks;
mod workload;
mod zero;

use super::{FirstScenario, FitQuantity, Parameter, file, sketch};
use crate::guest::GuestUncertainty;
use crate::qemu::Accel;
use crate::scenario::Scenario;
use crate::units::{Bytes, Pages, Rate};
use points::RatePoints;
use reading::RateReading;
use zero::BalloonStats;

pub use reading::{CalcMode, USUAL_SAMPLES};
pub use workload::MeasuredWorkload;
pub use zero::ZeroPages;

/// Dirty rates of one guest, measured over one or several lengths of time.
#[derive(Clone, Debug, PartialEq)]
pub struct DirtyRates {
    readings: Vec<RateReading>,
    /// Measurements that were not over.
    unfinished: usize,
    /// RAM, if `--balloon` was asked for.
    pub memory: Option<Bytes>,
    /// vCPUs, if `--vcpu` was asked for.
    pub vcpus: Option<u32>,
    balloon: BalloonStats,
    zero: Option<ZeroPages>,
}

/// What was measured of one guest.
#[derive(Clone, Debug, Default)]
struct GuestRates {
    name: String,
    measured: Vec<RateReading>,
    unfinished: usize,
    memory: Option<Bytes>,
    vcpus: Option<u32>,
    balloon: BalloonStats,
}

/// The guest behind measurements.
#[derive(Clone, Debug)]
pub struct MeasuredGuest {
    /// RAM, zero pages, link and QEMU; its workload is apart.
    pub scenario: Scenario,
    /// What it writes.
    pub workload: MeasuredWorkload,
    /// Where its zero pages come from, where that is known.
    pub remark: Option<String>,
    /// What should be known before relying on it.
    pub warnings: Vec<String>,
}

/// Measurements that make no scenario.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unusable(pub(super) String);

impl Unusable {
    fn line(line: usize, column: usize, what: impl std::fmt::Display) -> Unusable {
        Unusable(format!("line {line}, column {column}: {what}"))
    }
}

/// Link of a scenario that nobody named.
const LINK: Rate = Rate(1_250_000_000);
/// Fewer measurements of one length say nothing of how it scatters.
const FEW: usize = 3;

impl DirtyRates {
    /// Largest file that is read [bytes].
    pub const MAX_BYTES: u64 = 16 << 20;

    /// Reads measurements of one guest.
    ///
    /// # Errors
    /// As [`DirtyRates::of_guest`].
    pub fn parse(text: &str) -> Result<DirtyRates, Unusable> {
        DirtyRates::of_guest(text, None)
    }

    /// Reads measurements of the guest of that name, or of the only one there is: the output of one or several
    /// `virsh domstats --dirtyrate`, answers of `query-dirty-rate`, or an answer of Prometheus about
    /// `kubevirt_vmi_dirty_rate_bytes_per_second`.
    ///
    /// # Errors
    /// Text that is none of these, several guests or not the one that is named, or no measurement that was finished.
    pub fn of_guest(text: &str, name: Option<&str>) -> Result<DirtyRates, Unusable> {
        if text.trim().is_empty() {
            return Err(Unusable("is empty; write the output of `virsh domstats --dirtyrate` into it".to_owned()));
        }
        let is_json = text.trim_start().starts_with(['{', '[']);
        let mut guests = if is_json { answers::read(text)? } else { domstats::read(text)? };
        let known = guests.iter().map(|guest| guest.name.as_str()).collect::<Vec<_>>().join(", ");
        match name {
            Some(name) if guests.iter().all(|guest| guest.name != name) => {
                return Err(Unusable(format!("has no guest `{name}`; there are: {known}")));
            }
            Some(name) => guests.retain(|guest| guest.name == name),
            None if guests.len() > 1 => {
                let count = guests.len();
                return Err(Unusable(format!("has {count} guests; choose one with `--guest NAME`: {known}")));
            }
            None => {}
        }
        let GuestRates { measured: readings, unfinished, memory, vcpus, balloon, .. } =
            guests.pop().unwrap_or_default();
        if readings.is_empty() {
            let what = "has no measurement that is finished (`dirtyrate.calc_status=2`, status `measured`); run \
                        `virsh domdirtyrate-calc` and wait for its seconds to be over, then `virsh domstats --dirtyrate`";
            return Err(Unusable(what.to_owned()));
        }
        Ok(DirtyRates { readings, unfinished, memory, vcpus, balloon, zero: None })
    }

    /// With pages that are known to be zero.
    #[must_use]
    pub fn with_zero(self, zero: ZeroPages) -> DirtyRates {
        DirtyRates { zero: Some(zero), ..self }
    }

    /// Length of a measurement and different pages dirtied in it, each length once and in order [s, pages].
    pub fn points(&self) -> Vec<(f64, f64)> {
        RatePoints::of(&self.readings).points
    }

    /// A first scenario as a file, and what should be known about it.
    ///
    /// # Errors
    /// As [`DirtyRates::found`].
    pub fn file(&self, base: Option<Scenario>) -> Result<(String, Vec<String>), Unusable> {
        self.first(base).map(|first| (first.file, first.warnings))
    }

    /// That scenario as a file, with the quantities that were measured.
    ///
    /// # Errors
    /// As [`DirtyRates::found`].
    pub fn first(&self, base: Option<Scenario>) -> Result<FirstScenario, Unusable> {
        let found = self.found(base)?;
        let head = "A first scenario, from dirty rates that were measured without a migration.".to_owned();
        let remarks: Vec<String> = [head].into_iter().chain(found.remark).collect();
        let points = found.workload.points().to_vec();
        let rate = match points.as_slice() {
            [(span, pages)] => Some(pages / span.seconds()),
            _ => None,
        };
        let rate =
            rate.map(|value| Parameter { quantity: FitQuantity::Rate, value, low: None, high: None, unseen: None });
        Ok(FirstScenario {
            file: file::text(&found.scenario, &remarks, &found.workload.text("")),
            points,
            parameters: rate.into_iter().collect(),
            prefers_recording: false,
            warnings: found.warnings,
        })
    }

    /// The guest behind the measurements.
    ///
    /// Several lengths of time make a `curve`. A single one makes a `uniform` workload at the measured rate. Guest,
    /// link and QEMU are those of `base`, or else what was measured with it and what most have.
    ///
    /// # Errors
    /// The guest's RAM is not known, or nothing that was measured counts under this accelerator.
    pub fn found(&self, base: Option<Scenario>) -> Result<MeasuredGuest, Unusable> {
        let is_named = base.is_some();
        let mut scenario = base.map_or_else(|| self.scenario(), Ok)?;
        let counted = self.counted(scenario.qemu.accel)?;
        let found = RatePoints::of(&counted);
        let zero = self.balloon.zero(self.zero.as_ref(), &scenario, is_named);
        scenario.guest.zero = zero.pages;
        scenario.guest.uncertainty =
            GuestUncertainty { rates: found.uncertainty(&counted, self.scatter()), zero: zero.range };
        let room = Pages(scenario.guest.memory.0.saturating_sub(zero.pages.0));
        let mut warnings = self.remarks(&counted, &found, scenario.qemu.accel, is_named);
        warnings.extend(zero.warning);
        let is_sampled = counted.iter().any(RateReading::is_sampled);
        let workload = MeasuredWorkload::of(&found, room, is_sampled);
        Ok(MeasuredGuest { scenario, workload, remark: zero.remark, warnings })
    }

    /// The measurements that count: those that count writes, if there are any.
    fn counted(&self, accel: Accel) -> Result<Vec<RateReading>, Unusable> {
        let is_told = |reading: &&RateReading| !(accel == Accel::Tcg && reading.mode == Some(CalcMode::DirtyBitmap));
        let told: Vec<RateReading> = self.readings.iter().filter(is_told).cloned().collect();
        if told.is_empty() {
            let what = "has only measurements of mode dirty-bitmap, which is 0 whatever happens under TCG; measure with \
                        `--mode page-sampling`";
            return Err(Unusable(what.to_owned()));
        }
        let exact: Vec<RateReading> = told.iter().filter(|reading| !reading.is_sampled()).cloned().collect();
        Ok(if exact.is_empty() { told } else { exact })
    }

    /// How the rate scattered where one length was measured several times: standard deviation, as a share of the mean.
    fn scatter(&self) -> Option<f64> {
        let of = |ms: u64| self.readings.iter().filter(move |reading| reading.ms == ms).map(RateReading::pages);
        let most = self.readings.iter().map(|reading| reading.ms).max_by_key(|ms| of(*ms).count())?;
        scatter(&of(most).collect::<Vec<_>>())
    }

    fn scenario(&self) -> Result<Scenario, Unusable> {
        let unknown = || {
            let what = "does not say how much RAM the guest has; ask `virsh domstats --dirtyrate --balloon --vcpu`, or \
                        name a scenario with `--scenario FILE`";
            Unusable(what.to_owned())
        };
        let memory = self.memory.filter(|memory| memory.pages() > Pages(0)).ok_or_else(unknown)?;
        Ok(sketch::scenario(memory, self.vcpus.unwrap_or(1).max(1), LINK))
    }
}

/// Standard deviation as a share of the mean; `None` where too little was measured.
fn scatter(all: &[f64]) -> Option<f64> {
    let mean = all.iter().sum::<f64>() / all.len().max(1) as f64;
    let variance = all.iter().map(|one| (one - mean) * (one - mean)).sum::<f64>() / (all.len() as f64 - 1.0);
    Some(variance.sqrt() / mean).filter(|_| all.len() >= FEW && mean > 0.0)
}
