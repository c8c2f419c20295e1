//! exp(-x) and exp(x) - 1 in lanes.
//!
//! The steps are those of `libm::exp` and `libm::expm1`, each in the same order, with selections in place of branches; so are the
//! bits. Source: both reduce by multiples of ln 2 and go on with a rational approximation, as FreeBSD's `e_exp.c` and `s_expm1.c`
//! do, which `libm` follows.

use super::lanes::Lanes;

/// Beyond so much exposure no page of any guest is expected to be untouched: 2e-22 of them.
pub(super) const CERTAIN: f64 = 50.0;

/// Added and taken away again, it leaves the nearest whole number, which stands in the lowest bits meanwhile.
const WHOLE: f64 = 6_755_399_441_055_744.0;
/// Below, exp(-x) is 1 - x.
const TINY: f64 = f64::from_bits(0x3e30_0001_0000_0000);
/// From here on one ln 2 is taken off: half of ln 2, as far as its upper 32 bits tell.
const HALF_LN2: f64 = f64::from_bits(0x3fd6_2e43_0000_0000);
/// From here on as many as there are: one and a half times ln 2.
const MORE_LN2: f64 = f64::from_bits(0x3ff0_a2b2_0000_0000);
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
const OF_EXPM1: [f64; 5] = [
    -3.333_333_333_333_313e-2,
    1.587_301_587_254_814_6e-3,
    -7.936_507_578_674_88e-5,
    4.008_217_827_329_362e-6,
    -2.010_992_181_836_243_7e-7,
];
/// Beyond this exp(x) is near the largest number.
const LARGEST: f64 = 700.0;
/// Below this exp(x) - 1 is -1.
const LOWEST: f64 = -60.0;

/// How many times ln 2 fits into x, to the nearest; the sign is that of x.
#[inline(always)]
fn multiples_of_ln2(x: f64) -> f64 {
    let size = x.abs();
    let multiples = PER_LN2 * size + 0.5;
    let nearest = (multiples + WHOLE) - WHOLE;
    let whole = if nearest > multiples { nearest - 1.0 } else { nearest };
    let few = if size >= HALF_LN2 { 1.0 } else { 0.0 };
    (if size >= MORE_LN2 { whole } else { few }).copysign(x)
}

/// 2 to a whole number.
#[inline(always)]
fn power_of_two(k: f64) -> f64 {
    f64::from_bits((k + WHOLE).to_bits().wrapping_sub(WHOLE.to_bits()).wrapping_add(1023) << 52)
}

/// Chances that pages of such exposure are not touched.
#[inline(always)]
pub(super) fn untouched(exposure: &Lanes) -> Lanes {
    exposure.map(one)
}

#[inline(always)]
fn one(exposure: f64) -> f64 {
    let x = -(if exposure < CERTAIN { exposure } else { CERTAIN });
    let k = multiples_of_ln2(x);
    let (high, low) = (x - k * LN2[0], k * LN2[1]);
    let rest = high - low;
    let square = rest * rest;
    let [p1, p2, p3, p4, p5] = OF_EXP;
    let c = rest - square * (p1 + square * (p2 + square * (p3 + square * (p4 + square * p5))));
    let reduced = 1.0 + (rest * c / (2.0 - c) - low + high);
    let found = reduced * power_of_two(k);
    let found = if exposure < TINY { 1.0 - exposure } else { found };
    if exposure > CERTAIN { 0.0 } else { found }
}

/// exp(x) - 1; no more than that of 700.
#[inline(always)]
pub(super) fn expm1(x: &Lanes) -> Lanes {
    x.map(one_less)
}

#[inline(always)]
fn one_less(x: f64) -> f64 {
    let x = if x < LARGEST { x } else { LARGEST };
    let x = if x > LOWEST { x } else { LOWEST };
    let k = multiples_of_ln2(x);
    let (high, low) = (x - k * LN2[0], k * LN2[1]);
    let rest = high - low;
    let lost = (high - rest) - low;
    let half = 0.5 * rest;
    let square = rest * half;
    let [q1, q2, q3, q4, q5] = OF_EXPM1;
    let r = 1.0 + square * (q1 + square * (q2 + square * (q3 + square * (q4 + square * q5))));
    let t = 3.0 - r * half;
    let e = square * ((r - t) / (6.0 - rest * t));
    let unreduced = rest - (rest * e - square);
    let e = (rest * (e - lost) - lost) - square;
    let (power, inverse) = (power_of_two(k), power_of_two(-k));
    let of_one = if rest < -0.25 { -2.0 * (e - (rest + 0.5)) } else { 1.0 + 2.0 * (rest - e) };
    let of_few = (rest - e + (1.0 - inverse)) * power;
    let of_many = (rest - (e + inverse) + 1.0) * power;
    let of_most = (rest - e + 1.0) * power - 1.0;
    let found = if k < 20.0 { of_few } else { of_many };
    let found = if !(0.0..=56.0).contains(&k) { of_most } else { found };
    let found = if k == 1.0 { of_one } else { found };
    let found = if k == -1.0 { 0.5 * (rest - e) - 0.5 } else { found };
    if k == 0.0 { unreduced } else { found }
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};

    use super::*;

    fn by_libm(exposure: f64) -> f64 {
        if exposure > CERTAIN { 0.0 } else { libm::exp(-exposure) }
    }

    /// Numbers of all sizes up to 2 to the `largest`, evenly drawn ones up to `most`, and those beside each edge.
    fn arguments(largest: f64, most: f64) -> Vec<f64> {
        let mut random = rand_pcg::Pcg64Mcg::seed_from_u64(1);
        let edges = [0.0, f64::MIN_POSITIVE, TINY, HALF_LN2, MORE_LN2, 1.0, CERTAIN, 50.1, 1e300, f64::INFINITY];
        let near = edges.into_iter().flat_map(|edge: f64| [edge.next_down().max(0.0), edge, edge.next_up()]);
        let drawn = (0..5_000_000)
            .flat_map(|_| [libm::exp2(random.random_range(-60.0..largest)), random.random_range(0.0..most)]);
        near.chain(drawn).collect()
    }

    fn same_bits(arguments: &[f64], lanes: impl Fn(&Lanes) -> Lanes, one: impl Fn(f64) -> f64) {
        for four in arguments.chunks(4) {
            let mut all = Lanes::default();
            all.0[..four.len()].copy_from_slice(four);
            for (x, found) in four.iter().zip(lanes(&all).0) {
                assert_eq!(found.to_bits(), one(*x).to_bits(), "{x:e}");
            }
        }
    }

    #[test]
    fn bits_are_those_of_libm() {
        same_bits(&arguments(6.0, 51.0), untouched, by_libm);
        let both: Vec<f64> = arguments(9.4, LARGEST).into_iter().flat_map(|x| [x, -x]).collect();
        same_bits(&both, expm1, |x| libm::expm1(x.min(LARGEST)));
    }
}
