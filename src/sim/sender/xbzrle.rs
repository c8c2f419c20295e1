//! Pages that go as their difference from a cached copy, in expectation (qemu-precopy 7).

use super::stream::{Cost, Counts};
use crate::guest;
use crate::qemu::wire;
use crate::qemu::xbzrle::{PageChange, Sent, Slots, XbzrleCounters};
use crate::qemu::{Profile, QemuConfig, Version};
use crate::units::{Pages, Rate, Share};

/// The cache of one migration.
///
/// What it holds is one share of all pages that are written at all: they compete for its slots alike, and each pass
/// sends any of them with about the same chance.
#[derive(Clone)]
pub(super) struct Xbzrle {
    slots: Slots,
    /// Pages that some workload writes.
    stretch: Pages,
    /// Share of them that the cache holds.
    held: f64,
    /// Chance that one of them is found when it is sent in this pass.
    hit: f64,
    /// Those sent since the last sync, since the cache is in use.
    sent: u64,
    /// Bytes that the limiter counts at once: pages of which there is a copy go through the small buffer, found or not.
    flush: u64,
    version: Version,
    counters: XbzrleCounters,
}

impl Xbzrle {
    /// The empty cache of a migration, if the capability is on.
    pub(super) fn new(config: &QemuConfig, guest: &guest::GuestConfig) -> Option<Xbzrle> {
        config.capabilities.xbzrle.then(|| Xbzrle {
            slots: Slots::new(config.version, config.params.xbzrle_cache_size),
            stretch: guest::written(guest),
            held: 0.0,
            hit: 0.0,
            sent: 0,
            flush: if Profile::of(config.version).limiter_counts_flushed { wire::FLUSH_SMALL } else { 1 },
            version: config.version,
            counters: XbzrleCounters::default(),
        })
    }

    /// A sync, after which `waiting` pages are to be sent: a new generation of the cache.
    pub(super) fn sync(&mut self, waiting: Pages) {
        let stretch = self.stretch.0.max(1) as f64;
        let room = self.slots.resident(self.stretch).0 as f64 / stretch;
        let sent = (self.sent as f64 / stretch).min(1.0);
        self.held = (self.held + (1.0 - self.held) * sent).min(room);
        let chance = self.slots.hit_chance(self.stretch, Share((waiting.0 as f64 / stretch).min(1.0))).0;
        self.hit = self.held.min(chance);
        self.sent = 0;
    }

    /// What a page costs of whose bytes a write changes `changed`, on average over hits and misses.
    pub(super) fn cost(&self, changed: Share, rate: Rate) -> Cost {
        let found = Sent::hit(PageChange::of(changed).encoded_length());
        let bytes = self.hit * found.wire_bytes() as f64 + (1.0 - self.hit) * wire::NORMAL_PAGE as f64;
        // A page that costs nothing would let the call go on for ever.
        Cost::new(bytes.max(1.0), rate, self.flush, Counts::Normal)
    }

    /// Counts pages that go now, of whose bytes a write changes `changed`; how many of them go as differences.
    pub(super) fn send(&mut self, pages: u64, changed: Share) -> u64 {
        self.sent += pages;
        let found = (pages as f64 * self.hit + 0.5) as u64;
        let hit = Sent::hit(PageChange::of(changed).encoded_length());
        self.counters.add(self.version, hit, found);
        self.counters.add(self.version, Sent::Miss, pages - found);
        found
    }

    /// `xbzrle-cache` of `query-migrate`.
    pub(super) fn counters(&self) -> XbzrleCounters {
        self.counters
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qemu::Accel;
    use crate::units::Bytes;

    /// A word of 8 bytes in a page.
    const WORD: Share = Share(8.0 / 4096.0);

    fn cache(mib: u64) -> Xbzrle {
        let mut config = QemuConfig::defaults(Version::new(8, 2), Accel::Kvm, Bytes::GIB);
        config.params.xbzrle_cache_size = Bytes(mib << 20);
        let slots = Slots::new(config.version, config.params.xbzrle_cache_size);
        let (version, counters) = (config.version, XbzrleCounters::default());
        Xbzrle { slots, stretch: Bytes(64 << 20).pages(), held: 0.0, hit: 0.0, sent: 0, flush: 1, version, counters }
    }

    #[test]
    fn pages_are_found_from_the_second_time_on() {
        let mut cache = cache(64);
        let all = cache.stretch;
        cache.sync(all);
        assert_eq!(cache.send(all.0, WORD), 0, "nothing is held yet");
        cache.sync(all);
        assert_eq!(cache.send(all.0, WORD), all.0);
        assert!(cache.cost(WORD, Rate(1)).bytes(1) < 30);
        let counters = cache.counters();
        assert_eq!((counters.pages, counters.cache_miss, counters.overflow), (all.0, all.0, 0));
    }

    #[test]
    fn a_cache_that_is_too_small_finds_few() {
        let mut cache = cache(16);
        let all = cache.stretch;
        for _ in 0..5 {
            cache.sync(all);
            cache.send(all.0, WORD);
        }
        assert!(cache.send(1000, WORD) <= 250, "a quarter of the pages fits");
    }
}
