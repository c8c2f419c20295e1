//! The expected memory: per stretch of RAM the expected share of pages in each state, advanced in closed form.
//!
//! Pages of a zone are written independently of each other and of where the cursor is, so that a sweep and a sync only
//! ever make *stretches* of pages that are alike: passed by the cursor or not, in a chunk re-armed at one instant or
//! another, inside or outside the arc that a sequential writer passed. A [`PagePiece`] is such a stretch. For each
//! class of its zone two shares are all that has to be known, and they follow the exact memory's rules term by term.
//!
//! What the cursor has not passed loses with each sync the same part of its clean pages everywhere. So only the sums
//! over all pieces are advanced then; a piece is evaluated lazily, when the cursor reaches it.

use std::collections::VecDeque;
use std::sync::Arc;

use super::GuestConfig;
use super::ground::Ground;
use super::groups::ChunkGroups;
use super::history::WriteHistory;
use super::lanes::{LANES, Lanes};
use super::memory::{GuestMemory, Meanwhile, Missing, PageRun, Rearm, Synced};
use super::rows::{ClassShares, ShareRows};
use super::scratch::SyncScratch;
use super::zones::Zone;
use crate::units::real;

/// RAM as a ring of pieces that turns under the cursor.
#[derive(Clone, Debug)]
pub struct Expected {
    /// It never changes, so copies share it.
    ground: Arc<Ground>,
    /// Those of the ground.
    pub(super) zones: Arc<[Zone]>,
    /// Logs are re-armed by chunk; if not, by every sync.
    pub(super) by_chunk: bool,
    /// Pages of which a write changes more cost something else than those of which it changes less.
    tells_changes: bool,
    /// What the cursor passes next, in its order; it is in the first one.
    pub(super) ahead: VecDeque<PagePiece>,
    /// What it has passed since the last sync.
    pub(super) passed: Vec<Passed>,
    pub(super) shares: ShareRows,
    pub(super) groups: ChunkGroups,
    /// For each block of classes of each zone.
    pub(super) sums: Vec<ClassSums>,
    pub(super) history: WriteHistory,
    pub(super) scratch: SyncScratch,
    remaining: u64,
    here: Here,
    /// A zone that stands for all in which pages wait; `None` if these do not cost the same.
    alike: Option<usize>,
    wrapped: bool,
}

/// A stretch of pages that are alike.
#[derive(Clone, Copy, Debug)]
pub(super) struct PagePiece {
    pub(super) start: u64,
    pub(super) len: u64,
    pub(super) zone: usize,
    /// Group of chunks that is re-armed together.
    pub(super) group: usize,
    /// Its row of shares.
    pub(super) row: usize,
    /// The sync that these are of, in the history.
    pub(super) known: usize,
}

impl PagePiece {
    /// One past its last page.
    pub(super) fn end(&self) -> u64 {
        self.start + self.len
    }
}

/// A piece that the cursor has passed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Passed {
    pub(super) piece: PagePiece,
    /// Pages of it were sent.
    sent: bool,
}

/// The piece under the cursor.
#[derive(Clone, Copy, Debug, Default)]
struct Here {
    /// Pages of it that wait to be sent.
    pending: u64,
    /// Pages of it sent since the last sync.
    sent: u64,
    /// What waited at the last sync in all pieces up to this one [pages].
    waited: f64,
}

/// Sums over all pieces for four classes [pages].
#[derive(Clone, Copy, Debug)]
pub(super) struct ClassSums {
    /// Share of the zone's pages [0..=1].
    pub(super) share: Lanes,
    pub(super) all: Lanes,
    pub(super) armed: Lanes,
    pub(super) clean: Lanes,
    /// Chance that a page was not written at random between the last two syncs.
    pub(super) untouched: Lanes,
}

impl ClassSums {
    /// Pages that wait to be sent.
    #[inline(always)]
    fn waiting(&self) -> Lanes {
        self.all - self.clean
    }
}

/// Syncs after which all pieces are brought up to date, so that those can be forgotten.
const SYNCS: usize = 256;

impl Expected {
    /// The RAM of `config`, all of it still to be sent; with `tells_changes` a run of pages ends where writes change
    /// more or less of a page.
    pub fn new(config: &GuestConfig, rearm: Rearm, tells_changes: bool) -> Expected {
        let mut memory = Expected::on(Ground::new(config), config, rearm);
        memory.fill(config, rearm, tells_changes);
        memory
    }

    /// Becomes what [`new`](Expected::new) makes, in the storage that is there, and without asking again what depends on the guest
    /// alone where that is the same.
    pub fn renew(&mut self, config: &GuestConfig, rearm: Rearm, tells_changes: bool) {
        let by_chunk = rearm != Rearm::EverySync;
        if self.by_chunk != by_chunk || !self.ground.is_that_of(config) {
            *self = Expected::on(Ground::new(config), config, rearm);
        }
        self.groups.leave_all();
        self.history.begin_again();
        self.ahead.clear();
        self.passed.clear();
        self.shares.clear();
        self.sums.clear();
        self.here = Here::default();
        self.wrapped = false;
        self.fill(config, rearm, tells_changes);
    }

    /// Memory without pieces.
    fn on(ground: Ground, config: &GuestConfig, rearm: Rearm) -> Expected {
        let zones = Arc::clone(&ground.zones);
        let by_chunk = rearm != Rearm::EverySync;
        let workloads = config.workloads.len();
        let groups = ChunkGroups::new(if by_chunk { &zones } else { &[] }, config.memory.0, workloads);
        let history = WriteHistory::new(&ground.touches, workloads);
        let blocks = |zone| ground.touches.blocks(zone);
        // A piece for each group of each zone, and a few that the cursor makes.
        let pieces = zones.len() + groups.len() + 8;
        let most = (0..zones.len()).map(|zone| blocks(zone).len()).max().unwrap_or(0);
        Expected {
            shares: ShareRows::new(most, pieces),
            ahead: VecDeque::with_capacity(pieces),
            passed: Vec::with_capacity(pieces),
            sums: Vec::with_capacity(zones.len().checked_sub(1).map_or(0, |last| blocks(last).end)),
            ground: Arc::new(ground),
            zones,
            by_chunk,
            tells_changes: false,
            groups,
            history,
            scratch: SyncScratch::default(),
            remaining: 0,
            here: Here::default(),
            alike: None,
            wrapped: false,
        }
    }

    /// Puts the pieces in.
    fn fill(&mut self, config: &GuestConfig, rearm: Rearm, tells_changes: bool) {
        for (index, zone) in self.zones.iter().enumerate() {
            // A page that nobody writes is never found in a log.
            let reported = rearm == (Rearm::ByChunk { initially_set: true }) && zone.is_written();
            let (armed, zero) = (if reported { 0.0 } else { 1.0 }, Lanes::default());
            self.sums.extend(zone.classes.chunks(LANES).map(|classes| {
                let mut share = zero;
                share.0.iter_mut().zip(classes).for_each(|(share, class)| *share = class.share);
                let all = share * real(zone.len);
                ClassSums { share, all, armed: all * armed, clean: zero, untouched: Lanes::all(1.0) }
            }));
            let shares = ClassShares { armed: Lanes::all(armed), clean: zero };
            let mut start = zone.start;
            while start < zone.end() {
                let (group, end) = self.groups.around(start);
                let (len, row) = (end.min(zone.end()) - start, self.shares.filled(shares));
                self.ahead.push_back(PagePiece { start, len, zone: index, group, row, known: 0 });
                start += len;
            }
        }
        self.tells_changes = tells_changes;
        self.remaining = config.memory.0;
        self.alike = self.stands_for_all();
        self.seek();
    }

    /// Moves the cursor to the next piece with something to send.
    #[inline(always)]
    pub(super) fn seek_in_place(&mut self) {
        while self.remaining > 0 && self.here.pending == 0 && !self.ahead.is_empty() {
            self.reach();
            if self.here.pending == 0 {
                self.pass(false);
            }
        }
    }

    /// Finds out how much of the first piece waits, rounded so that the sum over all pieces is the rounded sum.
    #[inline(always)]
    fn reach(&mut self) {
        self.update(0, self.history.last);
        let piece = &self.ahead[0];
        let sums = &self.sums[self.history.touches.blocks(piece.zone)];
        let rows = sums.iter().zip(self.shares.of(piece.row));
        let waiting = rows
            .fold(0.0, |waiting, (sum, shares)| (sum.share * shares.clean.map(|clean| 1.0 - clean)).added_to(waiting));
        let before = self.here.waited;
        self.here.waited += real(piece.len) * waiting;
        self.here.pending = match self.ahead.len() {
            // What rounding may have lost is found in the last one.
            1 => self.remaining,
            _ => (rounded(self.here.waited) - rounded(before)).min(self.remaining),
        };
    }

    /// The cursor leaves the first piece behind, of which pages were `sent` or not.
    fn pass(&mut self, sent: bool) {
        let Some(piece) = self.ahead.pop_front() else { return };
        self.passed.push(Passed { piece, sent });
        let next = self.ahead.front().unwrap_or(&self.passed[0].piece);
        self.wrapped |= next.start <= piece.start;
        self.here = Here { pending: 0, sent: 0, waited: self.here.waited };
    }

    /// Brings a piece ahead up to sync number `to`.
    #[inline(always)]
    pub(super) fn update(&mut self, index: usize, to: usize) {
        let PagePiece { zone, row, known, .. } = self.ahead[index];
        if known == to {
            return;
        }
        self.ahead[index].known = to;
        let by_chunk = self.by_chunk;
        let untouched = self.history.untouched(zone, known, to);
        for (untouched, shares) in untouched.iter().zip(self.shares.of_mut(row)) {
            shares.clean = shares.clean * *untouched;
            if by_chunk {
                shares.armed = shares.armed * *untouched;
            }
        }
    }

    /// Cuts the piece under the cursor in two, where it is; pieces behind the last page that was sent lie ahead again.
    fn stand(&mut self) {
        if self.here.sent > 0 {
            let Here { sent, pending, .. } = self.here;
            let piece = &mut self.ahead[0];
            let share = real(sent) / real(sent + pending);
            // The last piece may have more to send than there are pages.
            let len = ((real(piece.len) * share + 0.5) as u64).min(piece.len);
            let part = PagePiece { len, ..*piece };
            (piece.start, piece.len) = (piece.start + len, piece.len - len);
            piece.row = self.shares.copy(part.row);
            if piece.len == 0 {
                self.shares.free_row(piece.row);
                self.ahead.pop_front();
            }
            if len > 0 {
                self.passed.push(Passed { piece: part, sent: true });
            } else {
                self.shares.free_row(part.row);
            }
            return;
        }
        while let Some(&Passed { piece, sent: false }) = self.passed.last() {
            self.passed.pop();
            self.ahead.push_front(piece);
        }
    }

    /// The log goes into the bitmap.
    #[inline(always)]
    pub(super) fn sync_in_place(&mut self, writes: &[u64]) -> Synced {
        self.stand();
        let (logged, waiting, held) = self.sync_all(writes);
        // Rounding may lose a page that is known to wait.
        let known = std::mem::replace(&mut self.remaining, 0);
        self.remaining = rounded(waiting).max(known);
        self.alike = self.stands_for_all();
        self.here = Here::default();
        if self.history.last >= SYNCS {
            self.forget_syncs();
        }
        self.seek_in_place();
        Synced { new: self.remaining - known, logged: rounded(logged), faults: rounded(logged - held) }
    }

    /// A zone whose pages cost what those of all zones do in which pages wait; `None` if they differ.
    fn stands_for_all(&self) -> Option<usize> {
        let sums = |zone: usize| &self.sums[self.history.touches.blocks(zone)];
        let waiting = |zone: usize| sums(zone).iter().fold(0.0, |all, four| four.waiting().added_to(all));
        let mut waits = (0..self.zones.len()).filter(|zone| waiting(*zone) >= 0.5);
        let first = waits.next()?;
        let alike = |a: &Zone, b: &Zone| a.zero == b.zero && (!self.tells_changes || a.changed == b.changed);
        waits.all(|other| alike(&self.zones[first], &self.zones[other])).then_some(first)
    }

    /// Forgets the syncs before the last one.
    #[cold]
    fn forget_syncs(&mut self) {
        self.bring_up_to_date();
        self.ahead.iter_mut().for_each(|piece| piece.known = 0);
        self.history.forget();
    }

    /// Brings all pieces ahead up to the last sync.
    fn bring_up_to_date(&mut self) {
        (0..self.ahead.len()).for_each(|index| self.update(index, self.history.last));
    }
}

/// To the next whole number, without a call into the maths library and in one instruction.
fn rounded(pages: f64) -> u64 {
    (pages + 0.5) as i64 as u64
}

impl GuestMemory for Expected {
    fn remaining(&self) -> u64 {
        self.remaining
    }

    #[inline]
    fn next_run(&self) -> Option<PageRun> {
        let first = self.ahead.front().filter(|_| self.remaining > 0)?;
        let (zone, pages) = match self.alike {
            Some(zone) => (zone, self.remaining),
            None => (first.zone, self.here.pending),
        };
        Some(PageRun { pages, zero: self.zones[zone].zero, changed: self.zones[zone].changed })
    }

    fn send(&mut self, pages: u64, meanwhile: &mut impl Meanwhile) {
        let mut done = 0;
        while done < pages && self.here.pending > 0 {
            if self.by_chunk && self.here.sent == 0 {
                let group = self.ahead[0].group;
                if self.groups.awaits_visit(group) {
                    self.groups.enter(group, meanwhile.writes(done));
                }
            }
            let now = self.here.pending.min(pages - done);
            self.here.pending -= now;
            self.here.sent += now;
            self.remaining -= now;
            done += now;
            if self.here.pending == 0 {
                self.pass(true);
                self.seek();
            }
        }
    }

    fn leave(&mut self) {
        self.remaining = 0;
    }

    fn cursor(&self) -> u64 {
        self.ahead.front().map_or(0, |piece| piece.start)
    }

    fn has_wrapped(&self) -> bool {
        self.wrapped
    }

    fn missing(&self, rates: &[f64]) -> Vec<Missing> {
        let of_zone = |(index, zone): (usize, &Zone)| -> Vec<Missing> {
            let sums = &self.sums[self.history.touches.blocks(index)];
            let waiting = sums.iter().flat_map(|four| four.waiting().0);
            let touches = zone.touches_per_second(rates);
            waiting.zip(touches).map(|(pages, touches_per_second)| Missing { pages, touches_per_second }).collect()
        };
        self.zones.iter().enumerate().flat_map(of_zone).collect()
    }

    fn sync(&mut self, writes: &[u64]) -> Synced {
        self.sync_widely(writes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guest::{Law, sample};
    use crate::units::{Bytes, Pages};

    /// 40 GiB, of which a skewed writer has 32: groups of several chunks.
    fn guest() -> GuestConfig {
        let zipf = sample::writer(Law::Zipf { exponent: 0.9 }, Pages(0), Bytes(32 << 30).pages());
        sample::guest(Bytes(40 << 30).pages(), vec![zipf])
    }

    #[test]
    fn what_waits_until_the_cursor_comes_is_no_other_than_what_is_kept_up_to_date() {
        for rearm in [Rearm::EverySync, Rearm::ByChunk { initially_set: true }] {
            let mut lazy = Expected::new(&guest(), rearm, false);
            let mut eager = lazy.clone();
            // More syncs than are remembered, and short passes with a long one now and then.
            for step in 1..3 * SYNCS as u64 {
                let writes = [step * 700_000];
                let mut found = [&mut lazy, &mut eager].map(|memory| {
                    let found = memory.sync(&writes);
                    let pages = if step % 50 == 0 { memory.remaining() } else { memory.remaining().min(300_000) };
                    memory.send(pages, &mut &writes[..]);
                    (memory.remaining(), found.new, found.logged, found.faults)
                });
                eager.bring_up_to_date();
                found.sort_unstable();
                let [a, b] = found;
                for (a, b) in [(a.0, b.0), (a.1, b.1), (a.2, b.2), (a.3, b.3)] {
                    assert!(a.abs_diff(b) <= 2, "{rearm:?}, sync {step}: {a} and {b}");
                }
            }
        }
    }

    #[test]
    fn sums_are_those_of_the_pieces() {
        let mut memory = Expected::new(&guest(), Rearm::ByChunk { initially_set: true }, false);
        for step in 1..100 {
            let writes = [step * 700_000];
            memory.sync(&writes);
            memory.bring_up_to_date();
            let pieces = || memory.ahead.iter().chain(memory.passed.iter().map(|passed| &passed.piece));
            assert_eq!(pieces().map(|piece| piece.len).sum::<u64>(), guest().memory.0);
            let clean: f64 = pieces()
                .flat_map(|p| {
                    let sums = &memory.sums[memory.history.touches.blocks(p.zone)];
                    let rows = sums.iter().zip(memory.shares.of(p.row));
                    rows.map(|(sum, shares)| (sum.share * shares.clean * real(p.len)).added_to(0.0))
                })
                .sum();
            let sum = memory.sums.iter().fold(0.0, |all, sum| sum.clean.added_to(all));
            assert!((clean - sum).abs() < 1e-3, "sync {step}: {clean} and {sum}");
            memory.send(memory.remaining().min(400_000), &mut &writes[..]);
        }
    }
}
