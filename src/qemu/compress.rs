//! The compression threads of 2.4 to 9.0 (qemu-precopy 3.1 and 7).

use super::{Compression, Version, wire};
use crate::units::{PAGE_SIZE, Rate, Share};

/// Header of a page, and the length of what follows.
const HEADER: u64 = 12;

/// Bytes in the stream of a page that a thread compressed. The first page of each RAM block goes plain.
pub fn page_bytes(compression: Compression) -> u64 {
    HEADER + compression.payload(PAGE_SIZE)
}

/// Whether a page waits for a thread that is free, instead of going plain: always up to 3.0, then as
/// `compress-wait-thread` says.
pub fn waits(version: Version, wait_thread: bool) -> bool {
    version < Version::new(3, 1) || wait_thread
}

/// How the threads and the link share the work, where pages are sent as fast as both allow.
///
/// Returns the share of pages that are compressed, and the bytes on the wire in a second. Waiting for threads that
/// cannot keep up leaves the link idle; pages that do not wait fill it, plain.
pub fn balance(link: Rate, threads: u8, compression: Compression, waits: bool) -> (Share, Rate) {
    let cost = page_bytes(compression) as f64;
    let link = link.0 as f64;
    let compressed = f64::from(threads) * compression.bandwidth.0 as f64 / PAGE_SIZE as f64;
    let left = link - compressed * cost;
    if left <= 0.0 {
        return (Share::ALL, Rate(link as u64));
    }
    if waits {
        return (Share::ALL, Rate((compressed * cost) as u64));
    }
    let plain = left / wire::NORMAL_PAGE as f64;
    (Share(compressed / (compressed + plain)), Rate(link as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compressed_page_has_a_header_of_twelve_bytes() {
        let half = Compression { ratio: 2.0, bandwidth: Rate(0) };
        assert_eq!(page_bytes(half), 2060);
        assert_eq!(page_bytes(Compression::NONE), 4108);
    }

    #[test]
    fn only_from_3_1_on_a_page_may_go_plain() {
        for (version, set, expected) in
            [(Version::new(3, 0), false, true), (Version::new(3, 1), false, false), (Version::new(3, 1), true, true)]
        {
            assert_eq!(waits(version, set), expected, "{version} {set}");
        }
    }

    #[test]
    fn slow_threads_leave_the_link_idle_or_pages_plain() {
        // 10,000 pages/s a thread, 2060 bytes each.
        let compression = Compression { ratio: 2.0, bandwidth: Rate(40_960_000) };
        let link = Rate(82_400_000);
        assert_eq!(balance(link, 8, compression, true), (Share::ALL, link), "8 threads could fill two such links");
        assert_eq!(balance(link, 2, compression, true), (Share::ALL, Rate(41_200_000)));
        let (share, rate) = balance(link, 2, compression, false);
        let plain = 41_200_000.0 / 4104.0;
        assert_eq!((share, rate), (Share(20_000.0 / (20_000.0 + plain)), link));
    }
}
