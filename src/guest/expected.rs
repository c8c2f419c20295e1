//! The expected memory: per stretch of RAM the expected share of pages in each state, advanced in closed form.
//!
//! Pages of a zone are written independently of each other and of where the cursor is, so that a sweep and a sync
//! only ever make *stretches* of pages that are alike: swept or not since the last sync, in a chunk re-armed at one
//! instant or another, inside or outside the arc that a sequential writer passed. A [`Piece`] is such a stretch. Its
//! two shares are all that has to be known, and they follow the exact memory's rules term by term.

use super::chunks::{Chunks, Visit};
use super::memory::{Memory, Rearm, Run, Synced};
use super::zones::{Zone, zones};
use super::{Config, arc};

/// RAM as a list of pieces, in order of place.
#[derive(Clone, Debug)]
pub struct Expected {
    zones: Vec<Zone>,
    rearm: Rearm,
    chunks: Chunks,
    pieces: Vec<Piece>,
    /// The list before the last sync; kept for its storage.
    old: Vec<Piece>,
    /// Chance that a page of each zone was written at random since the last sync.
    since_sync: Vec<f64>,
    /// `writes` at the last sync.
    synced: Vec<u64>,
    remaining: u64,
    /// Piece under the cursor.
    at: usize,
    /// Pages of that piece sent since the last sync.
    sent: u64,
    /// One past the last page of the last piece of which all was sent; the cursor stays there until it finds the
    /// next page to send, which matters if a sync puts something in between.
    rest: u64,
    cuts: Vec<u64>,
}

/// A stretch of pages that are alike.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Piece {
    start: u64,
    len: u64,
    zone: usize,
    /// Group of chunks that is re-armed together.
    group: usize,
    /// Share of pages that wait to be sent and were reported by the last sync, so that their log is not armed.
    reported: f64,
    /// Share of pages that wait to be sent and whose log is armed.
    armed: f64,
    /// Pages that wait to be sent, rounded so that the sum over all pieces is the rounded sum.
    pending: u64,
    /// The cursor has passed since the last sync.
    swept: bool,
}

/// Shares of reported pages that are nearer to each other than this count as equal, so that the mark that a
/// sequential writer has left fades out after some syncs, and the number of pieces stays small.
const ALIKE: f64 = 1e-3;

impl Expected {
    /// The RAM of `config`, all of it still to be sent.
    pub fn new(config: &Config, rearm: Rearm) -> Expected {
        let zones = zones(config);
        let by_chunk = matches!(rearm, Rearm::ByChunk { .. });
        let chunks = Chunks::new(if by_chunk { &zones } else { &[] }, config.memory.0, config.workloads.len());
        let reported = if rearm == (Rearm::ByChunk { initially_set: true }) { 1.0 } else { 0.0 };
        let mut pieces = Vec::with_capacity(zones.len() + 8);
        for (index, zone) in zones.iter().enumerate() {
            let mut start = zone.start;
            while start < zone.end() {
                let group = chunks.group_of(start);
                let end = chunks.end_of(group).min(zone.end());
                let len = end - start;
                let armed = 1.0 - reported;
                pieces.push(Piece { start, len, zone: index, group, reported, armed, pending: len, swept: false });
                start = end;
            }
        }
        Expected {
            since_sync: vec![0.0; zones.len()],
            synced: vec![0; config.workloads.len()],
            old: Vec::with_capacity(pieces.len() + 4),
            remaining: config.memory.0,
            zones,
            rearm,
            chunks,
            pieces,
            at: 0,
            sent: 0,
            rest: 0,
            cuts: Vec::new(),
        }
    }

    /// Moves the cursor to the next piece with something to send.
    fn seek(&mut self) {
        if self.remaining == 0 {
            return;
        }
        while self.pieces[self.at].pending == 0 {
            self.pieces[self.at].swept = true;
            self.sent = 0;
            self.at = if self.at + 1 == self.pieces.len() { 0 } else { self.at + 1 };
        }
    }

    /// First page that the cursor has not passed.
    fn cursor_page(&self) -> u64 {
        let piece = &self.pieces[self.at];
        match (self.sent, piece.pending) {
            (0, _) | (_, 0) => self.rest,
            (sent, pending) => {
                piece.start + (piece.len as f64 * (sent as f64 / (sent + pending) as f64)).round() as u64
            }
        }
    }

    /// Appends what becomes of `piece` at a sync; `tally` sums up what was found.
    fn settle(&mut self, piece: Piece, writes: &[u64], seam: u64, tally: &mut Tally) {
        let zone = &self.zones[piece.zone];
        if zone.sweeps.is_empty() {
            let touched = Touched {
                since_sync: self.since_sync[piece.zone],
                since_rearm: self.chance_since_rearm(&piece, writes),
            };
            return self.push(piece, touched, seam, tally);
        }
        let visit = self.chunks.visit(piece.group);
        let end = piece.start + piece.len;
        let mut cuts = std::mem::take(&mut self.cuts);
        cuts.clear();
        cuts.extend([piece.start, end]);
        for sweep in &zone.sweeps {
            arc::cuts(sweep, self.synced[sweep.workload], writes[sweep.workload], &mut cuts);
            if let Some(Visit { from, .. }) = visit {
                arc::cuts(sweep, from[sweep.workload], writes[sweep.workload], &mut cuts);
            }
        }
        cuts.retain(|cut| (piece.start..=end).contains(cut));
        cuts.sort_unstable();
        cuts.dedup();
        let random =
            Touched { since_sync: self.since_sync[piece.zone], since_rearm: self.chance_since_rearm(&piece, writes) };
        for pair in cuts.windows(2) {
            let (start, len) = (pair[0], pair[1] - pair[0]);
            let mut touched = random;
            let zone = &self.zones[piece.zone];
            for sweep in &zone.sweeps {
                let now = writes[sweep.workload];
                if arc::covers(sweep, self.synced[sweep.workload], now, start) {
                    touched.since_sync = 1.0;
                }
                let from = self.chunks.visit(piece.group).map(|visit| visit.from[sweep.workload]);
                if from.is_some_and(|from| arc::covers(sweep, from, now, start)) {
                    touched.since_rearm = 1.0;
                }
            }
            self.push(Piece { start, len, ..piece }, touched, seam, tally);
        }
        self.cuts = cuts;
    }

    /// Whether two neighbours that the cursor has passed need not be told apart at a sync.
    ///
    /// What was random is the same in both, so that only their sum counts. A sequential writer picks its pages by
    /// place: it matters to it where the reported ones are.
    fn joinable(&self, before: &Piece, next: &Piece) -> bool {
        before.zone == next.zone
            && before.group == next.group
            && (self.zones[before.zone].sweeps.is_empty() || (before.reported - next.reported).abs() < ALIKE)
    }

    /// Chance that a reported page of `piece` is in the log: it was written at random since its chunk was re-armed,
    /// or the chunk was not re-armed at all and the page is still in the log from before.
    fn chance_since_rearm(&self, piece: &Piece, writes: &[u64]) -> f64 {
        if self.rearm == Rearm::EverySync || piece.reported == 0.0 {
            return self.since_sync[piece.zone];
        }
        let random = &self.zones[piece.zone].random;
        match self.chunks.visit(piece.group) {
            None if self.chunks.awaits_visit(piece.group) => 1.0,
            None => 0.0,
            Some(visit) if visit.chunks > 1 && visit.is_open && !piece.swept => 1.0,
            Some(visit) if visit.chunks > 1 => {
                let first = exposure(random, visit.from, writes);
                let last = exposure(random, if visit.is_open { writes } else { visit.to }, writes);
                touched_on_average(first, last, visit.chunks)
            }
            Some(visit) => touched(exposure(random, visit.from, writes)),
        }
    }

    fn push(&mut self, piece: Piece, chance: Touched, seam: u64, tally: &mut Tally) {
        let Piece { reported, armed, .. } = piece;
        let others = 1.0 - reported;
        let logged = reported * chance.since_rearm + others * chance.since_sync;
        let waiting =
            if piece.swept { logged } else { reported + armed + (others - armed).max(0.0) * chance.since_sync };
        let len = piece.len as f64;
        tally.logged += logged * len;
        tally.waiting += waiting * len;
        let still_logged = reported > 0.0 && self.chunks.awaits_visit(piece.group);
        tally.faults += (if still_logged { logged - reported } else { logged }) * len;
        let (reported, armed) = match self.rearm {
            Rearm::EverySync => (0.0, waiting),
            Rearm::ByChunk { .. } => (logged, (waiting - logged).max(0.0)),
        };
        // Rounds like `round` does, without a call into the maths library.
        let whole = (tally.waiting + 0.5) as u64;
        let pending = whole - tally.whole;
        tally.whole = whole;
        if let Some(last) = self.pieces.last_mut()
            && last.zone == piece.zone
            && last.group == piece.group
            && last.reported == reported
            && last.armed == armed
            && piece.start != seam
        {
            last.len += piece.len;
            last.pending += pending;
            return;
        }
        self.pieces.push(Piece { reported, armed, pending, swept: false, ..piece });
    }
}

/// Chances that a page was written.
#[derive(Clone, Copy)]
struct Touched {
    since_sync: f64,
    since_rearm: f64,
}

/// Sums over all pieces [pages].
#[derive(Default)]
struct Tally {
    logged: f64,
    faults: f64,
    waiting: f64,
    /// `waiting`, rounded.
    whole: u64,
}

/// Sum of κ over the writes that random writers made between `from` and `to`.
fn exposure(random: &[(usize, f64)], from: &[u64], to: &[u64]) -> f64 {
    random.iter().map(|&(workload, factor)| factor * (to[workload] - from[workload]) as f64).sum()
}

/// Chance that a page was touched at all.
fn touched(exposure: f64) -> f64 {
    if exposure == 0.0 { 0.0 } else { -libm::expm1(-exposure) }
}

/// The mean of [`touched`] over `chunks` chunks, whose exposures fall evenly from `first` towards `last`.
///
/// The untouched shares are a geometric series.
fn touched_on_average(first: f64, last: f64, chunks: u64) -> f64 {
    let step = (first - last) / chunks as f64;
    if step < 1e-9 {
        return touched(first);
    }
    1.0 - libm::exp(-last) * -libm::expm1(last - first) / (libm::expm1(step) * chunks as f64)
}

impl Memory for Expected {
    fn remaining(&self) -> u64 {
        self.remaining
    }

    fn next_run(&self) -> Option<Run> {
        let piece = &self.pieces[self.at];
        (self.remaining > 0).then(|| Run {
            pages: piece.pending,
            zero: self.zones[piece.zone].zero,
            rearm: self.rearm != Rearm::EverySync && self.chunks.awaits_visit(piece.group),
        })
    }

    fn rearm(&mut self, writes: &[u64]) {
        self.chunks.open(self.pieces[self.at].group, writes);
    }

    fn send(&mut self, pages: u64) {
        let piece = &mut self.pieces[self.at];
        piece.pending -= pages;
        self.remaining -= pages;
        self.sent += pages;
        if piece.pending == 0 {
            self.rest = piece.start + piece.len;
        }
        self.seek();
    }

    fn sync(&mut self, writes: &[u64]) -> Synced {
        let seam = self.cursor_page();
        for (chance, zone) in self.since_sync.iter_mut().zip(&self.zones) {
            *chance = touched(exposure(&zone.random, &self.synced, writes));
        }
        let mut old = std::mem::take(&mut self.old);
        std::mem::swap(&mut old, &mut self.pieces);
        self.pieces.clear();
        let mut tally = Tally::default();
        let mut swept: Option<Piece> = None;
        for (index, &piece) in old.iter().enumerate() {
            let end = piece.start + piece.len;
            let split = match () {
                () if piece.swept => end,
                () if index == self.at && self.sent > 0 => seam,
                () => piece.start,
            };
            if split > piece.start {
                let part = Piece { len: split - piece.start, swept: true, ..piece };
                swept = match swept.take() {
                    Some(before) if part.start != seam && self.joinable(&before, &part) => Some(before.join(part)),
                    before => {
                        before.into_iter().for_each(|before| self.settle(before, writes, seam, &mut tally));
                        Some(part)
                    }
                };
            }
            if split < end {
                swept.take().into_iter().for_each(|before| self.settle(before, writes, seam, &mut tally));
                self.settle(Piece { start: split, len: end - split, ..piece }, writes, seam, &mut tally);
            }
        }
        swept.into_iter().for_each(|before| self.settle(before, writes, seam, &mut tally));
        self.old = old;
        self.synced.copy_from_slice(writes);
        self.chunks.close_all();
        let before = self.remaining;
        self.remaining = tally.whole;
        // Rounding may lose a page that is known to wait; it is put back where there is room.
        if self.remaining < before
            && let Some(piece) = self.pieces.iter_mut().find(|p| p.len - p.pending >= before - tally.whole)
        {
            piece.pending += before - self.remaining;
            self.remaining = before;
        }
        self.at = self.pieces.partition_point(|piece| piece.start < seam);
        if self.at == self.pieces.len() {
            self.at = 0;
        }
        self.sent = 0;
        self.rest = seam;
        self.seek();
        Synced {
            new: self.remaining.saturating_sub(before),
            logged: tally.logged.round() as u64,
            faults: tally.faults.round() as u64,
        }
    }
}

impl Piece {
    /// Two neighbours as one; their shares are averaged, which is exact as long as the cursor passes both.
    fn join(self, next: Piece) -> Piece {
        let (a, b) = (self.len as f64, next.len as f64);
        let mean = |x: f64, y: f64| if x == y { x } else { (x * a + y * b) / (a + b) };
        Piece {
            len: self.len + next.len,
            reported: mean(self.reported, next.reported),
            armed: mean(self.armed, next.armed),
            ..self
        }
    }
}
