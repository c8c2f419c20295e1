//! Pages that were found at some moments, as the intervals between them.

use crate::guest::{Recorder, Recording, RecordingOrigin, TooLong};
use crate::units::Span;

/// Takes looks in, one after the other.
///
/// A look has the pages since the one before. Of the first one it is not known since when: a look without pages is the
/// beginning, and otherwise it is assumed to be as long as the second.
#[derive(Default)]
pub(super) struct Intervals {
    recorder: Recorder,
    /// Moment of the first look [ns].
    first: Option<u64>,
    /// How long before that the recording began, once that is known [ns].
    before: Option<u64>,
    /// Moment of the look that is under way [ns].
    now: u64,
    pages: Vec<u64>,
}

/// A look lies before the one before it [ns].
pub(super) struct Earlier(pub(super) u64);

impl Intervals {
    /// A look at a moment [ns]; several at the same are one.
    pub(super) fn look(&mut self, at: u64) -> Result<Result<(), Earlier>, TooLong> {
        let Some(first) = self.first else {
            (self.first, self.now) = (Some(at), at);
            return Ok(Ok(()));
        };
        if at < self.now {
            return Ok(Err(Earlier(self.now)));
        }
        if at > self.now {
            let before = *self.before.get_or_insert(if self.pages.is_empty() { 0 } else { at - self.now });
            self.recorder.interval(Span(self.now - first + before), &mut self.pages)?;
            self.now = at;
        }
        Ok(Ok(()))
    }

    /// Pages that this look found.
    pub(super) fn pages(&mut self, first: u64, pages: u64) -> Result<(), TooLong> {
        if pages > (Recorder::MOST.saturating_sub(self.pages.len())) as u64 {
            return Err(TooLong);
        }
        self.pages.extend((0..pages).map(|page| first.saturating_add(page)));
        Ok(())
    }

    /// Whether there was one look only, so that nothing tells how long it was.
    pub(super) fn is_single(&self) -> bool {
        self.before.is_none()
    }

    /// All that was taken in; with `counts_accesses` pages that were read count as well.
    pub(super) fn recording(mut self, counts_accesses: bool) -> Result<Option<Recording>, TooLong> {
        let end = self.now - self.first.unwrap_or(0) + self.before.unwrap_or(0);
        self.recorder.interval(Span(end), &mut self.pages)?;
        Ok(self.recorder.recording(RecordingOrigin { counts_accesses, has_intervals: true }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recording(looks: &[(u64, u64)]) -> Recording {
        let mut intervals = Intervals::default();
        for (at, pages) in looks {
            assert!(matches!(intervals.look(*at), Ok(Ok(()))));
            intervals.pages(10, *pages).unwrap();
        }
        intervals.recording(false).unwrap().unwrap()
    }

    #[test]
    fn the_first_look_is_as_long_as_the_second_or_the_beginning() {
        let (open, begun) = (recording(&[(500, 3), (700, 2), (800, 2)]), recording(&[(500, 0), (700, 2), (800, 2)]));
        assert_eq!((open.length(), open.writes()), (Span(500), 7));
        assert_eq!((begun.length(), begun.writes()), (Span(300), 4));
        assert_eq!(recording(&[(500, 1), (500, 3), (700, 0)]).writes(), 3, "pages of one look count once");
    }

    #[test]
    fn looks_rise() {
        let mut intervals = Intervals::default();
        let _ = intervals.look(500);
        assert!(matches!(intervals.look(499), Ok(Err(Earlier(500)))));
        assert!(intervals.is_single());
        assert!(intervals.pages(0, u64::MAX).is_err());
    }
}
