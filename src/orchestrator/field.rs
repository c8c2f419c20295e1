//! What a condition can look at.

use serde::Serialize;

use super::job::JobStats;
use super::registers::Registers;
use crate::units::{PAGE_SIZE, Span};

/// A number that a client has at a poll, from the job's statistics or from what it remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Field {
    /// Since the start [ns].
    TimeElapsed,
    /// Since the start, for each GiB of the guest's memory [ns].
    TimeElapsedPerGib,
    /// `memory_iteration`.
    MemoryIteration,
    /// The same, since the first poll.
    Iterations,
    /// 1 where `memory_iteration` is higher than it ever was at a poll; else 0.
    NewIteration,
    /// `memory_remaining` [bytes].
    MemoryRemaining,
    /// The same [pages].
    DirtyPages,
    /// `memory_processed` [bytes].
    MemoryProcessed,
    /// `memory_processed` as a share of `memory_total` [0..].
    ProcessedShare,
    /// `memory_dirty_rate` [pages/s].
    MemoryDirtyRate,
    /// `memory_bps` [bytes/s].
    MemoryBps,
    /// `auto_converge_throttle` [%].
    AutoConvergeThrottle,
    /// `downtime`: what QEMU expects [ns].
    ExpectedDowntime,
    /// `memory_remaining` at the rate of `memory_bps` [ns]; not there without a rate.
    TimeToSend,
    /// `downtime-limit` as it was last set [ns].
    DowntimeLimit,
    /// By how much `memory_remaining` fell since the last poll, in whole per cent, half to even.
    Drop,
    /// Polls at which `memory_remaining` had risen.
    Rises,
    /// 1 where this poll saw a rise; else 0.
    NewRise,
    /// Since the poll with the lowest `memory_remaining` so far [ns].
    SinceLow,
    /// Since the last poll at which `memory_remaining` had fallen [ns].
    SinceProgress,
    /// Since the orchestrator last set `downtime-limit` [ns].
    SinceChange,
    /// 1 in post-copy; else 0.
    PostCopy,
    /// 1 where the guest stands still; else 0.
    Paused,
}

impl Field {
    /// Its value; NaN where there is none.
    pub fn of(self, job: &JobStats, seen: &Registers) -> f64 {
        let flag = |on: bool| f64::from(u8::from(on));
        let since = |then: Option<Span>| then.map_or(f64::NAN, |then| job.elapsed.0 as f64 - then.0 as f64);
        match self {
            Field::TimeElapsed => job.elapsed.0 as f64,
            Field::TimeElapsedPerGib => job.elapsed.0 as f64 / job.memory_total.gib(),
            Field::MemoryIteration => job.memory_iteration as f64,
            Field::Iterations => job.memory_iteration.saturating_sub(seen.base_iteration()) as f64,
            Field::NewIteration => flag(seen.new_iteration()),
            Field::MemoryRemaining => job.memory_remaining.0 as f64,
            Field::DirtyPages => (job.memory_remaining.0 / PAGE_SIZE) as f64,
            Field::MemoryProcessed => job.memory_processed.0 as f64,
            Field::ProcessedShare => job.memory_processed.0 as f64 / job.memory_total.0 as f64,
            Field::MemoryDirtyRate => job.memory_dirty_rate as f64,
            Field::MemoryBps => job.memory_bps.0 as f64,
            Field::AutoConvergeThrottle => job.auto_converge_throttle,
            Field::ExpectedDowntime => job.downtime.0 as f64,
            Field::TimeToSend => match job.memory_bps.0 {
                0 => f64::NAN,
                bps => job.memory_remaining.0 as f64 * 1e9 / bps as f64,
            },
            Field::DowntimeLimit => seen.downtime_limit().0 as f64,
            Field::Drop => seen.drop_pct(),
            Field::Rises => seen.rises() as f64,
            Field::NewRise => flag(seen.new_rise()),
            Field::SinceLow => since(seen.low_at()),
            Field::SinceProgress => since(seen.progress_at()),
            Field::SinceChange => since(seen.changed_at()),
            Field::PostCopy => flag(job.post_copy),
            Field::Paused => flag(job.paused),
        }
    }

    /// Whether it comes from earlier polls, so that none may be left out.
    pub fn is_remembered(self) -> bool {
        matches!(
            self,
            Field::Iterations
                | Field::NewIteration
                | Field::Drop
                | Field::Rises
                | Field::NewRise
                | Field::SinceLow
                | Field::SinceProgress
        )
    }
}

/// Seconds as a field counts them.
pub(super) fn seconds(s: u64) -> f64 {
    s as f64 * 1e9
}
