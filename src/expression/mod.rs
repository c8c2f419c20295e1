//! Rules as a user writes them: an expression over named quantities, with a little memory.
//!
//! ```text
//! rule       = { name "=" term ";" } term
//! term       = number | name | "(" term ")" | function "(" term { "," term } ")"
//!            | "-" term | "not" term | term sign term
//! sign       = "+" "-" "*" "/" | "<" "<=" ">" ">=" "==" "!=" | "and" "or"
//! ```
//!
//! All values are numbers; a comparison is 1 where it holds and 0 elsewhere, and whatever is not 0 holds. `20 %` is 0.2, and `#` begins
//! a comment. A name that a rule gives a value may be used from there on. One that is read before it has a value in the same round is
//! remembered: it is 0 at first and then what the last round left, so that `hits = hits + 1` counts.
//!
//! Evaluation is IEEE arithmetic in the order that is written, with `libm` for `exp`, `ln` and `pow`, so that a rule gives the same
//! bits on every machine. A division by zero is infinite, and what makes no sense is NaN, which compares as false.

mod error;
mod function;
mod parse;
mod term;
mod token;

pub use error::ExpressionError;
pub use function::FUNCTIONS;

use term::Term;

/// How many names a rule may remember from round to round.
pub const REMEMBERED: usize = 4;
/// How many names a rule may give values, those that it remembers among them.
const NAMES: usize = 24;

/// A rule that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    text: String,
    /// Places of the names that get values, one after the other, and their values.
    steps: Vec<(usize, Term)>,
    result: Term,
    /// Places of the names that are remembered.
    remembered: Vec<usize>,
    /// Which of the quantities it reads.
    reads: Vec<usize>,
}

impl Expression {
    /// Reads a rule over `quantities`, which it is given by their places in this list.
    ///
    /// # Errors
    /// The first fault, with its place in the text.
    ///
    /// ```
    /// use precopy::expression::Expression;
    ///
    /// let rule = Expression::parse("hits = if(dirty > sent, hits + 1, 0); hits >= 2", &["dirty", "sent"])?;
    /// let mut memory = [0.0; 4];
    /// assert_eq!(rule.value(&[3.0, 2.0], &mut memory), 0.0);
    /// assert_eq!(rule.value(&[3.0, 2.0], &mut memory), 1.0);
    ///
    /// let error = Expression::parse("dirt / sent", &["dirty", "sent"]).unwrap_err();
    /// assert_eq!(error.to_string(), "column 1: unknown name `dirt`; did you mean `dirty`?");
    /// # Ok::<(), precopy::expression::ExpressionError>(())
    /// ```
    pub fn parse(text: &str, quantities: &[&str]) -> Result<Expression, ExpressionError> {
        parse::parse(text, quantities)
    }

    /// Its value, with quantities in the order in which their names were given; `memory` is 0 at first and keeps what the rule
    /// remembers.
    pub fn value(&self, quantities: &[f64], memory: &mut [f64; REMEMBERED]) -> f64 {
        let mut named = [0.0; NAMES];
        for (place, kept) in self.remembered.iter().zip(memory.iter()) {
            named[*place] = *kept;
        }
        for (place, term) in &self.steps {
            named[*place] = term.value(quantities, &named);
        }
        for (place, kept) in self.remembered.iter().zip(memory.iter_mut()) {
            *kept = named[*place];
        }
        self.result.value(quantities, &named)
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it reads the quantity at that place of the list.
    pub fn reads(&self, quantity: usize) -> bool {
        self.reads.contains(&quantity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 4] = ["throttle", "dirty", "sent", "max"];

    fn of(text: &str) -> f64 {
        Expression::parse(text, &NAMES).unwrap().value(&[0.3, 6.0, 4.0, 0.9], &mut [0.0; REMEMBERED])
    }

    #[test]
    fn signs_bind_as_usual() {
        for (text, value) in [
            ("1 + 2 * 3", 7.0),
            ("(1 + 2) * 3", 9.0),
            ("10 - 4 - 3", 3.0),
            ("24 / 4 / 2", 3.0),
            ("-2 * 3 + 1", -5.0),
            ("2 - -3", 5.0),
            ("1 + 2 < 4", 1.0),
            ("not 1 < 2 or 2 == 2", 1.0),
            ("1 and 0 or 1", 1.0),
            ("1 or 0 and 0", 1.0),
            ("20 % + 30 %", 0.5),
            ("1.5e3", 1500.0),
            ("1_000", 1000.0),
            ("dirty / sent", 1.5),
            ("throttle + (dirty / sent - 1) / 2", 0.55),
            ("if(dirty > sent, 2, 3)", 2.0),
            ("min(3, 1, 2) + max(1, 5)", 6.0),
            ("max(max, 1 %)", 0.9),
            ("clamp(7, 0, 5)", 5.0),
            ("trunc(-1.5) + floor(-1.5) + ceil(1.2) + round(2.5)", 2.0),
            ("abs(-2) + sqrt(9) + exp(0) + ln(1) + pow(2, 3)", 14.0),
            ("a = dirty - sent; b = a * 2; # twice\n b + a", 6.0),
            ("a = 1; a = a + 1; a", 2.0),
            ("5;", 5.0),
        ] {
            assert_eq!(of(text), value, "{text}");
        }
        assert!(of("0 / 0").is_nan() && of("if(0 / 0 > 1, 1, 0)") == 0.0 && of("1 / 0") == f64::INFINITY);
    }

    #[test]
    fn a_name_that_is_read_first_is_remembered() {
        let rule = Expression::parse("was = last; last = dirty; n = n + 1; was + 10 * n", &NAMES).unwrap();
        let mut memory = [0.0; REMEMBERED];
        let rounds = [1.0, 2.0, 3.0].map(|dirty| rule.value(&[0.0, dirty, 0.0, 0.0], &mut memory));
        assert_eq!(rounds, [10.0, 21.0, 32.0]);
        assert!(rule.reads(1) && !rule.reads(2));
    }

    #[test]
    fn a_fault_says_where_and_what_to_do() {
        for (text, error) in [
            ("", "column 1: the rule is empty; write a value, as in `throttle`"),
            ("dirty +", "column 8: the rule ends where a value is wanted"),
            ("dirty sent", "column 7: `sent` after a whole value; a sign is missing before it"),
            (
                "dirty > 100 MiB",
                "column 13: `MiB` after a whole value; values have no units, and are plain bytes: write 104857600",
            ),
            (
                "dirty > 300 ms",
                "column 13: `ms` after a whole value; values have no units, and are plain seconds: write 0.3",
            ),
            ("dirty > d", "column 9: unknown name `d`; there are `throttle`, `dirty`, `sent` and `max`"),
            ("dirty * (sent + 1", "column 9: this bracket is never closed"),
            ("dirty) + 1", "column 6: this bracket was never opened"),
            ("thottle + 1", "column 1: unknown name `thottle`; did you mean `throttle`?"),
            ("x + 1", "column 1: unknown name `x`; there are `throttle`, `dirty`, `sent` and `max`"),
            ("mn(1, 2)", "column 1: unknown function `mn`; did you mean `min`?"),
            ("if(1, 2)", "column 1: `if` takes 3 values, and this gives 2"),
            ("min()", "column 1: `min` takes 1 value or more, and this gives none"),
            ("dirty(2)", "column 1: `dirty` is a quantity and no function"),
            ("min + 1", "column 1: `min` is a function; write `min(...)`"),
            ("dirty = 1; 2", "column 1: `dirty` is a quantity, which a rule cannot change; take another name"),
            ("if = 1; 2", "column 1: `if` is a function; take another name"),
            ("x = 1;", "column 7: the rule gives names values, and none itself; end it with a value, as in `throttle`"),
            ("1 < 2 < 3", "column 7: comparisons do not go on; write `a < b and b < c`"),
            ("if(dirty = 1, 2, 3)", "column 10: `=` within a value; to compare, write `==`"),
            ("1 $ 2", "column 3: `$` is no sign of a rule"),
            ("1.2.3", "column 1: `1.2.3` is no number"),
            ("dirty ** 2", "column 8: `*` where a value is wanted"),
            ("a=a;b=b;c=c;d=d;e=e;1", "column 19: `e` is the fifth name that is remembered, and a rule has room for 4"),
        ] {
            assert_eq!(Expression::parse(text, &NAMES).unwrap_err().to_string(), error, "{text}");
        }
        let deep = "(".repeat(100) + "1" + &")".repeat(100);
        assert!(Expression::parse(&deep, &NAMES).unwrap_err().to_string().contains("nested too deep"));
        let long = "1 + ".repeat(10_000) + "1";
        assert!(Expression::parse(&long, &NAMES).unwrap_err().to_string().contains("too long"));
    }

    proptest::proptest! {
        #[test]
        fn no_text_is_more_than_an_error(text in "\\PC{0,40}") {
            let _ = Expression::parse(&text, &NAMES);
        }

        #[test]
        fn whatever_is_read_has_a_value(text in "[a-c=;0-9+*/<() ,.%-]{0,24}") {
            if let Ok(rule) = Expression::parse(&text, &["a", "b"]) {
                rule.value(&[1.0, 2.0], &mut [0.0; REMEMBERED]);
            }
        }
    }
}
