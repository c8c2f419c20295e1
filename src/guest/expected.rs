//! The expected memory: per stretch of RAM the expected share of pages in each state, advanced in closed form.
//!
//! Pages of a zone are written independently of each other and of where the cursor is, so that a sweep and a sync
//! only ever make *stretches* of pages that are alike: passed by the cursor or not, in a chunk re-armed at one instant
//! or another, inside or outside the arc that a sequential writer passed. A [`Piece`] is such a stretch. For each class
//! of its zone two shares are all that has to be known, and they follow the exact memory's rules term by term.
//!
//! What the cursor has not passed loses with each sync the same part of its clean pages everywhere. So only the sums
//! over all pieces are advanced then; a piece is, when the cursor reaches it.

use std::collections::VecDeque;
use std::sync::Arc;

use super::groups::Groups;
use super::memory::{Meanwhile, Memory, Missing, Rearm, Run, Synced};
use super::rows::{Rows, Share};
use super::zones::{Zone, zones};
use super::{Config, arc};
use crate::units::real;

/// RAM as a ring of pieces that turns under the cursor.
#[derive(Clone, Debug)]
pub struct Expected {
    /// The same for all copies.
    zones: Arc<[Zone]>,
    /// Logs are re-armed by chunk; if not, by every sync.
    by_chunk: bool,
    /// Only what writes change tells pages apart that cost the same.
    tells_changes: bool,
    /// What the cursor passes next, in its order; it is in the first one.
    ahead: VecDeque<Piece>,
    /// What it has passed since the last sync.
    passed: Vec<Passed>,
    shares: Rows,
    groups: Groups,
    /// For each class of each zone.
    sums: Vec<Sum>,
    /// Writes of each workload at some syncs, a row for each: the last one, and those that pieces are known of.
    syncs: Vec<u64>,
    remaining: u64,
    here: Here,
    /// A zone that stands for all in which pages wait; `None` if these do not cost the same.
    alike: Option<usize>,
    wrapped: bool,
}

/// A stretch of pages that are alike.
#[derive(Clone, Copy, Debug)]
struct Piece {
    start: u64,
    len: u64,
    zone: usize,
    /// Group of chunks that is re-armed together.
    group: usize,
    /// Its row of shares.
    row: usize,
    /// The sync that these are of, as an index into `syncs`.
    known: usize,
}

/// A piece that the cursor has passed.
#[derive(Clone, Copy, Debug)]
struct Passed {
    piece: Piece,
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

/// Sums over all pieces for one class [pages].
#[derive(Clone, Copy, Debug)]
struct Sum {
    all: f64,
    armed: f64,
    clean: f64,
    /// Chance that a page was not written at random between the last two syncs.
    untouched: f64,
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

/// Rows of `syncs` after which all pieces are brought up to date, so that the rows can go.
const SYNCS: usize = 256;

/// A sync under way.
struct Sync<'a> {
    before: &'a [u64],
    now: &'a [u64],
    /// Pages reported by the last sync and never re-armed: the guest can write them without a fault.
    held: f64,
}

impl Expected {
    /// The RAM of `config`, all of it still to be sent; `tells_changes` keeps pages apart whose writes change more or
    /// less of them.
    pub fn new(config: &Config, rearm: Rearm, tells_changes: bool) -> Expected {
        let zones: Arc<[Zone]> = zones(config).into();
        let by_chunk = rearm != Rearm::EverySync;
        let workloads = config.workloads.len();
        let groups = Groups::new(if by_chunk { &zones } else { &[] }, config.memory.0, workloads);
        // A piece for each group of each zone, and a few that the cursor makes.
        let pieces = zones.len() + groups.len() + 8;
        let classes = zones.iter().map(|zone| zone.classes.len()).max().unwrap_or(0);
        let mut shares = Rows::new(classes, pieces);
        let mut ahead = VecDeque::with_capacity(pieces);
        let mut sums = Vec::with_capacity(zones.last().map_or(0, |zone| zone.all_classes().end));
        for (index, zone) in zones.iter().enumerate() {
            // A page that nobody writes is never found in a log.
            let reported = rearm == (Rearm::ByChunk { initially_set: true }) && zone.is_written();
            let armed = if reported { 0.0 } else { 1.0 };
            sums.extend(zone.classes.iter().map(|class| {
                let all = real(zone.len) * class.share;
                Sum { all, armed: all * armed, clean: 0.0, untouched: 1.0 }
            }));
            let mut start = zone.start;
            while start < zone.end() {
                let (group, end) = groups.around(start);
                let (len, row) = (end.min(zone.end()) - start, shares.filled(Share { armed, clean: 0.0 }));
                ahead.push_back(Piece { start, len, zone: index, group, row, known: 0 });
                start += len;
            }
        }
        let mut memory = Expected {
            zones,
            by_chunk,
            tells_changes,
            ahead,
            passed: Vec::with_capacity(pieces),
            shares,
            groups,
            sums,
            syncs: vec![0; workloads],
            remaining: config.memory.0,
            here: Here::default(),
            alike: None,
            wrapped: false,
        };
        memory.alike = memory.stands_for_all();
        memory.seek();
        memory
    }

    /// Moves the cursor to the next piece with something to send.
    fn seek(&mut self) {
        while self.remaining > 0 && self.here.pending == 0 && !self.ahead.is_empty() {
            self.reach();
            if self.here.pending == 0 {
                self.pass(false);
            }
        }
    }

    /// Finds out how much of the first piece waits, rounded so that the sum over all pieces is the rounded sum.
    fn reach(&mut self) {
        let last = self.last_sync();
        self.update(0, last);
        let piece = &self.ahead[0];
        let classes = &self.zones[piece.zone].classes;
        let waiting = classes.iter().zip(self.shares.of(piece.row)).map(|(class, s)| class.share * (1.0 - s.clean));
        let before = self.here.waited;
        self.here.waited += real(piece.len) * waiting.sum::<f64>();
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

    /// Index of the last sync's row of writes.
    fn last_sync(&self) -> usize {
        (self.syncs.len() / self.workloads()).saturating_sub(1)
    }

    /// How many workloads there are, but not 0: the length of a row of writes.
    fn workloads(&self) -> usize {
        self.groups.workloads().max(1)
    }

    /// Brings a piece ahead up to the sync number `to`.
    fn update(&mut self, index: usize, to: usize) {
        let length = self.workloads();
        let piece = &mut self.ahead[index];
        let from = std::mem::replace(&mut piece.known, to);
        if from == to {
            return;
        }
        let row = |sync: usize| self.syncs.get(sync * length..(sync + 1) * length).unwrap_or(&[]);
        let classes = &self.zones[piece.zone].classes;
        for (class, share) in classes.iter().zip(self.shares.of_mut(piece.row)) {
            let untouched = class.untouched(row(from), row(to));
            share.clean *= untouched;
            if self.by_chunk {
                share.armed *= untouched;
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
            let part = Piece { len, ..*piece };
            (piece.start, piece.len) = (piece.start + len, piece.len - len);
            piece.row = self.shares.copy(part.row);
            if piece.len == 0 {
                self.shares.give_back(piece.row);
                self.ahead.pop_front();
            }
            if len > 0 {
                self.passed.push(Passed { piece: part, sent: true });
            } else {
                self.shares.give_back(part.row);
            }
            return;
        }
        while let Some(&Passed { piece, sent: false }) = self.passed.last() {
            self.passed.pop();
            self.ahead.push_front(piece);
        }
    }

    /// What becomes of a piece at a sync, all of whose pages were `swept` alike; of one that the cursor has `passed`
    /// only what is in the log waits from now on.
    fn settle(&mut self, piece: &mut Piece, passed: bool, swept: Swept, sync: &mut Sync) {
        let zone = &self.zones[piece.zone];
        let visit = self.groups.visit(piece.group, sync.now).filter(|_| passed || self.groups.is_rearmed(piece.group));
        let sums = &mut self.sums[zone.all_classes()];
        for ((class, sum), share) in zone.classes.iter().zip(sums).zip(self.shares.of_mut(piece.row)) {
            let pages = real(piece.len) * class.share;
            let reported = 1.0 - share.armed;
            let since_rearm = match visit {
                Some(visit) => {
                    sync.held -= pages * reported;
                    if swept.since_rearm || reported == 0.0 { 0.0 } else { visit.untouched(class, sync.now) }
                }
                // Nothing has re-armed them.
                None => 0.0,
            };
            let since_sync = if swept.since_sync { 0.0 } else { sum.untouched };
            let unlogged = share.armed * since_sync + reported * since_rearm;
            let clean = if passed { unlogged } else { share.clean * since_sync };
            sum.armed += pages * (unlogged - share.armed * sum.untouched);
            sum.clean += pages * (clean - share.clean * sum.untouched);
            *share = Share { armed: if self.by_chunk { unlogged } else { 1.0 }, clean };
        }
    }

    /// Settles a piece and puts it at the end of the ring, in parts where sequential writers have passed it in part.
    fn settle_to_back(&mut self, mut piece: Piece, passed: bool, sync: &mut Sync) {
        let zones = Arc::clone(&self.zones);
        let sweeps = &zones[piece.zone].sweeps;
        piece.known = self.last_sync();
        if sweeps.is_empty() {
            self.settle(&mut piece, passed, Swept::default(), sync);
            return self.ahead.push_back(piece);
        }
        let end = piece.start + piece.len;
        let rearmed = match self.groups.visit(piece.group, sync.now) {
            Some(visit) if passed || self.groups.is_rearmed(piece.group) => Some(visit.from.to_vec()),
            _ => None,
        };
        let mut cuts = vec![piece.start, end];
        for sweep in sweeps {
            arc::cuts(sweep, sync.before[sweep.workload], sync.now[sweep.workload], &mut cuts);
            if let Some(from) = &rearmed {
                arc::cuts(sweep, from[sweep.workload], sync.now[sweep.workload], &mut cuts);
            }
        }
        cuts.retain(|cut| (piece.start..=end).contains(cut));
        cuts.sort_unstable();
        cuts.dedup();
        for pair in cuts.windows(2) {
            let (start, len) = (pair[0], pair[1] - pair[0]);
            let covered = |sweep: &super::zones::Sweep, from: &[u64]| {
                arc::covers(sweep, from[sweep.workload], sync.now[sweep.workload], start)
            };
            let swept = Swept {
                since_sync: sweeps.iter().any(|sweep| covered(sweep, sync.before)),
                since_rearm: rearmed.as_ref().is_some_and(|from| sweeps.iter().any(|sweep| covered(sweep, from))),
            };
            let mut part = Piece { start, len, row: self.shares.copy(piece.row), ..piece };
            self.settle(&mut part, passed, swept, sync);
            match self.ahead.back_mut() {
                Some(last)
                    if (last.known, last.start + last.len) == (part.known, part.start)
                        && (last.zone, last.group) == (part.zone, part.group)
                        && self.shares.of(last.row) == self.shares.of(part.row) =>
                {
                    last.len += len;
                    self.shares.give_back(part.row);
                }
                _ => self.ahead.push_back(part),
            }
        }
        self.shares.give_back(piece.row);
    }

    /// Whether two neighbours that the cursor has passed need not be told apart at a sync.
    ///
    /// What was random is the same in both, so that only their sum counts. A sequential writer picks its pages by
    /// place: it matters to it where the reported ones are.
    fn joinable(&self, before: &Piece, next: &Piece) -> bool {
        (before.zone, before.group, before.start + before.len) == (next.zone, next.group, next.start)
            && (self.zones[before.zone].sweeps.is_empty()
                || self
                    .shares
                    .of(before.row)
                    .iter()
                    .zip(self.shares.of(next.row))
                    .all(|(a, b)| (a.armed - b.armed).abs() < ALIKE))
    }

    /// Settles what the cursor has passed; the ring is whole again.
    fn settle_passed(&mut self, sync: &mut Sync) {
        let mut passed = std::mem::take(&mut self.passed);
        let mut joined: Option<Piece> = None;
        for Passed { piece, .. } in passed.drain(..) {
            match &mut joined {
                Some(before) if self.joinable(before, &piece) => {
                    self.shares.average(before.row, real(before.len), piece.row, real(piece.len));
                    self.shares.give_back(piece.row);
                    before.len += piece.len;
                }
                _ => {
                    if let Some(before) = joined.replace(piece) {
                        self.settle_to_back(before, true, sync);
                    }
                }
            }
        }
        if let Some(last) = joined {
            self.settle_to_back(last, true, sync);
        }
        self.passed = passed;
    }

    /// Settles what the cursor has not passed, where it is not enough to know when it was settled last.
    fn settle_ahead(&mut self, sync: &mut Sync) {
        let last = self.last_sync();
        let before_last = last.saturating_sub(1);
        if self.zones.iter().any(|zone| !zone.sweeps.is_empty()) {
            for _ in 0..self.ahead.len() {
                self.update(0, before_last);
                if let Some(piece) = self.ahead.pop_front() {
                    self.settle_to_back(piece, false, sync);
                }
            }
            return;
        }
        // A chunk is re-armed as a whole, also what lies ahead in it and what lay behind the cursor at the last sync.
        let from_front = (0..self.ahead.len()).take_while(|i| self.groups.is_rearmed(self.ahead[*i].group)).count();
        let rest = from_front..self.ahead.len();
        let from_back = rest.rev().take_while(|i| self.groups.is_rearmed(self.ahead[*i].group)).count();
        for index in (0..from_front).chain(self.ahead.len() - from_back..self.ahead.len()) {
            self.update(index, before_last);
            let mut piece = Piece { known: last, ..self.ahead[index] };
            self.settle(&mut piece, false, Swept::default(), sync);
            self.ahead[index] = piece;
        }
    }

    /// Advances the sums as if the cursor had passed nothing, and no log been re-armed since the last sync.
    fn advance_sums(&mut self, sync: &mut Sync) {
        let classes = self.zones.iter().flat_map(|zone| &zone.classes);
        for (class, sum) in classes.zip(&mut self.sums) {
            sum.untouched = class.untouched(sync.before, sync.now);
            sum.clean *= sum.untouched;
            if !self.by_chunk {
                sum.armed = sum.all;
            }
            sync.held += sum.all - sum.armed;
            sum.armed *= sum.untouched;
        }
    }

    /// A zone whose pages cost what those of all zones do in which pages wait; `None` if they differ.
    fn stands_for_all(&self) -> Option<usize> {
        let waiting = |zone: &Zone| self.sums[zone.all_classes()].iter().map(|sum| sum.all - sum.clean).sum::<f64>();
        let mut waits = (0..self.zones.len()).filter(|zone| waiting(&self.zones[*zone]) >= 0.5);
        let first = waits.next()?;
        let alike = |a: &Zone, b: &Zone| a.zero == b.zero && (!self.tells_changes || a.changed == b.changed);
        waits.all(|other| alike(&self.zones[first], &self.zones[other])).then_some(first)
    }

    /// Forgets the syncs before the last one.
    fn forget_syncs(&mut self) {
        let last = self.last_sync();
        for index in 0..self.ahead.len() {
            self.update(index, last);
            self.ahead[index].known = 0;
        }
        self.syncs.drain(..last * self.workloads());
    }
}

/// To the next whole number, without a call into the maths library and in one instruction.
fn rounded(pages: f64) -> u64 {
    (pages + 0.5) as i64 as u64
}

impl Memory for Expected {
    fn remaining(&self) -> u64 {
        self.remaining
    }

    #[inline]
    fn next_run(&self) -> Option<Run> {
        let first = self.ahead.front().filter(|_| self.remaining > 0)?;
        let (zone, pages) = match self.alike {
            Some(zone) => (zone, self.remaining),
            None => (first.zone, self.here.pending),
        };
        Some(Run { pages, zero: self.zones[zone].zero, changed: self.zones[zone].changed })
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

    fn has_wrapped(&self) -> bool {
        self.wrapped
    }

    fn missing(&self, rates: &[f64]) -> Vec<Missing> {
        let touches = self.zones.iter().flat_map(|zone| zone.touches_per_second(rates));
        let waiting = self.sums.iter().map(|sum| sum.all - sum.clean);
        waiting.zip(touches).map(|(pages, touches_per_second)| Missing { pages, touches_per_second }).collect()
    }

    fn sync(&mut self, writes: &[u64]) -> Synced {
        let before = self.last_sync() * self.workloads();
        let before = self.syncs.get(before..).unwrap_or(&[]).to_vec();
        let mut sync = Sync { before: &before, now: writes, held: 0.0 };
        self.stand();
        self.advance_sums(&mut sync);
        self.syncs.extend_from_slice(writes);
        self.settle_ahead(&mut sync);
        self.settle_passed(&mut sync);
        self.groups.leave_all();
        let (mut logged, mut waiting) = (0.0, 0.0);
        for sum in &self.sums {
            logged += sum.all - sum.armed;
            waiting += sum.all - sum.clean;
        }
        // Rounding may lose a page that is known to wait.
        let known = std::mem::replace(&mut self.remaining, 0);
        self.remaining = rounded(waiting).max(known);
        self.alike = self.stands_for_all();
        self.here = Here::default();
        if self.last_sync() >= SYNCS {
            self.forget_syncs();
        }
        self.seek();
        Synced { new: self.remaining - known, logged: rounded(logged), faults: rounded(logged - sync.held) }
    }
}
