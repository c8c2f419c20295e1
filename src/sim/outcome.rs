//! How a migration ended: one flat record.

use serde::{Deserialize, Serialize};

use super::Reason;

/// How a migration ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Pre-copy completed.
    Converged,
    /// Completed after a switch to post-copy.
    PostCopy,
    /// Completed with the guest stopped on purpose.
    Paused,
    /// Ended by an orchestrator or an operator; the guest runs on at the source.
    Aborted,
    /// Not over within the time limit.
    NotConverged,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Verdict; 5] =
        [Verdict::Converged, Verdict::PostCopy, Verdict::Paused, Verdict::Aborted, Verdict::NotConverged];

    /// The word used in every output.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Converged => "converged",
            Verdict::PostCopy => "post-copy",
            Verdict::Paused => "paused",
            Verdict::Aborted => "aborted",
            Verdict::NotConverged => "not-converged",
        }
    }

    /// Whether the guest is at the destination, which `query-migrate` calls `completed`.
    pub fn is_completed(self) -> bool {
        matches!(self, Verdict::Converged | Verdict::PostCopy | Verdict::Paused)
    }
}

/// One migration's result. Times in ms, sizes in bytes, shares in per cent; field names are column names.
///
/// A migration ends when the guest runs on at the destination, even if the link fails in post-copy after that. A figure
/// of an end that never came does not exist, and is `None`, never 0.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outcome {
    /// How it ended.
    pub verdict: Verdict,
    /// One sentence: what decided it.
    pub reason: Reason,
    /// As `query-migrate` defines it: from the command to the end [ms].
    pub total_time_ms: f64,
    /// Phase 1 [ms]; none if it was over before phase 1 was.
    pub setup_time_ms: Option<f64>,
    /// From the decision to stop the guest to completion, on the source's clock [ms]; none without an end.
    pub downtime_ms: Option<f64>,
    /// Longest time in which no vCPU ran, blackout or throttle sleep [ms].
    pub longest_stall_ms: f64,
    /// Syncs, the first and the final one included.
    pub dirty_sync_count: u64,
    /// RAM counter up to 8.1, all wire bytes from 8.2 [bytes].
    pub transferred_bytes: u64,
    /// Those by the time behind the setup [bytes/s]; none if nothing is behind it.
    pub mean_rate_bytes_per_s: Option<f64>,
    /// Full pages sent, a page sent twice counted twice [pages].
    pub normal_pages: u64,
    /// Zero pages sent [pages].
    pub duplicate_pages: u64,
    /// `xbzrle-cache.pages`, which releases count differently [pages]; this and the next three: none without XBZRLE.
    pub xbzrle_pages: Option<u64>,
    /// `xbzrle-cache.bytes`: what those pages took [bytes].
    pub xbzrle_bytes: Option<u64>,
    /// `xbzrle-cache.cache-miss`: pages that were sent whole, as the cache had no copy [pages].
    pub xbzrle_cache_miss: Option<u64>,
    /// `xbzrle-cache.overflow`: pages that were sent whole, as the difference was longer [pages].
    pub xbzrle_overflow: Option<u64>,
    /// Still to send at the end; 0 after completion [bytes].
    pub remaining_bytes: u64,
    /// Highest throttle [%]; for 1.6 to 2.4, whose throttle has no percentage, its share of sleep at full speed.
    pub throttle_max_pct: f64,
    /// Throttle when the guest was stopped [%]; none without an end.
    pub throttle_final_pct: Option<f64>,
    /// Time with a throttle [ms].
    pub throttled_time_ms: f64,
    /// Time with a throttle of 90 % or more [ms].
    pub throttled_over_90_ms: f64,
    /// Work that the guest was asked for and did not get done, as time of its own pace [ms].
    pub guest_work_lost_ms: f64,
    /// Work not done as a share of the migration's time [%]; none if it took no time.
    pub guest_slowdown_pct: Option<f64>,
    /// Work not done while the guest ran, as a share of that time [%]: the slowdown without the blackout; none if it did not run.
    pub running_slowdown_pct: Option<f64>,
    /// Last `expected-downtime` [ms]; none before the first window is over, and where an orchestrator decides the end.
    pub expected_downtime_ms: Option<f64>,
    /// `threshold_size` at the end: what must remain for QEMU to stop the guest [bytes]; none without an end, and where an
    /// orchestrator decides it.
    pub threshold_bytes: Option<u64>,
    /// Time in post-copy [ms].
    pub postcopy_time_ms: f64,
    /// Pages that the destination asked for [pages].
    pub postcopy_faults: u64,
    /// vCPU time spent waiting for those pages [ms].
    pub postcopy_stall_ms: f64,
}
