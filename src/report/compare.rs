//! Predicted beside measured, as text, JSON and CSV.

use serde::Serialize;
use serde_json::Value;

use crate::compare::{Deviation, MigrationRecord, Summary, TraceComparison};
use crate::sink::table::{Table, TableCell, TableColumn};
use crate::sink::terminal::word;

/// One table over all traces, then the notes, then the summary; with `passes`, also the time of every sync.
///
/// ```text
/// trace                   verdict         total time [s]     syncs ...
///                     pred.      meas.  pred.  meas.   error ...
/// 02-throttle     converged  converged  41.00  40.00  +2.5 % ...
/// ```
pub fn text(comparisons: &[TraceComparison], passes: bool) -> String {
    let mut out = overview(comparisons);
    if passes {
        comparisons.iter().for_each(|comparison| out.push_str(&syncs(comparison)));
    }
    let notes = comparisons.iter().flat_map(|comparison| {
        let TraceComparison { trace, note, not_covered, .. } = comparison;
        let not_covered = not_covered.as_ref().map(|why| format!("not covered: {why}"));
        note.clone().into_iter().chain(not_covered).chain(unfinished(comparison)).map(move |note| (trace, note))
    });
    let notes: String = notes.map(|(trace, note)| format!("note: {}: {}\n", word(trace), word(&note))).collect();
    if !notes.is_empty() {
        out.push('\n');
        out.push_str(&notes);
    }
    out.push('\n');
    out.push_str(&summary(&Summary::of(comparisons)));
    out
}

/// What can be held of a migration whose end nobody saw.
fn unfinished(comparison: &TraceComparison) -> Option<String> {
    let TraceComparison { measured, predicted, .. } = comparison;
    if measured.verdict.is_over() {
        return None;
    }
    let seen = seconds(measured.seen_ms);
    let what = format!(
        "{} at the last look, {seen} s after its start: no verdict and no total time; held are {} syncs and the throttle \
         until then",
        measured.verdict.as_str(),
        measured.dirty_sync_count
    );
    Some(match predicted {
        Some(ours) if ours.verdict.is_completed() => format!("{what}, and the prediction had completed before that"),
        _ => what,
    })
}

fn overview(comparisons: &[TraceComparison]) -> String {
    const RIGHT: TableColumn = TableColumn::RIGHT;
    let sizes = [2, 3, 2, 2, 2, 3];
    let group = |size: usize| (0..size).map(move |at| if at == 0 { RIGHT.gap(3) } else { RIGHT });
    let mut table = Table::new([TableColumn::LEFT].into_iter().chain(sizes.into_iter().flat_map(group)));
    let titles = ["verdict", "total time [s]", "syncs", "throttle [%]", "downtime [ms]", "guest work lost [s]"];
    let titles = titles.into_iter().zip(sizes).map(|(title, size)| TableCell::from(title).across(size));
    table.head([TableCell::from("trace")].into_iter().chain(titles));
    let head = "|pred.|meas.|pred.|meas.|error|pred.|meas.|pred.|meas.|pred.|meas.|pred.|meas.|of total";
    table.head(head.split('|'));
    comparisons.iter().for_each(|comparison| table.row(row(comparison)));
    table.text()
}

fn row(comparison: &TraceComparison) -> Vec<String> {
    let TraceComparison { trace, measured, predicted, error, .. } = comparison;
    let pair = |of: fn(&MigrationRecord) -> String| [predicted.as_ref().map_or_else(dash, of), of(measured)];
    let share = |of: fn(&Deviation) -> Option<f64>| error.as_ref().and_then(of).map_or_else(dash, percent);
    let mut cells = vec![trace.clone()];
    match &comparison.not_covered {
        Some(_) => cells.extend(["not covered".to_owned(), measured.verdict.as_str().to_owned()]),
        None => cells.extend(pair(|record| record.verdict.as_str().to_owned())),
    }
    cells.extend(pair(|record| record.total_time_ms.map_or_else(dash, seconds)));
    cells.push(share(|error| error.total_time_pct));
    cells.extend(pair(|record| record.dirty_sync_count.to_string()));
    cells.extend(pair(|record| format!("{:.0}", record.throttle_max_pct)));
    cells.extend(pair(|record| record.downtime_ms.map_or_else(dash, |ms| format!("{ms:.0}"))));
    cells.extend(pair(|record| record.guest_work_lost_ms.map_or_else(dash, seconds)));
    cells.push(share(|error| error.guest_work_lost_pct_of_total));
    cells
}

/// The syncs of one trace.
fn syncs(comparison: &TraceComparison) -> String {
    let Some(predicted) = &comparison.predicted else { return String::new() };
    let (ours, theirs) = (&predicted.sync_times_ms, &comparison.measured.sync_times_ms);
    const RIGHT: TableColumn = TableColumn::RIGHT;
    let mut table = Table::new([TableColumn::LEFT, RIGHT.gap(3), RIGHT, RIGHT]);
    table.head([TableCell::from("sync"), TableCell::from("end [s]").across(3)]);
    table.head(["", "predicted", "measured", "error"]);
    for sync in 0..ours.len().max(theirs.len()) {
        let (p, m) = (ours.get(sync), theirs.get(sync));
        let error = p.zip(m).map_or_else(dash, |(p, m)| format!("{:+.2}", (p - m) / 1e3));
        let time = |ms: Option<&f64>| ms.map_or_else(dash, |ms| seconds(*ms));
        table.row([(sync + 1).to_string(), time(p), time(m), error]);
    }
    format!("\n{}\n{}", word(&comparison.trace), table.text())
}

fn summary(summary: &Summary) -> String {
    let Summary { compared, running, .. } = *summary;
    let over = compared - running;
    // Of migrations whose end nobody saw there is no verdict and no total time, not one that is off by 0 %; and so with
    // every figure that is not known.
    let ends = match over {
        0 if running > 0 => Some("the end of none was seen".to_owned()),
        0 => None,
        _ => Some(format!("verdict right on {}/{over}", summary.verdicts_right)),
    };
    let median = summary.total_time_pct_median.zip(summary.total_time_pct_worst);
    let time = median.map(|(median, worst)| format!("total time off by {median:.1} % (median), {worst:.1} % (worst)"));
    let throttle = summary.throttle_worst.map(|worst| {
        format!("highest throttle equal on {}/{compared}, off by at most {worst:.0} points", summary.throttle_equal)
    });
    let syncs = summary.dirty_sync_count_worst.map(|worst| format!("syncs off by at most {worst}"));
    let lost = summary.guest_work_lost_pct_worst;
    let lost = lost.map(|worst| format!("guest work lost off by at most {worst:.1} % of the migration"));
    let line = |parts: Vec<Option<String>>| parts.into_iter().flatten().collect::<Vec<_>>().join("; ");
    let head = format!("{compared} compared, {} not covered", summary.not_covered);
    let lines = [line(vec![ends, time]), line(vec![throttle, syncs, lost])];
    match lines.concat().is_empty() {
        true => format!("{head}\n"),
        false => format!("{head}: {}\n", lines.join(";\n")),
    }
}

/// By how much the total time is off at worst, as a clause.
pub fn worst_time(summary: &Summary) -> String {
    match summary.total_time_pct_worst {
        Some(worst) => format!("the worst total time is off by {worst:.1} %"),
        None => "no total time is known".to_owned(),
    }
}

fn dash() -> String {
    "-".to_owned()
}

fn seconds(ms: f64) -> String {
    format!("{:.2}", ms / 1e3)
}

fn percent(share: f64) -> String {
    format!("{share:+.1} %")
}

/// An array with an object for every trace.
///
/// # Errors
/// None that can happen: every field is a number, a text or a list of numbers.
pub fn json(comparisons: &[TraceComparison]) -> std::io::Result<String> {
    Ok(serde_json::to_string_pretty(comparisons)? + "\n")
}

/// Fields of a [`MigrationRecord`] that make columns; lists do not fit a row.
const FIELDS: [&str; 10] = [
    "verdict",
    "total_time_ms",
    "setup_time_ms",
    "downtime_ms",
    "dirty_sync_count",
    "throttle_max_pct",
    "transferred_bytes",
    "normal_pages",
    "duplicate_pages",
    "guest_work_lost_ms",
];
/// Fields that only a [`Deviation`] has.
const SHARES: [&str; 2] = ["total_time_pct", "guest_work_lost_pct_of_total"];

/// A row for every trace: `trace`, then each field as `measured_...`, `predicted_...`, `error_...`, then
/// `not_covered`. Cells without a figure are empty.
///
/// # Errors
/// None that can happen: the rows are equally long and written to memory.
pub fn csv(comparisons: &[TraceComparison]) -> std::io::Result<String> {
    let error_fields = || FIELDS.iter().chain(&SHARES);
    let mut table = Table::default();
    let titles = |side: &'static str| move |field: &&str| format!("{side}_{field}");
    let mut head = vec!["trace".to_owned()];
    head.extend(FIELDS.iter().map(titles("measured")).chain(FIELDS.iter().map(titles("predicted"))));
    head.extend(error_fields().map(titles("error")));
    head.push("not_covered".to_owned());
    table.head(head);
    for comparison in comparisons {
        let mut cells = vec![comparison.trace.clone()];
        cells.extend(figures(&comparison.measured, FIELDS.iter())?);
        cells.extend(figures(&comparison.predicted, FIELDS.iter())?);
        cells.extend(figures(&comparison.error, error_fields())?);
        cells.push(comparison.not_covered.clone().unwrap_or_default());
        table.row(cells);
    }
    let mut bytes = Vec::new();
    table.csv(&mut bytes)?;
    String::from_utf8(bytes).map_err(std::io::Error::other)
}

/// The named fields of a serialised record, as CSV writes them.
fn figures<'a>(record: &impl Serialize, fields: impl Iterator<Item = &'a &'a str>) -> std::io::Result<Vec<String>> {
    let record = serde_json::to_value(record)?;
    let cell = |field: &&str| match record.get(*field) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    };
    Ok(fields.map(cell).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::Fate;
    use crate::compare::fixtures::{compared, not_covered, record};

    fn two() -> Vec<TraceComparison> {
        let predicted = MigrationRecord { dirty_sync_count: 17, sync_times_ms: vec![90.0], ..record(41_000.0) };
        let mut throttled = compared("02-throttle", &record(40_000.0), predicted);
        throttled.note = Some("0.81 s are taken off".to_owned());
        vec![throttled, not_covered("07-xbzrle", "capability `xbzrle`")]
    }

    #[test]
    fn text_sets_predicted_beside_measured() {
        insta::assert_snapshot!(text(&two(), true));
    }

    #[test]
    fn json_has_the_four_keys_and_a_reason_where_two_are_null() {
        let value: Value = serde_json::from_str(&json(&two()).unwrap()).unwrap();
        let keys = |i: usize| value[i].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(0), ["error", "measured", "predicted", "trace"]);
        assert_eq!(value[0]["error"]["total_time_pct"], 2.5);
        assert_eq!(value[0]["error"]["dirty_sync_count"], 1);
        assert_eq!(value[0]["predicted"]["verdict"], "converged");
        assert!(value[1]["predicted"].is_null() && value[1]["error"].is_null());
        assert_eq!(value[1]["not_covered"], "capability `xbzrle`");
    }

    #[test]
    fn csv_has_a_column_for_every_field_of_a_record() {
        let rows = csv(&two()).unwrap();
        let [head, first, second] = rows.lines().collect::<Vec<_>>()[..] else { panic!("{rows}") };
        assert!(first.starts_with("02-throttle,converged,40000.0,100.0,"), "{first}");
        assert!(second.ends_with(",capability `xbzrle`"), "{second}");
        for side in ["measured", "predicted", "error"] {
            let json = serde_json::to_value(&two()[0]).unwrap();
            let fields = json[side].as_object().unwrap().keys().filter(|field| *field != "sync_times_ms");
            for field in fields {
                assert!(head.split(',').any(|column| column == format!("{side}_{field}")), "{side}_{field}");
            }
        }
    }

    #[test]
    fn what_no_trace_tells_is_no_error_of_zero() {
        let unknown = MigrationRecord {
            total_time_ms: None,
            guest_work_lost_ms: None,
            verdict: Fate::Running,
            ..record(40_000.0)
        };
        let all = [
            (
                vec![compared("a", &unknown, record(40_000.0))],
                "1 compared, 0 not covered: the end of none was seen;\nhighest",
            ),
            (vec![not_covered("b", "capability `xbzrle`")], "0 compared, 1 not covered\n"),
            (Vec::new(), "0 compared, 0 not covered\n"),
        ];
        for (comparisons, begins) in all {
            let text = summary(&Summary::of(&comparisons));
            assert!(text.starts_with(begins) && !text.contains("lost") && !text.contains("time off"), "{text}");
        }
        assert!(summary(&Summary::of(&two())).contains("; guest work lost off by at most 0.0 %"), "a known 0 is told");
    }

    #[test]
    fn a_wrong_verdict_shows_both() {
        let real = record(10_000.0);
        let wrong = MigrationRecord { verdict: Fate::NotConverged, downtime_ms: None, ..record(60_000.0) };
        let text = text(&[compared("05", &real, wrong)], false);
        assert!(text.contains("not-converged  converged"), "{text}");
        assert!(text.contains("verdict right on 0/1"), "{text}");
    }
}
