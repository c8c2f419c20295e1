//! The best answers of a search as a short list, each for a reason of its own.

use super::DrainCandidate;

/// Why an answer is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerReason {
    /// The fewest guests stay, the least is missed, and the host is empty soonest.
    Best,
    /// It takes the fewest changes of settings.
    FewestChanges,
    /// The guests lose the least work.
    LeastWorkLost,
    /// The longest time that a guest stands still is the shortest.
    ShortestStall,
    /// No guest may be moved by post-copy.
    WithoutPostCopy,
}

/// Answers that are equally good by who stays and what is missed, the soonest first.
#[derive(Clone, Debug, Default)]
pub struct DrainAnswers(pub Vec<(AnswerReason, DrainCandidate)>);

/// What an answer costs, of one kind.
type Cost = fn(&DrainCandidate) -> f64;

/// What an answer may have less of than the best one.
const REASONS: [(AnswerReason, Cost); 4] = [
    (AnswerReason::FewestChanges, |candidate| candidate.changes.len() as f64),
    (AnswerReason::LeastWorkLost, |candidate| candidate.cost.work_lost_ms),
    (AnswerReason::ShortestStall, |candidate| candidate.cost.longest_stall_ms),
    (AnswerReason::WithoutPostCopy, |candidate| f64::from(u8::from(candidate.cost.may_post_copy > 0))),
];

/// Less than so much of the best one's cost is worth a row.
const LESS: f64 = 0.9;

impl AnswerReason {
    /// In words, as the head of a row.
    pub fn as_str(self) -> &'static str {
        match self {
            AnswerReason::Best => "best",
            AnswerReason::FewestChanges => "fewest changes",
            AnswerReason::LeastWorkLost => "least work lost",
            AnswerReason::ShortestStall => "shortest stall",
            AnswerReason::WithoutPostCopy => "without post-copy",
        }
    }
}

impl DrainAnswers {
    /// Those of everything that was seen.
    pub(super) fn of(best: &DrainCandidate, seen: &[DrainCandidate]) -> DrainAnswers {
        let is_as_good = |other: &&DrainCandidate| {
            (other.score.stay, other.score.missed) == (best.score.stay, best.score.missed)
                && other.order.is_some()
                && !other.is_cut
        };
        let equals: Vec<&DrainCandidate> = seen.iter().filter(is_as_good).collect();
        let least = |cost: Cost| {
            let by_cost = |a: &&&DrainCandidate, b: &&&DrainCandidate| {
                cost(a)
                    .total_cmp(&cost(b))
                    .then_with(|| a.compare(b))
                    .then_with(|| a.changes.len().cmp(&b.changes.len()))
            };
            equals.iter().min_by(by_cost).copied()
        };
        let mut answers = vec![(AnswerReason::Best, best.clone())];
        for (reason, cost) in REASONS {
            let Some(other) = least(cost).filter(|other| cost(other) < LESS * cost(best)) else { continue };
            let is_told = answers.iter().any(|(_, told)| told.plan == other.plan && told.changes == other.changes);
            if !is_told {
                answers.push((reason, other.clone()));
            }
        }
        DrainAnswers(answers)
    }
}
