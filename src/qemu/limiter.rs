//! The rate limiter: so many bytes a window (qemu-precopy 2.1).

use crate::units::{Rate, Span};

/// Length of a bandwidth window.
pub const WINDOW: Span = Span::from_ms(100);

/// Bytes that may be used in a window before the sender must wait for the next; 0: no limit.
///
/// An integer tenth, so that 1 to 9 bytes/s mean "no limit" as well.
pub fn quota(max_bandwidth: Rate) -> u64 {
    max_bandwidth.0 / 10
}

/// Whether `used` bytes are more than the window allows; exactly the quota is not.
pub fn exceeded(quota: u64, used: u64) -> bool {
    quota > 0 && used > quota
}

/// Steps of `step` bytes that can be queued until the limiter says stop, when `used` are counted already.
///
/// # Panics
/// Never; a `step` of zero counts as one byte.
pub fn steps_left(quota: u64, used: u64, step: u64) -> u64 {
    match quota {
        0 => u64::MAX,
        _ if used > quota => 0,
        _ => (quota - used) / step.max(1) + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stops_one_step_above_the_quota() {
        for (quota, used, step, steps) in [
            (100, 0, 10, 11),
            (100, 100, 10, 1),
            (100, 101, 10, 0),
            (0, 1 << 40, 10, u64::MAX),
            (super::quota(Rate(32 << 20)), 0, 4104, 818),
        ] {
            assert_eq!(steps_left(quota, used, step), steps, "{quota} {used} {step}");
        }
        assert_eq!(quota(Rate(9)), 0);
        assert!(!exceeded(0, u64::MAX) && !exceeded(10, 10) && exceeded(10, 11));
    }
}
