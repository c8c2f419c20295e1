//! What a folder's check found: a table, JSON, CSV, Markdown for a pull request, JUnit XML, and annotations.

mod annotations;
mod data;
mod junit;
mod markdown;
mod sentence;
mod text;

pub use annotations::annotations;
pub use data::{csv, json};
pub use junit::junit;
pub use markdown::markdown;
pub use text::text;

use super::Assumed;
use crate::check::{AlikeMoves, Cause, Drift, Finding, Program, SuiteComparison, Trend};
use crate::metrics::Unit;
use crate::units::spelling::count;

/// What the new figures of a check are called.
pub const NOW: &str = "now";

/// What is compared with what.
#[derive(Clone, Copy, Debug)]
pub struct CheckReport<'a> {
    /// What was found.
    pub comparison: &'a SuiteComparison,
    /// What the old figures are: `baseline.json`, or flags.
    pub old: &'a str,
    /// What the new figures are: `now`, or flags.
    pub new: &'a str,
    /// The command that accepts what moved.
    pub bless: &'a str,
    /// What the scenarios leave open.
    pub assumed: &'a Assumed,
}

/// Names that are longer stand above a table and not in it.
const LONGEST: usize = 16;

impl CheckReport<'_> {
    /// What stands in the heads of the two columns, and lines that explain it.
    fn heads(&self) -> ([&str; 2], String) {
        if self.old.chars().count().max(self.new.chars().count()) <= LONGEST {
            return ([self.old, self.new], String::new());
        }
        (["a", "b"], format!("a: {}\nb: {}\n", self.old, self.new))
    }

    fn summary(&self) -> String {
        summary(self.comparison)
    }

    /// `qemu.downtime-limit: 300 -> 500 (16 policies)`: a line for each key that is set otherwise than for the baseline, where
    /// something came of it.
    fn drift(&self) -> Vec<String> {
        if self.comparison.findings.is_empty() && self.comparison.broken.is_empty() {
            return Vec::new();
        }
        let line = |drift: &Drift| match drift.policies.as_slice() {
            [one] if one.is_empty() => drift.what.clone(),
            [one] => format!("{} ({one})", drift.what),
            all => format!("{} ({} policies)", drift.what, all.len()),
        };
        self.comparison.drift.iter().map(line).collect()
    }
}

/// `144 cases: 9 worse, 3 better, 132 unchanged; 2 expectations do not hold`: what stands before the semicolon adds up.
pub fn summary(comparison: &SuiteComparison) -> String {
    let mut parts = vec![format!("{} worse", comparison.count(Trend::Worse))];
    for (cases, word) in [
        (comparison.count(Trend::Better), "better"),
        (comparison.count(Trend::Changed), "otherwise changed"),
        (comparison.unchanged(), "unchanged"),
        (comparison.added.len(), "new"),
        (comparison.refused.len(), "not applicable"),
    ] {
        if cases > 0 {
            parts.push(format!("{cases} {word}"));
        }
    }
    let broken = match comparison.broken.len() {
        0 => String::new(),
        1 => "; 1 expectation does not hold".to_owned(),
        broken => format!("; {broken} expectations do not hold"),
    };
    let gone = match comparison.gone.len() {
        0 => String::new(),
        gone => format!("; {gone} more in the baseline, but not run"),
    };
    format!("{}: {}{broken}{gone}", count(comparison.cases.len(), "case"), parts.join(", "))
}

/// `moved by the policy: 3 cases, by the program: 5 cases (precopy 0.1.0 -> 0.2.0; ...)`: what moved the cases, where
/// the program or a scenario may have done it; of a baseline by another version also that nothing moved.
fn since(comparison: &SuiteComparison) -> Option<String> {
    let (old, new) = (&comparison.program, Program::this());
    let moved = comparison.moved_by();
    let program = match (old.results, new.results) {
        (Some(_), Some(results)) if old.precopy == new.precopy => format!("{old} -> {results}"),
        _ => format!("precopy {} -> {}", old.precopy, new.precopy),
    };
    if moved.is_empty() {
        let says = comparison.findings.is_empty() && old.precopy != new.precopy;
        return says.then(|| format!("nothing moved by the program ({program})"));
    }
    if moved.keys().all(|cause| *cause == Cause::Policy) && !old.differs() {
        return None;
    }
    let parts = moved.iter().map(|(cause, cases)| format!("by the {}: {}", cause.as_str(), count(*cases, "case")));
    let parts = parts.collect::<Vec<_>>().join(", ");
    let why = match old.differs() {
        true => format!(" ({program}; `Results that change` in its CHANGELOG.md says why)"),
        false => String::new(),
    };
    Some(format!("moved {parts}{why}"))
}

/// How far a figure moved: in per cent of the old value, or in points of a percentage; in words where only one side has it.
fn change(finding: &Finding) -> String {
    let (from, by) = match (finding.from, finding.by) {
        _ if !finding.metric.is_figure() => return String::new(),
        (None, _) => return "there was none".to_owned(),
        (Some(_), None) => return "there is none now".to_owned(),
        (Some(from), Some(by)) => (from, by),
    };
    let sign = if by < 0.0 { '-' } else { '+' };
    match finding.metric.unit {
        Unit::Percent => format!("{sign}{:.1} points", by.abs()),
        _ if from == 0.0 => String::new(),
        _ => format!("{sign}{:.1} %", 100.0 * (by / from).abs()),
    }
}

/// What is left of a case's name beside its guest.
fn policy(finding: &Finding) -> &str {
    finding.case.strip_prefix(&finding.guest).unwrap_or_default().trim_start_matches('/')
}

/// `12 policies, most qemu-8.2`; the policy alone where there is one case.
fn policies(group: &AlikeMoves) -> String {
    let policy = policy(group.most());
    match group.findings.len() {
        1 => policy.to_owned(),
        count => format!("{count} policies, most {policy}"),
    }
}
