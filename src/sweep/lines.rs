//! Rows of a file, one after the other.

use std::io;

use super::row::{RowForm, Scanner};

/// Whole rows of a file, each with its line end.
#[derive(Debug)]
pub(super) struct RowLines<R> {
    form: RowForm,
    from: R,
}

impl<R: io::BufRead> RowLines<R> {
    pub(super) fn new(form: RowForm, from: R) -> RowLines<R> {
        RowLines { form, from }
    }

    /// Puts the next whole row into `line`; false if there is none.
    pub(super) fn next(&mut self, line: &mut Vec<u8>) -> io::Result<bool> {
        line.clear();
        let mut scanner = Scanner::default();
        loop {
            let bytes = self.from.fill_buf()?;
            if bytes.is_empty() {
                return Ok(false);
            }
            let end = scanner.end(self.form, bytes);
            let used = end.unwrap_or(bytes.len());
            line.extend_from_slice(&bytes[..used]);
            self.from.consume(used);
            if end.is_some() {
                return Ok(true);
            }
        }
    }
}

/// The point that a row is of: its first number.
pub(super) fn point_of(row: &[u8]) -> Option<u64> {
    let digits = row.iter().skip_while(|byte| !byte.is_ascii_digit()).take_while(|byte| byte.is_ascii_digit());
    let digits: Vec<u8> = digits.copied().collect();
    str::from_utf8(&digits).ok()?.parse().ok()
}
