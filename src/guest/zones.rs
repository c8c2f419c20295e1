//! RAM cut into zones: stretches of pages that are all treated alike.

use super::{Config, Law, RateClass};
use crate::units::{Pages, Share, Span};

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
    /// Share of a page's bytes that a write changes, where anybody writes.
    pub changed: Option<Share>,
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

impl Class {
    /// The pages of this class that are of one kind of a part, too; the two are mixed independently.
    fn and(&self, part: &Part, &(share, kappa): &(f64, f64)) -> Class {
        let mut random = self.random.clone();
        random.push((part.workload, kappa));
        Class { share: self.share * share, random }
    }
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

    /// The mean over all writers, by how often they write here.
    fn changed_by(&self, config: &Config) -> Option<Share> {
        let (mut all, mut changed) = (0.0, 0.0);
        for (index, w) in config.workloads.iter().enumerate() {
            let rates: Vec<f64> =
                (0..config.workloads.len()).map(|other| if other == index { w.rate.0 } else { 0.0 }).collect();
            let touches: f64 =
                self.classes.iter().zip(self.touches_per_second(&rates)).map(|(class, rate)| class.share * rate).sum();
            all += touches;
            changed += touches * w.changed.0;
        }
        (all > 0.0).then(|| Share(changed / all))
    }

    /// For each class, how often a page of it is written, where workload w makes `rates[w]` writes a second.
    pub fn touches_per_second<'a>(&'a self, rates: &'a [f64]) -> impl Iterator<Item = f64> + 'a {
        let swept: f64 = self.sweeps.iter().map(|sweep| rates[sweep.workload] / sweep.region as f64).sum();
        let random = |class: &Class| class.random.iter().map(|&(workload, kappa)| kappa * rates[workload]).sum::<f64>();
        self.classes.iter().map(move |class| swept + random(class))
    }
}

/// A stretch of pages that one workload writes at random.
struct Part {
    workload: usize,
    offset: u64,
    len: u64,
    /// Kinds of pages in it: share of the stretch's pages, and κ.
    kinds: Vec<(f64, f64)>,
}

/// The stretches that random writers write.
fn random_parts(config: &Config) -> Vec<Part> {
    let mut parts = Vec::new();
    for (workload, w) in config.workloads.iter().enumerate() {
        let (offset, region) = (w.offset.0, w.region.0);
        let mut part = |offset: u64, len: u64, kinds: &[(f64, f64)]| {
            if len > 0 && kinds.iter().any(|kind| kind.1 > 0.0) {
                parts.push(Part { workload, offset, len, kinds: kinds.to_vec() });
            }
        };
        match &w.law {
            Law::Uniform => part(offset, region, &[(1.0, kappa(1.0, region as f64))]),
            Law::HotCold { hot, share } => {
                let hot = hot.0.min(region);
                part(offset, hot, &[(1.0, kappa(share.0, hot as f64))]);
                part(offset + hot, region - hot, &[(1.0, kappa(1.0 - share.0, (region - hot) as f64))]);
            }
            Law::Zipf { exponent } => part(offset, region, &zipf_kinds(region, *exponent)),
            Law::Classes(classes) => {
                let kind = |c: &RateClass| (c.pages.0 as f64 / region as f64, kappa(c.share.0, c.pages.0 as f64));
                part(offset, region, &classes.iter().map(kind).collect::<Vec<_>>());
            }
            Law::Idle | Law::Sequential { .. } => {}
        }
    }
    parts
}

/// κ of a page among `pages` that together take `share` of the writes.
fn kappa(share: f64, pages: f64) -> f64 {
    // ln(1 - p) of a page that every write hits is minus infinity; a large factor says the same and keeps sums finite.
    if pages > 0.0 { (-libm::log1p(-(share / pages).min(1.0))).min(1e3) } else { 0.0 }
}

/// Ranks of a Zipf law that are a kind of their own; further ones are put together by [`RATIO`].
const SINGLE_RANKS: u64 = 8;
/// Last by first rank of a kind. Weights within a kind differ by no more than this to the power of the exponent.
const RATIO: f64 = 1.3;

/// A Zipf law over `pages` ranks as kinds of pages with a common weight.
///
/// The weight of ranks a to b is the integral of x^-s from a - 1/2 to b + 1/2, which the first ranks, taken one by
/// one, do not need.
fn zipf_kinds(pages: u64, exponent: f64) -> Vec<(f64, f64)> {
    let weight = |first: u64, last: u64| {
        if first == last {
            return libm::pow(first as f64, -exponent);
        }
        let (a, b) = (first as f64 - 0.5, last as f64 + 0.5);
        let power = 1.0 - exponent;
        if power.abs() < 1e-9 { libm::log(b / a) } else { (libm::pow(b, power) - libm::pow(a, power)) / power }
    };
    let mut kinds = Vec::new();
    let mut first = 1;
    while first <= pages {
        let last = if first <= SINGLE_RANKS { first } else { (first as f64 * RATIO) as u64 };
        let last = last.min(pages);
        kinds.push((last - first + 1, weight(first, last)));
        first = last + 1;
    }
    let total: f64 = kinds.iter().map(|kind| kind.1).sum();
    kinds.into_iter().map(|(n, weight)| (n as f64 / pages as f64, kappa(weight / total, n as f64))).collect()
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
    cuts.extend(parts.iter().flat_map(|part| [part.offset, part.offset + part.len]));
    cuts.extend(config.workloads.iter().flat_map(|w| [w.offset.0, w.offset.0 + w.region.0]));
    cuts.retain(|cut| *cut <= memory);
    cuts.sort_unstable();
    cuts.dedup();
    let mut zones: Vec<Zone> = cuts
        .windows(2)
        .map(|pair| {
            let (start, end) = (pair[0], pair[1]);
            let covers = |offset: u64, len: u64| offset <= start && end <= offset + len;
            let mut classes = vec![Class { share: 1.0, random: Vec::new() }];
            for part in parts.iter().filter(|part| covers(part.offset, part.len)) {
                classes =
                    classes.iter().flat_map(|class| part.kinds.iter().map(|kind| class.and(part, kind))).collect();
            }
            let sweeps = sweeps.iter().copied().filter(|s| covers(s.offset, s.region)).collect();
            let held = config.workloads.iter().any(|w| covers(w.offset.0, w.region.0));
            let mut zone = Zone { start, len: end - start, zero: false, held, classes, sweeps, changed: None };
            zone.changed = zone.changed_by(config);
            zone
        })
        .collect();
    mark_zero(&mut zones, config.zero.0);
    zones
}

/// Pages that some workload writes.
pub fn written(config: &Config) -> Pages {
    Pages(zones(config).iter().filter(|zone| zone.is_written()).map(|zone| zone.len).sum())
}

/// Distinct pages that all workloads together write within `span`, while nothing slows the guest [pages].
pub fn distinct(config: &Config, span: Span) -> f64 {
    let rates: Vec<f64> = config.workloads.iter().map(|w| w.rate.0).collect();
    let of = |zone: &Zone| {
        let passed: f64 =
            zone.sweeps.iter().map(|sweep| rates[sweep.workload] * span.seconds() / sweep.region as f64).sum();
        let random = |class: &Class| {
            let exposure: f64 = class.random.iter().map(|&(workload, kappa)| kappa * rates[workload]).sum();
            class.share * libm::exp(-exposure * span.seconds())
        };
        let untouched = (1.0 - passed).max(0.0) * zone.classes.iter().map(random).sum::<f64>();
        zone.len as f64 * (1.0 - untouched)
    };
    zones(config).iter().filter(|zone| zone.is_written()).map(of).sum()
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
