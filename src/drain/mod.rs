//! How long until a host is empty?
//!
//! | file | holds |
//! |---|---|
//! | `host` | a fleet made ready for a drain: caps, orders, each guest alone |
//! | `dispatch` | who is started when, whether guests are simulated or real |
//! | `simulated` | the guests of a drain on a simulated link |
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
mod dispatch;
mod goal;
mod hinge;
mod host;
mod plans;
mod queue;
mod remedy;
mod rolling;
mod search;
mod simulated;
mod timetable;
mod turn;

pub use answers::{AnswerReason, DrainAnswers};
pub use assume::AssumedLoad;
pub use budget::WriteBudget;
pub use candidate::{DrainCandidate, DrainCost};
pub use chance::{Chance, repeat};
pub use dispatch::{GuestCarrier, dispatch};
pub use goal::{DrainGoal, DrainJudgement, GuestNames, MissedGoal, OwedGoal};
pub use hinge::FleetHinge;
pub use host::{DrainHost, DrainPlan};
pub use queue::GuestTried;
pub use remedy::FleetRemedy;
pub use rolling::{HostDrained, Lack, RollingDrain, RollingJudgement, Unplaced, roll};
pub use search::{DrainFound, DrainSearch, SearchLimits};
pub use timetable::{Attempt, Score, Timetable};
pub use turn::{FleetChange, Whose};

use rayon::prelude::*;

use crate::scenario::Fleet;
use crate::sim::Options;
use crate::units::Time;
use simulated::SimulatedGuests;

/// Guests of a fleet that is drained some ten times more without being noticed.
const MOST_GUESTS: usize = 200;

/// Empties the host by the plan.
pub fn drain(host: &DrainHost, plan: &DrainPlan) -> Timetable {
    drain_until(host, plan, Time::NEVER).0
}

/// Empties the host by the plan until then, and says who is on the way at that time. Whoever is still on the host counts as staying.
fn drain_until(host: &DrainHost, plan: &DrainPlan, horizon: Time) -> (Timetable, Vec<usize>) {
    let scenarios = host.scenarios(plan.slots);
    let mut guests = SimulatedGuests::new(host, &scenarios, horizon);
    let is_done = dispatch(host.scheduler(), plan, &mut guests);
    let (attempts, on_the_way) = guests.finish();
    let timetable = Timetable::new(attempts, 0..host.guests().len());
    match is_done {
        true => (timetable, Vec::new()),
        false => (Timetable { end: horizon, ..timetable }, on_the_way),
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
