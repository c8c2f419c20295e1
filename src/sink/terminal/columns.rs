//! Text in columns of a terminal, where wide letters take two.

use unicode_width::UnicodeWidthStr;

use super::word;

/// How many columns a text takes: wide letters (CJK, most emoji) take two.
pub fn columns(text: &str) -> usize {
    text.width()
}

/// The text with blanks before it, so that it takes `columns`.
pub(super) fn right(text: &str, columns: usize) -> String {
    let blanks = columns.saturating_sub(self::columns(text));
    format!("{:blanks$}{text}", "")
}

/// A line of a log: when, and what.
pub fn entry(time: &str, what: &str) -> String {
    format!("{}  {}", right(time, 12), word(what))
}

/// Text in lines of at most `width` columns; a longer word has a line of its own, and a number keeps its unit.
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let (mut lines, mut line) = (Vec::new(), String::new());
    let text = super::lines(text);
    let mut words = text.split_whitespace().peekable();
    while let Some(word) = words.next() {
        let unit = words.next_if(|_| word.starts_with(|first: char| first.is_ascii_digit()));
        let word = unit.map_or(word.to_owned(), |unit| format!("{word} {unit}"));
        if !line.is_empty() && columns(&line) + 1 + columns(&word) > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line += &word;
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_letters_take_two_columns() {
        assert_eq!(["web", "虚拟", "🐧", "e\u{301}"].map(columns), [3, 4, 2, 1]);
        assert_eq!(right("虚拟", 6), "  虚拟");
        assert_eq!(right("é", 3), "  é");
        assert_eq!(right("longer", 2), "longer");
    }

    #[test]
    fn lines_break_between_words_and_never_before_a_unit() {
        for (text, lines) in [
            ("", vec![""]),
            ("one two", vec!["one two"]),
            ("one two three", vec!["one two", "three"]),
            ("takes 300 ms", vec!["takes", "300 ms"]),
            ("unbreakable", vec!["unbreakable"]),
        ] {
            assert_eq!(wrapped(text, 9), lines);
        }
    }
}
