//! What a drain is held to: a window for the host, and what its guests are owed.

use std::fmt;

use super::{Attempt, Score, Timetable};
use crate::goal::{Goal, GoalComparison};
use crate::scenario::Guest;
use crate::sim::Outcome;
use crate::units::Span;
use crate::units::spelling::is_like;

/// A window for the host, and what its guests are owed; nobody may stay.
#[derive(Clone, Debug, Default)]
pub struct DrainGoal {
    /// Time from the start in which the host is to be empty, with all attempts and waits between them.
    pub window: Option<Span>,
    /// What guests are owed, in the order given; each must hold.
    pub owed: Vec<OwedGoal>,
}

/// What the guests of some names are owed.
#[derive(Clone, Debug)]
pub struct OwedGoal {
    /// Whose it is.
    pub guests: GuestNames,
    /// What each of their migrations is held to. What it says of a verdict is asked of a guest's last attempt.
    pub goal: Goal,
}

/// Names of guests, in which `*` stands for any letters; several between commas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuestNames(Vec<String>);

/// What a drain makes of its goal.
#[derive(Clone, Debug)]
pub struct DrainJudgement<'g> {
    /// Nobody stays.
    pub is_empty: bool,
    /// The host is empty within the window; none without a window.
    pub in_window: Option<bool>,
    /// What is owed and not kept, by comparison and attempt.
    pub missed: Vec<MissedGoal<'g>>,
}

/// A migration that does not keep what its guest is owed.
#[derive(Clone, Debug)]
pub struct MissedGoal<'g> {
    /// Index of the attempt in the timetable.
    pub attempt: usize,
    /// What does not hold.
    pub comparison: &'g GoalComparison,
}

impl GuestNames {
    /// Reads them.
    pub fn read(text: &str) -> GuestNames {
        let names = text.split(',').map(str::trim);
        GuestNames(names.map(str::to_owned).collect())
    }

    /// The first of them by which none of those is called.
    pub fn nobody<'n, I: Iterator<Item = &'n str>>(&self, names: impl Fn() -> I) -> Option<&str> {
        self.0.iter().map(String::as_str).find(|pattern| !names().any(|name| is_like(pattern, name)))
    }

    /// Whether a guest is called so.
    pub fn contain(&self, name: &str) -> bool {
        self.0.iter().any(|pattern| is_like(pattern, name))
    }
}

impl fmt::Display for GuestNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(", "))
    }
}

impl fmt::Display for OwedGoal {
    /// As `--goal` takes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.guests.0.as_slice() {
            [all] if all == "*" => write!(f, "{}", self.goal),
            _ => write!(f, "{}: {}", self.guests, self.goal),
        }
    }
}

impl DrainGoal {
    /// Whether nothing is wanted.
    pub fn is_nothing(&self) -> bool {
        self.window.is_none() && self.owed.is_empty()
    }

    /// Whether a guest of that name would have what it is owed.
    pub fn holds_for(&self, name: &str, outcome: &Outcome) -> bool {
        self.owed.iter().filter(|owed| owed.guests.contain(name)).all(|owed| owed.goal.holds(outcome))
    }

    /// For comparing drains of these guests.
    pub fn score(&self, guests: &[Guest], timetable: &Timetable) -> Score {
        let judgement = self.judge(guests, timetable);
        let missed = judgement.missed.len() + usize::from(judgement.in_window == Some(false));
        Score { stay: timetable.stay.len(), missed, end: timetable.end }
    }

    /// Holds a drain of these guests against it.
    pub fn judge(&self, guests: &[Guest], timetable: &Timetable) -> DrainJudgement<'_> {
        let attempts = &timetable.attempts;
        let mut missed = Vec::new();
        for OwedGoal { guests: names, goal } in &self.owed {
            for comparison in &goal.comparisons {
                let misses = |(at, attempt): &(usize, &Attempt)| {
                    let is_last = || !attempts[at + 1..].iter().any(|later| later.guest == attempt.guest);
                    names.contain(&guests[attempt.guest].name)
                        && match comparison.is_of_verdict() {
                            true => is_last() && !comparison.holds(&attempt.outcome),
                            // That a guest stays, or is tried again, is told as such.
                            false if attempt.is_gone() => !comparison.holds(&attempt.outcome),
                            false => comparison.cannot_hold(&attempt.outcome),
                        }
                };
                let found = attempts.iter().enumerate().filter(misses);
                missed.extend(found.map(|(attempt, _)| MissedGoal { attempt, comparison }));
            }
        }
        let in_window = self.window.map(|window| timetable.empty().is_some_and(|at| at.0 <= window.0));
        DrainJudgement { is_empty: timetable.stay.is_empty(), in_window, missed }
    }
}

impl DrainJudgement<'_> {
    /// Whether nobody stays, the window is kept, and every guest has what it is owed.
    pub fn is_met(&self) -> bool {
        self.is_empty && self.in_window != Some(false) && self.missed.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_letters() {
        for (pattern, name, is) in [
            ("pg-*", "pg-01", true),
            ("pg-*", "pg", false),
            ("*", "", true),
            ("*-01", "web-01", true),
            ("*-01", "web-010", false),
            ("a*b*c", "a1b2c", true),
            ("a*b*c", "abc", true),
            ("a*b*c", "acb", false),
            ("a*bc*c", "abc", false),
            ("pg-01", "pg-01", true),
            ("pg-01", "pg-011", false),
        ] {
            assert_eq!(is_like(pattern, name), is, "{pattern} {name}");
        }
        let names = GuestNames::read("pg-*, hana-01");
        assert!(names.contain("pg-3") && names.contain("hana-01") && !names.contain("web-1"));
        assert!(GuestNames::read("*").contain("anything") && !GuestNames::read("").contain("anything"));
        assert_eq!(names.nobody(|| ["pg-1", "web"].into_iter()), Some("hana-01"));
    }
}
