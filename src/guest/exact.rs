//! The exact memory: one bit per page, every page write drawn. Slow, obviously right, used to judge the other.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rand::RngExt;
use rand_distr::{Distribution, Zipf};
use rand_pcg::Pcg64;

use super::bitmap::Bitmap;
use super::memory::{CHUNK_SHIFT, GuestMemory, Meanwhile, Missing, PageRun, Rearm, Synced};
use super::scatter::Scatter;
use super::zones::{Zone, zones};
use super::{Draws, GuestConfig, Law, RateClass, Workload};

/// Writes that are drawn between two looks at whether anybody wants the rest: some milliseconds of them.
const PIECE: u64 = 1 << 18;

/// RAM with a bit per page.
#[derive(Clone, Debug)]
pub struct Exact {
    pages: u64,
    zones: Vec<Zone>,
    rearm: Rearm,
    writers: Vec<DrawingWriter>,
    log: Bitmap,
    /// What the last sync reported; only these are cleared from the log when their chunk is re-armed.
    reported: Bitmap,
    to_send: Bitmap,
    remaining: u64,
    cursor: u64,
    wrapped: bool,
    visited: Vec<bool>,
    faults: u64,
    run: Option<PageRun>,
    /// Set when nobody wants the rest.
    stop: Option<Arc<AtomicBool>>,
}

/// A workload that draws its own pages.
#[derive(Clone, Debug)]
struct DrawingWriter {
    workload: Workload,
    scatter: Scatter,
    draws: Draws,
    /// What an order of one's own remembers.
    registers: [f64; 4],
    done: u64,
}

impl DrawingWriter {
    /// Draws the pages of every write up to number `target`, one after the other.
    fn draw(&mut self, target: u64, mut hit: impl FnMut(u64)) {
        let DrawingWriter { workload, scatter, draws, registers, done } = self;
        let (offset, region) = (workload.offset.0, workload.region.0);
        let writes = *done..target.max(*done);
        *done = writes.end;
        if let Law::Own(order) = &workload.law {
            return writes.for_each(|write| hit(offset + order.page(write, draws, registers)));
        }
        let rng = draws.generator();
        match &workload.law {
            Law::Idle | Law::Own(_) => {}
            Law::Uniform => writes.for_each(|_| hit(offset + rng.random_range(0..region))),
            Law::HotCold { hot, share } => {
                let hot = hot.0.min(region);
                writes.for_each(|_| {
                    let is_hot = hot == region || (hot > 0 && rng.random::<f64>() < share.0);
                    hit(offset + rng.random_range(if is_hot { 0..hot } else { hot..region }));
                });
            }
            Law::Zipf { exponent } => {
                // Only a region of no pages or a negative exponent has no law; neither passes the loader.
                if let Ok(zipf) = Zipf::new(region as f64, *exponent) {
                    writes.for_each(|_| hit(offset + scatter.place(zipf.sample(rng) as u64 - 1)));
                }
            }
            Law::Classes(classes) => writes.for_each(|_| hit(offset + scatter.place(rank(classes, region, rng)))),
            Law::Sequential { start } => writes.for_each(|write| hit(offset + (start.0 + write) % region)),
        }
    }
}

/// A rank of a page by class: the first class has the first ranks.
fn rank(classes: &[RateClass], region: u64, rng: &mut Pcg64) -> u64 {
    let mut left = rng.random::<f64>();
    let mut first = 0;
    let mut rest = classes;
    // The last class takes what rounding leaves of the shares.
    while let [class, others @ ..] = rest
        && !others.is_empty()
        && left >= class.share.0
    {
        left -= class.share.0;
        first += class.pages.0;
        rest = others;
    }
    let pages = rest.first().map_or(region, |class| class.pages.0);
    first + rng.random_range(0..pages.max(1))
}

impl Exact {
    /// The RAM of `config`, all of it still to be sent; each workload draws from its own stream of `seed`.
    pub fn new(config: &GuestConfig, rearm: Rearm, seed: u64) -> Exact {
        let pages = config.memory.0;
        let initially_set = rearm == Rearm::ByChunk { initially_set: true };
        let writers = config.workloads.iter().enumerate().map(|(index, workload)| DrawingWriter {
            workload: workload.clone(),
            scatter: Scatter::new(workload.region.0),
            draws: Draws::new(seed, index),
            registers: [0.0; 4],
            done: 0,
        });
        let mut memory = Exact {
            pages,
            zones: zones(config),
            rearm,
            writers: writers.collect(),
            log: Bitmap::new(pages, initially_set),
            reported: Bitmap::new(pages, false),
            to_send: Bitmap::new(pages, true),
            remaining: pages,
            cursor: 0,
            wrapped: false,
            visited: vec![false; (pages >> CHUNK_SHIFT) as usize + 1],
            faults: 0,
            run: None,
            stop: None,
        };
        memory.run = memory.find_run();
        memory
    }

    /// Draws nothing any more once the flag is set; what is there from then on is no state of this memory.
    pub fn until(self, stop: &Arc<AtomicBool>) -> Exact {
        Exact { stop: Some(Arc::clone(stop)), ..self }
    }

    /// Draws every write up to `writes`.
    fn write(&mut self, writes: &[u64]) {
        let Exact { writers, faults, log, stop, .. } = self;
        for (writer, &target) in writers.iter_mut().zip(writes) {
            // A slow link leaves hours of writes to one call: the flag is looked at on the way.
            while writer.done < target && !stop.as_ref().is_some_and(|stop| stop.load(Ordering::Relaxed)) {
                let next = target.min(writer.done.saturating_add(PIECE));
                writer.draw(next, |page| *faults += u64::from(log.insert(page)));
            }
        }
    }

    /// What the last sync reported of a chunk goes from its log.
    fn rearm_chunk(&mut self, chunk: usize) {
        let words = 1 << (CHUNK_SHIFT - 6);
        let words = chunk * words..((chunk + 1) * words).min(self.log.words().len());
        for (log, reported) in self.log.words_mut()[words.clone()].iter_mut().zip(&self.reported.words()[words]) {
            *log &= !reported;
        }
    }

    fn find_run(&self) -> Option<PageRun> {
        let first = self.to_send.first(self.cursor, self.pages).or_else(|| self.to_send.first(0, self.cursor))?;
        let zone = self.zones.partition_point(|zone| zone.end() <= first);
        let chunk = first >> CHUNK_SHIFT;
        let by_chunk = matches!(self.rearm, Rearm::ByChunk { .. });
        let mut end = self.zones[zone].end();
        if by_chunk {
            end = end.min((chunk + 1) << CHUNK_SHIFT);
        }
        let pages = self.to_send.count_range(first, end);
        let Zone { zero, changed, .. } = self.zones[zone];
        Some(PageRun { pages, zero, changed })
    }
}

impl GuestMemory for Exact {
    fn remaining(&self) -> u64 {
        self.remaining
    }

    fn next_run(&self) -> Option<PageRun> {
        self.run
    }

    fn send(&mut self, pages: u64, meanwhile: &mut impl Meanwhile) {
        if pages == 0 || self.run.is_none() {
            return;
        }
        let first = self.to_send.first(self.cursor, self.pages).unwrap_or_else(|| {
            // Nothing ahead of the cursor, yet a run is waiting: it lies behind, so the cursor wraps.
            self.wrapped = true;
            self.to_send.first(0, self.cursor).unwrap_or(0)
        });
        let chunk = (first >> CHUNK_SHIFT) as usize;
        if self.rearm != Rearm::EverySync && !self.visited[chunk] {
            self.visited[chunk] = true;
            self.write(meanwhile.writes(0));
            self.rearm_chunk(chunk);
        }
        let Some(run) = &mut self.run else { return };
        self.cursor = self.to_send.take(first, pages);
        self.remaining -= pages;
        run.pages -= pages;
        if run.pages == 0 {
            self.run = self.find_run();
        }
    }

    fn leave(&mut self) {
        self.run = None;
        self.remaining = 0;
    }

    fn cursor(&self) -> u64 {
        self.cursor
    }

    fn has_wrapped(&self) -> bool {
        // The next run lies behind the cursor: it wraps before that is sent.
        self.wrapped || self.to_send.first(self.cursor, self.pages).is_none()
    }

    fn missing(&self, rates: &[f64]) -> Vec<Missing> {
        let mut missing = Vec::new();
        for zone in &self.zones {
            let waiting = self.to_send.count_range(zone.start, zone.end()) as f64;
            // Which class a page is of is not kept; all are taken to wait alike.
            missing.extend(
                zone.classes
                    .iter()
                    .zip(zone.touches_per_second(rates))
                    .map(|(class, touches_per_second)| Missing { pages: waiting * class.share, touches_per_second }),
            );
        }
        missing
    }

    fn sync(&mut self, writes: &[u64]) -> Synced {
        self.write(writes);
        let mut synced = Synced { faults: std::mem::take(&mut self.faults), ..Synced::default() };
        for (log, to_send) in self.log.words().iter().zip(self.to_send.words_mut()) {
            synced.logged += u64::from(log.count_ones());
            synced.new += u64::from((log & !*to_send).count_ones());
            *to_send |= log;
        }
        self.remaining += synced.new;
        match self.rearm {
            Rearm::EverySync => self.log.words_mut().fill(0),
            Rearm::ByChunk { .. } => {
                self.reported.words_mut().copy_from_slice(self.log.words());
                self.visited.fill(false);
            }
        }
        self.run = self.find_run();
        synced
    }
}
