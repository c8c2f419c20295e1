//! What fired decisions do to the vCPUs (qemu-precopy 4.4, 4.6, 5).

use super::Event;
use super::migration::Migration;
use super::outside::Event as Happening;
use crate::guest::Memory;
use crate::qemu::{TIMER_SLACK, Throttle, cpu_throttle, fixed_throttle, limiter};
use crate::units::{Duty, Span};

impl<M: Memory> Migration<'_, M> {
    /// Puts the throttle that auto-converge asks for in force.
    pub(super) fn throttle(&mut self) {
        if self.halted.is_some() || (self.profile.throttle == Throttle::Fixed && self.throttling.pct() > 0.0) {
            return;
        }
        let duty = self.duty(self.activity.duty());
        self.activity.set_duty(duty);
        let pct = match self.profile.throttle {
            Throttle::Ramp(_) => f64::from(self.auto_converge.throttle_pct()),
            Throttle::Fixed => 100.0 * (1.0 - duty.run_share()),
        };
        self.throttling.set(pct, duty.sleep, self.now);
        self.record(Event::Throttle);
    }

    /// The pattern of sleep and run that auto-converge asks for from now on, while `old` was in force.
    pub(super) fn duty(&self, old: &Duty) -> Duty {
        let pct = self.auto_converge.throttle_pct();
        match self.profile.throttle {
            Throttle::Ramp(ramp) if pct > 0 => cpu_throttle::set(pct, ramp, old, self.now),
            Throttle::Fixed if self.auto_converge.fixed_throttle() => {
                let cost = self.stream.cost(false);
                let burst = match self.quota() {
                    0 => Span(u64::MAX),
                    quota => cost.time(cost.pages_to_exceed_queued(quota, 0)),
                };
                fixed_throttle::pattern(self.now, burst, limiter::WINDOW + TIMER_SLACK)
            }
            _ => *old,
        }
    }

    /// The dirty limiter looks at what it has measured, and moves the vCPUs' sleeps.
    pub(super) fn measure(&mut self) {
        let period = self.params.x_vcpu_dirty_limit_period;
        self.outside.set(Happening::Measure, self.now + period);
        if self.halted.is_some() {
            return;
        }
        let duty = self.dirty_limiting.as_mut().and_then(|l| l.measure(period, self.activity.duty(), self.now));
        if let Some(duty) = duty.filter(|duty| (duty.period, duty.sleep) != self.sleeping()) {
            self.activity.set_duty(duty);
            self.throttling.set(100.0 * (1.0 - duty.run_share()), duty.sleep, self.now);
            self.record(Event::Throttle);
        }
    }

    /// Period and sleep of the pattern in force.
    pub(super) fn sleeping(&self) -> (Span, Span) {
        let duty = self.activity.duty();
        (duty.period, duty.sleep)
    }
}
