//! How much a figure may move before it counts.

use std::collections::BTreeMap;

use crate::metrics::{Metric, Unit};

/// How much a figure may move: by a share of its old value or by an amount, whichever is more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tolerance {
    /// Share of the old value [0..].
    pub relative: f64,
    /// In the figure's own unit; infinite: the figure is not looked at.
    pub absolute: f64,
}

impl Tolerance {
    /// Not at all.
    pub const EXACT: Tolerance = Tolerance { relative: 0.0, absolute: 0.0 };
    /// As it likes.
    pub const ANY: Tolerance = Tolerance { relative: 0.0, absolute: f64::INFINITY };

    /// What hides the last digits of a model that was touched, and no change that anybody would notice.
    pub fn default_for(metric: &Metric) -> Tolerance {
        match metric.unit {
            Unit::Ms => Tolerance { relative: 0.01, absolute: 5.0 },
            Unit::Bytes => Tolerance { relative: 0.01, absolute: f64::from(1 << 20) },
            Unit::Pages => Tolerance { relative: 0.01, absolute: 256.0 },
            Unit::Percent => Tolerance { relative: 0.0, absolute: 0.5 },
            Unit::Count | Unit::Of(_) => Tolerance { relative: 0.05, absolute: 1.0 },
            Unit::Rate | Unit::PageRate | Unit::DirtyRate | Unit::Part => Tolerance { relative: 0.01, absolute: 0.0 },
            Unit::Words => Tolerance::EXACT,
        }
    }

    /// Whether a move is within it. Two values without an end are the same.
    pub fn allows(&self, old: f64, new: f64) -> bool {
        // A share of a value without an end would allow everything.
        let share = if old.is_finite() { self.relative * old.abs() } else { 0.0 };
        old == new || (old.is_nan() && new.is_nan()) || (new - old).abs() <= self.absolute.max(share)
    }

    /// Reads `exact`, `any`, `1 %`, `5` in the figure's unit, or both as `1 %, 5`.
    ///
    /// # Errors
    /// A sentence that says what may stand there.
    pub fn parse(text: &str) -> Result<Tolerance, String> {
        match text.trim() {
            "exact" => return Ok(Tolerance::EXACT),
            "any" => return Ok(Tolerance::ANY),
            _ => {}
        }
        let mut tolerance = Tolerance::EXACT;
        for part in text.split(',').map(str::trim) {
            let (target, number, unit) = match part.strip_suffix('%') {
                Some(percent) => (&mut tolerance.relative, percent.trim(), 0.01),
                None => (&mut tolerance.absolute, part, 1.0),
            };
            let number = number.parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0);
            *target = number.ok_or_else(|| {
                format!(
                    "`{text}` is no tolerance: write \"1 %\", 5 in the figure's unit, \"1 %, 5\", \"exact\" or \"any\""
                )
            })? * unit;
        }
        Ok(tolerance)
    }
}

/// A tolerance for every figure.
#[derive(Clone, Debug, Default)]
pub struct Tolerances(pub BTreeMap<String, Tolerance>);

impl Tolerances {
    /// That of a figure, or its default.
    pub fn of(&self, metric: &Metric) -> Tolerance {
        self.0.get(metric.key).copied().unwrap_or_else(|| Tolerance::default_for(metric))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_larger_of_two_bounds_counts() {
        let both = Tolerance::parse("1 %, 5").unwrap();
        assert_eq!(both, Tolerance { relative: 0.01, absolute: 5.0 });
        for (old, new, allowed) in
            [(10.0, 15.0, true), (10.0, 15.1, false), (1000.0, 1010.0, true), (1000.0, 989.0, false)]
        {
            assert_eq!(both.allows(old, new), allowed, "{old} to {new}");
        }
        assert!(Tolerance::EXACT.allows(f64::INFINITY, f64::INFINITY));
        assert!(!both.allows(f64::INFINITY, 1.0) && Tolerance::ANY.allows(3.0, 4e9));
    }

    #[test]
    fn what_is_no_tolerance_is_refused() {
        for bad in ["", "much", "-1", "1 %, x", "inf"] {
            assert!(Tolerance::parse(bad).unwrap_err().contains("is no tolerance"), "{bad}");
        }
    }
}
