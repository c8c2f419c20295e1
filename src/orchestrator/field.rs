//! What a condition can look at.

use serde::Serialize;

use super::job::JobStats;
use super::registers::Registers;
use crate::units::{PAGE_SIZE, Span};

/// A number that a client has at a poll, from the job's statistics or from what it remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum JobField {
    /// Since the start [ns].
    TimeElapsed,
    /// Since the start, for each GiB of the guest's memory [ns].
    TimeElapsedPerGib,
    /// `memory_iteration`.
    MemoryIteration,
    /// Rises of `memory_iteration` since the first poll.
    Iterations,
    /// 1 where `memory_iteration` is higher than it ever was at a poll; else 0.
    NewIteration,
    /// `memory_remaining` [bytes].
    MemoryRemaining,
    /// `memory_remaining` [pages].
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
    /// 1 where the guest is stopped; else 0.
    Paused,
}

impl JobField {
    /// Its value; NaN where there is none.
    pub fn of(self, job: &JobStats, seen: &Registers) -> f64 {
        let flag = |on: bool| f64::from(u8::from(on));
        let since = |then: Option<Span>| then.map_or(f64::NAN, |then| job.elapsed.0 as f64 - then.0 as f64);
        match self {
            JobField::TimeElapsed => job.elapsed.0 as f64,
            JobField::TimeElapsedPerGib => job.elapsed.0 as f64 / job.memory_total.gib(),
            JobField::MemoryIteration => job.memory_iteration as f64,
            JobField::Iterations => job.memory_iteration.saturating_sub(seen.base_iteration()) as f64,
            JobField::NewIteration => flag(seen.new_iteration()),
            JobField::MemoryRemaining => job.memory_remaining.0 as f64,
            JobField::DirtyPages => (job.memory_remaining.0 / PAGE_SIZE) as f64,
            JobField::MemoryProcessed => job.memory_processed.0 as f64,
            JobField::ProcessedShare => job.memory_processed.0 as f64 / job.memory_total.0 as f64,
            JobField::MemoryDirtyRate => job.memory_dirty_rate as f64,
            JobField::MemoryBps => job.memory_bps.0 as f64,
            JobField::AutoConvergeThrottle => job.auto_converge_throttle,
            JobField::ExpectedDowntime => job.downtime.0 as f64,
            JobField::TimeToSend => match job.memory_bps.0 {
                0 => f64::NAN,
                bps => job.memory_remaining.0 as f64 * 1e9 / bps as f64,
            },
            JobField::DowntimeLimit => seen.downtime_limit().0 as f64,
            JobField::Drop => seen.drop_pct(),
            JobField::Rises => seen.rises() as f64,
            JobField::NewRise => flag(seen.new_rise()),
            JobField::SinceLow => since(seen.low_at()),
            JobField::SinceProgress => since(seen.progress_at()),
            JobField::SinceChange => since(seen.changed_at()),
            JobField::PostCopy => flag(job.post_copy),
            JobField::Paused => flag(job.paused),
        }
    }

    /// Whether it comes from earlier polls, so that none may be left out.
    pub fn is_remembered(self) -> bool {
        matches!(
            self,
            JobField::Iterations
                | JobField::NewIteration
                | JobField::Drop
                | JobField::Rises
                | JobField::NewRise
                | JobField::SinceLow
                | JobField::SinceProgress
        )
    }
}

/// Seconds as a field counts them.
pub(super) fn seconds(s: u64) -> f64 {
    s as f64 * 1e9
}
