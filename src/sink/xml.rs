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
/// around, is written as its number.
pub fn document(text: String) -> String {
    // Nearly always it is as it was, and pages are large.
    let changed = match super::shown_lines(&text) {
        Cow::Owned(changed) => Some(changed),
        Cow::Borrowed(_) => None,
    };
    changed.unwrap_or(text)
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
        let spoilt = document("<a>\u{1}\u{202e}</a>\r\n".to_owned());
        assert_eq!(roxmltree::Document::parse(&spoilt).unwrap().root_element().text(), Some("\\u{1}\\u{202e}"));
    }
}
