//! Which pages the cache holds.

use crate::qemu::Version;
use crate::units::{Bytes, PAGE_SIZE, Pages, Share};

/// Generations for which a page that was used keeps its slot against others.
const LIFETIME: u64 = 2;

/// The shape of a cache: direct-mapped, page number modulo slots, and whether a page in use is replaced.
///
/// Source: qemu-precopy 7.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slots {
    count: u64,
    /// A page used within the last two generations keeps its slot (2.3+).
    spares_recent: bool,
}

impl Slots {
    /// The slots of a cache of `size` bytes: whole pages, rounded down to a power of two, and at least one.
    pub fn new(version: Version, size: Bytes) -> Slots {
        let pages = size.pages().0.max(1);
        Slots { count: 1 << pages.ilog2(), spares_recent: version >= Version::new(2, 3) }
    }

    /// Whether a release takes `xbzrle-cache-size`: at least a page, and from 2.11 on a power of two.
    pub fn accept(version: Version, size: Bytes) -> bool {
        size.0 >= PAGE_SIZE && (version < Version::new(2, 11) || size.0.is_power_of_two())
    }

    /// How many pages fit.
    pub fn count(self) -> Pages {
        Pages(self.count)
    }

    /// Pages of a stretch of RAM that can be in the cache at once.
    pub fn resident(self, stretch: Pages) -> Pages {
        Pages(stretch.0.min(self.count))
    }

    /// The chance that a page of a stretch of RAM is found when it is sent, once the cache has settled, where each
    /// generation sends any page of the stretch with the chance `sent`.
    ///
    /// With m pages to a slot, p = `sent`, c = 1 - p, and q = 1 - c^m the chance that at least one of them is sent:
    ///
    /// ```text
    /// a page in use keeps its slot:  (f p + (1 - f) b / q) / (m p),  f = q / (q + c),  b = p^2 (1 - c^2m) / (1 - c^2)
    /// the last one sent has it:      p r / (1 - c r),                r = c^(m - 1)
    /// ```
    ///
    /// f is the share of generations in which the page in the slot was used in the one before and cannot be
    /// replaced. In the others whoever is sent first takes the slot: the i-th in the order of the cursor with the
    /// chance a = p c^(i-1), and b is the sum of all a^2. The stretch is spread over the slots as evenly as its
    /// length allows.
    pub fn hit_chance(self, stretch: Pages, sent: Share) -> Share {
        let (each, more) = (stretch.0 / self.count, stretch.0 % self.count);
        let with_more = (more * (each + 1)) as f64;
        let with_each = ((self.count - more) * each) as f64;
        if stretch.0 == 0 {
            return Share(0.0);
        }
        let chance = |pages| self.chance_in_slot(pages as f64, sent.0.clamp(0.0, 1.0));
        Share((with_more * chance(each + 1) + with_each * chance(each)) / stretch.0 as f64)
    }

    fn chance_in_slot(self, m: f64, p: f64) -> f64 {
        if m <= 1.0 {
            return 1.0;
        }
        let clean = 1.0 - p;
        // The limit of both for pages that are hardly ever sent: any of them may be the last one.
        if clean >= 1.0 {
            return 1.0 / m;
        }
        if self.spares_recent {
            let some = 1.0 - libm::pow(clean, m);
            let fresh = some / (some + clean);
            let squares = p * p * (1.0 - libm::pow(clean, 2.0 * m)) / (1.0 - clean * clean);
            (fresh * p + (1.0 - fresh) * squares / some) / (m * p)
        } else {
            let others_clean = libm::pow(clean, m - 1.0);
            p * others_clean / (1.0 - clean * others_clean)
        }
    }
}

/// What a look into the cache found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheVisit {
    /// The page; its difference is sent, and the copy brought up to date.
    Hit,
    /// Not the page. It is sent normally, and was put in.
    Inserted,
    /// Not the page. It is sent normally; another one keeps the slot.
    Refused,
}

/// A cache with its contents, page by page.
#[derive(Clone, Debug)]
pub struct Cache {
    slots: Slots,
    /// Page and the generation that last used it.
    entries: Vec<Option<(u64, u64)>>,
}

impl Cache {
    /// An empty cache for a guest of `ram`; slots that no page of it falls into take no room.
    pub fn new(slots: Slots, ram: Pages) -> Cache {
        Cache { slots, entries: vec![None; slots.resident(ram).0 as usize] }
    }

    /// Sends the page of that number in a generation, which is the count of syncs so far.
    ///
    /// Zero pages are entered like others, pages beyond RAM are refused. In stop-and-copy use [`Cache::holds`]:
    /// nothing is entered there.
    pub fn visit(&mut self, page: u64, generation: u64) -> CacheVisit {
        let spares_recent = self.slots.spares_recent;
        let Some(entry) = self.entries.get_mut((page % self.slots.count) as usize) else { return CacheVisit::Refused };
        let visit = match *entry {
            Some((held, _)) if held == page => CacheVisit::Hit,
            Some((_, age)) if spares_recent && age + LIFETIME > generation => return CacheVisit::Refused,
            _ => CacheVisit::Inserted,
        };
        *entry = Some((page, generation));
        visit
    }

    /// Whether the page is there.
    pub fn holds(&self, page: u64) -> bool {
        let entry = self.entries.get((page % self.slots.count) as usize);
        entry.is_some_and(|entry| entry.is_some_and(|(held, _)| held == page))
    }
}

#[cfg(test)]
mod tests {
    use rand::RngExt;
    use rand_pcg::Pcg64;

    use super::*;

    const OLD: Version = Version::new(2, 2);
    const NEW: Version = Version::new(2, 3);

    fn slots(version: Version, count: u64) -> Slots {
        Slots::new(version, Pages(count).bytes())
    }

    #[test]
    fn slots_are_a_power_of_two() {
        for (size, count) in [(64 << 20, 16_384), (65 << 20, 16_384), (127 << 20, 16_384), (4096, 1), (0, 1)] {
            assert_eq!(Slots::new(NEW, Bytes(size)).count(), Pages(count), "{size}");
        }
        for (version, size, taken) in [
            (Version::new(2, 10), 65 << 20, true),
            (Version::new(2, 11), 65 << 20, false),
            (Version::new(2, 11), 64 << 20, true),
            (Version::new(2, 10), 4095, false),
        ] {
            assert_eq!(Slots::accept(version, Bytes(size)), taken, "{version} {size}");
        }
    }

    #[test]
    fn a_page_in_use_keeps_its_slot_for_two_generations() {
        let steps = [
            (5, 3, CacheVisit::Inserted, CacheVisit::Inserted),
            (5, 4, CacheVisit::Hit, CacheVisit::Hit),
            (13, 4, CacheVisit::Refused, CacheVisit::Inserted),
            (13, 5, CacheVisit::Refused, CacheVisit::Hit),
            (13, 6, CacheVisit::Inserted, CacheVisit::Hit),
            (5, 8, CacheVisit::Inserted, CacheVisit::Inserted),
        ];
        let (mut new, mut old) = (Cache::new(slots(NEW, 8), Pages(20)), Cache::new(slots(OLD, 8), Pages(20)));
        for (page, generation, in_new, in_old) in steps {
            assert_eq!(new.visit(page, generation), in_new, "page {page}, generation {generation}");
            assert_eq!(old.visit(page, generation), in_old, "page {page}, generation {generation}, old");
        }
        assert!(new.holds(5) && !new.holds(13) && !new.holds(6));
    }

    #[test]
    fn a_cache_larger_than_ram_takes_the_room_of_ram() {
        let mut cache = Cache::new(slots(NEW, 1 << 50), Pages(10));
        assert_eq!(cache.visit(9, 1), CacheVisit::Inserted);
        assert_eq!(cache.visit(10, 1), CacheVisit::Refused, "beyond RAM");
        assert!(cache.holds(9) && !cache.holds(10));
    }

    #[test]
    fn the_expected_share_of_hits_is_that_of_a_cache_with_contents() {
        let mut rng = Pcg64::new(1, 1);
        for version in [OLD, NEW] {
            for (pages, sent) in [(256, 0.5), (300, 1.0), (512, 0.1), (512, 0.9), (700, 0.5), (1500, 0.3)] {
                let slots = slots(version, 256);
                let mut cache = Cache::new(slots, Pages(pages));
                let (mut hits, mut visits) = (0.0, 0.0);
                for generation in 0..3000 {
                    for page in 0..pages {
                        if rng.random::<f64>() < sent {
                            let hit = cache.visit(page, generation) == CacheVisit::Hit;
                            let settled = f64::from(u8::from(generation >= 100));
                            hits += settled * f64::from(u8::from(hit));
                            visits += settled;
                        }
                    }
                }
                let expected = slots.hit_chance(Pages(pages), Share(sent)).0;
                let found: f64 = hits / visits;
                assert!((found - expected).abs() < 0.01, "{version}, {pages} pages, {sent}: {found}, {expected}");
            }
        }
    }

    #[test]
    fn a_stretch_that_fits_is_always_found() {
        for version in [OLD, NEW] {
            let slots = slots(version, 1024);
            assert_eq!(slots.resident(Pages(1000)), Pages(1000));
            assert_eq!(slots.resident(Pages(2000)), Pages(1024));
            for sent in [0.0, 0.3, 1.0] {
                assert_eq!(slots.hit_chance(Pages(1024), Share(sent)), Share(1.0), "{version} {sent}");
                let half = slots.hit_chance(Pages(2048), Share(sent)).0;
                assert!((0.0..=0.5).contains(&half), "{version} {sent} {half}");
            }
            assert_eq!(slots.hit_chance(Pages(0), Share(1.0)), Share(0.0));
        }
    }
}
