//! Limits that grow with the guest: each product has a size of its own.

use crate::units::Bytes;

/// Nova's: GiB with their fraction, at least 2 for the memory and for each disk that is copied (orchestrators 1.2).
pub fn nova_gb(memory: Bytes, disks: &[Bytes]) -> f64 {
    disks.iter().chain([&memory]).map(|bytes| bytes.gib().max(2.0)).sum()
}

/// KubeVirt's: whole decimal GB, rounded up, although the option is named after GiB (orchestrators 4.1).
pub fn kubevirt_units(bytes: Bytes) -> u64 {
    bytes.0.div_ceil(1_000_000_000)
}

/// Seconds for each unit of the size, cut to whole ones.
pub fn scaled_s(per_unit: u64, units: f64) -> u64 {
    (per_unit as f64 * units) as u64
}
