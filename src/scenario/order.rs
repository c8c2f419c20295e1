//! Keys that say in which order a workload writes its pages.

use crate::guest::Law;
use crate::units::{Pages, Share};

use super::faults::Faults;
use super::keys;
use super::part::RamPart;
use super::reader::{FoundValue, Section};
use super::workload_kind::Order;

/// The keys, of whatever order.
#[derive(Debug)]
pub(super) struct OrderKeys {
    path: String,
    hot: Option<FoundValue<RamPart>>,
    share: Option<FoundValue<Share>>,
    exponent: f64,
    start: Option<FoundValue<Pages>>,
    sweeps: Option<FoundValue<u32>>,
}

/// A stretch of a region with one writer [pages from the region's beginning].
#[derive(Debug, PartialEq)]
pub(super) struct Stretch {
    pub offset: Pages,
    pub len: Pages,
    pub law: Law,
}

impl OrderKeys {
    /// Reads the keys.
    pub(super) fn read(workload: &mut Section) -> OrderKeys {
        OrderKeys {
            path: workload.path(""),
            hot: keys::HOT.read(workload),
            share: keys::HOT_SHARE.read(workload),
            exponent: keys::EXPONENT.value(workload),
            start: keys::START.read(workload),
            sweeps: keys::SWEEPS.read(workload),
        }
    }

    fn path(&self, key: &str) -> String {
        format!("{}{key}", self.path)
    }

    /// The writers of a region of that length, each with an equal part of the rate; `None` if a key is missing or
    /// wrong.
    pub(super) fn stretches(&self, order: Order, region: Pages, faults: &mut Faults) -> Option<Vec<Stretch>> {
        let law = match order {
            Order::Uniform => Law::Uniform,
            Order::Zipf => Law::Zipf { exponent: self.exponent },
            Order::HotCold => self.hot_cold(region, faults)?,
            Order::Sequential => return self.sweeps(region, faults),
        };
        Some(vec![Stretch { offset: Pages(0), len: region, law }])
    }

    fn hot_cold(&self, region: Pages, faults: &mut Faults) -> Option<Law> {
        let (hot, share) = (self.hot.as_ref()?, self.share.as_ref()?);
        let (place, hot) = (&hot.place, hot.value.of(region));
        let path = self.path("hot");
        if hot > region {
            let label = format!("the region has {}", region.bytes());
            faults.error(place, format!("`{path}` is larger than the region"), label);
        } else if hot == Pages(0) && share.value > Share(0.0) {
            let label = format!("{} of the writes have nowhere to go", share.value);
            faults.error(place, format!("`{path}` is smaller than a page"), label).note(&share.place, "these");
        } else if hot == region && share.value < Share::ALL {
            let label = format!("{} of the writes have nowhere to go", Share(1.0 - share.value.0));
            faults.error(place, format!("`{path}` leaves no cold pages"), label).note(&share.place, "all but these");
        } else {
            return Some(Law::HotCold { hot, share: share.value });
        }
        None
    }

    /// As many parts as sweeps; a rest of the division goes to the first ones, a page each.
    fn sweeps(&self, region: Pages, faults: &mut Faults) -> Option<Vec<Stretch>> {
        let sweeps = self.sweeps.as_ref().map_or(1, |sweeps| u64::from(sweeps.value));
        let (part, rest) = (region.0 / sweeps, region.0 % sweeps);
        if let Some(found) = self.sweeps.as_ref().filter(|_| part == 0) {
            let label = format!("the region has {region}");
            faults.error(&found.place, format!("`{}` has more sweeps than pages", self.path("sweeps")), label);
            return None;
        }
        let start = self.start.as_ref().map_or(Pages(0), |start| start.value);
        if let Some(found) = self.start.as_ref().filter(|_| start.0 >= part) {
            let whose = if sweeps == 1 { "the region" } else { "each sweep's part" };
            let title = format!("`{}` lies outside {whose}", self.path("start"));
            faults.error(&found.place, title, format!("{whose} has {}", Pages(part).bytes()));
            return None;
        }
        let stretch = |index: u64| Stretch {
            offset: Pages(index * part + index.min(rest)),
            len: Pages(part + u64::from(index < rest)),
            law: Law::Sequential { start },
        };
        Some((0..sweeps).map(stretch).collect())
    }
}
