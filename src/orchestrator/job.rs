//! What a client sees of a migration.

use std::fmt;

use serde::Serialize;

use crate::units::{Bytes, Rate, Span};

/// The longest downtime that QEMU takes.
pub(super) const MAX_DOWNTIME_LIMIT: Span = Span::from_ms(2_000_000);

/// libvirt's job statistics at one instant (orchestrators 2.3); all that an orchestrator knows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct JobStats {
    /// Since the monitor started, which is the `migrate` command.
    pub elapsed: Span,
    /// `memory_iteration`: `dirty-sync-count`.
    pub memory_iteration: u64,
    /// `memory_total`.
    pub memory_total: Bytes,
    /// `memory_processed`: counts pages that are sent again.
    pub memory_processed: Bytes,
    /// `memory_remaining`: a saw-tooth.
    pub memory_remaining: Bytes,
    /// `memory_bps`, of the last window; zero where libvirt leaves it out.
    pub memory_bps: Rate,
    /// `memory_dirty_rate`, of the last period [pages/s].
    pub memory_dirty_rate: u64,
    /// `auto_converge_throttle` [%].
    pub auto_converge_throttle: f64,
    /// `downtime` while it runs: what QEMU expects.
    pub downtime: Span,
    /// The guest runs at the destination, or is about to.
    pub post_copy: bool,
    /// The guest stands still.
    pub paused: bool,
}

/// `memory_bps` from QEMU's `mbps`, cut to whole bytes.
pub fn memory_bps(mbps: f64) -> Rate {
    Rate((mbps * 1e6 / 8.0) as u64)
}

/// What an orchestrator tells the layer below.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum JobCommand {
    /// Set `downtime-limit`.
    SetDowntime(Span),
    /// Set `max-bandwidth`; zero: no limit.
    SetBandwidth(Rate),
    /// Stop the guest, and let the migration go on.
    Pause,
    /// Switch to post-copy.
    PostCopy,
    /// Cancel the migration.
    Abort,
    /// Stop the guest and send the rest, where the orchestrator decides that and not QEMU.
    SwitchOver,
    /// Stop the guest once what remains now has been sent, and send the rest.
    SwitchOverAfterPass,
    /// Nothing is done yet: the next poll will force the migration to complete.
    QueueForceComplete,
    /// Nothing is done: a line in its log.
    Note,
}

impl fmt::Display for JobCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // Every millisecond, as the orchestrators count them.
            JobCommand::SetDowntime(limit) => write!(f, "downtime-limit {} ms", limit.whole_ms()),
            JobCommand::SetBandwidth(Rate(0)) => f.write_str("max-bandwidth unlimited"),
            JobCommand::SetBandwidth(rate) => write!(f, "max-bandwidth {rate}"),
            JobCommand::Pause => f.write_str("pause"),
            JobCommand::PostCopy => f.write_str("post-copy"),
            JobCommand::Abort => f.write_str("abort"),
            JobCommand::SwitchOver => f.write_str("stop the guest"),
            JobCommand::SwitchOverAfterPass => f.write_str("stop after this pass"),
            JobCommand::QueueForceComplete => f.write_str("force-complete queued"),
            JobCommand::Note => f.write_str("note"),
        }
    }
}
