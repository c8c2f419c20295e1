//! What a writer gets done while the first write to each page, after its log was armed, costs a fault.
//!
//! ```text
//! u = w + t D(w)      u work at the writer's own pace, w writes that it gets done, both since the log was armed [writes]
//!                     t what a fault costs, in writes;  D(w) different pages that w writes hit
//! ```
//!
//! So a writer is slowest right after a sync, and as fast as ever once all that it writes is dirty. A vCPU that a throttle
//! lets run for little between two syncs makes hardly any but first writes.

use std::sync::Arc;

use super::Workload;
use super::first_writes::{FirstWrites, FirstWritesPoint};
use crate::units::{Share, Span};

/// How many writes a busy writer gets done of those that it would make without faults.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FaultTax {
    /// What a fault costs [writes].
    tax: f64,
    /// Straight lines between, and from the last on a write for a write.
    points: Arc<[FirstWritesPoint]>,
}

/// Where faults cost less than this share of the time, they are left out.
const LEAST: f64 = 0.005;

impl FaultTax {
    /// Of a workload on so many vCPUs; `None` where faults hardly matter: they are cheap beside its writes, or it has slack, which
    /// takes them.
    pub(super) fn of(workload: &Workload, fault_cost: Span, vcpus: u32, known: &mut FirstWrites) -> Option<FaultTax> {
        // Each vCPU takes its own faults while the others go on.
        let tax = workload.rate.0 * fault_cost.seconds() / f64::from(vcpus.max(1));
        (tax >= LEAST && workload.cpu >= Share::ALL)
            .then(|| FaultTax { tax, points: known.of(&workload.law, workload.region) })
    }

    /// Writes that get done of so much work since the log was armed.
    pub(super) fn writes(&self, work: f64) -> f64 {
        let work_at = |point: &FirstWritesPoint| point.writes + self.tax * point.distinct;
        let next = self.points.partition_point(|point| work_at(point) <= work);
        let before = &self.points[next.saturating_sub(1)];
        match self.points.get(next) {
            Some(after) => {
                let (from, to) = (work_at(before), work_at(after));
                before.writes + (after.writes - before.writes) * (work - from) / (to - from)
            }
            None => before.writes + (work - work_at(before)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guest::{Law, RateClass};
    use crate::units::{PageRate, Pages};

    fn tax(workload: &Workload, fault_cost: Span, vcpus: u32) -> Option<FaultTax> {
        FaultTax::of(workload, fault_cost, vcpus, &mut FirstWrites::default())
    }

    fn writer(law: Law, rate: f64) -> Workload {
        Workload::steady(law, Pages(10_000), PageRate(rate))
    }

    #[test]
    fn cheap_faults_and_slack_leave_a_writer_as_it_is() {
        let cost = Span(260);
        assert_eq!(tax(&writer(Law::Uniform, 10_000.0), cost, 1), None);
        assert!(tax(&writer(Law::Uniform, 100_000.0), cost, 1).is_some());
        assert_eq!(tax(&writer(Law::Uniform, 100_000.0), cost, 8), None, "each vCPU takes its own");
        let slack = Workload { cpu: Share(0.5), ..writer(Law::Uniform, 100_000.0) };
        assert_eq!(tax(&slack, cost, 1), None);
        assert_eq!(tax(&writer(Law::Uniform, 1e6), Span::ZERO, 1), None);
    }

    #[test]
    fn work_is_writes_and_faults() {
        let class = |pages, share| RateClass { pages: Pages(pages), share: Share(share) };
        let two = Law::Classes(vec![class(9_000, 0.1), class(1_000, 0.9)]);
        for law in [Law::Uniform, Law::Sequential { start: Pages(0) }, Law::Zipf { exponent: 0.99 }, two] {
            let tax = tax(&writer(law.clone(), 1e6), Span(1000), 1).unwrap();
            let mut before = 0.0;
            for writes in [0.0, 10.0, 300.0, 3_000.0, 9_999.0, 30_000.0, 1e6] {
                let work = writes + law.distinct(Pages(10_000), writes);
                let found = tax.writes(work);
                assert!((found - writes).abs() <= 0.02 * writes + 1e-9, "{law:?}: {found}, not {writes}");
                assert!(found >= before, "{law:?}: more work is more writes");
                before = found;
            }
        }
    }
}
