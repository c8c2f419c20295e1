//! Migration capabilities, under QEMU's names.

use serde::Serialize;

/// What `migrate-set-capabilities` switches on; all are off by default.
///
/// [`OPTIONS`](super::OPTIONS) knows which release has which, and
/// [`QemuConfig::conflicts`](super::QemuConfig::conflicts) which of them go together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Capabilities {
    /// `auto-converge`: the guest is slowed down (1.6+).
    pub auto_converge: bool,
    /// `xbzrle`: pages sent again go as differences (1.6+).
    pub xbzrle: bool,
    /// `compress`: threads compress pages (2.4 to 9.0).
    pub compress: bool,
    /// `postcopy-ram`: the switch to post-copy may be asked for (2.5+).
    pub postcopy_ram: bool,
    /// `return-path`: completion waits for the destination (2.10+).
    pub return_path: bool,
    /// `pause-before-switchover`: the stopped guest waits for `migrate-continue` (2.11+).
    pub pause_before_switchover: bool,
    /// `multifd`: pages go over several channels (4.0+).
    pub multifd: bool,
    /// `zero-copy-send`: the kernel sends pages from where they lie (7.1+).
    pub zero_copy_send: bool,
    /// `postcopy-preempt`: requested pages have a channel of their own (7.1+).
    pub postcopy_preempt: bool,
    /// `switchover-ack`: the guest is stopped only when the destination agrees (8.1+).
    pub switchover_ack: bool,
    /// `dirty-limit`: vCPUs that dirty too fast are slowed down, each by itself (8.1+).
    pub dirty_limit: bool,
    /// `mapped-ram`: each page has its place in a file (9.0+).
    pub mapped_ram: bool,
}
