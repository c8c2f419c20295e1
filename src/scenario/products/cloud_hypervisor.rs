//! `kind = "cloud-hypervisor"`: its stop rule.

use crate::orchestrator::cloud_hypervisor::{CloudHypervisor, TimeoutStrategy};
use crate::orchestrator::{Policy, Stack};
use crate::units::Span;

use super::{Section, channels, set, whole};

const STRATEGIES: [(&str, TimeoutStrategy); 2] =
    [("cancel", TimeoutStrategy::Cancel), ("ignore", TimeoutStrategy::Ignore)];

pub(super) fn read(section: &mut Section) -> (Policy, Stack) {
    let mut hypervisor = CloudHypervisor::default();
    if let Some(ms) = whole(section, "downtime_ms", 1) {
        hypervisor.downtime = Span::from_ms(ms);
    }
    set(&mut hypervisor.timeout_s, whole(section, "timeout_s", 1));
    if let Some(strategy) = section.choice("timeout_strategy", &STRATEGIES, &[]) {
        hypervisor.timeout_strategy = strategy.value;
    }
    if let Some(connections) = channels(section, "connections", 1) {
        hypervisor.connections = connections;
    }
    (hypervisor.policy(), hypervisor.stack())
}
