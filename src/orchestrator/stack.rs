//! What a product switches on when it starts a migration.

use serde::Serialize;

use super::option::{OptionType, OptionValue};
use crate::units::Rate;

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

/// What everything goes through between the hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tunnel {
    /// No tunnel: QEMU's own connections.
    Direct,
    /// ssh.
    Ssh,
    /// libvirt's own connection.
    Libvirt,
}

/// An option of QEMU that is set at the start.
#[derive(Clone, Debug, PartialEq)]
pub struct Set {
    /// QEMU's own spelling.
    pub option: &'static str,
    /// Its value.
    pub value: OptionValue,
    /// Left out where the release does not have it, or refuses it beside the others.
    pub is_wish: bool,
}

/// Capabilities and parameters at the start; the others stay as `[qemu]` has them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stack {
    /// Who talks to QEMU.
    pub layer: Layer,
    /// What is set, each option once.
    pub sets: Vec<Set>,
    /// What everything goes through; `None`: as `[qemu]` has it.
    pub tunnel: Option<Tunnel>,
}

impl Stack {
    /// Another hypervisor: none of QEMU's own levers, and no limit of the bandwidth.
    pub fn other() -> Stack {
        let stack = Stack { layer: Layer::Other, ..Stack::default() }.set("max-bandwidth", Rate(0));
        let off = ["auto-converge", "postcopy-ram", "xbzrle", "compress", "multifd", "zero-copy-send"];
        off.into_iter().fold(stack, |stack, option| stack.set(option, false))
    }

    /// What libvirt does for everybody above it: the return path and, from libvirt 10.0.0 on, `switchover-ack` and, where
    /// post-copy is on, `postcopy-preempt`; no limit of the bandwidth unless one is asked for, and nothing else switched
    /// on that was not asked for. Its `pause-before-switchover` is not modelled.
    pub fn libvirt() -> Stack {
        let stack = Stack { layer: Layer::Libvirt, ..Stack::other() };
        ["return-path", "switchover-ack", "postcopy-preempt"].into_iter().fold(stack, |stack, on| stack.wish(on, true))
    }

    /// Sets an option; `None` leaves it alone.
    pub fn set(mut self, option: &'static str, value: impl OptionType) -> Stack {
        let value = value.value();
        if value != OptionValue::Unset {
            self.sets.retain(|set| set.option != option);
            self.sets.push(Set { option, value, is_wish: false });
        }
        self
    }

    /// Sets an option where the release has it and takes it beside the others.
    pub fn wish(self, option: &'static str, value: impl OptionType) -> Stack {
        let mut stack = self.set(option, value);
        stack.sets.iter_mut().filter(|set| set.option == option).for_each(|set| set.is_wish = true);
        stack
    }

    /// Sends everything through `tunnel`.
    pub fn through(self, tunnel: Tunnel) -> Stack {
        Stack { tunnel: Some(tunnel), ..self }
    }

    /// `multifd` with so many channels; 0: off.
    pub fn multifd(self, channels: u8) -> Stack {
        self.set("multifd", channels > 0).set("multifd-channels", Some(channels).filter(|channels| *channels > 0))
    }

    /// What an option is set to.
    pub fn value(&self, option: &str) -> Option<&OptionValue> {
        self.sets.iter().find(|set| set.option == option).map(|set| &set.value)
    }
}

/// MiB/s as every tool above QEMU counts bandwidth; 0: no limit.
pub(super) fn mib_per_s(mib: u64) -> Rate {
    Rate(mib.saturating_mul(1 << 20))
}
