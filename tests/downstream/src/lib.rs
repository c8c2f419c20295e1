//! Rules, a workload and an order of writes as somebody else would write them.

use precopy::guest::{Draws, RateClass, WorkloadModel, WriteOrder};
use precopy::qemu::{AutoConvergeStep, SwitchoverRule, SwitchoverStep, ThrottleRule};
use precopy::units::{PageRate, Pages, Share, Span};

/// The rule of QEMU 8.2, written down once more: two periods that dirtied more than the threshold's share of what was
/// sent raise the throttle.
#[derive(Debug)]
pub struct TwoHits;

impl ThrottleRule for TwoHits {
    fn throttle_pct(&self, step: &AutoConvergeStep, registers: &mut [f64; 4]) -> u8 {
        let [hits, ..] = registers;
        *hits += f64::from(u8::from(step.period.hit));
        if !step.period.hit || *hits < 2.0 {
            return step.throttle_pct;
        }
        *hits = 0.0;
        match step.throttle_pct {
            0 => step.params.cpu_throttle_initial,
            pct => (pct + step.params.cpu_throttle_increment).min(step.params.max_cpu_throttle),
        }
    }
}

/// As much throttle as the dirty rate is above half of what is sent, and less again when it falls.
#[derive(Debug)]
pub struct Proportional;

impl ThrottleRule for Proportional {
    fn throttle_pct(&self, step: &AutoConvergeStep, _: &mut [f64; 4]) -> u8 {
        let ratio = step.period.dirty_bytes as f64 / step.period.sent_bytes.max(1) as f64;
        (f64::from(step.throttle_pct) + 40.0 * (ratio - 0.5)).clamp(0.0, 99.0) as u8
    }
}

/// Stops the guest as QEMU does, and after so many passes in any case.
#[derive(Debug)]
pub struct Passes(pub u64);

impl SwitchoverRule for Passes {
    fn switches_over(&self, step: &SwitchoverStep, _: &mut [f64; 4]) -> bool {
        step.qemu || step.sync_count > self.0
    }
}

/// One region that is written at random.
pub struct OneRegion {
    /// Its length [pages].
    pub pages: Pages,
    /// Page writes a second, from each moment on.
    pub rates: Vec<(Span, PageRate)>,
}

impl WorkloadModel for OneRegion {
    fn classes(&self) -> Vec<RateClass> {
        vec![RateClass { pages: self.pages, share: Share::ALL }]
    }

    fn rates(&self) -> Vec<(Span, PageRate)> {
        self.rates.clone()
    }
}

/// Any page with the same chance, as the law `uniform` has it.
#[derive(Debug)]
pub struct Anywhere;

impl WriteOrder for Anywhere {
    fn page(&self, _: u64, region: Pages, draws: &mut Draws, _: &mut [f64; 4]) -> u64 {
        draws.below(region.0)
    }
}

/// Every other write goes to the next page of a log; the others hit any page.
#[derive(Debug)]
pub struct Journal;

impl WriteOrder for Journal {
    fn page(&self, write: u64, region: Pages, draws: &mut Draws, _: &mut [f64; 4]) -> u64 {
        if write.is_multiple_of(2) { write / 2 % region.0 } else { draws.below(region.0) }
    }
}

/// Moves over its region as far as it has drawn, and remembers where it is.
#[derive(Debug)]
pub struct Walk;

impl WriteOrder for Walk {
    fn page(&self, _: u64, region: Pages, draws: &mut Draws, registers: &mut [f64; 4]) -> u64 {
        registers[0] = (registers[0] + draws.share() * 100.0) % region.0 as f64;
        registers[0] as u64
    }
}
