//! The rows of a drain: migrations of guests, in the order in which they ended.

use super::{Cell, ResultRow, Results};

/// A migration of a drain, or a guest that had none, as far as a row of its results says it.
#[derive(Clone, Debug, PartialEq)]
pub struct DrainRow {
    /// The host that is emptied, where hosts are named.
    pub host: Option<String>,
    /// The host that the guest went to, where hosts are named.
    pub destination: Option<String>,
    /// The guest's name.
    pub guest: String,
    /// RAM of the guest [bytes].
    pub memory: Option<f64>,
    /// Whether its workload is unknown; none if the row does not say.
    pub unknown: Option<bool>,
    /// How often it was tried, from 1; 0 if it never was, as there is no room.
    pub attempt: u32,
    /// Whether the guest left.
    pub moved: bool,
    /// Goals that it misses, with commas between.
    pub missed: String,
    /// From the start of the drain [ms].
    pub start_ms: Option<f64>,
    /// Likewise.
    pub end_ms: Option<f64>,
    /// How it ended; nothing if it was never tried.
    pub verdict: String,
    /// What decided it.
    pub reason: String,
    /// Downtime, of a guest that left [ms].
    pub downtime_ms: Option<f64>,
    /// Slowdown while it ran [%].
    pub running_slowdown_pct: Option<f64>,
}

impl Results {
    /// Whether the rows are those of a drain.
    pub fn is_drain(&self) -> bool {
        ["guest", "attempt", "moved", "start_ms", "end_ms"].iter().all(|column| self.find(column).is_some())
    }

    /// Its rows.
    pub fn drain_rows(&self) -> Vec<DrainRow> {
        self.rows().map(|row| self.drain_row(row)).collect()
    }

    fn drain_row(&self, row: ResultRow) -> DrainRow {
        let cell = |name: &str| self.find(name).map(|at| row.cell(at)).filter(|cell| *cell != Cell::Empty);
        let text = |name: &str| {
            cell(name).map(|cell| match cell {
                Cell::Number(number) => number.to_string(),
                Cell::Word(word) => word.to_string(),
                Cell::Empty => String::new(),
            })
        };
        let number = |name: &str| cell(name).and_then(Cell::number);
        let moved = text("moved").is_some_and(|word| word == "true");
        DrainRow {
            host: text("host"),
            destination: text("destination"),
            guest: text("guest").unwrap_or_default(),
            memory: number("guest_memory_bytes"),
            unknown: text("unknown").map(|word| word == "true"),
            attempt: number("attempt").unwrap_or_default() as u32,
            moved,
            missed: text("missed").unwrap_or_default(),
            start_ms: number("start_ms"),
            end_ms: number("end_ms"),
            verdict: text("verdict").unwrap_or_default(),
            reason: text("reason").unwrap_or_default(),
            downtime_ms: number("downtime_ms").filter(|_| moved),
            running_slowdown_pct: number("running_slowdown_pct"),
        }
    }
}
