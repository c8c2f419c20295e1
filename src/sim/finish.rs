//! The end of a migration: its outcome, and what decided it.

use super::migration::{Migration, Stop};
use super::{Event, Outcome, Reason, Timeline, Verdict};
use crate::guest::Memory;
use crate::units::{Bytes, PAGE_SIZE, Rate, Span, Time};

impl<M: Memory> Migration<'_, M> {
    /// Sums the migration up, as it stands now.
    pub(super) fn finish(mut self) -> (Outcome, Timeline) {
        self.record(Event::End);
        let end = self.now;
        let (stopped, downtime, blackout) = match self.stop {
            Some(stop) => (stop.stopped, end - stop.decided, end - stop.stopped),
            None => (end, Span::ZERO, Span::ZERO),
        };
        let total = end - Time::ZERO;
        let lost = Span((total.0 as f64 * self.activity.lost_share(stopped, end)) as u64) + self.fault_time();
        let (throttle_final_pct, throttle_max_pct) = self.throttling.felt(self.stop.map_or(end, |stop| stop.decided));
        let (throttled, over_90) = self.throttling.until(stopped);
        let outcome = Outcome {
            verdict: if self.stop.is_some() { Verdict::Converged } else { Verdict::NotConverged },
            reason: self.reason(throttle_final_pct),
            total_time_ms: total.ms(),
            setup_time_ms: self.setup.ms(),
            downtime_ms: downtime.ms(),
            longest_stall_ms: blackout.max(self.throttling.longest_sleep()).ms(),
            dirty_sync_count: self.accounting.sync_count(),
            transferred_bytes: self.transferred(),
            normal_pages: self.counters.normal,
            duplicate_pages: self.counters.duplicate,
            remaining_bytes: self.remaining().0,
            throttle_max_pct,
            throttle_final_pct,
            throttled_time_ms: throttled.ms(),
            throttled_over_90_ms: over_90.ms(),
            guest_work_lost_ms: lost.min(total).ms(),
            guest_slowdown_pct: if total.0 > 0 { 100.0 * lost.min(total).0 as f64 / total.0 as f64 } else { 0.0 },
            expected_downtime_ms: self.expected_downtime_ms as f64,
            threshold_bytes: self.estimate.threshold_size,
            postcopy_time_ms: 0.0,
            postcopy_faults: 0,
            postcopy_stall_ms: 0.0,
        };
        (outcome, self.recorder.finish())
    }

    /// Time that write-protection faults took from each vCPU.
    fn fault_time(&self) -> Span {
        let guest = &self.scenario.guest;
        Span(self.counters.faults.saturating_mul(guest.fault_cost.0) / u64::from(guest.vcpus.max(1)))
    }

    fn reason(&self, throttle_pct: f64) -> Reason {
        let limit = self.scenario.qemu.params.downtime_limit;
        let threshold = Bytes(self.estimate.threshold_size);
        if let Some(Stop { pending, .. }) = self.stop {
            return match threshold.0 {
                0 => Reason::Empty { throttle_pct },
                _ => Reason::Fits { pending, threshold, limit, throttle_pct },
            };
        }
        let (time, left) = (self.scenario.limits.time, self.remaining());
        let sent = Rate((self.estimate.mbps * 1e6 / 8.0) as u64);
        let dirtied = Rate(self.accounting.dirty_pages_rate().saturating_mul(PAGE_SIZE));
        match () {
            () if self.accounting.sync_count() < 2 => Reason::FirstPass { time, left, sent },
            () if dirtied >= sent => Reason::TooFast { dirtied, sent, throttle_pct },
            () => Reason::TooMuch { time, left, threshold, limit, dirtied, sent, throttle_pct },
        }
    }
}
