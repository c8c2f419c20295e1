//! What QEMU has no constant for, because it depends on the host.

use serde::Serialize;

use super::MultifdCompression;
use crate::units::{Pages, Rate};

/// What the source host's threads can do.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct HostSpeed {
    /// Entries of a vCPU's dirty ring (`dirty-ring-size` of the accelerator) [pages].
    pub dirty_ring_size: Pages,
    /// What one multifd channel can send at most; `None`: as much as the link takes.
    pub multifd_channel_bandwidth: Option<Rate>,
    /// What a thread's compression makes of pages; only asked for where something is compressed.
    pub compression: Compression,
    /// What one channel can send at most with TLS.
    pub tls_bandwidth: Rate,
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

impl Default for HostSpeed {
    fn default() -> HostSpeed {
        HostSpeed {
            dirty_ring_size: HostSpeed::DIRTY_RING_SIZE,
            multifd_channel_bandwidth: None,
            compression: Compression::NONE,
            tls_bandwidth: HostSpeed::TLS_BANDWIDTH,
        }
    }
}

impl HostSpeed {
    /// Entries of a dirty ring where one is used and its size is not given: what QEMU's documentation of
    /// `dirty-ring-size` suggests to those who have no better idea.
    pub const DIRTY_RING_SIZE: Pages = Pages(4096);

    /// 300 MB/s: what one channel reached with TLS where the link allowed 500 MB/s (qemu-devel, "Add Multifd support
    /// for TLS migration", 2020). Newer CPUs do better.
    pub const TLS_BANDWIDTH: Rate = Rate(300_000_000);
}
