//! Writes the timeline down, in bounded space.

use super::timeline::Action;
use super::{Event, Row, Timeline};
use crate::units::{Span, Time};

/// First distance of two samples.
const INTERVAL: Span = Span::from_ms(100);
/// Samples that are kept; when there are more, every other one goes and the distance doubles.
const SAMPLES: usize = 2000;
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
        }
    }

    pub(super) fn is_on(&self) -> bool {
        self.timeline.is_some()
    }

    /// When the next sample is due; it is taken at the first window that closes then.
    pub(super) fn next_sample(&self) -> Time {
        self.next_sample
    }

    pub(super) fn wants_sample(&self, now: Time) -> bool {
        now >= self.next_sample
    }

    pub(super) fn add(&mut self, now: Time, row: Row) {
        let Some(timeline) = &mut self.timeline else { return };
        if row.event == Event::Sample {
            self.samples += 1;
            if self.samples > SAMPLES {
                self.interval = self.interval * 2;
                let mut keep = false;
                timeline.rows.retain(|row| {
                    keep ^= row.event == Event::Sample;
                    row.event != Event::Sample || keep
                });
                self.samples = timeline.rows.iter().filter(|row| row.event == Event::Sample).count();
            }
            self.next_sample = now + self.interval;
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
