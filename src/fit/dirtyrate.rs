//! Dirty rates that libvirt measured, without any migration: `virsh domstats --dirtyrate`.

use std::collections::HashMap;

use super::file::{self, PAGES_PER_MIB};
use super::sketch::{self, VERSION};
use crate::scenario::Scenario;
use crate::units::{Bytes, Pages, Rate};

/// Dirty rates of one guest, measured over one or several lengths of time.
#[derive(Clone, Debug, PartialEq)]
pub struct DirtyRates {
    /// Length of a measurement and different pages dirtied in it, each length once, in order [s, pages].
    pub points: Vec<(u64, f64)>,
    /// RAM, if `--balloon` was asked for.
    pub memory: Option<Bytes>,
    /// vCPUs, if `--vcpu` was asked for.
    pub vcpus: Option<u32>,
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

/// Longest measurement that libvirt makes [s], and the highest rate that is believed [MiB/s].
const LONGEST: u64 = 60;
const FASTEST: u64 = 1 << 30;

/// Link of a scenario that nobody named.
const LINK: Rate = Rate(1_250_000_000);

impl DirtyRates {
    /// Largest file that is read [bytes].
    pub const MAX_BYTES: u64 = 1 << 20;

    /// Reads the output of one or several `virsh domstats --dirtyrate`; each measurement begins with a line `Domain:`.
    ///
    /// # Errors
    /// A line that is none of virsh's, or no measurement that was finished.
    pub fn parse(text: &str) -> Result<DirtyRates, Unusable> {
        let mut blocks: Vec<HashMap<&str, (usize, &str)>> = Vec::new();
        let mut domain = None;
        for (line, text) in (1..).zip(text.lines()) {
            let column = text.len() - text.trim_start().len() + 1;
            let text = text.trim();
            if let Some(name) = text.strip_prefix("Domain:").map(str::trim) {
                if domain.is_some_and(|known| known != name) {
                    let what = "is another domain; give the measurements of one guest";
                    return Err(Unusable::line(line, column, what));
                }
                domain = Some(name);
                blocks.push(HashMap::new());
            } else if let Some((key, value)) = text.split_once('=') {
                let Some(block) = blocks.last_mut() else {
                    let what = "comes before any `Domain:`; give the output of `virsh domstats --dirtyrate` as it is";
                    return Err(Unusable::line(line, column, what));
                };
                block.insert(key, (line, value.trim()));
            } else if !text.is_empty() {
                let what = "is no output of `virsh domstats --dirtyrate`";
                return Err(Unusable::line(line, column, what));
            }
        }
        DirtyRates::of(&blocks)
    }

    fn of(blocks: &[HashMap<&str, (usize, &str)>]) -> Result<DirtyRates, Unusable> {
        let (mut sums, mut memory, mut vcpus) = (HashMap::<u64, (f64, f64)>::new(), None, None);
        for block in blocks {
            let whole = |key: &str, most: u64| match block.get(key) {
                None => Ok(None),
                Some((line, value)) => match value.parse::<u64>() {
                    Ok(value) if value <= most => Ok(Some(value)),
                    _ => Err(Unusable::line(*line, 1, format!("`{key}` must be a whole number up to {most}"))),
                },
            };
            memory = whole("balloon.current", 1 << 36)?.map(|kib| Bytes(kib << 10)).or(memory);
            vcpus = whole("vcpu.current", 4096)?.and_then(|count| u32::try_from(count).ok()).or(vcpus);
            // 2 is "measured"; 0 has not begun and 1 is not over.
            if whole("dirtyrate.calc_status", 100)? != Some(2) {
                continue;
            }
            let period = whole("dirtyrate.calc_period", LONGEST)?.filter(|period| *period > 0);
            let rate = whole("dirtyrate.megabytes_per_second", FASTEST)?;
            if let Some((period, rate)) = period.zip(rate) {
                let (sum, count) = sums.entry(period).or_default();
                *sum += rate as f64 * period as f64 * PAGES_PER_MIB;
                *count += 1.0;
            }
        }
        let mut points: Vec<_> = sums.into_iter().map(|(period, (sum, count))| (period, sum / count)).collect();
        points.sort_by_key(|(period, _)| *period);
        if points.is_empty() {
            let what = "has no measurement that is finished (`dirtyrate.calc_status=2`); run `virsh domdirtyrate-calc` \
                        and wait for its seconds to be over";
            return Err(Unusable(what.to_owned()));
        }
        Ok(DirtyRates { points, memory, vcpus })
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
        let zero = |(_, pages): &(u64, f64)| *pages <= 0.0;
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
                workload += &format!("kind = \"uniform\"\nrate = \"{:.0} pages/s\"\n\n", pages / *period as f64);
            }
            points => {
                let points: Vec<_> =
                    points.iter().map(|(period, pages)| format!("[\"{period} s\", \"{pages:.0} pages\"]")).collect();
                workload += &format!("kind = \"curve\"\npoints = [{}]\n\n", points.join(", "));
            }
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
