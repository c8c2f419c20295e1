//! Writes that were recorded, page by page, as an order.

use super::scatter::Scatter;
use super::{Draws, Law, OwnOrder, Workload, WriteOrder};
use crate::units::{PageRate, Pages, Span};

/// Pages that a guest wrote, in the order in which it did, and when.
///
/// A recording is a row of *intervals*, each with the pages that were written in it, once each; within an interval they are
/// written evenly. Pages lie side by side in the order of their addresses: what was never written is left out. The clock of the
/// recording is the time that the guest works, so that a throttle stretches it.
#[derive(Clone, PartialEq, Eq)]
pub struct Recording {
    /// A page number for each write.
    pages: Vec<u32>,
    /// Different pages.
    region: Pages,
    /// End of each interval and the writes up to it [ns, writes]; ends rise, and writes do not fall.
    ends: Vec<(u64, u64)>,
    origin: RecordingOrigin,
}

/// How writes were recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecordingOrigin {
    /// It is known of a page that it was accessed, and not that it was written: the writes are a bound from above.
    pub counts_accesses: bool,
    /// It is known in which interval a page was written, and no more of when.
    pub has_intervals: bool,
}

/// What an order that replays a recording goes by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Replay {
    /// How it was recorded.
    pub origin: RecordingOrigin,
    /// How long it is.
    pub length: Span,
    /// Page writes a second, in the mean.
    pub rate: PageRate,
    /// Its longest interval.
    pub longest: Span,
    /// Whether it begins again at its end.
    pub repeats: bool,
}

/// Takes intervals in, one after the other, by whatever numbers the pages have.
#[derive(Clone, Debug, Default)]
pub struct Recorder {
    pages: Vec<u64>,
    ends: Vec<(u64, u64)>,
}

/// More page writes than a recording can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

impl Recorder {
    /// Most page writes: they take 450 MB while they are read. A fuzzer has fewer, since a line of a table can name them all.
    pub const MOST: usize = if cfg!(fuzzing) { 1 << 16 } else { 1 << 24 };

    /// The pages that were written since the interval before, up to `end` after the beginning; each counts once, and their
    /// order is of no account.
    ///
    /// # Errors
    /// It would have more than [`MOST`](Recorder::MOST) page writes.
    pub fn interval(&mut self, end: Span, pages: &mut Vec<u64>) -> Result<(), TooLong> {
        pages.sort_unstable();
        pages.dedup();
        if pages.len() > Recorder::MOST - self.pages.len() {
            return Err(TooLong);
        }
        // No sweep over the region is made of what no one knows the order of.
        let scatter = Scatter::new(pages.len() as u64);
        self.pages.extend((0..pages.len() as u64).map(|rank| pages[scatter.place(rank) as usize]));
        self.end(end);
        pages.clear();
        Ok(())
    }

    /// As [`interval`](Recorder::interval), of pages in the order in which they were written.
    ///
    /// # Errors
    /// It would have more than [`MOST`](Recorder::MOST) page writes.
    pub fn ordered(&mut self, end: Span, pages: &mut Vec<u64>) -> Result<(), TooLong> {
        if pages.len() > Recorder::MOST - self.pages.len() {
            return Err(TooLong);
        }
        self.pages.append(pages);
        self.end(end);
        Ok(())
    }

    fn end(&mut self, end: Span) {
        let writes = self.pages.len() as u64;
        match self.ends.last_mut() {
            Some(last) if last.0 >= end.0 => last.1 = writes,
            _ => self.ends.push((end.0, writes)),
        }
    }

    /// What was taken in; `None` if no page was written, or within no time.
    pub fn recording(self, origin: RecordingOrigin) -> Option<Recording> {
        let Recorder { pages, ends } = self;
        let mut by_address: Vec<(u64, u32)> = pages.into_iter().zip(0..).collect();
        by_address.sort_unstable();
        let mut pages = vec![0; by_address.len()];
        let mut region = 0;
        for same_page in by_address.chunk_by(|one, next| one.0 == next.0) {
            same_page.iter().for_each(|&(_, write)| pages[write as usize] = region);
            region += 1;
        }
        let length = ends.last().map_or(0, |last| last.0);
        let region = Pages(u64::from(region));
        (length > 0 && !pages.is_empty()).then_some(Recording { pages, region, ends, origin })
    }
}

impl std::fmt::Debug for Recording {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} page writes to {} within {}", self.pages.len(), self.region, self.length())
    }
}

impl Recording {
    /// How long it is.
    pub fn length(&self) -> Span {
        Span(self.ends.last().map_or(0, |last| last.0))
    }

    /// How it was recorded.
    pub fn origin(&self) -> RecordingOrigin {
        self.origin
    }

    /// Its longest interval.
    pub fn longest(&self) -> Span {
        Span(self.intervals().map(|(from, to, _)| to - from).max().unwrap_or(0))
    }

    /// Different pages that were written.
    pub fn region(&self) -> Pages {
        self.region
    }

    /// Page writes, where a page that is written several times within an interval counts once.
    pub fn writes(&self) -> u64 {
        self.pages.len() as u64
    }

    /// Page writes a second, in the mean.
    pub fn rate(&self) -> PageRate {
        PageRate(self.writes() as f64 / self.length().seconds())
    }

    /// Different pages within each stretch of `length`, one after the other; a last one that is cut off is left out, unless it
    /// is the only one.
    pub fn distinct(&self, length: Span) -> Vec<u64> {
        let length = length.0.max(1);
        let whole = (self.length().0 / length).max(1);
        let mut seen = vec![0u64; self.region.0 as usize];
        let mut distinct = vec![0; whole as usize];
        for (from, to, writes) in self.intervals() {
            let count = (writes.end - writes.start) as u64;
            for (rank, page) in self.pages[writes].iter().enumerate() {
                // Within its interval a write has its own moment.
                let at = from + ((to - from) as f64 * (rank as f64 + 0.5) / count as f64) as u64;
                let stretch = at / length;
                if let Some(pages) = distinct.get_mut(stretch as usize)
                    && std::mem::replace(&mut seen[*page as usize], stretch + 1) != stretch + 1
                {
                    *pages += 1;
                }
            }
        }
        distinct
    }

    /// Beginning and end of each interval, and its writes [ns, ns, writes].
    fn intervals(&self) -> impl Iterator<Item = (u64, u64, std::ops::Range<usize>)> + '_ {
        let before = std::iter::once((0, 0)).chain(self.ends.iter().copied());
        before.zip(&self.ends).map(|((from, first), &(to, end))| (from, to, first as usize..end as usize))
    }

    /// This recording as an order, from its beginning on: it begins again at its end, or nothing more is written then.
    pub fn order(self, repeat: bool) -> OwnOrder {
        let region = self.region;
        let replay = Replay {
            origin: self.origin,
            length: self.length(),
            rate: self.rate(),
            longest: self.longest(),
            repeats: repeat,
        };
        OwnOrder::replaying(Replayed { recording: self, repeat }, region, replay)
    }

    /// Writes of the first turn that are done by `at` [ns].
    fn made_by(&self, at: u64) -> u64 {
        let next = self.ends.partition_point(|end| end.0 <= at);
        let (from, done) = if next == 0 { (0, 0) } else { self.ends[next - 1] };
        self.ends
            .get(next)
            .map_or(done, |&(to, end)| done + ((end - done) as f64 * ((at - from) as f64 / (to - from) as f64)) as u64)
    }
}

/// A recording that is written once more.
#[derive(Debug)]
struct Replayed {
    recording: Recording,
    repeat: bool,
}

impl WriteOrder for Replayed {
    fn page(&self, write: u64, _: Pages, _: &mut Draws, _: &mut [f64; 4]) -> u64 {
        let pages = &self.recording.pages;
        u64::from(pages[(write % pages.len() as u64) as usize])
    }

    fn made(&self, work: f64) -> u64 {
        let all = self.recording.writes();
        let turns = work / all as f64;
        let turn = if self.repeat { libm::floor(turns) } else { 0.0 };
        let at = (turns - turn).clamp(0.0, 1.0) * self.recording.length().0 as f64;
        (turn as u64).saturating_mul(all) + self.recording.made_by((at + 0.5) as u64)
    }

    fn measured(&self, _: Pages) -> u64 {
        self.recording.writes()
    }
}

impl Workload {
    /// What was recorded, from page `offset` of RAM on, by a writer that takes all of its vCPU's time.
    pub fn recorded(recording: Recording, repeat: bool, offset: Pages) -> Workload {
        let rate = recording.rate();
        let order = recording.order(repeat);
        Workload { offset, ..Workload::steady(Law::Own(order.clone()), order.region(), rate) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two pages in the first second, nothing in the second, four in the third.
    fn recording() -> Recording {
        let mut recorder = Recorder::default();
        for (end, mut pages) in [(1, vec![1 << 40, 5]), (2, vec![]), (3, vec![5, 6, 7, 8])] {
            recorder.ordered(Span(end * 1_000_000_000), &mut pages).unwrap();
        }
        recorder.recording(RecordingOrigin::default()).unwrap()
    }

    #[test]
    fn pages_lie_side_by_side_by_address() {
        let recording = recording();
        assert_eq!(recording.pages, [4, 0, 0, 1, 2, 3]);
        assert_eq!((recording.region(), recording.length(), recording.writes()), (Pages(5), Span::from_ms(3000), 6));
        assert_eq!(recording.distinct(Span::from_ms(1000)), [2, 0, 4]);
        assert_eq!(recording.distinct(Span::from_ms(3000)), [5]);
        assert_eq!(recording.distinct(Span::from_ms(60_000)), [5]);
    }

    #[test]
    fn the_clock_is_the_work_of_the_guest() {
        let (once, again) = (recording(), recording());
        let [once, again] = [(once, false), (again, true)].map(|(recording, repeat)| Replayed { recording, repeat });
        // Two writes of work are a second.
        for (work, first, endless) in
            [(0.0, 0, 0), (1.0, 1, 1), (2.0, 2, 2), (3.9, 2, 2), (5.0, 4, 4), (6.0, 6, 6), (7.0, 6, 7), (60.0, 6, 60)]
        {
            assert_eq!((once.made(work), again.made(work)), (first, endless), "{work}");
        }
    }

    #[test]
    fn an_interval_without_an_order_is_scattered() {
        let mut recorder = Recorder::default();
        recorder.interval(Span::from_ms(1), &mut (0..100).chain(0..100).collect()).unwrap();
        let recording = recorder.recording(RecordingOrigin::default()).unwrap();
        assert_eq!(recording.writes(), 100);
        assert!(recording.pages.windows(2).filter(|pair| pair[1] == pair[0] + 1).count() < 5);
        assert!(Recorder::default().recording(RecordingOrigin::default()).is_none());
    }
}
