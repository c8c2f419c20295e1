//! Writes at past syncs, and what they left alone.

use std::ops::Range;
use std::sync::Arc;

use super::log::{Touches, untouched};

/// Writes of each workload at some syncs: the last one, and those that a piece is still known of.
#[derive(Clone, Debug)]
pub(super) struct WriteHistory {
    pub(super) touches: Arc<Touches>,
    /// A row for each.
    writes: Vec<u64>,
    workloads: usize,
    /// Index of the last one.
    pub(super) last: usize,
    answer: CachedUntouched,
}

/// The last answer, cached: neighbours were mostly passed by the cursor in the same pass.
#[derive(Debug, Default)]
struct CachedUntouched {
    /// First class, and the two syncs.
    to: Option<(usize, usize, usize)>,
    untouched: Vec<f64>,
    /// To work with.
    writes: Vec<f64>,
}

/// A copy finds it anew.
impl Clone for CachedUntouched {
    fn clone(&self) -> CachedUntouched {
        CachedUntouched::default()
    }
}

impl WriteHistory {
    /// Nothing was written yet.
    pub(super) fn new(touches: &Arc<Touches>, workloads: usize) -> WriteHistory {
        let touches = Arc::clone(touches);
        WriteHistory { touches, writes: vec![0; workloads], workloads, last: 0, answer: CachedUntouched::default() }
    }

    /// Nothing was written yet, by the same workloads.
    pub(super) fn begin_again(&mut self) {
        self.writes.clear();
        self.writes.resize(self.workloads, 0);
        (self.last, self.answer.to) = (0, None);
    }

    /// Writes of each workload at a sync.
    pub(super) fn at(&self, sync: usize) -> &[u64] {
        &self.writes[sync * self.workloads..(sync + 1) * self.workloads]
    }

    /// Another sync.
    pub(super) fn push(&mut self, writes: &[u64]) {
        self.writes.extend_from_slice(writes);
        self.last += 1;
    }

    /// For each of a zone's classes, the chance that a page was not written at random between two syncs.
    pub(super) fn untouched(&mut self, zone: usize, classes: Range<usize>, from: usize, to: usize) -> &[f64] {
        let question = Some((classes.start, from, to));
        if self.answer.to != question {
            let mut answer = std::mem::take(&mut self.answer);
            match self.touches.is_narrow() {
                true => self.find::<true>(zone, classes, (from, to), &mut answer),
                false => self.find::<false>(zone, classes, (from, to), &mut answer),
            }
            answer.to = question;
            self.answer = answer;
        }
        &self.answer.untouched
    }

    #[inline(always)]
    fn find<const NARROW: bool>(
        &self,
        zone: usize,
        classes: Range<usize>,
        (from, to): (usize, usize),
        answer: &mut CachedUntouched,
    ) {
        self.touches.between::<NARROW>(zone, self.at(from), self.at(to), &mut answer.writes);
        answer.untouched.clear();
        let rows = self.touches.rows::<NARROW>(zone, classes);
        answer.untouched.extend(rows.map(|kappas| untouched(kappas, &answer.writes)));
    }

    /// Forgets all syncs but the last one, which becomes number 0.
    pub(super) fn forget(&mut self) {
        self.writes.drain(..self.last * self.workloads);
        (self.last, self.answer.to) = (0, None);
    }
}
