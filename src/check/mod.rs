//! Outcomes of a folder of scenarios beside those of an earlier time, or beside those under another policy.
//!
//! A [`Suite`] is a folder: scenario files, one for each class of guests, and `check.toml` with the policies that each is
//! run under. Every guest under every policy is a case. [`compare`] holds the outcomes of all cases against a
//! [`Baseline`] and says what is worse, better or only different, within tolerances.

mod baseline;
mod cause;
mod compare;
mod drift;
mod flag;
mod program;
mod settings;
mod suite;
mod tolerance;
mod unique;

pub use baseline::{Baseline, BaselineError, BaselineRecord};
pub use cause::{Cause, causes, former};
pub use compare::{AlikeMoves, CasePair, Finding, SuiteComparison, Trend, compare, side_by_side};
pub use drift::{Drift, drift};
pub use flag::{CheckFlag, FlagPlace};
pub use program::{Program, RESULTS};
pub use settings::{SETTINGS, Settings, SettingsError};
pub use suite::{CheckCase, Suite, SuiteError, matches};
pub use tolerance::{Tolerance, Tolerances};

use std::fs::File;
use std::io;
use std::path::Path;

use rayon::prelude::*;

use crate::scenario::Assumption;
use crate::scenario::diagnostic::Diagnostic;
use crate::sim::{self, Options, Outcome};
use crate::units::bounded;

/// Largest file of a check that is read [bytes]: a baseline of a hundred thousand cases.
const MOST_BYTES: u64 = 64 << 20;

/// The text of a baseline or of settings.
fn text(path: &Path) -> io::Result<String> {
    bounded::text(File::open(path)?, MOST_BYTES)
}

/// What came of a case: its outcome, or the loader's complaints.
pub type Ran = Result<Outcome, Vec<Diagnostic>>;

/// What the scenario of each case leaves open, with its guest, in the order of the cases; those that are refused are left
/// out.
pub fn assumed(cases: &[CheckCase], sets: &[String]) -> Vec<(String, Vec<Assumption>)> {
    let one = |case: &CheckCase| {
        let loaded = case.input.with_sets(sets).load().ok()?;
        Some((case.guest.clone(), loaded.scenario.assumed))
    };
    cases.par_iter().filter_map(one).collect()
}

/// The loader's complaints of each case, in the order of the cases.
pub fn loads(cases: &[CheckCase]) -> Vec<Result<(), Vec<Diagnostic>>> {
    cases.par_iter().map(|case| Ok(case.input.load().map(|_| ())?)).collect()
}

/// Runs every case with these flags behind its own, in parallel; the order is that of the cases. `done` hears of each; `None`
/// if the watch of `options` stopped them.
pub fn run(cases: &[CheckCase], sets: &[String], options: &Options, done: &(dyn Fn() + Sync)) -> Option<Vec<Ran>> {
    let one = |case: &CheckCase| {
        let scenario = case.input.with_sets(sets).load()?.scenario;
        Ok(sim::run_checked(scenario.drawn(options.seed).trusted(), options).0)
    };
    cases.par_iter().map(|case| options.unless_stopped(|| one(case)).inspect(|_| done())).collect()
}
