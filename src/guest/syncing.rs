//! What becomes of the expected memory's pieces at a sync.

use super::arc;
use super::expected::{ClassSums, Expected, PagePiece};
use super::groups::GroupVisit;
use super::lanes::{Lanes, by_lanes};
use super::scratch::SyncScratch;
use crate::units::real;

/// A sync under way.
struct SyncInProgress<'a> {
    now: &'a [u64],
    /// Pages reported by the last sync and never re-armed: the guest can write them without a fault.
    held: f64,
    scratch: SyncScratch,
}

/// Pages that were written for certain, because a sequential writer passed them.
#[derive(Clone, Copy, Default)]
struct Swept {
    since_sync: bool,
    since_rearm: bool,
}

/// Shares of reported pages that are nearer to each other than this count as equal, so that the mark that a
/// sequential writer has left fades out after some syncs, and the number of pieces stays small.
const ALIKE: f64 = 1e-3;

impl Expected {
    /// Takes in the writes since the last sync; pages of the log that cost
    /// the guest no fault.
    #[inline(always)]
    pub(super) fn sync_all(&mut self, writes: &[u64]) -> f64 {
        let mut sync = SyncInProgress { now: writes, held: 0.0, scratch: std::mem::take(&mut self.scratch) };
        (sync.scratch.rearmed, sync.scratch.passed_in) = (None, (None, None));
        sync.scratch.before.clear();
        self.history.at(self.history.last).iter().for_each(|count| sync.scratch.before.push(*count));
        self.advance_sums(&mut sync);
        self.history.push(sync.now);
        match self.has_sweeps {
            true => self.sync_in_order(&mut sync),
            false => {
                self.sync_rearmed(&mut sync);
                self.sync_passed(&mut sync);
            }
        }
        self.passed = 0;
        self.groups.leave_all();
        self.scratch = sync.scratch;
        sync.held
    }

    /// Advances the sums as if the cursor had passed nothing, and no log been re-armed since the last sync.
    #[inline(always)]
    fn advance_sums(&mut self, sync: &mut SyncInProgress) {
        let SyncInProgress { now, held, scratch: SyncScratch { before, .. } } = sync;
        let by_chunk = self.by_chunk;
        for zone in 0..self.zones.len() {
            let (lanes, slots) = (self.history.touches.lanes(zone), self.history.touches.slots(zone));
            let chances = self.history.untouched_until(zone, before, now);
            by_lanes!(lanes, L => {
                let sums = Expected::sums_mut::<L>(&mut self.sums, slots);
                for ([_, all, armed, clean, untouched], chance) in sums.iter_mut().zip(chances.as_chunks().0) {
                    let chance = Lanes(*chance);
                    let pages = if by_chunk { Lanes(*armed) } else { Lanes(*all) };
                    *held = (Lanes(*all) - pages).added_to(*held);
                    *untouched = chance.0;
                    *clean = (Lanes(*clean) * chance).0;
                    *armed = (pages * chance).0;
                }
            });
        }
    }

    /// Advances all pieces one after the other: a sequential writer makes a difference within a piece, so that lazy evaluation does
    /// not do.
    #[inline(never)]
    fn sync_in_order(&mut self, sync: &mut SyncInProgress) {
        for _ in 0..self.ahead() {
            self.update(0, self.history.last - 1);
            if let Some(piece) = self.ring.pop_front() {
                self.sync_to_back(piece, false, sync);
            }
        }
        let mut passed = self.passed;
        while passed > 0
            && let Some(mut piece) = self.ring.pop_front()
        {
            passed -= 1;
            while passed > 0 && self.joinable(&piece, &self.ring[0]) {
                passed -= 1;
                if let Some(next) = self.ring.pop_front() {
                    self.join(&mut piece, &next);
                }
            }
            self.sync_to_back(piece, true, sync);
        }
    }

    /// Advances what the cursor has not passed and lies in a chunk that was re-armed: a chunk is re-armed as a whole, also what lies
    /// ahead in it and what lay behind the cursor at the last sync.
    #[inline(always)]
    fn sync_rearmed(&mut self, sync: &mut SyncInProgress) {
        let (last, ahead) = (self.history.last, self.ahead());
        let rearmed = |index: &usize| self.groups.is_rearmed(self.ring[*index].group);
        let from_front = (0..ahead).take_while(rearmed).count();
        let from_back = (from_front..ahead).rev().take_while(rearmed).count();
        for index in (0..from_front).chain(ahead - from_back..ahead) {
            self.update(index, last - 1);
            self.ring[index].known = last;
            let piece = self.ring[index];
            self.sync_piece(&piece, false, Swept::default(), sync);
        }
    }

    /// Advances what the cursor has passed, neighbours that need not be told apart as one; the ring is whole again.
    #[inline(always)]
    fn sync_passed(&mut self, sync: &mut SyncInProgress) {
        let (mut next, mut kept) = (self.ahead(), self.ahead());
        while next < self.ring.len() {
            let mut piece = self.ring[next];
            next += 1;
            while next < self.ring.len() && self.joinable(&piece, &self.ring[next]) {
                let other = self.ring[next];
                self.join(&mut piece, &other);
                next += 1;
            }
            piece.known = self.history.last;
            self.sync_piece(&piece, true, Swept::default(), sync);
            self.ring[kept] = piece;
            kept += 1;
        }
        self.ring.truncate(kept);
    }

    /// Whether two neighbours that the cursor has passed need not be told apart at a sync.
    ///
    /// What was random is the same in both, so that only their sum counts. A sequential writer picks its pages by
    /// place: it matters to it where the reported ones are.
    fn joinable(&self, before: &PagePiece, next: &PagePiece) -> bool {
        (before.zone, before.group, before.end()) == (next.zone, next.group, next.start)
            && (self.zones[before.zone].sweeps.is_empty() || self.armed_alike(before, next))
    }

    /// Whether as many pages of each class are reported in both pieces of a zone.
    fn armed_alike(&self, one: &PagePiece, other: &PagePiece) -> bool {
        let slots = self.history.touches.slots(one.zone).len();
        by_lanes!(self.history.touches.lanes(one.zone), L => {
            let both = self.shares.of::<L>(one.row, slots).iter().zip(self.shares.of::<L>(other.row, slots));
            both.into_iter().all(|([a, _], [b, _])| (Lanes(*a) - Lanes(*b)).0.iter().all(|apart| apart.abs() < ALIKE))
        })
    }

    /// Makes a piece and its neighbour one.
    #[inline(always)]
    fn join(&mut self, piece: &mut PagePiece, next: &PagePiece) {
        let slots = self.history.touches.slots(piece.zone).len();
        let (row, other) = ((piece.row, real(piece.len)), (next.row, real(next.len)));
        by_lanes!(self.history.touches.lanes(piece.zone), L => self.shares.average::<L>(slots, row, other));
        self.shares.free_row(next.row);
        piece.len += next.len;
    }

    /// What becomes of a piece, all of whose pages were `swept` alike; of one that the cursor has `passed` only what is
    /// in the log waits from now on.
    #[inline(always)]
    fn sync_piece(&mut self, piece: &PagePiece, passed: bool, swept: Swept, sync: &mut SyncInProgress) {
        let SyncInProgress { now, held, scratch: SyncScratch { rearmed, since_rearm, .. } } = sync;
        let mut nothing_held = 0.0;
        let (chances, held) = match self.groups.visit(piece.group, passed, now) {
            // Nothing has re-armed what was reported.
            None => (None, &mut nothing_held),
            Some(_) if swept.since_rearm => (None, held),
            Some(GroupVisit { from, to, chunks }) => {
                let whose = Some((piece.zone, piece.group));
                if std::mem::replace(rearmed, whose) != whose {
                    let touches = &self.history.touches;
                    match chunks {
                        1 => touches.untouched(piece.zone, from, now, since_rearm),
                        _ => touches.untouched_on_average(piece.zone, (from, to), now, chunks, since_rearm),
                    }
                }
                (Some(&since_rearm[..]), held)
            }
        };
        let lanes = self.history.touches.lanes(piece.zone);
        by_lanes!(lanes, L => self.advance::<L>(piece, passed, swept, chances, held));
    }

    /// What becomes of a piece of whose reported pages those of a class have the chance `since_rearm` not to be in the log, or
    /// none; such pages are no longer `held`.
    #[inline(always)]
    fn advance<const L: usize>(
        &mut self,
        piece: &PagePiece,
        passed: bool,
        swept: Swept,
        since_rearm: Option<&[f64]>,
        held: &mut f64,
    ) {
        let slots = self.history.touches.slots(piece.zone);
        let length = real(piece.len);
        let by_chunk = self.by_chunk;
        let shares = self.shares.of_mut::<L>(piece.row, slots.len());
        let sums: &mut [ClassSums<L>] = Expected::sums_mut(&mut self.sums, slots);
        for (index, ([share, _, armed_pages, clean_pages, untouched], shares)) in
            sums.iter_mut().zip(shares).enumerate()
        {
            let [armed, clean] = [Lanes(shares[0]), Lanes(shares[1])];
            let (pages, untouched) = (Lanes(*share) * length, Lanes(*untouched));
            let reported = armed.map(|armed| 1.0 - armed);
            let since_sync = if swept.since_sync { Lanes::all(0.0) } else { untouched };
            let mut unlogged = armed * since_sync;
            *held = (pages * reported).taken_from(*held);
            if let Some(chances) = since_rearm {
                unlogged += reported * Lanes(chances.as_chunks().0[index]);
            }
            let still_clean = if passed { unlogged } else { clean * since_sync };
            *armed_pages = (Lanes(*armed_pages) + pages * (unlogged - armed * untouched)).0;
            *clean_pages = (Lanes(*clean_pages) + pages * (still_clean - clean * untouched)).0;
            let armed = if by_chunk { unlogged } else { Lanes::all(1.0) };
            *shares = [armed.0, still_clean.0];
        }
    }

    /// Advances a piece and puts it at the end of the ring.
    #[inline(always)]
    fn sync_to_back(&mut self, mut piece: PagePiece, passed: bool, sync: &mut SyncInProgress) {
        piece.known = self.history.last;
        if !self.zones[piece.zone].sweeps.is_empty() {
            return self.sync_in_parts(piece, passed, sync);
        }
        self.sync_piece(&piece, passed, Swept::default(), sync);
        self.ring.push_back(piece);
    }

    /// Advances a piece in the parts that sequential writers have passed or not, and puts these at the end of the ring.
    #[inline(never)]
    fn sync_in_parts(&mut self, piece: PagePiece, passed: bool, sync: &mut SyncInProgress) {
        let is_rearmed = self.find_stretches(&piece, passed, sync);
        let (since_sync, since_rearm) = (&sync.scratch.passed_since_sync, &sync.scratch.passed_since_rearm);
        let since_rearm = if is_rearmed { &since_rearm[..] } else { &[] };
        let mut cuts = std::mem::take(&mut sync.scratch.cuts);
        cuts.clear();
        for (start, end) in since_sync.iter().chain(since_rearm) {
            [*start, *end]
                .into_iter()
                .filter(|cut| piece.start < *cut && *cut < piece.end())
                .for_each(|cut| cuts.push(cut));
        }
        cuts.sort_unstable();
        cuts.dedup();
        cuts.push(piece.end());
        let mut start = piece.start;
        for (index, end) in cuts.iter().copied().enumerate() {
            // The last part takes the row over.
            let row = if index + 1 < cuts.len() { self.shares.copy(piece.row) } else { piece.row };
            let part = PagePiece { start, len: end - start, row, ..piece };
            let SyncScratch { passed_since_sync, passed_since_rearm, .. } = &sync.scratch;
            let swept = Swept {
                since_sync: arc::covers(passed_since_sync, start),
                since_rearm: is_rearmed && arc::covers(passed_since_rearm, start),
            };
            self.sync_piece(&part, passed, swept, sync);
            self.push_back(part);
            start = end;
        }
        sync.scratch.cuts = cuts;
    }

    /// Finds what sequential writers passed in a piece's zone since the last sync, and since its log was re-armed; whether it was.
    #[inline(always)]
    fn find_stretches(&self, piece: &PagePiece, passed: bool, sync: &mut SyncInProgress) -> bool {
        let SyncInProgress { now, scratch, .. } = sync;
        let sweeps = &self.zones[piece.zone].sweeps;
        if scratch.passed_in.0.replace(piece.zone) != Some(piece.zone) {
            arc::passed(sweeps, &scratch.before, now, &mut scratch.passed_since_sync);
        }
        let Some(visit) = self.groups.visit(piece.group, passed, now) else { return false };
        let whose = Some((piece.zone, piece.group));
        if std::mem::replace(&mut scratch.passed_in.1, whose) != whose {
            arc::passed(sweeps, visit.from, now, &mut scratch.passed_since_rearm);
        }
        true
    }

    /// Puts a piece that was just advanced at the end of the ring, as part of the one before if that is alike.
    fn push_back(&mut self, piece: PagePiece) {
        let slots = self.history.touches.slots(piece.zone).len();
        match self.ring.back_mut() {
            Some(last)
                if (last.known, last.end()) == (piece.known, piece.start)
                    && (last.zone, last.group) == (piece.zone, piece.group)
                    && self.shares.are_equal(last.row, piece.row, slots) =>
            {
                last.len += piece.len;
                self.shares.free_row(piece.row);
            }
            _ => self.ring.push_back(piece),
        }
    }
}
