//! One measured migration that a guess is held against.

use super::Fitted;
use super::features::{Features, Misfit};
use super::guess::{Axis, Guess, Quantity, Shape};
use crate::compare::{Comparison, Record, Trace};
use crate::guest::{Law, Workload};
use crate::link::Link;
use crate::scenario::Scenario;
use crate::sim::{self, Event, Options, Timeline};
use crate::units::{PAGE_SIZE, PageRate, Pages, Rate, Share, Span, Time};

/// A trace that nothing can be fitted to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{trace}: {why}")]
pub struct Unfit {
    /// Name of the trace.
    pub trace: String,
    /// What is missing.
    pub why: String,
}

/// Of `max-bandwidth`: what is reached by a stream that nothing else holds back.
const LIMITED: f64 = 0.93;
/// How far the link may lie from the bandwidth that was seen.
const LINK: f64 = 1.5;
/// Coldest hot part and hottest one, and the least that it takes of the writes.
const HOT: (f64, f64) = (0.005, 0.5);
const HOT_SHARE: (f64, f64) = (0.5, 0.99);
/// Least busy writer.
const CPU: f64 = 0.02;

/// A measured migration, and the scenario that it is predicted with once a guess is put in.
#[derive(Clone, Debug)]
pub(super) struct Case {
    trace: Trace,
    features: Features,
    /// Everything but the writer.
    base: Scenario,
    /// First page above the room that the writer may take.
    top: Pages,
    changed: Share,
    /// Whether `max-bandwidth` held the stream back, so that the link's bandwidth does not show.
    limited: bool,
}

impl Case {
    pub(super) fn new(trace: Trace) -> Result<Case, Unfit> {
        let unfit = |why: String| Unfit { trace: trace.name.clone(), why };
        let mut base = trace.scenario.clone().map_err(|reason| unfit(reason.to_string()))?;
        let features = Features::of(&trace.measured, &trace.timeline);
        if !features.syncs().iter().skip(1).any(|sync| sync.remaining.is_some()) {
            return Err(unfit(one_look(&trace, base.guest.memory).unwrap_or_else(|| UNSEEN.to_owned())));
        }
        let memory = base.guest.memory;
        let changed = base.guest.workloads.iter().find(|workload| writes(workload)).map_or(Share::ALL, |w| w.changed);
        base.guest.workloads.retain(|workload| !writes(workload) && workload.region.0 > 0);
        // As the file will have them: an idle workload has no place there.
        for still in &mut base.guest.workloads {
            still.law = Law::Uniform;
            still.rate = PageRate(0.0);
        }
        base.guest.rate_spread = None;
        let still = base.guest.workloads.iter().map(|workload| workload.region.0).sum::<u64>();
        let zero = trace.measured.duplicate_pages.map_or(base.guest.zero.0, |seen| seen);
        base.guest.zero = Pages(zero.min(memory.0.saturating_sub(still + 1)));
        let top = Pages(memory.0.saturating_sub(still + base.guest.zero.0));
        let seen = features.bandwidth().ok_or_else(|| unfit("no bandwidth was seen".to_owned()))?;
        let limit = base.qemu.params.max_bandwidth.0 as f64;
        let limited = limit > 0.0 && seen > LIMITED * limit;
        if limited && (base.link.at(Time::ZERO).0.0 as f64) < 1.1 * limit {
            base.link = Link { latency: base.link.latency, ..Link::constant(Rate(2 * limit as u64)) };
        }
        Ok(Case { trace, features, base, top, changed, limited })
    }

    /// Whether the throttle was seen, so that slack may show.
    pub(super) fn throttled(&self) -> bool {
        self.trace.measured.throttle_max_pct > 0.0
    }

    /// Where each quantity of a shape is looked for, a writer's slack among them if so.
    pub(super) fn axes(&self, shape: Shape, slack: bool) -> Vec<Axis> {
        let (mut slow, mut fast, mut most) = (f64::INFINITY, 0.0, 1.0);
        for pair in self.features.syncs().windows(2) {
            let Some(left) = pair[1].remaining else { continue };
            let (pages, ms) = ((left / PAGE_SIZE as f64).max(1.0), (pair[1].t_ms - pair[0].t_ms).max(1.0));
            let rate = pages / ms * 1e3;
            (slow, fast, most) = (f64::min(slow, rate), f64::max(fast, rate), f64::max(most, pages));
        }
        let room = (self.top.0 as f64).max(1.0);
        let mut axes = vec![
            Axis::new(Quantity::Rate, (0.5 * slow).max(0.1), 8.0 * fast),
            Axis::new(Quantity::Region, (0.5 * most).min(room), room),
        ];
        if shape == Shape::HotCold {
            axes.push(Axis::new(Quantity::Hot, HOT.0, HOT.1));
            axes.push(Axis::new(Quantity::HotShare, HOT_SHARE.0, HOT_SHARE.1));
        }
        if slack {
            axes.push(Axis::new(Quantity::Cpu, CPU, 1.0));
        }
        if let (false, Some(seen)) = (self.limited, self.features.bandwidth()) {
            axes.push(Axis::new(Quantity::Bandwidth, seen / LINK, seen * LINK));
        }
        axes
    }

    /// The scenario that a guess makes of it.
    pub(super) fn scenario(&self, guess: &Guess) -> Scenario {
        let mut scenario = self.base.clone();
        if let Some(bandwidth) = guess.bandwidth {
            scenario.link = Link { latency: scenario.link.latency, ..Link::constant(Rate(bandwidth as u64)) };
        }
        scenario.guest.workloads.insert(0, guess.workload(self.top, self.changed));
        scenario
    }

    /// Bandwidth of the link as the scenario has it [bytes/s].
    pub(super) fn link_bandwidth(&self) -> f64 {
        self.base.link.at(Time::ZERO).0.0 as f64
    }

    /// What the fitted guest makes of the migration.
    pub(super) fn fitted(&self, guess: &Guess) -> Fitted {
        let (record, predicted) = predict(&self.scenario(guess));
        let Trace { name, measured, note, timeline, .. } = self.trace.clone();
        Fitted { comparison: Comparison::between(name, measured, record, note), measured: timeline, predicted }
    }

    /// How far a guess is from what was measured.
    pub(super) fn misfit(&self, guess: &Guess) -> Misfit {
        let mut scenario = self.scenario(guess);
        // A hopeless guess need not be followed for longer than it takes to see that.
        if self.trace.measured.verdict.is_completed() {
            let patience = Span::rounded_up(self.trace.measured.seen_ms * 2e6);
            scenario.limits.time = scenario.limits.time.min(patience);
        }
        let (record, timeline) = predict(&scenario);
        self.features.misfit(&Features::of(&record, &timeline))
    }
}

/// Why nothing can be fitted where nobody looked between two syncs.
const UNSEEN: &str = "nobody looked after the end of the first pass, so nothing was seen of what the guest writes";

/// What a single look tells of the guest, and why that is no fit; `None` where there were more.
///
/// What remains after the first pass are different pages, so that the region has no fewer; `dirty-pages-rate` counts each
/// of a pass once, so that the guest writes no slower.
fn one_look(trace: &Trace, memory: Pages) -> Option<String> {
    let rows = &trace.timeline.rows;
    if rows.iter().any(|row| row.event == Event::Sample) {
        return None;
    }
    let (last, measured) = (rows.last()?, &trace.measured);
    let sent = measured.normal_pages.unwrap_or(0) + measured.duplicate_pages.unwrap_or(0);
    let again = sent.saturating_sub(memory.0);
    let (left, rate) = (last.remaining_bytes / PAGE_SIZE, last.dirty_pages_rate);
    let seconds = measured.seen_ms / 1e3;
    let mut known = vec![format!("pass {} after {seconds:.1} s", measured.dirty_sync_count)];
    let mut bounds = Vec::new();
    if last.bandwidth > 0.0 {
        known.push(format!("{} sent", Rate(last.bandwidth as u64)));
    }
    if measured.dirty_sync_count > 1 && left > 0 {
        known.push(format!("{} left", Pages(left).bytes()));
        bounds.push(format!("`region` is at least {}", Pages(left).bytes()));
    }
    if rate > 0 {
        known.push(format!("dirty rate {rate} pages/s"));
        bounds.push(format!("`rate` is at least {rate} pages/s"));
    }
    if again > 0 {
        known.push(format!("{} sent again", Pages(again).bytes()));
        if rate == 0 {
            bounds.push(format!("`rate` is at least {:.0} pages/s on average", again as f64 / seconds));
        }
    }
    let bounds = match bounds.is_empty() {
        true => "it says nothing of what the guest writes".to_owned(),
        false => format!("{}, and neither has an upper end", bounds.join(" and ")),
    };
    Some(format!(
        "one look ({}) does not tell how often the guest writes its pages again: {bounds}; look every 0.1 s, as in \
         docs/trace-format.md",
        known.join(", ")
    ))
}

/// What a scenario predicts.
fn predict(scenario: &Scenario) -> (Record, Timeline) {
    let (outcome, timeline) = sim::run(scenario, &Options { timeline: true, ..Options::default() });
    (Record::predicted(&outcome, &timeline), timeline)
}

/// Whether a workload writes anything.
fn writes(workload: &Workload) -> bool {
    workload.law != Law::Idle && (workload.rate.0 > 0.0 || workload.schedule != Default::default())
}
