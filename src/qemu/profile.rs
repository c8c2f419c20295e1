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
    /// Bytes remaining after the last sync (3.0+).
    Remaining,
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
            expected_downtime: if since(3, 0) { ExpectedDowntime::Remaining } else { ExpectedDowntime::DirtyPerSecond },
            limiter_counts_flushed: since(8, 2),
            closes_mid_call: since(5, 0) && !since(6, 1),
            closes_mid_huge_page: since(6, 1),
            completes_at_threshold: since(10, 1),
            periodic_sync: since(9, 2),
        }
    }
}
