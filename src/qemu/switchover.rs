//! When to sync and when to stop the guest (qemu-precopy 1.2).

use super::Profile;
use crate::units::Bytes;

/// Whether what remains calls for a sync before anything else is decided.
///
/// Strict up to 11.0. In 11.1 equality is enough, and with `postcopy_ram` every step syncs.
pub fn sync_wanted(profile: &Profile, remaining: Bytes, threshold: Bytes, postcopy_ram: bool) -> bool {
    remaining < threshold
        || (profile.syncs_at_threshold && remaining == threshold)
        || (profile.syncs_each_step_with_postcopy && postcopy_ram)
}

/// Whether the guest may be stopped at all: with capability `switchover-ack` (8.1+) a running guest only when the
/// destination has acknowledged.
pub fn allowed(switchover_ack: bool, running: bool, acknowledged: bool) -> bool {
    !switchover_ack || !running || acknowledged
}

/// Whether the migration goes to stop-and-copy with `pending` left, after a possible sync.
pub fn complete(profile: &Profile, pending: Bytes, threshold: Bytes) -> bool {
    pending.0 == 0 || pending < threshold || (profile.completes_at_threshold && pending == threshold)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qemu::Version;

    #[test]
    fn only_a_running_guest_waits_for_the_destination() {
        for (ack, running, acknowledged, expected) in [
            (false, true, false, true),
            (true, true, false, false),
            (true, true, true, true),
            (true, false, false, true),
        ] {
            assert_eq!(allowed(ack, running, acknowledged), expected, "{ack} {running} {acknowledged}");
        }
    }

    #[test]
    fn equality_completes_from_10_1_on() {
        for (version, pending, done) in [
            (Version::new(10, 0), 100, false),
            (Version::new(10, 1), 100, true),
            (Version::new(10, 0), 99, true),
            (Version::new(1, 6), 0, true),
        ] {
            assert_eq!(complete(&Profile::of(version), Bytes(pending), Bytes(100)), done, "{version} {pending}");
        }
        let [before, now] = [Version::new(11, 0), Version::new(11, 1)].map(Profile::of);
        for (remaining, postcopy_ram, wanted_before, wanted_now) in
            [(99, false, true, true), (100, false, false, true), (101, false, false, false), (101, true, false, true)]
        {
            let wanted = |profile| sync_wanted(profile, Bytes(remaining), Bytes(100), postcopy_ram);
            assert_eq!((wanted(&before), wanted(&now)), (wanted_before, wanted_now), "{remaining} {postcopy_ram}");
        }
        assert!(!sync_wanted(&before, Bytes(0), Bytes(0), false) && sync_wanted(&now, Bytes(0), Bytes(0), false));
        assert!(complete(&Profile::of(Version::NEWEST), Bytes(0), Bytes(0)), "a downtime limit of 0 stops at 0");
    }
}
