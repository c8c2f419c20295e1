//! The expected memory: per stretch of RAM the expected share of pages in each state, advanced in closed form.
//!
//! Pages of a zone are written independently of each other and of where the cursor is, so that a sweep and a sync
//! only ever make *stretches* of pages that are alike: swept or not since the last sync, in a chunk re-armed at one
//! instant or another, inside or outside the arc that a sequential writer passed. A [`Piece`] is such a stretch. For
//! each class of its zone two shares are all that has to be known, and they follow the exact memory's rules term by
//! term.

use std::sync::Arc;

use super::chunks::{Chunks, Visit};
use super::log::{Log, exposure, touched};
use super::memory::{Memory, Missing, Rearm, Run, Synced};
use super::stretch::{Stretch, Tally, Waiting};
use super::zones::{Zone, zones};
use super::{Config, arc};
use crate::units::real;

/// RAM as a list of pieces, in order of place.
#[derive(Clone, Debug)]
pub struct Expected {
    /// The same for all copies.
    zones: Arc<[Zone]>,
    rearm: Rearm,
    chunks: Chunks,
    now: List,
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
    wrapped: bool,
    desk: Desk,
}

/// What a sync works with and leaves behind for its storage; a copy has none.
#[derive(Debug, Default)]
struct Desk {
    /// The list before the last sync.
    old: List,
    /// Chance that a page was written at random since the last sync; for each class of each zone.
    since_sync: Vec<f64>,
    cuts: Vec<u64>,
    joined: Vec<Waiting>,
}

impl Clone for Desk {
    fn clone(&self) -> Desk {
        Desk::default()
    }
}

/// Pieces and, a row for each, the shares of their classes.
#[derive(Clone, Debug, Default)]
struct List {
    pieces: Vec<Piece>,
    shares: Vec<Waiting>,
    /// So many of `shares` belong to a piece.
    used: usize,
}

/// A stretch of pages that are alike.
#[derive(Clone, Copy, Debug)]
struct Piece {
    start: u64,
    len: u64,
    zone: usize,
    /// Group of chunks that is re-armed together.
    group: usize,
    /// Where its row of shares begins.
    row: usize,
    /// Pages that wait to be sent, rounded so that the sum over all pieces is the rounded sum.
    pending: u64,
    /// The cursor has passed since the last sync.
    swept: bool,
}

/// Pages that were written for certain, because a sequential writer passed them.
#[derive(Clone, Copy, Default)]
struct Passed {
    since_sync: bool,
    since_rearm: bool,
}

/// Shares of reported pages that are nearer to each other than this count as equal, so that the mark that a
/// sequential writer has left fades out after some syncs, and the number of pieces stays small.
const ALIKE: f64 = 1e-3;

/// What a sync works with.
struct Sync<'a> {
    writes: &'a [u64],
    /// First page that the cursor has not passed; no piece reaches across it.
    seam: u64,
    tally: Tally,
}

impl Expected {
    /// The RAM of `config`, all of it still to be sent.
    pub fn new(config: &Config, rearm: Rearm) -> Expected {
        let zones: Arc<[Zone]> = zones(config).into();
        let by_chunk = matches!(rearm, Rearm::ByChunk { .. });
        let chunks = Chunks::new(if by_chunk { &zones } else { &[] }, config.memory.0, config.workloads.len());
        let reported = if rearm == (Rearm::ByChunk { initially_set: true }) { 1.0 } else { 0.0 };
        // A piece for each group of each zone, and a few that the cursor makes.
        let pieces = zones.len() + chunks.groups() + 8;
        let mut now = List { pieces: Vec::with_capacity(pieces), shares: Vec::with_capacity(pieces), used: 0 };
        for (index, zone) in zones.iter().enumerate() {
            let mut start = zone.start;
            while start < zone.end() {
                let group = chunks.group_of(start);
                let end = chunks.end_of(group).min(zone.end());
                let (len, row) = (end - start, now.shares.len());
                now.pieces.push(Piece { start, len, zone: index, group, row, pending: len, swept: false });
                now.shares.extend(zone.classes.iter().map(|_| Waiting { reported, armed: 1.0 - reported }));
                start = end;
            }
        }
        now.used = now.shares.len();
        let most_classes = zones.iter().map(|zone| zone.classes.len()).max().unwrap_or(0);
        let old = List {
            pieces: Vec::with_capacity(now.pieces.capacity()),
            shares: Vec::with_capacity(now.shares.capacity()),
            used: 0,
        };
        Expected {
            desk: Desk {
                old,
                since_sync: Vec::with_capacity(zones.last().map_or(0, |zone| zone.all_classes().end)),
                cuts: Vec::new(),
                joined: Vec::with_capacity(most_classes),
            },
            synced: vec![0; config.workloads.len()],
            remaining: config.memory.0,
            zones,
            rearm,
            chunks,
            now,
            at: 0,
            sent: 0,
            rest: 0,
            wrapped: false,
        }
    }

    /// Moves the cursor to the next piece with something to send.
    fn seek(&mut self) {
        if self.remaining == 0 {
            return;
        }
        let pieces = &mut self.now.pieces;
        while pieces[self.at].pending == 0 {
            pieces[self.at].swept = true;
            self.sent = 0;
            self.at += 1;
            if self.at == pieces.len() {
                (self.at, self.wrapped) = (0, true);
            }
        }
    }

    /// First page that the cursor has not passed.
    fn cursor_page(&self) -> u64 {
        let piece = &self.now.pieces[self.at];
        match (self.sent, piece.pending) {
            (0, _) | (_, 0) => self.rest,
            (sent, pending) => piece.start + (piece.len as f64 * (sent as f64 / (sent + pending) as f64) + 0.5) as u64,
        }
    }

    /// Appends what becomes of `piece`, with these shares, at a sync.
    fn settle(&mut self, piece: Piece, shares: &[Waiting], sync: &mut Sync) {
        let zone = &self.zones[piece.zone];
        if zone.sweeps.is_empty() {
            return self.push(piece, shares, Passed::default(), sync);
        }
        let visit = self.chunks.visit(piece.group);
        let end = piece.start + piece.len;
        let mut cuts = std::mem::take(&mut self.desk.cuts);
        cuts.clear();
        cuts.extend([piece.start, end]);
        for sweep in &zone.sweeps {
            let now = sync.writes[sweep.workload];
            arc::cuts(sweep, self.synced[sweep.workload], now, &mut cuts);
            if let Some(Visit { from, .. }) = visit {
                arc::cuts(sweep, from[sweep.workload], now, &mut cuts);
            }
        }
        cuts.retain(|cut| (piece.start..=end).contains(cut));
        cuts.sort_unstable();
        cuts.dedup();
        for pair in cuts.windows(2) {
            let (start, len) = (pair[0], pair[1] - pair[0]);
            let visit = self.chunks.visit(piece.group);
            let mut passed = Passed::default();
            for sweep in &self.zones[piece.zone].sweeps {
                let now = sync.writes[sweep.workload];
                passed.since_sync |= arc::covers(sweep, self.synced[sweep.workload], now, start);
                passed.since_rearm |=
                    visit.is_some_and(|visit| arc::covers(sweep, visit.from[sweep.workload], now, start));
            }
            self.push(Piece { start, len, ..piece }, shares, passed, sync);
        }
        self.desk.cuts = cuts;
    }

    /// Appends what becomes of `piece`, all of whose pages were `passed` alike.
    fn push(&mut self, piece: Piece, shares: &[Waiting], passed: Passed, sync: &mut Sync) {
        let zone = &self.zones[piece.zone];
        let since_sync = &self.desk.since_sync[zone.all_classes()];
        let row = self.now.used;
        let end = row + zone.classes.len();
        if self.now.shares.len() < end {
            self.now.shares.resize(end, Waiting::default());
        }
        let stretch = Stretch {
            classes: &zone.classes,
            shares,
            since_sync,
            passed: passed.since_sync,
            swept: piece.swept,
            pages: real(piece.len),
        };
        let (now, writes, tally) = (&mut self.now.shares[row..end], sync.writes, &mut sync.tally);
        match self.rearm {
            Rearm::EverySync => stretch.advance(now, tally, true, false, |_, since_sync| since_sync),
            Rearm::ByChunk { .. } => match self.chunks.log(piece.group, piece.swept, passed.since_rearm) {
                Log::Held => stretch.advance(now, tally, false, true, |_, _| 1.0),
                Log::Written => stretch.advance(now, tally, false, false, |_, _| 1.0),
                Log::Unwritten => stretch.advance(now, tally, false, false, |_, _| 0.0),
                Log::Since(visit) => {
                    stretch.advance(now, tally, false, false, |class, _| visit.chance(&class.random, writes))
                }
            },
        }
        // Rounds like `round` does, without a call into the maths library, and in one instruction.
        let whole = (sync.tally.waiting + 0.5) as i64 as u64;
        let pending = whole - sync.tally.whole;
        sync.tally.whole = whole;
        if let Some(last) = self.now.pieces.last_mut()
            && last.zone == piece.zone
            && last.group == piece.group
            && piece.start != sync.seam
            && self.now.shares[last.row..row] == self.now.shares[row..end]
        {
            last.len += piece.len;
            last.pending += pending;
            return;
        }
        self.now.used = end;
        self.now.pieces.push(Piece { row, pending, swept: false, ..piece });
    }

    /// Whether two neighbours that the cursor has passed need not be told apart at a sync.
    ///
    /// What was random is the same in both, so that only their sum counts. A sequential writer picks its pages by
    /// place: it matters to it where the reported ones are.
    fn joinable(&self, before: &Piece, joined: &[Waiting], next: &Piece, shares: &[Waiting]) -> bool {
        before.zone == next.zone
            && before.group == next.group
            && (self.zones[before.zone].sweeps.is_empty()
                || joined.iter().zip(shares).all(|(a, b)| (a.reported - b.reported).abs() < ALIKE))
    }

    /// Sums of κ over the writes since the last sync, as chances.
    fn touch_all(&mut self, writes: &[u64]) {
        let classes = self.zones.iter().flat_map(|zone| &zone.classes);
        self.desk.since_sync.clear();
        self.desk.since_sync.extend(classes.map(|class| touched(exposure(&class.random, &self.synced, writes))));
    }
}

impl Memory for Expected {
    fn remaining(&self) -> u64 {
        self.remaining
    }

    #[inline]
    fn next_run(&self) -> Option<Run> {
        let piece = &self.now.pieces[self.at];
        (self.remaining > 0).then(|| Run {
            pages: piece.pending,
            zero: self.zones[piece.zone].zero,
            rearm: self.rearm != Rearm::EverySync && self.chunks.awaits_visit(piece.group),
            changed: self.zones[piece.zone].changed,
        })
    }

    fn rearm(&mut self, writes: &[u64]) {
        self.chunks.open(self.now.pieces[self.at].group, writes);
    }

    fn send(&mut self, pages: u64) {
        let piece = &mut self.now.pieces[self.at];
        piece.pending -= pages;
        self.remaining -= pages;
        self.sent += pages;
        if piece.pending == 0 {
            self.rest = piece.start + piece.len;
        }
        self.seek();
    }

    fn has_wrapped(&self) -> bool {
        self.wrapped
    }

    fn missing(&self, rates: &[f64]) -> Vec<Missing> {
        let mut missing = Vec::new();
        for piece in &self.now.pieces {
            let zone = &self.zones[piece.zone];
            let shares = &self.now.shares[piece.row..piece.row + zone.classes.len()];
            let waiting = |share: &Waiting| share.reported + share.armed;
            let all: f64 = zone.classes.iter().zip(shares).map(|(class, share)| class.share * waiting(share)).sum();
            let classes = zone.classes.iter().zip(shares).zip(zone.touches_per_second(rates));
            missing.extend(classes.filter(|_| all > 0.0).map(|((class, share), touches_per_second)| Missing {
                pages: piece.pending as f64 * class.share * waiting(share) / all,
                touches_per_second,
            }));
        }
        missing
    }

    fn sync(&mut self, writes: &[u64]) -> Synced {
        let mut sync = Sync { writes, seam: self.cursor_page(), tally: Tally::default() };
        self.touch_all(writes);
        std::mem::swap(&mut self.now, &mut self.desk.old);
        self.now.pieces.clear();
        self.now.used = 0;
        let (old, mut joined) = (std::mem::take(&mut self.desk.old), std::mem::take(&mut self.desk.joined));
        let mut swept: Option<Piece> = None;
        for (index, &piece) in old.pieces.iter().enumerate() {
            let shares = &old.shares[piece.row..piece.row + self.zones[piece.zone].classes.len()];
            let end = piece.start + piece.len;
            let split = match () {
                () if piece.swept => end,
                () if index == self.at && self.sent > 0 => sync.seam,
                () => piece.start,
            };
            if split > piece.start {
                let part = Piece { len: split - piece.start, swept: true, ..piece };
                match &mut swept {
                    Some(before) if part.start != sync.seam && self.joinable(before, &joined, &part, shares) => {
                        join(before, &mut joined, &part, shares);
                    }
                    _ => {
                        if let Some(before) = swept.replace(part) {
                            self.settle(before, &joined, &mut sync);
                        }
                        joined.clear();
                        joined.extend_from_slice(shares);
                    }
                }
            }
            if split < end {
                if let Some(before) = swept.take() {
                    self.settle(before, &joined, &mut sync);
                }
                self.settle(Piece { start: split, len: end - split, ..piece }, shares, &mut sync);
            }
        }
        if let Some(before) = swept {
            self.settle(before, &joined, &mut sync);
        }
        (self.desk.old, self.desk.joined) = (old, joined);
        self.synced.copy_from_slice(writes);
        self.chunks.close_all();
        let (before, Sync { seam, tally, .. }) = (self.remaining, sync);
        self.remaining = tally.whole;
        // Rounding may lose a page that is known to wait; it is put back where there is room.
        if self.remaining < before
            && let Some(piece) = self.now.pieces.iter_mut().find(|p| p.len - p.pending >= before - tally.whole)
        {
            piece.pending += before - self.remaining;
            self.remaining = before;
        }
        self.at = self.now.pieces.partition_point(|piece| piece.start < seam);
        if self.at == self.now.pieces.len() {
            (self.at, self.wrapped) = (0, true);
        }
        self.sent = 0;
        self.rest = seam;
        self.seek();
        Synced {
            new: self.remaining.saturating_sub(before),
            logged: (tally.logged + 0.5) as u64,
            faults: (tally.faults + 0.5) as u64,
        }
    }
}

/// Takes `part` into its neighbour `before`; shares are averaged, which is exact as long as the cursor passes both.
fn join(before: &mut Piece, joined: &mut [Waiting], part: &Piece, shares: &[Waiting]) {
    let (a, b) = (before.len as f64, part.len as f64);
    let mean = |x: f64, y: f64| if x == y { x } else { (x * a + y * b) / (a + b) };
    for (joined, share) in joined.iter_mut().zip(shares) {
        joined.reported = mean(joined.reported, share.reported);
        joined.armed = mean(joined.armed, share.armed);
    }
    before.len += part.len;
}
