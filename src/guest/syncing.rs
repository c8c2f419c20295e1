//! What becomes of the expected memory's pieces at a sync.

use std::sync::Arc;

use super::arc;
use super::expected::{Expected, PagePiece, Passed, Sum};
use super::groups::GroupVisit;
use super::log::{between, untouched, untouched_on_average};
use super::rows::ClassShare;
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
    pub(super) fn sync_all(&mut self, writes: &[u64]) -> (f64, f64, f64) {
        let mut sync = SyncInProgress { now: writes, held: 0.0, scratch: std::mem::take(&mut self.scratch) };
        sync.scratch.before.clear();
        sync.scratch.before.extend_from_slice(self.history.at(self.history.last));
        // Decided once a sync, so that a guest of few workloads looks up nothing for a piece.
        match self.history.touches.is_narrow() {
            true => self.sync_pieces::<true>(&mut sync),
            false => self.sync_pieces::<false>(&mut sync),
        }
        self.groups.leave_all();
        self.scratch = sync.scratch;
        let sums = self.sums.iter();
        let (logged, waiting) =
            sums.fold((0.0, 0.0), |(logged, waiting), s| (logged + (s.all - s.armed), waiting + (s.all - s.clean)));
        (logged, waiting, sync.held)
    }

    /// Advances the sums, and every piece that cannot wait for the cursor; `NARROW`: zones have columns of their own.
    fn sync_pieces<const NARROW: bool>(&mut self, sync: &mut SyncInProgress) {
        self.advance_sums::<NARROW>(sync);
        self.history.push(sync.now);
        self.sync_ahead::<NARROW>(sync);
        self.sync_passed::<NARROW>(sync);
    }

    /// Advances the sums as if the cursor had passed nothing, and no log been re-armed since the last sync.
    fn advance_sums<const NARROW: bool>(&mut self, sync: &mut SyncInProgress) {
        let SyncInProgress { now, held, scratch: SyncScratch { before, since_rearm: since_sync, .. } } = sync;
        let (touches, by_chunk) = (&self.history.touches, self.by_chunk);
        let mut advance = |sum: &mut Sum, kappas: &[f64], since_sync: &[f64]| {
            sum.untouched = untouched(kappas, since_sync);
            sum.clean *= sum.untouched;
            if !by_chunk {
                sum.armed = sum.all;
            }
            *held += sum.all - sum.armed;
            sum.armed *= sum.untouched;
        };
        if NARROW {
            for (index, zone) in self.zones.iter().enumerate() {
                touches.between::<NARROW>(index, before, now, since_sync);
                let rows = touches.rows::<NARROW>(index, zone.all_classes());
                let sums = self.sums[zone.all_classes()].iter_mut();
                sums.zip(rows).for_each(|(sum, kappas)| advance(sum, kappas, since_sync));
            }
            return;
        }
        between(before, now, since_sync);
        let sums = self.sums.iter_mut().zip(touches.all_rows());
        sums.for_each(|(sum, kappas)| advance(sum, kappas, since_sync));
    }

    /// Advances what the cursor has not passed, where lazy evaluation does not do: a sequential writer or a re-armed
    /// chunk makes a difference within a piece.
    fn sync_ahead<const NARROW: bool>(&mut self, sync: &mut SyncInProgress) {
        let (last, before) = (self.history.last, self.history.last - 1);
        if self.zones.iter().any(|zone| !zone.sweeps.is_empty()) {
            for _ in 0..self.ahead.len() {
                self.update(0, before);
                if let Some(piece) = self.ahead.pop_front() {
                    self.sync_to_back::<NARROW>(piece, false, sync);
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
            self.sync_piece::<NARROW>(&piece, false, Swept::default(), sync);
        }
    }

    /// Advances what the cursor has passed; the ring is whole again.
    fn sync_passed<const NARROW: bool>(&mut self, sync: &mut SyncInProgress) {
        let mut passed = std::mem::take(&mut self.passed);
        let mut joined: Option<PagePiece> = None;
        for Passed { piece, .. } in passed.drain(..) {
            match &mut joined {
                Some(before) if self.joinable(before, &piece) => {
                    self.shares.average(before.row, real(before.len), piece.row, real(piece.len));
                    self.shares.free_row(piece.row);
                    before.len += piece.len;
                }
                _ => {
                    if let Some(before) = joined.replace(piece) {
                        self.sync_to_back::<NARROW>(before, true, sync);
                    }
                }
            }
        }
        if let Some(last) = joined {
            self.sync_to_back::<NARROW>(last, true, sync);
        }
        self.passed = passed;
    }

    /// Whether two neighbours that the cursor has passed need not be told apart at a sync.
    ///
    /// What was random is the same in both, so that only their sum counts. A sequential writer picks its pages by
    /// place: it matters to it where the reported ones are.
    fn joinable(&self, before: &PagePiece, next: &PagePiece) -> bool {
        let shares = || self.shares.of(before.row).iter().zip(self.shares.of(next.row));
        (before.zone, before.group, before.end()) == (next.zone, next.group, next.start)
            && (self.zones[before.zone].sweeps.is_empty() || shares().all(|(a, b)| (a.armed - b.armed).abs() < ALIKE))
    }

    /// What becomes of a piece, all of whose pages were `swept` alike; of one that the cursor has `passed` only what is
    /// in the log waits from now on.
    fn sync_piece<const NARROW: bool>(
        &mut self,
        piece: &PagePiece,
        passed: bool,
        swept: Swept,
        sync: &mut SyncInProgress,
    ) {
        let SyncInProgress { now, held, scratch: SyncScratch { since_rearm, since_last, .. } } = sync;
        let visit = self.groups.visit(piece.group, passed, now);
        let Some(GroupVisit { from, to, chunks }) = visit else {
            // Nothing has re-armed what was reported.
            return self.advance::<NARROW>(piece, passed, swept, &mut 0.0, |_| 0.0);
        };
        let touches = &self.history.touches;
        touches.between::<NARROW>(piece.zone, from, now, since_rearm);
        if swept.since_rearm {
            self.advance::<NARROW>(piece, passed, swept, held, |_| 0.0);
        } else if chunks == 1 {
            self.advance::<NARROW>(piece, passed, swept, held, |kappas| untouched(kappas, since_rearm));
        } else {
            touches.between::<NARROW>(piece.zone, to, now, since_last);
            let average = |kappas: &[f64]| untouched_on_average(kappas, since_rearm, since_last, chunks);
            self.advance::<NARROW>(piece, passed, swept, held, average);
        }
    }

    /// What becomes of a piece of whose reported pages a class has the share `since_rearm` not in the log; such pages
    /// are no longer `held`.
    #[inline(always)]
    fn advance<const NARROW: bool>(
        &mut self,
        piece: &PagePiece,
        passed: bool,
        swept: Swept,
        held: &mut f64,
        since_rearm: impl Fn(&[f64]) -> f64,
    ) {
        let classes = self.zones[piece.zone].all_classes();
        let rows = self.history.touches.rows::<NARROW>(piece.zone, classes.clone());
        let length = real(piece.len);
        for ((sum, share), kappas) in self.sums[classes].iter_mut().zip(self.shares.of_mut(piece.row)).zip(rows) {
            let pages = length * sum.share;
            let reported = 1.0 - share.armed;
            let since_sync = if swept.since_sync { 0.0 } else { sum.untouched };
            let mut unlogged = share.armed * since_sync;
            if reported > 0.0 {
                *held -= pages * reported;
                unlogged += reported * since_rearm(kappas);
            }
            let clean = if passed { unlogged } else { share.clean * since_sync };
            sum.armed += pages * (unlogged - share.armed * sum.untouched);
            sum.clean += pages * (clean - share.clean * sum.untouched);
            *share = ClassShare { armed: if self.by_chunk { unlogged } else { 1.0 }, clean };
        }
    }

    /// Advances a piece and puts it at the end of the ring, in parts where sequential writers have passed it in part.
    fn sync_to_back<const NARROW: bool>(&mut self, mut piece: PagePiece, passed: bool, sync: &mut SyncInProgress) {
        piece.known = self.history.last;
        if self.zones[piece.zone].sweeps.is_empty() {
            self.sync_piece::<NARROW>(&piece, passed, Swept::default(), sync);
            return self.ahead.push_back(piece);
        }
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
            self.sync_piece::<NARROW>(&part, passed, swept, sync);
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
