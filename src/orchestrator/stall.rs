//! KubeVirt's stall detector (orchestrators 4.4).

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use serde::Serialize;

use super::job::{JobCommand, JobStats, MAX_DOWNTIME_LIMIT};
use super::order::{PolicyOrder, StallVerdict, Why};
use crate::units::{Bytes, Span};

/// The guest is stopped whatever remains.
const AT_ANY_PRICE: Span = MAX_DOWNTIME_LIMIT;
/// The limit before the detector changes it.
const FIRST_DOWNTIME: Span = Span::from_ms(300);

/// How it is set.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct StallParams {
    /// `maxDowntimeMs`.
    pub max_downtime: Span,
    /// Time that the whole migration may take: `completionTimeoutPerGiB` times the size.
    pub limit: Span,
    /// `allowPostCopy`.
    pub allow_post_copy: bool,
    /// `allowWorkloadDisruption`.
    pub allow_workload_disruption: bool,
    /// The guest has a VFIO device: no post-copy.
    pub vfio: bool,
    /// A candidate older than this moves out of the window.
    pub window: Span,
    /// Share by which a point must be better.
    pub margin: f64,
    /// Weight of a new sample of the bandwidth.
    pub ewma_alpha: f64,
    /// A switch that is not over after so long counts as failed.
    pub switchover_timeout: Span,
    /// A stalled migration waits for a point as good as the best one; else it acts at once.
    pub search_local_minima: bool,
    /// A switch may take this many times `max_downtime`.
    pub precopy_factor: f64,
    /// Patience shrinks by this factor.
    pub patience_decay: f64,
    /// The limit grows by this factor.
    pub completion_factor: f64,
}

impl StallParams {
    /// Everything at its default, for limits that depend on the guest.
    pub fn new(max_downtime: Span, limit: Span) -> StallParams {
        StallParams {
            max_downtime,
            limit,
            allow_post_copy: false,
            allow_workload_disruption: false,
            vfio: false,
            window: Span::from_ms(40_000),
            margin: 0.04,
            ewma_alpha: 0.4,
            switchover_timeout: Span::from_ms(60_000),
            search_local_minima: true,
            precopy_factor: 1.5,
            patience_decay: 0.5,
            completion_factor: 2.0,
        }
    }
}

/// The detector at work.
#[derive(Clone, Debug)]
pub struct StallDetector {
    params: StallParams,
    /// Smoothed bandwidth [bytes/s]; 0 before the first sample.
    bps: f64,
    /// Points within the window, best last, and the best of those that left it.
    candidates: VecDeque<(Span, u64)>,
    left_best: Option<u64>,
    stalled: Option<Stalled>,
    /// Time for the whole migration, as extended [ns].
    limit: f64,
    switch: Option<Span>,
    switched: bool,
}

#[derive(Clone, Debug)]
struct Stalled {
    best: u64,
    patience: f64,
    deadline: f64,
    points: BinaryHeap<Reverse<u64>>,
}

impl StallDetector {
    /// A detector at the start.
    pub fn new(params: StallParams) -> StallDetector {
        StallDetector {
            params,
            bps: 0.0,
            candidates: VecDeque::new(),
            left_best: None,
            stalled: None,
            limit: params.limit.0 as f64,
            switch: None,
            switched: false,
        }
    }

    /// The bandwidth as it smooths it [bytes/s].
    pub fn bps(&self) -> f64 {
        self.bps
    }

    /// Until when a switch must be over.
    pub fn switch_deadline(&self) -> Option<Span> {
        self.switch
    }

    /// The migration starts.
    pub fn start(&mut self, orders: &mut Vec<PolicyOrder>) {
        tell(orders, JobCommand::SetDowntime(self.params.max_downtime.min(FIRST_DOWNTIME)), StallVerdict::Start);
    }

    /// A poll: the bandwidth, and whether time is over.
    pub fn poll(&mut self, job: &JobStats, orders: &mut Vec<PolicyOrder>) {
        let sample = job.memory_bps.0 as f64;
        if sample > 0.0 {
            let alpha = self.params.ewma_alpha;
            self.bps = if self.bps == 0.0 { sample } else { alpha * sample + (1.0 - alpha) * self.bps };
        }
        self.check_time(job, orders);
    }

    /// A sync: a point.
    pub fn iteration(&mut self, job: &JobStats, orders: &mut Vec<PolicyOrder>) {
        if self.bps > 0.0 && !self.switched {
            self.record(job.elapsed, job.memory_remaining.0);
            let stalls = self.judge(job.elapsed, job.memory_remaining.0, orders);
            if stalls {
                self.decide(job, orders);
            }
        }
        self.check_time(job, orders);
    }

    fn record(&mut self, now: Span, remaining: u64) {
        while let Some(&(at, left)) = self.candidates.front()
            && now.0.saturating_sub(at.0) >= self.params.window.0
        {
            self.left_best = Some(self.left_best.map_or(left, |best| best.min(left)));
            self.candidates.pop_front();
        }
        let beaten = self.left_best.is_some_and(|best| remaining > best)
            || self.candidates.back().is_some_and(|&(_, last)| remaining >= last);
        if !beaten {
            self.candidates.push_back((now, remaining));
        }
    }

    /// Whether the migration is stalled, and what the detector hopes for.
    fn judge(&mut self, now: Span, remaining: u64, orders: &mut Vec<PolicyOrder>) -> bool {
        let now = now.0 as f64;
        let Some(stalled) = &mut self.stalled else {
            let Some(left) = self.left_best else { return false };
            if (remaining as f64) < (left as f64 * (1.0 - self.params.margin)).trunc() {
                return false;
            }
            let best = self.candidates.iter().map(|&(_, point)| point).fold(left, u64::min);
            let patience = self.params.window.0 as f64;
            self.stalled = Some(Stalled { best, patience, deadline: now + patience, points: BinaryHeap::new() });
            tell(orders, JobCommand::Note, StallVerdict::Stalled(Bytes(best)));
            return true;
        };
        stalled.points.push(Reverse(remaining));
        if now >= stalled.deadline
            && let Some(Reverse(next)) = stalled.points.pop()
        {
            stalled.best = next;
            stalled.patience *= self.params.patience_decay;
            stalled.deadline = now + stalled.patience;
            tell(orders, JobCommand::Note, StallVerdict::Relaxed(Bytes(next)));
        }
        true
    }

    fn decide(&mut self, job: &JobStats, orders: &mut Vec<PolicyOrder>) {
        let Some(stalled) = &self.stalled else { return };
        let params = &self.params;
        let remaining = job.memory_remaining.0 as f64;
        if params.search_local_minima && remaining > (stalled.best as f64 * (1.0 + params.margin)).trunc() {
            return;
        }
        let time = remaining * 1e9 / self.bps;
        let left = params.limit.0 as f64 * params.completion_factor - job.elapsed.0 as f64;
        if time > left {
            return;
        }
        let point = StallVerdict::GoodPoint(Span(time as u64));
        let command = match () {
            () if params.allow_workload_disruption && params.allow_post_copy && !params.vfio => JobCommand::PostCopy,
            () if params.allow_workload_disruption => JobCommand::SetDowntime(AT_ANY_PRICE),
            () if time <= params.max_downtime.0 as f64 * params.precopy_factor => {
                JobCommand::SetDowntime(params.max_downtime)
            }
            () => {
                self.switched = true;
                return tell(orders, JobCommand::Abort, StallVerdict::TooLong(Span(time as u64)));
            }
        };
        self.switched = true;
        if command != JobCommand::PostCopy {
            self.switch = Some(Span(job.elapsed.0.saturating_add(params.switchover_timeout.0)));
        }
        tell(orders, command, point);
    }

    /// What happens when the time for the migration, or for a switch, is over.
    fn check_time(&mut self, job: &JobStats, orders: &mut Vec<PolicyOrder>) {
        let params = &self.params;
        let deadline = match self.switch {
            _ if job.paused => self.limit,
            Some(switch) => switch.0 as f64,
            None => self.limit,
        };
        let elapsed = job.elapsed.0 as f64;
        if elapsed <= deadline || job.post_copy {
            return;
        }
        let fits = || elapsed + job.memory_remaining.0 as f64 * 1e9 / self.bps <= self.limit * params.completion_factor;
        let command = match () {
            () if self.bps == 0.0 => JobCommand::Abort,
            () if !self.switched && params.allow_post_copy && !params.vfio && fits() => JobCommand::PostCopy,
            () if !self.switched && params.allow_workload_disruption && fits() => {
                self.limit *= params.completion_factor;
                self.switch = Some(Span(job.elapsed.0.saturating_add(params.switchover_timeout.0)));
                JobCommand::SetDowntime(AT_ANY_PRICE)
            }
            () => JobCommand::Abort,
        };
        self.switched = true;
        tell(orders, command, StallVerdict::OutOfTime);
    }
}

fn tell(orders: &mut Vec<PolicyOrder>, command: JobCommand, verdict: StallVerdict) {
    orders.push(PolicyOrder { command, why: Why::Stall(verdict) });
}
