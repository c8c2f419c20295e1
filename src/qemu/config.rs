//! One QEMU as configured: version, capabilities, parameters and the host facts that QEMU has no constant for.

use serde::Serialize;

use super::{Capabilities, HostSpeed, OwnThrottleRule, Params, Profile, Version};
use crate::units::{Bytes, Span};

/// Everything that `sim` must know about the source QEMU before it starts.
#[derive(Clone, Debug, Serialize)]
pub struct QemuConfig {
    /// Release; picks the rules and the defaults.
    pub version: Version,
    /// Who runs the guest's instructions.
    pub accel: Accel,
    /// Release whose machine type the guest has; no newer than `version`. It picks how multifd flushes and who finds
    /// zero pages.
    pub machine_type: Version,
    /// Migration capabilities.
    pub capabilities: Capabilities,
    /// Migration parameters.
    pub params: Params,
    /// What the host's threads can do.
    pub host: HostSpeed,
    /// When the dirty log is re-armed (qemu-precopy 6.2).
    pub dirty_log: DirtyLog,
    /// First migration of this QEMU process: 2.9 to 5.0 then count the whole RAM as dirty (qemu-precopy 1.1).
    pub first_migration: bool,
    /// Time of phase 1, up to and including sync #1 [ns].
    pub setup_time: Span,
    /// Time of one dirty-bitmap synchronisation, without the wait for a sleeping vCPU under TCG [ns].
    pub sync_time: Span,
    /// What each page that a synchronisation finds dirty adds to that [ns].
    pub sync_page_time: Span,
    /// Time that stopping the vCPUs and the non-iterable device state take inside the downtime [ns].
    pub switchover_time: Span,
    /// A rule of one's own in place of auto-converge's; none where a text is read.
    #[serde(skip)]
    pub throttle_rule: Option<OwnThrottleRule>,
}

/// Who runs the guest's instructions (`-accel`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Accel {
    /// Hardware virtualisation.
    Kvm,
    /// QEMU's own translator; a dirty-bitmap sync waits for a vCPU that the throttle put to sleep.
    Tcg,
}

/// When a page that was reported dirty can be noticed again (qemu-precopy 6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DirtyLog {
    /// M1: every sync re-arms every page.
    Classic,
    /// M2: pages reported by the last sync are re-armed, 1 GiB at a time, just before they are sent.
    ManualProtect,
    /// M2i: as M2, and at the start all pages count as reported.
    InitiallySet,
    /// M3: the dirty ring, re-armed at every harvest.
    Ring,
}

impl DirtyLog {
    /// What this release uses on a recent Linux host (5.7+) without a dirty ring.
    pub fn default_for(version: Version, accel: Accel) -> DirtyLog {
        match (accel, version) {
            (Accel::Tcg, _) => DirtyLog::Classic,
            (_, v) if v < Version::new(4, 1) => DirtyLog::Classic,
            (_, v) if v < Version::new(5, 1) => DirtyLog::ManualProtect,
            _ => DirtyLog::InitiallySet,
        }
    }

    /// The first release that has it.
    pub fn since(self) -> Version {
        match self {
            DirtyLog::Classic => Version::OLDEST,
            DirtyLog::ManualProtect => Version::new(4, 1),
            DirtyLog::InitiallySet => Version::new(5, 1),
            DirtyLog::Ring => Version::new(6, 1),
        }
    }
}

impl QemuConfig {
    /// Whether every step of a migration syncs, so that a sync begins no pass (qemu-precopy H2).
    pub fn syncs_each_step(&self) -> bool {
        self.capabilities.postcopy_ram && Profile::of(self.version).syncs_each_step_with_postcopy
    }

    /// A release with everything at its default, on a guest of `memory` bytes.
    ///
    /// QEMU has no constants for the durations of setup and sync; see [`QemuConfig::default_setup_time`] and
    /// [`QemuConfig::default_sync_time`] for the figures that stand in and their sources.
    pub fn defaults(version: Version, accel: Accel, memory: Bytes) -> QemuConfig {
        let dirty_log = DirtyLog::default_for(version, accel);
        QemuConfig {
            version,
            accel,
            machine_type: version,
            capabilities: Capabilities::default(),
            params: Params::defaults(version),
            host: HostSpeed::default(),
            dirty_log,
            first_migration: true,
            setup_time: QemuConfig::default_setup_time(version, accel, dirty_log, memory),
            sync_time: QemuConfig::default_sync_time(accel, dirty_log, memory),
            sync_page_time: QemuConfig::default_sync_page_time(version, accel),
            switchover_time: QemuConfig::SWITCHOVER_TIME,
            throttle_rule: None,
        }
    }

    /// Stopping the vCPUs and moving the device state of a small guest: 3 ms, the whole downtime of a recorded
    /// migration that had next to nothing left to send (`tests/data/traces/07-xbzrle.json`).
    pub const SWITCHOVER_TIME: Span = Span::from_ms(3);

    /// Setup: 5 ms, and switching the log on.
    ///
    /// Under KVM that is 460 ms for 128 GiB, or 10 ms where all pages are initially set (Linux commit
    /// 3c9bd4006bfc). Under TCG it is 210 ms a GiB on 7.2 (`tests/data/traces`, all runs), and 115, 467 and 5 ms on 5.2,
    /// 10.0 and 11.1 (`tests/data/traces-versions`); which releases between them changed it is not known.
    pub fn default_setup_time(version: Version, accel: Accel, log: DirtyLog, memory: Bytes) -> Span {
        let ms_per_gib = match (accel, log) {
            (Accel::Tcg, _) => by_measured_release(version, [115.0, 210.0, 467.0, 5.0]),
            (Accel::Kvm, DirtyLog::InitiallySet | DirtyLog::Ring) => 10.0 / 128.0,
            (Accel::Kvm, _) => 460.0 / 128.0,
        };
        Span::from_ms(5) + Span((memory.gib() * ms_per_gib * 1e6) as u64)
    }

    /// One sync: fetching and re-protecting costs 1.5 ms a GiB (cloud-hypervisor/cloud-hypervisor issue 8899,
    /// 2026); where re-protection is left to the chunks, a fifteenth of that is assumed for the fetch alone. Under TCG
    /// it is 2.7 ms a GiB, from the deciding to the final sync of an idle guest (`tests/data/calibration`: 1.4 ms for
    /// half a GiB, 2.7 ms for one).
    pub fn default_sync_time(accel: Accel, log: DirtyLog, memory: Bytes) -> Span {
        let ms_per_gib = match (accel, log) {
            (Accel::Tcg, _) => 2.7,
            (Accel::Kvm, DirtyLog::Classic) => 1.5,
            (Accel::Kvm, _) => 0.1,
        };
        Span((memory.gib() * ms_per_gib * 1e6) as u64)
    }

    /// What a page that a sync finds dirty costs: nothing that is known under KVM; under TCG 0.6, 1.8 and 2.7 us on 5.2,
    /// 7.2 and 10.0, and next to nothing on 11.1 (`tests/data/traces-versions`).
    pub fn default_sync_page_time(version: Version, accel: Accel) -> Span {
        match accel {
            Accel::Tcg => Span(by_measured_release(version, [600, 1800, 2700, 0])),
            Accel::Kvm => Span::ZERO,
        }
    }
}

/// What was measured on 5.2, 7.2, 10.0 and 11.1, for the release nearest to each.
fn by_measured_release<T: Copy>(version: Version, [on_5_2, on_7_2, on_10_0, on_11_1]: [T; 4]) -> T {
    match version {
        old if old < Version::new(6, 0) => on_5_2,
        middle if middle < Version::new(8, 0) => on_7_2,
        recent if recent < Version::new(11, 1) => on_10_0,
        _ => on_11_1,
    }
}
