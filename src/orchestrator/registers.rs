//! What an orchestrator remembers from poll to poll.

use serde::Serialize;

use super::job::JobStats;
use crate::units::Span;

/// What counts as a rise of what remains.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rises {
    /// More than at the poll before.
    #[default]
    Plain,
    /// Proxmox: the same, unless nothing remained at the poll before; and nothing remaining counts too. Polls
    /// without a new byte are left out.
    Proxmox,
}

/// The registers. All times are since the start.
#[derive(Clone, Debug, Default)]
pub struct Registers {
    kind: Rises,
    /// Last sample.
    remaining: Option<u64>,
    /// Polls were left out since.
    is_stale: bool,
    processed: u64,
    /// Proxmox's last sample that counted.
    counted: u64,
    drop_pct: f64,
    base: Option<u64>,
    iteration: u64,
    new_iteration: bool,
    low: Option<(u64, Span)>,
    progress: Option<Span>,
    rises: u64,
    new_rise: bool,
    downtime_limit: Span,
    changed: Option<Span>,
}

impl Registers {
    /// Nothing seen yet, and `downtime-limit` as QEMU has it.
    pub fn new(kind: Rises, downtime_limit: Span) -> Registers {
        Registers { kind, downtime_limit, drop_pct: f64::NAN, ..Registers::default() }
    }

    /// Takes in what a poll shows.
    pub fn poll(&mut self, job: &JobStats) {
        let remaining = job.memory_remaining.0;
        let before = self.remaining.replace(remaining);
        self.drop_pct = match before {
            Some(before) if before > 0 => {
                (100.0 * (before as f64 - remaining as f64) / before as f64).round_ties_even()
            }
            _ => f64::NAN,
        };
        if self.low.is_none_or(|(low, _)| low == 0 || low > remaining) {
            self.low = Some((remaining, job.elapsed));
        }
        let is_stale = std::mem::take(&mut self.is_stale);
        if !is_stale && before.is_none_or(|before| before == 0 || remaining < before) {
            self.progress = Some(job.elapsed);
        }
        let moved = job.memory_processed.0 != self.processed;
        self.new_rise = match self.kind {
            Rises::Plain => before.is_some_and(|before| remaining > before),
            Rises::Proxmox => moved && ((self.counted > 0 && remaining > self.counted) || remaining == 0),
        };
        if moved {
            self.counted = remaining;
            self.processed = job.memory_processed.0;
        }
        self.rises += u64::from(self.new_rise);
        let iteration = job.memory_iteration;
        self.new_iteration = self.base.is_some() && iteration > self.iteration;
        self.base.get_or_insert(iteration);
        self.iteration = self.iteration.max(iteration);
    }

    /// Polls are left out: the next one has none before it to be held against.
    pub fn leave_out(&mut self) {
        self.is_stale = true;
    }

    /// `downtime-limit` was set.
    pub fn set_downtime(&mut self, to: Span, at: Span) {
        self.downtime_limit = to;
        self.changed = Some(at);
    }

    /// The count of rises starts anew.
    pub fn reset_rises(&mut self) {
        self.rises = 0;
    }

    /// `memory_iteration` at the first poll.
    pub fn base_iteration(&self) -> u64 {
        self.base.unwrap_or(0)
    }

    /// Whether the last poll saw a higher `memory_iteration` than any before; the first poll does not.
    pub fn new_iteration(&self) -> bool {
        self.new_iteration
    }

    /// By how much the last poll saw `memory_remaining` fall [whole %]; NaN where that cannot be said.
    pub fn drop_pct(&self) -> f64 {
        self.drop_pct
    }

    /// Polls with a rise.
    pub fn rises(&self) -> u64 {
        self.rises
    }

    /// Whether the last poll saw a rise.
    pub fn new_rise(&self) -> bool {
        self.new_rise
    }

    /// The lowest `memory_remaining` so far [bytes].
    pub fn low(&self) -> Option<u64> {
        self.low.map(|(low, _)| low)
    }

    /// When that was; a low of nothing is forgotten at once.
    pub fn low_at(&self) -> Option<Span> {
        self.low.map(|(_, at)| at)
    }

    /// When `memory_remaining` last fell from one poll to the next.
    pub fn progress_at(&self) -> Option<Span> {
        self.progress
    }

    /// `downtime-limit` as it was last set, or as QEMU has it.
    pub fn downtime_limit(&self) -> Span {
        self.downtime_limit
    }

    /// When it was set.
    pub fn changed_at(&self) -> Option<Span> {
        self.changed
    }
}
