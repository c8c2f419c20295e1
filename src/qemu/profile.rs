//! What differs between releases, as data: one flag per difference, no version test anywhere else.

use super::Version;

/// The rules of one release (qemu-precopy 1.2, 2, 3, 4.2 and 5).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Profile {
    /// Hits since the last action after which auto-converge acts.
    pub hits_needed: u8,
    /// A period counts only if the one before it had a rate of at least 1 page/s (1.6 to 2.9).
    pub previous_rate_gate: bool,
    /// The snapshot of sent bytes is taken again while it is zero, and moved only with auto-converge on (1.6 to 2.9).
    pub lazy_snapshot: bool,
    /// Period start, snapshot and sum survive from one migration of the process to the next (1.6 to 2.1).
    pub keeps_statics: bool,
    /// What slows the guest.
    pub throttle: Throttle,
    /// Every logged page is counted as dirty, also those still to be sent (2.9 to 5.0).
    pub counts_logged: bool,
    /// Hits are counted whatever the capabilities (8.1+).
    pub counts_always: bool,
    /// `transferred` counts all wire bytes, not only RAM (8.2+).
    pub wire_bytes: bool,
    /// Bandwidth of a window is an integer division (1.6 to 2.4).
    pub integer_bandwidth: bool,
    /// What `expected-downtime` divides by the bandwidth.
    pub expected_downtime: ExpectedDowntime,
    /// The limiter counts what has been flushed, not what has been queued (8.2+).
    pub limiter_counts_flushed: bool,
    /// Windows close after any page, not only between iterate calls (5.0 to 6.0).
    pub closes_mid_call: bool,
    /// Windows close after any page of a huge page, where the guest's RAM lies in such (6.1+).
    pub closes_mid_huge_page: bool,
    /// Completion also at `remaining == threshold` (10.1+).
    pub completes_at_threshold: bool,
    /// A sync also at `remaining == threshold`, so that nothing left and a threshold of 0 call for one (11.1+).
    pub syncs_at_threshold: bool,
    /// With `postcopy-ram` every step syncs, as RAM no longer counts among what must go before the switch (11.1). The
    /// text of the change expects no such thing, so that a later release may take it back.
    pub syncs_each_step_with_postcopy: bool,
    /// The destination's word for the switchover is asked for after the queries of a step, not before (11.1+).
    pub acknowledged_after_queries: bool,
    /// `dirty-sync-count` and `MIGRATION_PASS` count the passes that the migration thread begins while the guest runs:
    /// not the sync of setup, of the timer, or of the switchover (11.1+).
    pub counts_passes: bool,
    /// The threshold is reckoned from `mbps`, and `avail-switchover-bandwidth` is not cut to bytes a millisecond (11.1+).
    pub threshold_from_mbps: bool,
    /// With auto-converge, a timer syncs every 5 s after the first pass (9.2+).
    pub periodic_sync: bool,
}

/// What slows the guest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Throttle {
    /// 30 ms of sleep at most every 41 ms of sending; no percentage (1.6 to 2.4).
    Fixed,
    /// A percentage that goes up in steps (2.5+).
    Ramp(Ramp),
}

/// Details of the percentage throttle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ramp {
    /// `max-cpu-throttle` bounds it (3.1+).
    pub has_max: bool,
    /// `throttle-trigger-threshold` decides a hit, not one half (5.0+).
    pub has_trigger: bool,
    /// `cpu-throttle-tailslow` may shrink a step (5.1+).
    pub has_tailslow: bool,
    /// A sleeping vCPU is woken when the VM stops (4.2+).
    pub interruptible: bool,
    /// Setting the percentage leaves the timer alone, and the first tick comes at once (6.0+). Before, every
    /// setting put the next tick 10 ms into the future.
    pub keeps_timer: bool,
}

/// What `expected-downtime` divides by the bandwidth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpectedDowntime {
    /// Bytes dirtied in a second (1.6 to 2.12).
    DirtyPerSecond,
    /// Bytes remaining after the last sync (3.0 to 11.0).
    Remaining,
    /// Bytes remaining after the last sync that counts, at each query anew (11.1+).
    AtQuery,
}

impl Profile {
    /// The rules of `version`.
    pub fn of(version: Version) -> Profile {
        let since = |major, minor| version >= Version::new(major, minor);
        Profile {
            hits_needed: match () {
                () if since(2, 10) => 2,
                () if since(2, 5) => 3,
                () => 6,
            },
            previous_rate_gate: !since(2, 10),
            lazy_snapshot: !since(2, 10),
            keeps_statics: !since(2, 2),
            throttle: if since(2, 5) {
                Throttle::Ramp(Ramp {
                    has_max: since(3, 1),
                    has_trigger: since(5, 0),
                    has_tailslow: since(5, 1),
                    interruptible: since(4, 2),
                    keeps_timer: since(6, 0),
                })
            } else {
                Throttle::Fixed
            },
            counts_logged: since(2, 9) && !since(5, 1),
            counts_always: since(8, 1),
            wire_bytes: since(8, 2),
            integer_bandwidth: !since(2, 5),
            expected_downtime: match () {
                () if since(11, 1) => ExpectedDowntime::AtQuery,
                () if since(3, 0) => ExpectedDowntime::Remaining,
                () => ExpectedDowntime::DirtyPerSecond,
            },
            limiter_counts_flushed: since(8, 2),
            closes_mid_call: since(5, 0) && !since(6, 1),
            closes_mid_huge_page: since(6, 1),
            completes_at_threshold: since(10, 1),
            syncs_at_threshold: since(11, 1),
            syncs_each_step_with_postcopy: since(11, 1),
            acknowledged_after_queries: since(11, 1),
            counts_passes: since(11, 1),
            threshold_from_mbps: since(11, 1),
            periodic_sync: since(9, 2),
        }
    }
}
