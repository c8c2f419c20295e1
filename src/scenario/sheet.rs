//! A table as spreadsheets write it: fields between commas, semicolons or tabs.
//!
//! The fields are cut here, because a complaint points at the text of a field, and a CSV library tells only its line.

use super::diagnostic::Source;
use super::faults::Faults;
use super::tree::TextPlace;
use crate::sink::csv;

/// What may stand between two fields; of those that are as frequent the first.
const SEPARATORS: [char; 3] = [',', ';', '\t'];

/// A field: its text without quotes, and where it stands in the file.
pub(super) struct Field {
    pub text: String,
    pub from: usize,
    pub to: usize,
}

impl Field {
    pub(super) fn place(&self) -> TextPlace {
        TextPlace { source: Source::File, span: self.from..self.to }
    }
}

/// Rows of fields, and what stands between these. Lines that begin with `#`, and empty ones, are remarks.
pub(super) struct Sheet {
    pub separator: char,
    pub rows: Vec<Vec<Field>>,
}

impl Sheet {
    /// The names of the columns; none where the line cannot be cut.
    pub(super) fn head(text: &str) -> Vec<String> {
        let (separator, mut lines) = separated(text);
        let row = lines.next().and_then(|(from, line)| fields(line, from, separator, &mut Faults::default()));
        row.into_iter().flatten().map(|field| field.text).collect()
    }

    /// Cuts a text; what cannot be cut is said.
    pub(super) fn cut(text: &str, faults: &mut Faults) -> Sheet {
        let (separator, lines) = separated(text);
        let rows = lines.filter_map(|(from, line)| fields(line, from, separator, faults)).collect();
        Sheet { separator, rows }
    }
}

/// What stands between two fields, and the lines of the table.
fn separated(text: &str) -> (char, impl Iterator<Item = (usize, &str)>) {
    let mut lines = lines(text).peekable();
    // A line of its own, by which a spreadsheet tells another what stands between fields.
    let told = lines.peek().and_then(|(_, line)| line.trim_end_matches('\r').strip_prefix("sep=")?.chars().next());
    if told.is_some() {
        lines.next();
    }
    let separator = told.unwrap_or_else(|| lines.peek().map_or(',', |(_, head)| between(head)));
    (separator, lines)
}

/// Lines that are no remark, and where they begin.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let start = usize::from(text.starts_with('\u{feff}')) * '\u{feff}'.len_utf8();
    let mut from = start;
    let places = text[start..].split('\n').map(move |line| {
        let at = from;
        from += line.len() + 1;
        (at, line)
    });
    places.filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
}

/// The separator of a line: the most frequent one outside quotes.
fn between(head: &str) -> char {
    let outside: String = head.split('"').step_by(2).collect();
    let count = |separator: &char| outside.matches(*separator).count();
    // Of equal ones `max_by_key` takes the last.
    SEPARATORS.into_iter().rev().max_by_key(count).unwrap_or(',')
}

/// The fields of a line that begins at `offset`; a field with a separator in it stands in quotes. `None` if one of these is
/// not closed.
fn fields(line: &str, offset: usize, separator: char, faults: &mut Faults) -> Option<Vec<Field>> {
    let mut fields = Vec::new();
    let (mut from, mut quoted) = (0, false);
    for (at, c) in line.char_indices().chain([(line.len(), separator)]) {
        match c {
            '"' => quoted = !quoted,
            c if c == separator && (!quoted || at == line.len()) => {
                fields.push(field(&line[from..at], offset + from));
                from = at + c.len_utf8();
            }
            _ => {}
        }
    }
    if let Some(last) = fields.last().filter(|_| quoted) {
        faults
            .error(&last.place(), "a quote is not closed", "a `\"` is missing in this line")
            .help("a field begins and ends with `\"`, and has `\"\"` for each quote in it");
        faults.incomplete = true;
        return None;
    }
    Some(fields)
}

fn field(written: &str, from: usize) -> Field {
    let text = written.trim();
    let from = from + (written.len() - written.trim_start().len());
    let to = from + text.len();
    match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        Some(inner) => Field { text: csv::word(&inner.replace("\"\"", "\"")).to_owned(), from, to },
        None => Field { text: csv::word(text).to_owned(), from, to },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<Vec<String>> {
        let sheet = Sheet::cut(text, &mut Faults::default());
        sheet.rows.into_iter().map(|row| row.into_iter().map(|field| field.text).collect()).collect()
    }

    #[test]
    fn any_separator_is_seen_in_the_first_line() {
        for text in [
            "a,b c\n1,2",
            "a;b c\n1;2",
            "a\tb c\r\n1\t2\r\n",
            "\u{feff}# x,y,z\na;b c\n1;2",
            "sep=;\r\na;b c\n1;2",
            "sep=\t\r\na\tb c\n1\t2",
        ] {
            assert_eq!(cut(text), [["a", "b c"], ["1", "2"]], "{text}");
        }
        assert_eq!(cut("\"rate, MiB/s\";b\n1,5;2"), [["rate, MiB/s", "b"], ["1,5", "2"]]);
        assert_eq!(cut("a|b"), [["a|b"]]);
    }
}
