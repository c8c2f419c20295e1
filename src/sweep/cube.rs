//! Points of the unit cube, each found from its number alone, so that any part of a sweep can be run by itself.

use rand::RngExt;
use rand_pcg::Pcg64;

use crate::scenario::Design;

/// A way to spread points over the unit cube.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cube {
    design: Design,
    points: u64,
    seed: u64,
}

/// Streams of random numbers from here on belong to designs; those of workloads and links are far below.
const STREAM: u128 = 1 << 96;
/// Points of one scrambled net, the longest that the library has. Further points come from further nets.
const NET: u64 = 1 << 16;
/// Dimensions of one net.
const DIMENSIONS: usize = 256;

impl Cube {
    pub(super) fn new(design: Design, points: u64, seed: u64) -> Cube {
        Cube { design, points, seed }
    }

    /// The coordinate of a point along an axis [0..1).
    pub(super) fn at(&self, point: u64, axis: usize) -> f64 {
        match self.design {
            Design::Grid | Design::Random => self.random(point, axis),
            Design::LatinHypercube => {
                let layer = shuffled(point, self.points, mix(self.seed ^ mix(axis as u64 + 1)));
                (layer as f64 + self.random(point, axis)) / self.points as f64
            }
            Design::Sobol => {
                let net = mix(self.seed ^ mix((axis / DIMENSIONS) as u64) ^ mix(point / NET).rotate_left(32));
                // Both casts keep what counts: the number within a net, and any 32 bits of the seed.
                f64::from(sobol_burley::sample((point % NET) as u32, (axis % DIMENSIONS) as u32, net as u32))
            }
        }
    }

    fn random(&self, point: u64, axis: usize) -> f64 {
        let mut rng = Pcg64::new(u128::from(self.seed), STREAM + axis as u128);
        rng.advance(u128::from(point));
        rng.random()
    }
}

/// Where a number below `count` stands after a shuffle: a Feistel network, walked until it stays below `count`.
fn shuffled(number: u64, count: u64, key: u64) -> u64 {
    let half = (64 - count.saturating_sub(1).leading_zeros()).div_ceil(2).max(1);
    let mask = (1 << half) - 1;
    let mut at = number;
    loop {
        let (mut left, mut right) = (at >> half, at & mask);
        for round in 0..4 {
            (left, right) = (right, left ^ (mix(right ^ mix(key.wrapping_add(round))) & mask));
        }
        at = left << half | right;
        if at < count {
            return at;
        }
    }
}

/// A bijection whose bits all depend on all bits (SplitMix64: Steele, Lea and Flood, 2014).
pub(crate) fn mix(mut bits: u64) -> u64 {
    bits = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ bits >> 31
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shuffle_takes_every_place_once() {
        for count in [1, 2, 3, 7, 64, 100, 1000] {
            let mut places: Vec<u64> = (0..count).map(|number| shuffled(number, count, 5)).collect();
            places.sort_unstable();
            assert!(places.into_iter().eq(0..count), "{count}");
        }
    }

    #[test]
    fn a_latin_hypercube_has_a_point_in_every_layer_of_every_axis() {
        let cube = Cube::new(Design::LatinHypercube, 50, 1);
        for axis in 0..3 {
            let mut layers: Vec<u64> = (0..50).map(|point| (cube.at(point, axis) * 50.0) as u64).collect();
            layers.sort_unstable();
            assert!(layers.into_iter().eq(0..50), "axis {axis}");
        }
    }

    /// The largest gap between the share of points below a corner and the size of the box below it.
    fn discrepancy(design: Design, points: u64, from: u64) -> f64 {
        let cube = Cube::new(design, points, 3);
        let places: Vec<(f64, f64)> =
            (from..from + points).map(|point| (cube.at(point, 0), cube.at(point, 1))).collect();
        let corners = (1..=16).flat_map(|x| (1..=16).map(move |y| (f64::from(x) / 16.0, f64::from(y) / 16.0)));
        corners.fold(0.0, |worst: f64, (x, y)| {
            let below = places.iter().filter(|place| place.0 < x && place.1 < y).count();
            worst.max((below as f64 / points as f64 - x * y).abs())
        })
    }

    #[test]
    fn sobol_covers_more_evenly_than_chance_also_beyond_one_net() {
        let random = discrepancy(Design::Random, 1024, 0);
        assert!(random < 4.0 * (0.25f64 / 1024.0).sqrt(), "{random}");
        for from in [0, NET - 512] {
            let sobol = discrepancy(Design::Sobol, 1024, from);
            assert!(sobol < random / 3.0, "from {from}: {sobol} against {random}");
        }
    }
}
