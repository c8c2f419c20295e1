//! The check as Markdown, for a pull request.

use std::fmt::Write as _;

use super::{Report, change, policies};
use crate::check::Trend;
use crate::sink::markdown;

/// Rows that a reader of a pull request still reads.
const MOST: usize = 50;

/// A heading with the counts, and a table of what moved.
pub fn markdown(report: &Report) -> String {
    let comparison = report.comparison;
    let mark = if comparison.is_regression() { "worse" } else { "not worse" };
    let ([old, new], legend) = report.heads();
    let legend: String = legend.lines().map(|line| format!("- {}\n", markdown::text(line))).collect();
    let mut text = format!("### precopy check: {mark}\n\n{}\n{legend}", report.summary());
    let groups: Vec<_> = comparison.groups().into_iter().filter(|group| group.most().trend != Trend::Changed).collect();
    if !groups.is_empty() {
        let _ = write!(
            text,
            "\n| | guest | policy | figure | {} | {} | change |\n|---|---|---|---|---:|---:|---:|\n",
            markdown::text(old),
            markdown::text(new)
        );
    }
    for group in groups.iter().take(MOST) {
        let finding = group.most();
        let trend = match finding.trend {
            Trend::Worse => "**worse**",
            other => other.as_str(),
        };
        let (policy, change) = (policies(group), change(finding));
        let [guest, policy, old, new] =
            [&finding.guest, &policy, &finding.old, &finding.new].map(|words| markdown::text(words));
        let key = finding.metric.key;
        let _ = writeln!(text, "| {trend} | {guest} | {policy} | `{key}` | {old} | {new} | {change} |");
    }
    if groups.len() > MOST {
        let _ = writeln!(text, "\n... and {} more", groups.len() - MOST);
    }
    for line in report.drift() {
        let _ = writeln!(text, "\n- set otherwise than for the baseline: {}", markdown::code(&line));
    }
    for (case, words) in &comparison.broken {
        let _ = writeln!(text, "\n- **{}**: {}", markdown::text(case), markdown::text(words));
    }
    for case in &comparison.gone {
        let _ = writeln!(text, "\n- **{}** is in the baseline, but was not run", markdown::text(case));
    }
    for words in report.assumed.warnings() {
        let _ = writeln!(text, "\n- {}", markdown::text(&words));
    }
    text
}
