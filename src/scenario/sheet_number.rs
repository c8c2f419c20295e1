//! Numbers as spreadsheets of any locale show them.

use crate::units::parse;

/// A number as a spreadsheet shows it, with a point for its decimals and nothing between its thousands; `None` for what
/// begins with no such number. `is_decimal` says what a comma is before three digits; without it that is not known.
pub(super) fn number(text: &str, is_decimal: Option<bool>) -> Option<Result<String, Ambiguous>> {
    let end = text.find(|c: char| !c.is_ascii_digit() && !",. \u{a0}\u{202f}'".contains(c)).unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let unit = format!("{}{unit}", &digits[digits.trim_end().len()..]);
    let digits: String = digits.chars().filter(|c| !" \u{a0}\u{202f}'".contains(*c)).collect();
    if !digits.starts_with(|c: char| c.is_ascii_digit()) || !digits.ends_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let (commas, points) = (digits.matches(',').count(), digits.matches('.').count());
    let thousands = |mark: char| digits.split(mark).skip(1).all(|part| part.len() == 3) && digits.find(mark) <= Some(3);
    let plain = match (commas, points) {
        (0, 0 | 1) => digits,
        (0, _) if thousands('.') => digits.replace('.', ""),
        (1, 0) if thousands(',') => match is_decimal {
            None => return Some(Err(Ambiguous)),
            Some(true) => digits.replace(',', "."),
            Some(false) => digits.replace(',', ""),
        },
        (1, 0) => digits.replace(',', "."),
        (_, 0) if thousands(',') => digits.replace(',', ""),
        // The mark further behind is that of the decimals.
        (_, 1) if digits.rfind('.') > digits.rfind(',') => digits.replace(',', ""),
        (1, _) if digits.rfind(',') > digits.rfind('.') => digits.replace('.', "").replace(',', "."),
        _ => return None,
    };
    Some(Ok(plain + &unit))
}

/// A comma that may stand between thousands or before decimals.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ambiguous;

/// Whether a text is a number without a unit, of which a unit must be said.
pub(super) fn wants_unit(text: &str) -> bool {
    parse::is_bare(text) && text.parse::<f64>().is_ok_and(|number| number != 0.0)
}

/// Whether a field says that nothing is known.
pub(super) fn is_nothing(text: &str) -> bool {
    ["", "-", "–", "—", "?", "n/a", "na", "none", "unknown", "tbd"].contains(&text.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_any_locale_are_read() {
        let read = |text: &str| number(text, None).map(|found| found.ok());
        for (text, plain) in [
            ("4", "4"),
            ("1,5", "1.5"),
            ("1.5", "1.5"),
            ("1,5 GiB", "1.5 GiB"),
            ("1.480,25", "1480.25"),
            ("1,480.25 MiB/s", "1480.25 MiB/s"),
            ("1 480", "1480"),
            ("12'000", "12000"),
            ("1,480,000", "1480000"),
        ] {
            assert_eq!(read(text), Some(Some(plain.to_owned())), "{text}");
        }
        assert_eq!(read("1,480"), Some(None));
        assert_eq!(number("1,480", Some(true)), Some(Ok("1.480".to_owned())));
        assert_eq!(number("1,480", Some(false)), Some(Ok("1480".to_owned())));
        for text in ["x", "", "1,", "1,2,3", "-1", ",5"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
