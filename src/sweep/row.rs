//! Rows as bytes: CSV, or a JSON object a line.

use std::fmt::{self, Write as _};
use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use crate::metrics::Value;
use crate::scenario::Shown;
use crate::sink::csv;
use crate::units::ShortText;

use super::column::SweepColumn;

/// A form in which rows are made.
pub trait RowKind: Copy + fmt::Debug + Send + Sync {
    /// What it takes to put cells into rows; one a thread.
    type Writer: fmt::Debug + Send;
    /// Some rows, one after the other.
    type Block: Default + fmt::Debug + Send;

    /// For rows with these columns.
    fn writer(self, columns: &[SweepColumn]) -> Self::Writer;

    /// Puts a row with a cell for each column behind those of the block.
    fn row<'a>(writer: &mut Self::Writer, cells: impl Iterator<Item = RowCell<'a>>, block: &mut Self::Block);
}

/// One value of a row.
#[derive(Clone, Copy, Debug)]
pub enum RowCell<'a> {
    /// There is none.
    Empty,
    /// Words.
    Words(&'a str),
    /// A whole number.
    Whole(u64),
    /// A number.
    Number(f64),
    /// A field of an outcome.
    Outcome(Value<'a>),
}

impl<'a> From<Shown<'a>> for RowCell<'a> {
    fn from(shown: Shown<'a>) -> RowCell<'a> {
        match shown {
            Shown::Number(number) => RowCell::Number(number),
            Shown::Words(words) => RowCell::Words(words),
        }
    }
}

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RowForm {
    /// A header, then a line for each row.
    Csv,
    /// A JSON object a line.
    JsonLines,
}

impl RowForm {
    /// What names of such files end with.
    pub fn suffix(self) -> &'static str {
        match self {
            RowForm::Csv => "`.csv`",
            RowForm::JsonLines => "`.jsonl`",
        }
    }

    /// Whether a line of names stands above the rows.
    pub fn has_header(self) -> bool {
        self == RowForm::Csv
    }
}

impl RowKind for RowForm {
    type Writer = RowWriter;
    type Block = Vec<u8>;

    fn writer(self, columns: &[SweepColumn]) -> RowWriter {
        RowWriter::new(self, columns)
    }

    fn row<'a>(writer: &mut RowWriter, cells: impl Iterator<Item = RowCell<'a>>, block: &mut Vec<u8>) {
        writer.row(cells, block);
    }
}

/// Writes rows, one after the other.
#[derive(Debug)]
pub struct RowWriter {
    form: RowForm,
    /// What stands before each cell of a JSON object: `{"point":`, `,"repeat":`.
    keys: Vec<String>,
    words: String,
}

impl RowWriter {
    /// Rows with these columns.
    pub(super) fn new(form: RowForm, columns: &[SweepColumn]) -> RowWriter {
        let key = |(index, column): (usize, &SweepColumn)| {
            let name = serde_json::Value::from(column.name.as_str());
            format!("{}{name}:", if index == 0 { '{' } else { ',' })
        };
        RowWriter { form, keys: columns.iter().enumerate().map(key).collect(), words: String::new() }
    }

    /// What stands above rows with these columns.
    pub(super) fn header(form: RowForm, columns: &[SweepColumn], out: &mut Vec<u8>) {
        if form.has_header() {
            for (index, column) in columns.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                quoted(&csv::cell(&column.name), out);
            }
            out.push(b'\n');
        }
    }

    /// A row with a cell for each column.
    pub(super) fn row<'a>(&mut self, cells: impl Iterator<Item = RowCell<'a>>, out: &mut Vec<u8>) {
        for (index, cell) in cells.enumerate() {
            match self.form {
                RowForm::Csv if index > 0 => out.push(b','),
                RowForm::Csv => {}
                RowForm::JsonLines => out.extend_from_slice(self.keys[index].as_bytes()),
            }
            self.cell(cell, out);
        }
        out.extend_from_slice(if self.form == RowForm::JsonLines { b"}\n" } else { b"\n" });
    }

    fn cell(&mut self, cell: RowCell, out: &mut Vec<u8>) {
        match cell {
            RowCell::Empty | RowCell::Outcome(Value::Missing) => {
                out.extend_from_slice(if self.form == RowForm::Csv { b"" } else { b"null" });
            }
            RowCell::Words(words) | RowCell::Outcome(Value::Word(words)) => self.words(words, out),
            RowCell::Outcome(Value::Reason(reason)) => {
                let mut words = std::mem::take(&mut self.words);
                words.clear();
                // Writing into memory does not fail.
                let _ = write!(words, "{reason}");
                self.words(&words, out);
                self.words = words;
            }
            RowCell::Whole(number) | RowCell::Outcome(Value::Whole(number)) => whole(number, out),
            RowCell::Number(number) | RowCell::Outcome(Value::Real(number)) => self.number(number, out),
        }
    }

    fn number(&self, number: f64, out: &mut Vec<u8>) {
        if self.form == RowForm::JsonLines && !number.is_finite() {
            return out.extend_from_slice(b"null");
        }
        // The fraction of most numbers is zero, and whole numbers are written faster.
        if (0.0..1e15).contains(&number) && number as u64 as f64 == number {
            return whole(number as u64, out);
        }
        // Writing into memory does not fail.
        let _ = match ShortText::shortest(number) {
            Some(text) => out.write_all(text.as_bytes()),
            // Here JSON writes a number as it is, and faster. Only numbers that end with some binary zeros lie half way between two
            // decimals that name them equally well, of which it would take the other one.
            None if (1e-4..4e12).contains(&number) && !number.to_bits().is_multiple_of(16) => {
                serde_json::to_writer(out, &number).map_err(io::Error::from)
            }
            None => write!(out, "{number}"),
        };
    }

    fn words(&self, words: &str, out: &mut Vec<u8>) {
        match self.form {
            RowForm::Csv => quoted(&csv::cell(words), out),
            RowForm::JsonLines => {
                let _ = serde_json::to_writer(out, words);
            }
        }
    }
}

/// A whole number; the most frequent one is zero.
fn whole(number: u64, out: &mut Vec<u8>) {
    match number {
        // Below ten.
        0..10 => out.push(b'0' + number as u8),
        _ => out.extend_from_slice(ShortText::whole(number).as_bytes()),
    }
}

/// A CSV cell, with quotes where they are needed.
fn quoted(words: &str, out: &mut Vec<u8>) {
    match words.bytes().fold(false, |any, byte| any | matches!(byte, b'"' | b',' | b'\n' | b'\r')) {
        false => return out.extend_from_slice(words.as_bytes()),
        true if !words.contains('"') => {
            out.push(b'"');
            out.extend_from_slice(words.as_bytes());
            return out.push(b'"');
        }
        true => {}
    }
    out.push(b'"');
    for (index, part) in words.split('"').enumerate() {
        if index > 0 {
            out.extend_from_slice(b"\"\"");
        }
        out.extend_from_slice(part.as_bytes());
    }
    out.push(b'"');
}

/// Whether more of a row follows after these bytes of it: a line that ends within quotes goes on.
///
/// JSON has no bare line ends within a text, and quotes in pairs, escaped ones aside, so a JSON line ends at its end.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Scanner {
    within_quotes: bool,
}

impl Scanner {
    /// The length of what is left of the row at the head of `bytes`, its line end included; `None`: it goes on.
    pub(super) fn end(&mut self, form: RowForm, bytes: &[u8]) -> Option<usize> {
        if form == RowForm::JsonLines {
            return memchr::memchr(b'\n', bytes).map(|at| at + 1);
        }
        for at in memchr::memchr2_iter(b'"', b'\n', bytes) {
            match bytes[at] {
                b'"' => self.within_quotes = !self.within_quotes,
                _ if !self.within_quotes => return Some(at + 1),
                _ => {}
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::column::ColumnKind;
    use super::*;

    #[test]
    fn a_row_is_quoted_where_it_must_be() {
        let columns =
            ["a", "b", "c", "d"].map(|name| SweepColumn { name: name.to_owned(), kind: ColumnKind::Words, unit: None });
        let cells =
            [RowCell::Words("x, \"y\"\nz"), RowCell::Empty, RowCell::Number(0.1), RowCell::Number(f64::INFINITY)];
        for (form, expected) in [
            (RowForm::Csv, "a,b,c,d\n\"x, \"\"y\"\"\\nz\",,0.1,inf\n"),
            (RowForm::JsonLines, "{\"a\":\"x, \\\"y\\\"\\nz\",\"b\":null,\"c\":0.1,\"d\":null}\n"),
        ] {
            let mut rows = RowWriter::new(form, &columns);
            let mut out = Vec::new();
            RowWriter::header(form, &columns, &mut out);
            let header = out.len();
            rows.row(cells.into_iter(), &mut out);
            assert_eq!(String::from_utf8(out.clone()).unwrap(), expected);
            assert_eq!(Scanner::default().end(form, &out[header..]), Some(out.len() - header));
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(20_000))]

        #[test]
        fn a_number_is_written_as_the_standard_library_writes_it(bits: u64, scale in -20i32..20, digits in 0u64..1 << 53) {
            let mut rows = RowWriter::new(RowForm::Csv, &[]);
            for number in [f64::from_bits(bits), digits as f64 * 10f64.powi(scale), digits as f64 / 2f64.powi(scale + 30)] {
                let mut out = Vec::new();
                rows.cell(RowCell::Number(number), &mut out);
                let plain = if number == 0.0 { "0".to_owned() } else { number.to_string() };
                proptest::prop_assert_eq!(String::from_utf8(out).unwrap(), plain);
            }
        }
    }
}
