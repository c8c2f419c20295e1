//! What other releases of QEMU make of the same migration.

use rayon::prelude::*;

use crate::qemu::Version;
use crate::scenario::Setting;

use super::Question;

/// Releases in a row of which the same is to be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Releases {
    /// The oldest.
    pub first: Version,
    /// The newest.
    pub last: Version,
    /// Whether the goal is met; or why they refuse the scenario.
    pub met: Result<bool, String>,
}

/// All releases, with their own defaults where the scenario says nothing.
pub(super) fn all(question: &Question) -> Vec<Releases> {
    let versions: Vec<Version> = Version::all().collect();
    let met = |version: &Version| {
        let answer = question.ask(&[Setting::new("qemu.version", version.to_string().as_str())]);
        answer.map(|answer| answer.met).map_err(|refusal| refusal.0.first().map_or(String::new(), |f| f.title.clone()))
    };
    let answers: Vec<Result<bool, String>> = versions.par_iter().map(met).collect();
    let mut rows: Vec<Releases> = Vec::new();
    for (version, met) in versions.into_iter().zip(answers) {
        match rows.last_mut() {
            Some(row) if row.met == met => row.last = version,
            _ => rows.push(Releases { first: version, last: version, met }),
        }
    }
    rows
}
