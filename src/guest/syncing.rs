//! What becomes of the expected memory's pieces at a sync.

use std::sync::Arc;

use super::arc;
use super::expected::{Expected, PagePiece};
use super::groups::GroupVisit;
use super::lanes::Lanes;
use super::rows::ClassShares;
use super::scratch::SyncScratch;
use super::zones::Sweep;
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
    /// Takes in the writes since the last sync: pages found in the log, pages that wait to be sent, and those of the
    /// log that cost the guest no fault.
    #[inline(always)]
    pub(super) fn sync_all(&mut self, writes: &[u64]) -> (f64, f64, f64) {
        let mut sync = SyncInProgress { now: writes, held: 0.0, scratch: std::mem::take(&mut self.scratch) };
        sync.scratch.rearmed = None;
        sync.scratch.before.clear();
        sync.scratch.before.extend_from_slice(self.history.at(self.history.last));
        self.advance_sums(&mut sync);
        self.history.push(sync.now);
        self.sync_ahead(&mut sync);
        self.sync_passed(&mut sync);
        self.groups.leave_all();
        self.scratch = sync.scratch;
        let (logged, waiting) = self.sums.iter().fold((0.0, 0.0), |(logged, waiting), sums| {
            ((sums.all - sums.armed).added_to(logged), (sums.all - sums.clean).added_to(waiting))
        });
        (logged, waiting, sync.held)
    }

    /// Advances the sums as if the cursor had passed nothing, and no log been re-armed since the last sync.
    #[inline(always)]
    fn advance_sums(&mut self, sync: &mut SyncInProgress) {
        let SyncInProgress { now, held, scratch: SyncScratch { before, .. } } = sync;
        for zone in 0..self.zones.len() {
            let sums = &mut self.sums[self.history.touches.blocks(zone)];
            for (sums, untouched) in sums.iter_mut().zip(self.history.untouched_until(zone, before, now)) {
                sums.untouched = *untouched;
                sums.clean = sums.clean * *untouched;
                if !self.by_chunk {
                    sums.armed = sums.all;
                }
                *held = (sums.all - sums.armed).added_to(*held);
                sums.armed = sums.armed * *untouched;
            }
        }
    }

    /// Advances what the cursor has not passed, where lazy evaluation does not do: a sequential writer or a re-armed
    /// chunk makes a difference within a piece.
    #[inline(always)]
    fn sync_ahead(&mut self, sync: &mut SyncInProgress) {
        let (last, before) = (self.history.last, self.history.last - 1);
        if self.zones.iter().any(|zone| !zone.sweeps.is_empty()) {
            for _ in 0..self.ahead.len() {
                self.update(0, before);
                if let Some(piece) = self.ahead.pop_front() {
                    self.sync_to_back(piece, false, sync);
                }
            }
            return;
        }
        // A chunk is re-armed as a whole, also what lies ahead in it and what lay behind the cursor at the last sync.
        let from_front = (0..self.ahead.len()).take_while(|i| self.groups.is_rearmed(self.ahead[*i].group)).count();
        let rest = from_front..self.ahead.len();
        let from_back = rest.rev().take_while(|i| self.groups.is_rearmed(self.ahead[*i].group)).count();
        for index in (0..from_front).chain(self.ahead.len() - from_back..self.ahead.len()) {
            self.update(index, before);
            self.ahead[index].known = last;
            let piece = self.ahead[index];
            self.sync_piece(&piece, false, Swept::default(), sync);
        }
    }

    /// Advances what the cursor has passed; the ring is whole again.
    #[inline(always)]
    fn sync_passed(&mut self, sync: &mut SyncInProgress) {
        let mut passed = std::mem::take(&mut self.passed);
        let mut pieces = passed.drain(..).map(|passed| passed.piece).peekable();
        while let Some(mut piece) = pieces.next() {
            while let Some(next) = pieces.next_if(|next| self.joinable(&piece, next)) {
                self.shares.average(piece.row, real(piece.len), next.row, real(next.len));
                self.shares.free_row(next.row);
                piece.len += next.len;
            }
            self.sync_to_back(piece, true, sync);
        }
        drop(pieces);
        self.passed = passed;
    }

    /// Whether two neighbours that the cursor has passed need not be told apart at a sync.
    ///
    /// What was random is the same in both, so that only their sum counts. A sequential writer picks its pages by
    /// place: it matters to it where the reported ones are.
    fn joinable(&self, before: &PagePiece, next: &PagePiece) -> bool {
        let shares = || self.shares.of(before.row).iter().zip(self.shares.of(next.row));
        (before.zone, before.group, before.end()) == (next.zone, next.group, next.start)
            && (self.zones[before.zone].sweeps.is_empty()
                || shares().all(|(a, b)| (a.armed - b.armed).0.iter().all(|apart| apart.abs() < ALIKE)))
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
        self.advance(piece, passed, swept, chances, held);
    }

    /// What becomes of a piece of whose reported pages those of a block have the chances `since_rearm` not to be in the log, or
    /// none; such pages are no longer `held`.
    #[inline(always)]
    fn advance(
        &mut self,
        piece: &PagePiece,
        passed: bool,
        swept: Swept,
        since_rearm: Option<&[Lanes]>,
        held: &mut f64,
    ) {
        let blocks = self.history.touches.blocks(piece.zone);
        let length = real(piece.len);
        let rows = self.sums[blocks].iter_mut().zip(self.shares.of_mut(piece.row));
        for (index, (sums, shares)) in rows.enumerate() {
            let ClassShares { armed, clean } = *shares;
            let pages = sums.share * length;
            let reported = armed.map(|armed| 1.0 - armed);
            let since_sync = if swept.since_sync { Lanes::default() } else { sums.untouched };
            let mut unlogged = armed * since_sync;
            *held = (pages * reported).taken_from(*held);
            if let Some(chances) = since_rearm {
                unlogged += reported * chances[index];
            }
            let still_clean = if passed { unlogged } else { clean * since_sync };
            sums.armed += pages * (unlogged - armed * sums.untouched);
            sums.clean += pages * (still_clean - clean * sums.untouched);
            let armed = if self.by_chunk { unlogged } else { Lanes::all(1.0) };
            *shares = ClassShares { armed, clean: still_clean };
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
        self.ahead.push_back(piece);
    }

    /// Advances a piece in the parts that sequential writers have passed or not, and puts these at the end of the ring.
    #[inline(never)]
    fn sync_in_parts(&mut self, piece: PagePiece, passed: bool, sync: &mut SyncInProgress) {
        let zones = Arc::clone(&self.zones);
        let sweeps = &zones[piece.zone].sweeps;
        let visit = self.groups.visit(piece.group, passed, sync.now);
        let rearmed = visit.map(|visit| visit.from.to_vec());
        let mut cuts = std::mem::take(&mut sync.scratch.cuts);
        cuts.clear();
        cuts.extend([piece.start, piece.end()]);
        for sweep in sweeps {
            arc::cuts(sweep, sync.scratch.before[sweep.workload], sync.now[sweep.workload], &mut cuts);
            if let Some(from) = &rearmed {
                arc::cuts(sweep, from[sweep.workload], sync.now[sweep.workload], &mut cuts);
            }
        }
        cuts.retain(|cut| (piece.start..=piece.end()).contains(cut));
        cuts.sort_unstable();
        cuts.dedup();
        for pair in cuts.windows(2) {
            let part = PagePiece { start: pair[0], len: pair[1] - pair[0], row: self.shares.copy(piece.row), ..piece };
            let now = sync.now;
            let covered = |from: &[u64]| {
                let covers = |s: &Sweep| arc::covers(s, from[s.workload], now[s.workload], part.start);
                sweeps.iter().any(covers)
            };
            let swept = Swept {
                since_sync: covered(&sync.scratch.before),
                since_rearm: rearmed.as_deref().is_some_and(covered),
            };
            self.sync_piece(&part, passed, swept, sync);
            self.push_back(part);
        }
        self.shares.free_row(piece.row);
        sync.scratch.cuts = cuts;
    }

    /// Puts a piece that was just advanced at the end of the ring, as part of the one before if that is alike.
    fn push_back(&mut self, piece: PagePiece) {
        match self.ahead.back_mut() {
            Some(last)
                if (last.known, last.end()) == (piece.known, piece.start)
                    && (last.zone, last.group) == (piece.zone, piece.group)
                    && self.shares.of(last.row) == self.shares.of(piece.row) =>
            {
                last.len += piece.len;
                self.shares.free_row(piece.row);
            }
            _ => self.ahead.push_back(piece),
        }
    }
}
