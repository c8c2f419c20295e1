//! Result files as one table: what `plot` draws and `report` lists.
//!
//! Whatever wrote them (`sweep`, `run` as CSV or JSON, `run --timeline`), results are named columns and rows of numbers
//! and words. Column names are those of the files; [`column`] knows what they count. In memory a table is its columns, eight
//! bytes a cell, and a [`ResultRow`] is a place in all of them.

mod cell;
mod cells;
pub mod column;
mod combination;
pub mod curve;
mod drain_row;
mod filter;
mod json;
mod origin;
mod read;
mod row;
mod rows_note;
mod words;

pub use cell::{Cell, CellKey};
pub use combination::GroupedRows;
pub use drain_row::DrainRow;
pub use filter::Filter;
pub use origin::{Origin, RowsCheck};
pub use read::Unreadable;
pub use row::ResultRow;
pub use rows_note::RowsNote;

use crate::metrics::{Course, Unit};
use crate::units::spelling::meant;

use cells::ColumnCells;
use row::KnownColumns;

/// Rows with named columns.
#[derive(Clone, Debug, Default)]
pub struct Results {
    columns: Vec<ResultColumn>,
    /// How many rows there are.
    len: usize,
    /// Names of columns that the file has and nobody asked for.
    unread: Vec<String>,
    places: KnownColumns,
}

/// A column of a file of results.
#[derive(Clone, Debug)]
struct ResultColumn {
    name: String,
    /// How its figure goes through a migration's time.
    course: Option<Course>,
    /// Whether numbers are words, too.
    holds_words: bool,
    cells: ColumnCells,
}

impl ResultColumn {
    fn new(name: &str) -> ResultColumn {
        let course = column::metric(name).map(|metric| metric.course);
        let holds_words = column::unit(name) == Unit::Words;
        ResultColumn { name: name.to_owned(), course, holds_words, cells: ColumnCells::default() }
    }

    /// Refuses a word, at a `place` of the file, in a column of figures of migrations or shares of verdicts, and one that is no
    /// verdict among verdicts.
    fn check(&self, cell: Cell, place: impl FnOnce() -> String) -> Result<(), String> {
        let Cell::Word(word) = cell else { return Ok(()) };
        let is_figure = || !self.holds_words && (self.course.is_some() || column::share_of(&self.name).is_some());
        let what = if self.name == "verdict" && !column::verdicts().any(|verdict| verdict == word) {
            let known: Vec<&str> = column::verdicts().collect();
            format!("is no verdict; there are {}", known.join(", "))
        } else if is_figure() {
            "is no number; mend the cell, or leave it empty if the figure is not known".to_owned()
        } else {
            return Ok(());
        };
        let word: String = word.chars().take(40).collect();
        Err(format!("{}: `{word}` in the column `{}` {what}", place(), self.name))
    }
}

/// No column of that name.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("there is no column `{name}` in the results; {}", match nearest {
    Some(nearest) => format!("did you mean `{nearest}`?"),
    None => format!("they have: {}", known.join(", ")),
})]
pub struct UnknownColumn {
    /// What was asked for.
    pub name: String,
    /// What was probably meant.
    pub nearest: Option<String>,
    /// What there is.
    pub known: Vec<String>,
}

impl Results {
    /// Columns of one length as a table.
    fn of_columns(columns: Vec<ResultColumn>, len: usize, unread: Vec<String>) -> Results {
        let mut results = Results { columns, len, unread, places: KnownColumns::default() };
        results.places = KnownColumns::of(&results);
        results
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The row number `place`, from 0.
    pub fn row(&self, place: usize) -> ResultRow<'_> {
        ResultRow { results: self, place }
    }

    /// The rows, in the order of the file.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = ResultRow<'_>> + Clone {
        (0..self.len).map(|place| self.row(place))
    }

    /// Names of the columns, in the order of the file.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.columns.iter().map(|column| column.name.as_str())
    }

    /// The name of the column at `at`.
    pub fn name(&self, at: usize) -> &str {
        &self.columns[at].name
    }

    /// How many columns there are.
    pub fn width(&self) -> usize {
        self.columns.len()
    }

    /// The place of a column.
    ///
    /// # Errors
    /// There is none; the error names the nearest, if there is one.
    pub fn column(&self, name: &str) -> Result<usize, UnknownColumn> {
        let known = || self.names().chain(self.unread.iter().map(String::as_str));
        self.find(name).ok_or_else(|| UnknownColumn {
            name: name.to_owned(),
            nearest: meant(name, known()).map(str::to_owned),
            known: known().map(str::to_owned).collect(),
        })
    }

    /// The place of a column, if there is one.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.names().position(|column| column == name)
    }

    /// Places of the columns that were varied: scenario keys with more than one value.
    pub fn axes(&self) -> Vec<usize> {
        (0..self.width()).filter(|&at| self.is_key(at) && self.varies(at)).collect()
    }

    /// Whether a column has more than one value.
    pub fn varies(&self, at: usize) -> bool {
        self.columns[at].cells.varies()
    }

    /// Whether a column is a key of the scenario.
    pub fn is_key(&self, at: usize) -> bool {
        column::is_key(self.name(at))
    }

    /// The different values of a column: numbers in order, then releases by their age, then other words as they come first.
    pub fn values(&self, at: usize) -> Vec<Cell<'_>> {
        self.columns[at].cells.values().collect()
    }

    /// For each row, the number of its value among the different values of a column.
    pub fn ranks(&self, at: usize) -> &[u32] {
        self.columns[at].cells.ranks()
    }

    /// How many different values a column has.
    pub fn count(&self, at: usize) -> usize {
        self.columns[at].cells.count()
    }

    /// Whether all values of a column are numbers.
    pub fn is_of_numbers(&self, at: usize) -> bool {
        // What is no number comes last.
        self.columns[at].cells.values().next_back().is_none_or(|value| value.number().is_some())
    }

    /// The numbers of a column, those that there are.
    pub fn numbers(&self, at: usize) -> impl Iterator<Item = f64> {
        self.rows().filter_map(move |row| row.number(at))
    }

    /// Whether the rows are instants of one migration.
    pub fn is_timeline(&self) -> bool {
        is_timeline(|name| self.find(name).is_some())
    }

    /// Whether rows sum up migrations, as those of `sweep --summary` do.
    pub fn is_summary(&self) -> bool {
        self.places.is_summary
    }

    /// Places of the shares of verdicts in a summary.
    pub fn shares(&self) -> Vec<usize> {
        (0..self.width()).filter(|at| column::share_of(self.name(*at)).is_some()).collect()
    }

    /// Whether any column has a figure of migrations.
    pub fn has_figures(&self) -> bool {
        self.columns.iter().any(|column| column.course.is_some() && !column.holds_words)
    }

    /// The place of a figure: of its column, or of its median in a summary.
    pub fn figure(&self, name: &str) -> Option<usize> {
        self.find(&format!("{name}_median")).or_else(|| self.find(name))
    }

    /// How many rows that came to their end lack one of these figures.
    pub fn without(&self, figures: &[usize]) -> usize {
        let lacks = |row: &ResultRow| row.finished() && figures.iter().any(|at| row.number(*at).is_none());
        self.rows().filter(lacks).count()
    }

    /// The place of the first row that has figures of a migration and does not say how it ended, where rows are to say so. Of a drain
    /// guests that fit nowhere have no verdict.
    fn first_without_verdict(&self) -> Option<usize> {
        let verdict = self.find("verdict").filter(|_| self.find("attempt").is_none())?;
        let has_figures =
            |row: &ResultRow| (0..self.width()).any(|at| self.columns[at].course.is_some() && row.number(at).is_some());
        self.rows().find(|row| row.cell(verdict) == Cell::Empty && has_figures(row)).map(ResultRow::place)
    }

    /// Only the rows of which `keeps` holds.
    pub fn only(&self, keeps: impl Fn(ResultRow) -> bool) -> Results {
        let kept: Vec<usize> = (0..self.len).filter(|place| keeps(self.row(*place))).collect();
        let columns = self.columns.iter().map(|column| ResultColumn {
            cells: column.cells.of_rows(&kept),
            name: column.name.clone(),
            ..*column
        });
        Results::of_columns(columns.collect(), kept.len(), self.unread.clone())
    }

    /// The place of a column of that name, which is made where there is none; it is most likely at `guess`.
    fn place_of(&mut self, name: &str, guess: usize) -> usize {
        if self.columns.get(guess).is_some_and(|column| column.name == name) {
            return guess;
        }
        self.find(name).unwrap_or_else(|| {
            let mut column = ResultColumn::new(name);
            column.cells.push_empty(self.len);
            self.columns.push(column);
            self.columns.len() - 1
        })
    }

    /// Adds the rows of other results, column by column; a column that one of them lacks is empty there.
    pub fn append(&mut self, other: Results) {
        if self.columns.is_empty() {
            *self = other;
            return;
        }
        for (guess, column) in other.columns.iter().enumerate() {
            let at = self.place_of(&column.name, guess);
            (0..other.len).for_each(|row| self.columns[at].cells.push(column.cells.cell(row)));
        }
        self.len += other.len;
        self.level();
        let unread: Vec<String> = other.unread.into_iter().filter(|name| !self.unread.contains(name)).collect();
        self.unread.extend(unread);
        self.places = KnownColumns::of(self);
    }

    /// Makes all columns as long as there are rows.
    fn level(&mut self) {
        let len = self.len;
        self.columns.iter_mut().for_each(|column| column.cells.push_empty(len - column.cells.len()));
    }

    /// Puts a column with one value in front.
    pub fn mark(&mut self, name: &str, value: &str) {
        let mut column = ResultColumn::new(name);
        (0..self.len).for_each(|_| column.cells.push(Cell::Word(value)));
        self.columns.insert(0, column);
        self.places = KnownColumns::of(self);
    }
}

/// Whether columns are those of instants of one migration.
fn is_timeline(has: impl Fn(&str) -> bool) -> bool {
    has("t_ms") && has("event")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SWEEP: &str = "point,repeat,seed,link.bandwidth,qemu.version,verdict,downtime_ms\n\
                         0,0,1,1250000000,10.0,converged,120\n1,0,2,125000000,9.2,not-converged,0\n";

    #[test]
    fn axes_are_the_keys_that_vary() {
        let results = Results::from_csv(SWEEP).unwrap();
        assert_eq!(results.axes(), [3, 4]);
        assert_eq!(results.values(3), [Cell::Number(125e6), Cell::Number(1.25e9)]);
        assert_eq!(results.values(4), [Cell::Word("9.2"), Cell::Word("10.0")], "releases, not numbers");
        let finished: Vec<bool> = results.rows().map(ResultRow::finished).collect();
        assert_eq!(finished, [true, false]);
    }

    #[test]
    fn a_summary_and_its_runs_count_the_same() {
        let runs = Results::from_csv(
            "verdict,downtime_ms\nconverged,5\nnot-converged,\naborted,\nnot-converged,\npost-copy,6\n",
        )
        .unwrap();
        let summary = Results::from_csv(
            "runs,converged_pct,post-copy_pct,not-converged_pct,aborted_pct,downtime_ms_runs,downtime_ms_median\n\
             5,20,20,40,20,2,5.5\n",
        )
        .unwrap();
        assert!(summary.is_summary() && !runs.is_summary());
        type Count = fn(&Results, ResultRow) -> usize;
        let counts: [Count; 6] = [
            |_, row| row.runs(),
            |_, row| row.runs_finished(),
            |_, row| row.runs_that("not-converged"),
            |_, row| row.runs_that("post-copy"),
            |_, row| row.runs_that("paused"),
            |results, row| row.runs_with(results.figure("downtime_ms").unwrap()),
        ];
        let all = |results: &Results| counts.map(|of| results.rows().map(|row| of(results, row)).sum::<usize>());
        assert_eq!((all(&runs), all(&summary)), ([5, 2, 2, 1, 0, 2], [5, 2, 2, 1, 0, 2]));
    }

    #[test]
    fn an_unknown_column_has_a_neighbour() {
        let results = Results::from_csv(SWEEP).unwrap();
        for (name, meant) in [
            ("downtime", "downtime_ms"),
            ("link.bandwith", "link.bandwidth"),
            ("bandwidth", "link.bandwidth"),
            ("version", "qemu.version"),
        ] {
            let error = results.column(name).unwrap_err().to_string();
            assert!(error.contains(&format!("no column `{name}`")), "{error}");
            assert!(error.ends_with(&format!("did you mean `{meant}`?")), "{error}");
        }
        let error = results.column("colour").unwrap_err().to_string();
        assert!(error.contains("they have: point, repeat"), "{error}");
    }

    #[test]
    fn results_of_different_files_share_a_table() {
        let mut results = Results::from_csv("a,b\n1,2\n").unwrap();
        results.append(Results::from_csv("b,c\n3,x\n").unwrap());
        assert_eq!(results.names().collect::<Vec<_>>(), ["a", "b", "c"]);
        let cells = |row: usize| results.row(row).cells().collect::<Vec<_>>();
        assert_eq!(cells(0), [Cell::Number(1.0), Cell::Number(2.0), Cell::Empty]);
        assert_eq!(cells(1), [Cell::Empty, Cell::Number(3.0), Cell::Word("x")]);
    }
}
