//! What would have helped: the guest that explains a log, migrated again with one thing changed.

use serde::Serialize;

use super::explain::{Explained, PATIENCE, run};
use super::stream::{StreamBound, faster_link};
use super::{Cause, Evidence, Hindrance, Lever, names};
use crate::compare::Fate;
use crate::fit;
use crate::scenario::Scenario;
use crate::sim::{Options, Verdict};
use crate::uncertain::LikelyRange;
use crate::units::Span;

/// A lever, and what came of it for the explained guest.
#[derive(Clone, Debug, Serialize)]
pub struct Remedy {
    /// What is changed.
    #[serde(skip)]
    pub lever: Lever,
    /// As the product calls it.
    pub setting: String,
    /// The migration that was tried.
    #[serde(skip)]
    pub scenario: Scenario,
    /// How it ended, in the simulation's words.
    #[serde(skip)]
    pub outcome: Verdict,
    /// Whether the migration arrives with it, also that of a guest that writes somewhat faster.
    pub helps: bool,
    /// How it ends.
    pub verdict: Fate,
    /// [s]
    pub total_time_s: f64,
    /// [ms]
    pub downtime_ms: Option<f64>,
    /// How it may end, as far as a log tells how fast the guest writes.
    pub likely: Option<LikelyRange>,
    /// Work that the guest does not get done meanwhile [s].
    pub guest_work_lost_s: f64,
}

/// How much faster the guest may be while a change is still called enough.
const MARGIN: f64 = 1.3;

/// Levers worth a try, those that cost the guest least first.
fn levers(evidence: &Evidence, cause: (Cause, Hindrance), bound: StreamBound) -> Vec<Lever> {
    let mut all = Vec::new();
    if cause.1 == Hindrance::SyncPerStep {
        all.push(Lever::NoSyncPerStep);
    }
    if matches!(bound, StreamBound::Cap(_)) {
        all.push(Lever::NoCap);
    }
    let now = evidence.downtime_limit_ms;
    all.extend([500, 1000, 2000, 5000].into_iter().filter(|ms| *ms as f64 > 1.2 * now).map(Lever::Downtime));
    if matches!(cause.0, Cause::TimedOut | Cause::Stuck) {
        all.extend([2.0, 4.0].map(|times| Lever::Longer((times * evidence.seen_s) as u64)));
    }
    all.push(if evidence.throttle_max_pct > 0.0 { Lever::ThrottleFaster } else { Lever::AutoConverge });
    all.push(Lever::PostCopy);
    let mut speed = evidence.bandwidth.unwrap_or(0.0);
    // A link is no way out for a stream that is held below it.
    let speeds = if matches!(bound, StreamBound::Cap(_)) { 0 } else { 3 };
    for _ in 0..speeds {
        speed = faster_link(speed);
        all.push(Lever::Faster(speed));
    }
    all
}

/// Each lever tried on the explained guest: of one with several values the smallest that helps, or else the largest.
pub(super) fn remedies(
    explained: &Explained,
    product: Option<&str>,
    evidence: &Evidence,
    cause: (Cause, Hindrance),
    bound: StreamBound,
) -> Vec<Remedy> {
    let mut found: Vec<(usize, Remedy)> = Vec::new();
    for lever in levers(evidence, cause, bound) {
        let enough = found.last().is_some_and(|(index, remedy)| *index == lever.index() && remedy.helps);
        let Some(setting) = names::setting(product, lever).filter(|_| !enough) else { continue };
        let mut scenario = explained.scenario.clone();
        lever.apply(&mut scenario);
        let longest = Span::rounded_up(4.0 * PATIENCE * 1e9);
        scenario.limits.time = scenario.limits.time.min(longest);
        let Some(outcome) = run(&scenario) else { continue };
        let verdict = Fate::from(outcome.verdict);
        // What a log tells of its guest is not exact: a change that a faster guest undoes is no way out.
        let mut faster = scenario.clone();
        faster.guest.workloads.iter_mut().for_each(|workload| workload.rate.0 *= MARGIN);
        let holds = || run(&faster).is_some_and(|outcome| Fate::from(outcome.verdict).is_completed());
        let helps = verdict.is_completed() && holds();
        let likely = helps.then(|| LikelyRange::within(fit::DRIFT, &scenario, &outcome, &Options::default())).flatten();
        found.retain(|(index, _)| *index != lever.index());
        let remedy = Remedy {
            lever,
            setting,
            scenario,
            outcome: outcome.verdict,
            helps,
            likely,
            verdict,
            total_time_s: outcome.total_time_ms / 1e3,
            downtime_ms: outcome.downtime_ms,
            guest_work_lost_s: outcome.guest_work_lost_ms / 1e3,
        };
        found.push((lever.index(), remedy));
    }
    found.sort_by_key(|(_, remedy)| !remedy.helps);
    found.into_iter().map(|(_, remedy)| remedy).collect()
}
