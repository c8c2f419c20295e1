//! The one grammar of numbers with units: `16 GiB`, `10 Gbit/s`, `60_000 pages/s`, `300 ms`, `20 %`.
//!
//! A quantity is a decimal number and a unit, with or without a space between them. Units are case-sensitive,
//! because `Gbit/s` and `GB/s` are a factor of eight apart. A time may have several parts: `4 min 05 s`.

mod number;
mod unit;

use number::{Number, NumberUnreadable};

pub use number::Ratio;
pub use unit::{UnitAlias, UnitFactor};

use super::{Bytes, Operations, PAGE_SIZE, PageRate, Pages, Rate, Share, Span};

/// Something that is written as a number with a unit.
pub trait Quantity: Sized {
    /// What one of it is called: `a size`.
    const ONE: &'static str;
    /// What several are called: `sizes`.
    const MANY: &'static str;
    /// Its units, and how many base units each is.
    const UNITS: &'static [UnitFactor];
    /// Other spellings of its units.
    const ALIASES: &'static [UnitAlias] = &[];
    /// The units to offer to a user who left the unit out, and what each is for.
    const USUAL: &'static [(&'static str, &'static str)];

    /// The unit of [`Quantity::figure`], one of [`Quantity::UNITS`].
    const FIGURE: &'static str;
    /// Smallest step of [`Quantity::figure`]; 0 where there is none.
    const GRAIN: f64;

    /// The quantity of that many base units; `None` if it does not fit.
    fn from_ratio(ratio: Ratio) -> Option<Self>;

    /// The number that results give for it: bytes, bytes/s, pages/s, ms or per cent.
    fn figure(&self) -> f64;
}

/// What is wrong with a text that should be a quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuantityProblem {
    /// Nothing but white space.
    Empty,
    /// It does not begin with a number.
    NotANumber,
    /// A number, and nothing behind it.
    NoUnit,
    /// The unit exists nowhere.
    UnknownUnit,
    /// The unit belongs to another quantity.
    WrongUnit,
    /// Below zero.
    Negative,
    /// Beyond what 64 bits hold.
    TooLarge,
    /// More than one number.
    TooMany,
}

impl QuantityProblem {
    /// What the text is or has, to be put behind its name: `has no unit`.
    pub fn predicate(self) -> &'static str {
        match self {
            QuantityProblem::Empty => "is empty",
            QuantityProblem::NotANumber => "is not a number with a unit",
            QuantityProblem::NoUnit => "has no unit",
            QuantityProblem::UnknownUnit => "has an unknown unit",
            QuantityProblem::WrongUnit => "has the wrong unit",
            QuantityProblem::Negative => "is negative",
            QuantityProblem::TooLarge => "is too large",
            QuantityProblem::TooMany => "has more than one number",
        }
    }
}

/// A text that is not the wanted quantity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct ParseError {
    /// The kind of fault.
    pub problem: QuantityProblem,
    /// Why the text was refused, in a few words: `a rate needs a unit`.
    pub reason: String,
    /// What to write instead, if that can be guessed.
    pub hint: Option<String>,
}

/// Reads a quantity.
///
/// `bare` is the unit of a number without one; where it is `None`, only a zero may go without. A fraction of the
/// smallest unit is rounded to the nearest whole one in each part, except that a page that is begun counts as a page.
///
/// # Errors
/// Any text that is not exactly one quantity of this kind; see [`QuantityProblem`].
pub fn parse<Q: Quantity>(text: &str, bare: Option<&str>) -> Result<Q, ParseError> {
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(error(QuantityProblem::Empty, format!("{} is wanted here", Q::ONE), Some(usual::<Q>("1"))));
    }
    let mut sum: Option<Ratio> = None;
    while !rest.is_empty() {
        let (part, after) = term::<Q>(rest, bare)?;
        sum = match sum {
            None => Some(part),
            // Only times are written in parts, and only they have `h` or `min`.
            Some(_) if unit::find(Q::UNITS, "min").is_none() => {
                return Err(error(QuantityProblem::TooMany, format!("{} is one number with one unit", Q::ONE), None));
            }
            Some(sum) => Some(sum.plus(part).ok_or_else(too_large::<Q>)?),
        };
        rest = after;
    }
    sum.and_then(Q::from_ratio).ok_or_else(too_large::<Q>)
}

/// The quantity of `amount` units; `bare` is the unit where `unit` is empty. The amount counts as the shortest decimal that
/// names it, so that this is what [`parse`] makes of the two as a text.
///
/// # Errors
/// As [`parse`].
pub fn of<Q: Quantity>(amount: f64, unit: &str, bare: Option<&str>) -> Result<Q, ParseError> {
    let digits = decimal(amount);
    let (number, _) = Number::read(&digits).map_err(|problem| unreadable::<Q>(&problem, &digits))?;
    sized::<Q>(number, &digits, unit, bare).and_then(|ratio| Q::from_ratio(ratio).ok_or_else(too_large::<Q>))
}

/// A number as a person would write it: the shortest decimal that names it, and a large whole number to its last digit.
pub fn decimal(number: f64) -> String {
    // `to_string` pads a large whole number with zeros once its digits tell it from other floating-point numbers.
    if number.fract() == 0.0 { format!("{number:.0}") } else { number.to_string() }
}

/// Whether the text is a number alone, without a unit.
pub fn is_bare(text: &str) -> bool {
    Number::read(text.trim()).is_ok_and(|(_, rest)| rest.is_empty())
}

/// One number with its unit from the head of `text`, and what follows it.
fn term<'t, Q: Quantity>(text: &'t str, bare: Option<&str>) -> Result<(Ratio, &'t str), ParseError> {
    let (number, rest) = Number::read(text).map_err(|problem| unreadable::<Q>(&problem, text))?;
    if rest.starts_with([',', '.', '_']) {
        return Err(not_a_number::<Q>(text));
    }
    let digits = text[..text.len() - rest.len()].trim_start_matches('+');
    let rest = rest.trim_start();
    let end = rest.find(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-')).unwrap_or(rest.len());
    let (name, after) = (rest[..end].trim_end(), &rest[end..]);
    Ok((sized::<Q>(number, digits, name, bare)?, after))
}

/// A number, written as `digits`, of the unit of that name; where the name is empty, of the unit `bare`.
fn sized<Q: Quantity>(number: Number, digits: &str, name: &str, bare: Option<&str>) -> Result<Ratio, ParseError> {
    let unit = match (unit::named(Q::UNITS, Q::ALIASES, if name.is_empty() { bare.unwrap_or("") } else { name }), name)
    {
        (Some(unit), _) => unit,
        (None, "") if number.is_zero() => Q::UNITS[0],
        (None, "") => {
            let hint = usual::<Q>(digits.trim_start_matches('-'));
            return Err(error(QuantityProblem::NoUnit, format!("{} needs a unit", Q::ONE), Some(hint)));
        }
        (None, _) => return Err(not_a_unit::<Q>(name)),
    };
    if number.negative && !number.is_zero() {
        return Err(error(QuantityProblem::Negative, format!("{} cannot be below zero", Q::ONE), None));
    }
    number.times(unit.1).ok_or_else(too_large::<Q>)
}

fn unreadable<Q: Quantity>(problem: &NumberUnreadable, text: &str) -> ParseError {
    match problem {
        NumberUnreadable::NotANumber => not_a_number::<Q>(text),
        NumberUnreadable::TooLarge => too_large::<Q>(),
    }
}

fn error(problem: QuantityProblem, reason: String, hint: Option<String>) -> ParseError {
    ParseError { problem, reason, hint }
}

fn too_large<Q: Quantity>() -> ParseError {
    error(QuantityProblem::TooLarge, format!("larger than {} can be", Q::ONE), None)
}

/// Offers the usual units behind the digits that are there.
fn usual<Q: Quantity>(digits: &str) -> String {
    let mut offers: Vec<String> =
        Q::USUAL.iter().map(|(unit, purpose)| format!("\"{digits} {unit}\"{purpose}")).collect();
    match offers.pop() {
        Some(last) if offers.is_empty() => format!("write {last}"),
        Some(last) => format!("write {} or {last}", offers.join(", ")),
        None => String::new(),
    }
}

fn not_a_number<Q: Quantity>(text: &str) -> ParseError {
    let with_point = text.replacen(',', ".", 1);
    let hint = match text.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        true if with_point != text && Number::read(&with_point).is_ok() => {
            format!("write \"{with_point}\" with a decimal point")
        }
        true => "a decimal point has digits on both sides, and `_` is allowed only between digits".to_owned(),
        false => usual::<Q>("1"),
    };
    error(QuantityProblem::NotANumber, format!("{} begins with a number", Q::ONE), Some(hint))
}

fn not_a_unit<Q: Quantity>(name: &str) -> ParseError {
    // Where letters of another size are two units, it is not known which was meant.
    let mut in_other_case = Q::ALIASES.iter().map(|alias| alias.0).filter(|alias| alias.eq_ignore_ascii_case(name));
    let alias = in_other_case.next().filter(|_| in_other_case.next().is_none());
    let hint = match unit::meant(Q::UNITS, name).or(alias) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if Q::UNITS.len() == 1 => format!("{} is written with `{}`", Q::ONE, Q::UNITS[0].0),
        None => {
            let names: Vec<String> = Q::UNITS.iter().map(|unit| format!("`{}`", unit.0)).collect();
            format!("units of {} are {}", Q::MANY, names.join(", "))
        }
    };
    let name: String =
        if name.chars().count() > 20 { name.chars().take(20).chain(['…']).collect() } else { name.into() };
    match owners().into_iter().find(|(_, units)| unit::find(units, &name).is_some()) {
        Some((owner, _)) => {
            let reason = format!("`{name}` is for {owner}, and this is {}", Q::ONE);
            error(QuantityProblem::WrongUnit, reason, Some(hint))
        }
        None => error(QuantityProblem::UnknownUnit, format!("`{name}` is no unit of {}", Q::MANY), Some(hint)),
    }
}

/// Who uses which units, to tell a user whose unit was taken.
fn owners() -> [(&'static str, &'static [UnitFactor]); 6] {
    [
        (Bytes::MANY, Bytes::UNITS),
        (Rate::MANY, Rate::UNITS),
        (PageRate::MANY, PageRate::UNITS),
        (Operations::MANY, Operations::UNITS),
        (Span::MANY, Span::UNITS),
        (Share::MANY, Share::UNITS),
    ]
}

impl Quantity for Bytes {
    const ONE: &'static str = "a size";
    const MANY: &'static str = "sizes";
    const UNITS: &'static [UnitFactor] = unit::SIZE;
    const ALIASES: &'static [UnitAlias] = unit::SIZE_ALIASES;
    const USUAL: &'static [(&'static str, &'static str)] = &[("GiB", ""), ("MiB", "")];
    const FIGURE: &'static str = "B";
    const GRAIN: f64 = 1.0;

    fn from_ratio(ratio: Ratio) -> Option<Bytes> {
        ratio.whole().map(Bytes)
    }

    fn figure(&self) -> f64 {
        self.0 as f64
    }
}

impl Quantity for Pages {
    const ONE: &'static str = Bytes::ONE;
    const MANY: &'static str = Bytes::MANY;
    const UNITS: &'static [UnitFactor] = Bytes::UNITS;
    const ALIASES: &'static [UnitAlias] = Bytes::ALIASES;
    const USUAL: &'static [(&'static str, &'static str)] = Bytes::USUAL;
    const FIGURE: &'static str = "B";
    const GRAIN: f64 = PAGE_SIZE as f64;

    /// Half of what [`Bytes`] holds, so that [`Pages::bytes`] of what was read never overflows.
    fn from_ratio(ratio: Ratio) -> Option<Pages> {
        ratio.whole().filter(|bytes| *bytes <= u64::MAX / 2).map(|bytes| Pages(bytes.div_ceil(PAGE_SIZE)))
    }

    fn figure(&self) -> f64 {
        self.bytes().0 as f64
    }
}

impl Quantity for Rate {
    const ONE: &'static str = "a rate";
    const MANY: &'static str = "rates";
    const UNITS: &'static [UnitFactor] = unit::RATE;
    const ALIASES: &'static [UnitAlias] = unit::RATE_ALIASES;
    const USUAL: &'static [(&'static str, &'static str)] =
        &[("Gbit/s", " for a link speed"), ("MiB/s", " for payload")];
    const FIGURE: &'static str = "B/s";
    const GRAIN: f64 = 1.0;

    fn from_ratio(ratio: Ratio) -> Option<Rate> {
        ratio.whole().map(Rate)
    }

    fn figure(&self) -> f64 {
        self.0 as f64
    }
}

impl Quantity for PageRate {
    const ONE: &'static str = "a page rate";
    const MANY: &'static str = "page rates";
    const UNITS: &'static [UnitFactor] = unit::PAGE_RATE;
    const ALIASES: &'static [UnitAlias] = unit::RATE_ALIASES;
    const USUAL: &'static [(&'static str, &'static str)] = &[("pages/s", ""), ("MiB/s", "")];
    const FIGURE: &'static str = "pages/s";
    const GRAIN: f64 = 0.0;

    fn from_ratio(ratio: Ratio) -> Option<PageRate> {
        Some(PageRate(ratio.float()))
    }

    fn figure(&self) -> f64 {
        self.0
    }
}

impl Quantity for Operations {
    const ONE: &'static str = "a number of operations";
    const MANY: &'static str = "numbers of operations";
    const UNITS: &'static [UnitFactor] = unit::OPERATIONS;
    const USUAL: &'static [(&'static str, &'static str)] = &[("/s", "")];
    const FIGURE: &'static str = "/s";
    const GRAIN: f64 = 0.0;

    fn from_ratio(ratio: Ratio) -> Option<Operations> {
        Some(Operations(ratio.float()))
    }

    fn figure(&self) -> f64 {
        self.0
    }
}

impl Quantity for Span {
    const ONE: &'static str = "a time";
    const MANY: &'static str = "times";
    const UNITS: &'static [UnitFactor] = unit::TIME;
    const ALIASES: &'static [UnitAlias] = unit::TIME_ALIASES;
    const USUAL: &'static [(&'static str, &'static str)] = &[("ms", ""), ("s", ""), ("ns", "")];
    const FIGURE: &'static str = "ms";
    const GRAIN: f64 = 1e-6;

    fn from_ratio(ratio: Ratio) -> Option<Span> {
        ratio.whole().map(Span)
    }

    fn figure(&self) -> f64 {
        self.ms()
    }
}

impl Quantity for Share {
    const ONE: &'static str = "a share";
    const MANY: &'static str = "shares";
    const UNITS: &'static [UnitFactor] = unit::SHARE;
    const USUAL: &'static [(&'static str, &'static str)] = &[("%", "")];
    const FIGURE: &'static str = "%";
    const GRAIN: f64 = 0.0;

    /// Shares above the whole are read too; whether they make sense depends on the key.
    fn from_ratio(ratio: Ratio) -> Option<Share> {
        Some(Share(ratio.float()))
    }

    fn figure(&self) -> f64 {
        self.percent()
    }
}

#[cfg(test)]
mod tests;
