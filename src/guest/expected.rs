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
use std::ops::Range;
use std::sync::Arc;

use super::GuestConfig;
use super::ground::Ground;
use super::groups::ChunkGroups;
use super::history::WriteHistory;
use super::lanes::{Lanes, by_lanes, rows, rows_mut};
use super::memory::{GuestMemory, Meanwhile, Missing, PageRun, Rearm, Synced};
use super::rows::ShareRows;
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
    /// Some zone has a sequential writer.
    pub(super) has_sweeps: bool,
    /// Pages of which a write changes more cost something else than those of which it changes less.
    tells_changes: bool,
    /// What the cursor passes next, in its order; it is in the first one. The last ones it has passed since the last sync.
    pub(super) ring: VecDeque<PagePiece>,
    /// How many it has passed.
    pub(super) passed: usize,
    /// How many of those, the last ones, had nothing to send.
    idle: usize,
    pub(super) shares: ShareRows,
    pub(super) groups: ChunkGroups,
    /// For each block of classes of each zone the numbers of a [`ClassSums`].
    pub(super) sums: Vec<f64>,
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

/// Sums over all pieces for the classes of a block: their share of the zone's pages [0..=1], and of their pages all, those whose log
/// is armed and those that do not wait to be sent [pages]; at last the chance that a page was not written at random between the last
/// two syncs.
pub(super) type ClassSums<const L: usize> = [[f64; L]; SUMS];

/// Numbers of a class in the sums.
const SUMS: usize = 5;

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
        self.ring.clear();
        (self.passed, self.idle) = (0, 0);
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
        let slots = |zone| ground.touches.slots(zone);
        // A piece for each group of each zone, and a few that the cursor makes.
        let pieces = zones.len() + groups.len() + 8;
        let most = (0..zones.len()).map(|zone| slots(zone).len()).max().unwrap_or(0);
        Expected {
            shares: ShareRows::new(most, pieces),
            ring: VecDeque::with_capacity(pieces),
            passed: 0,
            idle: 0,
            sums: Vec::with_capacity(zones.len().checked_sub(1).map_or(0, |last| SUMS * slots(last).end)),
            ground: Arc::new(ground),
            by_chunk,
            has_sweeps: zones.iter().any(|zone| !zone.sweeps.is_empty()),
            zones,
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
            let armed = if reported { 0.0 } else { 1.0 };
            let (lanes, slots) = (self.history.touches.lanes(index), self.history.touches.slots(index).len());
            by_lanes!(lanes, L => for classes in zone.classes.chunks(L) {
                let share = std::array::from_fn(|lane| classes.get(lane).map_or(0.0, |class| class.share));
                let all = Lanes(share) * real(zone.len);
                let sums: ClassSums<L> = [share, all.0, (all * armed).0, [0.0; L], [1.0; L]];
                self.sums.extend_from_slice(sums.as_flattened());
            });
            let mut start = zone.start;
            while start < zone.end() {
                let (group, end) = self.groups.around(start);
                let (len, row) = (end.min(zone.end()) - start, self.shares.filled(lanes, slots, armed));
                self.ring.push_back(PagePiece { start, len, zone: index, group, row, known: 0 });
                start += len;
            }
        }
        self.tells_changes = tells_changes;
        self.remaining = config.memory.0;
        (_, _, self.alike) = self.totals();
        self.seek();
    }

    /// What the sums are of a zone.
    #[inline(always)]
    pub(super) fn sums<const L: usize>(&self, zone: usize) -> &[ClassSums<L>] {
        let slots = self.history.touches.slots(zone);
        rows(&self.sums[SUMS * slots.start..SUMS * slots.end])
    }

    /// What the sums are of a zone, to be changed.
    #[inline(always)]
    pub(super) fn sums_mut<const L: usize>(sums: &mut [f64], slots: Range<usize>) -> &mut [ClassSums<L>] {
        rows_mut(&mut sums[SUMS * slots.start..SUMS * slots.end])
    }

    /// How many pieces the cursor has not passed.
    #[inline(always)]
    pub(super) fn ahead(&self) -> usize {
        self.ring.len() - self.passed
    }

    /// Moves the cursor to the next piece with something to send.
    #[inline(always)]
    pub(super) fn seek_in_place(&mut self) {
        while self.remaining > 0 && self.here.pending == 0 && self.ahead() > 0 {
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
        let PagePiece { zone, row, len, .. } = self.ring[0];
        let waiting = by_lanes!(self.history.touches.lanes(zone), L => {
            let sums = self.sums::<L>(zone);
            let rows = sums.iter().zip(self.shares.of::<L>(row, sums.len() * L));
            rows.fold(0.0, |waiting, ([share, ..], [_, clean])| {
                (Lanes(*share) * Lanes(*clean).map(|clean| 1.0 - clean)).added_to(waiting)
            })
        });
        let before = self.here.waited;
        self.here.waited += real(len) * waiting;
        self.here.pending = match self.ahead() {
            // What rounding may have lost is found in the last one.
            1 => self.remaining,
            _ => (rounded(self.here.waited) - rounded(before)).min(self.remaining),
        };
    }

    /// The cursor leaves the first piece behind, of which pages were `sent` or not.
    #[inline(always)]
    fn pass(&mut self, sent: bool) {
        let Some(piece) = self.ring.pop_front() else { return };
        self.ring.push_back(piece);
        self.passed += 1;
        self.idle = if sent { 0 } else { self.idle + 1 };
        self.wrapped |= self.ring[0].start <= piece.start;
        self.here = Here { pending: 0, sent: 0, waited: self.here.waited };
    }

    /// Brings a piece ahead up to sync number `to`.
    #[inline(always)]
    pub(super) fn update(&mut self, index: usize, to: usize) {
        let piece = &mut self.ring[index];
        let PagePiece { zone, row, known, .. } = *piece;
        if known == to {
            return;
        }
        piece.known = to;
        let by_chunk = self.by_chunk;
        let lanes = self.history.touches.lanes(zone);
        let untouched = self.history.untouched(zone, known, to);
        by_lanes!(lanes, L => {
            let shares = self.shares.of_mut::<L>(row, untouched.len());
            for (untouched, [armed, clean]) in untouched.as_chunks().0.iter().zip(shares) {
                *clean = (Lanes(*clean) * Lanes(*untouched)).0;
                if by_chunk {
                    *armed = (Lanes(*armed) * Lanes(*untouched)).0;
                }
            }
        });
    }

    /// Cuts the piece under the cursor in two, where it is; pieces behind the last page that was sent lie ahead again.
    #[inline(always)]
    fn stand(&mut self) {
        if self.here.sent == 0 {
            self.passed -= self.idle;
            self.ring.rotate_right(std::mem::take(&mut self.idle));
            return;
        }
        self.idle = 0;
        let Here { sent, pending, .. } = self.here;
        let piece = &mut self.ring[0];
        let share = real(sent) / real(sent + pending);
        // The last piece may have more to send than there are pages.
        let len = ((real(piece.len) * share + 0.5) as u64).min(piece.len);
        let part = PagePiece { len, ..*piece };
        (piece.start, piece.len) = (piece.start + len, piece.len - len);
        match (len, piece.len) {
            (0, _) => {}
            (_, 0) => {
                self.ring.pop_front();
                self.ring.push_back(part);
                self.passed += 1;
            }
            _ => {
                piece.row = self.shares.copy(part.row);
                self.ring.push_back(part);
                self.passed += 1;
            }
        }
    }

    /// The log goes into the bitmap.
    #[inline(always)]
    pub(super) fn sync_in_place(&mut self, writes: &[u64]) -> Synced {
        self.stand();
        let held = self.sync_all(writes);
        let (logged, waiting, alike) = self.totals();
        // Rounding may lose a page that is known to wait.
        let known = std::mem::replace(&mut self.remaining, 0);
        self.remaining = rounded(waiting).max(known);
        self.alike = alike;
        self.here = Here::default();
        if self.history.last >= SYNCS {
            self.forget_syncs();
        }
        self.seek_in_place();
        Synced { new: self.remaining - known, logged: rounded(logged), faults: rounded(logged - held) }
    }

    /// Pages in the log and pages that wait to be sent, in all; and a zone whose pages cost what those of all zones do in which pages
    /// wait, `None` if they differ.
    #[inline(always)]
    pub(super) fn totals(&self) -> (f64, f64, Option<usize>) {
        let (mut logged, mut waiting, mut first, mut differ) = (0.0, 0.0, None, false);
        for (index, zone) in self.zones.iter().enumerate() {
            let before = waiting;
            by_lanes!(self.history.touches.lanes(index), L => for sums in self.sums::<L>(index) {
                let [_, all, armed, ..] = sums;
                logged = (Lanes(*all) - Lanes(*armed)).added_to(logged);
                waiting = waiting_of(sums).added_to(waiting);
            });
            if waiting - before >= 0.5 {
                let other = &self.zones[*first.get_or_insert(index)];
                differ |= zone.zero != other.zero || (self.tells_changes && zone.changed != other.changed);
            }
        }
        (logged, waiting, first.filter(|_| !differ))
    }

    /// Forgets the syncs before the last one.
    #[cold]
    fn forget_syncs(&mut self) {
        self.bring_up_to_date();
        self.ring.iter_mut().for_each(|piece| piece.known = 0);
        self.history.forget();
    }

    /// Brings all pieces ahead up to the last sync.
    fn bring_up_to_date(&mut self) {
        (0..self.ahead()).for_each(|index| self.update(index, self.history.last));
    }
}

/// Pages that wait to be sent.
#[inline(always)]
pub(super) fn waiting_of<const L: usize>([_, all, _, clean, _]: &ClassSums<L>) -> Lanes<L> {
    Lanes(*all) - Lanes(*clean)
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
        let first = self.ring.front().filter(|_| self.remaining > 0)?;
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
                let group = self.ring[0].group;
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
        self.ring.front().map_or(0, |piece| piece.start)
    }

    fn has_wrapped(&self) -> bool {
        self.wrapped
    }

    fn missing(&self, rates: &[f64]) -> Vec<Missing> {
        let of_zone = |(index, zone): (usize, &Zone)| -> Vec<Missing> {
            let waiting: Vec<f64> = by_lanes!(self.history.touches.lanes(index), L => {
                self.sums::<L>(index).iter().flat_map(|sums| waiting_of(sums).0).collect()
            });
            let touches = zone.touches_per_second(rates);
            waiting
                .into_iter()
                .zip(touches)
                .map(|(pages, touches_per_second)| Missing { pages, touches_per_second })
                .collect()
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
            assert_eq!(memory.ring.iter().map(|piece| piece.len).sum::<u64>(), guest().memory.0);
            let (mut clean, mut sum) = (0.0, 0.0);
            for (zone, of_zone) in (0..memory.zones.len()).map(|zone| (zone, memory.history.touches.lanes(zone))) {
                by_lanes!(of_zone, L => {
                    let sums = memory.sums::<L>(zone);
                    sum = sums.iter().fold(sum, |sum, [_, _, _, clean, _]| Lanes(*clean).added_to(sum));
                    for piece in memory.ring.iter().filter(|piece| piece.zone == zone) {
                        let rows = sums.iter().zip(memory.shares.of::<L>(piece.row, sums.len() * L));
                        clean = rows.fold(clean, |all, ([share, ..], [_, clean])| {
                            (Lanes(*share) * Lanes(*clean) * real(piece.len)).added_to(all)
                        });
                    }
                });
            }
            assert!((clean - sum).abs() < 1e-3, "sync {step}: {clean} and {sum}");
            memory.send(memory.remaining().min(400_000), &mut &writes[..]);
        }
    }
}
