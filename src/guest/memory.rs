//! RAM as the migration thread sees it: a log of what was written, a bitmap of what must be sent, and a cursor.

use crate::units::Share;

/// Pages that the cursor meets next and that cost the same to send.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PageRun {
    /// How many pages, at least one.
    pub pages: u64,
    /// They are all zero.
    pub zero: bool,
    /// Share of a page's bytes that a write changes; `None` where nobody writes.
    pub changed: Option<Share>,
}

/// What a sync found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Synced {
    /// Pages that were not waiting to be sent and are now.
    pub new: u64,
    /// All pages that were in the log, those already waiting included.
    pub logged: u64,
    /// First writes to write-protected pages since the last sync: each cost the guest a fault.
    pub faults: u64,
}

/// Pages that wait to be sent and that are written equally often.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Missing {
    /// How many.
    pub pages: f64,
    /// How often one of them is written while nothing slows the guest.
    pub touches_per_second: f64,
}

/// What the guest does while pages are sent.
pub trait Meanwhile {
    /// Page writes of each workload up to the moment at which page number `page` of those sent is taken up, from 0 on.
    fn writes(&mut self, page: u64) -> &[u64];
}

/// A guest that stands still.
impl Meanwhile for &[u64] {
    fn writes(&mut self, _: u64) -> &[u64] {
        self
    }
}

/// Two bits a page, *logged* and *to be sent*, and the cursor that sweeps over the second.
///
/// `writes` is always the number of page writes of each workload since the start; it never falls.
///
/// Source: qemu-precopy 6.
pub trait GuestMemory {
    /// Pages that wait to be sent.
    fn remaining(&self) -> u64;

    /// What the cursor meets next; `None` when nothing waits.
    fn next_run(&self) -> Option<PageRun>;

    /// Sends the next `pages`, no more than [`PageRun::pages`]; before the first page of a chunk its log is re-armed.
    fn send(&mut self, pages: u64, meanwhile: &mut impl Meanwhile);

    /// All that waits is sent to a destination where the guest goes on: nobody looks at this memory again.
    fn leave(&mut self);

    /// Where the cursor stands, right after a sync [page]; 0 where nothing lies ahead.
    fn cursor(&self) -> u64;

    /// Whether the cursor has come to the end of RAM and begun again.
    fn has_wrapped(&self) -> bool;

    /// Pages that waited to be sent at the last sync, by how often they are written, where workload w makes `rates[w]`
    /// writes a second.
    fn missing(&self, rates: &[f64]) -> Vec<Missing>;

    /// Takes the log into the bitmap, and re-arms it where the mode says so.
    fn sync(&mut self, writes: &[u64]) -> Synced;
}

/// When the log of a page that was found dirty is armed again; a plain copy of what `qemu` calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rearm {
    /// At every sync, for all pages.
    EverySync,
    /// A 1 GiB chunk at a time, just before its first page is sent; only pages that the last sync reported.
    ByChunk {
        /// At the start all pages count as reported.
        initially_set: bool,
    },
}

/// log2 of the pages in a chunk: 1 GiB (qemu-precopy 6.2).
pub const CHUNK_SHIFT: u32 = 18;
