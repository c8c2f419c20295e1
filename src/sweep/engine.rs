//! Runs the rows of a sweep on all cores and hands them over in their order.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

use super::block::{Bench, Made, Workshop};
use super::row::RowKind;

/// Threads that could not be started.
#[derive(Debug, thiserror::Error)]
#[error("cannot start {jobs} threads: {source}")]
pub struct NoThreads {
    jobs: usize,
    source: rayon::ThreadPoolBuildError,
}

/// Blocks on their way, for each thread: enough that one slow row does not leave the others idle.
const AHEAD: usize = 8;
/// How long a block should take: long against the cost of handing it over, short for somebody who wants to stop.
const BLOCK: Duration = Duration::from_millis(10);
/// Most rows of a block.
const ROWS: u64 = 1024;

/// Makes the rows in `range` with `jobs` threads (0: as many as there are cores) and gives them to `take` in their
/// order. Ends early when `stop` is set, or `take` says so by an error; rows that `take` has seen have no gap.
///
/// Memory does not grow with the number of rows: at most eight blocks a thread are on their way.
///
/// # Errors
/// Threads cannot be started, or whatever `take` fails with.
pub fn run<K: RowKind, E: From<NoThreads>>(
    workshop: &Workshop<K>,
    range: Range<u64>,
    jobs: usize,
    stop: &AtomicBool,
    mut take: impl FnMut(Made<K::Block>) -> Result<(), E>,
) -> Result<(), E> {
    let pool =
        rayon::ThreadPoolBuilder::new().num_threads(jobs).build().map_err(|source| NoThreads { jobs, source })?;
    let window = AHEAD * pool.current_num_threads();
    // Set when the rows are not wanted any more, for whatever reason.
    let over = AtomicBool::new(false);
    let stopped = || stop.load(Ordering::Relaxed) || over.load(Ordering::Relaxed);
    // Benches that nobody works at. A thread that panicked has left its own.
    let free: Mutex<Vec<Bench<K>>> = Mutex::default();
    let idle = || free.lock().unwrap_or_else(PoisonError::into_inner);
    pool.in_place_scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        let mut rows_a_block = 1;
        let (mut next_row, mut sent, mut taken) = (range.start, 0u64, 0u64);
        let mut waiting: BTreeMap<u64, (Made<K::Block>, u64)> = BTreeMap::new();
        loop {
            while next_row < range.end && (sent - taken) < window as u64 && !stopped() {
                let rows = next_row..range.end.min(next_row + rows_a_block);
                next_row = rows.end;
                let (sender, stopped, idle, number) = (sender.clone(), &stopped, &idle, sent);
                scope.spawn(move |_| {
                    let start = Instant::now();
                    let wanted = rows.end - rows.start;
                    let taken = idle().pop();
                    let mut bench = taken.unwrap_or_else(|| workshop.bench());
                    let made = bench.rows(rows, stopped);
                    idle().push(bench);
                    // Nobody listens any more once the rows are not wanted.
                    let _ = sender.send((number, made, wanted, start.elapsed()));
                });
                sent += 1;
            }
            if taken == sent {
                return Ok(());
            }
            // One sender is kept here, so the channel stays open.
            let Ok((number, made, wanted, time)) = receiver.recv() else { return Ok(()) };
            rows_a_block = block(made.rows, time);
            waiting.insert(number, (made, wanted));
            while let Some((made, wanted)) = waiting.remove(&taken) {
                taken += 1;
                let complete = made.rows == wanted;
                if made.rows > 0
                    && let Err(error) = take(made)
                {
                    over.store(true, Ordering::Relaxed);
                    return Err(error);
                }
                if !complete {
                    // What follows would leave a gap.
                    over.store(true, Ordering::Relaxed);
                    return Ok(());
                }
            }
        }
    })
}

/// Rows for the next block, from the time that the last one took.
fn block(rows: u64, time: Duration) -> u64 {
    let each = time.as_nanos().max(1) / u128::from(rows.max(1));
    // At most `ROWS`.
    (BLOCK.as_nanos() / each.max(1)).clamp(1, u128::from(ROWS)) as u64
}
