//! How a migration that is under way will end.

use std::fmt::Write as _;

use super::history::History;
use super::host::Domain;
use crate::qemu::Version;
use crate::scenario::{Input, Scenario};
use crate::sim::{self, Options, Outcome, Verdict};
use crate::units::{Rate, Span};

/// What is expected.
#[derive(Clone, Debug, PartialEq)]
pub struct Forecast {
    /// The whole migration, from its start.
    pub outcome: Outcome,
    /// What would change that.
    pub remedies: Vec<Remedy>,
}

/// A change that an operator can make while it runs, or at the next try.
#[derive(Clone, Debug, PartialEq)]
pub enum Remedy {
    /// `downtime-limit`, now.
    Downtime(Span),
    /// That much bandwidth.
    Bandwidth(Rate),
    /// Auto-converge, which has to be on from the start; the throttle that it takes [%].
    AutoConverge(f64),
}

/// Ends are tried up to this limit of the downtime.
const LONGEST: Span = Span::from_ms(60_000);
/// Ends are tried up to so many times the bandwidth.
const WIDEST: u64 = 64;

/// Forecasts from what was seen; `None` before two passes were begun. `known` is what is known of QEMU and its limits.
pub fn forecast(domain: &Domain, history: &History, known: Option<&Scenario>) -> Option<Forecast> {
    let scenario = scenario(domain, history, known)?;
    let (outcome, _) = sim::run(&scenario, &Options::default());
    let remedies = if outcome.verdict == Verdict::NotConverged { remedies(&scenario) } else { Vec::new() };
    Some(Forecast { outcome, remedies })
}

/// The migration as it looks, as a scenario.
pub fn scenario(domain: &Domain, history: &History, known: Option<&Scenario>) -> Option<Scenario> {
    let curve = history.curve();
    let (bps, seen) = (history.bps()?, history.last());
    if seen.job.memory_iteration < 2 || curve.is_empty() {
        return None;
    }
    let pages = (domain.memory.0 / 4096).max(1);
    let zero = history.zero_pages().min(pages);
    let most = curve.iter().map(|(_, pages)| *pages).max().unwrap_or(0);
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
        pages * 4096,
        domain.vcpus.max(1),
        points.join(", "),
        version(domain.qemu),
    );
    if let Some(first) = history.throttles().first() {
        let _ = writeln!(text, "auto-converge = true\ncpu-throttle-initial = {}", first.clamp(&1, &99));
        if let [first, second, ..] = history.throttles() {
            let _ = writeln!(text, "cpu-throttle-increment = {}", second.saturating_sub(*first).clamp(1, 99));
        }
    }
    let mut scenario = Input::new("forecast", &text, &[]).ok()?.load().ok()?.scenario;
    if let Some(known) = known {
        scenario.qemu = known.qemu.clone();
        scenario.orchestrator.clone_from(&known.orchestrator);
        scenario.limits = known.limits.clone();
    }
    Some(scenario)
}

/// The host's release, or the one next to it that is known.
fn version((major, minor): (u32, u32)) -> Version {
    let found = Version::all().filter(|version| (u32::from(version.major), u32::from(version.minor)) <= (major, minor));
    found.last().unwrap_or(Version::OLDEST)
}

/// The least changes that let it converge.
fn remedies(scenario: &Scenario) -> Vec<Remedy> {
    let converges = |change: &dyn Fn(&mut Scenario)| {
        let mut changed = scenario.clone();
        change(&mut changed);
        let (outcome, _) = sim::run(&changed, &Options::default());
        (outcome.verdict == Verdict::Converged).then_some(outcome)
    };
    let downtime = least(scenario.qemu.params.downtime_limit.whole_ms() + 1, LONGEST.whole_ms(), |ms| {
        converges(&|changed| changed.qemu.params.downtime_limit = Span::from_ms(ms)).is_some()
    });
    let link = scenario.link.at(crate::units::Time::ZERO).0.0;
    let bandwidth = least(link + 1, link.saturating_mul(WIDEST), |bps| {
        converges(&|changed| changed.link.steps = vec![(crate::units::Time::ZERO, Rate(bps))]).is_some()
    });
    let mut remedies: Vec<Remedy> = downtime.map(|ms| Remedy::Downtime(Span::from_ms(ms))).into_iter().collect();
    remedies.extend(bandwidth.map(|bps| Remedy::Bandwidth(Rate(bps))));
    if !scenario.qemu.capabilities.auto_converge
        && let Some(outcome) = converges(&|changed| changed.qemu.capabilities.auto_converge = true)
    {
        remedies.push(Remedy::AutoConverge(outcome.throttle_max_pct));
    }
    remedies
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
