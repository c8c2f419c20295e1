//! Which chunks have had their log re-armed since the last sync, and when.

use super::log::Log;
use super::memory::CHUNK_SHIFT;
use super::zones::Zone;

/// Groups of chunks that are treated as one, and their visits by the cursor.
///
/// A zone of up to 16 chunks has a group for each. In a longer one a group holds several chunks, re-armed one after
/// the other at an even pace, so that the cost of a sync does not grow with the guest.
#[derive(Clone, Debug)]
pub struct Chunks {
    groups: Vec<Group>,
    /// For each group the writes of each workload when it was entered, then those when the next one was.
    writes: Vec<u64>,
    workloads: usize,
    open: Option<usize>,
}

#[derive(Clone, Copy, Debug)]
struct Group {
    /// One past its last page.
    end: u64,
    chunks: u64,
    /// Some of its pages are written, so that it matters when it is re-armed.
    written: bool,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Unvisited,
    Open,
    Left,
}

/// A visit of the cursor to a group since the last sync.
#[derive(Clone, Copy, Debug)]
pub struct Visit<'a> {
    /// Writes of each workload when its first chunk was re-armed.
    pub from: &'a [u64],
    /// Writes of each workload when the cursor went on to another group.
    pub to: &'a [u64],
    /// The cursor is still in it.
    pub is_open: bool,
    /// Chunks in the group.
    pub chunks: u64,
}

/// Groups in a zone with random writers only.
const GROUPS: u64 = 16;
/// Groups in a zone with a sequential writer, whose place matters more.
const SWEPT_GROUPS: u64 = 256;

impl Chunks {
    /// Groups for the written ones of `zones`, in RAM of `pages`.
    pub fn new(zones: &[Zone], pages: u64, workloads: usize) -> Chunks {
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
            Group { end: pair[1], chunks, written, state: State::Unvisited }
        };
        let groups: Vec<_> = starts.windows(2).map(group).collect();
        let writes = vec![0; 2 * groups.len() * workloads];
        Chunks { groups, writes, workloads, open: None }
    }

    /// How many groups there are.
    pub fn groups(&self) -> usize {
        self.groups.len()
    }

    /// The group that holds `page`.
    pub fn group_of(&self, page: u64) -> usize {
        self.groups.partition_point(|group| group.end <= page)
    }

    /// One past the last page of a group.
    pub fn end_of(&self, group: usize) -> u64 {
        self.groups[group].end
    }

    /// The cursor enters `group`, and leaves the one it was in.
    pub fn open(&mut self, group: usize, writes: &[u64]) {
        if let Some(before) = self.open.replace(group) {
            self.groups[before].state = State::Left;
            self.row(2 * before + 1).copy_from_slice(writes);
        }
        self.groups[group].state = State::Open;
        self.row(2 * group).copy_from_slice(writes);
    }

    fn row(&mut self, index: usize) -> &mut [u64] {
        &mut self.writes[index * self.workloads..(index + 1) * self.workloads]
    }

    /// What the cursor did in `group` since the last sync.
    pub fn visit(&self, group: usize) -> Option<Visit<'_>> {
        let Group { chunks, state, .. } = self.groups[group];
        if state == State::Unvisited {
            return None;
        }
        let w = self.workloads;
        let (from, to) = self.writes[2 * group * w..2 * (group + 1) * w].split_at(w);
        Some(Visit { from, to, is_open: state == State::Open, chunks })
    }

    /// Whether `group` has writers and the cursor was not in it since the last sync.
    pub fn awaits_visit(&self, group: usize) -> bool {
        let Group { written, state, .. } = self.groups[group];
        written && state == State::Unvisited
    }

    /// What the log of `group` holds of the pages that the last sync reported, where the cursor has `swept` them or
    /// not, and a sequential writer has `passed` them since they were re-armed or not.
    pub(super) fn log(&self, group: usize, swept: bool, passed: bool) -> Log<'_> {
        match self.visit(group) {
            None if self.groups[group].written => Log::Held,
            _ if passed => Log::Written,
            None => Log::Unwritten,
            // Of several chunks under the cursor those ahead of it have not been re-armed: still in the log.
            Some(visit) if visit.chunks > 1 && visit.is_open && !swept => Log::Written,
            Some(visit) => Log::Since(visit),
        }
    }

    /// A sync: every group waits for a new visit.
    pub fn close_all(&mut self) {
        self.groups.iter_mut().for_each(|group| group.state = State::Unvisited);
        self.open = None;
    }
}
