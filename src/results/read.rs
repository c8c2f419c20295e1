//! Reading result files: CSV, one JSON object, or one JSON object a line.

use std::collections::HashSet;
use std::io::Read;
use std::path::Path;

use serde_json::{Map, Value};

use super::column;
use super::{Cell, Results, Word};
use crate::metrics::{METRICS, Unit};
use crate::qemu::Version;
use crate::sink;
use crate::units::bounded;
use crate::units::spelling::commas;

/// Largest file that is read [bytes].
const MOST_BYTES: u64 = 1 << 30;
/// Most columns; a sweep of every key with a summary of every figure has half as many.
const MOST_COLUMNS: usize = 1000;
/// Most cells, which is what the memory is needed for; a column that a row lacks is a cell too.
const MOST_CELLS: usize = 100_000_000;

/// A result file cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read `{file}`: {why}")]
pub struct Unreadable {
    file: String,
    why: String,
}

impl Cell {
    /// Reads a cell of the column `name`: releases stay words, so that 5.10 is not 5.1.
    pub(super) fn of(name: &str, text: &str) -> Cell {
        match column::unit(name) {
            Unit::Words if !text.is_empty() => Cell::Word(text.into()),
            _ => Cell::parse(text),
        }
    }

    /// Whether there is a larger and a smaller.
    pub(super) fn has_order(&self) -> bool {
        match self {
            Cell::Number(_) => true,
            Cell::Word(word) => word.parse::<Version>().is_ok(),
            Cell::Empty => false,
        }
    }

    /// Whether one of the two is larger, or they are equals.
    pub(super) fn has_order_to(&self, other: &Cell) -> bool {
        self.has_order() && other.has_order()
    }
}

impl Results {
    /// Reads a result file, whatever wrote it; `-` is standard input.
    ///
    /// # Errors
    /// It is not there, or is neither CSV nor JSON with a row.
    pub fn read(path: &Path) -> Result<Results, Unreadable> {
        Results::read_columns(path, &|_| true)
    }

    /// Reads of a result file those columns that are wanted, and all of a timeline.
    ///
    /// # Errors
    /// It is not there, or is neither CSV nor JSON with a row.
    pub fn read_columns(path: &Path, wanted: &dyn Fn(&str) -> bool) -> Result<Results, Unreadable> {
        let fault = |why: String| Unreadable { file: path.display().to_string(), why };
        let opened =
            bounded::open(path).and_then(|source| bounded::stream(source, MOST_BYTES).map_err(|(error, _)| error));
        let (head, source) = opened.map_err(|error| fault(error.to_string()))?;
        Results::of(&String::from_utf8_lossy(&head), source, wanted).map_err(fault)
    }

    /// Refuses what is larger than any result.
    fn within_bounds(&self) -> Result<(), String> {
        if self.columns.len() > MOST_COLUMNS {
            return Err(format!("it has more than {MOST_COLUMNS} columns"));
        }
        if self.columns.len().saturating_mul(self.rows.len()) > MOST_CELLS {
            return Err(format!("it has more than {MOST_CELLS} cells; take fewer rows, or sum points up"));
        }
        Ok(())
    }

    /// Reads the text of a result file, CSV or JSON.
    ///
    /// # Errors
    /// Says what is wrong, and in which line.
    pub fn parse(text: &str) -> Result<Results, String> {
        Results::of(text, text.as_bytes(), &|_| true)
    }

    /// Reads a text whose beginning is `head`.
    fn of(head: &str, mut source: impl Read, wanted: &dyn Fn(&str) -> bool) -> Result<Results, String> {
        let mut results = match head.trim_start().chars().next() {
            None => return Err("it is empty".to_owned()),
            Some('#') => return Err(no_table(head)),
            Some('{' | '[') => {
                let mut text = String::new();
                source.read_to_string(&mut text).map_err(|error| error.to_string())?;
                Results::from_json(&text)?
            }
            Some(_) => Results::rows_of(head, source, wanted)?,
        };
        results.forget_missing_ends();
        let mut names = results.columns.iter().chain(&results.unread);
        let has_figures = results.is_timeline() || names.clone().any(|name| column::metric(name).is_some());
        let is_about_guests = names.any(|name| name == "memory" || name.starts_with("guest."));
        match results.rows.is_empty() {
            true => Err("it has no rows".to_owned()),
            false if is_about_guests && !has_figures => Err(GUESTS.to_owned()),
            false => Ok(results),
        }
    }

    /// Reads CSV: a header, then a row a line.
    ///
    /// # Errors
    /// Says what is wrong, and in which line.
    pub fn from_csv(text: &str) -> Result<Results, String> {
        let mut results = Results::rows_of(text, text.as_bytes(), &|_| true)?;
        results.forget_missing_ends();
        Ok(results)
    }

    /// Takes out figures that only an end gives, of migrations that had none. 0.1.0 wrote a number there.
    ///
    /// What a summary of 0.1.0 says of them, which did not count over how many, is kept where most had an end.
    fn forget_missing_ends(&mut self) {
        let counted = |name: &str| column::runs_of(name).is_some_and(|runs| self.find(&runs).is_some());
        let at_end = |at: &usize| column::needs_end(&self.columns[*at]) && !counted(&self.columns[*at]);
        let at_end: Vec<usize> = (0..self.columns.len()).filter(at_end).collect();
        let mut rows = std::mem::take(&mut self.rows);
        for row in rows.iter_mut().filter(|row| !at_end.is_empty() && !self.finished(row)) {
            at_end.iter().for_each(|at| row[*at] = Cell::Empty);
        }
        self.rows = rows;
    }

    /// Reads CSV whose beginning is `head`, a row at a time.
    fn rows_of(head: &str, source: impl Read, wanted: &dyn Fn(&str) -> bool) -> Result<Results, String> {
        let mut reader = csv::Reader::from_reader(source);
        let header = reader.headers().map_err(damage)?;
        let columns: Vec<String> = header.iter().map(|name| sink::csv::word(name).to_owned()).collect();
        if columns.len() < 2 {
            return Err(no_table(head));
        }
        let mut results = Results { columns, ..Results::default() };
        results.within_bounds()?;
        let columns = &results.columns;
        if let Some(twice) = columns.iter().enumerate().find(|(at, name)| columns[..*at].contains(name)) {
            return Err(format!("two columns are called `{}`", twice.1));
        }
        let all = results.is_timeline();
        let read = |name: &String| (all || wanted(name)).then(|| Words::of(name));
        let mut words: Vec<Option<Words>> = columns.iter().map(read).collect();
        let (columns, unread) = std::mem::take(&mut results.columns).into_iter().partition(|name| all || wanted(name));
        (results.columns, results.unread) = (columns, unread);
        let mut record = csv::StringRecord::new();
        while reader.read_record(&mut record).map_err(damage)? {
            let mut row = Vec::with_capacity(results.columns.len());
            let cells = words.iter_mut().zip(&record);
            row.extend(cells.filter_map(|(words, text)| Some(words.as_mut()?.cell(sink::csv::word(text)))));
            results.rows.push(row);
            results.within_bounds()?;
        }
        Ok(results)
    }

    /// Reads JSON: one object or a list of them, one object a line, or the document of `run --repeats` or of `drain`.
    ///
    /// # Errors
    /// Says what is wrong, and where.
    pub fn from_json(text: &str) -> Result<Results, String> {
        let mut results = Results::default();
        for value in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
            let value = value.map_err(|error| error.to_string())?;
            if let Some((shared, migrations)) = drained(&value) {
                for migration in migrations {
                    results.append(Results::of_object(&shared, migration)?);
                    results.within_bounds()?;
                }
                continue;
            }
            if let Some(what) = foreign(&value) {
                return Err(what.to_owned());
            }
            match value {
                Value::Object(mut object) => match object.remove("runs") {
                    Some(Value::Array(runs)) => {
                        object.retain(|_, value| !value.is_object());
                        for run in runs {
                            results.append(Results::of_object(&object, &run)?);
                            results.within_bounds()?;
                        }
                    }
                    // Of a row of a summary, it is how many runs there were.
                    count => {
                        object.extend(count.map(|count| ("runs".to_owned(), count)));
                        results.append(Results::of_object(&Map::new(), &Value::Object(object))?);
                    }
                },
                Value::Array(list) => {
                    for item in list {
                        results.append(Results::of_object(&Map::new(), &item)?);
                        results.within_bounds()?;
                    }
                }
                other => return Err(no_object(&other)),
            }
            results.within_bounds()?;
        }
        Ok(results)
    }

    /// One row: what all rows of a document share, and its own fields over it.
    fn of_object(shared: &Map<String, Value>, own: &Value) -> Result<Results, String> {
        let Value::Object(own) = own else { return Err(no_object(own)) };
        let shared = shared.iter().filter(|(name, _)| !own.contains_key(*name));
        let (columns, row) = shared.chain(own).map(|(name, value)| (name.clone(), cell(name, value))).unzip();
        Ok(Results { columns, rows: vec![row], unread: Vec::new() })
    }
}

/// Reads the cells of a column, and remembers its words.
struct Words {
    /// Whether numbers are words, too.
    only: bool,
    known: HashSet<Word>,
}

impl Words {
    /// So many different words are remembered; a column of sentences has no two alike.
    const MOST: usize = 1000;

    fn of(name: &str) -> Words {
        Words { only: column::unit(name) == Unit::Words, known: HashSet::new() }
    }

    fn cell(&mut self, text: &str) -> Cell {
        if let Some(known) = self.known.get(text) {
            return Cell::Word(known.clone());
        }
        let cell = match self.only && !text.is_empty() {
            true => Cell::Word(text.into()),
            false => Cell::parse(text),
        };
        let Cell::Word(word) = &cell else { return cell };
        if self.known.len() < Words::MOST {
            self.known.insert(word.clone());
        }
        cell
    }
}

/// What is wrong with a line of a table.
fn damage(error: csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { pos, expected_len, len } => {
            let line = pos.as_ref().map_or(1, csv::Position::line);
            format!(
                "line {line} has {len} fields, and the first line names {expected_len}; what is not known is nothing \
                 between two commas"
            )
        }
        _ => error.to_string(),
    }
}

/// Why a text without columns is no table.
fn no_table(text: &str) -> String {
    let first = text.trim_start().lines().next().unwrap_or_default();
    if let Some(help) = commas(first) {
        return help;
    }
    if first.starts_with("Job type") || first.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return TRACE.to_owned();
    }
    let is_scenario = first.starts_with(['#', '[']) || first.contains(" = ");
    let more = if is_scenario {
        "; a scenario goes to `precopy run` or `precopy sweep`, a fleet to `precopy drain`"
    } else {
        ""
    };
    format!("it is neither CSV with a header nor JSON{more}")
}

/// Documents that somebody takes for results: what each is, and who reads it. The first key tells.
const FOREIGN: [(&str, &str); 8] = [
    ("progress_history", TRACE),
    ("schema", TRACE),
    ("return", TRACE),
    (
        "measured",
        "it is what `precopy compare --format json` writes, and has no rows of results; `precopy compare` shows it as a table",
    ),
    (
        "migrations",
        "it holds migrations without their outcomes, and has no rows of results; `precopy drain FLEET --format csv` writes some",
    ),
    (
        "schedulers",
        "it is what `precopy drain --scheduler all` writes; with `--format csv` it has a row for each scheduler, which is read here",
    ),
    ("as_is", "it is what `precopy plan --format json` writes, and has no rows of results; `precopy sweep` makes some"),
    (
        "cases",
        "it is a baseline or an answer of `precopy check`, which reads and compares them; `precopy check DIR --a ... --b ... --plot FILE` draws two settings",
    ),
];
const GUESTS: &str = "it is a list of guests, and no figure stands beside them; `precopy drain` reads it";
const TRACE: &str =
    "it is a recorded migration; `precopy compare` reads it, and `precopy fit` finds the guest behind it";

/// What the migrations of a drain share, and these; none of another document, or of a drain without any.
fn drained(value: &Value) -> Option<(Map<String, Value>, &[Value])> {
    let migrations = value.get("migrations")?.as_array()?;
    let is_drain = value.get("scheduler").is_some() && migrations.first()?.get("attempt").is_some();
    let shared = value.as_object()?.iter().filter(|(_, value)| !value.is_object() && !value.is_array());
    is_drain.then(|| (shared.map(|(name, value)| (name.clone(), value.clone())).collect(), migrations.as_slice()))
}

/// Says what a document is that holds no results.
fn foreign(value: &Value) -> Option<&'static str> {
    let object = match value {
        Value::Array(list) => list.first()?,
        value => value,
    };
    // A row of results has its verdict or its figures side by side with everything else.
    let is_result = METRICS.iter().any(|metric| object.get(metric.key).is_some());
    FOREIGN.iter().find(|(key, _)| !is_result && object.get(key).is_some()).map(|(_, what)| *what)
}

fn no_object(value: &Value) -> String {
    let shown: String = value.to_string().chars().take(40).collect();
    format!("a result is an object, not `{shown}`")
}

fn cell(name: &str, value: &Value) -> Cell {
    match value {
        Value::Null => Cell::Empty,
        Value::Number(number) => number.as_f64().map_or(Cell::Empty, Cell::Number),
        Value::String(text) => Cell::of(name, text),
        other => Cell::Word(other.to_string().as_str().into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_json_and_json_lines_say_the_same() {
        let csv = Results::parse("seed,qemu,downtime_ms,verdict\n1,5.1,12.5,converged\n2,5.1,,aborted\n").unwrap();
        let lines = Results::parse(
            "{\"seed\":1,\"qemu\":\"5.1\",\"downtime_ms\":12.5,\"verdict\":\"converged\"}\n\
             {\"seed\":2,\"qemu\":\"5.1\",\"downtime_ms\":null,\"verdict\":\"aborted\"}\n",
        )
        .unwrap();
        let repeats = Results::parse(
            "{\"qemu\":\"5.1\",\"summary\":{\"a\":{}},\"runs\":[{\"seed\":1,\"downtime_ms\":12.5,\"verdict\":\"converged\"},\
             {\"seed\":2,\"downtime_ms\":null,\"verdict\":\"aborted\"}]}",
        )
        .unwrap();
        for name in &csv.columns {
            for (row, cells) in csv.rows.iter().enumerate() {
                let cell = &cells[csv.column(name).unwrap()];
                assert_eq!(cell, &lines.rows[row][lines.column(name).unwrap()], "{name}");
                assert_eq!(cell, &repeats.rows[row][repeats.column(name).unwrap()], "{name}");
            }
        }
    }

    #[test]
    fn what_is_no_result_is_refused_with_a_reason() {
        for (text, why) in [
            ("", "it is empty"),
            ("a,b\n", "no rows"),
            ("hello\n", "neither CSV with a header nor JSON"),
            ("a,b\n1\n", "line 2 has 1 fields, and the first line names 2"),
            ("seed;verdict\n1;converged\n", "fields are separated by commas, and here by `;`"),
            ("a,a\n1,2\n", "two columns are called `a`"),
            ("{\"a\":", "EOF"),
            ("[1]", "a result is an object, not `1`"),
            (&format!("[[{}1]]", "1,".repeat(10_000)), "a result is an object, not `[1,1,1"),
            (&",c".repeat(MOST_COLUMNS + 1), "more than 1000 columns"),
            (&(0..=MOST_COLUMNS).map(|key| format!("{{\"{key}\":1}}")).collect::<String>(), "more than 1000 columns"),
        ] {
            let error = Results::parse(text).unwrap_err();
            assert!(error.contains(why) && error.len() < 200, "{}: {error}", text.chars().take(99).collect::<String>());
        }
    }

    #[test]
    fn documents_of_other_commands_are_refused_with_the_command_that_reads_them() {
        for (text, command) in [
            (r#"{"schema": "qmp-migrate-trace/1", "label": "a", "config": {}}"#, "`precopy compare` reads it"),
            (r#"{"return": {"status": "active"}}"#, "`precopy compare` reads it"),
            (r#"[{"trace": "a", "measured": {}, "predicted": {}}]"#, "`precopy compare --format json` writes"),
            (r#"{"seed": 1, "empty_ms": 3, "migrations": []}"#, "`precopy drain FLEET --format csv` writes some"),
            (r#"{"seed": 1, "schedulers": []}"#, "with `--format csv`"),
            (r#"{"as_is": {}, "goal": "converged"}"#, "`precopy sweep` makes some"),
            (r#"{"format": 1, "cases": {}}"#, "`precopy check`"),
        ] {
            let error = Results::parse(text).unwrap_err();
            assert!(error.contains(command), "{text}: {error}");
        }
        let log = "Job type:         2\nmemory_total:     1\n";
        assert!(Results::parse(log).unwrap_err().contains("`precopy compare`"));
        assert!(Results::parse("schema,seed\n1,2\n").is_ok(), "a column may be called anything");
    }
}
