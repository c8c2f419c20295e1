//! Reading result files: CSV, one JSON object, or one JSON object a line.

use std::io::Read;
use std::path::Path;

use rayon::prelude::*;

use super::{Cell, ResultColumn, Results, column, is_timeline};
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
    pub(super) fn within_bounds(&self) -> Result<(), String> {
        within(self.width(), self.len)
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
        let names = || results.names().chain(results.unread.iter().map(String::as_str));
        let has_figures = results.is_timeline() || names().any(|name| column::metric(name).is_some());
        let is_about_guests = names().any(|name| name == "memory" || name.starts_with("guest."));
        // A row of `drain --scheduler all` is of a whole drain.
        let has_ends = names().any(|name| ["verdict", "empty_ms"].contains(&name));
        let tells_ends = results.is_timeline() || results.is_summary() || has_ends;
        match results.is_empty() {
            true => Err("it has no rows".to_owned()),
            false if is_about_guests && !has_figures => Err(GUESTS.to_owned()),
            false if has_figures && !tells_ends => Err(NO_ENDS.to_owned()),
            false => match results.first_without_verdict() {
                Some(row) => Err(format!(
                    "row {}: its column `verdict` is empty, and figures cannot be read without how the migration ended; fill it \
                     in, or take the row out",
                    row + 1
                )),
                None => Ok(results),
            },
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
        let is_of_end = |name: &&str| column::needs_end(name) && !counted(name);
        let at_end: Vec<usize> = self.names().enumerate().filter(|(_, name)| is_of_end(name)).map(|of| of.0).collect();
        if at_end.is_empty() {
            return;
        }
        let endless: Vec<usize> = (0..self.len).filter(|row| !self.row(*row).finished()).collect();
        for at in at_end {
            endless.iter().for_each(|row| self.columns[at].cells.clear(*row));
        }
    }

    /// Reads CSV whose beginning is `head`, a row at a time.
    fn rows_of(head: &str, source: impl Read, wanted: &dyn Fn(&str) -> bool) -> Result<Results, String> {
        let mut reader = csv::Reader::from_reader(source);
        // A line that ends with CR LF is over for the reader before it has counted the line.
        let uncounted = u64::from(head.split_once('\n').is_some_and(|(first, _)| first.ends_with('\r')));
        let damage = |error| damage(error, uncounted);
        let header = reader.headers().map_err(damage)?;
        let names: Vec<String> = header.iter().map(|name| sink::csv::word(name).to_owned()).collect();
        if names.len() < 2 {
            return Err(no_table(head));
        }
        within(names.len(), 0)?;
        if let Some(twice) = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name)) {
            return Err(format!("two columns are called `{}`", twice.1));
        }
        let all = is_timeline(|name| names.iter().any(|known| known == name));
        // Of each field of a line, its column, if it is wanted.
        let mut fields: Vec<Option<ResultColumn>> =
            names.iter().map(|name| (all || wanted(name)).then(|| ResultColumn::new(name))).collect();
        let width = fields.iter().flatten().count();
        let mut len = 0;
        let mut block = RowBlock::default();
        while block.read(&mut reader).map_err(damage)? {
            len += block.rows().len();
            within(width, len)?;
            let columns = fields.par_iter_mut().enumerate().filter_map(|(at, column)| Some((at, column.as_mut()?)));
            // The first one of the file, whichever column was read first.
            if let Some((_, why)) =
                columns.filter_map(|(at, column)| column.read(at, block.rows(), uncounted).err()).min()
            {
                return Err(why);
            }
        }
        let unread = names.into_iter().zip(&fields).filter(|(_, column)| column.is_none()).map(|(name, _)| name);
        let unread = unread.collect();
        Ok(Results::of_columns(fields.into_iter().flatten().collect(), len, unread))
    }
}

/// Lines of a table that are read before their cells are, each column by itself.
#[derive(Default)]
struct RowBlock {
    /// Kept for the next lines.
    records: Vec<csv::StringRecord>,
    read: usize,
}

impl RowBlock {
    /// Lines, or bytes of them, that end it.
    const LINES: usize = 1024;
    const BYTES: usize = 1 << 20;

    /// Reads the next lines in place of those before; whether there was one.
    fn read(&mut self, reader: &mut csv::Reader<impl Read>) -> csv::Result<bool> {
        let mut bytes = 0;
        self.read = 0;
        while self.read < RowBlock::LINES && bytes < RowBlock::BYTES {
            if self.read == self.records.len() {
                self.records.push(csv::StringRecord::new());
            }
            let record = &mut self.records[self.read];
            if !reader.read_record(record)? {
                break;
            }
            bytes += record.as_byte_record().as_slice().len();
            self.read += 1;
        }
        Ok(self.read > 0)
    }

    fn rows(&self) -> &[csv::StringRecord] {
        &self.records[..self.read]
    }
}

impl ResultColumn {
    /// Adds the cells in the field number `at` of some lines, before which so many are `uncounted`.
    ///
    /// # Errors
    /// The line of the first cell that is no number where there must be one, and what is wrong with it.
    fn read(&mut self, at: usize, rows: &[csv::StringRecord], uncounted: u64) -> Result<(), (u64, String)> {
        for row in rows {
            let cell = Cell::among(self.holds_words, sink::csv::word(row.get(at).unwrap_or_default()));
            let line = || row.position().map_or(1, csv::Position::line) + uncounted;
            self.check(cell, || format!("line {}", line())).map_err(|why| (line(), why))?;
            self.cells.push(cell);
        }
        Ok(())
    }
}

/// Refuses so many columns and rows if they are more than any result has.
fn within(columns: usize, rows: usize) -> Result<(), String> {
    if columns > MOST_COLUMNS {
        return Err(format!("it has more than {MOST_COLUMNS} columns"));
    }
    if columns.saturating_mul(rows) > MOST_CELLS {
        return Err(format!("it has more than {MOST_CELLS} cells; take fewer rows, or sum points up"));
    }
    Ok(())
}

/// What is wrong with a line of a table, of which so many before it are not counted.
fn damage(error: csv::Error, uncounted: u64) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { pos, expected_len, len } => {
            let line = pos.as_ref().map_or(1, csv::Position::line) + uncounted;
            let fields = if *len == 1 { "1 field".to_owned() } else { format!("{len} fields") };
            format!(
                "line {line} has {fields}, and the first line names {expected_len}; what is not known is nothing between two \
                 commas"
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

const GUESTS: &str = "it is a list of guests, and no figure stands beside them; `precopy drain` reads it";
const NO_ENDS: &str = "it has no column `verdict`, and its figures cannot be read without how each migration ended; give the whole \
                       results of `precopy sweep`, or those of `--summary`, which have shares of verdicts";
pub(super) const TRACE: &str =
    "it is a recorded migration; `precopy compare` reads it, and `precopy fit` finds the guest behind it";

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
        for name in csv.names() {
            for row in 0..csv.len() {
                let cell = |results: &Results| format!("{:?}", results.row(row).cell(results.column(name).unwrap()));
                assert_eq!((cell(&lines), cell(&repeats)), (cell(&csv), cell(&csv)), "{name}");
            }
        }
    }

    #[test]
    fn what_is_no_result_is_refused_with_a_reason() {
        for (text, why) in [
            ("", "it is empty"),
            ("a,b\n", "no rows"),
            ("hello\n", "neither CSV with a header nor JSON"),
            ("a,b\n1\n", "line 2 has 1 field, and the first line names 2"),
            ("seed;verdict\n1;converged\n", "fields are separated by commas, and here by `;`"),
            ("a,a\n1,2\n", "two columns are called `a`"),
            ("seed,total_time_ms\n1,5\n", "no column `verdict`"),
            ("{\"seed\":1,\"downtime_ms\":5}", "no column `verdict`"),
            ("runs,downtime_ms_median\n1,5\n", "no column `verdict`"),
            (
                "verdict,a,total_time_ms\nconverged,x,5\nconverged,y,36o0\n",
                "line 3: `36o0` in the column `total_time_ms` is no number",
            ),
            ("verdict,total_time_ms\r\nconverged,5\r\nconverged,6o\r\n", "line 3: `6o`"),
            (
                "verdict,total_time_ms\nconverged,5\nconv,6\n",
                "line 3: `conv` in the column `verdict` is no verdict; there are converged, ",
            ),
            ("verdict,total_time_ms\nconverged,5\n,6\n", "row 2: its column `verdict` is empty"),
            ("{\"verdict\":null,\"downtime_ms\":5}", "row 1: its column `verdict` is empty"),
            ("runs,converged_pct,downtime_ms_median\n9,all,5\n", "line 2: `all` in the column `converged_pct`"),
            ("{\"verdict\":\"converged\",\"downtime_ms\":\"5 ms\"}", "row 1: `5 ms` in the column `downtime_ms`"),
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
