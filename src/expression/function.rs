//! What a rule can call.

/// How many values a function takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    Exactly(usize),
    AtLeastOne,
}

/// A function of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    If,
    Min,
    Max,
    Clamp,
    Abs,
    Trunc,
    Floor,
    Ceil,
    Round,
    Sqrt,
    Exp,
    Ln,
    Pow,
}

/// Every function's name, how it is called, and what it gives.
pub const FUNCTIONS: [(&str, &str, &str); 13] = [
    ("if", "if(condition, a, b)", "`a` where the condition holds, else `b`"),
    ("min", "min(a, b, ...)", "the least"),
    ("max", "max(a, b, ...)", "the most"),
    ("clamp", "clamp(a, least, most)", "`a`, brought between the other two"),
    ("abs", "abs(a)", "without its sign"),
    ("trunc", "trunc(a)", "without its fraction"),
    ("floor", "floor(a)", "the next whole number below"),
    ("ceil", "ceil(a)", "the next whole number above"),
    ("round", "round(a)", "the nearest whole number; halves go away from 0"),
    ("sqrt", "sqrt(a)", "the square root"),
    ("exp", "exp(a)", "e to the power of `a`"),
    ("ln", "ln(a)", "the natural logarithm"),
    ("pow", "pow(a, b)", "`a` to the power of `b`"),
];

impl Function {
    /// In the order of [`FUNCTIONS`].
    const ALL: [Function; 13] = [
        Function::If,
        Function::Min,
        Function::Max,
        Function::Clamp,
        Function::Abs,
        Function::Trunc,
        Function::Floor,
        Function::Ceil,
        Function::Round,
        Function::Sqrt,
        Function::Exp,
        Function::Ln,
        Function::Pow,
    ];

    /// The function of that name.
    pub(super) fn named(name: &str) -> Option<Function> {
        FUNCTIONS.iter().position(|(known, ..)| *known == name).map(|at| Function::ALL[at])
    }

    /// How many values it takes.
    pub(super) fn takes(self) -> Takes {
        match self {
            Function::Min | Function::Max => Takes::AtLeastOne,
            Function::If | Function::Clamp => Takes::Exactly(3),
            Function::Pow => Takes::Exactly(2),
            _ => Takes::Exactly(1),
        }
    }

    /// What it makes of values, of which there are as many as it takes.
    pub(super) fn of(self, mut values: impl Iterator<Item = f64>) -> f64 {
        let first = values.next().unwrap_or(f64::NAN);
        let mut next = || values.next().unwrap_or(f64::NAN);
        match self {
            // Decided where it is called, which looks at one branch alone.
            Function::If => first,
            Function::Min => values.fold(first, f64::min),
            Function::Max => values.fold(first, f64::max),
            Function::Clamp if first.is_nan() => first,
            Function::Clamp => first.max(next()).min(next()),
            Function::Abs => first.abs(),
            Function::Trunc => first.trunc(),
            Function::Floor => first.floor(),
            Function::Ceil => first.ceil(),
            Function::Round => first.round(),
            Function::Sqrt => first.sqrt(),
            Function::Exp => libm::exp(first),
            Function::Ln => libm::log(first),
            Function::Pow => libm::pow(first, next()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_is_called_as_it_is_listed() {
        assert_eq!(Function::ALL.len(), FUNCTIONS.len());
        for (name, call, _) in FUNCTIONS {
            let values = call.split(',').filter(|value| !value.contains("...")).count();
            match Function::named(name).unwrap().takes() {
                Takes::Exactly(count) => assert_eq!(values, count, "{call}"),
                Takes::AtLeastOne => assert!(call.contains("..."), "{call}"),
            }
        }
    }
}
