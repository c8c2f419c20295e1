//! How fast one thread finds that pages are all zero.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::units::{PAGE_SIZE, Rate};

/// RAM that is looked through: more than any cache holds [bytes].
const RAM: usize = 256 << 20;
const WORDS_A_PAGE: usize = PAGE_SIZE as usize / 8;

/// Speeds of so many looks, each for about `time`.
pub(super) fn speeds(time: Duration, runs: u32) -> Vec<Rate> {
    // Written to, so that each page is one of its own; RAM that was only read is one page of zeros many times over.
    let mut ram = vec![1_u64; RAM / 8];
    ram.fill(0);
    let ram = black_box(ram);
    (0..runs).map(|_| speed(&ram, time)).collect()
}

fn speed(ram: &[u64], time: Duration) -> Rate {
    let start = Instant::now();
    let mut bytes = 0_u64;
    loop {
        // A few pages between two looks at the clock.
        for pages in ram.chunks(WORDS_A_PAGE * 1024) {
            let zero = pages.chunks(WORDS_A_PAGE).filter(|page| is_zero(page)).count();
            bytes += black_box(zero) as u64 * PAGE_SIZE;
            let elapsed = start.elapsed();
            if elapsed >= time {
                return Rate((bytes as f64 / elapsed.as_secs_f64()) as u64);
            }
        }
    }
}

/// Whether a page is all zero; by blocks, so that one that is not is soon left.
fn is_zero(page: &[u64]) -> bool {
    page.chunks(64).all(|block| block.iter().fold(0, |bits, word| bits | word) == 0)
}
