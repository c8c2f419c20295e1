//! What a product switches on when it starts a migration.

use serde::Serialize;

use crate::units::{Bytes, Rate};

/// Who talks to QEMU.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layer {
    /// The product itself, or the operator by hand.
    #[default]
    Qemu,
    /// libvirt, which sets some things by itself (orchestrators 2.2).
    Libvirt,
    /// Another hypervisor: of QEMU only the copying is taken.
    Other,
}

/// Capabilities and parameters at the start; `None` leaves them as `[qemu]` has them.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Stack {
    /// Who talks to QEMU.
    pub layer: Layer,
    /// `auto-converge`.
    pub auto_converge: Option<bool>,
    /// `cpu-throttle-initial` [%].
    pub cpu_throttle_initial: Option<u8>,
    /// `cpu-throttle-increment` [%].
    pub cpu_throttle_increment: Option<u8>,
    /// `postcopy-ram`.
    pub postcopy_ram: Option<bool>,
    /// `return-path`, where the release has it.
    pub return_path: Option<bool>,
    /// `xbzrle`.
    pub xbzrle: Option<bool>,
    /// `xbzrle-cache-size`.
    pub xbzrle_cache_size: Option<Bytes>,
    /// `compress`.
    pub compress: Option<bool>,
    /// `multifd`, and how many channels; 0: off.
    pub multifd_channels: Option<u8>,
    /// `zero-copy-send`.
    pub zero_copy_send: Option<bool>,
    /// `max-bandwidth`; zero: no limit.
    pub max_bandwidth: Option<Rate>,
    /// `max-postcopy-bandwidth`; zero: no limit.
    pub max_postcopy_bandwidth: Option<Rate>,
}

impl Stack {
    /// Another hypervisor: none of QEMU's own levers, and no limit of the bandwidth.
    pub fn other() -> Stack {
        Stack { layer: Layer::Other, return_path: None, ..Stack::libvirt() }
    }

    /// What libvirt does for everybody above it: the return path, no limit of the bandwidth unless one is asked for, and
    /// nothing else switched on that was not asked for. Its `pause-before-switchover` is not modelled.
    pub fn libvirt() -> Stack {
        Stack {
            layer: Layer::Libvirt,
            auto_converge: Some(false),
            postcopy_ram: Some(false),
            return_path: Some(true),
            xbzrle: Some(false),
            compress: Some(false),
            multifd_channels: Some(0),
            zero_copy_send: Some(false),
            max_bandwidth: Some(Rate(0)),
            ..Stack::default()
        }
    }
}

/// MiB/s as every tool above QEMU counts bandwidth; 0: no limit.
pub fn mib_per_s(mib: u64) -> Rate {
    Rate(mib.saturating_mul(1 << 20))
}
