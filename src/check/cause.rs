//! What moved a case: the policy, the program, or the case's own file.

use std::collections::BTreeMap;

use super::compare::moves;
use super::{Baseline, BaselineRecord, CheckCase, Ran, Settings, SuiteComparison};

/// What moved a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The policy is set otherwise than for the baseline.
    Policy,
    /// The program simulates otherwise than the one that wrote the baseline.
    Program,
    /// Each of the two moves it.
    Both,
    /// The scenario's file is another one; what else moved is not told apart from that.
    Scenario,
}

impl Cause {
    /// The words used in every output.
    pub fn as_str(self) -> &'static str {
        match self {
            Cause::Policy => "policy",
            Cause::Program => "program",
            Cause::Both => "policy and program",
            Cause::Scenario => "scenario",
        }
    }
}

/// A case's policy, as the baseline names it.
fn policy(case: &CheckCase) -> &str {
    case.policy.as_deref().unwrap_or_default()
}

/// Cases to run with the flags that they had for the baseline: where policy and program both are other ones, what came of
/// them tells the two apart.
pub fn former(cases: &[CheckCase], baseline: &Baseline, comparison: &SuiteComparison) -> Vec<CheckCase> {
    if !baseline.program.differs() {
        return Vec::new();
    }
    let former = |case: &CheckCase| {
        let moved = comparison.findings.iter().any(|finding| finding.case == case.name());
        let flags =
            baseline.settings.get(policy(case)).filter(|_| moved && comparison.is_set_otherwise(policy(case)))?;
        Some(CheckCase { input: case.input.under(flags), ..case.clone() })
    };
    cases.iter().filter_map(former).collect()
}

/// What moved each case of which a figure moved, as far as that is known. `former` are outcomes under the flags of the
/// baseline, by the names of the cases.
pub fn causes(
    cases: &[CheckCase],
    ran: &[Ran],
    baseline: &Baseline,
    settings: &Settings,
    comparison: &SuiteComparison,
    former: &BTreeMap<String, Ran>,
) -> BTreeMap<String, Cause> {
    let program = baseline.program.differs();
    let one = |(case, ran): (&CheckCase, &Ran)| {
        let name = case.name();
        comparison.findings.iter().find(|finding| finding.case == name)?;
        if baseline.guests.get(&case.guest).is_some_and(|digest| *digest != case.digest()) {
            return Some((name, Cause::Scenario));
        }
        let cause = match (comparison.is_set_otherwise(policy(case)), program) {
            (true, false) => Cause::Policy,
            (false, true) => Cause::Program,
            (false, false) => return None,
            (true, true) => {
                let tolerances = &settings.tolerances;
                let by = former.get(&name).and_then(|former| former.as_ref().ok()).map(|former| {
                    let record = baseline.cases.get(&name);
                    let program = record.is_none_or(|record| moves(former, record, baseline.tells_none, tolerances));
                    let policy =
                        ran.as_ref().is_ok_and(|now| moves(now, &BaselineRecord::of(former), true, tolerances));
                    (policy, program)
                });
                match by {
                    Some((true, false)) => Cause::Policy,
                    Some((false, true)) => Cause::Program,
                    _ => Cause::Both,
                }
            }
        };
        Some((name, cause))
    };
    cases.iter().zip(ran).filter_map(one).collect()
}
