//! Where the figures of many runs lie.

use serde::Serialize;

/// Where a figure lies in most runs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// Five per cent of the runs have less.
    pub p5: f64,
    /// Half of the runs have less.
    pub median: f64,
    /// Five per cent of the runs have more.
    pub p95: f64,
}

impl Interval {
    /// Of one figure over all runs: linear between the two nearest (type 7 of Hyndman and Fan, 1996).
    ///
    /// An empty list has zeros.
    pub fn of(mut values: Vec<f64>) -> Interval {
        values.sort_by(f64::total_cmp);
        let quantile = |share: f64| match values.len() {
            0 => 0.0,
            count => {
                let place = share * (count - 1) as f64;
                let (below, rest) = (place as usize, place.fract());
                let above = values[(below + 1).min(count - 1)];
                values[below] + (above - values[below]) * rest
            }
        };
        Interval { p5: quantile(0.05), median: quantile(0.5), p95: quantile(0.95) }
    }
}

/// Mean, and how far to both sides of it the 95 % confidence interval of the mean reaches (Student's t); `None` for a
/// single run, which says nothing about others.
pub(super) fn mean(values: &[f64]) -> (f64, Option<f64>) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    let half = (values.len() > 1).then(|| t975(values.len() - 1) * (squares / (count - 1.0) / count).sqrt());
    (mean, half)
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

    #[test]
    fn quantiles_lie_between_their_neighbours() {
        let interval = Interval::of(vec![4.0, 1.0, 3.0, 2.0, 5.0]);
        assert_eq!((interval.p5, interval.median, interval.p95), (1.2, 3.0, 4.8));
        assert_eq!(Interval::of(vec![7.0]), Interval { p5: 7.0, median: 7.0, p95: 7.0 });
        assert_eq!(Interval::of(Vec::new()).median, 0.0);
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
        let (mean, half) = mean(&[2.0, 4.0, 6.0]);
        assert_eq!(mean, 4.0);
        assert!((half.unwrap() - 4.302_653 * 2.0 / 3f64.sqrt()).abs() < 1e-6);
        assert_eq!(super::mean(&[5.0]), (5.0, None));
    }
}
