//! Text in Markdown as GitHub and GitLab draw it.

use std::borrow::Cow;

/// Text within a line or a cell of a table: no markup, no HTML, no end of the cell.
pub fn text(text: &str) -> Cow<'_, str> {
    let shown = super::shown(text);
    let is_bad = |letter| matches!(letter, '\\' | '`' | '*' | '[' | ']' | '|' | '<' | '>' | '&' | '~' | '$');
    let is_bad = |letter| is_bad(letter) || letter == '_' && !is_inside(&shown);
    let good = super::replaced(&shown, is_bad, |letter, to| match letter {
        '<' => to.push_str("&lt;"),
        '>' => to.push_str("&gt;"),
        '&' => to.push_str("&amp;"),
        letter => to.extend(['\\', letter]),
    });
    Cow::Owned(good.into_owned())
}

/// Whether each `_` of a text is between letters, where it is no markup.
fn is_inside(text: &str) -> bool {
    let letter = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
    text.match_indices('_')
        .all(|(at, _)| letter(text[..at].chars().next_back()) && letter(text[at + 1..].chars().next()))
}

/// Text as code within a line or a cell of a table.
///
/// Backticks around it are more than it has in a row; `|` ends a cell even there, and is escaped.
pub fn code(text: &str) -> String {
    let shown = super::shown(text).replace('|', "\\|");
    let longest = shown.split(|letter| letter != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let blank = if shown.starts_with('`') || shown.ends_with('`') { " " } else { "" };
    format!("{fence}{blank}{shown}{blank}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_stays_one_cell_without_markup() {
        assert_eq!(text("p<x>&| `a`\n*b*"), "p&lt;x&gt;&amp;\\| \\`a\\`\\\\n\\*b\\*");
        assert_eq!(text("idle_4g, qemu-8.2, 300 ms"), "idle_4g, qemu-8.2, 300 ms");
        assert_eq!(text("_a_"), "\\_a\\_");
        assert_eq!(text("[a](http://b)"), "\\[a\\](http://b)");
    }

    #[test]
    fn code_has_more_backticks_around_it_than_within() {
        assert_eq!(code("downtime_ms"), "`downtime_ms`");
        assert_eq!(code("a``b|c"), "```a``b\\|c```");
        assert_eq!(code("`a"), "`` `a ``");
    }
}
