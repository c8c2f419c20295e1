//! How far a guest may be from what was measured of it: factors of which two cases of three are within, from the recordings of
//! guests that run real programs (docs/accuracy.md).

use super::{FitQuantity, Parameter};

/// A guest at another hour: more requests, another phase, another neighbour.
pub const DRIFT: f64 = 1.4;
/// A guest that was measured again and again, and hardly changed meanwhile.
pub(super) const LEAST_DRIFT: f64 = 1.2;
/// Page sampling sees no more than is written, as a page that gets the bytes that it had is not seen: in the middle so many times
/// less, give or take nearly as much again.
pub(super) const CONTENTS: f64 = 1.3;
/// How well that is known.
pub(super) const CONTENTS_SPREAD: f64 = 1.5;

/// How far apart the ends of an interval are, in standard deviations.
const INTERVAL: f64 = 4.0;

/// Of a fitted guest: how it changes, and the interval of its rate where that has two ends.
pub(super) fn of_fit(parameters: &[Parameter]) -> f64 {
    let rate = parameters.iter().find(|parameter| parameter.quantity == FitQuantity::Rate);
    let ends = rate.and_then(|rate| rate.low.zip(rate.high));
    let interval = ends.map_or(0.0, |(low, high)| libm::log(high / low) / INTERVAL);
    all([libm::log(DRIFT), interval])
}

/// A factor of which two cases of three are within, of independent ones given as logarithms, to two decimals.
pub(super) fn all<const N: usize>(logarithms: [f64; N]) -> f64 {
    let factor = libm::exp(libm::sqrt(logarithms.iter().map(|one| one * one).sum()));
    (factor * 100.0).round() / 100.0
}
