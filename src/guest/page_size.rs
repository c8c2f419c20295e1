//! Pages of the host behind a guest's RAM.

use serde::Serialize;

use crate::units::Bytes;

/// Size of the host's pages that back a guest's RAM, as x86 has them.
///
/// Dirty pages are tracked and sent in 4 KiB whatever it is, because KVM splits larger ones while it logs. It
/// matters to post-copy, which places whole host pages, and to the limiter (qemu-precopy 2.2, 8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub enum PageSize {
    /// 4 KiB.
    #[default]
    Small,
    /// 2 MiB.
    Large,
    /// 1 GiB.
    Huge,
}

impl PageSize {
    /// All sizes, smallest first.
    pub const ALL: [PageSize; 3] = [PageSize::Small, PageSize::Large, PageSize::Huge];

    /// Its size in bytes.
    pub fn bytes(self) -> Bytes {
        Bytes(match self {
            PageSize::Small => 4 << 10,
            PageSize::Large => 2 << 20,
            PageSize::Huge => 1 << 30,
        })
    }
}
