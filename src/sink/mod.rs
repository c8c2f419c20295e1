//! Text from outside, made fit for the place where it goes out: one file for each kind of place.
//!
//! Names, titles, questions, cells, paths and what a fault quotes come from files that another user may have written. A
//! character that is invisible, or that steers its reader, is written as its number instead: `\u{1b}`. What has none
//! of them goes through as it is. JSON has rules of its own for all of this and needs nothing here.

pub mod csv;
pub mod github;
pub mod markdown;
mod names;
pub mod shell;
#[cfg(feature = "program")]
pub mod table;
pub mod terminal;
pub mod xml;

pub use names::{distinct, shortened};

use std::borrow::Cow;

/// A text in one line in which every character can be seen: for pictures, XML, pages, and as the ground of the others.
///
/// Line breaks and tabs are `\n`, `\r`, `\t`; what else is hidden is its number, `\u{202e}`.
pub fn shown(text: &str) -> Cow<'_, str> {
    replaced(text, is_hidden, escape)
}

/// A text whose lines and tabs stay, and in which every other character can be seen.
pub fn shown_lines(text: &str) -> Cow<'_, str> {
    let is_bad = |letter| is_hidden(letter) && !matches!(letter, '\n' | '\t');
    match text.contains("\r\n") {
        true => Cow::Owned(replaced(&text.replace("\r\n", "\n"), is_bad, escape).into_owned()),
        false => replaced(text, is_bad, escape),
    }
}

/// Whether a character shows nothing itself, but moves, hides or turns around what is beside it; or is none at all.
pub fn is_hidden(letter: char) -> bool {
    if letter.is_ascii() {
        return letter.is_ascii_control();
    }
    let number = u32::from(letter);
    letter.is_control()
        || HIDDEN.iter().any(|(first, last)| (*first..=*last).contains(&letter))
        // The last two of each plane are no characters, and XML has no place for U+FFFE and U+FFFF.
        || number & 0xfffe == 0xfffe
}

/// Ranges of hidden characters beside the control characters, in order.
const HIDDEN: [(char, char); 12] = [
    ('\u{ad}', '\u{ad}'),       // soft hyphen
    ('\u{61c}', '\u{61c}'),     // Arabic letter mark
    ('\u{115f}', '\u{1160}'),   // Hangul fillers
    ('\u{180e}', '\u{180e}'),   // Mongolian vowel separator
    ('\u{200b}', '\u{200f}'),   // zero width, marks of direction
    ('\u{2028}', '\u{202e}'),   // line and paragraph separator, embeddings and overrides of direction
    ('\u{2060}', '\u{206f}'),   // invisible operators, isolates of direction
    ('\u{3164}', '\u{3164}'),   // Hangul filler
    ('\u{fdd0}', '\u{fdef}'),   // no characters
    ('\u{feff}', '\u{feff}'),   // byte order mark
    ('\u{fff9}', '\u{fffb}'),   // interlinear annotation
    ('\u{e0000}', '\u{e007f}'), // tags
];

/// A character as it is written in source text.
fn escape(letter: char, to: &mut String) {
    to.extend(letter.escape_default());
}

/// The text with some of its characters written in another way.
fn replaced(text: &str, is_bad: impl Fn(char) -> bool, write: impl Fn(char, &mut String)) -> Cow<'_, str> {
    let Some(first) = text.find(&is_bad) else { return Cow::Borrowed(text) };
    let mut good = text[..first].to_owned();
    for letter in text[first..].chars() {
        match is_bad(letter) {
            true => write(letter, &mut good),
            false => good.push(letter),
        }
    }
    Cow::Owned(good)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_seen_goes_through_as_it_is() {
        for text in ["", "web-01", "Über 5 µs × 2", "虚拟机 🐧", "'\"|`<>&\\", "\u{10000}", "e\u{301}", "❤\u{fe0f}"]
        {
            assert!(matches!(shown(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }

    #[test]
    fn what_is_hidden_is_written_as_its_number() {
        for (text, written) in [
            ("\u{1b}[31m", "\\u{1b}[31m"),
            ("a\r\n\tb", "a\\r\\n\\tb"),
            ("\u{7f}\u{9b}1m", "\\u{7f}\\u{9b}1m"),
            ("x\u{202e}y\u{2066}z\u{2069}", "x\\u{202e}y\\u{2066}z\\u{2069}"),
            ("a\u{200b}b\u{feff}\u{2028}", "a\\u{200b}b\\u{feff}\\u{2028}"),
            ("\0\u{ffff}\u{1fffe}", "\\u{0}\\u{ffff}\\u{1fffe}"),
        ] {
            assert_eq!(shown(text), written);
        }
        assert_eq!(shown_lines("a\r\n\u{7}\tb\r\n\r"), "a\n\\u{7}\tb\n\\r");
    }

    #[test]
    fn ranges_are_in_order_and_apart() {
        assert!(HIDDEN.windows(2).all(|pair| pair[0].1 < pair[1].0) && HIDDEN.iter().all(|range| range.0 <= range.1));
    }
}
