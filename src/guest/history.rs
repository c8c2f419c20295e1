//! Writes at past syncs, and what they left alone.

use super::log::{between, untouched};
use super::zones::Zone;

/// Writes of each workload at some syncs: the last one, and those that a piece is still known of.
#[derive(Clone, Debug)]
pub(super) struct History {
    /// A row for each.
    writes: Vec<u64>,
    workloads: usize,
    /// Index of the last one.
    pub(super) last: usize,
    answer: Answer,
}

/// What was found last, for the next one who asks: neighbours were passed by the cursor in the same pass.
#[derive(Debug, Default)]
struct Answer {
    /// First class, and the two syncs.
    to: Option<(usize, usize, usize)>,
    untouched: Vec<f64>,
    /// To work with.
    writes: Vec<f64>,
}

/// A copy finds it anew.
impl Clone for Answer {
    fn clone(&self) -> Answer {
        Answer::default()
    }
}

impl History {
    /// Nothing was written yet.
    pub(super) fn new(workloads: usize) -> History {
        History { writes: vec![0; workloads], workloads, last: 0, answer: Answer::default() }
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

    /// For each class of a zone, the chance that a page was not written at random between two syncs.
    pub(super) fn untouched(&mut self, zone: &Zone, from: usize, to: usize) -> &[f64] {
        let question = Some((zone.classes_before, from, to));
        if self.answer.to != question {
            let mut answer = std::mem::take(&mut self.answer);
            let columns = zone.columns.clone();
            between(&self.at(from)[columns.clone()], &self.at(to)[columns], &mut answer.writes);
            answer.untouched.clear();
            answer.untouched.extend(zone.rows().map(|kappas| untouched(kappas, &answer.writes)));
            answer.to = question;
            self.answer = answer;
        }
        &self.answer.untouched
    }

    /// Forgets all syncs but the last one, which becomes number 0.
    pub(super) fn forget(&mut self) {
        self.writes.drain(..self.last * self.workloads);
        (self.last, self.answer.to) = (0, None);
    }
}
