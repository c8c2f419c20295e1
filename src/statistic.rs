//! A figure over many runs: over how many it was taken, and how much of it is known.
//!
//! A run may have no such figure (the downtime of a migration that did not end), and then it is left out. A run that
//! `limits.time` cut off tells a lower bound of whatever grows with time, and counts as at least that.

use serde::{Serialize, Serializer};

/// What one run tells of a figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Seen {
    /// The figure.
    Exactly(f64),
    /// A lower bound of it: the run was cut off.
    AtLeast(f64),
    /// There is none.
    Nothing,
}

/// What the runs tell of a figure, run after run.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    /// Each value, and whether it is a lower bound.
    values: Vec<(f64, bool)>,
}

/// A number, or a lower bound of one. As JSON `12.5` or `{"at_least": 12.5}`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Known {
    /// The number.
    pub value: f64,
    /// Whether it is a lower bound.
    pub at_least: bool,
}

/// Where a figure lies in the runs that have one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Statistic {
    /// Runs that have it.
    pub of: usize,
    /// Of these, the runs that were cut off, which tell a lower bound.
    pub cut_off: usize,
    /// Five per cent of them have less.
    pub p5: Option<Known>,
    /// Half of them have less.
    pub median: Option<Known>,
    /// Five per cent of them have more.
    pub p95: Option<Known>,
    /// Mean; none where a run tells a lower bound only.
    #[serde(skip)]
    pub mean: Option<f64>,
    /// How far the 95 % confidence interval of the mean reaches to both sides (Student's t); none for a single run, which
    /// says nothing about others.
    #[serde(skip)]
    pub ci95: Option<f64>,
}

impl Known {
    /// What a run tells, if it tells anything.
    pub fn of(seen: Seen) -> Option<Known> {
        match seen {
            Seen::Exactly(value) => Some(Known { value, at_least: false }),
            Seen::AtLeast(value) => Some(Known { value, at_least: true }),
            Seen::Nothing => None,
        }
    }

    /// The number, unless it is a lower bound.
    pub fn exact(self) -> Option<f64> {
        (!self.at_least).then_some(self.value)
    }
}

impl Serialize for Known {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct AtLeast {
            at_least: f64,
        }
        match self.at_least {
            true => AtLeast { at_least: self.value }.serialize(serializer),
            false => self.value.serialize(serializer),
        }
    }
}

impl FromIterator<Seen> for Sample {
    fn from_iter<I: IntoIterator<Item = Seen>>(runs: I) -> Sample {
        let mut sample = Sample::default();
        runs.into_iter().for_each(|seen| sample.add(seen));
        sample
    }
}

impl Sample {
    /// Adds a run.
    pub fn add(&mut self, seen: Seen) {
        match seen {
            Seen::Exactly(value) => self.values.push((value, false)),
            Seen::AtLeast(value) => self.values.push((value, true)),
            Seen::Nothing => {}
        }
    }

    /// Sums the runs up. Quantiles lie between the two nearest runs (type 7 of Hyndman and Fan, 1996).
    ///
    /// Whatever was cut off lies above its bound, so that the runs below the lowest bound are in their places, and a
    /// quantile from there on is a lower bound itself.
    pub fn statistic(mut self) -> Statistic {
        let values = &mut self.values;
        // Of equals, the exact one is below: the other may be more.
        values.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let certain = values.iter().position(|value| value.1).unwrap_or(values.len());
        let quantile = |share: f64| {
            let last = values.len().checked_sub(1)?;
            let place = share * last as f64;
            let (below, rest) = (place as usize, place.fract());
            let above = if rest > 0.0 { (below + 1).min(last) } else { below };
            let value = values[below].0 + (values[above].0 - values[below].0) * rest;
            Some(Known { value, at_least: above >= certain })
        };
        let (mean, ci95) = if certain == values.len() { mean(values) } else { (None, None) };
        let cut_off = values.iter().filter(|value| value.1).count();
        let (p5, median, p95) = (quantile(0.05), quantile(0.5), quantile(0.95));
        Statistic { of: values.len(), cut_off, p5, median, p95, mean, ci95 }
    }
}

/// Mean, and half of its 95 % confidence interval.
fn mean(values: &[(f64, bool)]) -> (Option<f64>, Option<f64>) {
    if values.is_empty() {
        return (None, None);
    }
    let count = values.len() as f64;
    // Of distances from one of them, so that the mean of equal values is that value.
    let first = values[0].0;
    let mean = first + values.iter().map(|value| value.0 - first).sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value.0 - mean) * (value.0 - mean)).sum();
    let half = (values.len() > 1).then(|| t975(values.len() - 1) * (squares / (count - 1.0) / count).sqrt());
    (Some(mean), half)
}

/// The 97.5 % quantile of Student's t, by the expansion 26.7.5 of Abramowitz and Stegun (1964), which is 0.12 % too low
/// at 3 degrees of freedom and better beyond.
fn t975(freedom: usize) -> f64 {
    const Z: f64 = 1.959_963_984_540_054;
    const TERMS: [f64; 4] = [2.372_27, 2.822_50, 2.555_85, 1.589_54];
    match freedom {
        0 => f64::INFINITY,
        1 => 12.706_205,
        2 => 4.302_653,
        _ => {
            let inverse = 1.0 / freedom as f64;
            TERMS.iter().rev().fold(0.0, |sum, term| (sum + term) * inverse) + Z
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[f64]) -> Statistic {
        values.iter().map(|value| Seen::Exactly(*value)).collect::<Sample>().statistic()
    }

    fn exactly(value: f64) -> Option<Known> {
        Some(Known { value, at_least: false })
    }

    #[test]
    fn quantiles_lie_between_their_neighbours() {
        let statistic = of(&[4.0, 1.0, 3.0, 2.0, 5.0]);
        assert_eq!((statistic.p5, statistic.median, statistic.p95), (exactly(1.2), exactly(3.0), exactly(4.8)));
        let one = of(&[7.0]);
        assert_eq!((one.of, one.p5, one.median, one.p95), (1, exactly(7.0), exactly(7.0), exactly(7.0)));
        assert_eq!(of(&[]), Statistic::default());
    }

    #[test]
    fn equal_values_have_that_mean_and_no_interval() {
        let statistic = of(&[9.224; 30]);
        assert_eq!((statistic.mean, statistic.ci95), (Some(9.224), Some(0.0)));
    }

    #[test]
    fn runs_without_the_figure_are_left_out() {
        let runs = [Seen::Nothing, Seen::Exactly(2.0), Seen::Nothing, Seen::Exactly(4.0)];
        let statistic = runs.into_iter().collect::<Sample>().statistic();
        assert_eq!((statistic.of, statistic.median, statistic.mean), (2, exactly(3.0), Some(3.0)));
        let nothing = [Seen::Nothing].into_iter().collect::<Sample>().statistic();
        assert_eq!(nothing, Statistic::default());
    }

    /// Held against every way in which the runs that were cut off might have gone on.
    #[test]
    fn a_quantile_is_certain_where_no_end_could_move_it() {
        let runs = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0];
        for cut in 0..runs.len() {
            for bound in [0.5, 2.0, 3.0, 6.5, 9.0] {
                let seen = |ends: Option<f64>| {
                    let runs = runs.iter().enumerate().map(move |(at, value)| match ends {
                        _ if at != cut => Seen::Exactly(*value),
                        Some(end) => Seen::Exactly(end),
                        None => Seen::AtLeast(bound),
                    });
                    runs.collect::<Sample>().statistic()
                };
                let told = seen(None);
                let (least, most) = (seen(Some(bound)), seen(Some(1e9)));
                for (told, least, most) in [
                    (told.p5, least.p5, most.p5),
                    (told.median, least.median, most.median),
                    (told.p95, least.p95, most.p95),
                ] {
                    let (told, least, most) = (told.unwrap(), least.unwrap(), most.unwrap());
                    assert_eq!(told.value, least.value, "the lowest that it can be");
                    assert_eq!(told.at_least, least.value < most.value, "run {cut} cut off at {bound}: {told:?}");
                }
                assert_eq!((told.of, told.cut_off, told.mean, told.ci95), (runs.len(), 1, None, None));
            }
        }
    }

    #[test]
    fn a_lower_bound_is_no_number() {
        let bound = Known { value: 3.6e6, at_least: true };
        assert_eq!(bound.exact(), None);
        assert_eq!(serde_json::to_string(&bound).unwrap(), r#"{"at_least":3600000.0}"#);
        assert_eq!(serde_json::to_string(&exactly(12.5)).unwrap(), "12.5");
    }

    #[test]
    fn students_t_is_that_of_the_tables() {
        for (freedom, table) in
            [(1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (9, 2.262), (29, 2.045), (100_000, 1.960)]
        {
            assert!((t975(freedom) / table - 1.0).abs() < 1.5e-3, "{freedom}: {}", t975(freedom));
        }
    }

    #[test]
    fn the_interval_of_a_mean_is_that_of_a_textbook() {
        let statistic = of(&[2.0, 4.0, 6.0]);
        assert_eq!(statistic.mean, Some(4.0));
        assert!((statistic.ci95.unwrap() - 4.302_653 * 2.0 / 3f64.sqrt()).abs() < 1e-6);
        let one = of(&[5.0]);
        assert_eq!((one.mean, one.ci95), (Some(5.0), None));
    }
}
