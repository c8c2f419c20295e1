//! Tables of pages or of bitmaps over time.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use super::intervals::Intervals;
use super::{Damage, RecordingForm, bitmap};
use crate::guest::Recording;

/// Most rows.
const MOST_ROWS: u64 = 20_000_000;

const NUMBER: &str = "seconds are written like 1500 or 0.5, with a point, pages as whole numbers, all without a unit";

/// Reads a table; bitmaps are looked for in `folder`.
pub(super) fn read(text: impl Read, form: RecordingForm, folder: &Path) -> Result<Option<Recording>, Damage> {
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).comment(Some(b'#')).trim(csv::Trim::All).from_reader(text);
    let header = reader.headers().map_err(|error| damaged(&error))?.clone();
    let column = |name: &str| header.iter().position(|field| field.eq_ignore_ascii_case(name));
    let columns = TableColumns {
        seconds: column("seconds"),
        first: column("first_page"),
        pages: column("pages"),
        bitmap: column("bitmap"),
    };
    let top = header.position().map_or(1, csv::Position::line);
    if columns.seconds.is_none() {
        let help = "the first line without `#` in front names the columns: put `#` before each line above them";
        return Err(Damage::line(top, "comes before the line that names the columns", help));
    }
    if form == RecordingForm::Pages && columns.pages.is_none() {
        let help = "a row has `first_page` and `pages`, how many from there on; or `bitmap`, a file";
        return Err(Damage::line(top, "names `first_page` and no `pages`", help));
    }
    let mut intervals = Intervals::default();
    let mut lengths = BTreeMap::new();
    let mut record = csv::StringRecord::new();
    let mut rows = 0;
    while reader.read_record(&mut record).map_err(|error| damaged(&error))? {
        let row = TableRow { record: &record, line: record.position().map_or(0, csv::Position::line) };
        rows += 1;
        if rows > MOST_ROWS {
            return Err(Damage::line(row.line, format!("is more than {MOST_ROWS} rows"), "record a shorter while"));
        }
        if let Some(more) = record.iter().skip(header.len()).find(|cell| !cell.is_empty()) {
            let shown: String = more.chars().take(40).collect();
            let what = format!("has `{shown}` behind the last of {} columns", header.len());
            let help = "a comma stands between columns and in no number: write 0.5, not 0,5";
            return Err(Damage { column: header.len() + 1, ..Damage::line(row.line, what, help) });
        }
        let seconds: f64 = row.number(columns.seconds, "seconds", |seconds| (0.0..1e10).contains(seconds))?;
        if let Err(earlier) = intervals.look((seconds * 1e9 + 0.5) as u64)? {
            let what = format!("is earlier than the {} s before it", earlier.0 as f64 / 1e9);
            return Err(Damage::line(row.line, what, "rows are in order of time"));
        }
        let first = match columns.first {
            Some(_) => row.number(columns.first, "first_page", |page: &u64| *page < 1 << 62)?,
            None => 0,
        };
        if form == RecordingForm::Pages {
            let pages = row.number(columns.pages, "pages", |_: &u64| true)?;
            intervals.pages(first, pages)?;
            continue;
        }
        let name = row.record.get(columns.bitmap.unwrap_or(usize::MAX)).unwrap_or_default();
        if name.is_empty() {
            continue;
        }
        let wrong = |(what, help): (String, &str)| Damage {
            column: columns.bitmap.unwrap_or(0) + 1,
            ..Damage::line(row.line, format!("`{name}` {what}"), help)
        };
        let words = bitmap::read(&folder.join(name)).map_err(wrong)?;
        let length = *lengths.entry(first).or_insert(words.len());
        if length != words.len() {
            let what = format!("has {} bytes, and those before it {}: it is cut off", 8 * words.len(), 8 * length);
            return Err(wrong((
                what,
                "bitmaps of the same slot have the same length: read it anew, or leave the row out",
            )));
        }
        for (from, pages) in bitmap::runs(&words) {
            intervals.pages(first + from, pages)?;
        }
    }
    if rows == 0 {
        return Err(Damage::whole("has a line of names and no rows", "record for some seconds while the guest works"));
    }
    if intervals.is_single() {
        let help = "a row has what was written since the time before: how long that was, a second time tells";
        return Err(Damage::whole("has rows of one time only", help));
    }
    Ok(intervals.recording(false)?)
}

struct TableColumns {
    seconds: Option<usize>,
    first: Option<usize>,
    pages: Option<usize>,
    bitmap: Option<usize>,
}

struct TableRow<'a> {
    record: &'a csv::StringRecord,
    line: u64,
}

impl TableRow<'_> {
    /// A number in a column; places count columns of the table, as a spreadsheet does.
    fn number<T: std::str::FromStr>(
        &self,
        column: Option<usize>,
        name: &str,
        is_sound: impl Fn(&T) -> bool,
    ) -> Result<T, Damage> {
        let column = column.unwrap_or(usize::MAX);
        let Some(field) = self.record.get(column) else {
            return Err(Damage::line(self.line, format!("ends before `{name}`"), NUMBER));
        };
        field.parse().ok().filter(is_sound).ok_or_else(|| {
            let shown: String = field.chars().take(40).collect();
            let what = format!("has no number of `{name}`, but `{shown}`");
            Damage { column: column + 1, ..Damage::line(self.line, what, NUMBER) }
        })
    }
}

fn damaged(error: &csv::Error) -> Damage {
    Damage::line(error.position().map_or(1, csv::Position::line), format!("cannot be read: {error}"), NUMBER)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Span;

    fn of(text: &str) -> Result<Option<Recording>, Damage> {
        read(text.as_bytes(), RecordingForm::Pages, Path::new("."))
    }

    #[test]
    fn rows_of_a_time_are_what_was_written_since_the_time_before() {
        let text = "# by hand\nseconds,first_page,pages\n10,0,0\n10.5,4096,2\n10.5,8192,1\n11,4096,1\n";
        let recording = of(text).unwrap().unwrap();
        assert_eq!((recording.writes(), recording.region().0, recording.length()), (4, 3, Span::from_ms(1000)));
        assert_eq!(recording.distinct(Span::from_ms(500)), [3, 1]);
    }

    #[test]
    fn damage_has_its_place() {
        for (rows, line, column, what) in [
            ("1,5", 2, 0, "ends before `pages`"),
            ("1,5,x\n", 2, 3, "`pages`, but `x`"),
            ("1,-5,1\n", 2, 2, "`first_page`"),
            ("1,5,1\nNaN,5,1\n", 3, 1, "`seconds`"),
            ("1,5,1\n0.5,5,1\n", 3, 0, "earlier than the 1 s"),
            ("1,5,1\n1,6,1\n", 0, 0, "one time only"),
            ("", 0, 0, "no rows"),
            ("1,5,1\n2,5,1,,\n0,5,4096,1\n", 4, 4, "`1` behind the last of 3 columns"),
            ("1,5,99999999999\n", 0, 0, "page writes"),
        ] {
            let damage = of(&format!("seconds,first_page,pages\n{rows}")).unwrap_err();
            assert!(damage.what.contains(what), "{rows}: {damage:?}");
            assert_eq!((damage.line, damage.column), (line, column), "{rows}: {damage:?}");
        }
        let above = of("of guest web1\nseconds,first_page,pages\n1,5,1\n").unwrap_err();
        assert!((above.line, above.what.contains("comes before the line")) == (1, true), "{above:?}");
    }
}
