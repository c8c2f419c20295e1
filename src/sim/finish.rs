//! The end of a migration: its outcome, and the sentence that says what decided it.

use super::migration::Migration;
use super::{Event, Outcome, Timeline, Verdict};
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

    fn reason(&self, pct: f64) -> String {
        let held = match pct {
            0.0 => "without throttling".to_owned(),
            pct => format!("with the guest throttled by {pct:.0} %"),
        };
        let limit = self.scenario.qemu.params.downtime_limit;
        let threshold = Bytes(self.estimate.threshold_size);
        if let Some(stop) = self.stop {
            return match threshold.0 {
                0 => format!("nothing was left to send, and a threshold of 0 lets the guest stop only then; {held}"),
                _ => format!(
                    "{} were left after a sync, within the {threshold} that fit into the downtime limit of {limit}; {held}",
                    stop.pending
                ),
            };
        }
        let (passes, left) = (self.accounting.sync_count(), self.remaining());
        let sent = Rate((self.estimate.mbps * 1e6 / 8.0) as u64);
        let dirtied = Rate(self.accounting.dirty_pages_rate().saturating_mul(PAGE_SIZE));
        let time = self.scenario.limits.time;
        if passes < 2 {
            return format!("the first pass was not over after {time}: {left} were left to send at {sent}");
        }
        if dirtied >= sent {
            let at = if pct == 0.0 { "unthrottled".to_owned() } else { format!("at {pct:.0} %") };
            return format!("the guest, {at}, still dirtied {dirtied} while {sent} could be sent");
        }
        format!(
            "{left} were left after {time}, more than the {threshold} that fit into the downtime limit of {limit}; \
             {dirtied} were dirtied while {sent} were sent, {held}"
        )
    }
}
