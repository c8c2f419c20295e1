//! Who is started when: one order for guests that are simulated and for real ones.

use super::DrainPlan;
use super::queue::{GuestTried, Queue};
use crate::orchestrator::scheduler::Scheduler;
use crate::units::Time;

/// Whoever migrates guests as they are told: a simulated link, or real hosts.
pub trait GuestCarrier {
    /// Since the drain began.
    fn now(&self) -> Time;

    /// Migrations under way.
    fn under_way(&self) -> usize;

    /// Whether a further guest may be started.
    fn is_open(&self) -> bool {
        true
    }

    /// Whether the drain is given up as it stands.
    fn is_given_up(&self) -> bool;

    /// Starts a guest's migration now: its first with the number 1, its second with 2.
    fn start(&mut self, guest: usize, number: u32);

    /// Goes on until a migration ends, or to `until`; those that ended.
    fn advance(&mut self, until: Time) -> Vec<GuestTried>;
}

/// Starts guests by the plan and the scheduler until nobody waits and nobody is under way; `false` if the drain was given up before.
pub fn dispatch(scheduler: &Scheduler, plan: &DrainPlan, carrier: &mut impl GuestCarrier) -> bool {
    let mut queue = Queue::new(scheduler, plan.sequence.iter().copied(), Time::ZERO);
    let mut tries = vec![0; plan.sequence.iter().max().map_or(0, |last| last + 1)];
    loop {
        let mut free = (plan.slots as usize).saturating_sub(carrier.under_way());
        while free > 0
            && carrier.is_open()
            && let Some((guest, ())) = queue.next(carrier.now(), |_| Some(()))
        {
            tries[guest] += 1;
            carrier.start(guest, tries[guest]);
            free -= 1;
        }
        if carrier.under_way() == 0 && queue.is_empty() {
            return true;
        }
        if carrier.is_given_up() {
            return false;
        }
        let until = if free > 0 { queue.ready_after(carrier.now()) } else { Time::NEVER };
        for tried in carrier.advance(until) {
            queue.ended(tried);
        }
    }
}
