//! Where in a region the page of a rank lies.

/// A one-to-one map from ranks to places that spreads any run of ranks evenly over the whole region.
///
/// It steps by about the golden section of the region, as low-discrepancy sequences do, so that ten consecutive ranks
/// lie in ten different tenths.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scatter {
    pages: u64,
    step: u64,
}

impl Scatter {
    /// For a region of `pages`, at least one.
    pub(super) fn new(pages: u64) -> Scatter {
        let pages = pages.max(1);
        let golden = (pages as f64 * 0.618_033_988_749_894_9) as u64;
        let step = (golden.max(1)..).find(|step| coprime(*step, pages)).unwrap_or(1);
        Scatter { pages, step }
    }

    /// The place of a rank below the number of pages.
    pub(super) fn place(&self, rank: u64) -> u64 {
        match rank.checked_mul(self.step) {
            Some(far) => far % self.pages,
            // Regions of more than 16 TiB; a division of 128 bits takes many times as long.
            None => (u128::from(rank) * u128::from(self.step) % u128::from(self.pages)) as u64,
        }
    }
}

fn coprime(a: u64, b: u64) -> bool {
    let (mut a, mut b) = (a, b);
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_taken_once_and_neighbours_lie_apart() {
        for pages in [1, 2, 3, 10, 64, 1000, 4096] {
            let scatter = Scatter::new(pages);
            let mut places: Vec<_> = (0..pages).map(|rank| scatter.place(rank)).collect();
            let tenth: Vec<_> = places.iter().take(100).filter(|place| **place < pages / 10).collect();
            if pages >= 1000 {
                assert!((8..=12).contains(&tenth.len()), "{pages}: {}", tenth.len());
            }
            places.sort_unstable();
            assert_eq!(places, (0..pages).collect::<Vec<_>>());
        }
    }
}
