//! All runs as a table that can be sorted and filtered.

use anstyle::Style;
use maud::{Markup, html};

use super::summary::meaning;
use crate::metrics::NONE;
use crate::plot::axis::AxisUnit;
use crate::results::{Cell, Results, column};
use crate::sink::table::{Table, TableCell, TableColumn};

/// Most rows of a page; its size is that of its table beyond, and nobody reads so many.
pub(super) const ROWS: usize = 500;

/// What stands behind the choices and before the other figures, if it varies.
const FIRST: [&str; 10] = [
    "file",
    "scenario",
    "qemu",
    "repeat",
    "verdict",
    "total_time_ms",
    "downtime_ms",
    "guest_slowdown_pct",
    "throttled_time_ms",
    "throttle_max_pct",
];

/// What no reader looks for in a row: numbers of points and draws, and sentences.
const NOT_SHOWN: [&str; 3] = ["point", "seed", "reason"];

/// The table: what varies, in the order in which it is read.
pub(super) fn table(results: &Results) -> Markup {
    let total = results.len();
    html! {
        section {
            h2 { @if results.is_summary() { "Points" } @else { "Runs" } }
            p .filter {
                label for="filter" { "Show rows with " }
                input #filter type="search" size="30" placeholder="not-converged   downtime<300" autocomplete="off"
                    aria-describedby="filter-help";
                " " output #count for="filter" {}
                small #filter-help {
                    "Words that a row contains, or comparisons like downtime<300 in the units of the table; a click on \
                     a heading sorts."
                }
            }
            @if total > ROWS {
                p {
                    "The first " (ROWS) " of " (total) " rows. " code { "--where" } ", as in "
                    code { "precopy report results.csv --where 'downtime_ms>500'" } ", makes a page of others; all are in \
                     the file of the results."
                }
            }
            div .scroll tabindex="0" {
                (rows(results).sortable("runs"))
            }
            (constants(results))
        }
    }
}

/// A row for each run, as far as they are shown; those that did not come to an end are set apart.
fn rows(results: &Results) -> Table {
    let columns = columns(results);
    let mut table = Table::new(columns.iter().map(|column| column.stands(results)));
    table.head(
        columns
            .iter()
            .map(|column| TableCell::from(column.label.as_str()).key(column.name).meaning(meaning(column.name))),
    );
    for row in results.rows().take(ROWS) {
        let style = if row.finished() { Style::new() } else { Style::new().italic() };
        table.styled_row(style, columns.iter().map(|column| column.cell(row.cell(column.at))));
    }
    table
}

/// What is the same in all runs.
fn constants(results: &Results) -> Markup {
    let same = |at: &usize| !results.varies(*at) && results.row(0).cell(*at) != Cell::Empty;
    let constants: Vec<usize> = (0..results.width()).filter(same).collect();
    html! {
        @if !constants.is_empty() {
            details {
                summary { "The same in all " @if results.is_summary() { "points" } @else { "runs" } }
                dl {
                    @for at in constants {
                        div {
                            dt { (column::label(results.name(at))) }
                            dd { (column::show(results.name(at), results.row(0).cell(at))) }
                        }
                    }
                }
            }
        }
    }
}

/// A column of the table.
struct Column<'a> {
    at: usize,
    name: &'a str,
    label: String,
    /// Base units in the unit of the column, and its decimals.
    unit: f64,
    decimals: usize,
}

/// The columns that vary: choices first, then how many runs ended how, then the figures, and whatever else there is.
fn columns(results: &Results) -> Vec<Column<'_>> {
    let varies = |at: &usize| results.varies(*at);
    let is_shown = |at: &usize| !NOT_SHOWN.contains(&results.name(*at));
    let mut order: Vec<usize> = results.axes();
    order.extend(results.shares());
    order.extend(FIRST.iter().filter_map(|name| results.figure(name)));
    order.extend((0..results.width()).filter(is_shown));
    let mut seen: Vec<usize> = Vec::new();
    for at in order.into_iter().filter(varies) {
        if !seen.contains(&at) {
            seen.push(at);
        }
    }
    seen.into_iter().map(|at| Column::of(results, at)).collect()
}

impl Column<'_> {
    fn of(results: &Results, at: usize) -> Column<'_> {
        let name = results.name(at);
        let numbers = || results.numbers(at);
        let largest = numbers().fold(0.0, |most: f64, number| most.max(number.abs()));
        let unit = AxisUnit::of(column::unit(name), largest);
        let whole = numbers().all(|number| (number / unit.size).fract() == 0.0);
        let decimals = match largest / unit.size {
            _ if whole => 0,
            large if large >= 1000.0 => 0,
            large if large >= 100.0 => 1,
            _ => 2,
        };
        Column { at, name, label: unit.title(&column::label(name)), unit: unit.size, decimals }
    }

    /// Words, or figures and the lack of them.
    fn stands(&self, results: &Results) -> TableColumn {
        let is_word = results.rows().any(|row| matches!(row.cell(self.at), Cell::Word(_)));
        if is_word { TableColumn::LEFT } else { TableColumn::RIGHT }
    }

    fn cell(&self, cell: Cell) -> TableCell {
        match cell {
            Cell::Number(number) => {
                let number = number / self.unit;
                let shown = format!("{number:.*}", self.decimals);
                // What is sorted by: somewhat finer than what is shown.
                let value: f64 = format!("{number:.6e}").parse().unwrap_or(number);
                TableCell::from(shown).value(value)
            }
            Cell::Word(word) => TableCell::from(word),
            Cell::Empty => TableCell::from(NONE),
        }
    }
}
