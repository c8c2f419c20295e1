//! The dirty limiter: a vCPU that dirties too fast sleeps each time its dirty ring is full (qemu-precopy 4.6).

use crate::units::{PageRate, Pages, Rate, Span};

/// Distance of measured rate and quota that is left alone [MiB/s].
const TOLERANCE: u64 = 25;
/// More per cent apart than this, the sleep is computed from the distance; else it moves by a fixed step.
const LINEAR: u64 = 50;
/// The longest sleep, in times that the ring takes to fill.
const LONGEST: u64 = 99;

/// The limiter of one QEMU process: one quota, one sleep a vCPU.
///
/// It is on or off and has no ramp of its own. Completion, failure and cancelling leave it on.
///
/// Source: qemu-precopy 4.6; vectors `dirty_limit_cases`.
#[derive(Clone, Debug)]
pub struct DirtyLimit {
    ring_mib: u64,
    quota: Option<Rate>,
    /// The largest rate ever measured, over all vCPUs and migrations [MiB/s].
    max_rate: u64,
    sleeps_us: Vec<u64>,
}

impl DirtyLimit {
    /// A limiter that is off, for `vcpus` vCPUs with a ring of `entries` pages each.
    pub fn new(entries: Pages, vcpus: usize) -> DirtyLimit {
        DirtyLimit { ring_mib: entries.0 >> 8, quota: None, max_rate: 0, sleeps_us: vec![0; vcpus] }
    }

    /// Acts on a fired decision: on for all vCPUs, or a new `vcpu-dirty-limit` for them. Whether anything changed.
    pub fn limit(&mut self, quota: Rate) -> bool {
        self.quota.replace(quota) != Some(quota)
    }

    /// `vcpu-dirty-limit` as the limiter knows it; `None`: it is off.
    pub fn quota(&self) -> Option<Rate> {
        self.quota
    }

    /// Sleep of a vCPU at each full ring; none for a vCPU that does not exist.
    pub fn sleep(&self, vcpu: usize) -> Span {
        self.sleeps_us.get(vcpu).map_or(Span::ZERO, |us| Span(us * 1000))
    }

    /// `dirty-limit-throttle-time-per-round`: the longest sleep of all vCPUs.
    pub fn throttle_time_per_round(&self) -> Span {
        Span(self.sleeps_us.iter().copied().max().unwrap_or(0) * 1000)
    }

    /// `dirty-limit-ring-full-time` where the vCPUs dirty `average` each; zero if nothing was ever dirtied.
    ///
    /// The largest rate ever measured stands in for a smaller one.
    pub fn ring_full_time(&self, average: Rate) -> Span {
        Span(self.full_us(self.max_rate.max(mib(average))) * 1000)
    }

    /// Moves the sleep of one vCPU towards `quota` after a period in which it dirtied `measured`; returns the sleep.
    ///
    /// Both rates count as whole MiB/s. A vCPU that does not exist has no sleep, but its rate counts.
    pub fn adjust(&mut self, vcpu: usize, quota: Rate, measured: Rate) -> Span {
        // A quota below 1 MiB/s cannot be set in QEMU, and would be 100 % off.
        let (quota, rate) = (mib(quota).max(1), mib(measured));
        let old = self.sleeps_us.get(vcpu).copied().unwrap_or(0);
        let new = match (quota.abs_diff(rate) <= TOLERANCE, rate) {
            (true, _) => old,
            (false, 0) => 0,
            (false, _) => {
                self.max_rate = self.max_rate.max(rate);
                let full = self.full_us(self.max_rate);
                let step = step(full, quota, rate);
                let moved = if quota < rate { old.saturating_add(step) } else { old.saturating_sub(step) };
                moved.min(full * LONGEST)
            }
        };
        if let Some(sleep) = self.sleeps_us.get_mut(vcpu) {
            *sleep = new;
        }
        self.sleep(vcpu)
    }

    /// Time in which a vCPU at `rate` MiB/s fills its ring [whole µs].
    fn full_us(&self, rate: u64) -> u64 {
        (self.ring_mib * 1_000_000).checked_div(rate).unwrap_or(0)
    }
}

/// How far one adjustment moves the sleep [µs].
fn step(full: u64, quota: u64, rate: u64) -> u64 {
    let (low, high) = (quota.min(rate), quota.max(rate));
    match (high - low) * 100 / high {
        pct if pct > LINEAR => ((full * pct) as f64 / (100 - pct) as f64) as u64,
        _ => full / 10,
    }
}

fn mib(rate: Rate) -> u64 {
    rate.0 >> 20
}

/// The rate that the limiter's thread sees: `harvested` ring entries in `elapsed`, in whole MiB/s.
///
/// The division by 256 pages a MiB comes before that by the time; both cut. Nothing is measured in less than 1 ms.
pub fn measured_rate(harvested: Pages, elapsed: Span) -> Rate {
    let mib_ms = harvested.0.saturating_mul(1000) >> 8;
    Rate(mib_ms.checked_div(elapsed.whole_ms()).unwrap_or(0) << 20)
}

/// What a vCPU dirties that would dirty `free` pages/s and sleeps for `sleep` at each full ring of `entries`.
///
/// ```text
/// entries / (entries / free + sleep)
/// ```
pub fn steady_rate(entries: Pages, free: PageRate, sleep: Span) -> PageRate {
    let entries = entries.0 as f64;
    if free.0 <= 0.0 || entries == 0.0 {
        return PageRate(0.0);
    }
    PageRate(entries / (entries / free.0 + sleep.0 as f64 / 1e9))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mib_s(mib: u64) -> Rate {
        Rate(mib << 20)
    }

    #[test]
    fn harvested_pages_are_cut_to_whole_mib_a_second() {
        for (pages, ms, mib) in [(256_000, 1000, 1000), (255, 1000, 0), (256, 1000, 1), (512, 1001, 1), (4096, 0, 0)] {
            assert_eq!(measured_rate(Pages(pages), Span::from_ms(ms)), mib_s(mib), "{pages} in {ms} ms");
        }
    }

    #[test]
    fn the_largest_rate_of_any_vcpu_shortens_the_sleep_of_all() {
        let mut alone = DirtyLimit::new(Pages(4096), 2);
        assert_eq!(alone.adjust(0, mib_s(100), mib_s(1000)), Span(144_000_000));
        let mut beside = DirtyLimit::new(Pages(4096), 2);
        beside.adjust(1, mib_s(100), mib_s(2000));
        assert_eq!(beside.adjust(0, mib_s(100), mib_s(1000)), Span(72_000_000));
        assert_eq!(beside.ring_full_time(mib_s(1000)), Span(8_000_000));
        assert_eq!(beside.throttle_time_per_round(), Span(152_000_000));
    }

    #[test]
    fn only_a_new_quota_is_a_change() {
        let mut limit = DirtyLimit::new(Pages(4096), 1);
        assert_eq!(limit.quota(), None);
        assert!(limit.limit(mib_s(1)) && !limit.limit(mib_s(1)) && limit.limit(mib_s(5)));
    }

    #[test]
    fn a_limited_vcpu_pauses_once_a_ring() {
        // 4096 entries at 40,960 pages/s take 100 ms; with 100 ms of sleep that is half the rate.
        let rate = steady_rate(Pages(4096), PageRate(40_960.0), Span::from_ms(100));
        assert_eq!(rate, PageRate(20_480.0));
        assert_eq!(steady_rate(Pages(4096), PageRate(0.0), Span::from_ms(100)), PageRate(0.0));
    }

    #[test]
    fn the_extremes_have_an_answer() {
        let mut limit = DirtyLimit::new(Pages(0), 0);
        assert_eq!(limit.adjust(7, Rate(0), Rate(u64::MAX)), Span::ZERO);
        let mut limit = DirtyLimit::new(Pages(65536), 1);
        assert_eq!(limit.adjust(0, Rate(u64::MAX), mib_s(1)), Span::ZERO);
        assert_eq!(limit.adjust(0, Rate(0), Rate(u64::MAX)), Span::ZERO);
    }
}
