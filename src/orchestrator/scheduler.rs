//! Who is migrated when, as a host is emptied (orchestrators 7).

use serde::Serialize;

use super::products::ovirt;
use super::stack::mib_per_s;
use crate::units::spelling::word_of;
use crate::units::{Rate, Span};

/// How a product, or its user, empties a host.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Scheduler {
    /// The product, as `kind` spells it.
    pub name: &'static str,
    /// Migrations at once, from one host.
    pub slots: u32,
    /// Migrations at once from all hosts of a cluster, where that is limited.
    pub per_cluster: Option<u32>,
    /// Migrations at once to one host, where that is limited.
    pub inbound: Option<u32>,
    /// Hosts that are emptied or upgraded at once.
    pub hosts: u32,
    /// Who comes first.
    pub order: QueueOrder,
    /// How the link is dealt out.
    pub bandwidth: LinkDivision,
    /// How often a guest that waits for a slot is looked at; zero: as soon as there is one [ns].
    pub requeue: Span,
    /// Times that a guest is tried.
    pub attempts: u32,
    /// Wait before the second attempt; twice as long before each further one [ns].
    pub back_off: Span,
}

/// Who comes first. Guests that are alike keep the order of the fleet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum QueueOrder {
    /// As the fleet lists them.
    AsGiven,
    /// The highest `priority`.
    Priority,
    /// The least RAM.
    SmallestFirst,
    /// The most RAM.
    LargestFirst,
    /// Whoever would take the shortest time with the link for itself.
    ShortestFirst,
    /// Whoever would take the longest time with the link for itself.
    LongestFirst,
    /// The fewest page writes a second.
    LowestRateFirst,
    /// The most page writes a second.
    HighestRateFirst,
}

impl QueueOrder {
    /// Every order and its word.
    pub const ALL: [(&'static str, QueueOrder); 8] = [
        ("as-given", QueueOrder::AsGiven),
        ("priority", QueueOrder::Priority),
        ("smallest-first", QueueOrder::SmallestFirst),
        ("largest-first", QueueOrder::LargestFirst),
        ("shortest-first", QueueOrder::ShortestFirst),
        ("longest-first", QueueOrder::LongestFirst),
        ("lowest-rate-first", QueueOrder::LowestRateFirst),
        ("highest-rate-first", QueueOrder::HighestRateFirst),
    ];

    /// Its word.
    pub fn as_str(self) -> &'static str {
        word_of(&QueueOrder::ALL, self)
    }
}

/// How the link is dealt out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkDivision {
    /// By nobody: whoever sends has an equal share.
    Fair,
    /// At most so much for each.
    Cap(Rate),
    /// The link divided by the number of slots, also where a slot is free.
    Split,
    /// `Split` in oVirt's whole numbers, in which a MB counts as a MiB (orchestrators 3.5).
    OvirtSplit,
}

impl LinkDivision {
    /// What a migration may have of a link with that many slots.
    pub fn cap(self, link: Rate, slots: u32) -> Option<Rate> {
        match self {
            LinkDivision::Fair => None,
            LinkDivision::Cap(rate) => Some(rate),
            LinkDivision::Split => Some(Rate(link.0 / u64::from(slots.max(1)))),
            LinkDivision::OvirtSplit => {
                let mib = ovirt::BandwidthAssignment::Auto.mib_per_s(link, u64::from(slots.max(1)));
                Some(mib_per_s(mib))
            }
        }
    }
}

impl Scheduler {
    /// So many at once, as the fleet lists them, each tried once.
    pub fn slots(slots: u32) -> Scheduler {
        Scheduler {
            name: "slots",
            slots,
            per_cluster: None,
            inbound: None,
            hosts: 1,
            order: QueueOrder::AsGiven,
            bandwidth: LinkDivision::Fair,
            requeue: Span::ZERO,
            attempts: 1,
            back_off: Span::ZERO,
        }
    }

    /// Nova: a pool for each source host; whoever fails stays until somebody asks again.
    pub fn nova() -> Scheduler {
        Scheduler { name: "nova", ..Scheduler::slots(1) }
    }

    /// oVirt: the policy's `maxMigrations` out of a host and into one, important guests first, the link divided. The engine
    /// reruns elsewhere; how often depends on the hosts there are, and 3 attempts stand in.
    pub fn ovirt(max_migrations: u32) -> Scheduler {
        Scheduler {
            name: "ovirt",
            inbound: Some(max_migrations),
            order: QueueOrder::Priority,
            bandwidth: LinkDivision::OvirtSplit,
            attempts: 3,
            ..Scheduler::slots(max_migrations)
        }
    }

    /// KubeVirt: the lower of both limits; waiting guests are looked at every 5 s, and those that failed wait 20 s, 40
    /// s, and so on. It never gives up; 3 attempts stand in.
    pub fn kubevirt(limits: &KubeVirtLimits) -> Scheduler {
        Scheduler {
            name: limits.name,
            per_cluster: Some(limits.per_cluster),
            order: QueueOrder::Priority,
            requeue: Span::from_ms(5000),
            attempts: 3,
            back_off: Span::from_ms(20_000),
            ..Scheduler::slots(limits.per_cluster.min(limits.outbound_per_node))
        }
    }

    /// Proxmox VE: so many workers; whoever fails is logged, and the next one comes.
    pub fn proxmox(max_workers: u32) -> Scheduler {
        Scheduler { name: "proxmox", ..Scheduler::slots(max_workers) }
    }

    /// vSphere: cost units of the host, the network's limit, and 250 Mbit/s for each at least.
    pub fn vsphere(limits: Vsphere, link: Rate) -> Scheduler {
        let by_units = limits.host_limit / limits.vmotion_cost.max(1);
        let by_network = limits.network_limit.unwrap_or(if link >= GBIT_10 { 8 } else { 4 });
        let by_share = u32::try_from(link.0 / LEAST_SHARE.0).unwrap_or(u32::MAX);
        let slots = by_units.min(by_network).min(by_share).max(1);
        // A host's units and its network count what comes as well as what goes.
        Scheduler { name: "vsphere", inbound: Some(slots), ..Scheduler::slots(slots) }
    }

    /// How long a guest waits that has failed so many times.
    pub fn wait_after(&self, failures: u32) -> Span {
        self.back_off * 2u64.saturating_pow(failures.saturating_sub(1))
    }
}

/// Limits of KubeVirt, or of a product that ships it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KubeVirtLimits {
    /// The product, as `kind` spells it.
    pub name: &'static str,
    /// `parallelMigrationsPerCluster`.
    pub per_cluster: u32,
    /// `parallelOutboundMigrationsPerNode`.
    pub outbound_per_node: u32,
}

impl KubeVirtLimits {
    /// KubeVirt's own.
    pub const KUBEVIRT: KubeVirtLimits = KubeVirtLimits { name: "kubevirt", per_cluster: 5, outbound_per_node: 2 };
    /// OpenShift Virtualization: those of its operator (kubevirt/hyperconverged-cluster-operator, 4 Aug 2026).
    pub const OPENSHIFT: KubeVirtLimits =
        KubeVirtLimits { name: "openshift", outbound_per_node: 1, ..KubeVirtLimits::KUBEVIRT };
    /// Harvester, whose chart sets none.
    pub const HARVESTER: KubeVirtLimits = KubeVirtLimits { name: "harvester", ..KubeVirtLimits::KUBEVIRT };
}

/// From here on the network's limit is 8.
const GBIT_10: Rate = Rate(1_250_000_000);
/// 250 Mbit/s.
const LEAST_SHARE: Rate = Rate(31_250_000);

/// vSphere's limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vsphere {
    /// Cost units of a host.
    pub host_limit: u32,
    /// Units of one migration.
    pub vmotion_cost: u32,
    /// Migrations on one network; by the link's speed if `None`.
    pub network_limit: Option<u32>,
}

impl Vsphere {
    /// As it is set where nobody changes it.
    pub const USUAL: Vsphere = Vsphere { host_limit: 16, vmotion_cost: 2, network_limit: None };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_doubles_with_each_failure() {
        let scheduler = Scheduler::kubevirt(&KubeVirtLimits::KUBEVIRT);
        assert_eq!(scheduler.slots, 2);
        assert_eq!([1, 2, 3].map(|failures| scheduler.wait_after(failures).seconds()), [20.0, 40.0, 80.0]);
        assert_eq!(Scheduler::nova().wait_after(7), Span::ZERO);
    }

    #[test]
    fn ovirt_splits_the_link_by_the_configured_maximum_and_a_little_more() {
        let cap = Scheduler::ovirt(2).bandwidth.cap(GBIT_10, 2);
        assert_eq!(cap, Some(Rate(625 << 20)));
        assert_eq!(LinkDivision::Split.cap(GBIT_10, 2), Some(Rate(625_000_000)));
    }

    #[test]
    fn vsphere_has_the_least_of_its_limits() {
        let slots = |limits, link: u64| Scheduler::vsphere(limits, Rate(link)).slots;
        let usual = Vsphere::USUAL;
        assert_eq!(slots(usual, 1_250_000_000), 8);
        assert_eq!(slots(usual, 125_000_000), 4);
        assert_eq!(slots(usual, 62_500_000), 2);
        assert_eq!(slots(usual, 1), 1);
        assert_eq!(slots(Vsphere { host_limit: 8, ..usual }, 1_250_000_000), 4);
        assert_eq!(slots(Vsphere { network_limit: Some(5), ..usual }, 1_250_000_000), 5);
    }
}
