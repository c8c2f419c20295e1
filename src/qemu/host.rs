//! What QEMU has no constant for, because it depends on the host.

use serde::Serialize;

use super::hosts::HostKind;
use super::{Accel, DirtyLog, MultifdCompression, Version};
use crate::units::{Bytes, Pages, Rate, Span};

/// The hosts at both ends: what their threads can do, and how long they take for what is no page.
///
/// The values of a [`HostKind`] have their sources in [`HOST_CONSTANTS`](super::HOST_CONSTANTS).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct HostModel {
    /// Which host it is like.
    pub kind: HostKind,
    /// What one connection carries at most, because one thread on each side copies its bytes.
    pub stream: Rate,
    /// What one multifd channel sends at most; `None`: as much as any connection.
    pub multifd_channel_bandwidth: Option<Rate>,
    /// What one connection carries at most with TLS.
    pub tls_bandwidth: Rate,
    /// What an ssh tunnel carries at most, whatever runs through it.
    pub ssh: Rate,
    /// What libvirt's own tunnel carries at most.
    pub libvirt_tunnel: Rate,
    /// What RDMA carries at most where a chunk of RAM is registered as its first page goes.
    pub rdma: Rate,
    /// What RDMA carries at most where all RAM was pinned before.
    pub rdma_pinned: Rate,
    /// What pinning adds to setup, for each GiB of RAM.
    pub rdma_pin_per_gib: Span,
    /// Speed at which one thread finds that pages are all zero [bytes/s].
    pub zero_scan: Rate,
    /// Phase 1, up to and including sync #1.
    pub setup: MemoryTime,
    /// One synchronisation of the dirty bitmap.
    pub sync: MemoryTime,
    /// What each page that a synchronisation finds dirty adds to that.
    pub sync_page: Span,
    /// Stopping the vCPUs, and the state of devices, within the downtime.
    pub switchover: MemoryTime,
    /// Entries of a vCPU's dirty ring (`dirty-ring-size` of the accelerator) [pages].
    pub dirty_ring_size: Pages,
    /// What a thread's compression makes of pages; only asked for where something is compressed.
    pub compression: Compression,
}

/// A time that grows with the guest's RAM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct MemoryTime {
    /// For the smallest guest.
    pub fixed: Span,
    /// For each GiB of RAM.
    pub per_gib: Span,
}

impl MemoryTime {
    /// A fixed time, and so much a GiB.
    pub const fn new(fixed: Span, per_gib: Span) -> MemoryTime {
        MemoryTime { fixed, per_gib }
    }

    /// The time of a guest with so much RAM.
    pub fn of(self, memory: Bytes) -> Span {
        // The cast saturates, at five hundred years.
        self.fixed + Span((memory.gib() * self.per_gib.0 as f64) as u64)
    }
}

/// What the bytes go through on their way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    /// A connection of QEMU's own (`tcp:`, `unix:`, a descriptor from libvirt).
    #[default]
    Tcp,
    /// An ssh tunnel, as Proxmox's `secure`.
    Ssh,
    /// libvirt's own connection (`VIR_MIGRATE_TUNNELLED`, Nova's `live_migration_tunnelled`).
    LibvirtTunnel,
    /// Pages go from RAM to RAM (`rdma:`).
    Rdma,
}

impl Transport {
    /// The words of scenario files.
    pub const WORDS: [(&'static str, Transport); 4] = [
        ("tcp", Transport::Tcp),
        ("ssh", Transport::Ssh),
        ("libvirt-tunnel", Transport::LibvirtTunnel),
        ("rdma", Transport::Rdma),
    ];
}

/// What compression makes of guest pages.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Compression {
    /// Bytes of pages per byte sent; above 0.
    pub ratio: f64,
    /// Bytes of pages that one thread or channel compresses in a second.
    pub bandwidth: Rate,
}

impl Compression {
    /// Pages as they are.
    pub const NONE: Compression = Compression { ratio: 1.0, bandwidth: Rate(u64::MAX) };

    /// zlib at level 1: ratio 2.743 and 105 MB/s on one core of a Core i7-9700K, on the Silesia corpus (README of
    /// facebook/zstd, zlib 1.3.1).
    pub const ZLIB: Compression = Compression { ratio: 2.743, bandwidth: Rate(105_000_000) };

    /// Zstandard at level 1: a guest with 54 GiB of Silesia data, eight channels, moved in 20.2 s at 8.58 Gbit/s
    /// with all eight busy (QEMU docs, `devel/migration/qatzip-compression`).
    pub const ZSTD: Compression = Compression { ratio: 2.7, bandwidth: Rate(360_000_000) };

    /// QuickAssist, four devices: the same guest in 16.6 s at 10.5 Gbit/s. The link was full, so that the channels
    /// may do better.
    pub const QATZIP: Compression = Compression { ratio: 2.7, bandwidth: Rate(436_000_000) };

    /// What is assumed of a method at its default level; `None`: no published figures, so they must be given.
    pub fn default_for(method: MultifdCompression) -> Option<Compression> {
        match method {
            MultifdCompression::None => Some(Compression::NONE),
            MultifdCompression::Zlib => Some(Compression::ZLIB),
            MultifdCompression::Zstd => Some(Compression::ZSTD),
            MultifdCompression::Qatzip => Some(Compression::QATZIP),
            MultifdCompression::Qpl | MultifdCompression::Uadk => None,
        }
    }

    /// Bytes sent for `bytes` of pages.
    pub fn payload(self, bytes: u64) -> u64 {
        // Compression::NONE divides by 1, which loses nothing below 2^53.
        (bytes as f64 / self.ratio).ceil() as u64
    }
}

impl HostModel {
    /// A host of that kind, under a release of QEMU.
    pub fn of(kind: HostKind, version: Version, accel: Accel, log: DirtyLog) -> HostModel {
        let figures = kind.figures();
        HostModel {
            kind,
            stream: figures.stream,
            multifd_channel_bandwidth: None,
            tls_bandwidth: figures.tls,
            ssh: figures.ssh,
            libvirt_tunnel: figures.libvirt_tunnel,
            rdma: HostModel::RDMA,
            rdma_pinned: HostModel::RDMA_PINNED,
            rdma_pin_per_gib: HostModel::RDMA_PIN_PER_GIB,
            zero_scan: if version < HostKind::AVX2 { figures.zero_scan_sse2 } else { figures.zero_scan },
            setup: HostModel::setup(version, accel, log),
            sync: HostModel::sync(accel, log),
            sync_page: match accel {
                // 0.6, 1.8 and 2.7 us on 5.2, 7.2 and 10.0, and next to nothing on 11.1 (`tests/data/traces-versions`).
                Accel::Tcg => Span(by_measured_release(version, [600, 1800, 2700, 0])),
                Accel::Kvm => Span::ZERO,
            },
            switchover: figures.switchover,
            dirty_ring_size: HostModel::DIRTY_RING_SIZE,
            compression: Compression::NONE,
        }
    }

    /// Setup: 5 ms, and switching the log on.
    ///
    /// Under KVM that is 460 ms for 128 GiB (Linux commit 3c9bd4006bfc; cloud-hypervisor issue 8899 has 4 to 5 ms a GiB). Where
    /// all pages are initially set, 273 and 280 ms were reported for a guest of 1028 GiB (qemu-devel, 2024); the commit has
    /// 10 ms for 128 GiB, which is the log alone. Under TCG it is 210 ms a GiB on 7.2 (`tests/data/traces`), and 115, 467 and
    /// 5 ms on 5.2, 10.0 and 11.1 (`tests/data/traces-versions`); which releases between them changed it is not known.
    pub fn setup(version: Version, accel: Accel, log: DirtyLog) -> MemoryTime {
        let us_per_gib = match (accel, log) {
            (Accel::Tcg, _) => by_measured_release(version, [115_000, 210_000, 467_000, 5_000]),
            (Accel::Kvm, DirtyLog::InitiallySet | DirtyLog::Ring) => 264,
            (Accel::Kvm, _) => 3_594,
        };
        MemoryTime::new(Span::from_ms(5), Span(us_per_gib * 1000))
    }

    /// One sync: fetching and re-protecting costs 1.5 ms a GiB (cloud-hypervisor issue 8899, 2026); where re-protection is
    /// left to the chunks, a fifteenth of that is assumed for the fetch alone. Under TCG it is 2.7 ms a GiB, from the
    /// deciding to the final sync of an idle guest (`tests/data/calibration`: 1.4 ms for half a GiB, 2.7 ms for one).
    pub fn sync(accel: Accel, log: DirtyLog) -> MemoryTime {
        let us_per_gib = match (accel, log) {
            (Accel::Tcg, _) => 2_700,
            (Accel::Kvm, DirtyLog::Classic) => 1_500,
            (Accel::Kvm, _) => 100,
        };
        MemoryTime::new(Span::ZERO, Span(us_per_gib * 1000))
    }

    /// What one connection carries at most, by the way and with TLS or without.
    pub fn connection(&self, transport: Transport, pinned: bool, tls: bool) -> Rate {
        match (transport, pinned) {
            (Transport::Rdma, true) => self.rdma_pinned,
            (Transport::Rdma, false) => self.rdma,
            _ if tls => self.tls_bandwidth.min(self.stream),
            _ => self.stream,
        }
    }

    /// What everything that goes through `transport` shares; `None`: each connection has its own.
    pub fn tunnel(&self, transport: Transport) -> Option<Rate> {
        match transport {
            Transport::Tcp | Transport::Rdma => None,
            Transport::Ssh => Some(self.ssh),
            Transport::LibvirtTunnel => Some(self.libvirt_tunnel),
        }
    }

    /// 9.5 Gbit/s over 40 Gbit/s with 8 GiB in use: 7.5 s in all (QEMU docs, rdma.txt, 2013). Later passes find their chunks
    /// registered and are faster; by how much is published nowhere, so that all passes have this speed.
    pub const RDMA: Rate = Rate(1_187_500_000);
    /// 26 Gbit/s over the same link: 4 s in all.
    pub const RDMA_PINNED: Rate = Rate(3_250_000_000);
    /// What is left of these 4 s for 8 GiB.
    pub const RDMA_PIN_PER_GIB: Span = Span::from_ms(170);

    /// Entries of a dirty ring where one is used and its size is not given: what QEMU's documentation of
    /// `dirty-ring-size` suggests to those who have no better idea.
    pub const DIRTY_RING_SIZE: Pages = Pages(4096);
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
