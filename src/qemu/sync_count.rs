//! Which syncs `dirty-sync-count` counts, and which are told of (qemu-precopy 3.2, 4.1; 11.1: rows H4 and H5).

use super::Profile;

/// What a sync is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyncOccasion {
    /// The first one, at the end of the setup.
    Setup,
    /// A look of the migration thread while the guest runs, with which a pass begins.
    Pass,
    /// The periodic timer.
    Timer,
    /// The switchover, or the switch to post-copy.
    Stop,
}

impl SyncOccasion {
    /// Whether `dirty-sync-count` is one higher afterwards.
    ///
    /// 11.1 sets the count to 1 when the migration starts and not with its first sync; before that sync is over nobody can
    /// tell.
    pub fn counts(self, profile: &Profile) -> bool {
        !profile.counts_passes || matches!(self, SyncOccasion::Setup | SyncOccasion::Pass)
    }

    /// Whether the event `MIGRATION_PASS` is sent.
    pub fn is_told(self, profile: &Profile) -> bool {
        !profile.counts_passes || self == SyncOccasion::Pass
    }
}
