//! One comparison of a field with what is wanted of it.

use std::cmp::Ordering;

use crate::metrics::{METRICS, Metric, Value};
use crate::sim::Outcome;
use crate::statistic::Seen;
use crate::units::Span;

/// A field, an operator, and what is wanted.
#[derive(Clone, Debug)]
pub struct GoalComparison {
    /// What is looked at.
    pub metric: &'static Metric,
    /// How the two are compared.
    pub operator: Operator,
    /// What it is compared with, in the field's base unit.
    pub wanted: Wanted,
    /// As it was written.
    pub text: String,
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `<=`
    AtMost,
    /// `<`
    Below,
    /// `>=`
    AtLeast,
    /// `>`
    Above,
    /// `=`
    Equal,
    /// `!=`
    Unequal,
}

/// What a field is compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Wanted {
    /// A number in the field's base unit.
    Number(f64),
    /// Alternatives.
    Words(Vec<String>),
}

impl Operator {
    /// Every operator and how it is written; the longer ones first.
    pub const ALL: [(&'static str, Operator); 9] = [
        ("<=", Operator::AtMost),
        (">=", Operator::AtLeast),
        ("!=", Operator::Unequal),
        ("==", Operator::Equal),
        ("≤", Operator::AtMost),
        ("≥", Operator::AtLeast),
        ("<", Operator::Below),
        (">", Operator::Above),
        ("=", Operator::Equal),
    ];

    /// Whether it holds for something found that has this order to what is wanted.
    pub fn accepts(self, order: Ordering) -> bool {
        match self {
            Operator::AtMost => order.is_le(),
            Operator::Below => order.is_lt(),
            Operator::AtLeast => order.is_ge(),
            Operator::Above => order.is_gt(),
            Operator::Equal => order.is_eq(),
            Operator::Unequal => order.is_ne(),
        }
    }

    /// Whether it asks which of the two is more.
    pub fn is_of_order(self) -> bool {
        !matches!(self, Operator::Equal | Operator::Unequal)
    }
}

impl GoalComparison {
    /// Whether it asks how the migration ends.
    pub fn is_of_verdict(&self) -> bool {
        self.metric.key == METRICS[0].key
    }

    /// Whether it holds for an outcome. Of a figure that does not exist nothing holds, and of a lower bound only what holds
    /// for whatever is above it.
    pub fn holds(&self, outcome: &Outcome) -> bool {
        match (self.metric.get)(outcome) {
            Value::Word(word) => self.holds_for_word(word),
            Value::Reason(reason) => self.holds_for_word(&reason.to_string()),
            _ => self.holds_for(self.metric.seen(outcome)),
        }
    }

    /// Whether it is known not to hold, whatever becomes of a migration that was cut off, and of a figure that there is.
    pub fn cannot_hold(&self, outcome: &Outcome) -> bool {
        let Wanted::Number(wanted) = self.wanted else { return !self.holds(outcome) };
        match (self.metric.seen(outcome), self.operator) {
            (seen @ Seen::Exactly(_), _) => !self.holds_for(seen),
            (Seen::AtLeast(bound), Operator::AtMost | Operator::Equal) => bound > wanted,
            (Seen::AtLeast(bound), Operator::Below) => bound >= wanted,
            (Seen::AtLeast(_) | Seen::Nothing, _) => false,
        }
    }

    fn holds_for(&self, seen: Seen) -> bool {
        let Wanted::Number(wanted) = self.wanted else { return false };
        let accepts = |found: f64| found.partial_cmp(&wanted).is_some_and(|order| self.operator.accepts(order));
        match seen {
            Seen::Exactly(found) => accepts(found),
            // At the bound, at what is wanted, and beyond both.
            Seen::AtLeast(bound) => [bound, bound.max(wanted), f64::INFINITY].into_iter().all(accepts),
            Seen::Nothing => false,
        }
    }

    /// Of an upper bound of the total time: a time after which it is missed.
    pub(super) fn longest(&self) -> Option<Span> {
        /// Beyond rounding.
        const MORE_MS: f64 = 1.0;
        let Wanted::Number(most) = self.wanted else { return None };
        let bounds = matches!(self.operator, Operator::AtMost | Operator::Below | Operator::Equal);
        let is_time = self.metric.key == "total_time_ms" && bounds && most >= 0.0;
        is_time.then(|| Span::rounded_up((most + MORE_MS) * 1e6))
    }

    /// Whether it holds for a word.
    pub(super) fn holds_for_word(&self, found: &str) -> bool {
        let Wanted::Words(words) = &self.wanted else { return false };
        words.iter().any(|word| word == found) == (self.operator == Operator::Equal)
    }

    /// What to say of an outcome that is not what is wanted.
    pub fn complaint(&self, outcome: &Outcome) -> String {
        match &self.wanted {
            Wanted::Number(wanted) => {
                let (text, Metric { name, none, unit, .. }) = (&self.text, self.metric);
                let verdict = outcome.verdict.as_str();
                match self.metric.seen(outcome) {
                    Seen::Exactly(found) => format!("expected `{text}`, but it is {}", unit.apart(found, *wanted).0),
                    Seen::AtLeast(bound) => {
                        let bound = unit.apart(bound, *wanted).0;
                        format!("expected `{text}`, but all that is known is ≥ {bound}: `limits.time` cut it off")
                    }
                    Seen::Nothing => {
                        format!("expected `{text}`, but there is no {name}: {none}; this one is `{verdict}`")
                    }
                }
            }
            Wanted::Words(words) => {
                let expected = if self.operator == Operator::Equal { &words.join("|") } else { &self.text };
                let Outcome { verdict, reason, .. } = outcome;
                format!("expected `{expected}`, but the migration ended `{}`: {reason}", verdict.as_str())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Metric;

    /// Held against every end that the run might have had.
    #[test]
    fn of_a_lower_bound_holds_what_holds_for_all_above_it() {
        for (_, operator) in Operator::ALL {
            for wanted in [1.0, 2.0, 3.0] {
                let metric = Metric::of("total_time_ms").unwrap();
                let comparison =
                    GoalComparison { metric, operator, wanted: Wanted::Number(wanted), text: String::new() };
                let ends = [2.0, 2.5, 3.0, 4.0, 1e12];
                let holds = ends.iter().all(|end| comparison.holds_for(Seen::Exactly(*end)));
                assert_eq!(comparison.holds_for(Seen::AtLeast(2.0)), holds, "at least 2 {operator:?} {wanted}");
                assert!(!comparison.holds_for(Seen::Nothing), "{operator:?}");
            }
        }
    }
}
