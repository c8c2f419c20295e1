//! Checksums of what is on disk.

use std::io::{self, Read};

use crc32fast::Hasher;

/// Bytes that are read or written at once.
pub(super) const CHUNK: usize = 1 << 16;

/// The checksum of some bytes. The seed is that of the sweep that they belong to: rows of another one are damage.
pub(super) fn checksum(seed: u32, bytes: &[u8]) -> u32 {
    let mut hasher = Hasher::new_with_initial(seed);
    hasher.update(bytes);
    hasher.finalize()
}

/// Reads so many bytes, some at a time, and hands them on; their checksum, or `None` if there are fewer.
pub(super) fn passed_on<E: From<io::Error>>(
    seed: u32,
    from: impl Read,
    bytes: u64,
    mut to: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<Option<u32>, E> {
    let (mut hasher, mut left) = (Hasher::new_with_initial(seed), bytes);
    let (mut from, mut chunk) = (from.take(bytes), vec![0; CHUNK]);
    loop {
        let read = from.read(&mut chunk)?;
        if read == 0 {
            return Ok((left == 0).then(|| hasher.finalize()));
        }
        hasher.update(&chunk[..read]);
        to(&chunk[..read])?;
        left -= read as u64;
    }
}

/// The checksum of so many bytes; `None` if there are fewer.
pub(super) fn read(seed: u32, from: impl Read, bytes: u64) -> io::Result<Option<u32>> {
    passed_on(seed, from, bytes, |_| Ok::<(), io::Error>(()))
}
