//! What a drain makes of its goal, in words: yes or no, and what is missed by whom.

use super::super::assumed::named;
use super::Drained;
use super::stays::stay_or_stays;
use crate::drain::{Attempt, Chance, DrainGoal, DrainJudgement, MissedGoal, Timetable};
use crate::goal::{GoalComparison, Operator};
use crate::metrics::Metric;
use crate::scenario::Guest;
use crate::sink::terminal::word;
use crate::statistic::Seen;
use crate::units::spelling::count;
use crate::units::{Span, Time};

/// A drain that is as wanted in fewer of a hundred cases is none that may be counted on, and in so few none that may be hoped for.
const LIKELY: f64 = 90.0;
const UNLIKELY: f64 = 10.0;

/// `yes`, `no`, or `cannot tell`, where it hangs on guests whose workload is unknown or not known exactly.
pub(super) fn yes_or_no(drained: &Drained, judgement: &DrainJudgement) -> &'static str {
    let is_open = drained.provenance.assumed.is_inexact()
        && match drained.chance {
            None => true,
            Some(chance) => drained.share.is_none() && chance.percent() < LIKELY,
        };
    match (is_met(drained, judgement), drained.worst) {
        (false, _) => "no",
        (true, _) if is_open => "cannot tell",
        (true, Some(worst)) if worst.is_met => "yes",
        (true, None) if drained.provenance.assumed.unknown().is_empty() => "yes",
        (true, _) => "cannot tell",
    }
}

/// Whether it is as wanted if guests of unknown workload are idle: in the share of drains that was asked for, in some where guests
/// are not known exactly, or in this one.
pub(super) fn is_met(drained: &Drained, judgement: &DrainJudgement) -> bool {
    match (drained.share, drained.chance) {
        (Some(share), Some(chance)) => chance.percent() >= share.percent(),
        (None, Some(chance)) if drained.provenance.assumed.is_inexact() => chance.percent() > UNLIKELY,
        _ => judgement.is_met(),
    }
}

/// What was asked for, if anything was.
pub(super) fn wanted(goal: &DrainGoal) -> Option<String> {
    let window = goal.window.map(|window| format!("empty within {window}"));
    let owed = goal.owed.iter().map(|owed| format!("`{owed}`"));
    let all: Vec<String> = window.into_iter().chain(owed).collect();
    (!all.is_empty()).then(|| format!("wanted: {}", all.join("; ")))
}

/// `within 45 min`, `not within 45 min`, and by how much where the two would read alike.
pub(super) fn in_window(window: Span, end: Span, kept: bool) -> String {
    match kept {
        true => format!("within {window}"),
        false if end.to_string() == window.to_string() => {
            format!("not within {window}, by {}", Span(end.0.saturating_sub(window.0)))
        }
        false => format!("not within {window}"),
    }
}

/// What follows the answer: `within 45 min, all goals met`, `not within 45 min`, `3 guests miss a goal`.
pub(super) fn clause(drained: &Drained, judgement: &DrainJudgement) -> String {
    let window = drained.goal.window.zip(judgement.in_window);
    let window = window.map(|(window, kept)| in_window(window, drained.timetable.end - Time::ZERO, kept));
    let goals = (!drained.goal.owed.is_empty()).then(|| match of(drained).guests(&judgement.missed).len() {
        0 if judgement.is_empty => "all goals met".to_owned(),
        0 => "no goal missed by those moved".to_owned(),
        1 => "1 guest misses a goal".to_owned(),
        some => format!("{some} guests miss a goal"),
    });
    window.into_iter().chain(goals).collect::<Vec<_>>().join(", ")
}

/// Whether it is as wanted for sure.
pub fn is_sure(drained: &Drained) -> bool {
    drained.judgement.is_none_or(|judgement| yes_or_no(drained, judgement) == "yes")
}

/// A sentence for standard error: what is not as it was wanted.
pub fn missed(drained: &Drained) -> String {
    let stay = drained.timetable.stay.len();
    let window =
        drained.goal.window.filter(|_| drained.judgement.is_some_and(|judged| judged.in_window == Some(false)));
    let first = match (stay, window) {
        (0, None) => None,
        (0, Some(window)) => {
            Some(format!("expected the host to be empty within {window}, but it takes {}", drained.timetable.end))
        }
        (stay, _) => {
            let (some, all) = (count(stay, "guest"), drained.host.guests().len());
            Some(format!("expected the host to be empty, but {some} of {all} {}", stay_or_stays(stay)))
        }
    };
    let open = drained.judgement.filter(|judgement| judgement.is_met()).map(|_| {
        let assumed = &drained.provenance.assumed;
        let condition = assumed.condition().unwrap_or_default();
        match (drained.worst, drained.chance) {
            (_, Some(Chance { made, of, .. })) if assumed.is_inexact() => {
                format!("cannot tell: it is as wanted in {made} of {of} drains, as the guests may be")
            }
            (_, None) if assumed.is_inexact() => {
                format!(
                    "cannot tell: it is as wanted {condition}; `--repeats 40` drains the host as each of them may be"
                )
            }
            (Some(worst), _) => {
                let missed: String = worst.missed.iter().map(|line| format!("; {line}")).collect();
                format!("cannot tell: it is as wanted {condition}, and not if they {}{missed}", worst.words)
            }
            (None, _) => {
                format!("cannot tell: it is as wanted {condition}; `--assume LOAD` says what they write at worst")
            }
        }
    });
    first.into_iter().chain(lines(drained)).chain(open).collect::<Vec<_>>().join("; ")
}

/// A line for each comparison that does not hold: whose it is, and the worst of them.
pub(super) fn lines(drained: &Drained) -> Vec<String> {
    drained.judgement.map_or(Vec::new(), |judgement| of(drained).lines(judgement))
}

fn of<'d>(drained: &'d Drained) -> Misses<'d> {
    Misses { guests: drained.host.guests(), timetable: drained.timetable }
}

/// A drain in which something is missed.
pub struct Misses<'d> {
    /// Its guests.
    pub guests: &'d [Guest],
    /// Who went when.
    pub timetable: &'d Timetable,
}

impl Misses<'_> {
    /// A line for each comparison that does not hold: whose it is, and the worst of them.
    pub fn lines(&self, judgement: &DrainJudgement) -> Vec<String> {
        let by_comparison = judgement.missed.chunk_by(|one, next| std::ptr::eq(one.comparison, next.comparison));
        by_comparison.map(|missed| self.line(missed)).collect()
    }

    fn line(&self, missed: &[MissedGoal]) -> String {
        let comparison = missed[0].comparison;
        let names = self.guests(missed);
        let at_worst = if names.len() > 1 { " at worst" } else { "" };
        let worst = match self.worst(missed) {
            Some(Seen::Exactly(found)) => format!(": {}{at_worst}", comparison.metric.unit.show(found)),
            Some(Seen::AtLeast(found)) => format!(": at least {}{at_worst}", comparison.metric.unit.show(found)),
            Some(Seen::Nothing) | None => String::new(),
        };
        format!("`{}` does not hold for {}{worst}{}", word(&comparison.text), named(&names), self.aside(missed))
    }

    /// A slowdown that the blackout alone makes is told apart from a slow guest.
    fn aside(&self, missed: &[MissedGoal]) -> &'static str {
        let comparison = missed[0].comparison;
        if comparison.metric.key != "guest_slowdown_pct" {
            return "";
        }
        let running = Metric::of("running_slowdown_pct").map(|metric| GoalComparison { metric, ..comparison.clone() });
        let holds = |running: &GoalComparison| missed.iter().all(|miss| running.holds(&self.attempt(miss).outcome));
        match running.is_some_and(|running| holds(&running)) {
            true => "; the blackout of a short migration makes that, while it ran `running_slowdown_pct` keeps it",
            false => "",
        }
    }

    /// The figure that is farthest off, where one can be.
    fn worst(&self, missed: &[MissedGoal]) -> Option<Seen> {
        let comparison = missed[0].comparison;
        let value = |seen: &Seen| match seen {
            Seen::Exactly(value) | Seen::AtLeast(value) => *value,
            Seen::Nothing => f64::NAN,
        };
        let seen = missed.iter().map(|miss| comparison.metric.seen(&self.attempt(miss).outcome));
        let seen = seen.filter(|seen| !value(seen).is_nan());
        match comparison.operator {
            Operator::AtLeast | Operator::Above => seen.min_by(|a, b| value(a).total_cmp(&value(b))),
            _ => seen.max_by(|a, b| value(a).total_cmp(&value(b))),
        }
    }

    /// Guests of misses by name, each once, in the order of the fleet.
    fn guests(&self, missed: &[MissedGoal]) -> Vec<&str> {
        let mut guests: Vec<usize> = missed.iter().map(|miss| self.attempt(miss).guest).collect();
        guests.sort_unstable();
        guests.dedup();
        guests.into_iter().map(|guest| self.guests[guest].name.as_str()).collect()
    }

    fn attempt(&self, miss: &MissedGoal) -> &Attempt {
        &self.timetable.attempts[miss.attempt]
    }
}
