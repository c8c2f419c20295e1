//! How long the difference between a page and its cached copy is.

use crate::qemu::wire;
use crate::units::{PAGE_SIZE, Share};

/// Header of an encoded page: 8 bytes as for any page, a flag, and the length.
const HEADER: u64 = 11;

/// Bytes that are alike, and bytes after them that differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteRun {
    /// Bytes that did not change.
    pub same: u64,
    /// Bytes that changed.
    pub changed: u64,
}

/// Bytes of a run length below 16,384 in uleb128.
fn uleb128(length: u64) -> u64 {
    if length < 128 { 1 } else { 2 }
}

/// Length of an encoded page [bytes]; what does not change behind the last run costs nothing.
pub fn encoded_length(runs: impl IntoIterator<Item = ByteRun>) -> u64 {
    runs.into_iter().map(|run| uleb128(run.same) + uleb128(run.changed) + run.changed).sum()
}

/// What a guest changed in a page since it was last sent.
///
/// The model: `bytes` bytes in `runs` runs of the same length, as far as whole bytes allow, and the same distance
/// before each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageChange {
    bytes: u64,
    runs: u64,
}

impl PageChange {
    /// Bytes in a run where nothing else is known: a machine word, the usual unit of a write.
    const WORD: u64 = 8;

    /// `bytes` changed bytes in `runs` runs; both are brought into the bounds of a page.
    pub fn new(bytes: u64, runs: u64) -> PageChange {
        let bytes = bytes.min(PAGE_SIZE);
        // Runs are apart: they cannot outnumber the bytes between them. A page that changed all over is one run.
        let runs = runs.clamp(1, bytes.min(PAGE_SIZE - bytes).max(1));
        PageChange { bytes, runs }
    }

    /// That share of a page, in words of 8 bytes spread over it; the last word may be cut short.
    ///
    /// Changes in fewer, longer runs are cheaper: from about 80 % on, words all over no longer fit into a page.
    pub fn of(share: Share) -> PageChange {
        let bytes = (share.0.clamp(0.0, 1.0) * PAGE_SIZE as f64).round() as u64;
        PageChange::new(bytes, bytes.div_ceil(PageChange::WORD))
    }

    /// Length of the encoded page [bytes]; 0: nothing changed.
    pub fn encoded_length(self) -> u64 {
        if self.bytes == 0 {
            return 0;
        }
        // What `encoded_length` says of each run, summed up: each batch of pages asks for it.
        let lengths = |whole: u64| {
            let (short, longer) = (whole / self.runs, whole % self.runs);
            (self.runs - longer) * uleb128(short) + longer * uleb128(short + 1)
        };
        lengths(PAGE_SIZE - self.bytes) + lengths(self.bytes) + self.bytes
    }
}

/// How a page went that XBZRLE looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// Not in the cache: sent normally.
    Miss,
    /// In the cache, and the same: nothing is sent, and no page is counted.
    Unchanged,
    /// As so many bytes of difference.
    Encoded(u64),
    /// In the cache, but the difference is longer than the page: sent normally.
    Overflow,
}

impl Sent {
    /// How a page in the cache goes whose difference has that length [bytes].
    pub fn hit(encoded_length: u64) -> Sent {
        match encoded_length {
            0 => Sent::Unchanged,
            length if length > PAGE_SIZE => Sent::Overflow,
            length => Sent::Encoded(length),
        }
    }

    /// Bytes in the stream.
    pub fn wire_bytes(self) -> u64 {
        match self {
            Sent::Miss | Sent::Overflow => wire::NORMAL_PAGE,
            Sent::Unchanged => 0,
            Sent::Encoded(length) => HEADER + length,
        }
    }

    /// Whether it counts in `ram.normal`.
    pub fn is_normal(self) -> bool {
        matches!(self, Sent::Miss | Sent::Overflow)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_small_changes_are_those_by_hand() {
        for (what, runs, length) in [
            ("nothing", vec![], 0),
            ("first word", vec![(0, 8)], 1 + 1 + 8),
            ("word at 127", vec![(127, 8)], 1 + 1 + 8),
            ("word at 128", vec![(128, 8)], 2 + 1 + 8),
            ("low half of a counter in front", vec![(0, 4)], 6),
            ("two words", vec![(100, 8), (1000, 8)], 10 + 11),
            ("128 bytes in a row", vec![(0, 128)], 1 + 2 + 128),
            ("the page", vec![(0, 4096)], 1 + 2 + 4096),
        ] {
            let runs = runs.into_iter().map(|(same, changed)| ByteRun { same, changed });
            assert_eq!(encoded_length(runs), length, "{what}");
        }
    }

    #[test]
    fn a_share_of_a_page_becomes_words() {
        for (share, bytes, length) in [
            (0.0, 0, 0),
            // One word after 4088 bytes that are the same.
            (8.0 / 4096.0, 8, 2 + 1 + 8),
            // Fewer bytes than a word.
            (2.0 / 4096.0, 2, 2 + 1 + 2),
            // 51.2 words in 410 bytes: 52 runs, 70 or 71 bytes apart.
            (0.1, 410, 52 * 2 + 410),
            // 256 words, 8 bytes apart.
            (0.5, 2048, 256 * 2 + 2048),
            // 384 words, 2 or 3 bytes apart.
            (0.75, 3072, 384 * 2 + 3072),
            // 41 bytes are the same: no more runs than these.
            (0.99, 4055, 41 * 2 + 4055),
            (1.0, 4096, 4099),
        ] {
            let change = PageChange::of(Share(share));
            assert_eq!((change.bytes, change.encoded_length()), (bytes, length), "{share}");
        }
        assert_eq!(PageChange::new(2048, 1).encoded_length(), 2 + 2 + 2048, "one run is the cheapest");
        assert_eq!(PageChange::new(8, 0).encoded_length(), 11);
    }

    #[test]
    fn a_change_is_as_long_as_its_runs() {
        for (bytes, runs) in
            (1..=PAGE_SIZE).flat_map(|bytes| [1, 2, 7, 31, 32, 33, bytes / 8, bytes].map(|n| (bytes, n)))
        {
            let change = PageChange::new(bytes, runs);
            let part = |whole: u64, run: u64| whole * (run + 1) / change.runs - whole * run / change.runs;
            let runs =
                (0..change.runs).map(|run| ByteRun { same: part(PAGE_SIZE - bytes, run), changed: part(bytes, run) });
            assert_eq!(change.encoded_length(), encoded_length(runs), "{change:?}");
        }
    }

    #[test]
    fn a_page_costs_what_is_sent_of_it() {
        for (length, sent, bytes) in [
            (0, Sent::Unchanged, 0),
            (6, Sent::Encoded(6), 17),
            (4096, Sent::Encoded(4096), 4107),
            (4097, Sent::Overflow, 4104),
        ] {
            assert_eq!((Sent::hit(length), Sent::hit(length).wire_bytes()), (sent, bytes), "{length}");
        }
        assert_eq!(Sent::Miss.wire_bytes(), 4104);
        assert!(Sent::Miss.is_normal() && Sent::Overflow.is_normal() && !Sent::Encoded(1).is_normal());
    }
}
