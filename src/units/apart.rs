//! Two amounts in one sentence, with as many digits as it takes to see which of them is more.

use std::fmt::Display;

use super::ShortText;

/// Significant digits of an amount that is shown alone.
pub const DIGITS: usize = 3;
/// Significant digits beyond which two numbers of 64 bits do not differ.
const MOST_DIGITS: usize = 17;

/// Both amounts as words: with [`DIGITS`] significant digits, or with the fewest that tell them apart. Words are equal
/// only where the amounts are.
///
/// The amounts print themselves with `{:.N}` as N significant digits.
pub fn apart(one: &impl Display, other: &impl Display) -> (ShortText, ShortText) {
    let words = |amount: &dyn Display, digits: usize| ShortText::of(format_args!("{amount:.digits$}"));
    apart_by(|digits| (words(one, digits), words(other, digits)))
}

/// Both sides of a comparison, which `show` prints with so many significant digits, as [`apart`] chooses them.
pub fn apart_by<T: PartialEq>(show: impl Fn(usize) -> (T, T)) -> (T, T) {
    let usual = show(DIGITS);
    if usual.0 != usual.1 {
        return usual;
    }
    (DIGITS + 1..=MOST_DIGITS).map(show).find(|(one, other)| one != other).unwrap_or(usual)
}

/// A number with at most so many significant digits, whole digits aside, and no trailing zeros; one that is too small
/// for them is `below 0.01`, not 0.
pub(super) fn short(value: f64, digits: usize) -> ShortText {
    let whole = match value.abs() {
        v if v >= 1000.0 => 4,
        v if v >= 100.0 => 3,
        v if v >= 10.0 => 2,
        _ => 1,
    };
    let decimals = digits.saturating_sub(whole);
    let smallest = 0.1f64.powi(decimals as i32);
    if value > 0.0 && value < smallest / 2.0 {
        return ShortText::of(format_args!("below {smallest:.decimals$}"));
    }
    let mut text =
        ShortText::fixed(value, decimals).unwrap_or_else(|| ShortText::of(format_args!("{value:.decimals$}")));
    text.trim_zeros();
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::units::{Bytes, Rate, Share, Span};

    #[test]
    fn digits_grow_until_the_difference_can_be_seen() {
        for (one, other, words) in [
            (300_000_000, 300_000_000, ("300 ms", "300 ms")),
            (300_400_000, 300_000_000, ("300.4 ms", "300 ms")),
            (300_000_001, 300_000_000, ("300.000001 ms", "300 ms")),
            (131_000_000, 300_000_000, ("131 ms", "300 ms")),
            (125_300_000_000, 125_000_000_000, ("2 min 05.3 s", "2 min 05 s")),
        ] {
            let (one, other) = apart(&Span(one), &Span(other));
            assert_eq!((&*one, &*other), words);
        }
        let (one, other) = apart(&Rate(134_900_000), &Rate(135_100_000));
        assert_eq!((&*one, &*other), ("1.079 Gbit/s", "1.081 Gbit/s"));
        let (one, other) = apart(&Bytes(290_455_552), &Bytes(290_848_768));
        assert_eq!((&*one, &*other), ("277 MiB", "277.4 MiB"));
    }

    #[test]
    fn an_amount_above_zero_is_never_zero() {
        for text in [Rate(1).to_string(), Bytes(1).to_string(), Span(1).to_string(), Share(1e-7).to_string()] {
            assert!(!text.starts_with("0 "), "{text}");
        }
    }

    proptest! {
        #[test]
        fn words_are_equal_only_where_amounts_are(one: u64, step in 0u64..1_000_000) {
            let one = one >> 12;
            let other = one + step;
            for (left, right) in [
                apart(&Bytes(one), &Bytes(other)),
                apart(&Rate(one), &Rate(other)),
                apart(&Span(one), &Span(other)),
            ] {
                prop_assert_eq!(left == right, one == other, "{} and {}", left, right);
            }
        }
    }
}
