//! What a folder's check found: a table, JSON, CSV, Markdown for a pull request, JUnit XML, and annotations.

mod annotations;
mod data;
mod junit;
mod markdown;
mod text;

pub use annotations::annotations;
pub use data::{csv, json};
pub use junit::junit;
pub use markdown::markdown;
pub use text::text;

use crate::check::{Comparison, Finding, Group, Trend};
use crate::metrics::Unit;

/// What the new figures of a check are called.
pub const NOW: &str = "now";

/// What is compared with what.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// What was found.
    pub comparison: &'a Comparison,
    /// What the old figures are: `baseline.json`, or flags.
    pub old: &'a str,
    /// What the new figures are: `now`, or flags.
    pub new: &'a str,
}

/// Names that are longer stand above a table and not in it.
const LONGEST: usize = 16;

impl Report<'_> {
    /// What stands in the heads of the two columns, and lines that explain it.
    fn heads(&self) -> ([&str; 2], String) {
        if self.old.chars().count().max(self.new.chars().count()) <= LONGEST {
            return ([self.old, self.new], String::new());
        }
        (["a", "b"], format!("a: {}\nb: {}\n", self.old, self.new))
    }

    /// `144 cases: 9 worse, 3 better, 132 unchanged`.
    fn summary(&self) -> String {
        let comparison = self.comparison;
        let mut parts = vec![format!("{} worse", comparison.count(Trend::Worse))];
        for (count, word) in [
            (comparison.count(Trend::Better), "better"),
            (comparison.count(Trend::Changed), "otherwise changed"),
            (comparison.unchanged(), "unchanged"),
            (comparison.broken.len(), "expectations broken"),
            (comparison.added.len(), "new"),
            (comparison.gone.len(), "gone"),
            (comparison.refused.len(), "not applicable"),
        ] {
            if count > 0 {
                parts.push(format!("{count} {word}"));
            }
        }
        format!("{} cases: {}", comparison.cases.len(), parts.join(", "))
    }
}

/// How far a figure moved: in per cent of the old value, or in points of a percentage.
fn change(finding: &Finding) -> String {
    let sign = if finding.by < 0.0 { '-' } else { '+' };
    match finding.metric.unit {
        Unit::Words => String::new(),
        Unit::Percent => format!("{sign}{:.1} points", finding.by.abs()),
        _ if finding.from == 0.0 || !finding.by.is_finite() || !finding.from.is_finite() => String::new(),
        _ => format!("{sign}{:.1} %", 100.0 * (finding.by / finding.from).abs()),
    }
}

/// What is left of a case's name beside its guest.
fn policy(finding: &Finding) -> &str {
    finding.case.strip_prefix(&finding.guest).unwrap_or_default().trim_start_matches('/')
}

/// `12 policies, most qemu-8.2`; the policy alone where there is one case.
fn policies(group: &Group) -> String {
    let policy = policy(group.most());
    match group.findings.len() {
        1 => policy.to_owned(),
        count => format!("{count} policies, most {policy}"),
    }
}
