//! `xbzrle-cache` of `query-migrate` (qemu-precopy 3.3).

use super::Sent;
use crate::qemu::Version;
use crate::units::PAGE_SIZE;

/// What is counted before the encoded bytes of a page: flag and length.
const FLAG_AND_LENGTH: u64 = 3;
/// The header of the page, counted as well up to 5.0.
const PAGE_HEADER: u64 = 8;

/// Totals of a migration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct XbzrleCounters {
    /// `pages`: up to 5.0 those encoded; from 5.1 on all that were in the cache.
    pub pages: u64,
    /// `bytes`: up to 5.0 those of encoded pages with their header; from 5.1 on without it, and 4096 per overflow.
    pub bytes: u64,
    /// `cache-miss` [pages].
    pub cache_miss: u64,
    /// `overflow` [pages].
    pub overflow: u64,
}

/// What changes only when a period closes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rates {
    /// `cache-miss-rate`: misses per page handled [0..=1].
    pub cache_miss: f64,
    /// `encoding-rate`: bytes of pages per byte sent for them (5.1+); 0 if there was none.
    pub encoding: f64,
}

impl XbzrleCounters {
    /// Counts `pages` pages that went the same way.
    pub fn add(&mut self, version: Version, sent: Sent, pages: u64) {
        let all_hits = version >= Version::new(5, 1);
        match sent {
            Sent::Miss => self.cache_miss += pages,
            Sent::Unchanged => self.pages += if all_hits { pages } else { 0 },
            Sent::Encoded(length) => {
                self.pages += pages;
                let header = if all_hits { 0 } else { PAGE_HEADER };
                self.bytes += pages * (header + FLAG_AND_LENGTH + length);
            }
            Sent::Overflow => {
                self.overflow += pages;
                if all_hits {
                    self.pages += pages;
                    self.bytes += pages * PAGE_SIZE;
                }
            }
        }
    }

    /// The rates of a period that closes, where `before` is what had been counted at its start and `handled` the
    /// pages that were sent in it in any way.
    pub fn rates(&self, before: &XbzrleCounters, handled: u64) -> Rates {
        let ratio = |part: u64, whole: u64| if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
        let since = |now: u64, then: u64| now.saturating_sub(then);
        Rates {
            cache_miss: ratio(since(self.cache_miss, before.cache_miss), handled),
            encoding: ratio(since(self.pages, before.pages).saturating_mul(PAGE_SIZE), since(self.bytes, before.bytes)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_count_differently() {
        let counted = |version| {
            let mut counters = XbzrleCounters::default();
            for (sent, pages) in [(Sent::Miss, 7), (Sent::Unchanged, 5), (Sent::Encoded(10), 3), (Sent::Overflow, 2)] {
                counters.add(version, sent, pages);
            }
            counters
        };
        let old = XbzrleCounters { pages: 3, bytes: 3 * 21, cache_miss: 7, overflow: 2 };
        let new = XbzrleCounters { pages: 10, bytes: 3 * 13 + 2 * 4096, cache_miss: 7, overflow: 2 };
        assert_eq!(counted(Version::new(5, 0)), old);
        assert_eq!(counted(Version::new(5, 1)), new);
    }

    /// `tests/data/traces/07-xbzrle.json`, QEMU 7.2: a guest that changes one word of 8 bytes in a page. Half of the
    /// word at the head of the page, 6 bytes encoded, accounts for the bytes that QEMU counted.
    #[test]
    fn a_recorded_migration_counts_nine_bytes_a_page() {
        let (mut counters, version) = (XbzrleCounters::default(), Version::new(7, 2));
        counters.add(version, Sent::Overflow, 8);
        counters.add(version, Sent::Encoded(6), 31_126 - 8);
        assert_eq!(counters.pages, 31_126);
        let recorded = 310_957.0;
        assert!((counters.bytes as f64 / recorded - 1.0).abs() < 0.01, "{}", counters.bytes);
    }

    #[test]
    fn rates_are_those_of_the_period() {
        let before = XbzrleCounters { pages: 100, bytes: 900, cache_miss: 50, overflow: 0 };
        let now = XbzrleCounters { pages: 110, bytes: 1000, cache_miss: 80, overflow: 0 };
        assert_eq!(now.rates(&before, 40), Rates { cache_miss: 0.75, encoding: 409.6 });
        assert_eq!(now.rates(&now, 0), Rates::default());
    }
}
