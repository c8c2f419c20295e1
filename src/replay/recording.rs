//! What was seen of a real migration, and done to it.

use serde::Serialize;

use super::host::{Ended, Seen};
use crate::sim::{Action, Event, Row, Verdict};
use crate::units::Span;

/// Names the format of the file (`docs/trace-format.md`).
pub const SCHEMA: &str = "precopy-trace/1";

/// A recorded migration.
#[derive(Clone, Debug, Serialize)]
pub struct Recording {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// The release that recorded it.
    pub precopy: &'static str,
    /// The host's QEMU.
    pub qemu: String,
    /// The domain.
    pub domain: String,
    /// The scenario as it was given: its text, and what was set beside it.
    pub scenario: String,
    /// `--set` of the command line.
    pub sets: Vec<String>,
    /// When QEMU began, after libvirt's preparations [ms since the request].
    pub begin_ms: f64,
    /// How it ended.
    pub verdict: Verdict,
    /// Why it failed, where it did.
    pub failure: Option<String>,
    /// From QEMU's beginning to the end [ms].
    pub total_time_ms: f64,
    /// As libvirt tells it of a completed migration [ms].
    pub downtime_ms: Option<f64>,
    /// The same.
    pub setup_time_ms: Option<f64>,
    /// Counters at the end.
    pub dirty_sync_count: u64,
    /// `memory_processed` [bytes].
    pub transferred_bytes: u64,
    /// `memory_normal` [pages].
    pub normal_pages: u64,
    /// `memory_constant` [pages].
    pub duplicate_pages: u64,
    /// `memory_remaining` [bytes].
    pub remaining_bytes: u64,
    /// Highest throttle seen [%].
    pub throttle_max_pct: f64,
    /// What the domain does at the source now.
    pub source: String,
    /// What was done, in order of time.
    pub actions: Vec<Action>,
    /// What was seen, in order of time [ms since QEMU's beginning].
    pub rows: Vec<Row>,
}

/// A recording in the making.
#[derive(Default)]
pub(super) struct Recorder {
    rows: Vec<(Span, Event, Seen, Span)>,
    actions: Vec<Action>,
    /// By the client's clock, when QEMU's own began.
    begin: Option<Span>,
    last: Seen,
    downtime_limit: Span,
}

impl Recorder {
    pub(super) fn new(downtime_limit: Span) -> Recorder {
        Recorder { downtime_limit, ..Recorder::default() }
    }

    /// A look at `now`, by the client's clock.
    pub(super) fn see(&mut self, now: Span, event: Event, seen: Seen) {
        // libvirt's clock starts with its own preparations; QEMU's is the later of the first look at a pass and that.
        if seen.job.memory_iteration > 0 && self.begin.is_none() {
            self.begin = Some(now);
        }
        self.last = seen;
        self.rows.push((now, event, seen, self.downtime_limit));
    }

    pub(super) fn last(&self) -> Seen {
        self.last
    }

    pub(super) fn set_downtime(&mut self, limit: Span) {
        self.downtime_limit = limit;
    }

    pub(super) fn act(&mut self, action: Action) {
        self.actions.push(action);
    }

    pub(super) fn finish(mut self, now: Span, ended: Ended, verdict: Verdict, about: About) -> Recording {
        let begin = self.begin.unwrap_or(Span::ZERO);
        let since = |at: Span| at.ms() - begin.ms();
        let last = ended.totals.unwrap_or(self.last);
        if let Some(totals) = ended.totals {
            self.rows.push((now, Event::End, totals, self.downtime_limit));
        }
        let completed = ended.totals.filter(|_| ended.failure.is_none());
        let peak = self.rows.iter().map(|(.., seen, _)| seen.job.auto_converge_throttle).fold(0.0, f64::max);
        for action in &mut self.actions {
            action.t_ms -= begin.ms();
        }
        Recording {
            schema: SCHEMA,
            precopy: env!("CARGO_PKG_VERSION"),
            qemu: about.qemu,
            domain: about.domain,
            scenario: about.scenario,
            sets: about.sets,
            begin_ms: begin.ms(),
            verdict,
            failure: ended.failure,
            total_time_ms: completed.map_or(since(now), |totals| totals.job.elapsed.ms()),
            downtime_ms: completed.map(|totals| totals.job.downtime.ms()),
            setup_time_ms: completed.and_then(|totals| totals.setup_ms).map(|ms| ms as f64),
            dirty_sync_count: last.job.memory_iteration,
            transferred_bytes: last.job.memory_processed.0,
            normal_pages: last.normal,
            duplicate_pages: last.constant,
            remaining_bytes: last.job.memory_remaining.0,
            throttle_max_pct: peak,
            source: ended.source,
            rows: self.rows.iter().map(|(at, event, seen, limit)| row(since(*at), *event, seen, *limit)).collect(),
            actions: self.actions,
        }
    }
}

/// What the recording is of.
#[derive(Clone, Debug, Default)]
pub(super) struct About {
    pub(super) qemu: String,
    pub(super) domain: String,
    pub(super) scenario: String,
    pub(super) sets: Vec<String>,
}

fn row(t_ms: f64, event: Event, seen: &Seen, limit: Span) -> Row {
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
