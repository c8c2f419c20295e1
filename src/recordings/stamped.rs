//! Writes with a moment each, as intervals of a millisecond.

use std::collections::HashSet;

use crate::guest::{Recorder, Recording, RecordingOrigin, TooLong};
use crate::units::Span;

/// Writes of a page within so long count once [ns]: no dirty log is read twice in that time.
const TICK: u64 = 1_000_000;
/// How far a line may be behind those before it, as of logs that are merged from several CPUs [ns].
const BEHIND: u64 = 100_000_000;

/// Takes writes in, one after the other.
#[derive(Default)]
pub(super) struct Stamped {
    recorder: Recorder,
    /// Moment of the beginning, once that is known [ns].
    start: Option<u64>,
    /// Number of the interval that is under way.
    tick: u64,
    /// Its pages, in order.
    pages: Vec<u64>,
    seen: HashSet<u64>,
}

/// Why a write is not taken in.
pub(super) enum Refused {
    /// Its moment lies before that of writes before it.
    Behind,
    TooLong,
}

impl From<TooLong> for Refused {
    fn from(_: TooLong) -> Refused {
        Refused::TooLong
    }
}

impl Stamped {
    /// Begins at a moment [ns], if it has not begun.
    pub(super) fn begin(&mut self, at: u64) {
        self.start.get_or_insert(at);
    }

    /// A page was written at a moment [ns].
    pub(super) fn write(&mut self, at: u64, page: u64) -> Result<(), Refused> {
        let start = *self.start.get_or_insert(at);
        let now = start + self.tick * TICK;
        if at.saturating_add(BEHIND) < now {
            return Err(Refused::Behind);
        }
        let tick = (at.saturating_sub(start) / TICK).max(self.tick);
        if tick > self.tick {
            self.close()?;
            // Nothing was written meanwhile.
            self.recorder.ordered(Span(tick * TICK), &mut Vec::new())?;
            self.tick = tick;
        }
        if self.seen.insert(page) {
            self.pages.push(page);
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), TooLong> {
        self.seen.clear();
        self.recorder.ordered(Span((self.tick + 1) * TICK), &mut self.pages)
    }

    /// All that was taken in.
    pub(super) fn recording(mut self) -> Result<Option<Recording>, TooLong> {
        self.close()?;
        Ok(self.recorder.recording(RecordingOrigin::default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_stay_pauses_and_a_page_counts_once_a_millisecond() {
        let mut stamped = Stamped::default();
        for (at, page) in [(5_000_000, 9), (5_400_000, 9), (5_900_000, 7), (15_100_000, 9), (14_000_000, 8)] {
            assert!(stamped.write(at, page).is_ok(), "{at}");
        }
        assert!(matches!(stamped.write(900_000_000, 7), Ok(())));
        assert!(matches!(stamped.write(100_000_000, 7), Err(Refused::Behind)));
        let recording = stamped.recording().unwrap().unwrap();
        assert_eq!((recording.writes(), recording.region().0, recording.length()), (5, 3, Span::from_ms(896)));
        assert_eq!(recording.distinct(Span::from_ms(5))[..3], [2, 0, 2]);
    }
}
