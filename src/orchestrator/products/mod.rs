//! The products, one file each: options, what they switch on, what they do.

pub mod cloud_hypervisor;
pub mod cloudstack;
pub mod ganeti;
pub mod harvester;
pub mod incus;
pub mod kubevirt;
pub mod lxd;
pub mod nova;
pub mod opennebula;
pub mod openshift;
pub mod ovirt;
pub mod pacemaker;
pub mod proxmox;
pub mod virsh;
#[cfg(test)]
#[allow(unreachable_pub)] // The rows of a product are public, and nothing reaches an example.
#[path = "../../../docs/adding/orchestrator.rs"]
mod worked_example;
pub mod xen;

use super::Product;

/// Every product.
pub static PRODUCTS: &[Product] = &[
    Product::of::<nova::Nova>(),
    Product::of::<virsh::Virsh>(),
    Product::of::<ovirt::Cluster>(),
    Product::of::<kubevirt::KubeVirt>(),
    Product::of::<openshift::OpenShift>(),
    Product::of::<harvester::Harvester>(),
    Product::of::<proxmox::Proxmox>(),
    Product::of::<cloudstack::CloudStack>(),
    Product::of::<ganeti::Ganeti>(),
    Product::of::<opennebula::OpenNebula>(),
    Product::of::<incus::Incus>(),
    Product::of::<lxd::Lxd>(),
    Product::of::<pacemaker::VirtualDomain>(),
    Product::of::<xen::Xen>(),
    Product::of::<cloud_hypervisor::CloudHypervisor>(),
];
