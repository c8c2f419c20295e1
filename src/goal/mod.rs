//! What is wanted of a migration: comparisons such as `downtime_ms <= 500`, over the fields of an [`Outcome`].
//!
//! ```
//! use precopy::goal::Goal;
//!
//! let goal = Goal::parse("downtime_ms <= 500, total_time_ms < 10 min, verdict = converged|post-copy").unwrap();
//! assert_eq!(goal.comparisons.len(), 3);
//!
//! let faults = Goal::parse("downtime <= 500").unwrap_err();
//! assert_eq!(faults[0].help.as_deref(), Some("did you mean `downtime_ms`?"));
//! ```
//!
//! A number has the unit of its field or one of its own. Comparisons that are joined by commas must all hold; words
//! that are joined by `|` are alternatives. A verdict alone stands for `verdict = ...`.

mod comparison;
mod read;

pub use comparison::{GoalComparison, Operator, Wanted};

use std::fmt;

use crate::metrics::METRICS;
use crate::scenario::diagnostic::Diagnostic;
use crate::sim::{Outcome, Verdict};
use crate::units::Span;

/// Comparisons that must all hold.
#[derive(Clone, Debug, Default)]
pub struct Goal {
    /// In the order given.
    pub comparisons: Vec<GoalComparison>,
}

impl Goal {
    /// Reads comparisons over the fields of an outcome.
    ///
    /// # Errors
    /// All faults of the text, each with its place in it.
    pub fn parse(text: &str) -> Result<Goal, Vec<Diagnostic>> {
        read::goal(text)
    }

    /// The goal that a migration ends in one of these ways.
    pub fn verdict(wanted: &[Verdict]) -> Goal {
        let words: Vec<String> = wanted.iter().map(|verdict| verdict.as_str().to_owned()).collect();
        let text = format!("verdict = {}", words.join("|"));
        let comparison =
            GoalComparison { metric: &METRICS[0], operator: Operator::Equal, wanted: Wanted::Words(words), text };
        Goal { comparisons: vec![comparison] }
    }

    /// Whether nothing is wanted.
    pub fn is_empty(&self) -> bool {
        self.comparisons.is_empty()
    }

    /// Both goals.
    pub fn and(mut self, other: Goal) -> Goal {
        self.comparisons.extend(other.comparisons);
        self
    }

    /// Whether no migration that ends like this is what is wanted.
    pub fn excludes(&self, verdict: Verdict) -> bool {
        self.comparisons
            .iter()
            .any(|comparison| comparison.is_of_verdict() && !comparison.holds_for_word(verdict.as_str()))
    }

    /// No migration that takes longer is what is wanted; `None` where the goal says nothing of that.
    pub fn longest(&self) -> Option<Span> {
        self.comparisons.iter().filter_map(GoalComparison::longest).min()
    }

    /// Whether it says how the migration is to end.
    pub fn names_verdict(&self) -> bool {
        self.comparisons.iter().any(GoalComparison::is_of_verdict)
    }

    /// Whether an outcome is what is wanted.
    pub fn holds(&self, outcome: &Outcome) -> bool {
        self.missed(outcome).next().is_none()
    }

    /// Comparisons that do not hold.
    pub fn missed<'a>(&'a self, outcome: &'a Outcome) -> impl Iterator<Item = &'a GoalComparison> {
        self.comparisons.iter().filter(|comparison| !comparison.holds(outcome))
    }
}

impl fmt::Display for Goal {
    /// As it was written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts: Vec<&str> = self.comparisons.iter().map(|comparison| comparison.text.as_str()).collect();
        f.write_str(&texts.join(", "))
    }
}
