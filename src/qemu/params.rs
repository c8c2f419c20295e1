//! Migration parameters, under QEMU's names.

use serde::Serialize;

use super::Version;
use crate::units::{Bytes, Rate, Span};

/// QEMU's own bound of `downtime-limit`.
pub const MAX_DOWNTIME_LIMIT: Span = Span::from_ms(2_000_000);

/// What `migrate-set-parameters` sets (qemu-precopy 9).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Params {
    /// `max-bandwidth`; zero: no limit.
    pub max_bandwidth: Rate,
    /// `max-postcopy-bandwidth` (3.0+); zero: no limit.
    pub max_postcopy_bandwidth: Rate,
    /// `avail-switchover-bandwidth` (8.2+); zero: measure.
    pub avail_switchover_bandwidth: Rate,
    /// `downtime-limit`, whole ms.
    pub downtime_limit: Span,
    /// First step of the throttle [%, 1..=99].
    pub cpu_throttle_initial: u8,
    /// Every further step of the throttle [%, 1..=99].
    pub cpu_throttle_increment: u8,
    /// `max-cpu-throttle` (3.1+) [%, initial..=99].
    pub max_cpu_throttle: u8,
    /// `throttle-trigger-threshold` (5.0+) [%, 1..=100].
    pub throttle_trigger_threshold: u8,
    /// `cpu-throttle-tailslow` (5.1+).
    pub cpu_throttle_tailslow: bool,
    /// `vcpu-dirty-limit` (8.1+), for each vCPU; whole MiB/s, at least 1.
    pub vcpu_dirty_limit: Rate,
    /// `x-vcpu-dirty-limit-period` (8.1+), whole ms [1..=1000 ms].
    pub x_vcpu_dirty_limit_period: Span,
    /// `xbzrle-cache-size`; a power of two from 2.11 on.
    pub xbzrle_cache_size: Bytes,
    /// `compress-level` (2.4 to 9.0) [0..=9].
    pub compress_level: u8,
    /// `compress-threads` (2.4 to 9.0) [1..=255].
    pub compress_threads: u8,
    /// `compress-wait-thread` (3.1 to 9.0): a page waits for a thread. Before 3.1 it always does.
    pub compress_wait_thread: bool,
    /// `multifd-channels` (4.0+) [1..=255].
    pub multifd_channels: u8,
    /// `multifd-compression` (5.0+).
    pub multifd_compression: MultifdCompression,
    /// `multifd-zlib-level` (5.0+) [0..=9].
    pub multifd_zlib_level: u8,
    /// `multifd-zstd-level` (5.0+) [0..=20].
    pub multifd_zstd_level: u8,
    /// `multifd-qatzip-level` (9.2+) [1..=9].
    pub multifd_qatzip_level: u8,
    /// `zero-page-detection` (9.0+).
    pub zero_page_detection: ZeroPageDetection,
    /// `tls-creds` (2.7+); empty: no TLS.
    pub tls_creds: String,
}

/// What channels do to pages (`multifd-compression`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MultifdCompression {
    /// Nothing.
    #[default]
    None,
    /// zlib, by the CPU.
    Zlib,
    /// Zstandard, by the CPU.
    Zstd,
    /// Intel's In-Memory Analytics Accelerator.
    Qpl,
    /// HiSilicon's accelerator.
    Uadk,
    /// Intel QuickAssist.
    Qatzip,
}

impl MultifdCompression {
    /// QEMU's words.
    pub const WORDS: [(&str, MultifdCompression); 6] = [
        ("none", MultifdCompression::None),
        ("zlib", MultifdCompression::Zlib),
        ("zstd", MultifdCompression::Zstd),
        ("qpl", MultifdCompression::Qpl),
        ("uadk", MultifdCompression::Uadk),
        ("qatzip", MultifdCompression::Qatzip),
    ];

    /// The first release that has it.
    pub fn since(self) -> Version {
        match self {
            MultifdCompression::None | MultifdCompression::Zlib | MultifdCompression::Zstd => Version::new(5, 0),
            MultifdCompression::Qpl | MultifdCompression::Uadk => Version::new(9, 1),
            MultifdCompression::Qatzip => Version::new(9, 2),
        }
    }
}

/// Who looks whether a page is all zero (`zero-page-detection`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ZeroPageDetection {
    /// Nobody: every page is sent as a normal one.
    None,
    /// The migration thread, as all releases up to 8.2 do.
    Legacy,
    /// The channels' threads with multifd; without it the same as `legacy`.
    Multifd,
}

impl ZeroPageDetection {
    /// QEMU's words.
    pub const WORDS: [(&str, ZeroPageDetection); 3] = [
        ("none", ZeroPageDetection::None),
        ("legacy", ZeroPageDetection::Legacy),
        ("multifd", ZeroPageDetection::Multifd),
    ];

    /// The default of a machine type: `legacy` up to 8.2 (qemu-precopy 7).
    pub fn default_for(machine: Version) -> ZeroPageDetection {
        if machine < Version::new(9, 0) { ZeroPageDetection::Legacy } else { ZeroPageDetection::Multifd }
    }
}

impl Params {
    /// The defaults of a release with its own newest machine type (qemu-precopy 9).
    pub fn defaults(version: Version) -> Params {
        let mib_per_s = if version < Version::new(5, 2) { 32 } else { 128 };
        Params {
            max_bandwidth: Rate(mib_per_s << 20),
            max_postcopy_bandwidth: Rate(0),
            avail_switchover_bandwidth: Rate(0),
            downtime_limit: Span::from_ms(if version < Version::new(2, 1) { 30 } else { 300 }),
            cpu_throttle_initial: 20,
            cpu_throttle_increment: 10,
            max_cpu_throttle: 99,
            throttle_trigger_threshold: 50,
            cpu_throttle_tailslow: false,
            vcpu_dirty_limit: Rate(1 << 20),
            x_vcpu_dirty_limit_period: Span::from_ms(1000),
            xbzrle_cache_size: Bytes(64 << 20),
            compress_level: 1,
            compress_threads: 8,
            compress_wait_thread: true,
            multifd_channels: 2,
            multifd_compression: MultifdCompression::None,
            multifd_zlib_level: 1,
            multifd_zstd_level: 1,
            multifd_qatzip_level: 1,
            zero_page_detection: ZeroPageDetection::default_for(version),
            tls_creds: String::new(),
        }
    }
}
