//! Whether a verdict hangs on a constant of the host that nobody measured.

use rayon::prelude::*;

use crate::qemu::{HOST_CONSTANTS, HostConstant};
use crate::scenario::{Draft, Scenario, Setting};
use crate::sim::{self, Memory, Options, Outcome, Verdict};

use super::by::By;
use super::ladder::Rung;
use super::search::halve;

/// A constant of the host for which the verdict is another one within its published range.
#[derive(Clone, Debug, PartialEq)]
pub struct HostHinge {
    /// The constant.
    pub constant: &'static HostConstant,
    /// The first value with the other verdict, coming from what was taken.
    pub edge: String,
    /// Whether it lies above what was taken.
    pub is_above: bool,
    /// The other verdict.
    pub verdict: Verdict,
}

/// Syncs of a migration that is run again some dozens of times without being noticed.
pub(super) const MOST_SYNCS: u64 = 20_000;

impl HostHinge {
    /// All constants that the scenario leaves open and on which the verdict of `outcome` hangs, in the order of
    /// [`HOST_CONSTANTS`]. Runs are those of the expected memory, with the first seed; none are made for a migration so long
    /// that they would be noticed.
    pub fn all(draft: &Draft, scenario: &Scenario, outcome: &Outcome, options: &Options) -> Vec<HostHinge> {
        if outcome.dirty_sync_count > MOST_SYNCS || options.memory == Memory::Exact {
            return Vec::new();
        }
        let options = Options { timeline: false, watch: None, ..options.clone() };
        let probe = |setting: &Setting| -> Option<Verdict> {
            let loaded = draft.load(std::slice::from_ref(setting)).ok()?;
            Some(sim::run_checked(loaded.scenario.drawn(options.seed).trusted(), &options).0.verdict)
        };
        let is_open = |constant: &&HostConstant| scenario.assumed.iter().any(|open| open.is_said_by(constant.key));
        HOST_CONSTANTS
            .par_iter()
            .filter(is_open)
            .flat_map_iter(|constant| HostHinge::of(constant, outcome.verdict, &probe))
            .collect()
    }

    /// Where a constant's range has another verdict, downwards and upwards.
    fn of(
        constant: &'static HostConstant,
        now: Verdict,
        probe: &(impl Fn(&Setting) -> Option<Verdict> + Sync),
    ) -> Vec<HostHinge> {
        let (low, high) = constant.range;
        let text = format!("{}={low}..{high}", constant.key);
        // Ranges are written as people write those of `--by`.
        let Some(ladder) = By::parse(&text).ok().and_then(|by| by.ladder) else { return Vec::new() };
        let verdict = |rung: &Rung| rung.settings.first().and_then(probe).unwrap_or(now);
        let Some((first, last)) = ladder.rungs.first().zip(ladder.rungs.last()) else { return Vec::new() };
        let count = ladder.rungs.len();
        let hinge = |at: usize, is_above| HostHinge {
            constant,
            edge: ladder.rungs[at].value.clone(),
            is_above,
            verdict: verdict(&ladder.rungs[at]),
        };
        // From here on the verdict is that of what was taken.
        let from = if verdict(first) == now { 0 } else { halve(0, count - 1, |at| verdict(&ladder.rungs[at]) == now) };
        let below = from.checked_sub(1).map(|at| hinge(at, false));
        let above = (verdict(last) != now).then(|| halve(from, count - 1, |at| verdict(&ladder.rungs[at]) != now));
        below.into_iter().chain(above.map(|at| hinge(at, true))).collect()
    }
}
