//! Whether a verdict hangs on a constant of the host that nobody measured.

use std::cell::RefCell;
use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::qemu::{HOST_CONSTANTS, HostConstant};
use crate::scenario::{Draft, Scenario, Setting};
use crate::sim::{self, Memory, Options, Outcome, Verdict};
use crate::uncertain::MOST_SYNCS;

use super::by::By;
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

impl HostHinge {
    /// All constants that the scenario leaves open and on which the verdict of `outcome` hangs, in the order of
    /// [`HOST_CONSTANTS`]. Runs are those of the expected memory, with the seed of `options`; none are made for a migration so
    /// long that they would be noticed. Of an outcome of the exact memory nothing is said where the expected memory has another
    /// verdict, since an edge of the one is none of the other.
    pub fn all(draft: &Draft, scenario: &Scenario, outcome: &Outcome, options: &Options) -> Vec<HostHinge> {
        if outcome.dirty_sync_count > MOST_SYNCS {
            return Vec::new();
        }
        let is_exact = options.memory == Memory::Exact;
        let options = Options { timeline: false, watch: None, memory: Memory::Expected, ..options.clone() };
        let probe = |settings: &[Setting]| -> Option<Verdict> {
            let loaded = draft.load(settings).ok()?;
            Some(sim::run_checked(loaded.scenario.drawn(options.seed).trusted(), &options).0.verdict)
        };
        if is_exact && probe(&[]) != Some(outcome.verdict) {
            return Vec::new();
        }
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
        probe: &(impl Fn(&[Setting]) -> Option<Verdict> + Sync),
    ) -> Vec<HostHinge> {
        let (low, high) = constant.range;
        let text = format!("{}={low}..{high}", constant.key);
        // Ranges are written as people write those of `--by`.
        let Some(ladder) = By::parse(&text).ok().and_then(|by| by.ladder) else { return Vec::new() };
        let Some(last) = ladder.rungs.len().checked_sub(1) else { return Vec::new() };
        // An edge that the search has looked at is not run again for its verdict.
        let seen = RefCell::new(BTreeMap::new());
        let verdict = |at: usize| -> Verdict {
            let known = seen.borrow().get(&at).copied();
            known.unwrap_or_else(|| {
                let found = probe(&ladder.rungs[at].settings).unwrap_or(now);
                seen.borrow_mut().insert(at, found);
                found
            })
        };
        let hinge = |at: usize, is_above| HostHinge {
            constant,
            edge: ladder.rungs[at].value.clone(),
            is_above,
            verdict: verdict(at),
        };
        // From here on the verdict is that of what was taken.
        let from = if verdict(0) == now { 0 } else { halve(0, last, |at| verdict(at) == now) };
        let below = from.checked_sub(1).map(|at| hinge(at, false));
        let above = (verdict(last) != now).then(|| halve(from, last, |at| verdict(at) != now));
        below.into_iter().chain(above.map(|at| hinge(at, true))).collect()
    }
}
