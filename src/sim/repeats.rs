//! Passes that repeat: a guest that dirties more than the link carries, and that nothing slows any further, goes round and
//! round until its time is up. Such passes are counted, not walked.
//!
//! The two last blocks of passes, each ending where the cursor begins RAM again, are held against each other: length, bytes and
//! faults of a mean pass, and the least that remained after a sync. Where blocks of some length agree and stay away from the
//! threshold, the time up to the next event is filled with their mean passes, all but the last few. What a migration that does not
//! converge shows at its end is a mean of its passes then; whether it converges is not touched, but for ties after an event
//! (docs/model.md).

use super::sender::Counters;
use crate::qemu::limiter;
use crate::units::{Span, Time};

/// Looks for passes that repeat.
#[derive(Clone)]
pub(super) struct PassRepeats {
    /// Where blocks may begin and end, in order of time.
    marks: Vec<PassMark>,
    /// Syncs from one mark to the next, at least.
    step: u64,
    /// The cursor at the last sync [page].
    cursor: u64,
    /// Least distance to the threshold after a sync since the last mark, as a share of the threshold.
    margin: f64,
    likeness: Likeness,
    /// Whether margins are those to the highest threshold that a window can show, not to that of the last one: windows meet passes that
    /// shift slowly in few ways at a time, and where the limit is raised later, those seen decide nothing.
    pub(super) against_highest: bool,
    /// Passes that repeat end the run where nothing ahead can stop the guest.
    pub(super) until_hopeless: bool,
}

/// The state between two blocks of passes.
#[derive(Clone)]
struct PassMark {
    at: Time,
    syncs: u64,
    counters: Counters,
    /// Least distance to the threshold after a sync since the mark before, as a share of the threshold.
    margin: f64,
}

/// Some passes.
#[derive(Clone)]
pub(super) struct PassBlock {
    pub(super) length: Span,
    pub(super) syncs: u64,
    pub(super) counters: Counters,
    /// Least distance to the threshold after a sync, as a share of the threshold.
    margin: f64,
    likeness: Likeness,
}

/// What two blocks must have in common to be alike.
#[derive(Clone, Copy)]
struct Likeness {
    /// How far apart their means may be, as a share; less for blocks that are shorter than needed.
    apart: f64,
    /// Share of the syncs needed that a block has at least: of long passes, and of shorter ones.
    least_seen: [f64; 2],
    /// The margin that a block with such a share of the syncs must have, for that of one which has all; none is asked for where what
    /// remains is known to stay above the threshold.
    margin_for: Option<fn(f64) -> f64>,
}

impl Likeness {
    /// Of a guest that writes anywhere.
    const ANYWHERE: Likeness =
        Likeness { apart: 0.02, least_seen: [1.0 / 8.0, 1.0 / 8.0], margin_for: Some(|seen| 1.0 / seen.sqrt()) };
    /// Of a guest that never comes near the threshold, wherever it meets the cursor.
    const ABOVE: Likeness = Likeness { margin_for: None, ..Likeness::ANYWHERE };
    /// Of a guest that writes page after page: where it meets the cursor shifts from pass to pass, over more passes than are looked
    /// at, unless it meets it at the same places again. The fewer passes, the closer they must agree, so that a slow shift shows, and
    /// the more must remain: a place that was not met may leave much less.
    const IN_ORDER: Likeness =
        Likeness { apart: 1e-6, least_seen: [0.25, 1.0], margin_for: Some(|seen| 1.0 / (seen * seen)) };
}

/// Syncs from one mark to the next, at first.
const FIRST_STEP: u64 = 4;
/// Marks that are kept; then every second one is forgotten, and the steps are twice as long.
const MOST_MARKS: usize = 65;
/// Syncs that show what passes do, if these last as long as some bandwidth windows. Shorter ones meet windows in all kinds of phases:
/// of these it takes more, up to so many.
const SYNCS: u64 = 64;
const SHORT_SYNCS: u64 = 512;
/// Passes as long as this need no more.
const LONG: Span = Span(4 * limiter::WINDOW.0);
/// Passes before the next event that are walked all the same.
pub(super) const LEFT: u64 = 8;
/// Passes that cost little, about a millisecond: where a phase matters later, so many are walked.
const FEW: u64 = 512;
/// What a block of short passes lasts at least, in which bandwidth windows must have closed: of one alone the threshold says little.
const LEAST: Span = Span(8 * limiter::WINDOW.0);
/// The least distance to the threshold, as a share of it: nearer, a rare meeting of clock and cursor could decide. More for blocks
/// that are shorter than needed.
const MARGIN: f64 = 0.05;

/// A margin that was reckoned for a threshold so many times lower.
fn margin_of(margin: f64, times: f64) -> f64 {
    (1.0 + margin) / times - 1.0
}

impl PassRepeats {
    /// Nothing was seen yet.
    pub(super) fn new(in_order: bool, until_hopeless: bool) -> PassRepeats {
        PassRepeats {
            marks: Vec::new(),
            step: FIRST_STEP,
            cursor: 0,
            margin: f64::INFINITY,
            likeness: if in_order { Likeness::IN_ORDER } else { Likeness::ANYWHERE },
            against_highest: in_order,
            until_hopeless,
        }
    }

    /// A sync that found the cursor at a page and as much `margin`; whether a block may end here.
    pub(super) fn sync(&mut self, cursor: u64, margin: f64, syncs: u64) -> bool {
        self.margin = self.margin.min(margin);
        let begins_again = cursor <= std::mem::replace(&mut self.cursor, cursor);
        begins_again && self.marks.last().is_none_or(|last| syncs - last.syncs >= self.step)
    }

    /// A block may end here.
    pub(super) fn mark(&mut self, at: Time, syncs: u64, counters: &Counters) {
        let margin = std::mem::replace(&mut self.margin, f64::INFINITY);
        self.marks.push(PassMark { at, syncs, counters: counters.clone(), margin });
        if self.marks.len() > MOST_MARKS {
            self.thin_out();
        }
    }

    /// All marks are forgotten: what comes is not what was.
    pub(super) fn forget(&mut self) {
        self.marks.clear();
        (self.step, self.margin) = (FIRST_STEP, f64::INFINITY);
    }

    /// The threshold is so many times as high from now on: the margins of what was seen become those to the new one.
    pub(super) fn scale_threshold(&mut self, times: f64) {
        if times == 0.0 || !times.is_finite() {
            return self.forget();
        }
        self.margin = margin_of(self.margin, times);
        self.marks.iter_mut().for_each(|mark| mark.margin = margin_of(mark.margin, times));
    }

    /// The last block of the fewest passes that go on as they did in the one before, up to `until`; and how many more they are.
    pub(super) fn found(&self, until: Time) -> Option<(PassBlock, u64)> {
        self.found_like(self.likeness, until, 0)
    }

    /// As [`found`](Self::found), where what remains is above the threshold until then whatever passes do. Where something comes that
    /// may decide, by the phase in which it meets them, few are walked all the same.
    pub(super) fn found_above(&self, until: Time, may_decide: bool) -> Option<(PassBlock, u64)> {
        self.found_like(Likeness::ABOVE, until, if may_decide { FEW } else { 0 })
    }

    fn found_like(&self, likeness: Likeness, until: Time, few: u64) -> Option<(PassBlock, u64)> {
        let at = self.marks.last()?.at;
        self.pairs_like(likeness).find_map(|(before, block)| {
            let passes = block.passes_in(until.since(at)).saturating_sub(LEFT);
            (passes > block.syncs.max(few) && block.goes_on_like(&before, passes)).then_some((block, passes))
        })
    }

    /// The two last blocks of each length, the shortest first.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (PassBlock, PassBlock)> + '_ {
        self.pairs_like(self.likeness)
    }

    fn pairs_like(&self, likeness: Likeness) -> impl Iterator<Item = (PassBlock, PassBlock)> + '_ {
        let last = self.marks.len().saturating_sub(1);
        let lengths = std::iter::successors(Some(1), |length| Some(2 * length));
        let fitting = lengths.take_while(move |length| 2 * length <= last);
        fitting.map(move |length| {
            (self.block(last - 2 * length, length, likeness), self.block(last - length, length, likeness))
        })
    }

    /// The block from a mark on to so many after it.
    fn block(&self, from: usize, length: usize, likeness: Likeness) -> PassBlock {
        let (from, after) = (&self.marks[from], &self.marks[from + 1..=from + length]);
        let to = after.last().unwrap_or(from);
        PassBlock {
            length: to.at - from.at,
            syncs: to.syncs - from.syncs,
            counters: to.counters.since(&from.counters),
            margin: after.iter().map(|mark| mark.margin).fold(f64::INFINITY, f64::min),
            likeness,
        }
    }

    /// Every second mark is forgotten.
    fn thin_out(&mut self) {
        let pair = |pair: &[PassMark]| match pair {
            [before, mark] => PassMark { margin: before.margin.min(mark.margin), ..mark.clone() },
            _ => pair[0].clone(),
        };
        // The first one stays alone, so that the last one does.
        let (first, rest) = self.marks.split_at(1);
        self.marks = first.iter().cloned().chain(rest.chunks(2).map(pair)).collect();
        self.step *= 2;
    }
}

impl PassBlock {
    /// Whether a mean pass is the same, and so far from the threshold that it stays so for as many `passes`. The fewer were
    /// seen, the closer must be the one and the farther the other.
    pub(super) fn goes_on_like(&self, before: &PassBlock, passes: u64) -> bool {
        let seen = (before.syncs.min(self.syncs) as f64 / self.needed() as f64).min(1.0);
        let near = |one: u64, other: u64| {
            let (one, other) = (one as f64 / before.syncs as f64, other as f64 / self.syncs as f64);
            (one - other).abs() <= self.likeness.apart * seen * one.max(other)
        };
        let drift = (before.margin - self.margin).max(0.0) * passes as f64 / self.syncs as f64;
        let is_far = |margin_for: fn(f64) -> f64| {
            before.margin.min(self.margin) > MARGIN * margin_for(seen) && drift < 0.1 * self.margin
        };
        let [of_long, of_short] = self.likeness.least_seen;
        before.length.min(self.length) >= LEAST
            && seen >= if self.needed() == SYNCS { of_long } else { of_short }
            && self.likeness.margin_for.is_none_or(is_far)
            && near(before.length.0, self.length.0)
            && before.counters.figures().into_iter().zip(self.counters.figures()).all(|(one, other)| near(one, other))
    }

    /// This block, had the threshold been so many times as high.
    pub(super) fn with_threshold(&self, times: f64) -> PassBlock {
        PassBlock { margin: margin_of(self.margin, times), ..self.clone() }
    }

    /// What so many mean passes make of a figure of the block.
    pub(super) fn of_passes(&self, figure: u64, passes: u64) -> u64 {
        let all = u128::from(figure) * u128::from(passes) / u128::from(self.syncs.max(1));
        u64::try_from(all).unwrap_or(u64::MAX)
    }

    /// How many mean passes fit into a time.
    pub(super) fn passes_in(&self, time: Span) -> u64 {
        let passes = u128::from(time.0) * u128::from(self.syncs) / u128::from(self.length.0.max(1));
        u64::try_from(passes).unwrap_or(u64::MAX)
    }

    /// Length of a mean pass.
    pub(super) fn pass(&self) -> Span {
        Span(self.length.0 / self.syncs.max(1))
    }

    /// Syncs that show what passes of this length do: the shorter they are, the more.
    fn needed(&self) -> u64 {
        (SYNCS * LONG.0 / self.pass().0.max(1)).clamp(SYNCS, SHORT_SYNCS)
    }
}
