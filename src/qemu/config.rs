//! One QEMU as configured: version, capabilities, parameters and the host facts that QEMU has no constant for.

use serde::Serialize;

use super::{
    Capabilities, HostKind, HostModel, MemoryTime, OwnThrottleRule, Params, Profile, Switchover, Transport, Version,
};
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
    /// What the hosts' threads can do.
    pub host: HostModel,
    /// What the bytes go through.
    pub transport: Transport,
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
    /// A rule of one's own in place of auto-converge's.
    #[serde(skip)]
    pub throttle_rule: Option<OwnThrottleRule>,
    /// Who decides when the guest is stopped.
    #[serde(skip)]
    pub switchover: Switchover,
    /// How long the migration may take, as rules of one's own read it (`policy.deadline`).
    #[serde(skip)]
    pub deadline: Option<Span>,
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

impl Accel {
    /// QEMU's words.
    pub const WORDS: [(&str, Accel); 2] = [("kvm", Accel::Kvm), ("tcg", Accel::Tcg)];

    /// vCPU time of the first write to a page after its log was armed, where nobody says it. KVM: 260 ns, measured in
    /// cloud-hypervisor/cloud-hypervisor issue 8899 (2026). TCG: 2.3 µs, by a guest of QEMU's stress program that wrote 180 to 290
    /// pages per ms of CPU under a throttle that left it hardly any but first writes, and 520 without (QEMU 10.0).
    pub const fn fault_cost(self) -> Span {
        match self {
            Accel::Kvm => Span(260),
            Accel::Tcg => Span(2300),
        }
    }
}

impl DirtyLog {
    /// The word of each.
    pub const WORDS: [(&str, DirtyLog); 4] = [
        ("classic", DirtyLog::Classic),
        ("manual-protect", DirtyLog::ManualProtect),
        ("initially-set", DirtyLog::InitiallySet),
        ("ring", DirtyLog::Ring),
    ];

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

    /// A release with everything at its default, on a guest of `memory` bytes and the [host that the accelerator
    /// has](HostKind::default_for).
    pub fn defaults(version: Version, accel: Accel, memory: Bytes) -> QemuConfig {
        let dirty_log = DirtyLog::default_for(version, accel);
        let mut config = QemuConfig {
            version,
            accel,
            machine_type: version,
            capabilities: Capabilities::default(),
            params: Params::defaults(version),
            host: HostModel::of(HostKind::default_for(accel), version, accel, dirty_log),
            transport: Transport::Tcp,
            dirty_log,
            first_migration: true,
            setup_time: Span::ZERO,
            sync_time: Span::ZERO,
            sync_page_time: Span::ZERO,
            switchover_time: Span::ZERO,
            throttle_rule: None,
            switchover: Switchover::Qemu,
            deadline: None,
        };
        config.take_times(memory);
        config
    }

    /// Takes the times of setup, sync and switchover from the host, for a guest of `memory` bytes.
    pub fn take_times(&mut self, memory: Bytes) {
        self.setup_time = self.host.setup.of(memory);
        if self.transport == Transport::Rdma && self.capabilities.rdma_pin_all {
            let pin = MemoryTime::new(Span::ZERO, self.host.rdma_pin_per_gib);
            self.setup_time += pin.of(memory);
        }
        self.sync_time = self.host.sync.of(memory);
        self.sync_page_time = self.host.sync_page;
        self.switchover_time = self.host.switchover.of(memory);
    }
}
