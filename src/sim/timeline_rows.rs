//! What a migration writes down in its timeline as it goes.

use super::migration::Migration;
use super::sender::SkippedWindows;
use super::{Event, Row};
use crate::guest::GuestMemory;
use crate::units::Time;

impl<M: GuestMemory> Migration<'_, M> {
    pub(super) fn record(&mut self, event: Event) {
        self.record_detailed(event, String::new());
    }

    /// Writes an event down with a few words.
    pub(super) fn record_detailed(&mut self, event: Event, detail: String) {
        if self.recorder.is_on() {
            self.recorder.add(self.clock.now(), Row { detail, ..self.row(event) });
        }
    }

    /// Writes down that passes were counted which were not walked.
    pub(super) fn record_repeats(&mut self, syncs: u64) {
        if self.recorder.is_on() {
            self.record_detailed(Event::Repeat, format!("{syncs} passes like those before"));
        }
    }

    /// Writes a sample down as a window closes, if one is due.
    pub(super) fn sample(&mut self) {
        if self.recorder.wants_sample(self.clock.now()) {
            self.record(Event::Sample);
        }
    }

    /// Writes down the samples that were due as windows closed that were jumped over, the last of which closes now.
    pub(super) fn sample_skipped(&mut self, skipped: &SkippedWindows) {
        if !self.recorder.is_on() {
            return;
        }
        for after in (0..skipped.windows).rev() {
            let at = skipped.closed(self.clock.now(), after);
            if self.recorder.wants_sample(at) {
                let sent = self.sender.sent_by(skipped, at, after);
                let row = Row {
                    t_ms: (at - Time::ZERO).ms(),
                    transferred_bytes: sent.transferred,
                    remaining_bytes: sent.remaining.0,
                    bandwidth: sent.bandwidth,
                    ..self.row(Event::Sample)
                };
                self.recorder.add(at, row);
            }
        }
    }

    /// The row of this moment.
    fn row(&self, event: Event) -> Row {
        let (sender, throttler) = (&self.sender, &self.throttler);
        Row {
            t_ms: self.clock.elapsed().ms(),
            pass: throttler.sync_count(),
            event,
            transferred_bytes: sender.transferred(),
            remaining_bytes: sender.remaining().0,
            dirty_pages_rate: throttler.dirty_pages_rate(),
            bandwidth: sender.estimate().bytes_per_second(),
            throttle_pct: throttler.felt().pct(),
            downtime_limit_ms: sender.params().downtime_limit.whole_ms(),
            guest_cpu_share_pct: throttler.run_share() * 100.0,
            detail: String::new(),
        }
    }
}
