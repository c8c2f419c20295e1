//! Named hosts, and what is published of each constant of a host.

use serde::Serialize;

use super::{Accel, MemoryTime, Version};
use crate::units::{Rate, Span};

/// A host whose constants are known, or the nearest to one that is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum HostKind {
    /// Two sockets of about 2014, 10 GbE.
    #[serde(rename = "2014-xeon")]
    Xeon2014,
    /// Two sockets of about 2019, 25 to 100 GbE: the middle of what is published.
    #[serde(rename = "2019-xeon")]
    Xeon2019,
    /// One or two sockets of about 2023, 100 GbE.
    #[serde(rename = "2023-epyc")]
    Epyc2023,
    /// The machine under TCG that recorded the traces; its loopback is the link.
    #[serde(rename = "tcg-rig")]
    TcgRig,
}

/// What does not depend on release or accelerator.
#[derive(Clone, Copy, Debug)]
pub(super) struct HostFigures {
    pub stream: Rate,
    pub zero_scan: Rate,
    pub zero_scan_sse2: Rate,
    pub tls: Rate,
    pub ssh: Rate,
    pub libvirt_tunnel: Rate,
    pub switchover: MemoryTime,
}

/// What is published of a constant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HostConstant {
    /// The key of a scenario that says it.
    pub key: &'static str,
    /// What it is.
    pub means: &'static str,
    /// The lowest and the highest published value, as the key takes them.
    pub range: (&'static str, &'static str),
    /// Who measured what.
    pub sources: &'static str,
    /// Whether `precopy probe` measures it.
    pub is_probed: bool,
}

const GBIT: u64 = 125_000_000;
const MIB: u64 = 1 << 20;

impl HostKind {
    /// The words of scenario files.
    pub const WORDS: [(&'static str, HostKind); 4] = [
        ("2014-xeon", HostKind::Xeon2014),
        ("2019-xeon", HostKind::Xeon2019),
        ("2023-epyc", HostKind::Epyc2023),
        ("tcg-rig", HostKind::TcgRig),
    ];

    /// The first release that looks for zero pages with AVX2 where the CPU has it.
    pub const AVX2: Version = Version::new(2, 6);

    /// The host where none is named.
    pub fn default_for(accel: Accel) -> HostKind {
        match accel {
            Accel::Kvm => HostKind::Xeon2019,
            Accel::Tcg => HostKind::TcgRig,
        }
    }

    pub(super) fn figures(self) -> HostFigures {
        // 264 and 279 ms at 1028 GiB, less the fixed part and a final sync of 0.1 ms a GiB.
        let switchover = |ms| MemoryTime::new(Span::from_ms(ms), Span(140_000));
        let middle = HostFigures {
            stream: Rate(198 * GBIT / 10),
            zero_scan: Rate(20_000_000_000),
            zero_scan_sse2: Rate(7_000_000_000),
            tls: Rate(300_000_000),
            ssh: Rate(410 * MIB),
            libvirt_tunnel: Rate(2 * GBIT),
            switchover: switchover(25),
        };
        match self {
            HostKind::Xeon2014 => HostFigures {
                stream: Rate(10 * GBIT),
                zero_scan: Rate(14_000_000_000),
                zero_scan_sse2: Rate(3_900_000_000),
                ssh: Rate(243 * MIB),
                switchover: switchover(50),
                ..middle
            },
            HostKind::Xeon2019 => middle,
            HostKind::Epyc2023 => HostFigures {
                stream: Rate(25 * GBIT),
                zero_scan: Rate(25_000_000_000),
                ssh: Rate(587 * MIB),
                switchover: switchover(20),
                ..middle
            },
            // `tests/data/calibration`; the downtime of 07 in `tests/data/traces`, which had next to nothing left to send.
            HostKind::TcgRig => HostFigures {
                stream: Rate(18 * GBIT),
                zero_scan: Rate(8_600_000_000),
                zero_scan_sse2: Rate(8_600_000_000),
                switchover: MemoryTime::new(Span::from_ms(3), Span::ZERO),
                ..middle
            },
        }
    }
}

/// Every constant of a host that an answer may hang on, with its published range.
pub static HOST_CONSTANTS: &[HostConstant] = &[
    HostConstant {
        key: "host.stream",
        is_probed: true,
        means: "the stream of one connection",
        range: ("10 Gbit/s", "25 Gbit/s"),
        sources: "19.8 Gbit/s on 100 GbE, QEMU 7.0 (qemu-devel, \"zero pages in the multifd threads\", 2022); the receiving \
                  CPU is the bottleneck from 10 GbE on (QEMU wiki, Migration-Multiple-fds, 2015); the upper end is an \
                  assumption",
    },
    HostConstant {
        key: "host.zero-scan",
        is_probed: true,
        means: "the zero scan of one thread",
        range: ("10 GB/s", "25 GB/s"),
        sources: "lower bounds from whole migrations: 19.5 GB/s (qemu-devel, 2022), 20 with AVX2 (OPNFV user guide, 2016), \
                  14.3 and 15.5 (qemu-devel, 2022, 1 TiB), 14 to 17 (Cloud Hypervisor, 2026). With SSE2, before QEMU 2.6: 3.9 \
                  (OPNFV, 2016) and 10 or more (QEMU docs, multi-thread-compression, 2015)",
    },
    HostConstant {
        key: "guest.zero-scan",
        is_probed: false,
        means: "the zero scan of RAM that was never touched",
        range: ("1 GB/s", "2.5 GB/s"),
        sources: "each page is a page fault, unless the kernel maps huge ones: 1 GB/s in a series of 2024 ([workload \
                  catalogue](spec/workload-catalogue.md) 5 B), which series of 2013, 2023 and 2024 agree with (5 E, D and A; \
                  [published](accuracy-published.md)), 2.5 on huge pages (QEMU commit 1e356fc1)",
    },
    HostConstant {
        key: "host.setup-per-gib",
        is_probed: false,
        means: "setup for each GiB of RAM",
        range: ("0.078 ms", "5 ms"),
        sources: "with all pages initially set 273 and 280 ms at 1028 GiB (qemu-devel, 2024), 10 ms at 128 GiB for the log \
                  alone (Linux commit 3c9bd4006bfc); without, 460 ms at 128 GiB (the commit), 4 to 5 ms a GiB \
                  (cloud-hypervisor issue 8899, 2026)",
    },
    HostConstant {
        key: "host.sync-per-gib",
        is_probed: false,
        means: "a sync for each GiB of RAM",
        range: ("0.1 ms", "1.5 ms"),
        sources: "1.5 ms a GiB where a sync re-protects (cloud-hypervisor issue 8899, 2026: one source); a fifteenth of that is \
                  assumed where the chunks do it",
    },
    HostConstant {
        key: "host.switchover",
        is_probed: false,
        means: "the fixed part of the blackout",
        range: ("13 ms", "60 ms"),
        sources: "quiet guests: 30, 57, 13 ms (Proxmox, 2021 to 2026), 54 (2014), 29 (OPNFV, 2016), 27 (QEMU docs, 2015), 29 \
                  (qemu-devel, 2022), 59, 24, 28, 40; how much of it devices and vCPUs take is published nowhere",
    },
    HostConstant {
        key: "host.switchover-per-gib",
        is_probed: false,
        means: "the blackout for each GiB of RAM",
        range: ("0 ms", "0.24 ms"),
        sources: "264 and 279 ms at 1028 GiB (qemu-devel, 2024: one source), less the fixed part and the final sync",
    },
    HostConstant {
        key: "host.tls",
        is_probed: false,
        means: "the stream of one connection with TLS",
        range: ("0.3 GB/s", "1.2 GB/s"),
        sources: "300 MB/s where 500 was allowed (qemu-devel, \"Add Multifd support for TLS migration\", 2020: one source); the \
                  upper end is an assumption for newer CPUs",
    },
    HostConstant {
        key: "host.rdma",
        is_probed: false,
        means: "the stream of RDMA",
        range: ("8 Gbit/s", "18 Gbit/s"),
        sources: "9.5 Gbit/s over 40 Gbit/s for 8 GiB in use (QEMU docs, rdma.txt, 2013); 1,007 MB/s with chunks of 1 MiB, 2,260 with \
                  chunks of 32 MiB (QEMU, x-rdma-chunk-size, 2026)",
    },
    HostConstant {
        key: "host.rdma-pinned",
        is_probed: false,
        means: "the stream of RDMA over pinned RAM",
        range: ("20 Gbit/s", "40 Gbit/s"),
        sources: "26 Gbit/s over 40 Gbit/s (QEMU docs, rdma.txt, 2013: one source); the ends are assumptions",
    },
    HostConstant {
        key: "host.rdma-pin-per-gib",
        is_probed: false,
        means: "pinning for each GiB of RAM",
        range: ("100 ms", "250 ms"),
        sources: "what is left of 4 s for 8 GiB at 26 Gbit/s (QEMU docs, rdma.txt, 2013: one source); the ends are assumptions",
    },
    HostConstant {
        key: "host.ssh",
        is_probed: false,
        means: "the stream of an ssh tunnel",
        range: ("243 MiB/s", "1126 MiB/s"),
        sources: "243 to 587 MiB/s on 10 GbE (a guide to Proxmox, 2025), up to 1.1 GiB/s elsewhere",
    },
    HostConstant {
        key: "host.libvirt-tunnel",
        is_probed: false,
        means: "the stream of libvirt's tunnel",
        range: ("1 Gbit/s", "4 Gbit/s"),
        sources: "about 2 Gbit/s on 10 GbE (release note of Nova's live_migration_tunnelled: one source); a half and twice of \
                  it are assumed",
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qemu::{DirtyLog, HostModel};
    use crate::units::Bytes;

    #[test]
    fn a_terabyte_takes_as_long_as_was_reported() {
        let host = HostModel::of(HostKind::Xeon2019, Version::new(8, 2), Accel::Kvm, DirtyLog::InitiallySet);
        let memory = Bytes(1028 << 30);
        let setup = host.setup.of(memory).ms();
        assert!((273.0..=280.0).contains(&setup), "{setup} ms");
        let blackout = host.switchover.of(memory).ms() + host.sync.of(memory).ms();
        assert!((264.0..=279.0).contains(&blackout), "{blackout} ms");
    }
}
