//! The rate that a guest really had while it was moved, which is not known before.

use super::parts::NoScenario;
use super::trace::Trace;

impl Trace {
    /// This migration, to be predicted with the rate at which its guest wrote under way while it ran, in place of the rate
    /// before: what is off then is no drift of the guest.
    ///
    /// The rate under way is the page writes of the whole migration, over the time that the throttle left to the vCPUs.
    /// A trace without them is not covered.
    #[must_use]
    pub fn at_rate_under_way(mut self) -> Trace {
        let share = self.measured.guest_work_lost_ms.zip(self.measured.total_time_ms);
        let ratio = share.map(|(lost, total)| (total - lost) / self.run_ms(total)).filter(|ratio| ratio.is_finite());
        self.scenario = self.scenario.and_then(|mut scenario| {
            let lacks = || NoScenario::NotCovered("the rate under way, which the trace does not have".to_owned());
            let ratio = ratio.ok_or_else(lacks)?;
            scenario.guest.workloads.iter_mut().for_each(|workload| workload.rate.0 *= ratio);
            Ok(scenario)
        });
        self
    }

    /// Time up to `end_ms` that the throttle left to the vCPUs, as the samples tell it [ms].
    fn run_ms(&self, end_ms: f64) -> f64 {
        let steps = self.timeline.rows.iter().map(|row| (row.t_ms.clamp(0.0, end_ms), row.throttle_pct / 100.0));
        let (mut run, mut since, mut throttle) = (0.0, 0.0, 0.0);
        for (at, next) in steps.chain([(end_ms, 0.0)]) {
            run += (at - since).max(0.0) * (1.0 - throttle);
            (since, throttle) = (at.max(since), next);
        }
        run
    }
}
