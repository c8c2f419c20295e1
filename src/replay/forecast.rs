//! How a migration that is under way will end.

use std::fmt::Write as _;

use super::curve;
use super::history::{JobHistory, total};
use super::host::Domain;
use super::remedy::{self, Remedy};
use crate::qemu::Version;
use crate::scenario::{Input, Scenario};
use crate::sim::{self, Options, Outcome, Verdict};
use crate::uncertain::LikelyRange;
use crate::units::{PAGE_SIZE, Span};

/// What can be said of a migration's end.
#[derive(Clone, Debug, PartialEq)]
pub enum Outlook {
    /// Nothing before the first pass is over: at most that long from now, if the bandwidth is known.
    FirstPass(Option<Span>),
    /// Nothing is dirtied any more at the source: what remains takes so long.
    Draining(Option<Span>),
    /// How it will go on.
    Forecast(Box<Forecast>),
}

/// What is expected.
#[derive(Clone, Debug, PartialEq)]
pub struct Forecast {
    /// The whole migration. Its total time counts as libvirt's `time_elapsed`.
    pub outcome: Outcome,
    /// How it may end, as the guest may write faster or slower from now on.
    pub likely: Option<LikelyRange>,
    /// What would change that.
    pub remedies: Vec<Remedy>,
}

/// In two cases of three a guest that is watched writes no more than so many times faster or slower until the end.
const CHANGE: f64 = 1.2;

/// Looks ahead from what was seen. `known` is what is known of QEMU's levers and limits.
pub fn outlook(domain: &Domain, history: &JobHistory, known: Option<&Scenario>) -> Outlook {
    let job = &history.last().job;
    let rest = || history.bps().map(|bps| Span::rounded_up(job.memory_remaining.0 as f64 / bps as f64 * 1e9));
    if job.post_copy || domain.state == "paused" {
        return Outlook::Draining(rest());
    }
    if job.memory_iteration < 2 {
        return Outlook::FirstPass(rest());
    }
    match scenario(domain, history, known) {
        Some(scenario) => Outlook::Forecast(Box::new(forecast(&scenario, history))),
        None => Outlook::Draining(rest()),
    }
}

fn forecast(scenario: &Scenario, history: &JobHistory) -> Forecast {
    let (mut outcome, timeline) =
        sim::run_checked(scenario.trusted(), &Options { timeline: true, ..Options::default() });
    let passed = total(&outcome, &timeline, history) - outcome.total_time_ms;
    outcome.total_time_ms += passed;
    let likely = LikelyRange::within(CHANGE, scenario, &outcome, &Options::default());
    let likely = likely.map(|likely| likely.later(passed));
    let remedies = match outcome.verdict {
        Verdict::NotConverged => remedy::remedies(scenario, history),
        _ => Vec::new(),
    };
    Forecast { outcome, likely, remedies }
}

/// The migration as it looks, as a scenario; `None` where nothing is dirtied.
pub(super) fn scenario(domain: &Domain, history: &JobHistory, known: Option<&Scenario>) -> Option<Scenario> {
    let bps = history.bps()?;
    let pages = (domain.memory.0 / PAGE_SIZE).max(1);
    let zero = history.zero_pages().min(pages);
    let curve = curve::through(history.points(), pages - zero);
    let most = curve.iter().map(|(_, pages)| *pages).max()?;
    // As much as is not zero can be written to, and at least what was.
    let region = (pages - zero).max(most).min(pages);
    let zero = zero.min(pages - region);
    let points: Vec<String> =
        curve.iter().map(|(time, pages)| format!("[\"{} ns\", \"{} pages\"]", time.0, (*pages).min(region))).collect();
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write!(
        text,
        "[guest]\nmemory = \"{} B\"\nvcpus = {}\nzero = \"{zero} pages\"\n[[guest.workload]]\nkind = \"curve\"\n\
         region = \"{region} pages\"\npoints = [{}]\n[link]\nbandwidth = \"{bps} B/s\"\n[qemu]\nversion = \"{}\"\n\
         max-bandwidth = 0\n",
        pages * PAGE_SIZE,
        domain.vcpus.max(1),
        points.join(", "),
        version(domain.qemu),
    );
    let mut scenario = Input::new("forecast", &text, &[]).ok()?.load().ok()?.scenario;
    if let Some((initial, increment)) = throttle(history.throttles()) {
        scenario.qemu.capabilities.auto_converge = true;
        scenario.qemu.params.cpu_throttle_initial = initial;
        scenario.qemu.params.cpu_throttle_increment = increment;
    }
    if let Some(known) = known {
        scenario.qemu = known.qemu.clone();
        scenario.orchestrator.clone_from(&known.orchestrator);
        scenario.limits = known.limits.clone();
    }
    if let (Some(limit), None) = (domain.downtime_limit, &scenario.orchestrator) {
        scenario.qemu.params.downtime_limit = limit;
    }
    Some(scenario)
}

/// First step and increment of a throttle that was seen. Where its beginning was not, QEMU's defaults stand for what is
/// not known.
fn throttle(seen: &[u8]) -> Option<(u8, u8)> {
    let steps: Vec<u8> = seen.iter().copied().filter(|pct| *pct > 0).collect();
    let first = *steps.first()?;
    let initial = if seen.first() == Some(&0) { first } else { first.min(20) };
    let increment = steps.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).find(|step| *step > 0).unwrap_or(10);
    Some((initial.clamp(1, 99), increment.clamp(1, 99)))
}

/// The host's release, or the one next to it that is known.
fn version((major, minor): (u32, u32)) -> Version {
    let found = Version::all().filter(|version| (u32::from(version.major), u32::from(version.minor)) <= (major, minor));
    found.last().unwrap_or(Version::OLDEST)
}
