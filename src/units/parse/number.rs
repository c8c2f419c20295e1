//! Decimal numbers, read without rounding.

/// A decimal number without its sign: `digits * 10^exponent`.
///
/// Kept exact so that `0.1 s` is 100 000 000 ns and `18446744073709551615` is itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Number {
    digits: u128,
    exponent: i32,
    /// Whether a minus sign stood in front of it.
    pub negative: bool,
}

/// Decimals of a number that has as many digits as this are cut off: it has more than 64 bits hold, or a floating-point
/// number tells apart. Zeros at its head are no digits.
const ENOUGH: u128 = 10u128.pow(24);

/// Why a text does not begin with a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NumberUnreadable {
    /// No digit where one is wanted.
    NotANumber,
    /// More digits than any quantity needs.
    TooLarge,
}

impl Number {
    /// Reads the number that `text` begins with; gives the rest of the text too.
    ///
    /// `_` may separate digits, a decimal point needs digits on both sides, `1e6` and `1E-3` are known.
    pub(super) fn read(text: &str) -> Result<(Number, &str), NumberUnreadable> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mut digits, mut exponent) = (0, 0);
        let mut rest = take_digits(unsigned, |digit| {
            push(&mut digits, digit)?;
            Ok(())
        })?;
        if let Some(decimals) = rest.strip_prefix('.') {
            rest = take_digits(decimals, |digit| {
                if digits < ENOUGH {
                    push(&mut digits, digit)?;
                    exponent -= 1;
                }
                Ok(())
            })?;
        }
        if let Some((power, after)) = scientific(rest) {
            exponent += power;
            rest = after;
        }
        Ok((Number { digits, exponent, negative }, rest))
    }

    /// Whether it is zero, with either sign.
    pub(super) fn is_zero(self) -> bool {
        self.digits == 0
    }

    /// The size of this number of units of `numerator / denominator` each, as a fraction; `None` if it is too
    /// large for any quantity.
    pub(super) fn times(self, (numerator, denominator): (u128, u128)) -> Option<Ratio> {
        let Number { mut digits, mut exponent, .. } = self;
        while digits > 0 && exponent < 0 {
            let power = 10u128.checked_pow(exponent.unsigned_abs());
            let below = power.and_then(|power| denominator.checked_mul(power));
            if let (Some(numerator), Some(denominator)) = (digits.checked_mul(numerator), below) {
                return Some(Ratio { numerator, denominator });
            }
            // The last digit is one too many for 128 bits.
            (digits, exponent) = (digits / 10, exponent + 1);
        }
        if digits == 0 {
            return Some(Ratio { numerator: 0, denominator: 1 });
        }
        let power = 10u128.checked_pow(exponent.unsigned_abs())?;
        Some(Ratio { numerator: digits.checked_mul(numerator)?.checked_mul(power)?, denominator })
    }
}

/// A fraction that is not below zero.
#[derive(Clone, Copy, Debug)]
pub struct Ratio {
    numerator: u128,
    denominator: u128,
}

impl Ratio {
    /// The nearest whole number; `None` beyond 64 bits.
    pub fn whole(self) -> Option<u64> {
        let (whole, rest) = (self.numerator / self.denominator, self.numerator % self.denominator);
        u64::try_from(whole + u128::from(rest >= self.denominator - rest)).ok()
    }

    /// The fraction as a floating-point number.
    pub fn float(self) -> f64 {
        self.numerator as f64 / self.denominator as f64
    }

    /// The sum of the nearest whole numbers; `None` beyond 64 bits.
    pub fn plus(self, other: Ratio) -> Option<Ratio> {
        Some(Ratio { numerator: self.whole()?.checked_add(other.whole()?)?.into(), denominator: 1 })
    }
}

/// Hands the digits at the head of `text` to `each`, and gives what follows them.
fn take_digits(
    text: &str,
    mut each: impl FnMut(u32) -> Result<(), NumberUnreadable>,
) -> Result<&str, NumberUnreadable> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '_').unwrap_or(text.len());
    let digits = &text[..end];
    if !digits.starts_with(|c: char| c.is_ascii_digit()) || digits.ends_with('_') {
        return Err(NumberUnreadable::NotANumber);
    }
    digits.chars().filter_map(|c| c.to_digit(10)).try_for_each(&mut each)?;
    Ok(&text[end..])
}

fn push(digits: &mut u128, digit: u32) -> Result<(), NumberUnreadable> {
    let longer = digits.checked_mul(10).and_then(|d| d.checked_add(digit.into()));
    *digits = longer.ok_or(NumberUnreadable::TooLarge)?;
    Ok(())
}

/// The exponent at the head of `text`, as in `e9` or `E-3`, and what follows it.
fn scientific(text: &str) -> Option<(i32, &str)> {
    let text = text.strip_prefix(['e', 'E'])?;
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let end = unsigned.find(|c: char| !c.is_ascii_digit()).unwrap_or(unsigned.len());
    let digits = Some(&unsigned[..end]).filter(|digits| !digits.is_empty())?;
    // Nine thousand are as good as any more: the number is out of every range.
    let size = digits.parse().map_or(9000, |size: i32| size.min(9000));
    Some((if text.starts_with('-') { -size } else { size }, &unsigned[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_decimals_without_rounding() {
        for (text, unit, whole, rest) in [
            ("0.1 s", (1_000_000_000, 1), Some(100_000_000), " s"),
            ("18446744073709551615", (1, 1), Some(u64::MAX), ""),
            ("18446744073709551616", (1, 1), None, ""),
            ("1_000.5x", (2, 1), Some(2001), "x"),
            ("1e3", (1, 1), Some(1000), ""),
            ("1e00003", (1, 1), Some(1000), ""),
            ("5e-00000", (1, 1), Some(5), ""),
            ("2.5E-1h", (4, 1), Some(1), "h"),
            ("1e99999999999", (1, 1), None, ""),
            ("1e-99999999999", (1, 1), Some(0), ""),
            ("0e9999", (1, 1), Some(0), ""),
            ("1 e", (1, 1), Some(1), " e"),
            ("1em", (1, 1), Some(1), "em"),
            ("0.00000000000000000000000000000000000000000000000001", (1, 1), Some(0), ""),
            ("3", (1, 8), Some(0), ""),
            ("4", (1, 8), Some(1), ""),
        ] {
            let (number, after) = Number::read(text).unwrap();
            assert_eq!((number.times(unit).and_then(Ratio::whole), after), (whole, rest), "{text}");
        }
        for text in ["", "x", ".5", "5.", "_1", "1_", "-", "nan", "inf", "-inf", "١"] {
            assert_eq!(Number::read(text).map(|_| ()), Err(NumberUnreadable::NotANumber), "{text}");
        }
        assert_eq!(Number::read(&"9".repeat(40)).map(|_| ()), Err(NumberUnreadable::TooLarge));
    }

    #[test]
    fn a_small_number_keeps_its_digits_however_it_is_written() {
        let float = |text, unit| Number::read(text).unwrap().0.times(unit).unwrap().float();
        for (text, unit, value) in [
            ("0.0000000000000001019", (1, 1), 1.019e-16),
            ("1019e-19", (1, 1), 1.019e-16),
            ("0.000030140625000123456789", (1, 1), 3.014_062_500_012_345_7e-5),
            ("1e-30", (1, 4096), 1e-30 / 4096.0),
            // Below what 128 bits hold.
            ("1e-38", (1, 4096), 0.0),
            ("12345678901234567890123456789012345678e-37", (1, 100), 0.012_345_678_901_234_568),
        ] {
            let read = float(text, unit);
            assert!((read - value).abs() <= 4e-16 * value, "{text}: {read:e}");
        }
    }
}
