//! The check as workflow commands, which GitHub shows beside a change.

use std::collections::HashSet;

use super::{CheckReport, change, policies};
use crate::check::Trend;
use crate::sink::github::{data, property};

/// GitHub shows ten of a kind.
const MOST: usize = 10;

/// A line for each expectation that does not hold, and for each figure of a guest that is worse; `file` names the scenario
/// file of a guest.
///
/// What must hold comes first, then each guest once, since GitHub drops what is too many; a line of another kind counts
/// what is left out.
pub fn annotations(report: &CheckReport, file: impl Fn(&str) -> String) -> String {
    let comparison = report.comparison;
    let groups = comparison.groups();
    let mut guests = HashSet::new();
    let worse = groups.iter().filter(|group| group.most().trend == Trend::Worse);
    let (first, others): (Vec<_>, Vec<_>) = worse.partition(|group| guests.insert(&group.most().guest));
    let worse = first.into_iter().chain(others).map(|group| {
        let finding = group.most();
        let words = format!("{} -> {} {} ({})", finding.old, finding.new, change(finding), policies(group));
        line(&file(&finding.guest), &format!("{}: {} is worse", finding.guest, finding.metric.key), &words)
    });
    let guest = |case: &str| comparison.cases.iter().find(|known| known.0 == case).map_or("", |known| known.1.as_str());
    let broken = comparison.broken.iter().map(|(case, words)| line(&file(guest(case)), case, words));
    let mut lines: Vec<String> = broken.chain(worse).collect();
    let more = lines.len().saturating_sub(MOST);
    lines.truncate(MOST);
    if more > 0 {
        let words = format!("{more} more are worse or do not hold; the summary of the job has all");
        lines.push(format!("::warning title={}::{}\n", property("precopy check"), data(&words)));
    }
    lines.concat()
}

/// One command.
fn line(file: &str, title: &str, words: &str) -> String {
    format!("::error file={},title={}::{}\n", property(file), property(title), data(words))
}
