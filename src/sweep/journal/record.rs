//! What a journal is made of: a head that says what follows, and vouches for it, before each piece.
//!
//! ```text
//!   #note ............ ............ BYTES        CHECKSUM CHECKSUM of this line
//!   what the rows belong to
//!   #rows FIRST        ROWS         BYTES        CHECKSUM CHECKSUM of this line
//!   rows
//!   #rows ...
//! ```
//!
//! Behind damage the next head is looked for, so that a piece that is damaged costs its own rows and no others.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

use super::checksum::{self, checksum};
use super::kept::KeptBlocks;

/// What kind of piece follows.
pub(super) type RecordMark = &'static [u8; 6];
pub(super) const NOTE: RecordMark = b"#note ";
pub(super) const ROWS: RecordMark = b"#rows ";

/// What a head says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// The first row, from 0.
    pub first: u64,
    /// How many rows.
    pub rows: u64,
    /// Bytes that follow the head.
    pub bytes: u64,
    /// Of them.
    pub checksum: u32,
}

impl Head {
    /// Bytes of each head.
    pub(super) const LEN: usize = 63;

    /// Of some rows; they are fewer than 2^48, as are their bytes.
    pub(super) fn of(seed: u32, first: u64, rows: u64, content: &[u8]) -> Head {
        Head { first, rows, bytes: content.len() as u64, checksum: checksum(seed, content) }
    }

    /// As it stands in the file.
    pub(super) fn line(&self, mark: RecordMark, seed: u32) -> Vec<u8> {
        let Head { first, rows, bytes, checksum: content } = self;
        let mut line = mark.to_vec();
        line.extend_from_slice(format!("{first:012x} {rows:012x} {bytes:012x} {content:08x} ").as_bytes());
        line.extend_from_slice(format!("{:08x}\n", checksum(seed, &line)).as_bytes());
        line
    }

    /// What stands in the file, if that is a head.
    pub(super) fn read(mark: RecordMark, seed: u32, line: &[u8]) -> Option<Head> {
        let words = str::from_utf8(line.strip_prefix(mark.as_slice())?).ok()?;
        let mut numbers = words.split([' ', '\n']).map(|word| u64::from_str_radix(word, 16));
        let mut next = || numbers.next()?.ok();
        let head = Head { first: next()?, rows: next()?, bytes: next()?, checksum: u32::try_from(next()?).ok()? };
        // There is one way to write it, which its own checksum is part of.
        (head.line(mark, seed) == line).then_some(head)
    }
}

/// Up to `most` bytes of a file.
pub(super) fn bytes_at(mut file: &File, at: u64, most: usize) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::with_capacity(most);
    file.take(most as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The blocks of a journal.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    /// Those that are whole.
    pub kept: KeptBlocks,
    /// Bytes that are none, a block at the end that was being written aside.
    pub damage: Vec<Range<u64>>,
    /// Where the last whole one ends.
    pub end: u64,
}

impl Blocks {
    /// Finds the blocks from `start` on of a sweep of so many rows.
    pub(super) fn find(file: &File, seed: u32, start: u64, rows: u64) -> io::Result<Blocks> {
        let length = file.metadata()?.len();
        let mut blocks = Blocks { end: start, ..Blocks::default() };
        let mut at = start;
        while at < length {
            // Nearly always there is one right here.
            let mut found = whole(file, seed, at)?;
            let mut next = at;
            while found.is_none() {
                let Some(mark) = next_mark(file, next + 1)? else { break };
                (found, next) = (whole(file, seed, mark)?, mark);
            }
            let Some(head) = found else {
                if !is_half(file, seed, at, length)? {
                    blocks.damage.push(at..length);
                }
                break;
            };
            if next > at {
                blocks.damage.push(at..next);
            }
            at = next + Head::LEN as u64 + head.bytes;
            if head.rows == 0 || head.first + head.rows > rows || !blocks.kept.add(&head, next) {
                blocks.damage.push(next..at);
            }
            blocks.end = at;
        }
        Ok(blocks)
    }
}

fn head(file: &File, seed: u32, at: u64) -> io::Result<Option<Head>> {
    Ok(Head::read(ROWS, seed, &bytes_at(file, at, Head::LEN)?))
}

/// The head of the block at `at`, if all of it is as it was written.
fn whole(file: &File, seed: u32, at: u64) -> io::Result<Option<Head>> {
    let Some(head) = head(file, seed, at)? else { return Ok(None) };
    let found = checksum::read(seed, file, head.bytes)?;
    Ok(Some(head).filter(|head| found == Some(head.checksum)))
}

/// Whether the file ends within the block at `at`, as when its writer is killed.
fn is_half(file: &File, seed: u32, at: u64, length: u64) -> io::Result<bool> {
    Ok(match head(file, seed, at)? {
        Some(head) => at + Head::LEN as u64 + head.bytes > length,
        None => length - at < Head::LEN as u64,
    })
}

/// Bytes that are looked through at once for a mark: few, since what is read behind one is read again.
const LOOK: usize = 1 << 12;

/// Where, from `at` on, a head may begin.
fn next_mark(file: &File, mut at: u64) -> io::Result<Option<u64>> {
    loop {
        let bytes = bytes_at(file, at, LOOK)?;
        if let Some(found) = bytes.windows(ROWS.len()).position(|word| word == ROWS) {
            return Ok(Some(at + found as u64));
        }
        if bytes.len() < LOOK {
            return Ok(None);
        }
        at += (LOOK - ROWS.len() + 1) as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_as_it_was_written_and_not_with_any_bit_turned() {
        let head = Head::of(7, 1_000_000_000_000, 1024, b"rows");
        let line = head.line(ROWS, 7);
        assert_eq!(line.len(), Head::LEN);
        assert_eq!(Head::read(ROWS, 7, &line), Some(head));
        assert!(Head::read(NOTE, 7, &line).is_none() && Head::read(ROWS, 8, &line).is_none());
        for bit in 0..8 * line.len() {
            let mut turned = line.clone();
            turned[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Head::read(ROWS, 7, &turned), None, "bit {bit}");
        }
    }
}
