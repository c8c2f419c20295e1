//! How long until a host is empty?
//!
//! | file | holds |
//! |---|---|
//! | `host` | a fleet made ready for a drain: caps, orders, each guest alone |
//! | `queue` | who waits, and when they may be started |
//! | `timetable` | who went when |
//! | `rolling` | several hosts, one after another, each a destination for the others |
//! | `search` | the best settings, the best number at once, and the best order |
//! | `plans` | numbers at once and orders that are worth a look |
//! | `turn` | what a planner may turn, by the levers of `plan` |
//! | `candidate` | a way to empty the host, and what it costs |
//! | `answers` | the best of them as a short list |
//! | `goal` | a window for the host, and what its guests are owed |
//! | `remedy` | what one change for all guests would make of it |
//! | `budget` | what a guest of unknown workload may write and still leave |
//! | `assume` | what is assumed of them at worst |
//! | `chance` | many drains of a fleet that varies |
//! | `hinge` | constants of the host on which it hangs how many guests leave |

mod answers;
mod assume;
mod budget;
mod candidate;
mod chance;
mod goal;
mod hinge;
mod host;
mod plans;
mod queue;
mod remedy;
mod rolling;
mod search;
mod timetable;
mod turn;

pub use answers::{AnswerReason, DrainAnswers};
pub use assume::AssumedLoad;
pub use budget::WriteBudget;
pub use candidate::{DrainCandidate, DrainCost};
pub use chance::{Chance, repeat};
pub use goal::{DrainGoal, DrainJudgement, GuestNames, MissedGoal, OwedGoal};
pub use hinge::FleetHinge;
pub use host::{DrainHost, DrainPlan};
pub use remedy::FleetRemedy;
pub use rolling::{HostDrained, Lack, RollingDrain, RollingJudgement, Unplaced, roll};
pub use search::{DrainFound, DrainSearch, SearchLimits};
pub use timetable::{Attempt, Score, Timetable};
pub use turn::{FleetChange, Whose};

use rayon::prelude::*;

use crate::scenario::Fleet;
use crate::sim::Options;
use crate::sim::shared::Shared;
use crate::units::Time;
use queue::Queue;

/// Guests of a fleet that is drained some ten times more without being noticed.
const MOST_GUESTS: usize = 200;

/// Empties the host by the plan.
pub fn drain(host: &DrainHost, plan: &DrainPlan) -> Timetable {
    drain_until(host, plan, Time::NEVER).0
}

/// Empties the host by the plan until then, and says who is on the way at that time. Whoever is still on the host counts as staying.
fn drain_until(host: &DrainHost, plan: &DrainPlan, horizon: Time) -> (Timetable, Vec<usize>) {
    let scenarios = host.scenarios(plan.slots);
    let mut shared = Shared::new(host.link(), &host.options);
    let mut queue = Queue::new(host.scheduler(), plan.sequence.iter().copied(), Time::ZERO);
    let mut attempts = Vec::new();
    let guests = host.guests().len();
    let (mut tries, mut on_the_way) = (vec![0; guests], Vec::new());
    loop {
        let mut free = (plan.slots as usize).saturating_sub(shared.len());
        while free > 0
            && let Some((guest, ())) = queue.next(shared.now(), |_| Some(()))
        {
            shared.start(guest, scenarios[guest].trusted(), host.seed_of(guest));
            on_the_way.push(guest);
            free -= 1;
        }
        if shared.is_empty() && queue.is_empty() {
            return (Timetable::new(attempts, 0..guests), Vec::new());
        }
        if shared.now() >= horizon {
            return (Timetable { end: horizon, ..Timetable::new(attempts, 0..guests) }, on_the_way);
        }
        let until = if free > 0 { queue.ready_after(shared.now()) } else { Time::NEVER };
        for finished in shared.advance(until.min(horizon)) {
            on_the_way.retain(|guest| *guest != finished.id);
            let tries = &mut tries[finished.id];
            *tries += 1;
            let attempt = Attempt::new(finished, *tries);
            queue.ended(&attempt);
            attempts.push(attempt);
        }
    }
}

/// Empties one host after another, each by its own scheduler.
pub fn each(fleets: &[Fleet], options: &Options) -> Vec<(DrainHost, DrainPlan, Timetable)> {
    let one = |fleet: &Fleet| {
        let host = DrainHost::checked(fleet, options);
        let plan = host.plan();
        let timetable = drain(&host, &plan);
        (host, plan, timetable)
    };
    fleets.par_iter().map(one).collect()
}
