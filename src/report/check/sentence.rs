//! What is wrong with a case, in one sentence: the cause, what became of it, and the way out.

use std::collections::HashSet;

use super::{CheckReport, change};
use crate::check::{Cause, FlagPlace, Program, SuiteComparison, Trend};

/// Keys that are named in a sentence.
const MOST_KEYS: usize = 3;

/// Cases that are worse or not as expected: those that are not as expected first, then each guest once, then the others.
pub(super) fn failing(comparison: &SuiteComparison) -> Vec<&str> {
    let broken = |case: &str| comparison.broken.iter().any(|(known, _)| known == case);
    let worse = |case: &str| comparison.findings.iter().any(|f| f.case == case && f.trend == Trend::Worse);
    let mut guests = HashSet::new();
    let mut cases: Vec<(usize, &str)> = Vec::new();
    for (case, guest, _) in &comparison.cases {
        match (broken(case), worse(case)) {
            (true, _) => cases.push((0, case)),
            (false, true) => cases.push((if guests.insert(guest) { 1 } else { 2 }, case)),
            (false, false) => {}
        }
    }
    cases.sort_by_key(|(rank, _)| *rank);
    cases.into_iter().map(|(_, case)| case).collect()
}

/// The keys that are set otherwise for a case, and what sets them.
fn changes<'c>(comparison: &'c SuiteComparison, case: &str) -> Vec<(&'c str, &'c FlagPlace)> {
    let known = comparison.cases.iter().find(|known| known.0 == case);
    let policy = known.and_then(|known| known.2.as_deref()).unwrap_or_default();
    let own = comparison.drift.iter().filter_map(|drift| {
        let at = drift.policies.iter().position(|known| known == policy)?;
        Some((drift.what.as_str(), drift.places.get(at)?))
    });
    own.collect()
}

/// What moved a case, as far as it is the policy: the line of the file that sets the first key that changed.
pub(super) fn place<'c>(comparison: &'c SuiteComparison, case: &str) -> Option<&'c FlagPlace> {
    match comparison.causes.get(case) {
        Some(Cause::Program | Cause::Scenario) => None,
        Some(Cause::Policy | Cause::Both) | None => changes(comparison, case).first().map(|(_, place)| *place),
    }
}

/// `orchestrator.live_migration_downtime: 500 -> 2000 (nova.conf:7); downtime_ms is worse: 480 ms -> 1.21 s, +152.0 %, and so
/// are 2 more figures; change it back, or ...`.
pub(super) fn sentence(report: &CheckReport, case: &str) -> String {
    let comparison = report.comparison;
    let mut parts = Vec::new();
    let program = format!("{} -> {}", comparison.program, Program::this());
    match comparison.causes.get(case) {
        Some(Cause::Program) => parts.push(format!("the program is another one: {program}")),
        Some(Cause::Scenario) => parts.push("the scenario's file is another one".to_owned()),
        cause => {
            let changes = changes(comparison, case);
            let named = changes.iter().take(MOST_KEYS).map(|(what, place)| format!("{what} ({place})"));
            let mut named: Vec<String> = named.collect();
            if changes.len() > MOST_KEYS {
                named.push(format!("{} more keys", changes.len() - MOST_KEYS));
            }
            if cause == Some(&Cause::Both) {
                named.push(program);
            }
            if !named.is_empty() {
                parts.push(named.join(", "));
            }
        }
    }
    let broken = comparison.broken.iter().filter(|(known, _)| known == case).map(|(_, words)| words.clone());
    parts.extend(broken);
    let worse: Vec<_> = comparison.findings.iter().filter(|f| f.case == case && f.trend == Trend::Worse).collect();
    if let Some(first) = worse.first() {
        let words = format!("{} is worse: {} -> {}", first.metric.key, first.old, first.new);
        let by = Some(change(first)).filter(|by| !by.is_empty()).map_or(String::new(), |by| format!(", {by}"));
        let more = match worse.len() - 1 {
            0 => String::new(),
            1 => ", and so is 1 more figure".to_owned(),
            more => format!(", and so are {more} more figures"),
        };
        parts.push(format!("{words}{by}{more}"));
    }
    let has_expectation = comparison.broken.iter().any(|(known, _)| known == case);
    match (place(comparison, case).is_some(), has_expectation) {
        (true, true) => parts.push("change it back, or the expectation in check.toml".to_owned()),
        (false, true) => parts.push("expectations are changed in check.toml".to_owned()),
        (true, false) => parts.push(format!("change it back, or accept it with `{}`", report.bless)),
        (false, false) => parts.push(format!("`{}` accepts it", report.bless)),
    }
    parts.join("; ")
}
