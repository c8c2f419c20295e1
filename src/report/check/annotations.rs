//! The check as workflow commands, which GitHub shows beside a change.

use super::CheckReport;
use super::sentence::{failing, place, sentence};
use crate::check::FlagPlace;
use crate::sink::github::{data, property};

/// GitHub shows ten of a kind.
const MOST: usize = 10;

/// A line for each case that is worse or not as expected, at the line of the file that sets what changed; where no policy
/// did it, at the scenario of the guest, which `file` names.
///
/// What must hold comes first, then each guest once, since GitHub drops what is too many; a line of another kind counts
/// what is left out.
pub fn annotations(report: &CheckReport, file: impl Fn(&str) -> String) -> String {
    let comparison = report.comparison;
    let guest = |case: &str| comparison.cases.iter().find(|known| known.0 == case).map_or("", |known| known.1.as_str());
    let cases = failing(comparison);
    let lines = cases.iter().take(MOST).map(|case| {
        let scenario = || FlagPlace { file: file(guest(case)), line: None };
        line(&place(comparison, case).cloned().unwrap_or_else(scenario), case, &sentence(report, case))
    });
    let mut text: String = lines.collect();
    if let Some(more) = cases.len().checked_sub(MOST).filter(|more| *more > 0) {
        let words = format!("{more} more are worse or do not hold; the summary of the job has all");
        text += &format!("::warning title={}::{}\n", property("precopy check"), data(&words));
    }
    text
}

/// One command.
fn line(place: &FlagPlace, title: &str, words: &str) -> String {
    let line = place.line.map_or(String::new(), |line| format!(",line={line}"));
    format!("::error file={}{line},title={}::{}\n", property(&place.file), property(title), data(words))
}
