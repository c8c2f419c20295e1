//! Harvester: KubeVirt, of whose migrations its chart sets nothing (harvester/harvester
//! `deploy/charts/harvester/values.yaml` of 1.7, with KubeVirt 1.6.3).

use super::kubevirt::KubeVirt;
use crate::orchestrator::Distribution;

/// The distribution.
pub struct Harvester;

impl Distribution for Harvester {
    type Of = KubeVirt;
    const NAME: &'static str = "harvester";
}
