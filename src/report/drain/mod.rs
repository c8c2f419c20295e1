//! A drain as people and programs read it.

mod answer;
pub mod csv;
mod found;
pub mod json;
mod owed;
mod page;
mod picture;
mod rolling;
mod rows;
mod saved;
pub mod schedulers;
mod stays;
mod table;
pub mod text;
mod unknown;

use super::Provenance;
use crate::drain::{
    Chance, DrainFound, DrainGoal, DrainHost, DrainJudgement, DrainPlan, FleetRemedy, HostDrained, Timetable,
    WriteBudget,
};
use crate::units::Share;
pub use answer::words;
pub use owed::{Misses, is_sure, missed};
pub use page::HostPage;
pub use rolling::{Rolled, WorstRolling};
pub use saved::SavedDrain;

/// A drain whose guests of unknown workload write what is assumed at worst.
#[derive(Clone, Debug)]
pub struct WorstDrain {
    /// What they write, behind a noun: `write like \`redis-set-1m\``.
    pub words: String,
    /// Who went when.
    pub timetable: Timetable,
    /// Whether it is as wanted.
    pub is_met: bool,
    /// What is not kept, a line each.
    pub missed: Vec<String>,
}

/// Everything that a report may show of a drain.
#[derive(Clone, Copy)]
pub struct Drained<'a> {
    /// Where it came from.
    pub provenance: &'a Provenance,
    /// The fleet.
    pub host: &'a DrainHost,
    /// The host that is emptied, of several; none where all guests are on one.
    pub of_host: Option<&'a HostDrained>,
    /// Who was to go when.
    pub plan: &'a DrainPlan,
    /// Who went when.
    pub timetable: &'a Timetable,
    /// What was wanted.
    pub goal: &'a DrainGoal,
    /// Whether it is so, where that is demanded.
    pub judgement: Option<&'a DrainJudgement<'a>>,
    /// What guests of unknown workload may write; those that may write least first.
    pub budgets: &'a [WriteBudget],
    /// The drain in which they write what is assumed at worst.
    pub worst: Option<&'a WorstDrain>,
    /// What would make it better, the best first.
    pub remedies: &'a [FleetRemedy],
    /// The share of drains that are to be as wanted.
    pub share: Option<Share>,
    /// What a search found.
    pub found: Option<&'a DrainFound>,
    /// The same drain with other seeds.
    pub repeats: &'a [(u64, Timetable)],
    /// How many of them were as wanted.
    pub chance: Option<Chance>,
}
