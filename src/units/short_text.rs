//! A few words or digits, kept in place: what is written for each of a million rows asks for no memory.

use std::fmt;
use std::ops::Deref;

/// More than any amount takes with all of its digits.
const LONGEST: usize = 64;

/// A text of a few words.
#[derive(Clone, Copy)]
pub struct ShortText {
    bytes: [u8; LONGEST],
    /// Where it begins and ends.
    begin: usize,
    end: usize,
}

impl ShortText {
    /// These words; a piece that is too long for it and all behind it are left out.
    pub(crate) fn of(words: fmt::Arguments<'_>) -> ShortText {
        let mut text = ShortText { bytes: [0; LONGEST], begin: 0, end: 0 };
        let _ = fmt::write(&mut text, words);
        text
    }

    /// A whole number.
    #[cfg(feature = "program")]
    pub(crate) fn whole(number: u64) -> ShortText {
        ShortText::decimal(number, 0)
    }

    /// A number that is to be written with so many decimals; none that a `u64` does not hold, or of which it cannot be said
    /// without all of its digits whether it is rounded up or down.
    pub(crate) fn fixed(number: f64, decimals: usize) -> Option<ShortText> {
        // Both factors are exact, so that the product is off by one rounding.
        let scaled = number * POWERS.get(decimals)?;
        let doubt = scaled * f64::EPSILON;
        if !(0.0..WHOLE).contains(&scaled) || number.is_sign_negative() {
            return None;
        }
        let cut = scaled as u64;
        let part = scaled - cut as f64;
        ((part - 0.5).abs() > doubt).then(|| ShortText::decimal(cut + u64::from(part > 0.5), decimals))
    }

    /// The shortest decimal that names a number, where that has at most six decimals and fifteen digits: no other decimal of so
    /// few digits names the same number.
    #[cfg(feature = "program")]
    pub(crate) fn shortest(number: f64) -> Option<ShortText> {
        const DECIMALS: usize = 6;
        let scaled = number * POWERS[DECIMALS] + 0.5;
        if number <= 0.0 || !(0.5..1e15).contains(&scaled) {
            return None;
        }
        let digits = scaled as u64;
        (digits as f64 / POWERS[DECIMALS] == number).then(|| {
            let mut text = ShortText::decimal(digits, DECIMALS);
            text.trim_zeros();
            text
        })
    }

    /// Takes off zeros that end a fraction, and a point without digits behind it.
    pub(crate) fn trim_zeros(&mut self) {
        if self.as_bytes().contains(&b'.') {
            while self.bytes[self.end - 1] == b'0' {
                self.end -= 1;
            }
            self.end -= usize::from(self.bytes[self.end - 1] == b'.');
        }
    }

    /// Its bytes, all of whole characters.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[self.begin..self.end]
    }

    /// `digits`, the last `decimals` of them behind a point.
    fn decimal(mut digits: u64, decimals: usize) -> ShortText {
        let mut text = ShortText { bytes: [0; LONGEST], begin: LONGEST, end: LONGEST };
        for place in 0.. {
            if place == decimals && decimals > 0 {
                text.push_front(b'.');
            }
            // Below ten.
            text.push_front(b'0' + (digits % 10) as u8);
            digits /= 10;
            if digits == 0 && place >= decimals {
                break;
            }
        }
        text
    }

    /// Puts a letter before the others; there are never so many that it has no place.
    fn push_front(&mut self, letter: u8) {
        self.begin -= 1;
        self.bytes[self.begin] = letter;
    }
}

/// Below it a number may have a fraction, and a `u64` is exact as a floating-point number.
const WHOLE: f64 = (1u64 << 52) as f64;
/// Powers of ten.
const POWERS: [f64; 7] = [1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6];

impl Deref for ShortText {
    type Target = str;

    fn deref(&self) -> &str {
        // Only whole characters were put in.
        str::from_utf8(self.as_bytes()).unwrap_or_default()
    }
}

impl fmt::Write for ShortText {
    fn write_str(&mut self, words: &str) -> fmt::Result {
        let end = self.end + words.len();
        self.bytes.get_mut(self.end..end).ok_or(fmt::Error)?.copy_from_slice(words.as_bytes());
        self.end = end;
        Ok(())
    }
}

impl fmt::Display for ShortText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl fmt::Debug for ShortText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl PartialEq for ShortText {
    fn eq(&self, other: &ShortText) -> bool {
        **self == **other
    }
}

#[cfg(all(test, feature = "program"))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Whatever is written in place is what the standard library writes.
    fn holds(number: f64) -> Result<(), TestCaseError> {
        if let Some(text) = ShortText::shortest(number) {
            prop_assert_eq!(&*text, number.to_string());
        }
        for decimals in 0..=6 {
            if let Some(text) = ShortText::fixed(number, decimals) {
                prop_assert_eq!(&*text, format!("{number:.decimals$}"));
            }
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn any_number_is_written_as_the_standard_library_does(number: f64) {
            holds(number)?;
        }

        #[test]
        fn numbers_near_a_tie_are_written_as_the_standard_library_does(digits in 0u64..1 << 52, decimals in 0i32..8, off in -2i64..3) {
            let near = digits as f64 / 10f64.powi(decimals);
            holds(f64::from_bits((near.to_bits() as i64 + off).unsigned_abs()))?;
        }

        #[test]
        fn a_whole_number_is_written_with_all_of_its_digits(number: u64) {
            prop_assert_eq!(&*ShortText::whole(number), number.to_string());
        }
    }

    #[test]
    fn plain_numbers_take_no_detour() {
        for (number, text) in
            [(0.5, "0.5"), (6920.716963, "6920.716963"), (1e-6, "0.000001"), (999_999_999.999_999, "999999999.999999")]
        {
            assert_eq!(ShortText::shortest(number).as_deref(), Some(text));
        }
        assert_eq!(ShortText::shortest(1.0 / 3.0), None);
        assert_eq!(ShortText::fixed(300.0, 0).as_deref(), Some("300"));
        assert_eq!(ShortText::fixed(0.125, 2), None, "a tie");
        let long = ShortText::of(format_args!("{:100}", 1));
        assert!(long.len() <= LONGEST);
    }
}
