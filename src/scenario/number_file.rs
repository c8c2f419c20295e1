//! CSV files with two columns of numbers.
//!
//! The first line names the columns, in any order; other columns may stand beside them. Lines that begin with `#` are
//! remarks. Numbers are decimal, not negative, and have no unit: the name of their column says it.

use std::fs::File;
use std::io;
use std::path::Path;

use super::faults::clip;
use super::reader::list;
use crate::units::bounded;
use crate::units::spelling::commas;

/// Largest file that is read [bytes].
const MOST_BYTES: u64 = 16 << 20;
/// Most rows.
const MOST_ROWS: usize = 100_000;
/// No number is larger; beyond it, whole numbers are not exact any more.
const LARGEST: f64 = 1e15;

/// The numbers of a file.
#[derive(Debug, PartialEq)]
pub(super) struct Numbers {
    /// Which of the possible second columns it has.
    pub second: usize,
    /// At least one.
    pub rows: Vec<NumberRow>,
}

/// A line of a file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct NumberRow {
    /// From 1.
    pub line: u64,
    /// First and second column.
    pub values: [f64; 2],
}

/// What is wrong with a file.
#[derive(Debug, PartialEq)]
pub(super) struct Damage {
    /// Where: nothing, or `, line 3, column 2`.
    pub place: String,
    /// What, in a few words.
    pub what: String,
    /// What to do.
    pub help: String,
}

/// What to do about most damage.
const PLAIN: &str = "a number is written like 1500 or 0.5, without a unit; the first line names the columns";

impl Damage {
    fn whole(what: impl Into<String>) -> Damage {
        Damage { place: String::new(), what: what.into(), help: PLAIN.to_owned() }
    }

    fn line(line: u64, what: impl Into<String>) -> Damage {
        Damage { place: format!(", line {line}"), ..Damage::whole(what) }
    }

    fn help(self, help: impl Into<String>) -> Damage {
        Damage { help: help.into(), ..self }
    }
}

/// Reads the columns `first` and one of `seconds`.
pub(super) fn read(path: &Path, first: &str, seconds: &[&str]) -> Result<Numbers, Damage> {
    let text = File::open(path).and_then(|file| bounded::text(file, MOST_BYTES));
    let unreadable = |error: io::Error| {
        let help = match error.kind() {
            io::ErrorKind::FileTooLarge => "leave rows out: the course between two rows is known from their times",
            io::ErrorKind::InvalidData => return Damage::whole(format!("is {error}")),
            _ => "paths start from the folder of the scenario's file",
        };
        Damage::whole(format!("cannot be read: {error}")).help(help)
    };
    parse(&text.map_err(unreadable)?, first, seconds)
}

fn parse(text: &str, first: &str, seconds: &[&str]) -> Result<Numbers, Damage> {
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).comment(Some(b'#')).trim(csv::Trim::All).from_reader(text.as_bytes());
    let header = reader.headers().map_err(damage)?.clone();
    let column = |name: &str| header.iter().position(|field| field.eq_ignore_ascii_case(name));
    let wanted = || {
        let help = commas(&header.iter().collect::<Vec<_>>().join(","))
            .unwrap_or_else(|| format!("put a line in front, such as `{first},{}`", seconds[0]));
        Damage::whole(format!("the first line must name {} and {}", list([first]), list_or(seconds))).help(help)
    };
    let Some(at_first) = column(first) else { return Err(wanted()) };
    let found: Vec<(usize, usize)> =
        seconds.iter().enumerate().filter_map(|(index, name)| Some((index, column(name)?))).collect();
    let (second, at_second) = match found.as_slice() {
        [one] => *one,
        [] => return Err(wanted()),
        _ => {
            let what = format!("has more than one of {}", list(seconds.iter().copied()));
            return Err(Damage::whole(what).help("leave one, or call the other something else"));
        }
    };
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(damage)?;
        let line = record.position().map_or(0, csv::Position::line);
        if rows.len() == MOST_ROWS {
            return Err(Damage::line(line, format!("more than {MOST_ROWS} rows")).help("take fewer, further apart"));
        }
        let number = |column: usize, name: &str| number(record.get(column), line, column, name);
        rows.push(NumberRow { line, values: [number(at_first, first)?, number(at_second, seconds[second])?] });
    }
    match rows.is_empty() {
        true => Err(Damage::whole("has no rows").help("write a time and a value below the first line")),
        false => Ok(Numbers { second, rows }),
    }
}

/// `` `a` or `b` ``.
fn list_or(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" or ")
}

fn number(field: Option<&str>, line: u64, column: usize, name: &str) -> Result<f64, Damage> {
    let Some(field) = field else { return Err(Damage::line(line, format!("ends before `{name}`"))) };
    let plain = field.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let what = match field.parse::<f64>() {
        Ok(number) if plain && number <= LARGEST => return Ok(number),
        Ok(number) if plain && number > LARGEST => format!("`{}` is too large", clip(field)),
        Ok(number) if number < 0.0 => format!("`{}` is below zero", clip(field)),
        _ if field.is_empty() => "a number is missing".to_owned(),
        _ => format!("`{}` is no number", clip(field)),
    };
    let place = format!(", line {line}, column {} (`{name}`)", column + 1);
    Err(Damage { place, ..Damage::whole(what) })
}

fn damage(error: csv::Error) -> Damage {
    let line = error.position().map_or(1, csv::Position::line);
    Damage::line(line, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(usize, Vec<[f64; 2]>), String> {
        let numbers = parse(text, "seconds", &["pages", "pages_per_second"]);
        let numbers = numbers.map(|numbers| (numbers.second, numbers.rows.iter().map(|row| row.values).collect()));
        numbers.map_err(|Damage { place, what, .. }| format!("{place}: {what}"))
    }

    #[test]
    fn advice_is_that_for_a_table() {
        let help = |text: &str| parse(text, "seconds", &["pages"]).unwrap_err().help;
        assert!(help("seconds;pages\n1;2\n").contains("here by `;`"));
        assert_eq!(help("1,2\n"), "put a line in front, such as `seconds,pages`");
        assert_eq!(help("seconds,pages\n1,2 GiB\n"), PLAIN);
    }

    #[test]
    fn columns_are_found_by_their_names() {
        let rows = vec![[0.5, 10.0], [1.0, 15.5]];
        for text in [
            "seconds,pages\n0.5,10\n1,15.5\n",
            "\u{feff}Seconds , PAGES\r\n.5, 10\r\n1.0,1.55e1\r\n",
            "# measured on a Sunday\nhost,pages,seconds\na,10,0.5\n# a pause\n\nb,15.5,1",
        ] {
            assert_eq!(read(text), Ok((0, rows.clone())), "{text:?}");
        }
        assert_eq!(read("seconds,pages_per_second\n0.5,10\n1,15.5"), Ok((1, rows)));
    }

    #[test]
    fn damage_is_named_with_its_place() {
        for (text, complaint) in [
            ("", ": the first line must name `seconds` and `pages` or `pages_per_second`"),
            ("0.5,10\n1,15\n", ": the first line must name `seconds` and `pages` or `pages_per_second`"),
            ("seconds,pages,pages_per_second\n1,1,1", ": has more than one of `pages` and `pages_per_second`"),
            ("seconds,pages\n", ": has no rows"),
            ("seconds,pages\n1,2\n3\n", ", line 3: ends before `pages`"),
            ("seconds,pages\n1,2\n3,x\n", ", line 3, column 2 (`pages`): `x` is no number"),
            ("seconds,pages\n1,2\n3,\n", ", line 3, column 2 (`pages`): a number is missing"),
            ("seconds,pages\n1,-2\n", ", line 2, column 2 (`pages`): `-2` is below zero"),
            ("seconds,pages\n1,inf\n", ", line 2, column 2 (`pages`): `inf` is no number"),
            ("seconds,pages\n1,1e16\n", ", line 2, column 2 (`pages`): `1e16` is too large"),
            ("pages,seconds\n1,NaN\n", ", line 2, column 2 (`seconds`): `NaN` is no number"),
        ] {
            assert_eq!(read(text), Err(complaint.to_owned()), "{text}");
        }
        let many = format!("seconds,pages\n{}", "1,1\n".repeat(MOST_ROWS + 1));
        assert_eq!(read(&many), Err(", line 100002: more than 100000 rows".to_owned()));
    }
}
