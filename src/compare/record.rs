//! The figures that a real and a simulated migration have in common, and how far they are apart.

use serde::Serialize;

use super::Fate;
use crate::sim::{Event, Outcome, Timeline};

/// One migration, measured or predicted, under the names of [`Outcome`]; `None` where a trace does not tell.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MigrationRecord {
    /// How it ended, or that it had not.
    pub verdict: Fate,
    /// From the `migrate` command to the end [ms]; `None` for one that was still running.
    pub total_time_ms: Option<f64>,
    /// From the `migrate` command to the last look [ms]: the total time of one that was over.
    #[serde(skip)]
    pub seen_ms: f64,
    /// Setup [ms].
    pub setup_time_ms: Option<f64>,
    /// From the decision to stop the guest to completion [ms]; `None` if it was never stopped.
    pub downtime_ms: Option<f64>,
    /// Syncs, the first and the final one included.
    pub dirty_sync_count: u64,
    /// Highest throttle [%].
    pub throttle_max_pct: f64,
    /// RAM sent [bytes].
    pub transferred_bytes: Option<u64>,
    /// Full pages sent [pages].
    pub normal_pages: Option<u64>,
    /// Zero pages sent [pages].
    pub duplicate_pages: Option<u64>,
    /// Work that the guest did not get done, as time of its own pace [ms]; `None` for a guest that writes nothing.
    /// A measured one is slightly negative where the guest's rate scatters and nothing held it back.
    pub guest_work_lost_ms: Option<f64>,
    /// End of every sync that `dirty-sync-count` counts, in order [ms since the `migrate` command].
    pub sync_times_ms: Vec<f64>,
}

impl MigrationRecord {
    /// What a run predicted.
    pub fn predicted(outcome: &Outcome, timeline: &Timeline) -> MigrationRecord {
        let mut counted = 0;
        // A client sees the syncs that count: 11.1 has others.
        let syncs = timeline.rows.iter().filter(|row| {
            row.event == Event::Sync && row.pass > counted && {
                counted = row.pass;
                true
            }
        });
        MigrationRecord {
            verdict: outcome.verdict.into(),
            total_time_ms: Some(outcome.total_time_ms),
            seen_ms: outcome.total_time_ms,
            setup_time_ms: outcome.setup_time_ms,
            downtime_ms: outcome.downtime_ms,
            dirty_sync_count: outcome.dirty_sync_count,
            throttle_max_pct: outcome.throttle_max_pct,
            transferred_bytes: Some(outcome.transferred_bytes),
            normal_pages: Some(outcome.normal_pages),
            duplicate_pages: Some(outcome.duplicate_pages),
            guest_work_lost_ms: Some(outcome.guest_work_lost_ms),
            sync_times_ms: syncs.map(|row| row.t_ms).collect(),
        }
    }
}

/// Predicted less measured, under the same names; `None` where either side has no figure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Deviation {
    /// Whether the prediction ends as the migration did; `None` where its end was not seen.
    pub verdict: Option<bool>,
    /// [ms]
    pub total_time_ms: Option<f64>,
    /// Error of the total time as a share of the measured one [%].
    pub total_time_pct: Option<f64>,
    /// [ms]
    pub setup_time_ms: Option<f64>,
    /// [ms]
    pub downtime_ms: Option<f64>,
    /// [syncs]
    pub dirty_sync_count: i64,
    /// [% points]
    pub throttle_max_pct: f64,
    /// [bytes]
    pub transferred_bytes: Option<i64>,
    /// [pages]
    pub normal_pages: Option<i64>,
    /// [pages]
    pub duplicate_pages: Option<i64>,
    /// [ms]
    pub guest_work_lost_ms: Option<f64>,
    /// Error of the work lost as a share of the measured total time [%].
    pub guest_work_lost_pct_of_total: Option<f64>,
    /// Of the syncs that both sides have, by their number [ms].
    pub sync_times_ms: Vec<f64>,
}

impl Deviation {
    /// How far `predicted` is from `measured`.
    pub fn of(predicted: &MigrationRecord, measured: &MigrationRecord) -> Deviation {
        let percent_of_total = |ms: f64| ms / measured.seen_ms * 100.0;
        let span = |of: fn(&MigrationRecord) -> Option<f64>| Some(of(predicted)? - of(measured)?);
        let total_time_ms = span(|record| record.total_time_ms);
        let count = |of: fn(&MigrationRecord) -> Option<u64>| Some(difference(of(predicted)?, of(measured)?));
        let guest_work_lost_ms = span(|record| record.guest_work_lost_ms);
        let syncs = predicted.sync_times_ms.iter().zip(&measured.sync_times_ms);
        Deviation {
            verdict: measured.verdict.agrees(predicted.verdict),
            total_time_ms,
            total_time_pct: total_time_ms.map(percent_of_total),
            setup_time_ms: span(|record| record.setup_time_ms),
            downtime_ms: span(|record| record.downtime_ms),
            dirty_sync_count: difference(predicted.dirty_sync_count, measured.dirty_sync_count),
            throttle_max_pct: predicted.throttle_max_pct - measured.throttle_max_pct,
            transferred_bytes: count(|record| record.transferred_bytes),
            normal_pages: count(|record| record.normal_pages),
            duplicate_pages: count(|record| record.duplicate_pages),
            guest_work_lost_ms,
            guest_work_lost_pct_of_total: guest_work_lost_ms.map(percent_of_total),
            sync_times_ms: syncs.map(|(predicted, measured)| predicted - measured).collect(),
        }
    }
}

/// `a - b` of two counters.
fn difference(a: u64, b: u64) -> i64 {
    i64::try_from(i128::from(a) - i128::from(b)).unwrap_or(if a > b { i64::MAX } else { i64::MIN })
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::record;
    use super::*;

    #[test]
    fn an_error_is_predicted_less_measured() {
        let measured = record(20_000.0);
        let predicted = MigrationRecord {
            verdict: Fate::NotConverged,
            dirty_sync_count: 14,
            downtime_ms: None,
            normal_pages: Some(7),
            guest_work_lost_ms: Some(6000.0),
            sync_times_ms: vec![110.0, 9_900.0, 15_000.0],
            ..record(19_000.0)
        };
        let error = Deviation::of(&predicted, &measured);
        assert_eq!(error.verdict, Some(false));
        assert_eq!((error.total_time_ms, error.total_time_pct), (Some(-1000.0), Some(-5.0)));
        assert_eq!((error.dirty_sync_count, error.throttle_max_pct), (-2, 0.0));
        assert_eq!((error.downtime_ms, error.normal_pages, error.duplicate_pages), (None, Some(-3), None));
        assert_eq!((error.guest_work_lost_ms, error.guest_work_lost_pct_of_total), (Some(1000.0), Some(5.0)));
        assert_eq!(error.sync_times_ms, [10.0, 900.0], "a sync that one side lacks has no error");
    }
}
