//! One measurement of a dirty rate, for what it is.

use crate::fit::file::PAGES_PER_MIB;

/// How dirty pages are counted, as libvirt and QEMU name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CalcMode {
    /// Contents of some pages are compared before and after.
    PageSampling,
    /// Every page that was written, by the dirty log of each slot.
    DirtyBitmap,
    /// Every page that was written, by each vCPU's ring.
    DirtyRing,
}

impl CalcMode {
    /// All modes.
    pub const ALL: [CalcMode; 3] = [CalcMode::PageSampling, CalcMode::DirtyBitmap, CalcMode::DirtyRing];

    /// libvirt's and QEMU's word.
    pub fn word(self) -> &'static str {
        match self {
            CalcMode::PageSampling => "page-sampling",
            CalcMode::DirtyBitmap => "dirty-bitmap",
            CalcMode::DirtyRing => "dirty-ring",
        }
    }

    /// The mode of that word.
    pub fn of(word: &str) -> Option<CalcMode> {
        CalcMode::ALL.into_iter().find(|mode| mode.word() == word)
    }
}

/// A measurement that is finished.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RateReading {
    /// Its length [ms].
    pub(super) ms: u64,
    /// What was said [MiB/s].
    pub(super) rate: f64,
    /// What may have been cut off from it, less than this [MiB/s].
    pub(super) cut: f64,
    /// `None`: not told, as by libvirt before 8.1, which samples.
    pub(super) mode: Option<CalcMode>,
    /// Pages that were sampled of each GiB, where that is told.
    pub(super) samples: Option<u64>,
}

/// What libvirt and QEMU sample of each GiB where no more are asked for [pages].
pub const USUAL_SAMPLES: u64 = 512;
const PAGES_PER_GIB: f64 = 1024.0 * PAGES_PER_MIB;

impl RateReading {
    /// Whole MiB/s, as libvirt and QEMU say them of each of so many vCPUs, or of all at once.
    pub(super) fn whole(ms: u64, rate: u64, counters: usize) -> RateReading {
        RateReading { ms, rate: rate as f64, cut: counters.max(1) as f64, mode: None, samples: None }
    }

    pub(super) fn is_sampled(&self) -> bool {
        matches!(self.mode, None | Some(CalcMode::PageSampling))
    }

    /// Different pages: the middle of what it may have been before it was cut off.
    pub(super) fn pages(&self) -> f64 {
        self.pages_at(self.rate + self.cut / 2.0)
    }

    /// As many as there may have been [pages].
    pub(super) fn most(&self) -> f64 {
        self.pages_at(self.rate + self.cut)
    }

    fn pages_at(&self, rate: f64) -> f64 {
        rate * self.ms as f64 / 1e3 * PAGES_PER_MIB
    }

    /// How much it counts beside others of that length: as many samples as were taken.
    pub(super) fn weight(&self) -> f64 {
        self.samples.unwrap_or(USUAL_SAMPLES).max(1) as f64
    }

    /// One standard deviation of its pages: of a sample, and of what was cut off [pages].
    pub(super) fn noise(&self) -> f64 {
        let each = if self.is_sampled() { PAGES_PER_GIB / self.weight() } else { 0.0 };
        let sampled = each * (self.pages() / each.max(1.0)).max(1.0).sqrt();
        let cut = self.pages_at(self.cut) / 12.0_f64.sqrt();
        libm::hypot(if each > 0.0 { sampled } else { 0.0 }, cut)
    }
}
