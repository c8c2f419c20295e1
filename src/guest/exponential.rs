//! exp(-x) for a page's exposure, in lanes.
//!
//! The steps are those of `libm::exp`, each in the same order, with selections in place of branches; so are the bits.
//! Source: the reduction by multiples of ln 2 and the rational approximation are those of FreeBSD's `e_exp.c`, which `libm` follows.

use super::lanes::Lanes;

/// Beyond so much exposure no page of any guest is expected to be untouched: 2e-22 of them.
pub(super) const CERTAIN: f64 = 50.0;

/// A whole number that is added to it stands in its lowest bits.
const WHOLE: f64 = 6_755_399_441_055_744.0;
/// Below, exp(-x) is 1 - x.
const TINY: f64 = f64::from_bits(0x3e30_0001_0000_0000);
/// From here on multiples of ln 2 are taken off: half of ln 2, as far as its upper 32 bits tell, which is a little more.
const HALF_LN2: f64 = f64::from_bits(0x3fd6_2e43_0000_0000);
/// ln 2 in two parts, of which whole multiples of the first are exact.
const LN2: [f64; 2] = [6.931_471_803_691_238e-1, 1.908_214_929_270_587_7e-10];
const PER_LN2: f64 = std::f64::consts::LOG2_E;
const OF_EXP: [f64; 5] = [
    1.666_666_666_666_660_2e-1,
    -2.777_777_777_701_559_3e-3,
    6.613_756_321_437_934e-5,
    -1.653_390_220_546_525_2e-6,
    4.138_136_797_057_238_5e-8,
];

/// How many times ln 2 fits into a size, to the nearest.
#[inline(always)]
fn multiples_of_ln2(size: f64) -> f64 {
    if size >= HALF_LN2 { (PER_LN2 * size + 0.5).floor() } else { 0.0 }
}

/// The power of one half with a whole exponent.
#[inline(always)]
fn half_to(k: f64) -> f64 {
    f64::from_bits((WHOLE - k).to_bits().wrapping_sub(WHOLE.to_bits()).wrapping_add(1023) << 52)
}

/// Chances that pages of such exposure are not touched.
#[inline(always)]
pub(super) fn untouched<const L: usize>(exposure: Lanes<L>) -> Lanes<L> {
    exposure.map(one)
}

/// The steps of `libm::exp` for -x, with the signs of all numbers turned: no rounding depends on a sign.
#[inline(always)]
fn one(exposure: f64) -> f64 {
    let x = if exposure < CERTAIN { exposure } else { CERTAIN };
    let k = multiples_of_ln2(x);
    let (high, low) = (x - k * LN2[0], k * LN2[1]);
    let rest = high - low;
    let square = rest * rest;
    let [p1, p2, p3, p4, p5] = OF_EXP;
    let c = rest + square * (p1 + square * (p2 + square * (p3 + square * (p4 + square * p5))));
    let reduced = 1.0 + (rest * c / (2.0 + c) + low - high);
    let found = reduced * half_to(k);
    let found = if exposure < TINY { 1.0 - exposure } else { found };
    if exposure > CERTAIN { 0.0 } else { found }
}

/// From here on 1 - exp(-x) has no digits to lose.
const LARGE: f64 = 0.25;
/// (1 - exp(-x)) / x for small x: 1 / (k + 1)! by powers of -x; what is left out is below 1e-17 of it.
const OF_SMALL: [f64; 13] = {
    let mut of = [1.0; 13];
    let mut k = 1;
    while k < 13 {
        of[k] = -of[k - 1] / (k + 1) as f64;
        k += 1;
    }
    of
};

/// (1 - exp(-x)) / x: the mean of exp(-t) over t from 0 to x.
#[inline(always)]
pub(super) fn mean_untouched<const L: usize>(exposure: Lanes<L>) -> Lanes<L> {
    let small = exposure.map(|x| OF_SMALL.iter().rev().fold(0.0, |sum, factor| sum * x + factor));
    // Classes that are written equally often stand together, so that mostly all of a block go one way.
    if exposure.0.iter().all(|x| *x < LARGE) {
        return small;
    }
    let mut found = untouched(exposure).zip(exposure, |chance, x| (1.0 - chance) / x);
    for ((found, small), x) in found.0.iter_mut().zip(small.0).zip(exposure.0) {
        *found = if x < LARGE { small } else { *found };
    }
    found
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};

    use super::super::lanes::MOST;
    use super::*;

    /// From here on libm counts how often ln 2 fits in: one and a half times ln 2, as far as its upper 32 bits tell.
    const MORE_LN2: f64 = f64::from_bits(0x3ff0_a2b2_0000_0000);

    fn by_libm(exposure: f64) -> f64 {
        if exposure > CERTAIN { 0.0 } else { libm::exp(-exposure) }
    }

    #[test]
    fn bits_are_those_of_libm() {
        let mut random = rand_pcg::Pcg64Mcg::seed_from_u64(1);
        let edges = [0.0, f64::MIN_POSITIVE, TINY, HALF_LN2, MORE_LN2, 1.0, CERTAIN, 50.1, 1e300, f64::INFINITY];
        let near = edges.into_iter().flat_map(|edge: f64| [edge.next_down().max(0.0), edge, edge.next_up()]);
        // Where half of ln 2 is cut off after 32 bits.
        let cut: Vec<f64> = (0..100_000).map(|_| random.random_range(HALF_LN2 - 1e-9..HALF_LN2 + 1e-9)).collect();
        // Of all sizes, and evenly up to what counts as certain.
        let drawn =
            (0..5_000_000).flat_map(|_| [libm::exp2(random.random_range(-40.0..6.0)), random.random_range(0.0..51.0)]);
        let all: Vec<f64> = near.chain(cut).chain(drawn).collect();
        for block in all.as_chunks::<MOST>().0 {
            let single = block.map(|x| untouched(Lanes([x])).0[0]);
            for ((x, found), single) in block.iter().zip(untouched(Lanes(*block)).0).zip(single) {
                assert_eq!(found.to_bits(), by_libm(*x).to_bits(), "exp(-{x:e})");
                assert_eq!(found.to_bits(), single.to_bits(), "exp(-{x:e})");
            }
        }
    }

    #[test]
    fn means_are_those_of_libm() {
        let mut random = rand_pcg::Pcg64Mcg::seed_from_u64(2);
        assert_eq!(mean_untouched(Lanes([0.0])).0, [1.0]);
        for _ in 0..1_000_000 {
            let x = libm::exp2(random.random_range(-60.0..9.0));
            let expected = -libm::expm1(-x) / x;
            let [found] = mean_untouched(Lanes([x])).0;
            assert!((found - expected).abs() <= 4.0 * f64::EPSILON * expected, "{x:e}: {found:e}, not {expected:e}");
        }
    }
}
