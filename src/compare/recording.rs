//! Migrations that `precopy replay` recorded: its own format.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::json::FieldError;
use super::parts::{NoScenario, TraceParts, until_ended};
use super::record::MigrationRecord;
use super::told::Told;
use crate::scenario::{Input, Scenario};
use crate::sim::{Event, Row, Timeline, Verdict};

/// Names the format (`docs/trace-format.md`).
pub const SCHEMA: &str = "precopy-trace/1";

/// A recorded migration, as its file holds it. Times are since QEMU's beginning.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Recording {
    /// [`SCHEMA`].
    pub schema: String,
    /// The release that recorded it.
    pub precopy: String,
    /// The host's QEMU.
    pub qemu: String,
    /// The domain.
    pub domain: String,
    /// The scenario as it was given.
    pub scenario: String,
    /// `--set` of the command line.
    pub sets: Vec<String>,
    /// Which guest it is, where the scenario is a fleet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of_fleet: Option<OfFleet>,
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
    /// Setup, as libvirt tells it of a completed migration [ms].
    pub setup_time_ms: Option<f64>,
    /// `memory_iteration` at the end.
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
    /// What the domain did at the source afterwards.
    pub source: String,
    /// What was done, in order of time.
    pub actions: Vec<Deed>,
    /// What was seen, in order of time.
    pub rows: Vec<Row>,
}

/// A guest of a fleet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfFleet {
    /// Index of its entry `[[vm]]`, or of its row.
    pub entry: usize,
    /// The fleet is a table with a row for each guest.
    pub table: bool,
}

/// Something that was done to a real migration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deed {
    /// [ms]
    pub t_ms: f64,
    /// Who.
    pub by: String,
    /// What.
    pub what: String,
    /// Why, or why the host refused.
    pub why: String,
}

/// Most rows that are read.
const MOST: usize = 1_000_000;

/// Reads a recording; its own scenario is what is simulated.
pub(super) fn read(value: &Value) -> Result<TraceParts, FieldError> {
    let recording: Recording =
        Recording::deserialize(value).map_err(|error| FieldError::new("the recording", error.to_string()))?;
    if recording.rows.len() > MOST {
        return Err(FieldError::new("rows", format!("has more than {MOST} entries")));
    }
    let finite = recording.rows.iter().all(|row| row.t_ms.is_finite() && row.t_ms.abs() < 1e12);
    if !finite || !(0.0..1e12).contains(&recording.total_time_ms) {
        return Err(FieldError::new("total_time_ms", "must be a time, as must the `t_ms` of all rows"));
    }
    let scenario = scenario(&recording);
    let measured = recording.measured();
    let timeline = Timeline { rows: recording.rows, ..Timeline::default() };
    Ok(TraceParts { scenario, measured, timeline, memory: None, note: None, told: Told::default() })
}

/// The scenario as it was given; where it was ended from outside, the time limit comes no later than that.
fn scenario(recording: &Recording) -> Result<Scenario, NoScenario> {
    let unstated = || NoScenario::Unstated("the scenario in the recording cannot be read any more".to_owned());
    let input = Input::new("the recording's scenario", &recording.scenario, &recording.sets).map_err(|_| unstated())?;
    let input = match recording.of_fleet {
        Some(OfFleet { entry, table: true }) => input.as_table().of_guest(entry),
        Some(OfFleet { entry, table: false }) => input.of_guest(entry),
        None => input,
    };
    let scenario = input.load().map_err(|_| unstated())?.scenario;
    Ok(until_ended(scenario, recording.verdict.into(), recording.total_time_ms))
}

impl Recording {
    /// Its figures.
    pub fn measured(&self) -> MigrationRecord {
        let syncs = self.rows.iter().filter(|row| row.event == Event::Sync).map(|row| row.t_ms);
        MigrationRecord {
            verdict: self.verdict.into(),
            total_time_ms: Some(self.total_time_ms),
            seen_ms: self.total_time_ms,
            setup_time_ms: self.setup_time_ms,
            downtime_ms: self.downtime_ms,
            dirty_sync_count: self.dirty_sync_count,
            throttle_max_pct: self.throttle_max_pct,
            transferred_bytes: Some(self.transferred_bytes),
            normal_pages: Some(self.normal_pages),
            duplicate_pages: Some(self.duplicate_pages),
            guest_work_lost_ms: None,
            sync_times_ms: syncs.collect(),
        }
    }
}
