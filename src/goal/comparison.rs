//! One comparison of a field with what is wanted of it.

use std::cmp::Ordering;

use crate::metrics::{METRICS, Metric, Value};
use crate::sim::Outcome;

/// A field, an operator, and what is wanted.
#[derive(Clone, Debug)]
pub struct Comparison {
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

impl Comparison {
    /// Whether it asks how the migration ends.
    pub fn is_of_verdict(&self) -> bool {
        self.metric.key == METRICS[0].key
    }

    /// Whether it holds for an outcome.
    pub fn holds(&self, outcome: &Outcome) -> bool {
        match (self.metric.get)(outcome) {
            Value::Word(word) => self.holds_for_word(word),
            Value::Reason(reason) => self.holds_for_word(&reason.to_string()),
            number => self.holds_for_number(number.number()),
        }
    }

    fn holds_for_number(&self, found: f64) -> bool {
        matches!(self.wanted, Wanted::Number(wanted) if found.partial_cmp(&wanted).is_some_and(|order| self.operator.accepts(order)))
    }

    fn holds_for_word(&self, found: &str) -> bool {
        let Wanted::Words(words) = &self.wanted else { return false };
        words.iter().any(|word| word == found) == (self.operator == Operator::Equal)
    }

    /// What to say of an outcome that is not what is wanted.
    pub fn complaint(&self, outcome: &Outcome) -> String {
        match &self.wanted {
            Wanted::Number(wanted) => {
                let found = (self.metric.get)(outcome).number();
                format!("expected `{}`, but it is {}", self.text, self.metric.unit.apart(found, *wanted).0)
            }
            Wanted::Words(words) => {
                let expected = if self.operator == Operator::Equal { &words.join("|") } else { &self.text };
                let Outcome { verdict, reason, .. } = outcome;
                format!("expected `{expected}`, but the migration ended `{}`: {reason}", verdict.as_str())
            }
        }
    }
}
