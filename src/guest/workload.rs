//! What a guest is, as data: its RAM and the workloads that write to it.

use serde::Serialize;

use super::{Course, PageSize, Schedule};
use crate::units::{PageRate, Pages, Rate, Share, Span, Spread};

/// A guest: RAM, vCPUs and what they do.
#[derive(Clone, Debug, Serialize)]
pub struct Config {
    /// RAM [pages].
    pub memory: Pages,
    /// Pages of the host behind it.
    pub page_size: PageSize,
    /// Number of vCPUs.
    pub vcpus: u32,
    /// Pages that are all zero and stay so [pages]. They lie at the top of RAM, around any workload's region.
    pub zero: Pages,
    /// Speed at which QEMU finds that a page is all zero [bytes/s]. Large sparse guests spend most of the first
    /// pass there (workload-catalogue 5 B).
    pub zero_scan: Rate,
    /// vCPU time of the first write to a page after its log was re-armed [ns].
    pub fault_cost: Span,
    /// How the rates of the workloads vary from run to run, each by a factor of its own.
    pub rate_spread: Option<Spread>,
    /// Phases whose lengths vary from run to run.
    pub courses: Vec<Course>,
    /// What the guest does; all of it at once.
    pub workloads: Vec<Workload>,
}

impl Config {
    /// Speed of the zero scan where nothing else is known: about 1 GB/s with one thread, from the run of 100 GB
    /// guests in workload-catalogue 5 B.
    pub const ZERO_SCAN: Rate = Rate(1_000_000_000);
    /// Cost of one write-protection fault where nothing else is known: 260 ns of vCPU time a re-dirtied page,
    /// measured under KVM in cloud-hypervisor/cloud-hypervisor issue 8899 (2026).
    pub const FAULT_COST: Span = Span(260);
}

/// One workload: a region of RAM, the order in which its pages are written, and how fast.
#[derive(Clone, Debug, Serialize)]
pub struct Workload {
    /// Order of the writes.
    pub law: Law,
    /// First page of the region [page number].
    pub offset: Pages,
    /// Length of the region [pages].
    pub region: Pages,
    /// Page writes while the guest is not slowed [pages/s].
    pub rate: PageRate,
    /// How busy the writer is (0..=1]: 1 = every lost CPU cycle costs writes; less = slack absorbs some first.
    pub cpu: Share,
    /// How `rate` changes with time.
    pub schedule: Schedule,
    /// Share of a page's bytes that are different once it was written [0..=1]; XBZRLE sends only these.
    pub changed: Share,
    /// How much held-back work is made up for later [ns of work]; `None`: all of it. Zero: held-back work is lost.
    pub catch_up: Option<Span>,
}

/// Some of a region's pages, and the share of the writes that they take.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RateClass {
    /// Number of pages.
    pub pages: Pages,
    /// Share of the writes [0..=1]; all classes together take all.
    pub share: Share,
}

/// The order in which a workload writes the pages of its region.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Law {
    /// No page is written: the region holds data that stays as it is, and `cpu` may still be used.
    Idle,
    /// Each write hits any page with the same chance.
    Uniform,
    /// The first `hot` pages of the region take `share` of the writes, the others the rest; uniform in each part.
    HotCold {
        /// Size of the hot part [pages].
        hot: Pages,
        /// Share of the writes that goes there [0..=1].
        share: Share,
    },
    /// The page of rank i takes a share of the writes in proportion to 1 / i^`exponent`; ranks are scattered evenly
    /// over the region.
    Zipf {
        /// Skew [0 = uniform; 0.99 is the usual key-value store].
        exponent: f64,
    },
    /// Classes of pages, each written at random at a rate of its own, scattered evenly over the region.
    ///
    /// Any curve of distinct pages against time that bends only downwards can be put together from such classes.
    Classes(Vec<RateClass>),
    /// Page after page, in order, from `start` on, and from the beginning again at the end.
    Sequential {
        /// Page of the region that is written first [pages from the region's offset].
        start: Pages,
    },
}
