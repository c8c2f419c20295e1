//! The migrations of a drain as a table of its page.

use super::super::metrics::{self, Unit};
use super::text::tenths;
use crate::results::DrainRow;
use crate::sink::table::{Table, TableCell, TableColumn};

/// A column: its name, where it stands, and its cell of a row.
type MigrationColumn = (&'static str, TableColumn, fn(&DrainRow) -> String);

/// A row for each migration, by its start, then guests that were never tried. A column of which no row knows anything is left
/// out.
pub(super) fn migrations(rows: &[DrainRow]) -> Table {
    let (left, right) = (TableColumn::LEFT, TableColumn::RIGHT);
    let columns: [MigrationColumn; 10] = [
        ("guest", left.names(), |row| match row.attempt {
            0 | 1 => row.guest.clone(),
            number => format!("{} #{number}", row.guest),
        }),
        ("from", left, |row| row.host.clone().unwrap_or_default()),
        ("to", left, |row| row.destination.clone().unwrap_or_default()),
        ("RAM", right, |row| row.memory.map_or_else(String::new, |memory| Unit::Bytes.show(memory))),
        ("ends", left, |row| if row.attempt == 0 { "fits nowhere".to_owned() } else { row.verdict.clone() }),
        ("start", right, |row| row.start_ms.map_or_else(none, metrics::ms)),
        ("takes", right, |row| row.start_ms.zip(row.end_ms).map_or_else(none, |(from, to)| metrics::ms(to - from))),
        ("downtime", right, |row| Unit::Ms.show_any(row.downtime_ms)),
        ("slowed by", right, |row| match (row.unknown, row.attempt) {
            (Some(true), 1..) => "idle?".to_owned(),
            _ => tenths(row.running_slowdown_pct),
        }),
        ("misses", left, |row| row.missed.clone()),
    ];
    let mut rows: Vec<&DrainRow> = rows.iter().collect();
    let key = |row: &DrainRow| [row.start_ms, row.end_ms].map(|at| at.unwrap_or(f64::INFINITY));
    rows.sort_by(|a, b| key(a).partial_cmp(&key(b)).unwrap_or(std::cmp::Ordering::Equal));
    let is_known = |(_, _, cell): &MigrationColumn| rows.iter().any(|row| !cell(row).is_empty());
    let columns: Vec<MigrationColumn> = columns.into_iter().filter(is_known).collect();
    let mut table = Table::new(columns.iter().map(|(_, stands, _)| *stands));
    table.head(columns.iter().map(|(name, _, _)| *name));
    for row in rows {
        table.row(columns.iter().map(|(_, _, cell)| TableCell::from(cell(row))));
    }
    table
}

fn none() -> String {
    metrics::NONE.to_owned()
}
