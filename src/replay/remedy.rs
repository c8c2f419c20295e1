//! What would let a migration converge that does not.

use super::history::{JobHistory, total};
use crate::scenario::Scenario;
use crate::sim::{self, Event, Options, Verdict};
use crate::units::{Rate, Span, Time};

/// A change that an operator can make while it runs, or at the next try.
#[derive(Clone, Debug, PartialEq)]
pub enum Remedy {
    /// `downtime-limit`, now.
    Downtime(Span),
    /// That much bandwidth.
    Bandwidth(Rate),
    /// Auto-converge, which has to be on from the start.
    AutoConverge {
        /// The throttle that it takes [%].
        throttle_pct: f64,
        /// The whole migration with it [ms].
        total_time_ms: f64,
        /// It may be on: a throttle would not have been seen yet.
        may_be_on: bool,
    },
}

/// Ends are tried up to this limit of the downtime.
const LONGEST: Span = Span::from_ms(60_000);
/// Ends are tried up to so many times the bandwidth.
const WIDEST: u64 = 64;

/// The least changes that let it converge.
pub(super) fn remedies(scenario: &Scenario, history: &JobHistory) -> Vec<Remedy> {
    let converges = |change: &dyn Fn(&mut Scenario)| {
        let mut changed = scenario.clone();
        change(&mut changed);
        sim::run_checked(changed.trusted(), &Options::default()).0.verdict == Verdict::Converged
    };
    let downtime = least(scenario.qemu.params.downtime_limit.whole_ms() + 1, LONGEST.whole_ms(), |ms| {
        converges(&|changed| changed.qemu.params.downtime_limit = Span::from_ms(ms))
    });
    let link = scenario.link.at(Time::ZERO).0.0;
    let bandwidth = least(link + 1, link.saturating_mul(WIDEST), |bps| {
        converges(&|changed| changed.link.steps = vec![(Time::ZERO, Rate(bps))])
    });
    let downtime = downtime.map(|ms| Remedy::Downtime(Span::from_ms(ms)));
    let bandwidth = bandwidth.map(|bps| Remedy::Bandwidth(Rate(bps)));
    [downtime, bandwidth, auto_converge(scenario, history)].into_iter().flatten().collect()
}

fn auto_converge(scenario: &Scenario, history: &JobHistory) -> Option<Remedy> {
    if scenario.qemu.capabilities.auto_converge {
        return None;
    }
    let mut changed = scenario.clone();
    changed.qemu.capabilities.auto_converge = true;
    let (outcome, timeline) = sim::run_checked(changed.trusted(), &Options { timeline: true, ..Options::default() });
    let first = timeline.rows.iter().find(|row| row.event == Event::Throttle).map(|row| row.pass);
    (outcome.verdict == Verdict::Converged).then(|| Remedy::AutoConverge {
        throttle_pct: outcome.throttle_max_pct,
        total_time_ms: total(&outcome, &timeline, history),
        may_be_on: first.is_none_or(|pass| pass > history.last().job.memory_iteration),
    })
}

/// The least number from `low` to `high` that does, to within a hundredth; `None` if not even the highest does.
fn least(low: u64, high: u64, does: impl Fn(u64) -> bool) -> Option<u64> {
    if low > high || !does(high) {
        return None;
    }
    let (mut fails, mut holds) = (low.saturating_sub(1), high);
    while holds - fails > (holds / 100).max(1) {
        let middle = fails + (holds - fails) / 2;
        if does(middle) { holds = middle } else { fails = middle }
    }
    Some(holds)
}
