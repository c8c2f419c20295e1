//! Rules and orders of writes of one's own that come with a scenario's texts, in the place of those that the texts name.

use crate::guest::{Law, OpenOrder};
use crate::qemu::{OwnSwitchoverRule, OwnThrottleRule, Switchover};

use super::faults::Faults;
use super::tree::TextPlace;
use super::{Fault, Scenario, Wrong};

/// Rules and orders that are no text, for every scenario that is made of a [`Draft`](super::Draft) or a [`Template`](super::Template).
#[derive(Clone, Debug, Default)]
pub struct OwnRules {
    /// In the place of auto-converge's rule.
    pub throttle: Option<OwnThrottleRule>,
    /// In the place of QEMU's switchover.
    pub switchover: Option<OwnSwitchoverRule>,
    /// In the place of the order in which a workload writes, by its number among those of the guest, from 0 on.
    pub orders: Vec<(usize, OpenOrder)>,
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
        for (index, order) in &self.orders {
            if let Some(workload) =
                scenario.guest.workloads.get_mut(*index).filter(|workload| workload.law != Law::Idle)
            {
                workload.law = Law::Own(order.over(workload.region));
            }
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
    pub fn faults(&self, scenario: &Scenario) -> Vec<Fault> {
        let workloads = &scenario.guest.workloads;
        let writes = |index: usize| workloads.get(index).is_some_and(|workload| workload.law != Law::Idle);
        let no_writer = |(index, _): &(usize, OpenOrder)| Fault {
            key: format!("guest.workload.{index}"),
            why: Wrong::NoWriter(workloads.len()),
        };
        let lone = self.orders.iter().filter(|(index, _)| !writes(*index)).map(no_writer);
        let has_rules = self.throttle.is_some() || self.switchover.is_some() || !self.orders.is_empty();
        lone.chain(if has_rules { scenario.faults() } else { Vec::new() }).collect()
    }
}
