//! The check as workflow commands, which GitHub shows beside a change.

use super::{Report, change, policies};
use crate::check::Trend;
use crate::sink::github::{data, property};

/// GitHub shows ten of a kind.
const MOST: usize = 10;

/// A line for each expectation that does not hold, and for each figure of a guest that is worse; `file` names the scenario
/// file of a guest. What must hold comes first, since GitHub drops what is too many.
pub fn annotations(report: &Report, file: impl Fn(&str) -> String) -> String {
    let comparison = report.comparison;
    let worse = comparison.groups().into_iter().filter(|group| group.most().trend == Trend::Worse).map(|group| {
        let finding = group.most();
        let words = format!("{} -> {} {} ({})", finding.old, finding.new, change(finding), policies(&group));
        line(&file(&finding.guest), &format!("{}: {} is worse", finding.guest, finding.metric.key), &words)
    });
    let guest = |case: &str| comparison.cases.iter().find(|known| known.0 == case).map_or("", |known| known.1.as_str());
    let broken = comparison.broken.iter().map(|(case, words)| line(&file(guest(case)), case, words));
    broken.chain(worse).take(MOST).collect()
}

/// One command.
fn line(file: &str, title: &str, words: &str) -> String {
    format!("::error file={},title={}::{}\n", property(file), property(title), data(words))
}
