//! What a writer gets done while the first write to each page, after its log was armed, costs a fault.
//!
//! ```text
//! u = w + t D(w)      u work at the writer's own pace, w writes that it gets done, both since the log was armed [writes]
//!                     t what a fault costs, in writes;  D(w) different pages that w writes hit
//! ```
//!
//! So a writer is slowest right after a sync, and as fast as ever once all that it writes is dirty. A vCPU that a throttle
//! lets run for little between two syncs makes hardly any but first writes.

use super::kinds::{hit, kinds};
use super::{Law, Workload};
use crate::units::{Pages, Share, Span};

/// How many writes a busy writer gets done of those that it would make without faults.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FaultTax {
    /// Work and writes since the log was armed, from nothing on: straight lines between, and from the last on a write for a
    /// write.
    points: Vec<(f64, f64)>,
}

/// Where faults cost less than this share of the time, they are left out.
const LEAST: f64 = 0.005;
/// Points per factor of ten: the lines between them cut the bends of the curve by less than 2 % of what faults cost.
const POINTS: f64 = 4.0;

impl FaultTax {
    /// Of a workload on so many vCPUs; `None` where faults hardly matter: they are cheap beside its writes, or it has slack, which
    /// takes them.
    pub(super) fn of(workload: &Workload, fault_cost: Span, vcpus: u32) -> Option<FaultTax> {
        // Each vCPU takes its own faults while the others go on.
        let tax = workload.rate.0 * fault_cost.seconds() / f64::from(vcpus.max(1));
        (tax >= LEAST && workload.cpu >= Share::ALL).then(|| FaultTax::at(&workload.law, workload.region, tax))
    }

    fn at(law: &Law, region: Pages, tax: f64) -> FaultTax {
        let mut points = vec![(0.0, 0.0)];
        match law {
            Law::Idle => {}
            Law::Sequential { .. } => points.push(((1.0 + tax) * region.0 as f64, region.0 as f64)),
            _ => {
                let all = kinds(law, region.0);
                let rates = || all.iter().map(|kind| kind.kappa).filter(|kappa| *kappa > 0.0);
                let (fastest, slowest) = rates().fold((0.0_f64, f64::INFINITY), |(f, s), k| (f.max(k), s.min(k)));
                let (from, to) = (0.02 / fastest, 5.0 / slowest);
                let count = (POINTS * libm::log10(to / from)).ceil().max(1.0);
                let ratio = libm::pow(to / from, 1.0 / count);
                let writes = std::iter::successors(Some(from), |at| Some(at * ratio)).take(count as usize + 1);
                points.extend(writes.map(|w| (w + tax * hit(&all, w), w)));
            }
        }
        FaultTax { points }
    }

    /// Writes that get done of so much work since the log was armed.
    pub(super) fn writes(&self, work: f64) -> f64 {
        let next = self.points.partition_point(|point| point.0 <= work);
        let (work_before, before) = self.points[next.saturating_sub(1)];
        match self.points.get(next) {
            Some((work_after, after)) => before + (after - before) * (work - work_before) / (work_after - work_before),
            None => before + (work - work_before),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guest::RateClass;
    use crate::units::PageRate;

    fn writer(law: Law, rate: f64) -> Workload {
        Workload::steady(law, Pages(10_000), PageRate(rate))
    }

    #[test]
    fn cheap_faults_and_slack_leave_a_writer_as_it_is() {
        let cost = Span(260);
        assert_eq!(FaultTax::of(&writer(Law::Uniform, 10_000.0), cost, 1), None);
        assert!(FaultTax::of(&writer(Law::Uniform, 100_000.0), cost, 1).is_some());
        assert_eq!(FaultTax::of(&writer(Law::Uniform, 100_000.0), cost, 8), None, "each vCPU takes its own");
        let slack = Workload { cpu: Share(0.5), ..writer(Law::Uniform, 100_000.0) };
        assert_eq!(FaultTax::of(&slack, cost, 1), None);
        assert_eq!(FaultTax::of(&writer(Law::Uniform, 1e6), Span::ZERO, 1), None);
    }

    #[test]
    fn work_is_writes_and_faults() {
        let class = |pages, share| RateClass { pages: Pages(pages), share: Share(share) };
        let two = Law::Classes(vec![class(9_000, 0.1), class(1_000, 0.9)]);
        for law in [Law::Uniform, Law::Sequential { start: Pages(0) }, Law::Zipf { exponent: 0.99 }, two] {
            let tax = FaultTax::of(&writer(law.clone(), 1e6), Span(1000), 1).unwrap();
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
