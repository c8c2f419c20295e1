//! What is worse, better or only different.

use std::collections::{BTreeMap, BTreeSet};

use crate::metrics::{self, METRICS, Metric};
use crate::sim::{Outcome, Verdict};

use super::{Baseline, BaselineRecord, Cause, CheckCase, Drift, Program, Ran, Settings, Tolerances, drift, matches};

/// Which way a figure moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trend {
    /// The guest or its operator is worse off.
    Worse,
    /// Better off.
    Better,
    /// Neither good nor bad by itself.
    Changed,
}

impl Trend {
    /// The word used in every output.
    pub fn as_str(self) -> &'static str {
        match self {
            Trend::Worse => "worse",
            Trend::Changed => "changed",
            Trend::Better => "better",
        }
    }
}

/// One figure of one case that moved by more than its tolerance.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The case's guest.
    pub guest: String,
    /// The case's name.
    pub case: String,
    /// The figure.
    pub metric: &'static Metric,
    /// Before, for people.
    pub old: String,
    /// Now, for people.
    pub new: String,
    /// From the old to the new number, in the figure's unit; for a verdict, how far down the list it went; none where
    /// only one of them has the figure.
    pub by: Option<f64>,
    /// The old number; none for a verdict, and where there was none.
    pub from: Option<f64>,
    /// Which way.
    pub trend: Trend,
}

/// All moves of one figure of one guest that are alike, whatever the policy.
#[derive(Clone, Debug)]
pub struct AlikeMoves<'f> {
    /// All of them, in the order of the policies.
    pub findings: Vec<&'f Finding>,
}

impl AlikeMoves<'_> {
    /// The one that moved most.
    pub fn most(&self) -> &Finding {
        let mut most = self.findings[0];
        for finding in &self.findings {
            if finding.by.map(f64::abs) > most.by.map(f64::abs) {
                most = finding;
            }
        }
        most
    }
}

/// Everything that is to be said of a folder.
#[derive(Clone, Debug, Default)]
pub struct SuiteComparison {
    /// Names of all cases that were run, and the guest and policy of each.
    pub cases: Vec<(String, String, Option<String>)>,
    /// Figures that moved, case after case.
    pub findings: Vec<Finding>,
    /// Expectations of `check.toml` that do not hold: the case and a sentence.
    pub broken: Vec<(String, String)>,
    /// Cases that the baseline does not have.
    pub added: Vec<String>,
    /// Cases that only the baseline has.
    pub gone: Vec<String>,
    /// Cases that cannot be run with what was asked for, and why.
    pub refused: Vec<(String, String)>,
    /// What is set otherwise than for the baseline.
    pub drift: Vec<Drift>,
    /// The program that wrote the baseline.
    pub program: Program,
    /// What moved each case of which a figure moved, by its name, as far as that is known.
    pub causes: BTreeMap<String, Cause>,
}

impl SuiteComparison {
    /// Whether something is worse than it was, or than it must be. A case that is gone would hide either.
    pub fn is_regression(&self) -> bool {
        self.count(Trend::Worse) > 0 || !self.broken.is_empty() || !self.gone.is_empty()
    }

    /// Cases of which this is the worst that can be said: each is counted once.
    pub fn count(&self, trend: Trend) -> usize {
        let mut worst: BTreeMap<&str, Trend> = BTreeMap::new();
        for finding in &self.findings {
            let known = worst.entry(&finding.case).or_insert(finding.trend);
            *known = finding.trend.min(*known);
        }
        worst.values().filter(|worst| **worst == trend).count()
    }

    /// Cases of which nothing moved.
    pub fn unchanged(&self) -> usize {
        let moved = |name: &String| self.findings.iter().any(|finding| finding.case == *name);
        let told = |name: &String| self.added.contains(name) || self.refused.iter().any(|refused| refused.0 == *name);
        self.cases.iter().filter(|(name, ..)| !moved(name) && !told(name)).count()
    }

    /// Whether a policy is set otherwise than for the baseline.
    pub fn is_set_otherwise(&self, policy: &str) -> bool {
        self.drift.iter().any(|drift| drift.policies.iter().any(|known| known == policy))
    }

    /// How many cases each cause moved.
    pub fn moved_by(&self) -> BTreeMap<Cause, usize> {
        let mut counts = BTreeMap::new();
        self.causes.values().for_each(|cause| *counts.entry(*cause).or_default() += 1);
        counts
    }

    /// Cases that cannot be run, by the reason: all of which the same is to be said.
    pub fn refused_by_reason(&self) -> BTreeMap<&str, Vec<&str>> {
        let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (case, reason) in &self.refused {
            reasons.entry(reason).or_default().push(case);
        }
        reasons
    }

    /// What is worse, in a sentence; `None` if nothing is.
    pub fn complaint(&self) -> Option<String> {
        let counts = [
            (self.count(Trend::Worse), "worse than the baseline"),
            (self.broken.iter().map(|(case, _)| case).collect::<BTreeSet<_>>().len(), "not as expected"),
            (self.gone.len(), "in the baseline, but not run"),
        ];
        let parts: Vec<String> = counts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, words)| format!("{count} {} {words}", if *count == 1 { "case is" } else { "cases are" }))
            .collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// Findings by trend, guest and figure; what is worse first.
    pub fn groups(&self) -> Vec<AlikeMoves<'_>> {
        let order = |finding: &Finding| METRICS.iter().position(|metric| metric.key == finding.metric.key);
        let mut groups: BTreeMap<(Trend, &str, Option<usize>), Vec<&Finding>> = BTreeMap::new();
        for finding in &self.findings {
            groups.entry((finding.trend, &finding.guest, order(finding))).or_default().push(finding);
        }
        groups.into_values().map(|findings| AlikeMoves { findings }).collect()
    }
}

/// Figures that are neither good nor bad by themselves.
const NEUTRAL: [&str; 5] =
    ["dirty_sync_count", "normal_pages", "duplicate_pages", "expected_downtime_ms", "threshold_bytes"];

/// Holds what came of the cases against a baseline. `whole`: every case that the baseline has should be there.
pub fn compare(
    cases: &[CheckCase],
    ran: &[Ran],
    baseline: &Baseline,
    settings: &Settings,
    whole: bool,
) -> SuiteComparison {
    let mut comparison = SuiteComparison {
        drift: drift(baseline, settings),
        program: baseline.program.clone(),
        ..SuiteComparison::default()
    };
    for (case, ran) in cases.iter().zip(ran) {
        let name = case.name();
        comparison.cases.push((name.clone(), case.guest.clone(), case.policy.clone()));
        let outcome = match ran {
            Ok(outcome) => outcome,
            Err(faults) => {
                comparison.refused.push((name, faults.first().map_or(String::new(), |fault| fault.title.clone())));
                continue;
            }
        };
        for (_, goal) in settings.expectations.iter().filter(|(pattern, _)| matches(pattern, &name)) {
            let missed = goal.missed(outcome).map(|missed| (name.clone(), missed.complaint(outcome)));
            comparison.broken.extend(missed);
        }
        match baseline.cases.get(&name) {
            Some(record) => {
                let found = findings(outcome, record, baseline.tells_none, &settings.tolerances);
                let of_case = |finding| Finding { guest: case.guest.clone(), case: name.clone(), ..finding };
                comparison.findings.extend(found.into_iter().map(of_case));
            }
            None => comparison.added.push(name),
        }
    }
    if whole {
        let known = |name: &&String| !comparison.cases.iter().any(|case| case.0 == **name);
        comparison.gone = baseline.cases.keys().filter(known).cloned().collect();
    }
    comparison
}

/// One case under two settings.
#[derive(Clone, Debug)]
pub struct CasePair {
    /// The case's guest.
    pub guest: String,
    /// Under the first setting, and under the second.
    pub outcomes: [Outcome; 2],
}

/// Holds what came of the cases under a second setting against what came of them under a first one, within the same
/// tolerances; nothing is expected. Cases that either setting does not apply to are named, and left out.
pub fn side_by_side(
    cases: &[CheckCase],
    one: &[Ran],
    other: &[Ran],
    settings: &Settings,
) -> (SuiteComparison, Vec<CasePair>) {
    let known = cases.iter().zip(one).filter_map(|(case, ran)| Some((case, ran.as_ref().ok()?)));
    let baseline = Baseline::of(settings, known);
    let both = one.iter().zip(other).map(|(one, other)| if one.is_err() { one } else { other }.clone());
    let both: Vec<Ran> = both.collect();
    let pairs = cases.iter().zip(one.iter().zip(other)).filter_map(|(case, ran)| match ran {
        (Ok(one), Ok(other)) => Some(CasePair { guest: case.guest.clone(), outcomes: [one.clone(), other.clone()] }),
        _ => None,
    });
    let settings = Settings { expectations: Vec::new(), ..settings.clone() };
    (compare(cases, &both, &baseline, &settings, false), pairs.collect())
}

/// Whether anything moved from a record to an outcome.
pub(super) fn moves(outcome: &Outcome, record: &BaselineRecord, tells_none: bool, tolerances: &Tolerances) -> bool {
    !findings(outcome, record, tells_none, tolerances).is_empty()
}

/// What moved from a record to an outcome, of a case without a name. With another verdict, no other figure can be compared;
/// a figure that only one of them has is neither better nor worse.
fn findings(outcome: &Outcome, record: &BaselineRecord, tells_none: bool, tolerances: &Tolerances) -> Vec<Finding> {
    let finding = |metric: &'static Metric, shown: [String; 2], from: Option<f64>, by: Option<f64>, trend: Trend| {
        let [old, new] = shown;
        Finding { guest: String::new(), case: String::new(), metric, old, new, by, from, trend }
    };
    if outcome.verdict != record.verdict {
        let rank = |verdict| Verdict::ALL.iter().position(|known| *known == verdict).unwrap_or(0) as f64;
        let by = rank(outcome.verdict) - rank(record.verdict);
        let trend = if by > 0.0 { Trend::Worse } else { Trend::Better };
        let shown = [record.verdict, outcome.verdict].map(|verdict| verdict.as_str().to_owned());
        return vec![finding(&METRICS[0], shown, None, Some(by), trend)];
    }
    let figures = metrics::figures();
    let moved = figures.filter_map(|metric| {
        let (old, new) = (*record.figures.get(metric.key)?, (metric.get)(outcome).number());
        let shown = [old, new].map(|figure| metric.unit.show_any(figure));
        let (old, new) = match (old, new) {
            (Some(old), Some(new)) => (old, new),
            (None, None) => return None,
            // Where it was written, such a figure was a number.
            (Some(_), None) if !tells_none => return None,
            _ => return Some(finding(metric, shown, old, None, Trend::Changed)),
        };
        let trend = match () {
            () if tolerances.of(metric).allows(old, new) => return None,
            () if NEUTRAL.contains(&metric.key) => Trend::Changed,
            () if new > old => Trend::Worse,
            () => Trend::Better,
        };
        Some(finding(metric, metric.unit.apart(old, new).into(), Some(old), Some(new - old), trend))
    });
    moved.collect()
}
