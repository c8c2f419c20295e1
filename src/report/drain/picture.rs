//! Who went when, as a picture.

use super::Drained;
use super::rows::{DrainedRow, rows};
use crate::plot::PlotError;
use crate::plot::gantt::{self, Gantt};
use crate::results::DrainRow;
use crate::scenario::condition;

impl Drained<'_> {
    /// The drain as a picture.
    ///
    /// # Errors
    /// It took no time.
    pub fn gantt(&self, title: &str) -> Result<Gantt, PlotError> {
        let shown: Vec<DrainRow> = rows(self).iter().map(DrainedRow::shown).collect();
        gantt::by_guest(title, subtitle(self), &shown)
    }
}

/// How the drain ended.
fn subtitle(drained: &Drained) -> String {
    let (host, timetable) = (drained.host, drained.timetable);
    let scheduler = host.scheduler().name;
    let guests = host.guests().len();
    let unknown = (0..guests).filter(|guest| host.is_unknown(*guest)).count();
    let condition = condition(unknown).map_or_else(String::new, |condition| format!(", {condition}"));
    match timetable.empty() {
        Some(at) => format!("{scheduler}: host empty after {at}, {guests} guests moved{condition}"),
        None => format!(
            "{scheduler}: {} of {guests} guests moved after {}{condition}",
            guests - timetable.stay.len(),
            timetable.end
        ),
    }
}
