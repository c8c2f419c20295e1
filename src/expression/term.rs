//! A rule as a tree, and what it comes to.

use super::function::Function;

/// A sign between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    Or,
    And,
    Less,
    AtMost,
    More,
    AtLeast,
    Equal,
    Unequal,
    Plus,
    Minus,
    Times,
    Over,
}

impl Sign {
    /// How it is written.
    pub(super) const WORDS: [(&'static str, Sign); 12] = [
        ("or", Sign::Or),
        ("and", Sign::And),
        ("<", Sign::Less),
        ("<=", Sign::AtMost),
        (">", Sign::More),
        (">=", Sign::AtLeast),
        ("==", Sign::Equal),
        ("!=", Sign::Unequal),
        ("+", Sign::Plus),
        ("-", Sign::Minus),
        ("*", Sign::Times),
        ("/", Sign::Over),
    ];

    /// How closely it binds.
    pub(super) fn binds(self) -> u8 {
        match self {
            Sign::Or => 1,
            Sign::And => 2,
            _ if self.compares() => 4,
            Sign::Plus | Sign::Minus => 5,
            _ => 6,
        }
    }

    /// Whether it compares.
    pub(super) fn compares(self) -> bool {
        matches!(self, Sign::Less | Sign::AtMost | Sign::More | Sign::AtLeast | Sign::Equal | Sign::Unequal)
    }

    fn of(self, left: f64, right: f64) -> f64 {
        let holds = match self {
            Sign::Plus => return left + right,
            Sign::Minus => return left - right,
            Sign::Times => return left * right,
            Sign::Over => return left / right,
            Sign::Or => left != 0.0 || right != 0.0,
            Sign::And => left != 0.0 && right != 0.0,
            Sign::Less => left < right,
            Sign::AtMost => left <= right,
            Sign::More => left > right,
            Sign::AtLeast => left >= right,
            Sign::Equal => left == right,
            Sign::Unequal => left != right,
        };
        f64::from(u8::from(holds))
    }
}

/// A value of a rule.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Term {
    Number(f64),
    /// By its place in the list of quantities.
    Quantity(usize),
    /// By its place among the names that get values.
    Named(usize),
    Negative(Box<Term>),
    Not(Box<Term>),
    Both(Sign, Box<(Term, Term)>),
    Call(Function, Vec<Term>),
}

impl Term {
    /// What it comes to.
    pub(super) fn value(&self, quantities: &[f64], named: &[f64]) -> f64 {
        let of = |term: &Term| term.value(quantities, named);
        match self {
            Term::Number(number) => *number,
            Term::Quantity(place) => quantities.get(*place).copied().unwrap_or(f64::NAN),
            Term::Named(place) => named[*place],
            Term::Negative(term) => -of(term),
            Term::Not(term) => f64::from(u8::from(of(term) == 0.0)),
            Term::Both(sign, sides) => sign.of(of(&sides.0), of(&sides.1)),
            Term::Call(Function::If, values) => of(&values[if of(&values[0]) != 0.0 { 1 } else { 2 }]),
            Term::Call(function, values) => function.of(values.iter().map(of)),
        }
    }
}
