//! Round numbers along an axis.

/// About as many ticks as an axis has.
const COUNT: usize = 8;
/// With fewer round numbers than this a logarithmic axis has those of a linear one.
const FEW: usize = 4;

/// Round numbers from `from` to `to`: of a logarithmic axis, or of one whose round numbers are powers of two.
pub(super) fn round(from: f64, to: f64, log: bool, binary: bool) -> Vec<f64> {
    let round = match (log, binary) {
        (true, false) => decades(from, to),
        (true, true) => doublings(from, to),
        (false, _) => Vec::new(),
    };
    if round.len() < FEW { even(from, to, binary) } else { round }
}

/// Multiples of a round step.
fn even(from: f64, to: f64, binary: bool) -> Vec<f64> {
    let decimal = (-9..15).flat_map(|power| [1.0, 2.0, 5.0].map(|digit| digit * ten(power)));
    let steps: Vec<f64> = if binary { (-10..40).map(|power| 2_f64.powi(power)).collect() } else { decimal.collect() };
    let step = steps.into_iter().find(|step| (to - from) / step <= COUNT as f64).unwrap_or(to - from);
    let first = (from / step).ceil() as i64;
    (first..=first + COUNT as i64).map(|n| n as f64 * step).filter(|tick| *tick <= to).collect()
}

/// Powers of ten, and digits between them where there are few.
fn decades(from: f64, to: f64) -> Vec<f64> {
    let inside = |digits: &[i32]| -> Vec<f64> {
        (-9..15)
            .flat_map(|power| digits.iter().map(move |digit| f64::from(*digit) * ten(power)))
            .filter(|value| (from..=to).contains(value))
            .collect()
    };
    let choices = [&[1, 2, 3, 4, 5, 6, 7, 8, 9][..], &[1, 2, 5], &[1, 3]];
    let few = choices.iter().map(|digits| inside(digits)).find(|ticks| ticks.len() <= COUNT);
    let ticks = few.unwrap_or_else(|| inside(&[1]));
    let step = ticks.len().div_ceil(COUNT).max(1);
    ticks.into_iter().step_by(step).collect()
}

/// Powers of two, or of four, and so on.
fn doublings(from: f64, to: f64) -> Vec<f64> {
    let all: Vec<f64> = (-30..50).map(|power| 2_f64.powi(power)).filter(|v| (from..=to).contains(v)).collect();
    let step = all.len().div_ceil(COUNT).max(1);
    all.into_iter().step_by(step).collect()
}

/// The round number next to a value of a logarithmic axis, above or below it.
pub(super) fn beyond(value: f64, up: bool, binary: bool) -> f64 {
    let powers = |of: &[f64]| -> Vec<f64> {
        (-10..16).flat_map(|power| of.iter().map(move |digit| digit * ten(power))).collect()
    };
    let round = if binary { (-40..60).map(|power| 2_f64.powi(power)).collect() } else { powers(&[1.0, 2.0, 5.0]) };
    let at = round.partition_point(|round| *round < value);
    let found = if up { round.get(at) } else { at.checked_sub(1).and_then(|at| round.get(at)) };
    found.copied().unwrap_or(value)
}

/// A power of ten, exact where it is a whole number.
fn ten(power: i32) -> f64 {
    if power < 0 { 1.0 / 10_f64.powi(-power) } else { 10_f64.powi(power) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logarithmic_axis_has_round_numbers_however_short_it_is() {
        assert_eq!(round(1.0, 5e3, true, false), [1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1e3, 3e3]);
        assert_eq!(round(8.0, 130.0, true, false), [10.0, 20.0, 50.0, 100.0]);
        assert_eq!(round(70.0, 310.0, true, false), [70.0, 80.0, 90.0, 100.0, 200.0, 300.0]);
        assert_eq!(round(25.0, 55.0, true, false), [25.0, 30.0, 35.0, 40.0, 45.0, 50.0, 55.0]);
        // One power of ten, or of two, is no scale.
        assert_eq!(round(95.0, 180.0, true, false), [100.0, 120.0, 140.0, 160.0, 180.0]);
        assert_eq!(round(3.0, 7.5, true, true), [3.0, 4.0, 5.0, 6.0, 7.0]);
        assert_eq!(round(1.0, 16.0, true, true), [1.0, 2.0, 4.0, 8.0, 16.0]);
        let beside =
            [beyond(753.0, true, false), beyond(1.5, false, false), beyond(9.0, true, true), beyond(0.0, false, false)];
        assert_eq!(beside, [1000.0, 1.0, 16.0, 0.0]);
    }
}
