//! The check as JUnit XML, which CI servers show.

use std::io;

use quick_junit::{NonSuccessKind, Report as Document, TestCase, TestCaseStatus, TestSuite};

use super::sentence::sentence;
use super::{CheckReport, change};
use crate::check::Trend;
use crate::sink::{shown, shown_lines};

/// A suite for each guest, a test for each policy; a test fails if something is worse.
///
/// # Errors
/// A text in it cannot be written as XML.
pub fn junit(report: &CheckReport) -> io::Result<String> {
    let comparison = report.comparison;
    let mut document = Document::new("precopy check");
    let mut suites: Vec<TestSuite> = Vec::new();
    for (name, guest, policy) in &comparison.cases {
        let suite = match suites.iter().position(|suite| suite.name.as_str() == shown(guest)) {
            Some(at) => &mut suites[at],
            None => {
                suites.push(TestSuite::new(shown(guest)));
                suites.last_mut().ok_or_else(|| io::Error::other("no suite"))?
            }
        };
        let mut case = TestCase::new(shown(policy.as_deref().unwrap_or(guest)), status(report, name));
        case.set_classname(shown(guest));
        suite.add_test_case(case);
    }
    if !comparison.gone.is_empty() {
        let mut suite = TestSuite::new("gone");
        for name in &comparison.gone {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message("in the baseline, but not run");
            suite.add_test_case(TestCase::new(shown(name), status));
        }
        suites.push(suite);
    }
    document.add_test_suites(suites);
    document.to_string().map_err(io::Error::other)
}

fn status(report: &CheckReport, name: &str) -> TestCaseStatus {
    let comparison = report.comparison;
    if let Some((_, why)) = comparison.refused.iter().find(|(case, _)| case == name) {
        let mut status = TestCaseStatus::skipped();
        status.set_message(shown(why));
        return status;
    }
    let worse = comparison.findings.iter().filter(|f| f.case == name && f.trend == Trend::Worse);
    let mut lines: Vec<String> = worse
        .map(|f| format!("{}: {} -> {} {}", f.metric.key, f.old, f.new, change(f)).trim_end().to_owned())
        .collect();
    lines.extend(comparison.broken.iter().filter(|(case, _)| case == name).map(|(_, words)| words.clone()));
    if lines.is_empty() {
        return TestCaseStatus::success();
    }
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_message(shown(&sentence(report, name)));
    status.set_description(shown_lines(&lines.join("\n")));
    status
}
