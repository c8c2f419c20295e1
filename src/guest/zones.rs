//! RAM cut into zones: stretches of pages that are all treated alike.

use super::kinds::{PageKind, kinds};
use super::{GuestConfig, Law};
use crate::units::{Pages, Share, Span};

/// A stretch of RAM whose pages have the same writers and the same content.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Zone {
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
pub(super) struct Class {
    /// Share of the zone's pages [0..=1].
    pub share: f64,
    /// Random writers: workload, and the factor κ by which one of its writes lowers a page's chance of being
    /// untouched, as exp(-κ).
    pub random: Vec<(usize, f64)>,
}

impl Class {
    /// How often a page of this class is written at random, where workload w makes `rates[w]` writes a second.
    fn touches_per_second(&self, rates: &[f64]) -> f64 {
        self.random.iter().map(|&(workload, kappa)| kappa * rates[workload]).sum()
    }

    /// The pages of this class that are of another one, too; the two are mixed independently.
    fn and(&self, other: &Class) -> Class {
        let random = self.random.iter().chain(&other.random).copied().collect();
        Class { share: self.share * other.share, random }
    }
}

/// A writer that takes page after page of its region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sweep {
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
    pub(super) fn is_written(&self) -> bool {
        !self.sweeps.is_empty() || self.classes.iter().any(|class| !class.random.is_empty())
    }

    /// One past the last page.
    pub(super) fn end(&self) -> u64 {
        self.start + self.len
    }

    /// The mean over all writers, by how often they write here.
    fn changed_by(&self, config: &GuestConfig) -> Option<Share> {
        let swept = self.sweeps.iter().map(|sweep| (sweep.workload, 1.0 / sweep.region as f64));
        let random =
            self.classes.iter().flat_map(|class| class.random.iter().map(|&(w, kappa)| (w, class.share * kappa)));
        let (mut all, mut changed) = (0.0, 0.0);
        for (workload, per_write) in swept.chain(random) {
            let writer = &config.workloads[workload];
            let touches = writer.rate.0 * per_write;
            all += touches;
            changed += touches * writer.changed.0;
        }
        (all > 0.0).then(|| Share(changed / all))
    }

    /// How often the sequential writers pass a page.
    fn passes_per_second(&self, rates: &[f64]) -> f64 {
        self.sweeps.iter().map(|sweep| rates[sweep.workload] / sweep.region as f64).sum()
    }

    /// For each class, how often a page of it is written, where workload w makes `rates[w]` writes a second.
    pub(super) fn touches_per_second<'a>(&'a self, rates: &'a [f64]) -> impl Iterator<Item = f64> + 'a {
        let swept = self.passes_per_second(rates);
        self.classes.iter().map(move |class| swept + class.touches_per_second(rates))
    }
}

/// A stretch of pages that one workload writes at random.
struct ZonePart {
    workload: usize,
    offset: u64,
    len: u64,
    /// Kinds of pages in it, by rank.
    kinds: Vec<PageKind>,
}

impl ZonePart {
    /// Whether the pages of one rank are the same pages in both: ranks are scattered by place and length alone.
    fn is_aligned_with(&self, other: &ZonePart) -> bool {
        (self.offset, self.len) == (other.offset, other.len)
    }
}

/// The stretches that random writers write.
fn random_parts(config: &GuestConfig) -> Vec<ZonePart> {
    // Most have one part, the others two.
    let mut parts = Vec::with_capacity(2 * config.workloads.len());
    for (workload, w) in config.workloads.iter().enumerate() {
        let (offset, region) = (w.offset.0, w.region.0);
        let mut part = |offset: u64, len: u64, kinds: Vec<PageKind>| {
            if len > 0 && w.rate.0 > 0.0 && kinds.iter().any(|kind| kind.kappa > 0.0) {
                parts.push(ZonePart { workload, offset, len, kinds });
            }
        };
        let kinds = kinds(&w.law, region);
        match (&w.law, kinds.as_slice()) {
            // The only law whose kinds are not scattered.
            (Law::HotCold { .. }, &[hot, cold]) => {
                part(offset, hot.pages, vec![hot]);
                part(offset + hot.pages, cold.pages, vec![cold]);
            }
            _ => part(offset, region, kinds),
        }
    }
    parts
}

/// The classes of pages that aligned parts make together: a cut wherever one of them has one.
fn aligned_classes(parts: &[&ZonePart]) -> Vec<Class> {
    if let [ZonePart { workload, len, kinds, .. }] = parts {
        let class = |kind: &PageKind| Class {
            share: kind.pages as f64 / *len as f64,
            random: if kind.kappa > 0.0 { vec![(*workload, kind.kappa)] } else { Vec::new() },
        };
        return kinds.iter().map(class).collect();
    }
    let mut rest: Vec<(usize, &[PageKind], u64)> =
        parts.iter().map(|part| (part.workload, &part.kinds[..], 0)).collect();
    let mut classes = Vec::new();
    let len = parts.first().map_or(1, |part| part.len);
    let mut done = 0;
    while done < len {
        // Up to where the first of the kinds under way ends; nobody has more pages than all.
        let left = |(_, kinds, used): &(usize, &[PageKind], u64)| kinds.first().map(|kind| kind.pages - used);
        let step = rest.iter().filter_map(left).min().unwrap_or(len - done);
        let random = rest.iter().filter_map(|(workload, kinds, _)| Some((*workload, kinds.first()?.kappa)));
        if step > 0 {
            let random = random.filter(|(_, kappa)| *kappa > 0.0).collect();
            classes.push(Class { share: step as f64 / len as f64, random });
        }
        for (_, kinds, used) in &mut rest {
            *used += step;
            if let Some((first, others)) = kinds.split_first()
                && *used == first.pages
            {
                (*kinds, *used) = (others, 0);
            }
        }
        done += step;
    }
    classes
}

/// The classes of pages where all these parts lie over each other.
fn classes(parts: &[&ZonePart]) -> Vec<Class> {
    if let [_] = parts {
        return aligned_classes(parts);
    }
    let mut classes = vec![Class { share: 1.0, random: Vec::new() }];
    for (index, part) in parts.iter().enumerate() {
        if parts[..index].iter().any(|before| before.is_aligned_with(part)) {
            continue;
        }
        let aligned: Vec<&ZonePart> = parts[index..].iter().copied().filter(|p| p.is_aligned_with(part)).collect();
        let more = aligned_classes(&aligned);
        classes = match index {
            0 => more,
            _ => classes.iter().flat_map(|class| more.iter().map(|other| class.and(other))).collect(),
        };
    }
    classes
}

/// The largest number of classes that zones make of a stretch of RAM: kinds of workloads with the same region
/// add up, those of overlapping regions multiply.
pub fn most_classes(config: &GuestConfig) -> usize {
    let parts = random_parts(config);
    let count = |page: u64| {
        let here = |part: &&ZonePart| part.offset <= page && page < part.offset + part.len;
        let mut places: Vec<(u64, u64, usize)> = Vec::new();
        for part in parts.iter().filter(here) {
            match places.iter_mut().find(|place| (place.0, place.1) == (part.offset, part.len)) {
                Some(place) => place.2 += part.kinds.len(),
                None => places.push((part.offset, part.len, part.kinds.len())),
            }
        }
        places.iter().fold(1usize, |product, place| product.saturating_mul(place.2))
    };
    // The most lie over each other where one of them begins.
    parts.iter().map(|part| count(part.offset)).max().unwrap_or(1)
}

/// Cuts a guest's RAM into zones, in order, without a gap.
///
/// Zero pages take the highest places that no workload's region covers.
pub(super) fn zones(config: &GuestConfig) -> Vec<Zone> {
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
    let mut cuts = Vec::with_capacity(2 + 2 * (parts.len() + config.workloads.len()));
    cuts.extend([0, memory]);
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
            let here: Vec<&ZonePart> = parts.iter().filter(|part| covers(part.offset, part.len)).collect();
            let classes = classes(&here);
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
pub fn written(config: &GuestConfig) -> Pages {
    Pages(zones(config).iter().filter(|zone| zone.is_written()).map(|zone| zone.len).sum())
}

/// Distinct pages that all workloads together write within `span`, while nothing slows the guest [pages].
pub fn distinct(config: &GuestConfig, span: Span) -> f64 {
    let rates: Vec<f64> = config.workloads.iter().map(|w| w.rate.0).collect();
    let of = |zone: &Zone| {
        let passed = zone.passes_per_second(&rates) * span.seconds();
        let random = |class: &Class| class.share * libm::exp(-class.touches_per_second(&rates) * span.seconds());
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
