//! The end of a migration: its outcome, and what decided it.

use super::migration::{Interrupted, Migration, Stop};
use super::orders::Orders;
use super::{Event, Outcome, Reason, Timeline, Verdict};
use crate::guest::GuestMemory;
use crate::orchestrator::memory_bps;
use crate::qemu::switchover;
use crate::units::{PAGE_SIZE, Rate, Span, Time};

/// Who stopped a guest that QEMU would not have stopped.
const OWN_RULE: &str = "the rule for the switchover";

/// A time's share of a whole, at most all of it [%]; none of nothing.
fn percent(part: Span, whole: Span) -> Option<f64> {
    (whole.0 > 0).then(|| 100.0 * part.min(whole).0 as f64 / whole.0 as f64)
}

impl<M: GuestMemory> Migration<'_, M> {
    /// Sums the migration up, as it stands now, and gives its memory back.
    pub(super) fn finish(mut self, interrupted: Option<Interrupted>) -> (Outcome, Timeline, M) {
        self.record(Event::End);
        let (sender, throttler) = (&self.sender, &self.throttler);
        let end = self.clock.now();
        // In post-copy the guest runs again, at the destination, before the end.
        let phase = self.postcopy.unwrap_or_default();
        let postcopy_time = self.postcopy.map_or(Span::ZERO, |phase| end - phase.begin);
        let runs_again = self.postcopy.map_or(end, |phase| phase.begin);
        let stopped = throttler.stopped().unwrap_or(end);
        // The guest runs at the destination: what fails in post-copy does not undo that.
        let ended = interrupted.is_none() || self.postcopy.is_some();
        let downtime = self.stop.filter(|_| ended).map(|stop| runs_again - stop.decided);
        let blackout = runs_again - throttler.halted().unwrap_or(stopped);
        let total = end - Time::ZERO;
        let precopy = runs_again - Time::ZERO;
        let lost = Span((precopy.0 as f64 * throttler.lost_share(stopped, runs_again)) as u64)
            + self.fault_time()
            + Span(phase.stall.0 / u64::from(self.scenario.guest.vcpus.max(1)));
        let (throttle_final_pct, throttle_max_pct) =
            throttler.felt().until_stop(self.stop.map_or(end, |stop| stop.decided));
        let (throttled, over_90) = throttler.felt().time_until(throttler.halted().unwrap_or(stopped));
        let ordered = self.orders.as_ref().is_some_and(Orders::decides);
        let xbzrle = sender.xbzrle_counters();
        let outcome = Outcome {
            verdict: match interrupted {
                None if self.postcopy.is_some() => Verdict::PostCopy,
                None if throttler.halted().is_some() => Verdict::Paused,
                None => Verdict::Converged,
                Some(Interrupted::OutOfTime | Interrupted::Stopped | Interrupted::Unsure) => Verdict::NotConverged,
                Some(Interrupted::Cancelled | Interrupted::LinkFailed | Interrupted::Aborted(_)) => Verdict::Aborted,
            },
            reason: self.reason(interrupted, throttle_final_pct, total),
            total_time_ms: total.ms(),
            setup_time_ms: self.setup.map(Span::ms),
            downtime_ms: downtime.map(Span::ms),
            // The limiter may ask for a sleep of minutes that the stop cuts short.
            longest_stall_ms: blackout.max(throttler.felt().longest_sleep().min(throttled)).ms(),
            dirty_sync_count: throttler.sync_count(),
            transferred_bytes: sender.transferred(),
            mean_rate_bytes_per_s: self
                .setup
                .map(|setup| total.seconds() - setup.seconds())
                .filter(|seconds| *seconds > 0.0)
                .map(|seconds| sender.transferred() as f64 / seconds),
            normal_pages: sender.counters().normal,
            duplicate_pages: sender.counters().duplicate,
            xbzrle_pages: xbzrle.map(|xbzrle| xbzrle.pages),
            xbzrle_bytes: xbzrle.map(|xbzrle| xbzrle.bytes),
            xbzrle_cache_miss: xbzrle.map(|xbzrle| xbzrle.cache_miss),
            xbzrle_overflow: xbzrle.map(|xbzrle| xbzrle.overflow),
            remaining_bytes: sender.remaining().0,
            throttle_max_pct,
            throttle_final_pct: ended.then_some(throttle_final_pct),
            throttled_time_ms: throttled.ms(),
            throttled_over_90_ms: over_90.ms(),
            guest_work_lost_ms: lost.min(total).ms(),
            guest_slowdown_pct: percent(lost, total),
            running_slowdown_pct: percent(lost - blackout, total - blackout),
            expected_downtime_ms: sender
                .expected_downtime_ms(throttler.sync_count())
                .filter(|_| !ordered)
                .map(|ms| ms as f64),
            threshold_bytes: (ended && !ordered).then_some(sender.threshold().0),
            postcopy_time_ms: postcopy_time.ms(),
            postcopy_faults: phase.faults,
            postcopy_stall_ms: phase.stall.ms(),
        };
        (outcome, self.recorder.finish(), self.sender.into_memory())
    }

    /// Time that write-protection faults took from each vCPU.
    fn fault_time(&self) -> Span {
        let guest = &self.scenario.guest;
        Span(self.sender.counters().faults.saturating_mul(self.scenario.fault_cost().0) / u64::from(guest.vcpus.max(1)))
    }

    fn reason(&self, interrupted: Option<Interrupted>, throttle_pct: f64, total: Span) -> Reason {
        let time = self.scenario.limits.time;
        match self.cause(interrupted, throttle_pct) {
            cause if interrupted.is_none() && total > time => Reason::PastLimit { time, cause: Box::new(cause) },
            cause => cause,
        }
    }

    fn cause(&self, interrupted: Option<Interrupted>, throttle_pct: f64) -> Reason {
        let limit = self.sender.params().downtime_limit;
        let threshold = self.sender.threshold();
        let (after, left) = (self.clock.elapsed(), self.sender.remaining());
        match interrupted {
            Some(Interrupted::Stopped | Interrupted::Unsure) => return Reason::Stopped { after, left },
            Some(_) if self.postcopy.is_some() => return Reason::PostCopyFailed { after },
            Some(Interrupted::Cancelled) => return Reason::Cancelled { after, left },
            Some(Interrupted::LinkFailed) => return Reason::LinkFailed { after, left },
            Some(Interrupted::Aborted(why)) => {
                let (by, why) = self.explain(why);
                return Reason::AbortedBy { by, why, after, left };
            }
            Some(Interrupted::OutOfTime) | None => {}
        }
        if let Some(Stop { pending, decided, .. }) = self.stop {
            if self.postcopy.is_some() {
                return Reason::PostCopy { after: decided - Time::ZERO, left: pending };
            }
            if let Some(halted) = self.throttler.halted() {
                return Reason::Paused { halted: decided - halted };
            }
            if let Some((by, why)) = self.ordered() {
                return Reason::StoppedBy { by, why, pending, throttle_pct };
            }
            if self.scenario.qemu.switchover.own().is_some() && !switchover::complete(&self.profile, pending, threshold)
            {
                let why = format!("QEMU waits until no more than {threshold} are left");
                return Reason::StoppedBy { by: OWN_RULE, why, pending, throttle_pct };
            }
            return match threshold.0 {
                0 => Reason::Empty { throttle_pct },
                _ => Reason::Fits { pending, threshold, limit, throttle_pct },
            };
        }
        let time = self.scenario.limits.time;
        let max = self.sender.params().max_bandwidth;
        let link = self.sender.link().at(self.clock.now()).0;
        let held_to = (max.0 >= 10 && max < link).then_some(max);
        let sent = memory_bps(self.sender.estimate().mbps);
        let at_sync = self.sender.remaining_at_sync();
        let dirtied = Rate(self.throttler.dirty_pages_rate().saturating_mul(PAGE_SIZE));
        match () {
            () if self.throttler.sync_count() < 2 => Reason::FirstPass { time, left, sent, link, held_to },
            () if dirtied >= sent => Reason::TooFast { dirtied, sent, held_to, throttle_pct },
            () if at_sync > threshold => {
                Reason::TooMuch { time, left: at_sync, threshold, limit, dirtied, sent, held_to, throttle_pct }
            }
            () => Reason::OutOfTime { time, left, throttle_pct },
        }
    }
}
