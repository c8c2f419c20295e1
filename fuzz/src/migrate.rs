//! A migration in bounded time, and what must hold of it whatever was asked for.

use precopy::scenario::Scenario;
use precopy::sim::{self, Event, Options, Outcome, Row};
use precopy::units::Span;

/// Simulated time of a run.
const TIME: Span = Span::from_ms(30_000);
/// Largest guest that is run [pages]: 64 GiB.
const PAGES: u64 = 16 << 20;
/// Most parts of a guest and a link, which is what a step of the simulation goes through.
const PARTS: usize = 64;

/// Whether a run is short.
pub fn is_small(scenario: &Scenario) -> bool {
    scenario.guest.memory.0 <= PAGES && scenario.guest.workloads.len() <= PARTS && scenario.at.len() <= PARTS
}

/// Keeps a run short.
pub fn bound(scenario: &mut Scenario) {
    scenario.limits.time = scenario.limits.time.min(TIME);
}

/// Runs a migration that is not too large, for a bounded time.
pub fn bounded(mut scenario: Scenario) {
    if !is_small(&scenario) {
        return;
    }
    bound(&mut scenario);
    let scenario = scenario.drawn(1);
    let (outcome, timeline) = sim::run(&scenario, &Options { timeline: true, ..Options::default() }).unwrap();
    figures(&outcome, &scenario);
    rows(&timeline.rows, &scenario);
}

fn figures(o: &Outcome, scenario: &Scenario) {
    let (setup, downtime) = (o.setup_time_ms.unwrap_or(0.0), o.downtime_ms.unwrap_or(0.0));
    let times = [o.total_time_ms, setup, downtime, o.longest_stall_ms, o.throttled_time_ms];
    assert!(times.iter().all(|time| time.is_finite() && *time >= 0.0), "{o:?}");
    let other = [Some(o.guest_work_lost_ms), o.guest_slowdown_pct, o.expected_downtime_ms, Some(o.postcopy_stall_ms)];
    assert!(other.into_iter().flatten().all(|figure| figure >= 0.0), "{o:?}");
    assert!(!o.verdict.is_completed() || o.downtime_ms.is_some(), "{o:?}");
    assert!(o.total_time_ms >= setup + downtime - 1e-6, "it ends before its parts: {o:?}");
    assert!(o.total_time_ms >= o.throttled_time_ms && o.throttled_time_ms >= o.throttled_over_90_ms, "{o:?}");
    // The limiter counts in whole MiB/s, which makes its longest sleep a little longer than 99 times the run.
    let most = if scenario.qemu.capabilities.dirty_limit { 99.5 } else { 99.0 };
    assert!((0.0..=most).contains(&o.throttle_max_pct) && o.throttle_final_pct <= Some(o.throttle_max_pct), "{o:?}");
    assert!(o.guest_slowdown_pct <= Some(100.0 + 1e-9), "{o:?}");
    assert!(o.remaining_bytes <= scenario.guest.memory.bytes().0, "{o:?}");
    assert!(!o.verdict.is_completed() || o.remaining_bytes == 0, "{o:?}");
    assert!(!o.reason.to_string().is_empty());
}

fn rows(rows: &[Row], scenario: &Scenario) {
    for row in rows {
        assert!(row.t_ms.is_finite() && row.t_ms >= 0.0 && row.bandwidth >= 0.0, "{row:?}");
        assert!((0.0..=100.0).contains(&row.throttle_pct), "{row:?}");
        assert!(row.remaining_bytes <= scenario.guest.memory.bytes().0, "{row:?}");
    }
    for pair in rows.windows(2) {
        assert!(pair[1].t_ms >= pair[0].t_ms && pair[1].pass >= pair[0].pass, "{pair:?}");
    }
    assert!(rows.first().is_some_and(|row| row.event == Event::Start), "no start");
    assert!(rows.last().is_some_and(|row| row.event == Event::End), "no end");
}
