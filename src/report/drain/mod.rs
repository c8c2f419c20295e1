//! A drain as people and programs read it.

pub mod csv;
pub mod json;
pub mod schedulers;
pub mod text;

use super::Provenance;
use crate::drain::{Chance, DrainFound, DrainHost, DrainPlan, Timetable};

/// Everything that a report may show of a drain.
#[derive(Clone, Copy)]
pub struct Drained<'a> {
    /// Where it came from.
    pub provenance: &'a Provenance,
    /// The host.
    pub host: &'a DrainHost,
    /// Who was to go when.
    pub plan: &'a DrainPlan,
    /// Who went when.
    pub timetable: &'a Timetable,
    /// What a search found.
    pub found: Option<&'a DrainFound>,
    /// The same drain with other seeds.
    pub repeats: &'a [(u64, Timetable)],
    /// How many of them were in time.
    pub chance: Option<Chance>,
}
