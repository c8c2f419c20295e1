//! The check as Markdown, for a pull request.

use std::fmt::Write as _;

use anstyle::Style;

use super::sentence::{failing, sentence};
use super::{CheckReport, change, policies};
use crate::check::Trend;
use crate::sink::markdown;
use crate::sink::table::{Table, TableCell, TableColumn};

/// Rows that a reader of a pull request still reads.
const MOST: usize = 50;

/// A heading with the counts, and a table of what moved.
pub fn markdown(report: &CheckReport) -> String {
    let comparison = report.comparison;
    let mark = if comparison.is_regression() { "worse" } else { "not worse" };
    let ([old, new], legend) = report.heads();
    let legend: String = legend.lines().map(|line| format!("- {}\n", markdown::text(line))).collect();
    let since = super::since(comparison).map_or(String::new(), |words| format!("\n{}\n", markdown::text(&words)));
    let mut text = format!("### precopy check: {mark}\n\n{}\n{since}{legend}", report.summary());
    let groups: Vec<_> = comparison.groups().into_iter().filter(|group| group.most().trend != Trend::Changed).collect();
    if !groups.is_empty() {
        let mut table = Table::new((0..7).map(|at| if at < 4 { TableColumn::LEFT } else { TableColumn::RIGHT }));
        table.head(["", "guest", "policy", "figure", old, new, "change"]);
        for group in groups.iter().take(MOST) {
            let finding = group.most();
            let style = if finding.trend == Trend::Worse { Style::new().bold() } else { Style::new() };
            table.row([
                TableCell::from(finding.trend.as_str()).styled(style),
                finding.guest.clone().into(),
                policies(group).into(),
                TableCell::from(finding.metric.key).code(),
                finding.old.clone().into(),
                finding.new.clone().into(),
                change(finding).into(),
            ]);
        }
        let _ = write!(text, "\n{}", table.markdown());
    }
    if groups.len() > MOST {
        let _ = writeln!(text, "\n... and {} more", groups.len() - MOST);
    }
    for line in report.drift() {
        let _ = writeln!(text, "\n- set otherwise than for the baseline: {}", markdown::code(&line));
    }
    let failing = if report.bless.is_empty() { Vec::new() } else { failing(comparison) };
    for (at, case) in failing.iter().take(MOST).enumerate() {
        let gap = if at == 0 { "\n" } else { "" };
        let _ = writeln!(text, "{gap}- **{}**: {}", markdown::text(case), markdown::text(&sentence(report, case)));
    }
    if failing.len() > MOST {
        let _ = writeln!(text, "- ... and {} more cases", failing.len() - MOST);
    }
    for case in &comparison.gone {
        let _ = writeln!(text, "\n- **{}** is in the baseline, but was not run", markdown::text(case));
    }
    for words in report.assumed.warnings() {
        let _ = writeln!(text, "\n- {}", markdown::text(&words));
    }
    text
}
