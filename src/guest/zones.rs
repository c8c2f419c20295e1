//! RAM cut into zones: stretches of pages that are all treated alike.

use super::{Config, Law};

/// A stretch of RAM whose pages have the same writers and the same content.
#[derive(Clone, Debug, PartialEq)]
pub struct Zone {
    /// First page.
    pub start: u64,
    /// Number of pages, never zero.
    pub len: u64,
    /// The pages are all zero.
    pub zero: bool,
    /// Some workload's region covers it, so that its pages hold data even if nobody writes to them.
    pub held: bool,
    /// Kinds of pages, by how often random writers hit them; mixed evenly over the zone. At least one.
    pub classes: Vec<Class>,
    /// Sequential writers.
    pub sweeps: Vec<Sweep>,
}

/// Pages of a zone that random writers hit equally often.
#[derive(Clone, Debug, PartialEq)]
pub struct Class {
    /// Share of the zone's pages [0..=1].
    pub share: f64,
    /// Random writers: workload, and the factor κ by which one of its writes lowers a page's chance of being
    /// untouched, as exp(-κ).
    pub random: Vec<(usize, f64)>,
}

/// A writer that takes page after page of its region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sweep {
    /// Which workload.
    pub workload: usize,
    /// First page of its region.
    pub offset: u64,
    /// Length of its region [pages].
    pub region: u64,
    /// Page that its first write hits [pages from `offset`].
    pub start: u64,
}

impl Zone {
    /// Whether any workload writes here.
    pub fn is_written(&self) -> bool {
        !self.sweeps.is_empty() || self.classes.iter().any(|class| !class.random.is_empty())
    }

    /// One past the last page.
    pub fn end(&self) -> u64 {
        self.start + self.len
    }
}

/// Stretch of pages that one law writes at random, with the chance that one write hits a given page of it.
fn random_parts(config: &Config) -> Vec<(usize, u64, u64, f64)> {
    let mut parts = Vec::new();
    for (index, w) in config.workloads.iter().enumerate() {
        let (offset, region) = (w.offset.0, w.region.0);
        match w.law {
            Law::Uniform => parts.push((index, offset, region, 1.0)),
            Law::HotCold { hot, share } => {
                let hot = hot.0.min(region);
                parts.push((index, offset, hot, share.0));
                parts.push((index, offset + hot, region - hot, 1.0 - share.0));
            }
            Law::Idle | Law::Sequential { .. } => {}
        }
    }
    parts.retain(|(_, _, len, share)| *len > 0 && *share > 0.0);
    parts
}

/// Cuts a guest's RAM into zones, in order, without a gap.
///
/// Zero pages take the highest places that no workload's region covers.
pub fn zones(config: &Config) -> Vec<Zone> {
    let memory = config.memory.0;
    let parts = random_parts(config);
    let sweeps: Vec<Sweep> = config
        .workloads
        .iter()
        .enumerate()
        .filter_map(|(workload, w)| match w.law {
            Law::Sequential { start } if w.region.0 > 0 => {
                Some(Sweep { workload, offset: w.offset.0, region: w.region.0, start: start.0 % w.region.0 })
            }
            _ => None,
        })
        .collect();
    let mut cuts = vec![0, memory];
    cuts.extend(parts.iter().flat_map(|&(_, offset, len, _)| [offset, offset + len]));
    cuts.extend(config.workloads.iter().flat_map(|w| [w.offset.0, w.offset.0 + w.region.0]));
    cuts.retain(|cut| *cut <= memory);
    cuts.sort_unstable();
    cuts.dedup();
    let mut zones: Vec<Zone> = cuts
        .windows(2)
        .map(|pair| {
            let (start, end) = (pair[0], pair[1]);
            let covers = |offset: u64, len: u64| offset <= start && end <= offset + len;
            let random = parts
                .iter()
                .filter(|&&(_, offset, len, _)| covers(offset, len))
                // ln(1 - p) of the chance p that a write misses no page of a stretch of one is minus infinity;
                // a large factor says the same and keeps sums finite.
                .map(|&(index, _, len, share)| (index, (-libm::log1p(-share / len as f64)).min(1e3)))
                .collect();
            let sweeps = sweeps.iter().copied().filter(|s| covers(s.offset, s.region)).collect();
            let held = config.workloads.iter().any(|w| covers(w.offset.0, w.region.0));
            Zone { start, len: end - start, zero: false, held, classes: vec![Class { share: 1.0, random }], sweeps }
        })
        .collect();
    mark_zero(&mut zones, config.zero.0);
    zones
}

/// Makes the highest `zero` pages outside every region zero pages, cutting a zone where they end within it.
fn mark_zero(zones: &mut Vec<Zone>, mut zero: u64) {
    let mut index = zones.len();
    while index > 0 && zero > 0 {
        index -= 1;
        let zone = &mut zones[index];
        if zone.held {
            continue;
        }
        if zone.len > zero {
            let keep = zone.len - zero;
            let top = Zone { start: zone.start + keep, len: zero, zero: true, ..zone.clone() };
            zone.len = keep;
            zones.insert(index + 1, top);
            return;
        }
        zone.zero = true;
        zero -= zone.len;
    }
}
