//! Many comparisons in a few figures.

use super::{Deviation, TraceComparison};

/// How well the covered traces were predicted; errors without a sign. What no trace tells is `None`, not an error of zero.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// Traces with a prediction.
    pub compared: usize,
    /// Traces without one.
    pub not_covered: usize,
    /// Of these, still running at the last look: neither verdict nor total time can be held against anything.
    pub running: usize,
    /// Equal verdicts.
    pub verdicts_right: usize,
    /// Median error of the total time [%].
    pub total_time_pct_median: Option<f64>,
    /// Worst error of the total time [%].
    pub total_time_pct_worst: Option<f64>,
    /// Equal highest throttles.
    pub throttle_equal: usize,
    /// Worst error of the highest throttle [% points].
    pub throttle_worst: Option<f64>,
    /// Worst error of the sync count.
    pub dirty_sync_count_worst: Option<u64>,
    /// Worst error of the guest work lost, as a share of the migration [%].
    pub guest_work_lost_pct_worst: Option<f64>,
}

impl Summary {
    /// Sums up; the order of the comparisons does not matter.
    pub fn of(comparisons: &[TraceComparison]) -> Summary {
        let errors: Vec<&Deviation> = comparisons.iter().filter_map(|comparison| comparison.error.as_ref()).collect();
        let worst = |of: fn(&Deviation) -> Option<f64>| {
            errors.iter().filter_map(|error| Some(of(error)?.abs())).max_by(f64::total_cmp)
        };
        let count = |is: fn(&Deviation) -> bool| errors.iter().filter(|error| is(error)).count();
        Summary {
            compared: errors.len(),
            not_covered: comparisons.len() - errors.len(),
            running: count(|error| error.verdict.is_none()),
            verdicts_right: count(|error| error.verdict == Some(true)),
            total_time_pct_median: median(
                errors.iter().filter_map(|error| Some(error.total_time_pct?.abs())).collect(),
            ),
            total_time_pct_worst: worst(|error| error.total_time_pct),
            throttle_equal: count(|error| error.throttle_max_pct == 0.0),
            throttle_worst: worst(|error| Some(error.throttle_max_pct)),
            dirty_sync_count_worst: errors.iter().map(|error| error.dirty_sync_count.unsigned_abs()).max(),
            guest_work_lost_pct_worst: worst(|error| error.guest_work_lost_pct_of_total),
        }
    }

    /// Whether every verdict is right and no total time is off by more than `tolerance_pct`. Of a migration that was still
    /// running is not known.
    pub fn is_within(&self, tolerance_pct: f64) -> bool {
        self.verdicts_right == self.compared && self.total_time_pct_worst.is_none_or(|worst| worst <= tolerance_pct)
    }
}

/// The middle one, or the mean of the middle two.
fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let (half, odd) = (values.len() / 2, values.len() % 2 == 1);
    let middle = values.get(half)?;
    Some(if odd { *middle } else { (values[half - 1] + middle) / 2.0 })
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{compared, not_covered, record};
    use super::*;
    use crate::compare::{Fate, MigrationRecord};

    #[test]
    fn the_median_of_an_even_number_is_between_the_middle_two() {
        for (values, middle) in
            [(vec![], None), (vec![7.0], Some(7.0)), (vec![9.0, 1.0], Some(5.0)), (vec![9.0, 1.0, 2.0], Some(2.0))]
        {
            assert_eq!(median(values.clone()), middle, "{values:?}");
        }
    }

    #[test]
    fn a_summary_counts_what_is_right_and_keeps_the_worst() {
        let real = record(10_000.0);
        let all = [
            compared("equal", &real, real.clone()),
            compared(
                "slow",
                &real,
                MigrationRecord { throttle_max_pct: 70.0, dirty_sync_count: 18, ..record(10_200.0) },
            ),
            compared("wrong", &real, MigrationRecord { verdict: Fate::NotConverged, ..record(9_100.0) }),
            not_covered("other", "capability `xbzrle`"),
        ];
        let summary = Summary::of(&all);
        assert_eq!(
            summary,
            Summary {
                compared: 3,
                not_covered: 1,
                running: 0,
                verdicts_right: 2,
                total_time_pct_median: Some(2.0),
                total_time_pct_worst: Some(9.0),
                throttle_equal: 2,
                throttle_worst: Some(10.0),
                dirty_sync_count_worst: Some(2),
                guest_work_lost_pct_worst: Some(0.0),
            }
        );
        assert!(!summary.is_within(20.0), "a wrong verdict is never within");
        assert!(Summary::of(&all[..2]).is_within(2.0));
        assert!(!Summary::of(&all[..2]).is_within(1.9));
    }
}
