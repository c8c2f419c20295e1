//! Whether a scenario can be run, by its values alone: the answer for whoever makes one in Rust.
//!
//! The readers of a file complain about the same values with their place in the text; what they have let through is held
//! against this check as well.

mod fault;
mod guest;
mod qemu;

pub use fault::{Fault, InvalidScenario, Wrong};

use std::ops::Deref;

use crate::link::{Jitter, Link};
use crate::orchestrator::Policy;
use crate::qemu::Switchover;
use crate::units::{Spread, SpreadLaw};

use super::keys::{self, BANDWIDTH};
use super::{At, Fleet, Scenario, When};
use fault::Findings;

/// A scenario that has passed its check, for as many runs as are wanted.
#[derive(Clone, Copy, Debug)]
pub struct CheckedScenario<'s>(&'s Scenario);

impl<'s> CheckedScenario<'s> {
    /// The scenario, for as long as it lasts.
    pub fn get(self) -> &'s Scenario {
        self.0
    }
}

impl Deref for CheckedScenario<'_> {
    type Target = Scenario;

    fn deref(&self) -> &Scenario {
        self.0
    }
}

impl Scenario {
    /// Everything that keeps it from being run; empty if nothing does.
    pub fn faults(&self) -> Vec<Fault> {
        let mut found = Findings::default();
        guest::check(&self.guest, &mut found);
        link(&self.link, &mut found);
        qemu::check(&self.qemu, &mut found);
        if let Some(policy) = &self.orchestrator {
            orchestrator(policy, &mut found);
            found.unless(!(policy.decides_switchover && self.qemu.switchover.own().is_some()), || {
                let why = "the orchestrator stops the guest itself, and no rule is asked";
                Wrong::Conflict { other: "orchestrator".to_owned(), why }.of("policy.switchover")
            });
        }
        at(&self.at, &mut found);
        found.key(&keys::LIMITS_TIME, self.limits.time);
        found.0
    }

    /// Checks it, once for all runs.
    ///
    /// # Errors
    /// All of its [faults](Scenario::faults).
    pub fn check(&self) -> Result<CheckedScenario<'_>, InvalidScenario> {
        InvalidScenario::unless_empty(self.faults()).map(|()| CheckedScenario(self))
    }

    /// What was read from a text, whose readers have checked it, or drawn from such a scenario.
    #[cfg(feature = "program")]
    pub(crate) fn trusted(&self) -> CheckedScenario<'_> {
        CheckedScenario(self)
    }
}

impl Fleet {
    /// Whether each of its guests can be moved.
    ///
    /// # Errors
    /// All faults, of a guest with its place among the guests before the key.
    pub fn check(&self) -> Result<(), InvalidScenario> {
        let mut found = Findings::default();
        link(&self.link, &mut found);
        for (index, guest) in self.guests.iter().enumerate() {
            let faults = guest.scenario.faults().into_iter();
            found.0.extend(faults.map(|fault| Fault { key: format!("vm.{index}.{}", fault.key), ..fault }));
            found.unless(!matches!(guest.scenario.qemu.switchover, Switchover::Oracle), || {
                let why = "guests that share a link have no future of their own";
                Wrong::Conflict { other: "link".to_owned(), why }.of(format!("vm.{index}.policy.switchover"))
            });
        }
        InvalidScenario::unless_empty(found.0)
    }
}

/// A link has a rate at every time, and it is never zero: nothing could ever be sent.
fn link(link: &Link, found: &mut Findings) {
    let step = |index: usize, part: &str| format!("link.bandwidth.{index}.{part}");
    found.unless(!link.steps.is_empty(), || Wrong::Empty.of("link.bandwidth"));
    for (index, (from, rate)) in link.steps.iter().enumerate() {
        let is_in_order = match index {
            0 => from.0 == 0,
            _ => link.steps[index - 1].0 < *from,
        };
        found.unless(is_in_order, || Wrong::Unordered.of(step(index, "0")));
        let key = || if link.steps.len() == 1 { "link.bandwidth".to_owned() } else { step(index, "1") };
        found.row(&BANDWIDTH, *rate, key);
    }
    found.key(&keys::LATENCY, link.latency);
    if let Some(varies) = &link.spread {
        spread(varies, found, || "link.spread.deviation".to_owned());
    }
    if let Some(Jitter { spread: varies, every }) = &link.jitter {
        spread(varies, found, || "link.jitter.deviation".to_owned());
        found.key(&keys::JITTER_EVERY, *every);
    }
}

/// A spread varies something, by a law that has such a deviation.
fn spread(spread: &Spread, found: &mut Findings, key: impl Fn() -> String) {
    let deviation = spread.deviation.0;
    let most = 1.0;
    let least = if spread.law == SpreadLaw::Exponential { most } else { f64::MIN_POSITIVE };
    found.number(deviation, (least, most), key);
}

/// A policy looks again and again, and its rules hang on earlier ones only.
fn orchestrator(policy: &Policy, found: &mut Findings) {
    found.key(&keys::POLL, policy.poll.period);
    for (index, rule) in policy.rules.iter().enumerate() {
        let key = |name: &str| format!("orchestrator.rule.{index}.{name}");
        for condition in &rule.when {
            found.number(condition.value, (f64::MIN, f64::MAX), || key("when"));
        }
        let is_before = rule.after.is_none_or(|after| after < index);
        found.unless(is_before, || Wrong::Unordered.of(key("after")));
    }
}

/// Commands follow one another in time, and passes are counted from one.
fn at(commands: &[At], found: &mut Findings) {
    let key = |index: usize, name: &str| format!("at.{index}.{name}");
    let mut last = None;
    for (index, command) in commands.iter().enumerate() {
        match command.when {
            When::Time(time) => {
                found.unless(last.is_none_or(|last| last <= time), || Wrong::Unordered.of(key(index, "time")));
                last = Some(time);
            }
            When::Pass(pass) => found.within(pass, (1, u64::MAX), || key(index, "after-pass")),
        }
    }
}
