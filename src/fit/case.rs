//! One measured migration that a guess is held against.

use super::Fitted;
use super::features::{Features, FitMisfit};
use super::glimpse::{Glimpse, RATE_PERIOD};
use super::guess::{FitQuantity, Guess, SearchAxis, WriteShape};
use super::sketch;
use crate::compare::{LogGap, MigrationRecord, NoScenario, Trace, TraceComparison, until_seen};
use crate::guest::{GuestUncertainty, Law, Workload};
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

/// How fast and how large a guest may be [pages/s, pages/s, pages].
struct Reach {
    slow: f64,
    fast: f64,
    most: f64,
}

/// What a client saw.
#[derive(Clone, Debug)]
enum ClientSight {
    /// Enough to tell when syncs were.
    Log(Features),
    /// A few moments.
    Glimpse(Glimpse),
}

/// A measured migration, and the scenario that it is predicted with once a guess is put in.
#[derive(Clone, Debug)]
pub(super) struct FitCase {
    trace: Trace,
    seen: ClientSight,
    /// Whether nothing but the statistics says how guest, link and QEMU were configured.
    sketched: bool,
    /// Everything but the writer.
    base: Scenario,
    /// First page above the room that the writer may take.
    top: Pages,
    changed: Share,
    /// Whether `max-bandwidth` held the stream back, so that the link's bandwidth does not show.
    limited: bool,
}

impl FitCase {
    pub(super) fn new(trace: Trace) -> Result<FitCase, Unfit> {
        let unfit = |why: String| Unfit { trace: trace.name.clone(), why };
        let needed = [LogGap::Sent, LogGap::Remaining];
        if let Some(gap) = needed.into_iter().find(|gap| trace.told.lacks(*gap)) {
            let what = gap.as_str();
            return Err(unfit(format!(
                "the {} does not tell {what}, without which no guest shows; `precopy why` says what it tells, and docs/logs.md \
                 which logs tell more",
                trace.told.form
            )));
        }
        let (mut base, sketched) = match (&trace.scenario, sketch::of(&trace)) {
            (Ok(scenario), _) => (scenario.clone(), false),
            (Err(NoScenario::Program(around)), _) => (Scenario::clone(around), false),
            // A log of many looks is worth a scenario of its own.
            (Err(NoScenario::Unstated(_)), Some(sketch)) if Glimpse::of(&trace, &sketch).is_some() => (sketch, true),
            (Err(reason), _) => return Err(unfit(reason.to_string())),
        };
        let seen = match Glimpse::of(&trace, &base) {
            Some(glimpse) => ClientSight::Glimpse(glimpse),
            None => ClientSight::Log(Features::of(&trace.measured, &trace.timeline)),
        };
        seen.unfit().map_or(Ok(()), |why| Err(unfit(why)))?;
        let memory = base.guest.memory;
        let changed = base.guest.workloads.iter().find(|workload| writes(workload)).map_or(Share::ALL, |w| w.changed);
        base.guest.workloads.retain(|workload| !writes(workload) && workload.region.0 > 0);
        // As the file will have them: an idle workload has no place there.
        for still in &mut base.guest.workloads {
            still.law = Law::Uniform;
            still.rate = PageRate(0.0);
        }
        base.guest.rate_spread = None;
        base.guest.uncertainty = GuestUncertainty::NONE;
        let still = base.guest.workloads.iter().map(|workload| workload.region.0).sum::<u64>();
        let zero = trace.measured.duplicate_pages.map_or(base.guest.zero.0, |seen| seen);
        base.guest.zero = Pages(zero.min(memory.0.saturating_sub(still + 1)));
        let top = Pages(memory.0.saturating_sub(still + base.guest.zero.0));
        let bandwidth = seen.bandwidth().ok_or_else(|| unfit("no bandwidth was seen".to_owned()))?;
        let limit = base.qemu.params.max_bandwidth.0 as f64;
        let limited = limit > 0.0 && bandwidth > LIMITED * limit;
        if limited && (base.link.at(Time::ZERO).0.0 as f64) < 1.1 * limit {
            base.link = Link { latency: base.link.latency, ..Link::constant(Rate((2.0 * limit) as u64)) };
        }
        Ok(FitCase { trace, seen, sketched, base, top, changed, limited })
    }

    /// Whether the throttle was seen, so that slack may show.
    pub(super) fn throttled(&self) -> bool {
        self.trace.measured.throttle_max_pct > 0.0
    }

    /// Where each quantity of a shape is looked for, a writer's slack among them if so.
    pub(super) fn axes(&self, shape: WriteShape, slack: bool) -> Vec<SearchAxis> {
        let Reach { slow, fast, most } = self.seen.reach(!self.base.qemu.syncs_each_step());
        let room = (self.top.0 as f64).max(1.0);
        // No file may ask for a faster writer.
        let within = |rate: f64| rate.clamp(0.1, Workload::MOST_RATE.0);
        let mut axes = vec![
            SearchAxis::new(FitQuantity::Rate, within(0.5 * slow), within(8.0 * fast)),
            SearchAxis::new(FitQuantity::Region, (0.5 * most).min(room), room),
        ];
        if shape == WriteShape::HotCold {
            axes.push(SearchAxis::new(FitQuantity::Hot, HOT.0, HOT.1));
            axes.push(SearchAxis::new(FitQuantity::HotShare, HOT_SHARE.0, HOT_SHARE.1));
        }
        if slack {
            axes.push(SearchAxis::new(FitQuantity::Cpu, CPU, 1.0));
        }
        if let (false, Some(seen)) = (self.limited, self.seen.bandwidth()) {
            axes.push(SearchAxis::new(FitQuantity::Bandwidth, seen / LINK, seen * LINK));
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
        let (record, predicted) = predict(&until_seen(self.scenario(guess), &self.trace.measured));
        let Trace { name, measured, note, mut timeline, .. } = self.trace.clone();
        if self.glimpse().is_some() {
            // What was between is not known.
            timeline.rows.retain(|row| matches!(row.event, Event::Sample | Event::End));
        }
        Fitted { comparison: TraceComparison::between(name, measured, record, note), measured: timeline, predicted }
    }

    /// What was seen, if that was a few moments.
    pub(super) fn glimpse(&self) -> Option<&Glimpse> {
        match &self.seen {
            ClientSight::Glimpse(glimpse) => Some(glimpse),
            ClientSight::Log(_) => None,
        }
    }

    /// Whether nothing but the statistics says how guest, link and QEMU were configured.
    pub(super) fn is_sketched(&self) -> bool {
        self.sketched
    }

    /// How far a guess is from what was measured; of one that is farther off than `up_to`, no more than that it is.
    pub(super) fn misfit(&self, guess: &Guess, up_to: f64) -> FitMisfit {
        let measured = &self.trace.measured;
        let mut scenario = self.scenario(guess);
        // What came after the last look was not seen, and a hopeless guess need not be followed for longer than it takes to
        // see that.
        let patience = match &self.seen {
            ClientSight::Glimpse(glimpse) => Some(glimpse.until_ms()),
            ClientSight::Log(features) if measured.verdict.is_completed() => {
                Some(features.off_by(up_to).min(2.0 * measured.seen_ms))
            }
            ClientSight::Log(_) if !measured.verdict.is_over() => Some(measured.seen_ms),
            ClientSight::Log(_) => None,
        };
        if let Some(patience) = patience {
            scenario.limits.time = scenario.limits.time.min(Span::rounded_up(patience * 1e6));
        }
        let (record, timeline) = predict(&scenario);
        let misfit = match &self.seen {
            ClientSight::Glimpse(glimpse) => glimpse.misfit(&record, &timeline),
            ClientSight::Log(features) => features.misfit(&Features::of(&record, &timeline)),
        };
        FitMisfit { is_cut: misfit.sum > up_to && !record.verdict.is_completed(), ..misfit }
    }
}

impl ClientSight {
    /// Why nothing can be fitted to it.
    fn unfit(&self) -> Option<String> {
        match self {
            ClientSight::Glimpse(glimpse) => glimpse.unfit(),
            ClientSight::Log(features) => {
                let none = !features.syncs().iter().skip(1).any(|sync| sync.remaining.is_some());
                none.then(|| "no look fell between two syncs, so nothing was seen of what the guest writes".to_owned())
            }
        }
    }

    /// [bytes/s]
    fn bandwidth(&self) -> Option<f64> {
        match self {
            ClientSight::Glimpse(glimpse) => glimpse.bandwidth(),
            ClientSight::Log(features) => features.bandwidth(),
        }
    }

    /// Slowest and fastest guest of which a pass may have been, and the largest amount that was dirtied in one. Where a sync
    /// does not `begin` a pass, most of what is left after it may never have been sent, and the dirty rate alone tells.
    fn reach(&self, begin: bool) -> Reach {
        match self {
            ClientSight::Glimpse(glimpse) => {
                let stream = glimpse.bandwidth().unwrap_or(0.0) / PAGE_SIZE as f64;
                Reach { slow: glimpse.floor(), fast: glimpse.floor().max(stream), most: glimpse.pages().max(1.0) }
            }
            ClientSight::Log(features) => {
                let mut reach = Reach { slow: f64::INFINITY, fast: 0.0, most: 1.0 };
                for pair in features.syncs().windows(2) {
                    let (pages, ms) = match pair[1].remaining {
                        Some(left) if begin => (left / PAGE_SIZE as f64, pair[1].t_ms - pair[0].t_ms),
                        Some(_) if pair[1].dirty_rate > 0.0 => (pair[1].dirty_rate * RATE_PERIOD, 1e3 * RATE_PERIOD),
                        _ => continue,
                    };
                    let (pages, ms) = (pages.max(1.0), ms.max(1.0));
                    let rate = pages / ms * 1e3;
                    reach.slow = reach.slow.min(rate);
                    (reach.fast, reach.most) = (reach.fast.max(rate), reach.most.max(pages));
                }
                reach
            }
        }
    }
}

/// What a scenario predicts.
fn predict(scenario: &Scenario) -> (MigrationRecord, Timeline) {
    let (outcome, timeline) =
        sim::run_checked(scenario.trusted(), &Options { timeline: true, jump: false, ..Options::default() });
    (MigrationRecord::predicted(&outcome, &timeline), timeline)
}

/// Whether a workload writes anything.
fn writes(workload: &Workload) -> bool {
    workload.law != Law::Idle && (workload.rate.0 > 0.0 || workload.schedule != Default::default())
}
