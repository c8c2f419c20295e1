//! What a parameter holds that is one word of a few, as QEMU spells them.

use serde::Serialize;

use super::Version;

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
