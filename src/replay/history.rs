//! What was seen of a migration that somebody else started.

use super::host::Seen;
use crate::units::{PAGE_SIZE, Span};

/// Most passes that are remembered.
const PASSES: usize = 100;

/// A migration as seen so far.
#[derive(Clone, Debug, Default)]
pub struct History {
    last: Seen,
    /// When the pass under way began, where that was seen.
    pass_began: Option<Span>,
    /// Distinct pages that were dirtied in so much of the guest's own time, a point for each pass seen from its
    /// beginning to its end.
    points: Vec<(Span, u64)>,
    throttles: Vec<u8>,
    bps: Vec<u64>,
    zero_pages: Option<u64>,
}

impl History {
    /// Takes in a look.
    pub fn see(&mut self, seen: Seen) {
        let (job, before) = (seen.job, self.last.job);
        let throttle = job.auto_converge_throttle as u8;
        if throttle > 0 && self.throttles.last() != Some(&throttle) {
            self.throttles.push(throttle);
        }
        if job.memory_bps.0 > 0 {
            self.bps.push(job.memory_bps.0);
            self.bps.drain(..self.bps.len().saturating_sub(PASSES));
        }
        if before.memory_iteration > 0 && job.memory_iteration > before.memory_iteration {
            // Several syncs between two looks: only the last pass is known, and not where it began.
            let single = job.memory_iteration == before.memory_iteration + 1;
            if let Some(began) = self.pass_began.filter(|_| single) {
                let share = 1.0 - before.auto_converge_throttle / 100.0;
                let own = Span(((job.elapsed.0.saturating_sub(began.0)) as f64 * share) as u64);
                self.points.push((own, job.memory_remaining.0 / PAGE_SIZE));
                self.points.drain(..self.points.len().saturating_sub(PASSES));
            }
            self.pass_began = Some(job.elapsed);
            self.zero_pages.get_or_insert(seen.constant);
        } else if job.memory_iteration == 1 && self.pass_began.is_none() {
            // The first pass began with the migration.
            self.pass_began = Some(Span::ZERO);
        }
        self.last = seen;
    }

    /// The last look.
    pub fn last(&self) -> &Seen {
        &self.last
    }

    /// Points of the guest's dirty curve: its own time, and distinct pages; by time, each longer than the one before.
    ///
    /// Where no pass was seen whole, the rate of the last one stands for a second of it.
    pub fn curve(&self) -> Vec<(Span, u64)> {
        let mut points = self.points.clone();
        if points.is_empty() && self.last.job.memory_dirty_rate > 0 {
            let share = 1.0 - self.last.job.auto_converge_throttle / 100.0;
            points.push((Span((1e9 * share) as u64), self.last.job.memory_dirty_rate));
        }
        points.retain(|(time, pages)| time.0 >= 1_000_000 && *pages > 0);
        points.sort_unstable();
        let mut merged: Vec<(Span, u64, u64)> = Vec::new();
        for (time, pages) in points {
            match merged.last_mut() {
                // Passes of nearly the same length are one point.
                Some((last, sum, count)) if time.0 < last.0 + last.0 / 10 => {
                    *sum += pages;
                    *count += 1;
                }
                _ => merged.push((time, pages, 1)),
            }
        }
        merged.into_iter().map(|(time, sum, count)| (time, sum / count)).collect()
    }

    /// Steps of the throttle that were seen [%].
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
