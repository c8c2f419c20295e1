//! Text in a cell of a CSV file, which most people open in a spreadsheet.

use std::borrow::Cow;
use std::io::Write;

/// A writer of rows to `to`, which puts a field with a colon in quotes, so that no line begins with `::`, which the log of a job
/// takes for a command. Readers take quotes off: the address `::1` stays what it is.
pub fn writer<W: Write>(to: W) -> ::csv::Writer<W> {
    // Quotes are for what would begin a comment; there are none in what is written here.
    ::csv::WriterBuilder::new().comment(Some(b':')).from_writer(to)
}

/// Writes a row, each of its fields as a [`cell`].
///
/// # Errors
/// Those of writing.
pub fn record<W: Write>(
    csv: &mut ::csv::Writer<W>,
    fields: impl IntoIterator<Item = impl AsRef<str>>,
) -> ::csv::Result<()> {
    for field in fields {
        csv.write_field(cell(field.as_ref()).as_bytes())?;
    }
    csv.write_record(None::<&[u8]>)
}

/// A cell of words.
///
/// What a spreadsheet would calculate gets an apostrophe in front, and a word that has one there already another; numbers
/// never do. [`word`] takes it off again. Hidden characters are written as their numbers, so that a row is a line, and so is the `#`
/// of `##[`, which the log of a job takes for a command wherever it is.
pub fn cell(text: &str) -> Cow<'_, str> {
    // Nearly all cells: what begins like a word or a number, and has only what can be seen and no `#` in it.
    let is_plain = |byte: u8| (b' '..=b'~').contains(&byte) && byte != b'#';
    if text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text.bytes().fold(true, |all, byte| all & is_plain(byte))
    {
        return Cow::Borrowed(text);
    }
    let shown = super::terminal::field(text);
    match is_formula(&shown) || shown.strip_prefix('\'').is_some_and(is_marked) {
        true => Cow::Owned(format!("'{shown}")),
        false => shown,
    }
}

/// What [`cell`] was made from, but for hidden characters.
pub fn word(cell: &str) -> &str {
    // Nearly no cell has one; a look at the first byte tells so.
    let marked = if cell.as_bytes().first() == Some(&b'\'') { cell.strip_prefix('\'') } else { None };
    marked.filter(|rest| is_marked(rest)).unwrap_or(cell)
}

/// Whether a spreadsheet would take the text for a formula.
fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@']) && text.parse::<f64>().is_err()
}

/// Whether an apostrophe before the text is a mark.
fn is_marked(text: &str) -> bool {
    is_formula(text) || text.strip_prefix('\'').is_some_and(is_marked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_is_marked_and_a_number_is_not() {
        for (text, written) in [
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("+x", "'+x"),
            ("-web", "'-web"),
            ("-5", "-5"),
            ("+1.5e3", "+1.5e3"),
            ("'=x", "''=x"),
            ("''=x", "'''=x"),
            ("'quoted'", "'quoted'"),
            ("a=b", "a=b"),
            ("", ""),
        ] {
            assert_eq!((cell(text).as_ref(), word(written)), (written, text));
        }
        assert_eq!(cell("\t=x"), "\\t=x", "a tab is hidden, and no formula begins with what is written for it");
    }
}
