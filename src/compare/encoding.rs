//! The text of a file, whatever program wrote it: UTF-8, or UTF-16 as some editors and shells save it, compressed or not.

use std::borrow::Cow;
use std::io;

use flate2::read::MultiGzDecoder;

use super::parts::TraceProblem;
use crate::units::{bounded, utf16};

/// The bytes of a file, unpacked where they are gzip, and no more than `most` of them.
///
/// # Errors
/// Damaged gzip, more bytes, or what another program has packed.
pub(super) fn unpacked(bytes: Vec<u8>, most: u64) -> io::Result<Vec<u8>> {
    if !bytes.starts_with(b"\x1f\x8b") {
        return match bounded::packed(&bytes) {
            Some(what) => Err(io::Error::new(io::ErrorKind::InvalidData, what)),
            None => Ok(bytes),
        };
    }
    bounded::bytes(MultiGzDecoder::new(&bytes[..]), most).map_err(|error| match error.kind() {
        io::ErrorKind::FileTooLarge => error,
        _ => io::Error::new(io::ErrorKind::InvalidData, "it begins as gzip and is damaged or cut off; copy it again"),
    })
}

/// The text, without the mark of its encoding.
///
/// # Errors
/// Bytes that are no text, with their place.
pub(super) fn text(bytes: &[u8]) -> Result<Cow<'_, str>, TraceProblem> {
    if let Some(text) = utf16::text(bytes) {
        let what = "is not UTF-16, as its first two bytes say; save it as UTF-8".to_owned();
        return text.map(Cow::Owned).map_err(|begun| {
            let (line, column) = bounded::place(begun.as_bytes(), begun.len());
            TraceProblem::Line { line, column, what }
        });
    }
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    str::from_utf8(bytes).map(Cow::Borrowed).map_err(|error| {
        let (line, column) = bounded::place(bytes, error.valid_up_to());
        TraceProblem::Line { line, column, what: "is not UTF-8 text".to_owned() }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_the_same_in_any_encoding() {
        let wanted = "Job type: é";
        let wide: Vec<u8> = format!("\u{feff}{wanted}").encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(text(&wide).unwrap(), wanted);
        assert_eq!(text(format!("\u{feff}{wanted}").as_bytes()).unwrap(), wanted);
        assert!(text(b"\xff\xfe\x00\xd8").unwrap_err().to_string().contains("UTF-8"));
        assert!(text(b"a\n\xff").unwrap_err().to_string().starts_with("line 2, column 1: is not UTF-8 text"));
    }
}
