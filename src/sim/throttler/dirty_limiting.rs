//! The dirty limiter at work: all vCPUs dirty alike, so that one of them stands for all (qemu-precopy 4.6).

use crate::guest;
use crate::qemu::dirty_limit::{measured_rate, steady_rate};
use crate::qemu::{DirtyLimit, QemuConfig};
use crate::units::{Duty, PageRate, Pages, Rate, Span, Time};

/// The limiter of one migration.
#[derive(Clone)]
pub(super) struct DirtyLimiting {
    limit: DirtyLimit,
    ring: Pages,
    /// Entries that a vCPU puts into its ring while nothing slows it.
    free: PageRate,
}

/// The vCPU that stands for all.
const ANY: usize = 0;
/// Rings are emptied at least this often.
const HARVEST: Span = Span::from_ms(1000);

impl DirtyLimiting {
    /// A limiter that is off, for the vCPUs of `guest`.
    pub(super) fn new(config: &QemuConfig, guest: &guest::GuestConfig) -> DirtyLimiting {
        let ring = config.host.dirty_ring_size;
        DirtyLimiting { limit: DirtyLimit::new(ring, 1), ring, free: free_rate(guest, ring) }
    }

    /// A fired decision; whether the limiter has to begin to measure.
    pub(super) fn fire(&mut self, quota: Rate) -> bool {
        let was_off = self.limit.quota().is_none();
        self.limit.limit(quota) && was_off
    }

    /// After `period` of measuring: the pattern of sleep and run from `now` on, while `old` was in force.
    pub(super) fn measure(&mut self, period: Span, old: &Duty, now: Time) -> Option<Duty> {
        let quota = self.limit.quota()?;
        let dirtied = steady_rate(self.ring, self.free, self.limit.sleep(ANY));
        let harvested = Pages((dirtied.0 * period.seconds()) as u64);
        let sleep = self.limit.adjust(ANY, quota, measured_rate(harvested, period));
        let asleep_until = old.asleep(now).unwrap_or(now);
        Some(match sleep {
            Span::ZERO => Duty { from: now, asleep_until, ..Duty::FREE },
            sleep => {
                let fill = Span((self.ring.0 as f64 / self.free.0 * 1e9) as u64);
                Duty { from: now, asleep_until, anchor: asleep_until, period: fill + sleep, sleep }
            }
        })
    }
}

/// Entries a second that one of the guest's vCPUs puts into a ring of `ring` entries.
///
/// A page enters the ring once between two harvests, and a full ring is harvested. So the rate is that at which
/// distinct pages fill one ring; rings that do not fill are emptied by the clock.
fn free_rate(guest: &guest::GuestConfig, ring: Pages) -> PageRate {
    let vcpus = f64::from(guest.vcpus.max(1));
    let entries = |span: Span| guest::distinct(guest, span) / vcpus;
    if entries(HARVEST) <= ring.0 as f64 {
        return PageRate(entries(HARVEST) / HARVEST.seconds());
    }
    let (mut low, mut high) = (0, HARVEST.0);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        *(if entries(Span(middle)) < ring.0 as f64 { &mut low } else { &mut high }) = middle;
    }
    PageRate(ring.0 as f64 / Span(high).seconds())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guest::{Law, Workload};
    use crate::qemu::{Accel, Version};
    use crate::units::Bytes;

    fn guest(writes_per_second: f64, vcpus: u32) -> guest::GuestConfig {
        let region = Bytes::GIB.pages();
        let workloads = vec![Workload::steady(Law::Uniform, region, PageRate(writes_per_second))];
        guest::GuestConfig { vcpus, workloads, ..guest::GuestConfig::idle(region) }
    }

    #[test]
    fn a_full_ring_counts_almost_every_write_of_a_large_region() {
        let free = free_rate(&guest(100_000.0, 1), Pages(4096)).0;
        assert!((98_000.0..100_000.0).contains(&free), "{free}");
        let shared = free_rate(&guest(100_000.0, 4), Pages(4096)).0;
        assert!((23_000.0..25_000.0).contains(&shared), "{shared}");
    }

    #[test]
    fn the_limiter_brings_the_rate_down_to_its_quota() {
        let mut config = QemuConfig::defaults(Version::new(9, 0), Accel::Kvm, Bytes::GIB);
        config.host.dirty_ring_size = Pages(4096);
        let mut limiting = DirtyLimiting::new(&config, &guest(200_000.0, 1));
        assert!(limiting.fire(Rate(100 << 20)) && !limiting.fire(Rate(100 << 20)), "it is switched on once");
        let mut duty = Duty::FREE;
        for second in 1..60 {
            duty = limiting.measure(Span::from_ms(1000), &duty, Time(second * 1_000_000_000)).unwrap();
        }
        let mib_per_second = 200_000.0 * 4096.0 / 1048576.0 * duty.run_share();
        assert!((75.0..=126.0).contains(&mib_per_second), "{mib_per_second}: within the tolerance of 25 MiB/s");
    }
}
