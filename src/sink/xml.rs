//! Text in XML and HTML: pictures, JUnit reports, pages.

use std::borrow::Cow;

/// Text between tags; lines stay lines.
pub fn text(text: &str) -> Cow<'_, str> {
    let is_bad = |letter| matches!(letter, '&' | '<' | '>') || super::is_hidden(letter) && letter != '\n';
    super::replaced(text, is_bad, |letter, to| match letter {
        '&' => to.push_str("&amp;"),
        '<' => to.push_str("&lt;"),
        '>' => to.push_str("&gt;"),
        letter => super::escape(letter, to),
    })
}

/// A whole document whose markup was made with care for `<` and the like: what XML has no place for, and what turns text
/// around, is written as its number. Nor has it a line that the log of a job takes for a command: what would make it one is
/// an entity, which readers take for the character.
pub fn document(text: String) -> String {
    // Nearly always it is as it was, and pages are large.
    let mut text = match super::shown_lines(&text) {
        Cow::Owned(changed) => changed,
        Cow::Borrowed(_) => text,
    };
    let begins = |text: &str, at: usize| text[..at].rsplit('\n').next().is_some_and(|before| before.trim().is_empty());
    let colons: Vec<usize> = text.match_indices("::").map(|(at, _)| at).filter(|at| begins(&text, *at)).collect();
    if !colons.is_empty() {
        let mut from = 0;
        let pieces = colons.iter().map(|at| &text[std::mem::replace(&mut from, at + 1)..*at]);
        let mut good = pieces.fold(String::new(), |good, piece| good + piece + "&#58;");
        good.push_str(&text[from..]);
        text = good;
    }
    if text.contains("##[") { text.replace("##[", "#&#35;[") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_holds_only_what_xml_has_a_place_for() {
        assert_eq!(text("a<b>]]>&\u{1b}\n"), "a&lt;b&gt;]]&gt;&amp;\\u{1b}\n");
        let hostile: String = ('\0'..'\u{3000}').chain(['\u{fffe}', '\u{ffff}', '\u{10ffff}']).collect();
        let whole = format!("<a>{}</a>\n", text(&hostile));
        assert!(document(whole.clone()) == whole && roxmltree::Document::parse(&whole).is_ok());
        for (written, read) in
            [("\n ::error::a::b\n", "\n ::error::a::b\n"), ("a ::b ###[c]", "a ::b ###[c]"), ("::", "::")]
        {
            let whole = document(format!("<a>\n{written}</a>"));
            assert!(
                !whole.lines().any(|line| line.trim_start().starts_with("::")) && !whole.contains("##["),
                "{whole}"
            );
            let parsed = roxmltree::Document::parse(&whole).unwrap();
            assert_eq!(parsed.root_element().text().unwrap().strip_prefix('\n'), Some(read));
        }
        let spoilt = document("<a>\u{1}\u{202e}</a>\r\n".to_owned());
        assert_eq!(roxmltree::Document::parse(&spoilt).unwrap().root_element().text(), Some("\\u{1}\\u{202e}"));
    }
}
