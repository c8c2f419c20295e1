//! Rules of one's own that come with a scenario's texts, in the place of those that the texts name.

use crate::qemu::{OwnSwitchoverRule, OwnThrottleRule, Switchover};

use super::faults::Faults;
use super::tree::TextPlace;
use super::{Fault, Scenario};

/// Rules that are no text, for every scenario that is made of a [`Draft`](super::Draft) or a [`Template`](super::Template).
#[derive(Clone, Debug, Default)]
pub struct OwnRules {
    /// In the place of auto-converge's rule.
    pub throttle: Option<OwnThrottleRule>,
    /// In the place of QEMU's switchover.
    pub switchover: Option<OwnSwitchoverRule>,
}

impl OwnRules {
    /// Puts them in their place.
    pub fn put(&self, scenario: &mut Scenario) {
        if let Some(rule) = &self.throttle {
            scenario.qemu.throttle_rule = Some(rule.clone());
        }
        if let Some(rule) = &self.switchover {
            scenario.qemu.switchover = Switchover::Own(rule.clone());
        }
    }

    /// The scenario with the rules in their place; complains where they do not go with it.
    pub(super) fn over(&self, mut scenario: Scenario, faults: &mut Faults) -> Scenario {
        self.put(&mut scenario);
        for fault in self.faults(&scenario) {
            faults.error(&TextPlace::NOWHERE, fault.to_string(), "no rule can be asked there");
        }
        scenario
    }

    /// What keeps a scenario with the rules in it from being run; without rules its readers have said all.
    pub(super) fn faults(&self, scenario: &Scenario) -> Vec<Fault> {
        let has_rules = self.throttle.is_some() || self.switchover.is_some();
        if has_rules { scenario.faults() } else { Vec::new() }
    }
}
