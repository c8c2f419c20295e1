//! A raw dirty bitmap, as `KVM_GET_DIRTY_LOG` fills it: a bit for each page, in 64-bit words with the lowest bit first.

use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Largest bitmap [bytes]: of 8 TiB.
const MOST: u64 = 1 << 28;

/// The words of a bitmap; or what is wrong with it, and what to do.
pub(super) fn read(path: &Path) -> Result<Vec<u64>, (String, &'static str)> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MOST + 1).read_to_end(&mut bytes));
    read.map_err(|error| (format!("cannot be read: {error}"), "bitmaps are looked for in the folder of the table"))?;
    if bytes.len() as u64 > MOST {
        return Err((
            format!("is larger than {MOST} bytes"),
            "a bitmap has a bit for each page: is it the right file?",
        ));
    }
    words(&bytes)
}

fn words(bytes: &[u8]) -> Result<Vec<u64>, (String, &'static str)> {
    let (words, rest) = bytes.as_chunks::<8>();
    if words.is_empty() || !rest.is_empty() {
        let what = format!("has {} bytes, no whole number of 64-bit words: it is cut off", bytes.len());
        return Err((what, "read the bitmap anew, or leave the row out"));
    }
    Ok(words.iter().copied().map(u64::from_le_bytes).collect())
}

/// Stretches of pages whose bits are set: the first one, and how many.
pub(super) fn runs(words: &[u64]) -> impl Iterator<Item = (u64, u64)> + '_ {
    words.iter().enumerate().flat_map(|(index, word)| {
        let mut rest = *word;
        std::iter::from_fn(move || {
            let first = rest.trailing_zeros();
            let run = rest.checked_shr(first)?.trailing_ones();
            rest &= u64::MAX.checked_shl(first + run).unwrap_or(0);
            Some((64 * index as u64 + u64::from(first), u64::from(run)))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_pages_from_the_lowest_on() {
        let found = |words: &[u64]| runs(words).collect::<Vec<_>>();
        assert_eq!(found(&[0b0110_0001, 0]), [(0, 1), (5, 2)]);
        assert_eq!(found(&[1 << 63, u64::MAX]), [(63, 1), (64, 64)]);
        assert_eq!(words(&[1, 0, 0, 0, 0, 0, 0, 0x80]), Ok(vec![1 | 1 << 63]));
    }

    #[test]
    fn a_bitmap_that_is_cut_off_is_none() {
        assert!(words(&[1; 12]).unwrap_err().0.contains("12 bytes"));
        assert!(words(&[]).is_err());
    }
}
