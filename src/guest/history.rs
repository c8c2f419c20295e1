//! Writes at past syncs, and what they left alone.

use std::sync::Arc;

use super::log::Touches;

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
    /// Zone, and the two syncs.
    to: Option<(usize, usize, usize)>,
    untouched: Vec<f64>,
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
        // Mostly one or two, which is no work for a copy of a slice.
        writes.iter().for_each(|count| self.writes.push(*count));
        self.last += 1;
    }

    /// For each class of a zone, the chances that a page was not written at random between two syncs.
    #[inline(always)]
    pub(super) fn untouched(&mut self, zone: usize, from: usize, to: usize) -> &[f64] {
        let question = Some((zone, from, to));
        if self.answer.to != question {
            let mut chances = std::mem::take(&mut self.answer.untouched);
            self.touches.untouched(zone, self.at(from), self.at(to), &mut chances);
            self.answer = CachedUntouched { to: question, untouched: chances };
        }
        &self.answer.untouched
    }

    /// For each class of a zone, the chances that a page is not written at random between two counts.
    #[inline(always)]
    pub(super) fn untouched_until(&mut self, zone: usize, from: &[u64], to: &[u64]) -> &[f64] {
        self.answer.to = None;
        self.touches.untouched(zone, from, to, &mut self.answer.untouched);
        &self.answer.untouched
    }

    /// Forgets all syncs but the last one, which becomes number 0.
    pub(super) fn forget(&mut self) {
        self.writes.drain(..self.last * self.workloads);
        (self.last, self.answer.to) = (0, None);
    }
}
