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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quota_itself_is_allowed() {
        assert_eq!((quota(Rate(1000)), quota(Rate(9))), (100, 0));
        assert!(!exceeded(0, u64::MAX) && !exceeded(10, 10) && exceeded(10, 11));
    }
}
