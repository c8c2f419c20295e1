//! Reading what may have any size and hold anything, such as a file that a user names, or a device.

use std::fmt;
use std::io::{self, Read};
#[cfg(feature = "program")]
use std::sync::{Mutex, PoisonError};

use super::{Bytes, utf16};

/// How much is looked at before the rest is read [bytes].
const HEAD: u64 = 1 << 20;

/// A file, or standard input where it is called `-`.
///
/// # Errors
/// It cannot be opened.
#[cfg(feature = "program")]
pub(crate) fn open(path: &std::path::Path) -> io::Result<Box<dyn Read>> {
    match path.as_os_str() == "-" {
        true => Ok(Box::new(standard_input())),
        false => Ok(Box::new(std::fs::File::open(path)?)),
    }
}

/// What was looked at of standard input before its reader comes.
#[cfg(feature = "program")]
static LOOKED_AT: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Standard input from its beginning, what [`standard_text`] looked at included.
#[cfg(feature = "program")]
pub(crate) fn standard_input() -> impl Read {
    let mut looked_at = LOOKED_AT.lock().unwrap_or_else(PoisonError::into_inner);
    io::Cursor::new(std::mem::take(&mut *looked_at)).chain(io::stdin().lock())
}

/// All of standard input as a text, which is left to its reader; `None` if it is larger than `most` bytes or no text.
#[cfg(feature = "program")]
pub(crate) fn standard_text(most: u64) -> Option<String> {
    let mut looked_at = LOOKED_AT.lock().unwrap_or_else(PoisonError::into_inner);
    let more = most.saturating_add(1).saturating_sub(looked_at.len() as u64);
    // What goes wrong does so again for its reader, who says it.
    io::stdin().lock().take(more).read_to_end(&mut looked_at).ok()?;
    text(looked_at.as_slice(), most).ok()
}

/// All of `source`, be it UTF-8 or UTF-16, without the mark that some editors put before the first line.
///
/// # Errors
/// It cannot be read, is larger than `most` bytes ([`io::ErrorKind::FileTooLarge`]), or is no text
/// ([`io::ErrorKind::InvalidData`]).
pub(crate) fn text(source: impl Read, most: u64) -> io::Result<String> {
    text_or_head(source, most).map_err(|(error, _)| error)
}

/// All bytes of `source`, text or not.
///
/// # Errors
/// It cannot be read, or is larger than `most` bytes ([`io::ErrorKind::FileTooLarge`]).
#[cfg(feature = "program")]
pub(crate) fn bytes(source: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut all = Vec::new();
    source.take(most.saturating_add(1)).read_to_end(&mut all)?;
    if all.len() as u64 > most {
        return Err(too_large(most));
    }
    Ok(all)
}

fn too_large(most: u64) -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, format!("larger than {}", Bytes(most)))
}

/// As [`text`]; an error brings the first bytes.
///
/// # Errors
/// As [`text`].
pub(crate) fn text_or_head(source: impl Read, most: u64) -> Result<String, (io::Error, Vec<u8>)> {
    let (head, mut all) = stream(source, most)?;
    let mut text = String::new();
    match all.read_to_string(&mut text) {
        Ok(_) => Ok(text),
        Err(error) => Err((error, head)),
    }
}

/// The first bytes of `source` and a reader of all of it, for what need not be in memory as a whole.
///
/// # Errors
/// As [`text`], with the first bytes; reading on may fail in the same ways.
pub(crate) fn stream(mut source: impl Read, most: u64) -> Result<(Vec<u8>, impl Read), (io::Error, Vec<u8>)> {
    let mut head = Vec::new();
    let mut read = source.by_ref().take(HEAD).read_to_end(&mut head);
    // UTF-16 is as a whole in memory: a text saved so is not large.
    if utf16::is_marked(&head) && read.is_ok() {
        read = source.by_ref().take(most.saturating_add(1).saturating_sub(HEAD)).read_to_end(&mut head);
        if head.len() as u64 > most {
            return Err((too_large(most), head));
        }
        match utf16::text(&head) {
            Some(Ok(text)) => head = text.into_bytes(),
            Some(Err(begun)) => {
                let (line, column) = place(begun.as_bytes(), begun.len());
                return Err((NotText::Utf16 { line, column }.into(), head));
            }
            None => {}
        }
    }
    // What it is by its head is said rather than which of its bytes is wrong.
    if let Some(error) = NotText::by_head(&head).map(io::Error::from).or(read.err()) {
        return Err((error, head));
    }
    let start = if head.starts_with(MARK.as_bytes()) { MARK.len() } else { 0 };
    let source = io::Cursor::new(head[start..].to_vec()).chain(source);
    Ok((head.split_off(start), Checked { source, most, passed: 0, line: 1, column: 1, begun: Vec::new() }))
}

/// The mark that some editors put before the first line.
const MARK: &str = "\u{feff}";

/// Passes text on, and fails at the first byte that is none, or behind `most` bytes.
struct Checked<R> {
    source: R,
    most: u64,
    passed: u64,
    /// Where the next letter is, from 1.
    line: usize,
    column: usize,
    /// The first bytes of a letter whose others are still to come.
    begun: Vec<u8>,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if to.is_empty() {
            return Ok(0);
        }
        let length = self.source.read(to)?;
        self.passed += length as u64;
        if self.passed > self.most {
            return Err(too_large(self.most));
        }
        let mut new = std::mem::take(&mut self.begun);
        match new.is_empty() {
            true => self.check(&to[..length], length == 0)?,
            false => {
                new.extend_from_slice(&to[..length]);
                self.check(&new, length == 0)?;
            }
        }
        Ok(length)
    }
}

impl<R> Checked<R> {
    /// Follows a text to its end; an unfinished letter waits for more bytes, unless this is the end.
    fn check(&mut self, bytes: &[u8], is_end: bool) -> Result<(), NotText> {
        let error = match str::from_utf8(bytes) {
            Ok(text) => {
                self.pass(text);
                return Ok(());
            }
            Err(error) => error,
        };
        let (text, rest) = bytes.split_at(error.valid_up_to());
        self.pass(&String::from_utf8_lossy(text));
        if error.error_len().is_none() && !is_end {
            self.begun = rest.to_vec();
            return Ok(());
        }
        let Checked { line, column, .. } = *self;
        Err(NotText::Byte { byte: rest.first().copied().unwrap_or_default(), line, column })
    }

    fn pass(&mut self, text: &str) {
        if let Some(last) = text.rfind('\n') {
            self.line += text.bytes().filter(|byte| *byte == b'\n').count();
            self.column = 1 + text[last + 1..].chars().count();
        } else {
            self.column += text.chars().count();
        }
    }
}

/// What bytes are that are no text in UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NotText {
    /// A byte that cannot be where it is.
    Byte { byte: u8, line: usize, column: usize },
    /// Two bytes that are no letter of UTF-16, where the mark says that it is.
    Utf16 { line: usize, column: usize },
    /// A byte that no text has.
    Zero { line: usize, column: usize },
    /// A line without an end.
    LongLine,
    /// A file of another program: what it is, and what makes a text of it.
    Packed(&'static str, &'static str),
}

/// First bytes of files that hold a text, what they are, and what gets the text out.
const PACKED: [(&[u8], &str, &str); 5] = [
    (b"\x1f\x8b", "compressed by gzip", "give what `gzip -dc` makes of it"),
    (b"\xfd7zXZ", "compressed by xz", "give what `xz -dc` makes of it"),
    (b"\x28\xb5\x2f\xfd", "compressed by zstd", "give what `zstd -dc` makes of it"),
    (b"BZh", "compressed by bzip2", "give what `bzip2 -dc` makes of it"),
    (b"PK\x03\x04", "a zip archive or a spreadsheet", "save the table as CSV, or unpack the archive"),
];

/// What a file is that is no text but holds one, by its first bytes, with the way to the text.
#[cfg(feature = "program")]
pub(crate) fn packed(head: &[u8]) -> Option<String> {
    NotText::packed(head).map(|packed| packed.to_string())
}

impl NotText {
    /// What the first bytes show.
    fn by_head(head: &[u8]) -> Option<NotText> {
        if let Some(packed) = NotText::packed(head) {
            return Some(packed);
        }
        if let Some(at) = head.iter().position(|byte| *byte == 0) {
            let (line, column) = place(head, at);
            return Some(NotText::Zero { line, column });
        }
        // JSON may stand in one line.
        let is_json = matches!(head.trim_ascii_start().first(), Some(b'{' | b'['));
        (head.len() as u64 >= HEAD && !is_json && !head.contains(&b'\n')).then_some(NotText::LongLine)
    }

    fn packed(head: &[u8]) -> Option<NotText> {
        let known = PACKED.iter().find(|(magic, ..)| head.starts_with(magic))?;
        Some(NotText::Packed(known.1, known.2))
    }
}

/// Line and column of a byte, both from 1; letters before it count one each.
pub(crate) fn place(bytes: &[u8], at: usize) -> (usize, usize) {
    let before = String::from_utf8_lossy(&bytes[..at.min(bytes.len())]);
    (before.matches('\n').count() + 1, before.rsplit('\n').next().unwrap_or_default().chars().count() + 1)
}

impl fmt::Display for NotText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotText::Byte { byte, line, column } => {
                write!(f, "not UTF-8 text: byte 0x{byte:02x} at line {line}, column {column}; save it as UTF-8")
            }
            NotText::Utf16 { line, column } => write!(
                f,
                "not UTF-16 text, as its first two bytes say: damaged at line {line}, column {column}; save it as UTF-8"
            ),
            NotText::Zero { line, column } => write!(
                f,
                "not UTF-8 text: byte 0x00 at line {line}, column {column}, as a binary file, a device or UTF-16 has; \
                 name a text file, or save it as UTF-8"
            ),
            NotText::LongLine => {
                write!(f, "not a text with lines: its first line has more than {}; is it the right file?", Bytes(HEAD))
            }
            NotText::Packed(what, remedy) => write!(f, "no text but {what}; {remedy}"),
        }
    }
}

impl std::error::Error for NotText {}

impl From<NotText> for io::Error {
    fn from(what: NotText) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaint(source: impl Read, most: u64) -> String {
        text(source, most).unwrap_err().to_string()
    }

    #[test]
    fn what_is_too_large_is_not_read_to_its_end() {
        assert_eq!(text(&b"1234"[..], 4).unwrap(), "1234");
        let (error, head) = text_or_head(io::repeat(b'\n'), 2048).unwrap_err();
        assert_eq!((error.kind(), error.to_string()), (io::ErrorKind::FileTooLarge, "larger than 2 KiB".to_owned()));
        assert_eq!(head.len() as u64, HEAD);
        assert_eq!(complaint(&b"12345"[..], 4), "larger than 4 B");
    }

    #[test]
    fn what_is_no_text_is_known_by_its_head() {
        for (byte, what) in [(0, "byte 0x00 at line 1, column 1, as a binary file"), (b'x', "more than 1 MiB")] {
            let (error, head) = text_or_head(io::repeat(byte), u64::MAX - 1).unwrap_err();
            assert!(error.to_string().contains(what) && head.len() as u64 == HEAD, "{error}");
        }
        let (json, line) = (b"{".chain(io::repeat(b' ')), b"a\n".chain(io::repeat(b' ')));
        assert_eq!(complaint(json, 4 << 20), "larger than 4 MiB");
        assert_eq!(complaint(line, 4 << 20), "larger than 4 MiB");
    }

    #[test]
    fn a_byte_that_is_no_utf_8_has_its_place() {
        for (bytes, what) in [
            (&b"\xff"[..], "byte 0xff at line 1, column 1"),
            (b"name,memory\nvm,4 GiB\nfen\xeatre,1 GiB\n", "byte 0xea at line 3, column 4"),
            (
                "é\r\nüx".as_bytes().split_last().map_or(&[][..], |(_, rest)| &rest[..rest.len() - 1]),
                "line 2, column 1",
            ),
            (b"\xff\xfea\0\n\0b", "not UTF-16 text, as its first two bytes say: damaged at line 2, column 1"),
            (b"\xfe\xff\0a\xd8\0", "damaged at line 1, column 2"),
            (b"a\0b\0", "byte 0x00 at line 1, column 2"),
        ] {
            let found = complaint(bytes, 99);
            assert!(found.contains(what) && found.contains("save it as UTF-8"), "{found}");
        }
    }

    #[test]
    fn what_holds_a_text_says_how_to_get_it() {
        for (bytes, what) in [
            (&b"\xfd7zXZ\0\0"[..], "no text but compressed by xz; give what `xz -dc` makes of it"),
            (b"\x28\xb5\x2f\xfd\0", "`zstd -dc`"),
            (b"PK\x03\x04\x14\0", "save the table as CSV"),
        ] {
            assert!(complaint(bytes, 99).contains(what), "{}", complaint(bytes, 99));
        }
    }

    #[test]
    fn utf_16_is_text_and_has_its_size() {
        let wide: Vec<u8> = "\u{feff}name,é\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(text(&wide[..], wide.len() as u64).unwrap(), "name,é\n");
        assert_eq!(complaint(&wide[..], wide.len() as u64 - 1), "larger than 15 B");
        let much = wide.as_slice().chain(io::repeat(b'\n'));
        assert_eq!(complaint(much, 4 << 20), "larger than 4 MiB");
    }

    #[test]
    fn a_letter_may_come_in_pieces() {
        /// Gives a byte at a time.
        struct Slow<'a>(&'a [u8]);
        impl Read for Slow<'_> {
            fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
                let length = to.len().min(1);
                self.0.read(&mut to[..length])
            }
        }
        assert_eq!(text(Slow("é\n虚🐧".as_bytes()), 99).unwrap(), "é\n虚🐧");
        assert!(complaint(Slow(b"\xc3\xa9\n\xf0\x9f\x90x"), 99).contains("byte 0xf0 at line 2, column 1"));
    }

    #[test]
    fn a_stream_is_the_same_text() {
        let long = "é,1\n".repeat(1 << 20);
        let marked = format!("\u{feff}{long}");
        let (head, mut all) = stream(marked.as_bytes(), 8 << 20).unwrap();
        let mut read = String::new();
        all.read_to_string(&mut read).unwrap();
        assert!(read == long && long.as_bytes().starts_with(&head) && head.len() < long.len());
        let (_, mut all) = stream(long.as_bytes().chain(&b"ab\xff"[..]), 8 << 20).unwrap();
        let error = all.read_to_end(&mut Vec::new()).unwrap_err();
        assert!(error.to_string().contains("byte 0xff at line 1048577, column 3"), "{error}");
    }

    #[test]
    fn a_text_has_no_mark_of_its_encoding() {
        assert_eq!(text("\u{feff}a,b".as_bytes(), 9).unwrap(), "a,b");
    }
}
