//! Dirty rates that were measured without any migration: by libvirt, by QEMU, or scraped from KubeVirt.

mod answers;
mod domstats;

use std::collections::BTreeMap;

use super::file;
use super::sketch::{self, VERSION};
use crate::scenario::Scenario;
use crate::units::{Bytes, Pages, Rate};

/// Dirty rates of one guest, measured over one or several lengths of time.
#[derive(Clone, Debug, PartialEq)]
pub struct DirtyRates {
    /// Length of a measurement and different pages dirtied in it, the mean of each length, in order [s, pages].
    pub points: Vec<(f64, f64)>,
    /// How the rate scattered where one length was measured several times: standard deviation, as a share of the mean.
    pub scatter: Option<f64>,
    /// RAM, if `--balloon` was asked for.
    pub memory: Option<Bytes>,
    /// vCPUs, if `--vcpu` was asked for.
    pub vcpus: Option<u32>,
}

/// What was measured of one guest.
#[derive(Clone, Debug, Default)]
struct GuestRates {
    name: String,
    /// Length [ms], and different pages dirtied in it.
    measured: Vec<(u64, f64)>,
    memory: Option<Bytes>,
    vcpus: Option<u32>,
}

/// Measurements that make no scenario.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unusable(String);

impl Unusable {
    fn line(line: usize, column: usize, what: impl std::fmt::Display) -> Unusable {
        Unusable(format!("line {line}, column {column}: {what}"))
    }
}

/// Link of a scenario that nobody named.
const LINK: Rate = Rate(1_250_000_000);
/// Fewer measurements of one length say nothing of how it scatters, and less than this is no scatter.
const FEW: usize = 3;
const STEADY: f64 = 0.01;

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
        DirtyRates::of(guests.pop().unwrap_or_default())
    }

    fn of(guest: GuestRates) -> Result<DirtyRates, Unusable> {
        let mut lengths = BTreeMap::<u64, Vec<f64>>::new();
        for (ms, pages) in guest.measured {
            lengths.entry(ms).or_default().push(pages);
        }
        if lengths.is_empty() {
            let what = "has no measurement that is finished (`dirtyrate.calc_status=2`, status `measured`); run \
                        `virsh domdirtyrate-calc` and wait for its seconds to be over, then `virsh domstats --dirtyrate`";
            return Err(Unusable(what.to_owned()));
        }
        let scatter = lengths.values().max_by_key(|all| all.len()).and_then(|all| scatter(all));
        let point = |(ms, all): (&u64, &Vec<f64>)| (*ms as f64 / 1e3, mean(all));
        Ok(DirtyRates {
            points: lengths.iter().map(point).collect(),
            scatter,
            memory: guest.memory,
            vcpus: guest.vcpus,
        })
    }

    /// A first scenario as a file, and what should be known about it.
    ///
    /// Several lengths of time make a `curve`. A single one makes a `uniform` workload at the measured rate. Guest,
    /// link and QEMU are those of `base`, or else what was measured with it and what most have.
    ///
    /// # Errors
    /// The guest's RAM is not known.
    pub fn file(&self, base: Option<Scenario>) -> Result<(String, Vec<String>), Unusable> {
        let mut warnings = Vec::new();
        let scenario = match base {
            Some(scenario) => scenario,
            None => {
                warnings
                    .push(format!("QEMU {VERSION} and a link of {LINK} are assumed; `--scenario FILE` names yours"));
                self.scenario()?
            }
        };
        let remarks = ["A first scenario, from dirty rates that were measured without a migration.".to_owned()];
        let zero = |(_, pages): &(f64, f64)| *pages <= 0.0;
        let mut workload = "[[guest.workload]]\n".to_owned();
        match self.points.as_slice() {
            points if points.iter().all(zero) => {
                warnings.push("no dirty page was seen: the guest is idle, or measured for too short a time".to_owned());
                workload += "kind = \"idle\"\n\n";
            }
            [(period, pages)] => {
                warnings.push(format!(
                    "one length of time does not tell how often pages are written again: within {period} s each counts \
                     once, so the guest may write faster than this; measure over several, such as 1, 2, 5 and 20 s"
                ));
                workload += &format!("kind = \"uniform\"\nrate = \"{:.0} pages/s\"\n\n", pages / period);
            }
            points => {
                let points: Vec<_> =
                    points.iter().map(|(period, pages)| format!("[\"{period} s\", \"{pages:.0} pages\"]")).collect();
                workload += &format!("kind = \"curve\"\npoints = [{}]\n\n", points.join(", "));
            }
        }
        if let Some(scatter) = self.scatter.filter(|_| !self.points.iter().all(zero)) {
            let deviation = format!("{:.3}", 100.0 * scatter);
            let deviation = deviation.trim_end_matches('0').trim_end_matches('.').to_owned();
            workload += &format!("[guest.rate-spread]\nlaw = \"log-normal\"\ndeviation = \"{deviation} %\"\n\n");
        }
        Ok((file::text(&scenario, &remarks, &workload), warnings))
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

fn mean(all: &[f64]) -> f64 {
    all.iter().sum::<f64>() / all.len().max(1) as f64
}

/// Standard deviation as a share of the mean; `None` where too little was measured, or it is steady.
fn scatter(all: &[f64]) -> Option<f64> {
    let mean = mean(all);
    let variance = all.iter().map(|one| (one - mean) * (one - mean)).sum::<f64>() / (all.len() as f64 - 1.0);
    Some(variance.sqrt() / mean).filter(|share| all.len() >= FEW && mean > 0.0 && *share > STEADY)
}
