//! A recorded migration, of any kind: what `precopy compare` makes of it before it simulates.

use precopy::compare::{NoScenario, Trace, TraceComparison};
use precopy::plot::timeline::{Migration, figure};
use precopy::report::compare as report;
use precopy::sim::Options;

use super::outside;

/// Rows that are drawn.
const FEW: usize = 500;

/// Reads the bytes as a trace, and reports it.
pub fn look(data: &[u8]) {
    // A recording holds a scenario, which may name files.
    if outside::may_be_named(&String::from_utf8_lossy(data)) {
        return;
    }
    let trace = match Trace::parse("fuzz", data) {
        Ok(trace) => trace,
        Err(problem) => return assert!(!problem.to_string().is_empty()),
    };
    assert!(trace.measured.seen_ms.is_finite() && trace.measured.seen_ms >= 0.0, "{:?}", trace.measured);
    assert!(trace.timeline.rows.iter().all(|row| row.t_ms.is_finite()), "a row without a time");
    if trace.timeline.rows.len() < FEW {
        let _ = figure("fuzz", "", &[Migration { name: "fuzz", timeline: &trace.timeline }]);
    }
    // What it would take to simulate it is the target `run`'s question.
    let trace = Trace { scenario: Err(NoScenario::Unstated("not asked for".to_owned())), ..trace };
    let comparisons = [TraceComparison::of(trace, &Options::default())];
    assert!(!report::text(&comparisons, true).is_empty());
    assert!(report::json(&comparisons).is_ok() && report::csv(&comparisons).is_ok());
}
