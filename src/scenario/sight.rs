//! What a TOML text shows at a place where it cannot be read: what stands open there.

/// What is open before a byte of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sight {
    /// Where the quoted text begins that the place is in, if its quotes are closed nowhere.
    pub quote: Option<usize>,
    /// Where the innermost bracket stands that is open.
    pub bracket: Option<usize>,
    /// How many brackets are open.
    pub depth: usize,
}

/// Reads a text once, and stops at places in their order.
pub(super) struct Reader<'t> {
    text: &'t str,
    at: usize,
    /// Open brackets. Those of a section's name end with their line.
    brackets: Vec<usize>,
    /// The quotes that are open, and where they begin.
    quote: Option<(&'static str, usize)>,
}

const QUOTES: [&str; 4] = ["\"\"\"", "'''", "\"", "'"];

impl<'t> Reader<'t> {
    /// Before the first byte.
    pub(super) fn new(text: &'t str) -> Reader<'t> {
        Reader { text, at: 0, brackets: Vec::new(), quote: None }
    }

    /// What is open before a byte, not before the one that was asked for last.
    pub(super) fn sight(&mut self, place: usize) -> Sight {
        while self.at < place.min(self.text.len()) {
            self.step();
        }
        let quote = self.quote.filter(|_| !self.closes()).map(|(_, begins)| begins);
        Sight { quote, bracket: self.brackets.last().copied(), depth: self.brackets.len() }
    }

    /// Whether the quotes that are open are closed further on.
    fn closes(&self) -> bool {
        let Reader { text, at, quote, .. } = self;
        let mut ahead = Reader { text, at: *at, brackets: Vec::new(), quote: *quote };
        while ahead.quote.is_some() && ahead.at < text.len() {
            let line_ends = ahead.rest().starts_with(b"\n");
            ahead.step();
            if line_ends && ahead.quote.is_none() {
                return false;
            }
        }
        ahead.quote.is_none()
    }

    fn rest(&self) -> &'t [u8] {
        &self.text.as_bytes()[self.at.min(self.text.len())..]
    }

    /// Goes on by one token: a quote, an escape, a comment, or a byte.
    fn step(&mut self) {
        let (at, rest) = (self.at, self.rest());
        self.at += 1;
        if let Some((quote, _)) = self.quote {
            if rest.starts_with(quote.as_bytes()) {
                (self.quote, self.at) = (None, at + quote.len());
            } else if rest[0] == b'\n' && quote.len() == 1 {
                self.quote = None; // It was not closed; the next line is read for itself.
                self.end_line();
            } else if rest[0] == b'\\' && quote.starts_with('"') && rest.get(1) != Some(&b'\n') {
                self.at += 1;
            }
            return;
        }
        if let Some(quote) = QUOTES.into_iter().find(|quote| rest.starts_with(quote.as_bytes())) {
            (self.quote, self.at) = (Some((quote, at)), at + quote.len());
            return;
        }
        match rest[0] {
            b'#' => self.at = at + rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len()),
            b'[' | b'{' => self.brackets.push(at),
            b']' | b'}' => {
                self.brackets.pop();
            }
            b'\n' => self.end_line(),
            _ => {}
        }
    }

    /// A section's name does not go on in the next line.
    fn end_line(&mut self) {
        let is_name = |bracket: &usize| {
            let before = &self.text[..*bracket];
            before[before.rfind('\n').map_or(0, |line| line + 1)..].trim().is_empty()
        };
        if self.brackets.first().is_some_and(is_name) {
            self.brackets.clear();
        }
    }
}

/// The value that stands at a place without quotes, if what is there before it is a key: `8 GiB` of `memory = 8 GiB # RAM`.
pub(super) fn bare_value(text: &str, place: usize) -> Option<&str> {
    let line = text.get(..place)?.rfind('\n').map_or(0, |line| line + 1);
    let (key, value) = text[line..].lines().next()?.split_once('=')?;
    let value = value.split('#').next().unwrap_or(value).trim();
    let is_bare = value.contains(|c: char| c.is_alphabetic() || c == '%')
        && !value.contains(['"', '\'', '[', ']', '{', '}', '=', ',']);
    (is_bare && !key.contains(['"', '\'', '[', '{']) && place > line + key.len()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_open_is_seen() {
        // The place is at the mark, which is no part of the text.
        for (marked, quote, bracket, depth) in [
            ("a = \"x\"|", None, None, 0),
            ("a = \"x|\nb = 1", Some(4), None, 0),
            ("a = \"x|\\q\"", None, None, 0),
            ("a = \"x\nb = 1|", None, None, 0),
            ("a = '''x\nb = 1|", Some(4), None, 0),
            ("a = '''x|\n'''", None, None, 0),
            ("[a|\nb = 1", None, Some(0), 1),
            ("[a\nb = 1|", None, None, 0),
            ("a = [1, [2]\n|[b]", None, Some(4), 1),
            ("a = [1, [2|]]", None, Some(8), 2),
            ("a = 1 # [ \"\nb = |", None, None, 0),
            ("a = \"[\" # \"|", None, None, 0),
        ] {
            let (place, text) = (marked.find('|').unwrap(), marked.replace('|', ""));
            assert_eq!(Reader::new(&text).sight(place), Sight { quote, bracket, depth }, "{marked}");
        }
    }

    #[test]
    fn a_value_without_quotes_is_seen() {
        for (text, value) in [
            ("memory = 8GiB # RAM", Some("8GiB")),
            ("\nmemory = 8 GiB", Some("8 GiB")),
            ("memory = \"8 GiB", None),
            ("memory = [1 2]", None),
            ("vcpus = 07", None),
            ("memory =", None),
            ("memory", None),
        ] {
            assert_eq!(bare_value(text, text.len()), value, "{text}");
        }
    }
}
