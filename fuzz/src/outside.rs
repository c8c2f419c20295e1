//! Keeps a fuzzer from opening files that are none of its own.
//!
//! A scenario may name files: a curve, a trace, a link, a schedule. Relative names are looked for in the input's folder,
//! which [`nowhere`] makes one that does not exist. What is left are absolute names.

use std::path::Path;

use precopy::scenario::Input;

/// Whether a text could name a file by an absolute path, or by one that leads out of its folder.
///
/// The slash of a unit, a range or a key follows a letter or a digit; one that begins a path does not, and neither does the
/// one behind `..`. An escape may stand for a slash.
pub fn may_be_named(text: &str) -> bool {
    let bytes = text.as_bytes();
    let slash = |at: usize| bytes[at] == b'/' && (at == 0 || !bytes[at - 1].is_ascii_alphanumeric());
    let escaped = bytes.contains(&b'\\') && bytes.windows(2).any(|pair| pair.eq_ignore_ascii_case(b"2f"));
    escaped || (0..bytes.len()).any(slash)
}

/// The same texts, with a folder in which no file is found.
pub fn nowhere(input: Input) -> Input {
    input.in_folder(Path::new("no-such-folder"))
}
