//! A rule cut into words.

use std::ops::Range;

use super::ExpressionError;
use super::term::Sign;

/// A word of a rule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Lexeme<'t> {
    Number(f64),
    Name(&'t str),
    Sign(Sign),
    Not,
    Open,
    Close,
    Comma,
    Assign,
    Semicolon,
    End,
}

/// A word, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Token<'t> {
    pub word: Lexeme<'t>,
    pub span: Range<usize>,
}

/// Marks, longer ones before their beginnings.
const MARKS: [(&str, Lexeme); 9] = [
    ("&&", Lexeme::Sign(Sign::And)),
    ("||", Lexeme::Sign(Sign::Or)),
    ("(", Lexeme::Open),
    (")", Lexeme::Close),
    (",", Lexeme::Comma),
    (";", Lexeme::Semicolon),
    ("==", Lexeme::Sign(Sign::Equal)),
    ("=", Lexeme::Assign),
    ("!=", Lexeme::Sign(Sign::Unequal)),
];

/// All words of a text, with [`Lexeme::End`] as the last.
///
/// # Errors
/// Something is no word.
pub(super) fn tokens(text: &str) -> Result<Vec<Token<'_>>, ExpressionError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let length = match first {
            _ if first.is_whitespace() => first.len_utf8(),
            '#' => rest.find('\n').unwrap_or(rest.len()),
            '0'..='9' | '.' => {
                let (number, length) = number(text, at)?;
                tokens.push(Token { word: Lexeme::Number(number), span: at..at + length });
                length
            }
            _ if first.is_alphabetic() || first == '_' => {
                let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
                let word = match &rest[..length] {
                    "and" => Lexeme::Sign(Sign::And),
                    "or" => Lexeme::Sign(Sign::Or),
                    "not" => Lexeme::Not,
                    name => Lexeme::Name(name),
                };
                tokens.push(Token { word, span: at..at + length });
                length
            }
            _ => {
                let (word, length) = mark(rest).ok_or_else(|| {
                    let span = at..at + first.len_utf8();
                    let shown = if first.is_control() { ' ' } else { first };
                    ExpressionError::new(text, span, format!("`{shown}` is no sign of a rule"))
                })?;
                tokens.push(Token { word, span: at..at + length });
                length
            }
        };
        at += length;
    }
    tokens.push(Token { word: Lexeme::End, span: text.len()..text.len() });
    Ok(tokens)
}

/// The mark that a text begins with, and its length.
fn mark(rest: &str) -> Option<(Lexeme<'static>, usize)> {
    let marks = MARKS.iter().find(|(mark, _)| rest.starts_with(mark)).map(|(mark, word)| (*word, mark.len()));
    let sign = || {
        let known = Sign::WORDS.iter().filter(|(sign, _)| rest.starts_with(sign));
        known.max_by_key(|(sign, _)| sign.len()).map(|(sign, word)| (Lexeme::Sign(*word), sign.len()))
    };
    let not = || rest.starts_with('!').then_some((Lexeme::Not, 1));
    marks.or_else(sign).or_else(not)
}

/// The number at `at`, and how long it is, with a `%` that follows it.
fn number(text: &str, at: usize) -> Result<(f64, usize), ExpressionError> {
    let rest = &text[at..];
    let mut before = ' ';
    let ends = |c: char| {
        let exponent = matches!(c, '+' | '-') && matches!(before, 'e' | 'E');
        before = c;
        !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_') || exponent)
    };
    let length = rest.find(ends).unwrap_or(rest.len());
    let written = &rest[..length];
    let number = written.replace('_', "").parse::<f64>().ok().filter(|number| number.is_finite());
    let Some(number) = number else {
        return Err(ExpressionError::new(text, at..at + length, format!("`{written}` is no number")));
    };
    let behind = &rest[length..];
    match behind.trim_start().strip_prefix('%') {
        Some(after) => Ok((number / 100.0, rest.len() - after.len())),
        None => Ok((number, length)),
    }
}
