//! Text in workflow commands, which GitHub Actions reads from the log of a job: `::error file=a.toml,title=b::message`.

use std::borrow::Cow;

/// A command's message, in one line or several.
pub fn data(text: &str) -> Cow<'_, str> {
    super::replaced(
        text,
        |letter| letter == '%' || super::is_hidden(letter),
        |letter, to| match letter {
            '%' => to.push_str("%25"),
            '\r' => to.push_str("%0D"),
            '\n' => to.push_str("%0A"),
            letter => super::escape(letter, to),
        },
    )
}

/// The value of one of a command's properties.
pub fn property(text: &str) -> Cow<'_, str> {
    let is_bad = |letter| matches!(letter, '%' | ':' | ',') || super::is_hidden(letter);
    super::replaced(text, is_bad, |letter, to| match letter {
        ':' => to.push_str("%3A"),
        ',' => to.push_str("%2C"),
        letter => to.push_str(&data(letter.encode_utf8(&mut [0; 4]))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_ends_where_it_should() {
        assert_eq!(data("1 -> 2 +100.0 %\r\n\u{1b}::x"), "1 -> 2 +100.0 %25%0D%0A\\u{1b}::x");
        assert_eq!(property("a,b: 5 %\n::warning::"), "a%2Cb%3A 5 %25%0A%3A%3Awarning%3A%3A");
        assert!(matches!(data("plain"), Cow::Borrowed("plain")));
    }
}
