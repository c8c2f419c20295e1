//! A drain as people and programs read it.

pub mod csv;
pub mod json;
pub mod schedulers;
pub mod text;

use super::Provenance;
use crate::drain::{Chance, Found, Host, Plan, Timetable};

/// Everything that a report may show of a drain.
#[derive(Clone, Copy)]
pub struct Drained<'a> {
    /// Where it came from.
    pub provenance: &'a Provenance,
    /// The host.
    pub host: &'a Host,
    /// Who was to go when.
    pub plan: &'a Plan,
    /// Who went when.
    pub timetable: &'a Timetable,
    /// What a search found.
    pub found: Option<&'a Found>,
    /// The same drain with other seeds.
    pub repeats: &'a [(u64, Timetable)],
    /// How many of them were in time.
    pub chance: Option<Chance>,
}
