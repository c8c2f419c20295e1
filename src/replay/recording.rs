//! A recording in the making.

use super::host::{Ended, JobSeen};
use crate::compare::recording::{Deed, OfFleet, Recording, SCHEMA};
use crate::sim::{Event, Row, Verdict};
use crate::units::Span;

/// What was seen and done so far, by the client's clock.
#[derive(Default)]
pub(super) struct ReplayRecorder {
    rows: Vec<(Span, Event, JobSeen, Span)>,
    deeds: Vec<(Span, Deed)>,
    last: JobSeen,
    /// As set last.
    pub(super) downtime_limit: Span,
}

/// What the recording is of.
#[derive(Clone, Debug, Default)]
pub(super) struct About {
    pub(super) qemu: String,
    pub(super) domain: String,
    pub(super) scenario: String,
    pub(super) sets: Vec<String>,
    pub(super) of_fleet: Option<OfFleet>,
}

impl ReplayRecorder {
    pub(super) fn new(downtime_limit: Span) -> ReplayRecorder {
        ReplayRecorder { downtime_limit, ..ReplayRecorder::default() }
    }

    /// A look, or a sync that was told of.
    pub(super) fn see(&mut self, now: Span, event: Event, seen: JobSeen) {
        self.last = seen;
        self.rows.push((now, event, seen, self.downtime_limit));
    }

    pub(super) fn last(&self) -> JobSeen {
        self.last
    }

    /// What was done; the same again and again, as an order that is refused at every look, is one.
    pub(super) fn act(&mut self, now: Span, deed: Deed) {
        if self.deeds.last().is_none_or(|(_, last)| *last != deed) {
            self.deeds.push((now, deed));
        }
    }

    /// The whole, for a migration that ended at `now`.
    pub(super) fn finish(mut self, now: Span, ended: Ended, verdict: Verdict, about: About) -> Recording {
        self.rows.sort_by_key(|(at, ..)| *at);
        let completed = ended.totals.filter(|_| ended.failure.is_none());
        let begin = self.begin(completed.and_then(|totals| totals.setup_ms));
        let since = |at: Span| at.ms() - begin;
        let last = completed.unwrap_or(self.last);
        let peak = self.rows.iter().map(|(.., seen, _)| seen.job.auto_converge_throttle).fold(0.0, f64::max);
        // libvirt's own clock starts with the request, as the client's does.
        let total = completed.map_or(now, |totals| totals.job.elapsed);
        if let Some(totals) = completed {
            let end = self.rows.last().map_or(total, |(last, ..)| total.max(*last));
            self.rows.push((end, Event::End, totals, self.downtime_limit));
        }
        Recording {
            schema: SCHEMA.to_owned(),
            precopy: env!("CARGO_PKG_VERSION").to_owned(),
            qemu: about.qemu,
            domain: about.domain,
            scenario: about.scenario,
            sets: about.sets,
            of_fleet: about.of_fleet,
            begin_ms: begin,
            verdict,
            failure: ended.failure,
            total_time_ms: since(total).max(0.0),
            // libvirt leaves it out, or at zero, where it does not know: after post-copy.
            downtime_ms: completed.map(|totals| totals.job.downtime.ms()).filter(|ms| *ms > 0.0),
            setup_time_ms: completed.and_then(|totals| totals.setup_ms).map(|ms| ms as f64),
            dirty_sync_count: last.job.memory_iteration,
            transferred_bytes: last.job.memory_processed.0,
            normal_pages: last.normal,
            duplicate_pages: last.constant,
            remaining_bytes: last.job.memory_remaining.0,
            throttle_max_pct: peak,
            source: ended.source,
            actions: self.deeds.into_iter().map(|(at, deed)| Deed { t_ms: since(at), ..deed }).collect(),
            rows: self.rows.iter().map(|(at, event, seen, limit)| row(since(*at), *event, seen, *limit)).collect(),
        }
    }

    /// When QEMU began [ms]: its setup before the first sync, or the first look that saw a pass.
    fn begin(&self, setup_ms: Option<u64>) -> f64 {
        let first = |event: Option<Event>| {
            let seen = |(_, what, seen, _): &&(Span, Event, JobSeen, Span)| {
                seen.job.memory_iteration > 0 && event.is_none_or(|event| event == *what)
            };
            self.rows.iter().find(seen).map(|(at, ..)| at.ms())
        };
        let first_sync = first(Some(Event::Sync)).zip(setup_ms).map(|(at, setup)| at - setup as f64);
        first_sync.or(first(None)).unwrap_or(0.0).max(0.0)
    }
}

fn row(t_ms: f64, event: Event, seen: &JobSeen, limit: Span) -> Row {
    let job = &seen.job;
    Row {
        t_ms,
        pass: job.memory_iteration,
        event,
        transferred_bytes: job.memory_processed.0,
        remaining_bytes: job.memory_remaining.0,
        dirty_pages_rate: job.memory_dirty_rate,
        bandwidth: job.memory_bps.0 as f64,
        throttle_pct: job.auto_converge_throttle,
        downtime_limit_ms: limit.whole_ms(),
        guest_cpu_share_pct: if job.paused { 0.0 } else { 100.0 - job.auto_converge_throttle },
        detail: String::new(),
    }
}
