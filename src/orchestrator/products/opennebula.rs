//! OpenNebula: `virsh migrate --live` with the options of `MIGRATE_OPTIONS` in its `kvmrc`, and those of a template's
//! `FEATURES`, all of which are options of virsh (OpenNebula/one `src/vmm_mad/remotes/kvm/migrate`, 20 Aug 2026).

use super::virsh::Virsh;
use crate::orchestrator::Distribution;

/// The driver for KVM.
pub struct OpenNebula;

impl Distribution for OpenNebula {
    type Of = Virsh;
    const NAME: &'static str = "opennebula";
}
