//! Hand-made comparisons for tests.

use super::{Fate, MigrationRecord, TraceComparison};

/// A migration of `total_time_ms` that converged at 60 %.
pub(crate) fn record(total_time_ms: f64) -> MigrationRecord {
    MigrationRecord {
        verdict: Fate::Converged,
        total_time_ms: Some(total_time_ms),
        seen_ms: total_time_ms,
        setup_time_ms: Some(100.0),
        downtime_ms: Some(10.0),
        dirty_sync_count: 16,
        throttle_max_pct: 60.0,
        transferred_bytes: Some(1000),
        normal_pages: Some(10),
        duplicate_pages: None,
        guest_work_lost_ms: Some(5000.0),
        sync_times_ms: vec![100.0, 9_000.0],
    }
}

/// A trace with a prediction.
pub(crate) fn compared(trace: &str, measured: &MigrationRecord, predicted: MigrationRecord) -> TraceComparison {
    TraceComparison::between(trace.to_owned(), measured.clone(), predicted, None)
}

/// A trace without one.
pub(crate) fn not_covered(trace: &str, lever: &str) -> TraceComparison {
    TraceComparison {
        trace: trace.to_owned(),
        measured: record(10_000.0),
        predicted: None,
        error: None,
        not_covered: Some(lever.to_owned()),
        note: None,
    }
}
