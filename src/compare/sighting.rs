//! A migration as a client sees it: statistics that were asked for again and again.

use super::json::{FieldError, JsonNode};
use super::{Fate, MigrationRecord};
use crate::sim::{Event, Row, Timeline};

/// How far a migration was when a client looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MigrationState {
    /// Under way.
    Active,
    /// Under way, and the guest runs at the destination.
    PostCopy,
    /// Done.
    Completed,
    /// Ended from outside.
    Cancelled,
    /// Ended by a fault.
    Failed,
}

impl MigrationState {
    /// What `query-migrate` calls `status`; `None` before anything is sent.
    ///
    /// # Errors
    /// A status that none of the known releases has: what it means is not guessed.
    pub(super) fn of(status: &JsonNode) -> Result<Option<MigrationState>, FieldError> {
        let wanted = || status.expected("a status of a migration in a release up to QEMU 10.2");
        MigrationState::named(status.text()?).ok_or_else(wanted)
    }

    /// The same, of the word alone; `None` for one that no known release has.
    pub(super) fn named(status: &str) -> Option<Option<MigrationState>> {
        Some(Some(match status {
            "none" | "setup" => return Some(None),
            "active" | "wait-unplug" | "pre-switchover" | "device" => MigrationState::Active,
            "postcopy-active"
            | "postcopy-device"
            | "postcopy-paused"
            | "postcopy-recover-setup"
            | "postcopy-recover" => MigrationState::PostCopy,
            "completed" => MigrationState::Completed,
            "cancelled" | "cancelling" => MigrationState::Cancelled,
            "failed" | "failing" => MigrationState::Failed,
            _ => return None,
        }))
    }

    /// Whether the migration goes on.
    pub(super) fn is_under_way(self) -> bool {
        matches!(self, MigrationState::Active | MigrationState::PostCopy)
    }
}

/// The statistics of one look.
#[derive(Clone, Debug)]
pub(super) struct Sighting {
    /// Since the `migrate` command [ms].
    pub(super) t_ms: f64,
    pub(super) state: MigrationState,
    /// `dirty-sync-count`.
    pub(super) pass: u64,
    /// [bytes]
    pub(super) transferred: u64,
    /// [bytes]
    pub(super) remaining: u64,
    /// All RAM of the guest [bytes].
    pub(super) total: Option<u64>,
    /// [pages]
    pub(super) normal: Option<u64>,
    /// [pages]
    pub(super) duplicate: Option<u64>,
    /// [pages/s]
    pub(super) dirty_pages_rate: u64,
    /// [bytes/s]
    pub(super) bandwidth: f64,
    /// [%]
    pub(super) throttle_pct: f64,
    /// Whether pages were asked for by the destination.
    pub(super) post_copied: bool,
    /// [ms]
    pub(super) downtime_ms: Option<f64>,
    /// [ms]
    pub(super) setup_time_ms: Option<f64>,
}

impl Sighting {
    fn row(&self, t_ms: f64, event: Event) -> Row {
        Row {
            t_ms,
            pass: self.pass,
            event,
            transferred_bytes: self.transferred,
            remaining_bytes: self.remaining,
            dirty_pages_rate: self.dirty_pages_rate,
            bandwidth: self.bandwidth,
            throttle_pct: self.throttle_pct,
            downtime_limit_ms: 0,
            guest_cpu_share_pct: 100.0 - self.throttle_pct,
            detail: String::new(),
        }
    }
}

/// The record of a migration that was seen at these moments; `None` if it was never seen.
///
/// `timed_out`: it was cancelled because it took too long.
///
/// `lag_ms`: a look came no later than this after what it was the first to see, whenever the one before it was.
pub(super) fn record(seen: &[Sighting], timed_out: bool, lag_ms: f64) -> Option<MigrationRecord> {
    let last = seen.last()?;
    let switched = seen.iter().any(|sighting| sighting.state == MigrationState::PostCopy || sighting.post_copied);
    let verdict = match last.state {
        MigrationState::Completed if switched => Fate::PostCopy,
        MigrationState::Completed => Fate::Converged,
        MigrationState::Failed => Fate::Failed,
        MigrationState::Cancelled if timed_out => Fate::NotConverged,
        MigrationState::Cancelled => Fate::Cancelled,
        MigrationState::PostCopy => Fate::PostCopyRunning,
        MigrationState::Active if switched => Fate::PostCopyRunning,
        MigrationState::Active => Fate::Running,
    };
    let setup_time_ms = seen.iter().rev().find_map(|sighting| sighting.setup_time_ms);
    let highest = |of: fn(&Sighting) -> u64| seen.iter().map(of).max().unwrap_or(0);
    let most = |of: fn(&Sighting) -> Option<u64>| seen.iter().filter_map(of).max();
    Some(MigrationRecord {
        verdict,
        total_time_ms: verdict.is_over().then_some(last.t_ms),
        seen_ms: last.t_ms,
        setup_time_ms,
        downtime_ms: last.downtime_ms.filter(|_| last.state == MigrationState::Completed),
        dirty_sync_count: highest(|sighting| sighting.pass),
        throttle_max_pct: seen.iter().map(|sighting| sighting.throttle_pct).fold(0.0, f64::max),
        transferred_bytes: Some(highest(|sighting| sighting.transferred)),
        normal_pages: most(|sighting| sighting.normal),
        duplicate_pages: most(|sighting| sighting.duplicate),
        guest_work_lost_ms: None,
        sync_times_ms: syncs(seen, setup_time_ms, lag_ms),
    })
}

/// A client that sees more syncs than this at the first look came late.
const LATE: u64 = 3;

/// When the syncs were: evenly between the two looks that saw fewer and more of them.
///
/// The first is the end of setup, where that is known. The last one of a completed migration came before its downtime. Of
/// a migration that was first looked at after several syncs the times of these are not known, nor is which the others
/// are: there are none.
fn syncs(seen: &[Sighting], setup_time_ms: Option<f64>, lag_ms: f64) -> Vec<f64> {
    let mut times: Vec<f64> = Vec::new();
    if seen.first().is_none_or(|first| first.pass > LATE) {
        return times;
    }
    let mut before = 0.0;
    for sighting in seen {
        let until = match sighting.state {
            MigrationState::Completed => (sighting.t_ms - sighting.downtime_ms.unwrap_or(0.0)).max(before),
            _ => sighting.t_ms,
        };
        before = f64::max(before, until - lag_ms);
        // A counter that jumps by more than a few was not watched; nothing is known of the syncs between.
        let new = sighting.pass.saturating_sub(times.len() as u64).min(1000);
        for sync in 0..new {
            let even: f64 = before + (until - before) * (sync as f64 + 0.5) / new as f64;
            times.push(if times.is_empty() { setup_time_ms.unwrap_or(even).min(until) } else { even });
        }
        before = sighting.t_ms;
    }
    times
}

/// The looks as a timeline, with a row for each sync. A sync shows what the first look after it saw.
pub(super) fn timeline(seen: &[Sighting], syncs: &[f64], end_ms: f64) -> Timeline {
    let seen = settled(seen);
    let Some((first, last)) = seen.first().zip(seen.last()) else { return Timeline::default() };
    let mut rows = vec![first.row(0.0, Event::Start)];
    let mut syncs = syncs.iter().copied().zip(1..).filter(|(t_ms, _)| *t_ms <= end_ms).peekable();
    for sighting in &seen {
        while let Some((t_ms, pass)) = syncs.next_if(|(t_ms, _)| *t_ms <= sighting.t_ms) {
            rows.push(Row { pass, ..sighting.row(t_ms, Event::Sync) });
        }
        if sighting.t_ms > 0.0 && sighting.t_ms < end_ms {
            rows.push(sighting.row(sighting.t_ms, Event::Sample));
        }
    }
    rows.extend(syncs.map(|(t_ms, pass)| Row { pass, ..last.row(t_ms, Event::Sync) }));
    rows.push(last.row(end_ms, Event::End));
    Timeline { rows, ..Timeline::default() }
}

/// The looks, with rates and throttle of a migration that is over as they were before: QEMU then says 0.
fn settled(seen: &[Sighting]) -> Vec<Sighting> {
    let mut settled: Vec<Sighting> = Vec::with_capacity(seen.len());
    // Some logs never say what remains.
    let told = seen.iter().any(|sighting| sighting.remaining > 0);
    for sighting in seen {
        let mut now = sighting.clone();
        if let Some(before) = settled.last().filter(|_| told && now.remaining == 0 && now.throttle_pct == 0.0) {
            now.throttle_pct = before.throttle_pct;
            now.dirty_pages_rate = before.dirty_pages_rate;
            now.bandwidth = before.bandwidth;
        }
        settled.push(now);
    }
    settled
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(t_ms: f64, state: MigrationState, pass: u64) -> Sighting {
        Sighting {
            t_ms,
            state,
            pass,
            transferred: 1000 * pass,
            remaining: 500,
            total: None,
            normal: Some(pass),
            duplicate: None,
            dirty_pages_rate: 0,
            bandwidth: 1e6,
            throttle_pct: 10.0 * pass as f64,
            post_copied: false,
            downtime_ms: (state == MigrationState::Completed).then_some(100.0),
            setup_time_ms: Some(20.0),
        }
    }

    #[test]
    fn syncs_lie_between_the_looks_that_count_them() {
        let seen = [
            look(100.0, MigrationState::Active, 1),
            look(200.0, MigrationState::Active, 1),
            look(400.0, MigrationState::Active, 3),
            look(900.0, MigrationState::Completed, 4),
        ];
        let record = record(&seen, false, f64::INFINITY).unwrap();
        assert_eq!(record.sync_times_ms, [20.0, 250.0, 350.0, 600.0]);
        assert_eq!((record.verdict, record.total_time_ms), (Fate::Converged, Some(900.0)));
        assert_eq!((record.downtime_ms, record.throttle_max_pct), (Some(100.0), 40.0));
        let rows = timeline(&seen, &record.sync_times_ms, 900.0).rows;
        assert!(rows.is_sorted_by(|a, b| a.t_ms <= b.t_ms), "{rows:?}");
        assert_eq!(rows.iter().filter(|row| row.event == Event::Sync).count(), 4);
    }

    #[test]
    fn how_it_ended_shows_in_the_last_look() {
        for (state, timed_out, fate) in [
            (MigrationState::Active, false, Fate::Running),
            (MigrationState::Active, true, Fate::Running),
            (MigrationState::PostCopy, false, Fate::PostCopyRunning),
            (MigrationState::Cancelled, false, Fate::Cancelled),
            (MigrationState::Cancelled, true, Fate::NotConverged),
            (MigrationState::Failed, false, Fate::Failed),
            (MigrationState::Failed, true, Fate::Failed),
        ] {
            let seen = [look(1.0, MigrationState::Active, 1), look(2.0, state, 2)];
            let record = record(&seen, timed_out, f64::INFINITY).unwrap();
            assert_eq!((record.verdict, record.seen_ms), (fate, 2.0), "{state:?}");
            assert_eq!(record.total_time_ms.is_some(), fate.is_over(), "{state:?}");
        }
        let late = [look(1.0, MigrationState::Active, 14), look(2.0, MigrationState::Active, 15)];
        assert!(record(&late, false, f64::INFINITY).unwrap().sync_times_ms.is_empty(), "nobody saw them");
        let asked = [Sighting { post_copied: true, ..look(2.0, MigrationState::Completed, 2) }];
        assert_eq!(record(&asked, false, f64::INFINITY).unwrap().verdict, Fate::PostCopy);
        let seen = [look(1.0, MigrationState::PostCopy, 1), look(2.0, MigrationState::Completed, 2)];
        assert_eq!(record(&seen, false, f64::INFINITY).unwrap().verdict, Fate::PostCopy);
        assert!(record(&[], false, f64::INFINITY).is_none());
    }
}
