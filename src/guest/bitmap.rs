//! One bit a page.

/// A set of page numbers below a fixed length.
#[derive(Clone, Debug)]
pub(super) struct Bitmap {
    words: Vec<u64>,
}

impl Bitmap {
    /// All `pages` clear, or all set.
    pub(super) fn new(pages: u64, set: bool) -> Bitmap {
        let len = usize::try_from(pages.div_ceil(64)).unwrap_or(usize::MAX);
        let mut words = vec![if set { u64::MAX } else { 0 }; len];
        if set
            && !pages.is_multiple_of(64)
            && let Some(last) = words.last_mut()
        {
            *last = (1 << (pages % 64)) - 1;
        }
        Bitmap { words }
    }

    /// Adds `page`; whether it is new.
    pub(super) fn insert(&mut self, page: u64) -> bool {
        let (word, bit) = (&mut self.words[(page / 64) as usize], 1 << (page % 64));
        let new = *word & bit == 0;
        *word |= bit;
        new
    }

    /// How many pages of `from..to` it holds.
    pub(super) fn count_range(&self, from: u64, to: u64) -> u64 {
        self.masks(from, to).map(|(index, mask)| u64::from((self.words[index] & mask).count_ones())).sum()
    }

    /// First page at or after `from` and before `to`.
    pub(super) fn first(&self, from: u64, to: u64) -> Option<u64> {
        self.masks(from, to).find_map(|(index, mask)| {
            let word = self.words[index] & mask;
            (word != 0).then(|| index as u64 * 64 + u64::from(word.trailing_zeros()))
        })
    }

    /// Takes the first `count` pages at or after `from` out; returns one past the last of them.
    pub(super) fn take(&mut self, from: u64, mut count: u64) -> u64 {
        let mut page = from;
        while count > 0 {
            let (index, shift) = ((page / 64) as usize, page % 64);
            let word = self.words[index] & (u64::MAX << shift);
            let here = u64::from(word.count_ones());
            if here <= count {
                self.words[index] &= !word;
                count -= here;
                page = (index as u64 + 1) * 64;
                if count == 0 && here > 0 {
                    return index as u64 * 64 + 64 - u64::from(word.leading_zeros());
                }
            } else {
                let mut rest = word;
                for _ in 0..count {
                    page = index as u64 * 64 + u64::from(rest.trailing_zeros()) + 1;
                    rest &= rest - 1;
                }
                self.words[index] &= !(word & !rest);
                return page;
            }
        }
        page
    }

    /// Each word index and mask that cover `from..to`.
    fn masks(&self, from: u64, to: u64) -> impl Iterator<Item = (usize, u64)> + use<> {
        let last = to.div_ceil(64);
        (from / 64..last.max(from / 64)).filter(move |_| from < to).map(move |index| {
            let mut mask = u64::MAX;
            if index == from / 64 {
                mask &= u64::MAX << (from % 64);
            }
            if index == last - 1 && !to.is_multiple_of(64) {
                mask &= (1 << (to % 64)) - 1;
            }
            (index as usize, mask)
        })
    }

    /// The words themselves, lowest pages first.
    pub(super) fn words(&self) -> &[u64] {
        &self.words
    }

    /// The words themselves, to change.
    pub(super) fn words_mut(&mut self) -> &mut [u64] {
        &mut self.words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_counts_and_takes_across_words() {
        let mut map = Bitmap::new(200, false);
        for page in [3, 63, 64, 65, 130, 199] {
            assert!(map.insert(page));
        }
        assert!(!map.insert(64));
        assert_eq!(map.count_range(0, 200), 6);
        assert_eq!((map.count_range(63, 66), map.count_range(66, 130), map.count_range(5, 5)), (3, 0, 0));
        assert_eq!((map.first(4, 200), map.first(131, 199), map.first(131, 200)), (Some(63), None, Some(199)));
        assert_eq!(map.take(4, 2), 65);
        assert_eq!(map.first(0, 200), Some(3));
        assert_eq!(map.first(4, 200), Some(65));
        assert_eq!(map.take(4, 3), 200);
        assert_eq!(map.count_range(0, 200), 1);
        let full = Bitmap::new(70, true);
        assert_eq!((full.count_range(0, 70), full.first(69, 70)), (70, Some(69)));
    }
}
