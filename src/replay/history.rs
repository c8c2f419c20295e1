//! What was seen of a migration that another user started.

use super::host::JobSeen;
use crate::sim::{Event, Outcome, Timeline};
use crate::units::{PAGE_SIZE, Span};

/// Most points and looks that are remembered.
const MOST: usize = 100;
/// The end of a pass is known to about half the time between two looks. Passes are put together until that matters
/// little: until they have lasted for so many times the time between two looks.
const SURE: f64 = 5.0;

/// A migration as seen so far.
#[derive(Clone, Debug, Default)]
pub struct JobHistory {
    looks: u64,
    last: JobSeen,
    /// The last sync: `dirty-sync-count`, and when.
    sync: Option<(u64, Span)>,
    /// Of the guest's own time since then; `None` where that was not seen from its beginning.
    own: Option<f64>,
    /// Passes that were seen from beginning to end and are not long enough for a point.
    short: Passes,
    points: Vec<(Span, u64)>,
    throttles: Vec<u8>,
    bps: Vec<u64>,
    zero_pages: Option<u64>,
}

/// Passes that were seen from beginning to end.
#[derive(Clone, Copy, Debug, Default)]
struct Passes {
    count: u64,
    /// The guest's own time in them [ns].
    own: f64,
    /// Different pages that were dirtied, pass by pass.
    dirtied: f64,
}

impl JobHistory {
    /// Takes in a look.
    pub fn see(&mut self, seen: JobSeen) {
        if seen.job.elapsed < self.last.job.elapsed || seen.job.memory_iteration < self.last.job.memory_iteration {
            // Another migration of the same domain.
            *self = JobHistory::default();
        }
        let job = seen.job;
        let throttle = job.auto_converge_throttle as u8;
        if self.looks == 0 || self.throttles.last() != Some(&throttle) {
            self.throttles.push(throttle);
        }
        if job.memory_bps.0 > 0 {
            self.bps.push(job.memory_bps.0);
            self.bps.drain(..self.bps.len().saturating_sub(MOST));
        }
        match self.looks {
            0 => self.begin(&seen),
            _ => self.go_on(&seen),
        }
        self.looks += 1;
        self.last = seen;
    }

    /// The first look. A first pass began with the migration: so long ago as it takes to send what was sent.
    fn begin(&mut self, seen: &JobSeen) {
        let job = &seen.job;
        if job.memory_iteration <= 1 {
            let took = match (job.memory_processed.0, job.memory_bps.0) {
                (0, _) => 0.0,
                (_, 0) => job.elapsed.0 as f64,
                (sent, bps) => (sent as f64 / bps as f64 * 1e9).min(job.elapsed.0 as f64),
            };
            self.own = Some(took);
            self.sync = Some((1, Span(job.elapsed.0.saturating_sub(took as u64))));
        }
    }

    /// A look after another one. Syncs between the two are taken to lie evenly.
    fn go_on(&mut self, seen: &JobSeen) {
        let (job, before) = (&seen.job, &self.last.job);
        let gap = (job.elapsed.0 - before.elapsed.0) as f64;
        let own_gap = gap * (1.0 - before.auto_converge_throttle / 100.0);
        // The first sync begins the first pass, and ends none.
        let syncs = job.memory_iteration.max(1) - before.memory_iteration.max(1);
        if syncs == 0 {
            self.own = self.own.map(|own| own + own_gap);
            return;
        }
        self.zero_pages.get_or_insert(seen.constant);
        let share = syncs as f64 / (syncs + 1) as f64;
        if let Some(own) = self.own {
            // What is dirtied is what remains more than before, and what was sent meanwhile.
            let left = |seen: &JobSeen| seen.job.memory_remaining.0 as f64 / PAGE_SIZE as f64;
            let sent = |seen: &JobSeen| (seen.normal + seen.constant) as f64;
            self.short.count += syncs;
            self.short.own += own + own_gap * share;
            self.short.dirtied += left(seen) + sent(seen) - left(&self.last) - sent(&self.last);
            if self.short.own >= SURE * own_gap {
                let Passes { count, own, dirtied } = std::mem::take(&mut self.short);
                let each = |sum: f64| (sum / count as f64).max(0.0) as u64;
                self.points.push((Span(each(own)), each(dirtied)));
                self.points.drain(..self.points.len().saturating_sub(MOST));
            }
        }
        self.own = Some(own_gap * (1.0 - share));
        self.sync = Some((job.memory_iteration, Span(before.elapsed.0 + (gap * share) as u64)));
    }

    /// The last look.
    pub fn last(&self) -> &JobSeen {
        &self.last
    }

    /// The last sync that was seen: `dirty-sync-count`, and when.
    pub fn sync(&self) -> Option<(u64, Span)> {
        self.sync
    }

    /// The guest's own time in a pass, and different pages that were dirtied in it, for all that were seen.
    ///
    /// Where no pass was seen whole, the rate that QEMU tells of the last one stands for it.
    pub fn points(&self) -> Vec<(Span, u64)> {
        if self.points.is_empty() { self.told().into_iter().collect() } else { self.points.clone() }
    }

    /// The last pass as `memory_dirty_rate` tells of it, without its length: in the second pass that follows from what is
    /// left of it and how long everything took; later it is a second, or as long as what is left needs to be dirtied.
    fn told(&self) -> Option<(Span, u64)> {
        let job = &self.last.job;
        let rate = job.memory_dirty_rate as f64;
        let left = job.memory_remaining.0 as f64 / PAGE_SIZE as f64;
        if rate == 0.0 || job.memory_iteration < 2 {
            return None;
        }
        let sending = self.bps().unwrap_or(0) as f64 / PAGE_SIZE as f64;
        let seconds = match job.memory_iteration {
            2 => (left + sending * job.elapsed.seconds()) / (rate + sending),
            _ => (left / rate).max(1.0),
        };
        let own = seconds * (1.0 - job.auto_converge_throttle / 100.0);
        Some((Span((own * 1e9) as u64), (rate * seconds) as u64))
    }

    /// Steps of the throttle that were seen, zero among them [%].
    pub fn throttles(&self) -> &[u8] {
        &self.throttles
    }

    /// Median of the bandwidths that were seen [bytes/s].
    pub fn bps(&self) -> Option<u64> {
        let mut sorted = self.bps.clone();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied()
    }

    /// Pages that were zero in the first pass, as far as it has come.
    pub fn zero_pages(&self) -> u64 {
        self.zero_pages.unwrap_or(self.last.constant)
    }
}

/// The whole time, if the rest goes as in the simulation. That may be early or late by now: the two are laid over each
/// other at the last sync that was seen.
pub(super) fn total(outcome: &Outcome, timeline: &Timeline, history: &JobHistory) -> f64 {
    let ahead = history.sync().and_then(|(pass, at)| {
        let sync = timeline.rows.iter().find(|row| row.event == Event::Sync && row.pass == pass)?;
        Some(at.ms() - sync.t_ms)
    });
    (outcome.total_time_ms + ahead.unwrap_or(0.0)).max(history.last().job.elapsed.ms())
}
