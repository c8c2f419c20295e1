//! What a page costs on the wire (qemu-precopy 3.1).

/// A normal page: 8 bytes of header and its content.
pub const NORMAL_PAGE: u64 = 4104;
/// A zero page: header and one byte.
pub const ZERO_PAGE: u64 = 9;
/// A page in a file with `mapped-ram`: at its own place, without a header, again each time it is written.
pub const MAPPED_PAGE: u64 = 4096;
/// A zero page in such a file is not written.
pub const MAPPED_ZERO: u64 = 0;
/// What the RAM counter takes for the end marker of an iterate call.
pub const CALL_COUNTED: u64 = 8;
/// Framing of an iterate call on the wire: section header, end marker, section footer.
pub const CALL_FRAMING: u64 = 18;
/// The stream is flushed after 32 normal pages (64 buffer pieces) without multifd.
pub const FLUSH_NORMAL: u64 = 32 * NORMAL_PAGE;
/// The stream is flushed after 32 KiB of small copied data, such as zero pages.
pub const FLUSH_SMALL: u64 = 32 << 10;
/// Pages between two looks at the clock inside an iterate call.
pub const CALL_CHECK_PAGES: u64 = 64;
