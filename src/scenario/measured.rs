//! Rows that were measured: points of a curve, or a trace over time.

use std::path::Path;

use crate::units::parse::Quantity;
use crate::units::{Pages, Span};

use super::faults::{Faults, clip};
use super::keys;
use super::number_file;
use super::reader::{Section, WORDS, quantity};
use super::shape;
use super::tree::{Node, TextPlace, TomlValue};

/// The shortest interval in a curve: below it no dirty log is read in practice.
const SHORTEST: Span = Span::from_ms(1);
/// No measurement lasts longer: ten years.
const LONGEST_SECONDS: f64 = 10.0 * 365.0 * 86_400.0;
/// Most points of a curve.
const MOST_POINTS: usize = 1000;

/// One measured row and where it stands.
#[derive(Clone, Debug)]
pub(super) struct MeasuredRow {
    /// Where to complain.
    pub place: TextPlace,
    /// What to call it: `` `guest.workload.0.points.3` `` or `` `a.csv`, line 4 ``.
    pub name: String,
    pub time: Span,
    pub value: f64,
}

/// The `[interval, pages]` of a curve, from `points` or from the columns `seconds` and `pages` of `file`.
pub(super) fn curve(workload: &mut Section, folder: &Path) -> Option<Vec<MeasuredRow>> {
    workload.counts("points.0.0", Span::FIGURE);
    workload.counts("points.0.1", Pages::FIGURE);
    workload.expect("points", WORDS, || shape::pairs(shape::quantity::<Span>(false), shape::quantity::<Pages>(true)));
    let rows = match (workload.raw("points"), workload.has("file")) {
        (Some(points), true) => {
            let title = format!("both `{}` and `{}`", workload.path("points"), workload.path("file"));
            // Asked for, so that it is no unknown key as well.
            let _file = workload.raw("file");
            workload.faults.error(&points.place, title, "points are given here").help("remove one of them");
            return None;
        }
        (Some(points), false) => points_of(workload, points)?,
        (None, _) => file_of(workload, folder, &["pages"], RowClock::Zero)?.1,
    };
    if rows.len() > MOST_POINTS {
        let row = &rows[MOST_POINTS];
        workload.faults.error(&row.place, format!("{} is one too many", row.name), "at most 1000 points");
        return None;
    }
    if let Some(row) = rows.iter().find(|row| row.time < SHORTEST) {
        let help = "give the pages dirtied within intervals such as 100 ms, 1 s and 10 s";
        workload
            .faults
            .error(&row.place, format!("{} has too short an interval", row.name), "at least 1 ms")
            .help(help);
        return None;
    }
    in_order(&rows, workload.faults).then_some(rows)
}

fn points_of(workload: &mut Section, points: &Node) -> Option<Vec<MeasuredRow>> {
    let path = workload.path("points");
    let help = "write [[\"100 ms\", \"2000 pages\"], [\"1 s\", \"9000 pages\"]]";
    let TomlValue::List(list) = &points.value else {
        let label = format!("this is {}", points.value.noun());
        workload.faults.error(&points.place, format!("`{path}` must be a list of points"), label).help(help);
        return None;
    };
    if list.is_empty() {
        workload.faults.error(&points.place, format!("`{path}` is an empty list"), "no point").help(help);
        return None;
    }
    // All are looked at, so that all their faults are found, before the first that is wrong ends it.
    let rows: Vec<Option<MeasuredRow>> = list
        .iter()
        .enumerate()
        .map(|(index, node)| {
            let path = format!("{path}.{index}");
            let TomlValue::List(pair) = &node.value else { return pair_wanted(&path, node, help, workload.faults) };
            let [time, pages] = pair.as_slice() else { return pair_wanted(&path, node, help, workload.faults) };
            let time = quantity::<Span>(&format!("{path}.0"), time, None, workload.faults);
            let pages = quantity::<Pages>(&format!("{path}.1"), pages, Some("pages"), workload.faults);
            let name = format!("`{}`", clip(&path));
            Some(MeasuredRow { place: node.place.clone(), name, time: time?.value, value: pages?.value.0 as f64 })
        })
        .collect();
    rows.into_iter().collect()
}

fn pair_wanted(path: &str, node: &Node, help: &str, faults: &mut Faults) -> Option<MeasuredRow> {
    let title = format!("`{}` must be a pair", clip(path));
    faults.error(&node.place, title, "an interval and pages are wanted here").help(help);
    None
}

/// What the second column of a trace holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MeasuredUnit {
    /// Different pages dirtied while the row lasts.
    DirtiedPages,
    /// Page writes a second.
    WritesPerSecond,
}

/// The rows of a trace, from the columns `seconds` and `pages` or `pages_per_second` of `file`.
pub(super) fn trace(workload: &mut Section, folder: &Path) -> Option<(MeasuredUnit, Vec<MeasuredRow>)> {
    let (second, rows) = file_of(workload, folder, &["pages_per_second", "pages"], RowClock::FirstRow)?;
    let unit = [MeasuredUnit::WritesPerSecond, MeasuredUnit::DirtiedPages][second];
    if let ([row], MeasuredUnit::DirtiedPages) = (rows.as_slice(), unit) {
        let title = format!("{} is the only row", row.name);
        let help = "a row lasts until the next; a single row does not tell how long it took to dirty its pages";
        workload.faults.error(&row.place, title, "at least two are wanted").help(help);
        return None;
    }
    in_order(&rows, workload.faults).then_some((unit, rows))
}

/// Where times count from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum RowClock {
    Zero,
    FirstRow,
}

/// The rows of key `file`.
fn file_of(
    workload: &mut Section,
    folder: &Path,
    seconds: &[&str],
    clock: RowClock,
) -> Option<(usize, Vec<MeasuredRow>)> {
    let name = keys::FILE.read(workload)?;
    file(&folder.join(&name.value), &name.value, &name.place, seconds, clock, workload.faults)
}

/// The columns `seconds` and one of the others of a file, which is called `name` at `place`; and which of them it has.
fn file(
    path: &Path,
    name: &str,
    place: &TextPlace,
    seconds: &[&str],
    clock: RowClock,
    faults: &mut Faults,
) -> Option<(usize, Vec<MeasuredRow>)> {
    let shown = clip(name);
    match number_file::read(path, "seconds", seconds) {
        Ok(numbers) => {
            let zero = if clock == RowClock::FirstRow { numbers.rows[0].values[0] } else { 0.0 };
            let late = numbers.rows.iter().find(|row| row.values[0] - zero > LONGEST_SECONDS);
            if let Some(late) = late {
                let title = format!("`{shown}`, line {}, is too late", late.line);
                faults.error(place, title, "more than ten years");
                return None;
            }
            let row = |row: &number_file::NumberRow| {
                let [seconds, value] = row.values;
                let time = Span(((seconds - zero).max(0.0) * 1e9 + 0.5) as u64);
                MeasuredRow { place: place.clone(), name: format!("`{shown}`, line {},", row.line), time, value }
            };
            Some((numbers.second, numbers.rows.iter().map(row).collect()))
        }
        Err(damage) => {
            let title = format!("`{shown}`{}: {}", damage.place, damage.what);
            faults.error(place, title, "this file").help(damage.help);
            None
        }
    }
}

/// Bytes a second of a link over time, from the columns `seconds` and `bits_per_second` or `bytes_per_second`.
pub(super) fn rates(folder: &Path, name: &str, place: &TextPlace, faults: &mut Faults) -> Option<Vec<MeasuredRow>> {
    let columns = ["bits_per_second", "bytes_per_second"];
    let (second, mut rows) = file(&folder.join(name), name, place, &columns, RowClock::FirstRow, faults)?;
    if second == 0 {
        rows.iter_mut().for_each(|row| row.value /= 8.0);
    }
    in_order(&rows, faults).then_some(rows)
}

/// Complains of a row that does not come after the one before.
fn in_order(rows: &[MeasuredRow], faults: &mut Faults) -> bool {
    let wrong = rows.windows(2).find(|pair| pair[1].time <= pair[0].time);
    if let Some([before, row]) = wrong {
        let label = format!("not later than {}", before.time);
        faults.error(&row.place, format!("{} is out of order", row.name), label).help("each row has a later time");
    }
    wrong.is_none()
}
