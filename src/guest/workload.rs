//! What a guest is, as data: its RAM and the workloads that write to it.

use serde::Serialize;

use super::{OwnOrder, PageSize, PhaseCourse, RateSchedule};
use crate::units::{PageRate, Pages, Rate, Share, Span, Spread};

/// How well a guest is known.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct GuestUncertainty {
    /// In two cases of three all of its rates are at most so many times higher or lower than they are said to be: the
    /// exponential of the standard deviation of their logarithm; 1 where they are known.
    pub rates: f64,
    /// Pages that may be zero, at least and at most [pages]; `None` where they are known.
    pub zero: Option<(Pages, Pages)>,
}

impl GuestUncertainty {
    /// Of a guest that is known.
    pub const NONE: GuestUncertainty = GuestUncertainty { rates: 1.0, zero: None };
    /// Of rates that follow a program's operations: the spread of redis and memcached beside their presets.
    pub const OF_OPERATIONS: f64 = 1.5;
}

/// A guest: RAM, vCPUs and what they do.
#[derive(Clone, Debug, Serialize)]
pub struct GuestConfig {
    /// RAM [pages].
    pub memory: Pages,
    /// Pages of the host behind it.
    pub page_size: PageSize,
    /// Number of vCPUs.
    pub vcpus: u32,
    /// Pages that are all zero and stay so [pages]. They lie at the top of RAM, around any workload's region.
    pub zero: Pages,
    /// Speed at which QEMU finds that a page of this RAM is all zero, where it is not what the host does with any other
    /// [bytes/s].
    pub zero_scan: Option<Rate>,
    /// vCPU time of the first write to a page after its log was re-armed [ns]; `None`: as long as its accelerator takes.
    pub fault_cost: Option<Span>,
    /// How the rates of the workloads vary from run to run, each by a factor of its own.
    pub rate_spread: Option<Spread>,
    /// How well what is said of it is known.
    pub uncertainty: GuestUncertainty,
    /// Phases whose lengths vary from run to run.
    pub courses: Vec<PhaseCourse>,
    /// What the guest does; all of it at once.
    pub workloads: Vec<Workload>,
}

impl GuestConfig {
    /// An idle guest with so much RAM, none of it zero, one vCPU, pages of 4 KiB, and the host's usual speeds.
    pub fn idle(memory: Pages) -> GuestConfig {
        GuestConfig {
            memory,
            page_size: PageSize::default(),
            vcpus: 1,
            zero: Pages(0),
            zero_scan: None,
            fault_cost: None,
            rate_spread: None,
            uncertainty: GuestUncertainty::NONE,
            courses: Vec::new(),
            workloads: Vec::new(),
        }
    }

    /// Multiplies all rates, as far as rates go.
    pub fn speed_up(&mut self, factor: f64) {
        let faster = |rate: PageRate| PageRate((rate.0 * factor).min(Workload::MOST_RATE.0));
        self.workloads.iter_mut().for_each(|workload| workload.rate = faster(workload.rate));
    }

    /// Whether runs differ in rates or in the lengths of phases.
    pub fn varies(&self) -> bool {
        self.rate_spread.is_some() || !self.courses.is_empty()
    }
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
    pub schedule: RateSchedule,
    /// Share of a page's bytes that are different once it was written [0..=1]; XBZRLE sends only these.
    pub changed: Share,
    /// How much held-back work is made up for later [ns of work]; `None`: all of it. Zero: held-back work is lost.
    pub catch_up: Option<Span>,
}

impl Workload {
    /// The fastest that any writer is.
    pub const MOST_RATE: PageRate = PageRate(1e9);

    /// How many times the least rate a guest writes, in the middle, of which only a least one is known; the logarithm follows an
    /// exponential law.
    ///
    /// Recorded programs that rewrote their region in each pass wrote 1.5 (a compiler), 7 (a JVM) and 9 to 17 times (QEMU's
    /// stress tool) what was needed for that: 3.5 is the median of the law whose mean is theirs. No program was recorded to have a
    /// hot part as small as fits find; of two rates of one, that which is twice as high is taken for half as likely.
    pub const fn open_rate(has_hot_part: bool) -> f64 {
        if has_hot_part { 2.0 } else { 3.5 }
    }

    /// Writes at a constant rate, from the bottom of RAM on, that take all of their vCPU's time.
    pub fn steady(law: Law, region: Pages, rate: PageRate) -> Workload {
        Workload {
            law,
            offset: Pages(0),
            region,
            rate,
            cpu: Share::ALL,
            schedule: RateSchedule::default(),
            changed: Share::ALL,
            catch_up: None,
        }
    }

    /// One past the last page of its region [page number].
    pub fn end(&self) -> Pages {
        Pages(self.offset.0 + self.region.0)
    }

    /// This workload's writes over `factor` times the pages, with everything in the region in proportion; at least a
    /// page of everything is left. An order of one's own keeps the region that it was made ready for.
    pub fn stretched(self, factor: f64) -> Workload {
        if factor == 1.0 || self.region == Pages(0) || matches!(self.law, Law::Own(_)) {
            return self;
        }
        let most = |pages: Pages| (pages.0 as f64 * factor).ceil() as u64;
        let offset = Pages((self.offset.0 as f64 * factor).floor() as u64);
        let mut region = Pages(most(self.end()).saturating_sub(offset.0).max(1));
        let law = match self.law {
            Law::HotCold { hot, share } => Law::HotCold { hot: Pages(most(hot).min(region.0)), share },
            Law::Sequential { start } => Law::Sequential { start: Pages(most(start).min(region.0 - 1)) },
            Law::Classes(mut classes) => {
                classes.iter_mut().for_each(|class| class.pages = Pages(most(class.pages)));
                region = region.max(Pages(classes.iter().map(|class| class.pages.0).sum()));
                Law::Classes(classes)
            }
            law => law,
        };
        Workload { offset, region, law, ..self }
    }
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
    /// An order of one's own, or a recording.
    Own(OwnOrder),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workload(law: Law) -> Workload {
        Workload {
            law,
            offset: Pages(100),
            region: Pages(1000),
            rate: PageRate(500.0),
            cpu: Share::ALL,
            schedule: RateSchedule::default(),
            changed: Share::ALL,
            catch_up: None,
        }
    }

    #[test]
    fn a_region_is_stretched_with_what_is_in_it() {
        let class = |pages, share| RateClass { pages: Pages(pages), share: Share(share) };
        for (law, stretched) in [
            (Law::Uniform, Law::Uniform),
            (Law::HotCold { hot: Pages(10), share: Share(0.9) }, Law::HotCold { hot: Pages(15), share: Share(0.9) }),
            (Law::Sequential { start: Pages(20) }, Law::Sequential { start: Pages(30) }),
            (
                Law::Classes(vec![class(200, 0.5), class(800, 0.5)]),
                Law::Classes(vec![class(300, 0.5), class(1200, 0.5)]),
            ),
        ] {
            let found = workload(law).stretched(1.5);
            assert_eq!((found.offset, found.region, found.rate.0), (Pages(150), Pages(1500), 500.0));
            assert_eq!(found.law, stretched);
        }
    }

    #[test]
    fn a_page_of_everything_is_left() {
        let found = workload(Law::HotCold { hot: Pages(10), share: Share(0.9) }).stretched(0.001);
        assert_eq!((found.offset, found.region), (Pages(0), Pages(2)));
        assert_eq!(found.law, Law::HotCold { hot: Pages(1), share: Share(0.9) });
    }
}
