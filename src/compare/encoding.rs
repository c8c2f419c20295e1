//! The text of a file, whatever program wrote it: UTF-8, or UTF-16 as some editors and shells save it, compressed or not.

use std::borrow::Cow;
use std::io;

use flate2::read::MultiGzDecoder;

use super::parts::TraceProblem;
use crate::units::bounded;

/// The bytes of a file, unpacked where they are gzip, and no more than `most` of them.
///
/// # Errors
/// Damaged gzip, or more bytes.
pub(super) fn unpacked(bytes: Vec<u8>, most: u64) -> io::Result<Vec<u8>> {
    if !bytes.starts_with(b"\x1f\x8b") {
        return Ok(bytes);
    }
    bounded::bytes(MultiGzDecoder::new(&bytes[..]), most).map_err(|error| match error.kind() {
        io::ErrorKind::FileTooLarge => error,
        _ => io::Error::new(io::ErrorKind::InvalidData, "it begins as gzip and is damaged or cut off; copy it again"),
    })
}

/// Whether bytes say of themselves that they are UTF-16.
pub(super) fn is_wide(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff")
}

/// The text, without the mark of its encoding.
///
/// # Errors
/// Bytes that are no text, with their place.
pub(super) fn text(bytes: &[u8]) -> Result<Cow<'_, str>, TraceProblem> {
    let units: Option<fn([u8; 2]) -> u16> = match bytes {
        [0xff, 0xfe, ..] => Some(u16::from_le_bytes),
        [0xfe, 0xff, ..] => Some(u16::from_be_bytes),
        _ => None,
    };
    if let Some(unit) = units {
        let units: Vec<u16> = bytes[2..].chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        return String::from_utf16(&units).map(Cow::Owned).map_err(|_| TraceProblem::Line {
            line: 1,
            column: 1,
            what: "is not UTF-16, as its first two bytes say; save it as UTF-8".to_owned(),
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
    fn a_text_is_the_same_in_both_encodings() {
        let wanted = "Job type: é";
        let wide =
            |unit: fn(u16) -> [u8; 2]| format!("\u{feff}{wanted}").encode_utf16().flat_map(unit).collect::<Vec<u8>>();
        assert_eq!(text(&wide(u16::to_le_bytes)).unwrap(), wanted);
        assert_eq!(text(&wide(u16::to_be_bytes)).unwrap(), wanted);
        assert_eq!(text(format!("\u{feff}{wanted}").as_bytes()).unwrap(), wanted);
        assert!(text(b"\xff\xfe\x00\xd8").unwrap_err().to_string().contains("UTF-8"));
        assert!(text(b"a\n\xff").unwrap_err().to_string().starts_with("line 2, column 1: is not UTF-8 text"));
    }
}
