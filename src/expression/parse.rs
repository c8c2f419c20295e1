//! From words to a tree.

use std::ops::Range;

use super::function::{FUNCTIONS, Function, Takes};
use super::term::{Sign, Term};
use super::token::{Lexeme, Token, tokens};
use super::{Expression, ExpressionError, NAMES, REMEMBERED};
use crate::units::parse::{decimal, of};
use crate::units::spelling::{count, listed, nearest};
use crate::units::{Rate, Span};

/// The longest rule [bytes], and the most words of it: each sign may add a level to the tree.
const LONGEST: usize = 4000;
const MOST_WORDS: usize = 1000;
/// Brackets in brackets.
const DEEPEST: usize = 64;

/// Reads a rule; see [`Expression::parse`].
pub(super) fn parse(text: &str, quantities: &[&str]) -> Result<Expression, ExpressionError> {
    if text.len() > LONGEST {
        let title = format!("the rule is too long: at most {LONGEST} bytes");
        return Err(ExpressionError::new(text, 0..0, title));
    }
    let tokens = tokens(text)?;
    if let Some(token) = tokens.get(MOST_WORDS) {
        return Err(ExpressionError::new(
            text,
            token.span.clone(),
            format!("the rule is too long: at most {MOST_WORDS} words"),
        ));
    }
    let mut parser = Parser {
        text,
        quantities,
        assigned: assigned(&tokens),
        tokens,
        at: 0,
        depth: 0,
        names: Vec::new(),
        remembered: Vec::new(),
        reads: Vec::new(),
    };
    let (steps, result) = parser.rule()?;
    let Parser { remembered, reads, .. } = parser;
    Ok(Expression { text: text.to_owned(), steps, result, remembered, reads })
}

/// Names that get a value anywhere.
fn assigned<'t>(tokens: &[Token<'t>]) -> Vec<&'t str> {
    let begins = |at: usize| at == 0 || tokens[at - 1].word == Lexeme::Semicolon;
    let pairs = tokens.windows(2).enumerate().filter(|(at, _)| begins(*at));
    let name = |pair: &[Token<'t>]| match (pair[0].word, pair[1].word) {
        (Lexeme::Name(name), Lexeme::Assign) => Some(name),
        _ => None,
    };
    pairs.filter_map(|(_, pair)| name(pair)).collect()
}

/// What to write in place of a number with a unit behind it; `None` if that is no unit.
fn without_unit(number: f64, unit: &str) -> Option<String> {
    let bytes = || of::<Rate>(number, &format!("{unit}/s"), None).map(|rate| rate.0 as f64);
    let seconds = || of::<Span>(number, unit, None).map(Span::seconds);
    let (kind, plain) = match bytes() {
        Ok(bytes) => ("bytes", bytes),
        Err(_) => ("seconds", seconds().ok()?),
    };
    Some(format!("values have no units, and are plain {kind}: write {}", decimal(plain)))
}

struct Parser<'t> {
    text: &'t str,
    quantities: &'t [&'t str],
    assigned: Vec<&'t str>,
    tokens: Vec<Token<'t>>,
    at: usize,
    depth: usize,
    /// Names that have a value by now, or are remembered.
    names: Vec<&'t str>,
    remembered: Vec<usize>,
    reads: Vec<usize>,
}

impl<'t> Parser<'t> {
    fn word(&self) -> Lexeme<'t> {
        self.tokens[self.at].word
    }

    fn span(&self) -> Range<usize> {
        self.tokens[self.at].span.clone()
    }

    /// The word as it is written.
    fn written(&self) -> &'t str {
        &self.text[self.span()]
    }

    /// Goes on; the last word is never passed.
    fn step(&mut self) {
        self.at = (self.at + 1).min(self.tokens.len() - 1);
    }

    fn fault(&self, span: Range<usize>, title: impl Into<String>) -> ExpressionError {
        ExpressionError::new(self.text, span, title)
    }

    /// Names that get values, and the value of the whole.
    fn rule(&mut self) -> Result<(Vec<(usize, Term)>, Term), ExpressionError> {
        let mut steps = Vec::new();
        let own = |parser: &Parser<'t>| parser.quantities.first().map_or("1", |name| *name).to_owned();
        loop {
            let ahead = self.tokens.get(self.at + 1).map(|token| token.word);
            match (self.word(), ahead) {
                (Lexeme::Name(name), Some(Lexeme::Assign)) => {
                    steps.push(self.assignment(name)?);
                }
                (Lexeme::End, _) => {
                    let fault = match steps.is_empty() {
                        true => self
                            .fault(self.span(), "the rule is empty")
                            .help(format!("write a value, as in `{}`", own(self))),
                        false => self
                            .fault(self.span(), "the rule gives names values, and none itself")
                            .help(format!("end it with a value, as in `{}`", own(self))),
                    };
                    return Err(fault);
                }
                _ => {
                    let result = self.term(0)?;
                    if self.word() == Lexeme::Semicolon {
                        self.step();
                    }
                    return match self.word() {
                        Lexeme::End => Ok((steps, result)),
                        _ => Err(self.after_a_value()),
                    };
                }
            }
        }
    }

    /// `name = value;`
    fn assignment(&mut self, name: &'t str) -> Result<(usize, Term), ExpressionError> {
        let span = self.span();
        if self.quantities.contains(&name) {
            let title = format!("`{name}` is a quantity, which a rule cannot change");
            return Err(self.fault(span, title).help("take another name"));
        }
        if Function::named(name).is_some() {
            return Err(self.fault(span, format!("`{name}` is a function")).help("take another name"));
        }
        self.step();
        self.step();
        let value = self.term(0)?;
        match self.word() {
            Lexeme::Semicolon => self.step(),
            Lexeme::End => {}
            _ => return Err(self.after_a_value()),
        }
        let place = self.place(name, &span)?;
        Ok((place, value))
    }

    /// The place of a name that gets a value.
    fn place(&mut self, name: &'t str, span: &Range<usize>) -> Result<usize, ExpressionError> {
        if let Some(place) = self.names.iter().position(|known| *known == name) {
            return Ok(place);
        }
        if self.names.len() == NAMES {
            let title = format!("`{name}` is one name too many, and a rule has room for {NAMES}");
            return Err(self.fault(span.clone(), title));
        }
        self.names.push(name);
        Ok(self.names.len() - 1)
    }

    /// What is wrong with a word that follows a whole value.
    fn after_a_value(&self) -> ExpressionError {
        match self.word() {
            Lexeme::Close => self.fault(self.span(), "this bracket was never opened"),
            Lexeme::Assign => self.fault(self.span(), "`=` within a value").help("to compare, write `==`"),
            word => {
                let title = format!("`{}` after a whole value", self.written());
                let before = self.at.checked_sub(1).map(|before| self.tokens[before].word);
                let plain = match (before, word) {
                    (Some(Lexeme::Number(number)), Lexeme::Name(unit)) => without_unit(number, unit),
                    _ => None,
                };
                self.fault(self.span(), title).help(plain.unwrap_or("a sign is missing before it".to_owned()))
            }
        }
    }

    /// A value whose signs bind more closely than `least`.
    fn term(&mut self, least: u8) -> Result<Term, ExpressionError> {
        if self.depth >= DEEPEST {
            return Err(self.fault(self.span(), format!("nested too deep: at most {DEEPEST} levels")));
        }
        self.depth += 1;
        let mut left = self.single()?;
        let mut compared = false;
        while let Lexeme::Sign(sign) = self.word() {
            if sign.binds() <= least {
                break;
            }
            if sign.compares() && compared {
                let fault = self.fault(self.span(), "comparisons do not go on");
                return Err(fault.help("write `a < b and b < c`"));
            }
            compared = sign.compares();
            self.step();
            let right = self.term(sign.binds())?;
            left = Term::Both(sign, Box::new((left, right)));
        }
        self.depth -= 1;
        Ok(left)
    }

    /// A value without a sign behind it.
    fn single(&mut self) -> Result<Term, ExpressionError> {
        let span = self.span();
        match self.word() {
            Lexeme::Number(number) => {
                self.step();
                Ok(Term::Number(number))
            }
            Lexeme::Name(name) => {
                self.step();
                match (self.word(), Function::named(name)) {
                    (Lexeme::Open, _) => self.call(name, span),
                    // A quantity may have the name of a function, as `max` has: brackets tell them apart.
                    (_, Some(_)) if !self.quantities.contains(&name) => {
                        let fault = self.fault(span, format!("`{name}` is a function"));
                        Err(fault.help(format!("write `{name}(...)`")))
                    }
                    _ => self.named(name, span),
                }
            }
            Lexeme::Open => {
                self.step();
                let value = self.term(0)?;
                self.close(span)?;
                Ok(value)
            }
            Lexeme::Sign(Sign::Minus) => {
                self.step();
                Ok(Term::Negative(Box::new(self.term(Sign::Times.binds())?)))
            }
            Lexeme::Not => {
                self.step();
                // Closer than `and`, and not as close as a comparison.
                Ok(Term::Not(Box::new(self.term(Sign::And.binds() + 1)?)))
            }
            Lexeme::End => Err(self.fault(span, "the rule ends where a value is wanted")),
            _ => Err(self.fault(span, format!("`{}` where a value is wanted", self.written()))),
        }
    }

    /// The end of what the bracket at `open` begins.
    fn close(&mut self, open: Range<usize>) -> Result<(), ExpressionError> {
        match self.word() {
            Lexeme::Close => {
                self.step();
                Ok(())
            }
            Lexeme::End | Lexeme::Semicolon => Err(self.fault(open, "this bracket is never closed")),
            _ => Err(self.after_a_value()),
        }
    }

    /// A quantity, or a name that the rule gives a value.
    fn named(&mut self, name: &'t str, span: Range<usize>) -> Result<Term, ExpressionError> {
        if let Some(place) = self.quantities.iter().position(|known| *known == name) {
            if !self.reads.contains(&place) {
                self.reads.push(place);
            }
            return Ok(Term::Quantity(place));
        }
        if let Some(place) = self.names.iter().position(|known| *known == name) {
            return Ok(Term::Named(place));
        }
        if !self.assigned.contains(&name) {
            let known = || self.quantities.iter().chain(&self.assigned).copied();
            let help = match nearest(name, known()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are {}", listed(known())),
            };
            return Err(self.fault(span, format!("unknown name `{name}`")).help(help));
        }
        if self.remembered.len() == REMEMBERED {
            let title = format!("`{name}` is the fifth name that is remembered, and a rule has room for {REMEMBERED}");
            return Err(self.fault(span, title));
        }
        let place = self.place(name, &span)?;
        self.remembered.push(place);
        Ok(Term::Named(place))
    }

    /// `name(value, ...)`, from the bracket on.
    fn call(&mut self, name: &'t str, span: Range<usize>) -> Result<Term, ExpressionError> {
        let Some(function) = Function::named(name) else {
            if self.quantities.contains(&name) || self.assigned.contains(&name) {
                return Err(self.fault(span, format!("`{name}` is a quantity and no function")));
            }
            let known = || FUNCTIONS.iter().map(|(name, ..)| *name);
            let help = match nearest(name, known()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are {}", listed(known())),
            };
            return Err(self.fault(span, format!("unknown function `{name}`")).help(help));
        };
        let open = self.span();
        self.step();
        let mut values = Vec::new();
        while self.word() != Lexeme::Close {
            values.push(self.term(0)?);
            if self.word() != Lexeme::Comma {
                break;
            }
            self.step();
        }
        self.close(open)?;
        let gives = if values.is_empty() { "none".to_owned() } else { values.len().to_string() };
        let wrong = match function.takes() {
            Takes::Exactly(number) if values.len() != number => count(number, "value"),
            Takes::AtLeastOne if values.is_empty() => "1 value or more".to_owned(),
            _ => return Ok(Term::Call(function, values)),
        };
        Err(self.fault(span, format!("`{name}` takes {wrong}, and this gives {gives}")))
    }
}
