//! Section `[host]`: what stands around QEMU's rules, because it depends on the machines at both ends.

use crate::qemu::{Accel, DirtyLog, HostKind, HostModel, Version};

use super::keys;
use super::reader::{FoundValue, Section, fill};
use crate::units::{Rate, Span};

/// What the section says.
#[derive(Clone, Debug, Default)]
pub(super) struct HostKeys {
    kind: Option<HostKind>,
    destination: Option<HostKind>,
    stream: Option<FoundValue<Rate>>,
    ssh: Option<FoundValue<Rate>>,
    libvirt_tunnel: Option<FoundValue<Rate>>,
    rdma: Option<FoundValue<Rate>>,
    rdma_pinned: Option<FoundValue<Rate>>,
    rdma_pin: Option<FoundValue<Span>>,
    tls: Option<FoundValue<Rate>>,
    zero_scan: Option<FoundValue<Rate>>,
    setup: Option<FoundValue<Span>>,
    setup_per_gib: Option<FoundValue<Span>>,
    sync_per_gib: Option<FoundValue<Span>>,
    switchover: Option<FoundValue<Span>>,
    switchover_per_gib: Option<FoundValue<Span>>,
}

/// Reads the section.
pub(super) fn read(top: &mut Section) -> HostKeys {
    top.section("host", |host| {
        let keys = HostKeys {
            kind: keys::HOST_KIND.read(host).map(|found| found.value),
            destination: keys::HOST_DESTINATION.read(host).map(|found| found.value),
            stream: keys::HOST_STREAM.read(host),
            ssh: keys::HOST_SSH.read(host),
            libvirt_tunnel: keys::HOST_TUNNEL.read(host),
            rdma: keys::HOST_RDMA.read(host),
            rdma_pinned: keys::HOST_RDMA_PINNED.read(host),
            rdma_pin: keys::HOST_RDMA_PIN.read(host),
            tls: keys::HOST_TLS.read(host),
            zero_scan: keys::HOST_ZERO_SCAN.read(host),
            setup: keys::HOST_SETUP.read(host),
            setup_per_gib: keys::HOST_SETUP_PER_GIB.read(host),
            sync_per_gib: keys::HOST_SYNC_PER_GIB.read(host),
            switchover: keys::HOST_SWITCHOVER.read(host),
            switchover_per_gib: keys::HOST_SWITCHOVER_PER_GIB.read(host),
        };
        host.finish(|_| None);
        keys
    })
}

impl HostKeys {
    /// The hosts under a release of QEMU.
    pub(super) fn model(self, version: Version, accel: Accel, log: DirtyLog) -> HostModel {
        let source = self.kind.unwrap_or(HostKind::default_for(accel));
        let mut host = HostModel::of(source, version, accel, log);
        if let Some(destination) = self.destination {
            // The slower end sets the pace of whatever both must handle.
            let other = HostModel::of(destination, version, accel, log);
            host.stream = host.stream.min(other.stream);
            host.tls_bandwidth = host.tls_bandwidth.min(other.tls_bandwidth);
            host.ssh = host.ssh.min(other.ssh);
            host.libvirt_tunnel = host.libvirt_tunnel.min(other.libvirt_tunnel);
            host.switchover.fixed = host.switchover.fixed.max(other.switchover.fixed);
        }
        fill(&mut host.stream, self.stream);
        fill(&mut host.ssh, self.ssh);
        fill(&mut host.libvirt_tunnel, self.libvirt_tunnel);
        fill(&mut host.rdma, self.rdma);
        fill(&mut host.rdma_pinned, self.rdma_pinned);
        fill(&mut host.rdma_pin_per_gib, self.rdma_pin);
        fill(&mut host.tls_bandwidth, self.tls);
        fill(&mut host.zero_scan, self.zero_scan);
        fill(&mut host.setup.fixed, self.setup);
        fill(&mut host.setup.per_gib, self.setup_per_gib);
        fill(&mut host.sync.per_gib, self.sync_per_gib);
        fill(&mut host.switchover.fixed, self.switchover);
        fill(&mut host.switchover.per_gib, self.switchover_per_gib);
        host
    }
}
