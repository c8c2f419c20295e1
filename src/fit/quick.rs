//! A first guess of the guest, in as few simulated migrations as a user waits for.

use std::cell::Cell;

use super::case::FitCase;
use super::guess::{Guess, WriteShape};
use super::search::ShapeSearch;
use super::simplex::{filling, minimum};
use crate::compare::Trace;
use crate::scenario::Scenario;

/// Share of the runs that look everywhere; the others look closer where it was best.
const EVERYWHERE: f64 = 0.6;
/// First simplex of the closer look [e-folds].
const SIZE: f64 = 0.2;

/// The trace's scenario with the uniform guest that comes closest to it, of so many that are tried. The same trace gives
/// the same guest.
///
/// `None` where the looks tell nothing of a guest.
pub fn quick(trace: Trace, runs: usize) -> Option<Scenario> {
    let cases = [FitCase::new(trace).ok()?];
    let made = Cell::new(0);
    let watch = |progress: super::FitProgress| progress.runs < runs;
    let search = ShapeSearch::new(&cases, WriteShape::Uniform, false, &watch, &made);
    let offsets: Vec<f64> = search.axes.iter().map(|_| 0.5).collect();
    for shares in filling(&offsets, (runs as f64 * EVERYWHERE) as usize) {
        let point: Vec<f64> = search.axes.iter().zip(shares).map(|(axis, share)| axis.coordinate(share)).collect();
        if search.cost(&point, f64::INFINITY).is_none() {
            break;
        }
    }
    let start = search.best()?.point;
    // Ends where the runs do.
    let _ = minimum(|point, up_to| search.cost(point, up_to), &start, SIZE, runs as u64);
    let found = search.best()?;
    let guess = Guess::at(WriteShape::Uniform, &search.axes, &found.point);
    Some(cases[0].scenario(&guess))
}

/// A scenario as a file that the loader reads back, with remarks at its head.
pub fn scenario_file(scenario: &Scenario, remarks: &[String]) -> String {
    super::file::text(scenario, remarks, &super::file::workloads(scenario, None))
}
