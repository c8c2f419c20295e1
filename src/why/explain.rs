//! The guest that explains a log, and everything else as it was.

use super::evidence::Evidence;
use super::stream::{StreamBound, faster_link};
use super::{Cause, Hindrance};
use crate::compare::{Fate, LogGap, NoScenario, Trace};
use crate::fit;
use crate::guest::{Law, Workload};
use crate::link::Link;
use crate::qemu::Version;
use crate::scenario::Scenario;
use crate::sim::{self, Options, Outcome};
use crate::units::{Bytes, PAGE_SIZE, PageRate, Pages, Rate, Span};

/// The guest that explains a log.
#[derive(Clone, Debug)]
pub struct Explained {
    /// It, and everything else as it was.
    pub scenario: Scenario,
    /// Whether a search found it; else it follows from the dirty rate alone.
    pub fitted: bool,
    /// What comes of it in a simulation.
    pub as_is: Outcome,
}

/// Migrations simulated to find the guest.
const RUNS: usize = 90;
/// No more of a log is explained than this [ms], if it has as many syncs.
const LONGEST: f64 = 300_000.0;
const SYNCS: usize = 8;
/// Longest simulated migration [s], and how much longer than the log where no limit is known. By then a guest is in
/// the state that it stays in.
pub(super) const PATIENCE: f64 = 900.0;
const LONGER: f64 = 3.0;

/// The guest that explains a trace; `None` where RAM, bandwidth or dirty rate are not known.
pub(super) fn explain(
    trace: &Trace,
    evidence: &Evidence,
    cause: (Cause, Hindrance),
    bound: StreamBound,
) -> Option<Explained> {
    let bandwidth = evidence.bandwidth.filter(|rate| *rate >= 1.0)?;
    let mut base = base(trace, evidence, bandwidth)?;
    if cause.1 == Hindrance::SyncPerStep {
        base.qemu.version = Version::NEWEST;
        base.qemu.capabilities.postcopy_ram = true;
    }
    let fitted = fit_quickly(trace, &base);
    let is_fitted = fitted.is_some();
    let mut scenario = fitted.or_else(|| by_rate(&base, evidence))?;
    // As the stream was: a limit below a faster link, or the link.
    (scenario.link, scenario.qemu.params.max_bandwidth) = match bound {
        StreamBound::Cap(limit) => (Link::constant(Rate(faster_link(limit) as u64)), Rate(limit as u64)),
        _ => (Link::constant(Rate(bandwidth as u64)), Rate(0)),
    };
    let ended = matches!(cause.0, Cause::TimedOut | Cause::Stuck | Cause::Cancelled);
    let patience = if ended { evidence.seen_s.max(1.0) } else { (LONGER * evidence.seen_s).max(600.0) };
    scenario.limits.time = Span::rounded_up(patience.min(PATIENCE) * 1e9);
    let mut as_is = run(&scenario)?;
    // A log that ended without arriving is explained by no guest that arrives.
    for _ in 0..8 {
        if !(ended && Fate::from(as_is.verdict).is_completed()) {
            break;
        }
        scenario.guest.workloads.iter_mut().for_each(|workload| workload.rate.0 *= 1.25);
        as_is = run(&scenario)?;
    }
    Some(Explained { scenario, fitted: is_fitted, as_is })
}

/// What is known of guest, link and QEMU, with an idle guest.
fn base(trace: &Trace, evidence: &Evidence, bandwidth: f64) -> Option<Scenario> {
    let mut scenario = match &trace.scenario {
        Ok(scenario) => scenario.clone(),
        Err(NoScenario::Program(around)) => Scenario::clone(around),
        Err(_) => {
            let memory = evidence.memory_bytes.filter(|bytes| (1e6..7e13).contains(bytes))?;
            let link = Rate((bandwidth as u64).saturating_mul(2));
            let mut scenario = Scenario::new(Bytes(memory as u64), link, Version::new(8, 2));
            scenario.qemu.capabilities.auto_converge = evidence.throttle_max_pct > 0.0;
            scenario.qemu.params.max_bandwidth = Rate(bandwidth as u64);
            scenario
        }
    };
    scenario.qemu.params.downtime_limit = Span::from_ms(evidence.downtime_limit_ms.clamp(0.0, 2e6) as u64);
    Some(scenario)
}

/// The guest that a few simulated migrations find.
fn fit_quickly(trace: &Trace, base: &Scenario) -> Option<Scenario> {
    if [LogGap::Syncs, LogGap::Remaining, LogGap::DirtyRate].iter().any(|gap| trace.told.lacks(*gap)) {
        return None;
    }
    let syncs = &trace.measured.sync_times_ms;
    let cut = syncs.get(SYNCS).copied().unwrap_or(f64::INFINITY).max(LONGEST);
    let trace = trace.clone().until(cut).with_scenario(base.clone());
    fit::quick(trace, RUNS)
}

/// A guest that writes as fast as the log says, over as much as ever remained after the first pass, and more.
fn by_rate(base: &Scenario, evidence: &Evidence) -> Option<Scenario> {
    let pages = evidence.dirtied? / PAGE_SIZE as f64;
    let memory = base.guest.memory.0 as f64;
    let region = (2.0 * pages).max(1.5 * evidence.remaining_bytes.unwrap_or(0.0) / PAGE_SIZE as f64).clamp(1.0, memory);
    let mut scenario = base.clone();
    let room = Pages(region as u64);
    scenario.guest.workloads = vec![Workload::steady(Law::Uniform, room, PageRate(pages))];
    scenario.guest.zero = Pages(0);
    Some(scenario)
}

/// `None` for a scenario that is none.
pub(super) fn run(scenario: &Scenario) -> Option<Outcome> {
    sim::run(scenario, &Options::default()).ok().map(|(outcome, _)| outcome)
}
