//! Chunks that are treated alike, and when the cursor came to them.

use super::memory::CHUNK_SHIFT;
use super::zones::Zone;

/// Groups of chunks that are treated as one, and their visits by the cursor since the last sync.
///
/// A zone of up to 16 chunks has a group for each. In a longer one a group holds several chunks, re-armed one after
/// the other at an even pace, so that the cost of a sync does not grow with the guest.
#[derive(Clone, Debug)]
pub(super) struct ChunkGroups {
    groups: Vec<ChunkGroup>,
    /// In order; a group has at most one.
    visited: Vec<usize>,
    /// For each visit the writes of each workload when it began.
    writes: Vec<u64>,
    workloads: usize,
}

#[derive(Clone, Copy, Debug)]
struct ChunkGroup {
    /// One past its last page.
    end: u64,
    chunks: u64,
    /// Some of its pages are written, so that it matters when it is re-armed.
    written: bool,
    /// Which of the visits is its own.
    visit: Option<usize>,
}

/// A visit of the cursor to a group.
#[derive(Clone, Copy, Debug)]
pub(super) struct GroupVisit<'a> {
    /// Writes of each workload when its first chunk was re-armed.
    pub(super) from: &'a [u64],
    /// Writes of each workload when the cursor went on to another group; now, if it has not.
    pub(super) to: &'a [u64],
    pub(super) chunks: u64,
}

/// Groups in a zone with random writers only.
const GROUPS: u64 = 16;
/// Groups in a zone with a sequential writer, whose place matters more.
const SWEPT_GROUPS: u64 = 256;

impl ChunkGroups {
    /// Groups for the written ones of `zones`, in RAM of `pages`.
    pub(super) fn new(zones: &[Zone], pages: u64, workloads: usize) -> ChunkGroups {
        let mut starts = Vec::with_capacity(zones.len() * (GROUPS as usize + 1) + 2);
        starts.push(0);
        for zone in zones.iter().filter(|zone| zone.is_written()) {
            let (first, last) = (zone.start >> CHUNK_SHIFT, (zone.end() - 1) >> CHUNK_SHIFT);
            let most = if zone.sweeps.is_empty() { GROUPS } else { SWEPT_GROUPS };
            let step = (last - first + 1).div_ceil(most);
            starts.extend((first..=last).step_by(step as usize).map(|chunk| chunk << CHUNK_SHIFT));
            starts.push((last + 1) << CHUNK_SHIFT);
        }
        starts.retain(|start| *start < pages);
        starts.sort_unstable();
        starts.dedup();
        starts.push(pages);
        let group = |pair: &[u64]| {
            let chunks = (pair[1] - pair[0]).div_ceil(1 << CHUNK_SHIFT);
            let written = zones.iter().any(|zone| zone.is_written() && zone.start < pair[1] && pair[0] < zone.end());
            ChunkGroup { end: pair[1], chunks, written, visit: None }
        };
        let groups: Vec<_> = starts.windows(2).map(group).collect();
        let (visited, writes) = (Vec::with_capacity(groups.len()), Vec::with_capacity(groups.len() * workloads));
        ChunkGroups { groups, visited, writes, workloads }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.groups.len()
    }

    /// The group that holds `page`, and one past its last page.
    pub(super) fn around(&self, page: u64) -> (usize, u64) {
        let group = self.groups.partition_point(|group| group.end <= page);
        (group, self.groups[group].end)
    }

    /// Whether `group` has writers and the cursor was not in it since the last sync.
    pub(super) fn awaits_visit(&self, group: usize) -> bool {
        let ChunkGroup { written, visit, .. } = self.groups[group];
        written && visit.is_none()
    }

    /// The cursor enters `group`.
    pub(super) fn enter(&mut self, group: usize, writes: &[u64]) {
        self.groups[group].visit = Some(self.visited.len());
        self.visited.push(group);
        writes.iter().for_each(|count| self.writes.push(*count));
    }

    /// The visit in which pages of `group` were re-armed since the last sync, whether the cursor has `passed` them or not;
    /// `now` are the writes so far.
    pub(super) fn visit<'a>(&'a self, group: usize, passed: bool, now: &'a [u64]) -> Option<GroupVisit<'a>> {
        let ChunkGroup { chunks, visit, .. } = self.groups[group];
        let visit = visit.filter(|_| passed || self.is_rearmed(group))?;
        let (from, rest) = self.writes[visit * self.workloads..].split_at(self.workloads);
        let to = rest.get(..self.workloads).filter(|to| !to.is_empty()).unwrap_or(now);
        Some(GroupVisit { from, to, chunks })
    }

    /// Whether all of `group` was re-armed since the last sync, also what the cursor has not passed.
    ///
    /// Of several chunks those ahead of the cursor have not been.
    pub(super) fn is_rearmed(&self, group: usize) -> bool {
        let ChunkGroup { chunks, visit, .. } = self.groups[group];
        chunks == 1 && visit.is_some()
    }

    /// A sync: every group waits for a new visit.
    pub(super) fn leave_all(&mut self) {
        for group in self.visited.drain(..) {
            self.groups[group].visit = None;
        }
        self.writes.clear();
    }
}
