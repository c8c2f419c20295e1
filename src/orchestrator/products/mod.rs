//! The products, one file each: options, what they switch on, what they do.

pub mod cloud_hypervisor;
pub mod cloudstack;
pub mod ganeti;
pub mod kubevirt;
pub mod nova;
pub mod ovirt;
pub mod proxmox;
pub mod virsh;
#[cfg(test)]
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
    Product::of::<proxmox::Proxmox>(),
    Product::of::<cloudstack::CloudStack>(),
    Product::of::<ganeti::Ganeti>(),
    Product::of::<xen::Xen>(),
    Product::of::<cloud_hypervisor::CloudHypervisor>(),
];
