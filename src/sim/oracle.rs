//! The best moment for the switchover, in hindsight.

use std::sync::{Arc, Mutex, PoisonError};

use super::{Options, Outcome, Timeline};
use crate::qemu::{OwnSwitchoverRule, Switchover, SwitchoverRule, SwitchoverStep};
use crate::scenario::Scenario;
use crate::units::Bytes;

/// The question at which least was left so far, from 0, and how many there were.
#[derive(Clone, Copy, Debug, Default)]
struct Foreseen {
    asked: u64,
    best: Option<(Bytes, u64)>,
}

/// Never stops the guest, and notes when least was left.
#[derive(Debug)]
struct Foresight(Arc<Mutex<Foreseen>>);

impl SwitchoverRule for Foresight {
    fn switches_over(&self, step: &SwitchoverStep, _: &mut [f64; 4]) -> bool {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = step.sight.remaining;
        if seen.best.is_none_or(|(least, _)| left < least) {
            seen.best = Some((left, seen.asked));
        }
        seen.asked += 1;
        false
    }
}

/// Stops the guest when it is asked for the time of that number, from 0.
#[derive(Debug)]
struct AtQuestion(u64);

impl SwitchoverRule for AtQuestion {
    fn switches_over(&self, _: &SwitchoverStep, [asked, ..]: &mut [f64; 4]) -> bool {
        *asked += 1.0;
        *asked > self.0 as f64
    }
}

/// Runs a scenario whose switchover knows the future: once to its end, without a switchover as long as anything is left, and once
/// more with one where least was left. Of questions with the same, the first is taken.
pub(super) fn run(
    scenario: &Scenario,
    options: &Options,
    mut each: impl FnMut(&Scenario, &Options) -> (Outcome, Timeline),
) -> (Outcome, Timeline) {
    let seen = Arc::new(Mutex::new(Foreseen::default()));
    let mut ruled = scenario.clone();
    ruled.qemu.switchover = Switchover::Own(OwnSwitchoverRule::new(Foresight(seen.clone())));
    let first = each(&ruled, options);
    let best = seen.lock().unwrap_or_else(PoisonError::into_inner).best;
    // Nothing at all was left, or the guest could never have been stopped.
    if first.0.verdict.is_completed() || options.is_stopped() {
        return first;
    }
    let Some((_, best)) = best else { return first };
    ruled.qemu.switchover = Switchover::Own(OwnSwitchoverRule::new(AtQuestion(best)));
    each(&ruled, options)
}
