//! Reading what may have any size, such as a file that somebody names, or a device.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::Bytes;

/// A file, or standard input where it is called `-`.
///
/// # Errors
/// It cannot be opened.
pub(crate) fn open(path: &Path) -> io::Result<Box<dyn Read>> {
    match path == Path::new("-") {
        true => Ok(Box::new(io::stdin().lock())),
        false => Ok(Box::new(File::open(path)?)),
    }
}

/// Reads all of `source` into `bytes`, and stops behind `most` bytes, however long it would go on.
///
/// # Errors
/// It cannot be read, or is larger ([`io::ErrorKind::FileTooLarge`]); `bytes` then has its beginning.
pub(crate) fn fill(bytes: &mut Vec<u8>, source: impl Read, most: u64) -> io::Result<()> {
    source.take(most + 1).read_to_end(bytes)?;
    match bytes.len() as u64 > most {
        true => Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("larger than {}", Bytes(most)))),
        false => Ok(()),
    }
}

/// All of `source`.
///
/// # Errors
/// As [`fill`].
pub(crate) fn bytes(source: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fill(&mut bytes, source, most)?;
    Ok(bytes)
}

/// All of `source`, without the mark that some editors put before the first line.
///
/// # Errors
/// As [`fill`], or it is no text.
pub(crate) fn text(source: impl Read, most: u64) -> io::Result<String> {
    match String::from_utf8(bytes(source, most)?) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)),
        Err(_) => Err(io::Error::new(io::ErrorKind::InvalidData, "not UTF-8 text")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_large_is_not_read_to_its_end() {
        assert_eq!(bytes(&b"1234"[..], 4).unwrap(), b"1234");
        let mut head = Vec::new();
        let error = fill(&mut head, io::repeat(b'x'), 2048).unwrap_err();
        assert_eq!((error.kind(), error.to_string()), (io::ErrorKind::FileTooLarge, "larger than 2 KiB".to_owned()));
        assert_eq!(head.len(), 2049);
    }

    #[test]
    fn a_text_has_no_mark_of_its_encoding() {
        assert_eq!(text("\u{feff}a,b".as_bytes(), 9).unwrap(), "a,b");
        assert_eq!(text(&b"\xff"[..], 9).unwrap_err().to_string(), "not UTF-8 text");
        assert_eq!(text(&b"12345"[..], 4).unwrap_err().to_string(), "larger than 4 B");
    }
}
