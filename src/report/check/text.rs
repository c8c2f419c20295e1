//! The check as a table for a terminal.

use std::fmt::Write as _;

use super::{CheckReport, NOW, change, policies, policy};
use crate::check::{SuiteComparison, Trend};
use crate::metrics::Unit;
use crate::sink::table::{Table, TableColumn};
use crate::sink::terminal::{lines as safe, word, wrapped};

/// Columns of what is no table.
const WIDTH: usize = 100;

/// Rows of a table that are shown unless all are asked for.
const MOST: usize = 60;

/// A row for each figure of each guest that is worse or better, with the policy under which it moved most; with `all`, a
/// row for each case, and for what is neither.
pub fn text(report: &CheckReport, all: bool) -> String {
    let comparison = report.comparison;
    let ([old, new], legend) = report.heads();
    let since = super::since(comparison).map_or(String::new(), |words| format!("{}\n", word(&words)));
    let mut text = format!("{}\n{since}{}", report.summary(), safe(&legend));
    let mut rows: Vec<[String; 7]> = Vec::new();
    let groups = comparison.groups();
    for group in groups.iter().filter(|group| all || group.most().trend != Trend::Changed) {
        let shown = if all { group.findings.clone() } else { vec![group.most()] };
        for finding in shown {
            let policy = match all {
                true => policy(finding).to_owned(),
                false => policies(group),
            };
            let title = finding.metric.short_title();
            // Titles of the throttle's figures say little without their group.
            let title = match finding.metric.unit {
                Unit::Percent | Unit::Ms if finding.metric.key.starts_with("throttle") => {
                    format!("throttle {title}").replace("throttle throttled", "throttled")
                }
                _ => title.to_owned(),
            };
            rows.push([
                finding.trend.as_str().to_owned(),
                finding.guest.clone(),
                policy,
                title,
                finding.old.clone(),
                finding.new.clone(),
                change(finding),
            ]);
        }
    }
    if !rows.is_empty() {
        let hidden = if all { 0 } else { rows.len().saturating_sub(MOST) };
        let mut table = Table::new((0..7).map(|at| if at < 4 { TableColumn::LEFT } else { TableColumn::RIGHT }));
        table.head(["", "guest", "policy", "figure", old, new, "change"]);
        let shown = rows.len() - hidden;
        rows.into_iter().take(shown).for_each(|row| table.row(row));
        let _ = write!(text, "\n{}", table.text());
        if hidden > 0 {
            let _ = writeln!(text, "... and {hidden} more; `-v` shows a row for each case");
        }
    }
    for (title, lines) in [
        ("Set otherwise than for the baseline", report.drift()),
        ("Expectations that do not hold", pairs(&comparison.broken)),
        ("Not in the baseline yet; `--bless` adds them", comparison.added.clone()),
        ("In the baseline, but not run; `--bless` removes them", comparison.gone.clone()),
        ("Not applicable", refused(comparison)),
    ] {
        if !lines.is_empty() {
            let _ = writeln!(text, "\n{title}");
            for line in lines {
                let _ = writeln!(text, "  {}", word(&line));
            }
        }
    }
    // Constants of a host are the same for both sides, and say nothing of a change.
    for (at, words) in report.assumed.warnings().iter().enumerate() {
        let gap = if at == 0 { "\n" } else { "" };
        let _ = writeln!(text, "{gap}{}", wrapped(words, WIDTH).join("\n"));
    }
    if comparison.count(Trend::Better) > 0 && !comparison.is_regression() && report.new == NOW {
        text += "\nnothing is worse; `--bless` makes this the new baseline\n";
    }
    text
}

/// A line for each reason.
fn refused(comparison: &SuiteComparison) -> Vec<String> {
    let reasons = comparison.refused_by_reason();
    let line = |(reason, cases): (&str, Vec<&str>)| match cases.as_slice() {
        [case] => format!("{case}: {reason}"),
        cases => format!("{} cases: {reason}", cases.len()),
    };
    reasons.into_iter().map(line).collect()
}

fn pairs(pairs: &[(String, String)]) -> Vec<String> {
    pairs.iter().map(|(name, words)| format!("{name}: {words}")).collect()
}
