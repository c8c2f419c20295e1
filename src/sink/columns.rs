//! Text in columns of a terminal, where wide letters take two.

use unicode_width::UnicodeWidthStr;

/// How many columns a text takes: wide letters (CJK, most emoji) take two.
pub fn columns(text: &str) -> usize {
    text.width()
}

/// The text with blanks behind it, so that it takes `columns`.
pub fn left(text: &str, columns: usize) -> String {
    format!("{text}{}", blanks(text, columns))
}

/// The text with blanks before it, so that it takes `columns`.
pub fn right(text: &str, columns: usize) -> String {
    format!("{}{text}", blanks(text, columns))
}

fn blanks(text: &str, columns: usize) -> String {
    " ".repeat(columns.saturating_sub(self::columns(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_letters_take_two_columns() {
        assert_eq!(["web", "虚拟", "🐧", "e\u{301}"].map(columns), [3, 4, 2, 1]);
        assert_eq!(left("虚拟", 6) + "|", "虚拟  |");
        assert_eq!(right("é", 3), "  é");
        assert_eq!(left("longer", 2), "longer");
    }
}
