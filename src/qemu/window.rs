//! What QEMU learns when a bandwidth window closes (qemu-precopy 2.3).

use super::{Params, Profile};
use crate::units::{Bytes, Span};

/// A bandwidth window at its close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Sent in the window [bytes].
    pub transferred: Bytes,
    /// Its length, in whole ms of the REALTIME clock.
    pub spent: Span,
}

/// What a closed window says about the link.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Estimate {
    /// `ram.mbps`: sent bits per second [Mbit/s].
    pub mbps: f64,
    /// Bandwidth that the switchover decision uses [bytes/ms].
    pub bandwidth: f64,
    /// Bytes that fit into the downtime limit [bytes].
    pub threshold_size: u64,
}

impl Estimate {
    /// Bandwidth as `ram.mbps` has it [bytes/s].
    pub fn bytes_per_second(&self) -> f64 {
        self.mbps * 1e6 / 8.0
    }

    /// `expected-downtime` of 11.1 at a query [ms]: the time of the `pending` bytes of the last sync that counts; none, which
    /// QEMU shows as INT64_MAX, while no window has moved anything.
    pub fn expected_at_query(&self, pending: Bytes) -> Option<u64> {
        (self.bandwidth > 0.0).then(|| (pending.0 as f64 / self.bandwidth) as u64)
    }
}

impl Window {
    /// The estimate that replaces the one before.
    ///
    /// `avail-switchover-bandwidth`, where set, replaces the measured bandwidth but not `mbps`; up to 11.0 it is cut to
    /// whole bytes per ms.
    pub fn estimate(self, profile: &Profile, params: &Params) -> Estimate {
        let (bytes, ms) = (self.transferred.0, self.spent.whole_ms().max(1));
        let measured = if profile.integer_bandwidth { (bytes / ms) as f64 } else { bytes as f64 / ms as f64 };
        let mbps = bytes as f64 * 8.0 / (ms as f64 / 1000.0) / 1e6;
        let bandwidth = match (params.avail_switchover_bandwidth.0, profile.threshold_from_mbps) {
            (0, false) => measured,
            (given, false) => (given / 1000) as f64,
            (0, true) => mbps * 0.125 * 1000.0 * 1000.0 / 1000.0,
            (given, true) => given as f64 / 1000.0,
        };
        Estimate { mbps, bandwidth, threshold_size: (bandwidth * params.downtime_limit.whole_ms() as f64) as u64 }
    }

    /// `expected-downtime` up to 11.0 for `bytes` at this window's estimate [ms]; `None`: it keeps its value.
    ///
    /// It moves only when something was dirtied and the window sent more than 10,000 bytes. A bandwidth estimate of
    /// zero, which QEMU would divide by, leaves it alone too.
    pub fn expected_downtime(self, estimate: &Estimate, dirty_pages_rate: u64, bytes: Bytes) -> Option<u64> {
        let moves = dirty_pages_rate != 0 && self.transferred.0 > 10_000 && estimate.bandwidth > 0.0;
        moves.then(|| (bytes.0 as f64 / estimate.bandwidth) as u64)
    }
}
