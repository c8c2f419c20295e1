//! What a log says that bears on how its migration ended.

use serde::Serialize;

use crate::compare::{Fate, LogGap, Trace};
use crate::orchestrator::products::nova::Nova;
use crate::sim::{Event, Row};
use crate::units::PAGE_SIZE;

/// QEMU's own downtime limit [ms].
pub(super) const DOWNTIME_LIMIT: f64 = 300.0;

/// Figures of a migration, as far as its log tells them.
#[derive(Clone, Debug, Serialize)]
pub struct Evidence {
    /// How it ended, or that it had not.
    pub fate: Fate,
    /// From its beginning to the last look [s].
    pub seen_s: f64,
    /// All RAM [bytes].
    pub memory_bytes: Option<f64>,
    /// What was sent a second, most of the time [bytes/s].
    pub bandwidth: Option<f64>,
    /// Whether the log has the bandwidth; else it is what was sent, over time.
    pub bandwidth_told: bool,
    /// What was dirtied a second before any throttle took hold [bytes/s].
    pub dirtied: Option<f64>,
    /// Whether the log has the dirty rate; else it is what was sent and what remains, over time: that much or more.
    pub dirtied_told: bool,
    /// Highest throttle [%].
    pub throttle_max_pct: f64,
    /// Whether the throttle rose within the last quarter of the time.
    pub throttle_rising: bool,
    /// Syncs, as far as they are known.
    pub syncs: u64,
    /// What was sent in all [bytes].
    pub sent_bytes: Option<f64>,
    /// What remained at the last look under way [bytes].
    pub remaining_bytes: Option<f64>,
    /// Time between the last syncs [s].
    pub pass_s: Option<f64>,
    /// Looks at it.
    pub looks: usize,
    /// Looks after the first pass: earlier ones say nothing of what the guest dirties.
    pub late_looks: usize,
    /// Downtime limit [ms].
    pub downtime_limit_ms: f64,
    /// Whether the log has it.
    pub downtime_limit_told: bool,
    /// A limit of bandwidth that the log tells [bytes/s]; 0: none.
    pub max_bandwidth: Option<f64>,
}

impl Evidence {
    /// Of one migration.
    pub fn of(trace: &Trace) -> Evidence {
        let (measured, told) = (&trace.measured, &trace.told);
        let last_ms = measured.seen_ms;
        // Recordings have a last row that says nothing of its own.
        let is_look =
            |row: &&Row| row.event == Event::Sample || (row.event == Event::End && !measured.verdict.is_over());
        let looks: Vec<&Row> = trace.timeline.rows.iter().filter(is_look).collect();
        let late = |row: &&&Row| row.pass > 1 || sent_all(trace, row);
        let late_looks = looks.iter().filter(late).count();
        let remains = !told.lacks(LogGap::Remaining);
        let mut rates: Vec<f64> = looks.iter().map(|row| row.bandwidth).filter(|rate| *rate > 0.0).collect();
        rates.sort_by(f64::total_cmp);
        let said = rates.get(rates.len() * 4 / 5).copied();
        let unthrottled = |row: &&&Row| row.throttle_pct == 0.0 || measured.throttle_max_pct == 0.0;
        let dirtied = |rows: &[&Row]| {
            let rates = rows.iter().map(|row| row.dirty_pages_rate as f64 * PAGE_SIZE as f64);
            rates.filter(|rate| *rate > 0.0).reduce(f64::max)
        };
        let early: Vec<&Row> = looks.iter().filter(unthrottled).copied().collect();
        let told_dirtied = dirtied(&early).or_else(|| dirtied(&looks));
        let memory_bytes = trace.memory.map(|memory| memory.0 as f64).or_else(|| of_scenario(trace));
        let counted = balance(&looks, memory_bytes).filter(|_| remains);
        let syncs = &measured.sync_times_ms;
        let rows: Vec<&Row> = looks.iter().filter(|row| row.pass > 1).copied().collect();
        let by_count = rows.first().zip(rows.last()).and_then(|(first, last)| {
            let passes = last.pass.saturating_sub(first.pass) as f64;
            (passes > 0.0).then(|| (last.t_ms - first.t_ms) / 1e3 / passes)
        });
        let by_time = (syncs.len() > 2).then(|| (syncs[syncs.len() - 1] - syncs[syncs.len() - 2]) / 1e3);
        let rose = |row: &&&Row| row.throttle_pct >= measured.throttle_max_pct;
        Evidence {
            fate: measured.verdict,
            seen_s: last_ms / 1e3,
            memory_bytes,
            bandwidth: said.or_else(|| sent_over_time(&looks, last_ms)),
            bandwidth_told: said.is_some(),
            dirtied: told_dirtied.or(counted),
            dirtied_told: told_dirtied.is_some(),
            throttle_max_pct: measured.throttle_max_pct,
            throttle_rising: measured.throttle_max_pct > 0.0
                && looks.iter().find(rose).is_some_and(|row| row.t_ms > 0.75 * last_ms),
            syncs: measured.dirty_sync_count,
            sent_bytes: measured.transferred_bytes.map(|bytes| bytes as f64),
            remaining_bytes: looks.last().map(|row| row.remaining_bytes as f64).filter(|left| remains && *left > 0.0),
            pass_s: by_count.or(by_time).filter(|_| !told.lacks(LogGap::Syncs)),
            looks: looks.len(),
            late_looks,
            downtime_limit_ms: told
                .downtime_limit_ms
                .map(|ms| ladder(trace).map_or(ms, |step| step.max(ms)))
                .or_else(|| limit_of(trace))
                .unwrap_or(DOWNTIME_LIMIT),
            downtime_limit_told: told.downtime_limit_ms.is_some() || limit_of(trace).is_some(),
            max_bandwidth: told.max_bandwidth.or_else(|| cap_of(trace)),
        }
    }

    /// Dirty rate over bandwidth.
    pub fn ratio(&self) -> Option<f64> {
        Some(self.dirtied? / self.bandwidth.filter(|rate| *rate > 0.0)?)
    }

    /// How long what remained takes to send [s].
    pub fn remaining_s(&self) -> Option<f64> {
        Some(self.remaining_bytes? / self.bandwidth.filter(|rate| *rate > 0.0)?)
    }
}

/// Whether all RAM has gone over once by then: what goes over later was dirtied.
fn sent_all(trace: &Trace, row: &Row) -> bool {
    trace.memory.is_some_and(|memory| row.transferred_bytes > memory.0)
}

/// What was dirtied a second after the first pass, by what was sent and what remains [bytes/s]; of a single look what was
/// dirtied a second since the beginning.
fn balance(looks: &[&Row], memory: Option<f64>) -> Option<f64> {
    if let [only] = looks {
        let (sent, left) = (only.transferred_bytes as f64, only.remaining_bytes as f64);
        return memory
            .filter(|_| only.t_ms > 0.0)
            .map(|all| (sent + left - all) / only.t_ms * 1e3)
            .filter(|rate| *rate > 0.0);
    }
    let later: Vec<&&Row> = looks.iter().filter(|row| row.pass > 1).collect();
    let (first, last) = match later[..] {
        [first, .., last] => (*first, *last),
        _ => (*looks.first()?, *looks.last()?),
    };
    let sent = last.transferred_bytes as f64 - first.transferred_bytes as f64;
    let more = last.remaining_bytes as f64 - first.remaining_bytes as f64;
    let seconds = (last.t_ms - first.t_ms) / 1e3;
    (seconds > 0.0).then(|| (sent + more) / seconds).filter(|rate| *rate > 0.0)
}

fn sent_over_time(looks: &[&Row], seen_ms: f64) -> Option<f64> {
    let last = looks.last()?;
    let (sent, ms) = match looks.first().filter(|first| first.t_ms < last.t_ms) {
        Some(first) => (last.transferred_bytes.saturating_sub(first.transferred_bytes), last.t_ms - first.t_ms),
        None => (last.transferred_bytes, if last.t_ms > 0.0 { last.t_ms } else { seen_ms }),
    };
    (ms > 0.0 && sent > 0).then(|| sent as f64 / ms * 1e3)
}

/// What a recording of our own says of its configuration.
fn of_scenario(trace: &Trace) -> Option<f64> {
    trace.scenario.as_ref().ok().map(|scenario| scenario.guest.memory.bytes().0 as f64)
}

fn limit_of(trace: &Trace) -> Option<f64> {
    trace.scenario.as_ref().ok().map(|scenario| scenario.qemu.params.downtime_limit.whole_ms() as f64)
}

/// Where Nova's default steps had come to [ms]: a log from which lines were picked may lack the later ones.
fn ladder(trace: &Trace) -> Option<f64> {
    let memory = trace.memory.filter(|_| trace.told.product == Some("nova"))?;
    let steps = Nova::defaults(Nova::NEWEST).steps(memory, &[]);
    let reached = |(after, _): &&(u64, u64)| *after as f64 * 1e3 <= trace.measured.seen_ms;
    steps.iter().rfind(reached).map(|(_, ms)| *ms as f64)
}

fn cap_of(trace: &Trace) -> Option<f64> {
    trace.scenario.as_ref().ok().map(|scenario| scenario.qemu.params.max_bandwidth.0 as f64)
}
