//! What happened when: a row per sync, per throttle step and per sampled instant.

use serde::{Deserialize, Serialize};

/// One instant of a migration; all counters as `query-migrate` would show them then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Since the `migrate` command [ms].
    pub t_ms: f64,
    /// `dirty-sync-count`.
    pub pass: u64,
    /// What happened.
    pub event: Event,
    /// `ram.transferred` [bytes].
    pub transferred_bytes: u64,
    /// `ram.remaining` [bytes].
    pub remaining_bytes: u64,
    /// `ram.dirty-pages-rate` of the last closed period [pages/s].
    pub dirty_pages_rate: u64,
    /// Bandwidth of the last closed window [bytes/s].
    pub bandwidth: f64,
    /// Throttle [%].
    pub throttle_pct: f64,
    /// `downtime-limit` [ms].
    pub downtime_limit_ms: u64,
    /// Share of its CPU time that the guest gets [%].
    pub guest_cpu_share_pct: f64,
}

/// Why a row stands in the timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// The `migrate` command.
    Start,
    /// End of a sync; a pass begins.
    Sync,
    /// The throttle was set or raised.
    Throttle,
    /// A regular sample.
    Sample,
    /// The link's bandwidth changed.
    Link,
    /// Parameters were set by hand.
    Set,
    /// The guest was paused by hand.
    Pause,
    /// The guest was let run again by hand.
    Continue,
    /// The switch to post-copy was asked for.
    StartPostcopy,
    /// The guest was stopped.
    Stop,
    /// The guest runs on at the destination, and the rest of RAM follows.
    PostCopy,
    /// The end.
    End,
}

/// A migration through time; empty unless it was asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Timeline {
    /// Rows in order of time.
    pub rows: Vec<Row>,
}
