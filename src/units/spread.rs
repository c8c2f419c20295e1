//! How a quantity varies from run to run, around its stated value.

use rand::{Rng, RngExt};
use rand_distr::{Distribution, StandardNormal};
use serde::Serialize;

use super::Share;

/// A random factor with mean 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// Shape of the distribution.
    pub law: SpreadLaw,
    /// Standard deviation as a share of the mean; above 0.
    pub deviation: Share,
}

/// Shapes that rates, lengths and bandwidths take in reality.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SpreadLaw {
    /// Symmetric; cut off at a hundredth of the mean.
    Normal,
    /// The usual shape of rates that are products of many causes.
    LogNormal,
    /// The time between independent events; its deviation is always its mean.
    Exponential,
    /// Few very large values.
    Pareto,
    /// A sum of exponentials.
    Gamma,
}

impl SpreadLaw {
    /// The word of each.
    pub const WORDS: [(&str, SpreadLaw); 5] = [
        ("normal", SpreadLaw::Normal),
        ("log-normal", SpreadLaw::LogNormal),
        ("exponential", SpreadLaw::Exponential),
        ("pareto", SpreadLaw::Pareto),
        ("gamma", SpreadLaw::Gamma),
    ];
}

/// The least factor that is drawn, so that a rate or a bandwidth never becomes zero or negative.
const LEAST: f64 = 0.01;

impl Spread {
    /// One factor.
    ///
    /// Exponential, logarithm and power come from `libm`, so that the same stream gives the same factor on every
    /// machine and in every build.
    pub fn draw(&self, rng: &mut impl Rng) -> f64 {
        let cv = self.deviation.0;
        let factor = match self.law {
            SpreadLaw::Normal => 1.0 + cv * normal(rng),
            SpreadLaw::LogNormal => {
                let variance = libm::log1p(cv * cv);
                libm::exp(libm::sqrt(variance) * normal(rng) - variance / 2.0)
            }
            SpreadLaw::Exponential => -libm::log(open(rng)),
            // With the shape a, the coefficient of variation is 1 / sqrt(a (a - 2)), and the mean a m / (a - 1).
            SpreadLaw::Pareto => {
                let shape = 1.0 + libm::sqrt(1.0 + 1.0 / (cv * cv));
                (shape - 1.0) / shape * libm::pow(open(rng), -1.0 / shape)
            }
            SpreadLaw::Gamma => gamma(1.0 / (cv * cv), rng) * cv * cv,
        };
        factor.max(LEAST)
    }
}

/// A standard normal number.
fn normal(rng: &mut impl Rng) -> f64 {
    StandardNormal.sample(rng)
}

/// A number in (0, 1].
fn open(rng: &mut impl Rng) -> f64 {
    1.0 - rng.random::<f64>()
}

/// A gamma number of scale 1 (Marsaglia and Tsang, 2000; shapes below 1 by their section 6).
fn gamma(shape: f64, rng: &mut impl Rng) -> f64 {
    if shape < 1.0 {
        return gamma(shape + 1.0, rng) * libm::pow(open(rng), 1.0 / shape);
    }
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / libm::sqrt(9.0 * d);
    loop {
        let x = normal(rng);
        let v = 1.0 + c * x;
        if v > 0.0 {
            let v = v * v * v;
            if libm::log(open(rng)) < 0.5 * x * x + d - d * v + d * libm::log(v) {
                return d * v;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rand_pcg::Pcg64;

    use super::*;

    #[test]
    fn mean_and_deviation_are_as_stated() {
        for (law, cv) in [
            (SpreadLaw::Normal, 0.2),
            (SpreadLaw::LogNormal, 0.2),
            (SpreadLaw::LogNormal, 1.0),
            (SpreadLaw::Exponential, 1.0),
            (SpreadLaw::Pareto, 0.3),
            (SpreadLaw::Gamma, 0.2),
            (SpreadLaw::Gamma, 1.5),
        ] {
            let mut rng = Pcg64::new(1, 1);
            let spread = Spread { law, deviation: Share(cv) };
            let draws: Vec<f64> = (0..200_000).map(|_| spread.draw(&mut rng)).collect();
            let mean = draws.iter().sum::<f64>() / draws.len() as f64;
            let variance = draws.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / draws.len() as f64;
            // Four standard errors of the mean; the heavy tail of Pareto makes its deviation slow to settle.
            assert!((mean - 1.0).abs() < 4.0 * cv / 447.0 + 0.005, "{law:?} {cv}: mean {mean}");
            assert!((variance.sqrt() / cv - 1.0).abs() < 0.15, "{law:?} {cv}: deviation {}", variance.sqrt());
        }
    }
}
