//! Writes the timeline down, in bounded space.

use super::timeline::Action;
use super::{Event, Row, Timeline};
use crate::units::{Span, Time};

/// First distance of two samples.
const INTERVAL: Span = Span::from_ms(100);
/// Samples that are kept; when there are more, every other one goes and the distance doubles.
const SAMPLES: usize = 2000;
/// Other rows that are kept; when there are more, every other pass goes with all that happened in it, or every other
/// row where one pass has most of them.
const ROWS: usize = 100_000;
/// A cycle of so many actions that goes on and on is written down once.
const REPEATED: usize = 4;

/// A timeline in the making, or nothing.
#[derive(Clone)]
pub(super) struct Recorder {
    timeline: Option<Timeline>,
    actions: Vec<Action>,
    interval: Span,
    next_sample: Time,
    samples: usize,
    /// One pass of so many is written down, the first one among them.
    every: u64,
}

impl Recorder {
    pub(super) fn new(on: bool) -> Recorder {
        let next_sample = if on { Time::ZERO + INTERVAL } else { Time::NEVER };
        Recorder {
            timeline: on.then(Timeline::default),
            actions: Vec::new(),
            interval: INTERVAL,
            next_sample,
            samples: 0,
            every: 1,
        }
    }

    pub(super) fn is_on(&self) -> bool {
        self.timeline.is_some()
    }

    /// Whether a sample is due; it is taken as a window closes.
    pub(super) fn wants_sample(&self, now: Time) -> bool {
        now >= self.next_sample
    }

    pub(super) fn add(&mut self, now: Time, row: Row) {
        let Some(timeline) = &mut self.timeline else { return };
        if row.event == Event::Sample {
            self.samples += 1;
            if self.samples > SAMPLES {
                self.interval = self.interval * 2;
                leave_every_other(&mut timeline.rows, |row| row.event == Event::Sample);
                self.samples = timeline.rows.iter().filter(|row| row.event == Event::Sample).count();
            }
            self.next_sample = now + self.interval;
        } else if !stays(&row, self.every) {
            return;
        } else if timeline.rows.len() - self.samples >= ROWS {
            let fewer = self.every.saturating_mul(2);
            if timeline.rows.iter().filter(|row| !stays(row, fewer)).count() >= ROWS / 4 {
                self.every = fewer;
                timeline.rows.retain(|row| stays(row, fewer));
            } else {
                leave_every_other(&mut timeline.rows, comes_again);
            }
        }
        timeline.rows.push(row);
    }

    /// Writes an action down; nothing where one of the last few is repeated.
    pub(super) fn act(&mut self, action: Action) -> Option<&Action> {
        let first = self.actions.len().saturating_sub(REPEATED);
        if let Some(before) = self.actions[first..].iter_mut().find(|before| before.repeats(&action)) {
            before.times += 1;
            return None;
        }
        self.actions.push(action);
        self.actions.last()
    }

    pub(super) fn finish(self) -> Timeline {
        Timeline { rows: self.timeline.unwrap_or_default().rows, actions: self.actions }
    }
}

/// Whether such a row can come any number of times; a sample has its own bound.
fn comes_again(row: &Row) -> bool {
    matches!(row.event, Event::Sync | Event::Throttle | Event::Link | Event::Set | Event::Note)
}

/// Whether a row stays where one pass of `every` is written down.
fn stays(row: &Row, every: u64) -> bool {
    !comes_again(row) || row.pass.saturating_sub(1).is_multiple_of(every)
}

/// Takes every other of some rows away, not the first.
fn leave_every_other(rows: &mut Vec<Row>, some: fn(&Row) -> bool) {
    let mut keep = false;
    rows.retain(|row| {
        keep ^= some(row);
        keep || !some(row)
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(pass: u64, event: Event) -> Row {
        Row {
            t_ms: 0.0,
            pass,
            event,
            transferred_bytes: 0,
            remaining_bytes: 0,
            dirty_pages_rate: 0,
            bandwidth: 0.0,
            throttle_pct: 0.0,
            downtime_limit_ms: 0,
            guest_cpu_share_pct: 0.0,
            detail: String::new(),
        }
    }

    /// What is written down of some rows.
    fn written(rows: impl Iterator<Item = Row>) -> Vec<(u64, Event)> {
        let mut recorder = Recorder::new(true);
        rows.enumerate().for_each(|(ms, row)| recorder.add(Time::ZERO + Span::from_ms(ms as u64), row));
        recorder.finish().rows.iter().map(|row| (row.pass, row.event)).collect()
    }

    #[test]
    fn of_many_passes_whole_ones_are_left_out_evenly() {
        let passes = (1..=300_000).flat_map(|pass| [row(pass, Event::Sync), row(pass, Event::Throttle)]);
        let rows = written(passes.chain([row(300_000, Event::End)]));
        assert!((ROWS / 4..=ROWS + 1).contains(&rows.len()), "{}", rows.len());
        let (last, rows) = rows.split_last().unwrap();
        assert_eq!(*last, (300_000, Event::End));
        let step = rows[2].0 - rows[0].0;
        for (index, pair) in rows.chunks(2).enumerate() {
            let pass = 1 + index as u64 * step;
            assert_eq!(pair, [(pass, Event::Sync), (pass, Event::Throttle)]);
        }
    }

    #[test]
    fn of_much_that_happens_in_one_pass_the_passes_after_it_are_all_written() {
        let sets = (0..1_000_000).map(|_| row(1, Event::Set));
        let rows = written(sets.chain((2..=1000).map(|pass| row(pass, Event::Sync))));
        assert!((ROWS / 4..=ROWS).contains(&rows.len()), "{}", rows.len());
        assert_eq!(rows.iter().filter(|row| row.1 == Event::Sync).count(), 999);
    }
}
