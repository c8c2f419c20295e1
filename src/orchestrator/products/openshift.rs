//! OpenShift Virtualization: KubeVirt with the defaults of its operator (kubevirt/hyperconverged-cluster-operator
//! `api/v1beta1/hyperconverged_types.go`, as merged on 4 Aug 2026).

use super::kubevirt::KubeVirt;
use crate::orchestrator::Distribution;

/// The distribution.
pub struct OpenShift;

impl Distribution for OpenShift {
    type Of = KubeVirt;
    const NAME: &'static str = "openshift";

    fn defaults() -> KubeVirt {
        KubeVirt { completion_timeout_per_gib: Some(20), progress_timeout: 150, ..KubeVirt::default() }
    }
}
