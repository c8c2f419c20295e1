//! An order of writes of one's own, in place of the laws that there are.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use rand::RngExt;
use rand_pcg::Pcg64;
use serde::{Serialize, Serializer};

use super::kinds::PageKind;
use super::windows;
use super::{Law, Replay, Workload};
use crate::units::{PageRate, Pages};

/// Says which page each write hits.
///
/// The exact memory asks for one write after the other, and replays what it hears. The expected memory does not ask: it takes
/// the [curve](OwnOrder::new) of different pages against writes, measured once when the order is made ready for a region.
///
/// ```
/// use precopy::guest::{Draws, OwnOrder, Workload, WriteOrder};
/// use precopy::units::{PageRate, Pages};
///
/// /// Every other write goes to the next page of a log; the others hit any page.
/// #[derive(Debug)]
/// struct Journal;
///
/// impl WriteOrder for Journal {
///     fn page(&self, write: u64, region: Pages, draws: &mut Draws, _: &mut [f64; 4]) -> u64 {
///         if write % 2 == 0 { write / 2 % region.0 } else { draws.below(region.0) }
///     }
/// }
///
/// let order = OwnOrder::new(Journal, Pages(65_536));
/// let workload = Workload::ordered(order, Pages(0), PageRate(20_000.0));
/// assert_eq!(workload.region, Pages(65_536));
/// ```
pub trait WriteOrder: fmt::Debug + Send + Sync {
    /// The page of the region that write number `write` hits, counted from 0 on [0..region]; of a page beyond the region the
    /// remainder counts.
    ///
    /// `draws` is the workload's own random stream: what is taken of it depends on the seed of the run and on nothing else.
    /// `registers` are 0 when a migration begins and keep what the order leaves in them: an order has no other memory, so that
    /// several migrations can share it.
    fn page(&self, write: u64, region: Pages, draws: &mut Draws, registers: &mut [f64; 4]) -> u64;

    /// Writes that are done after so much work, which is counted in writes at the workload's rate: as many, unless the order
    /// is faster at some times than at others. It never falls with `work`.
    ///
    /// The clock is the guest's own: a throttle slows it.
    fn made(&self, work: f64) -> u64 {
        work as u64
    }

    /// How many writes the curve of the expected memory is measured over, from the first one on: four for each page, at most
    /// two millions. A longer cycle than that is not seen.
    fn measured(&self, region: Pages) -> u64 {
        region.0.saturating_mul(4).min(1 << 21)
    }
}

/// The random stream of a workload.
#[derive(Clone, Debug)]
pub struct Draws(Pcg64);

impl Draws {
    /// The stream of a workload, by its number among those of the guest.
    pub(super) fn new(seed: u64, workload: usize) -> Draws {
        Draws(Pcg64::new(u128::from(seed), workload as u128))
    }

    /// A whole number below `end`, each with the same chance; 0 where `end` is.
    ///
    /// `below(region)` is what the law `uniform` draws for each of its writes.
    pub fn below(&mut self, end: u64) -> u64 {
        if end == 0 { 0 } else { self.0.random_range(0..end) }
    }

    /// A number from 0 up to 1, without 1.
    pub fn share(&mut self) -> f64 {
        self.0.random()
    }

    /// The generator, for the laws that there are.
    pub(super) fn generator(&mut self) -> &mut Pcg64 {
        &mut self.0
    }
}

/// An order of one's own over a region, measured and ready for a [`Law`]; copies share it.
#[derive(Clone, Debug)]
pub struct OwnOrder(Arc<Measured>);

#[derive(Debug)]
struct Measured {
    order: Arc<dyn WriteOrder>,
    region: Pages,
    /// What the expected memory takes it for, with factors by write.
    kinds: Vec<PageKind>,
    /// Different pages against writes.
    curve: Vec<(u64, f64)>,
    /// Tells it from others that were measured, in files of results.
    digest: u64,
    replay: Option<Replay>,
}

impl OwnOrder {
    /// Makes an order ready for a region, and measures it: windows of several lengths are laid over its first
    /// [writes](WriteOrder::measured), drawn with a seed of their own, and the different pages in each are counted.
    ///
    /// The expected memory then has pages in classes, each written at random at a rate of its own, that dirty memory along
    /// this curve, and it takes them to be spread evenly over the region. Such a curve bends downwards only: of an order that
    /// comes back to its pages in turn, as `sequential` does, the exact memory knows more.
    pub fn new(order: impl WriteOrder + 'static, region: Pages) -> OwnOrder {
        OwnOrder::shared(Arc::new(order), region)
    }

    /// As [`new`](OwnOrder::new), of an order that others have as well.
    pub fn shared(order: Arc<dyn WriteOrder>, region: Pages) -> OwnOrder {
        OwnOrder::measured(order, region, None)
    }

    /// Of a recording.
    pub(super) fn replaying(order: impl WriteOrder + 'static, region: Pages, replay: Replay) -> OwnOrder {
        OwnOrder::measured(Arc::new(order), region, Some(replay))
    }

    fn measured(order: Arc<dyn WriteOrder>, region: Pages, replay: Option<Replay>) -> OwnOrder {
        let (mut draws, mut registers) = (Draws::new(1, 0), [0.0; 4]);
        let page = |write| order.page(write, region, &mut draws, &mut registers) % region.0.max(1);
        let pages: Vec<u64> = (0..order.measured(region)).map(page).collect();
        let curve = windows::curve(&pages);
        let kinds = windows::kinds(&curve, region);
        // FNV-1a: the same on every machine.
        let digest =
            pages.iter().fold(0xcbf2_9ce4_8422_2325, |sum: u64, page| (sum ^ page).wrapping_mul(0x0100_0000_01b3));
        OwnOrder(Arc::new(Measured { order, region, kinds, curve, digest, replay }))
    }

    /// The region that it was made ready for.
    pub fn region(&self) -> Pages {
        self.0.region
    }

    /// Different pages within so many writes in a row, in the mean over all that were looked at, by rising number of writes
    /// [writes, pages].
    pub fn curve(&self) -> &[(u64, f64)] {
        &self.0.curve
    }

    /// The recording that it replays, if it does.
    pub fn replay(&self) -> Option<&Replay> {
        self.0.replay.as_ref()
    }

    /// Kinds of pages, those that are never written included.
    pub(super) fn kinds(&self) -> &[PageKind] {
        &self.0.kinds
    }

    /// The page of a write, from the head of the region.
    pub(super) fn page(&self, write: u64, draws: &mut Draws, registers: &mut [f64; 4]) -> u64 {
        let Measured { order, region, .. } = &*self.0;
        order.page(write, *region, draws, registers) % region.0.max(1)
    }

    /// Writes that are done after so much work.
    pub(super) fn made(&self, work: f64) -> u64 {
        self.0.order.made(work)
    }
}

/// An order of one's own that is made ready for a region when that is known, once for each.
#[derive(Clone, Debug)]
pub struct OpenOrder {
    order: Arc<dyn WriteOrder>,
    ready: Arc<Mutex<Vec<OwnOrder>>>,
}

impl OpenOrder {
    /// Regions that it is kept ready for.
    const MOST: usize = 16;

    /// An order that was not measured yet.
    pub fn new(order: impl WriteOrder + 'static) -> OpenOrder {
        OpenOrder { order: Arc::new(order), ready: Arc::default() }
    }

    /// This order over a region, [measured](OwnOrder::new) if it was not before.
    pub fn over(&self, region: Pages) -> OwnOrder {
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = ready.iter().find(|known| known.region() == region) {
            return known.clone();
        }
        let order = OwnOrder::shared(Arc::clone(&self.order), region);
        if ready.len() == OpenOrder::MOST {
            ready.remove(0);
        }
        ready.push(order.clone());
        order
    }
}

impl PartialEq for OwnOrder {
    /// Whether it is the same one: what two orders do cannot be compared.
    fn eq(&self, other: &OwnOrder) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Serialize for OwnOrder {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{} in an order of its own, {:016x}", self.0.region, self.0.digest))
    }
}

impl Workload {
    /// Writes in an order of one's own at a constant rate, from page `offset` of RAM on, that take all of their vCPU's time.
    pub fn ordered(order: OwnOrder, offset: Pages, rate: PageRate) -> Workload {
        let region = order.region();
        Workload { offset, ..Workload::steady(Law::Own(order), region, rate) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Anywhere;

    impl WriteOrder for Anywhere {
        fn page(&self, _: u64, region: Pages, draws: &mut Draws, _: &mut [f64; 4]) -> u64 {
            draws.below(region.0)
        }
    }

    #[test]
    fn an_order_that_draws_evenly_is_measured_as_uniform() {
        for region in [Pages(1), Pages(1000), Pages(65_536)] {
            let own = Law::Own(OwnOrder::new(Anywhere, region));
            for share in [0.01, 0.1, 0.5, 1.0, 2.0, 4.0] {
                let writes = share * region.0 as f64;
                let (found, truth) = (own.distinct(region, writes), Law::Uniform.distinct(region, writes));
                assert!(
                    (found / truth - 1.0).abs() < 0.03 || writes < 20.0,
                    "{region}, {writes}: {found}, not {truth}"
                );
            }
        }
    }

    #[test]
    fn orders_are_told_apart_by_what_they_are_not_by_what_they_do() {
        let one = OwnOrder::new(Anywhere, Pages(10));
        assert_eq!(one, one.clone());
        assert_ne!(one, OwnOrder::new(Anywhere, Pages(10)));
        assert_eq!(
            &serde_json::to_string(&Law::Own(one)).unwrap()[..41],
            "{\"Own\":\"10 pages in an order of its own, "
        );
    }
}
