//! Text for a terminal, and for the log of a job, whose lines may be commands.

#[cfg(feature = "program")]
mod columns;

use std::borrow::Cow;

#[cfg(feature = "program")]
pub use columns::{columns, entry, wrapped};

/// A name or the like within a line.
pub fn word(text: &str) -> Cow<'_, str> {
    harmless(crate::sink::shown(text))
}

/// A field of a row, which no line is broken in and which [`csv`](super::csv) keeps from the beginning of a line.
pub fn field(text: &str) -> Cow<'_, str> {
    without_brackets(crate::sink::shown(text))
}

/// A text of several lines, such as the text of an error.
pub fn lines(text: &str) -> Cow<'_, str> {
    harmless(crate::sink::shown_lines(text))
}

/// Breaks what the log of a GitHub job would take for a command: a word that begins with `::`, since a line may be broken
/// before any word, and `##[` anywhere.
fn harmless(text: Cow<'_, str>) -> Cow<'_, str> {
    let text = without_brackets(text);
    if !text.contains("::") {
        return text;
    }
    let mut good = String::with_capacity(text.len());
    for (at, letter) in text.char_indices() {
        let begins = text[..at].chars().next_back().is_none_or(char::is_whitespace);
        match letter {
            ':' if begins && text[at..].starts_with("::") => good.push_str("\\u{3a}"),
            letter => good.push(letter),
        }
    }
    Cow::Owned(good)
}

fn without_brackets(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains("##[") { Cow::Owned(text.replace("##[", "\\u{23}#[")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_begins_a_command() {
        for (text, written) in [
            ("::warning::hey", "\\u{3a}:warning::hey"),
            ("a ::error::b", "a \\u{3a}:error::b"),
            ("a::b", "a::b"),
            ("x##[error]y", "x\\u{23}#[error]y"),
            ("###[group]", "#\\u{23}#[group]"),
        ] {
            assert_eq!(word(text), written);
        }
        assert_eq!(word("p\n::warning::hey"), "p\\n::warning::hey", "no line ends in a word");
        assert_eq!(lines("p\n::warning::hey"), "p\n\\u{3a}:warning::hey");
    }
}
