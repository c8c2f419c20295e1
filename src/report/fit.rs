//! A fitted guest: what was found, how sure that is, and predicted beside measured.

use serde::Serialize;

use super::compare;
use crate::compare::TraceComparison;
use crate::fit::{FirstScenario, Fit, FitCandidate, FitQuantity, Fitted, Parameter};
use crate::sim::{Row, Timeline};
use crate::sink::table::{Table, TableColumn};
use crate::sink::terminal;
use crate::units::Bytes;

/// Everything for a person: quantities, other kinds of guests, the migrations, what remained over time.
pub fn text(fit: &Fit) -> String {
    let shape = fit.shape.as_str();
    let mut out = format!(
        "{shape} guest, {} migrations simulated; a typical difference is {:.1} times the scatter of repeats\n",
        fit.runs, fit.misfit
    );
    if fit.finished && !fit.is_explained() {
        out += "no guest that was tried explains this: below is the closest one, and its ranges are of no use; the looks may be of \
                different migrations, or the guest has phases\n";
    }
    if !fit.finished {
        out += "interrupted: this is the best so far, and no interval is known\n";
    }
    let head = ["", "fitted", "noise allows", "determined"];
    out += &format!("\n{}", words(head, fit.parameters.iter().map(|parameter| quantity(parameter, fit.finished))));
    let open: Vec<String> = fit.open.iter().map(|open| format!("  - {}\n", terminal::word(open))).collect();
    if !open.is_empty() {
        out += &format!("\nwhat is left open:\n{}", open.concat());
    }
    out += &format!("\n{}", candidates(&fit.candidates, fit.is_explained()));
    let comparisons: Vec<TraceComparison> = fit.traces.iter().map(|fitted| fitted.comparison.clone()).collect();
    out += &format!("\n{}", compare::text(&comparisons, false));
    if fit.open.is_empty() {
        fit.traces.iter().for_each(|fitted| out += &curve(fitted));
    }
    out
}

fn quantity(parameter: &Parameter, finished: bool) -> [String; 4] {
    let Parameter { quantity, value, unseen, .. } = parameter;
    let interval = if unseen.is_some() || !finished { String::new() } else { parameter.range() };
    let determined = match unseen {
        Some(why) => format!("no: {why}"),
        None if !finished => "not known".to_owned(),
        None if parameter.is_contradicted() => "no: the closest guest lies outside of it".to_owned(),
        None if parameter.is_determined() => "yes".to_owned(),
        None => "not by this migration".to_owned(),
    };
    [quantity.key().to_owned(), quantity.show(*value), interval, determined]
}

/// The kinds of guests that were tried.
fn candidates(candidates: &[FitCandidate], explained: bool) -> String {
    let mut chosen = false;
    let row = |candidate: &FitCandidate| {
        let verdict = match (candidate.as_good, chosen) {
            (false, _) => "worse than noise allows",
            (true, _) if !explained => "no, but none is closer",
            (true, false) => "as well as any, and is the simplest",
            (true, true) => "as well",
        };
        chosen |= candidate.as_good;
        [
            candidate.shape.as_str().to_owned() + if candidate.slack { ", slack" } else { "" },
            format!("{:.2}", candidate.misfit),
            FitQuantity::Rate.show(candidate.rate),
            FitQuantity::Region.show(candidate.region),
            FitQuantity::Cpu.show(candidate.cpu),
            verdict.to_owned(),
        ]
    };
    words(["kind of guest", "misfit", "rate", "region", "cpu", "explains it"], candidates.iter().map(row))
}

/// Moments at which remaining RAM and throttle are shown.
const MOMENTS: usize = 10;

/// What remained over time, predicted and measured.
fn curve(fitted: &Fitted) -> String {
    let Fitted { comparison, measured, predicted } = fitted;
    let head = ["time [s]", "remaining: predicted", "measured", "throttle [%]: predicted", "measured"];
    let row = |moment| {
        let t_ms = comparison.measured.seen_ms * (moment as f64 - 0.5) / MOMENTS as f64;
        let (ours, theirs) = (at(predicted, t_ms), at(measured, t_ms));
        let show = |row: Option<&Row>, of: fn(&Row) -> String| row.map_or_else(|| "-".to_owned(), of);
        let remaining = |row: &Row| Bytes(row.remaining_bytes).to_string();
        let throttle = |row: &Row| format!("{:.0}", row.throttle_pct);
        [
            format!("{:.1}", t_ms / 1e3),
            show(ours, remaining),
            show(theirs, remaining),
            show(ours, throttle),
            show(theirs, throttle),
        ]
    };
    let table = table([TableColumn::RIGHT; 5].into_iter(), head, (1..=MOMENTS).map(row));
    format!("\n{}\n{table}", terminal::word(&comparison.trace))
}

/// The last row of a timeline up to a moment; none after its end.
fn at(timeline: &Timeline, t_ms: f64) -> Option<&Row> {
    let after = timeline.rows.partition_point(|row| row.t_ms <= t_ms);
    if after == timeline.rows.len() { None } else { timeline.rows[..after].last() }
}

/// Rows under a heading: the first column and the last are words, the others are figures.
fn words<const N: usize>(head: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let side = |at| if at == 0 || at + 1 == N { TableColumn::LEFT } else { TableColumn::RIGHT };
    table((0..N).map(side), head, rows)
}

fn table<const N: usize>(
    columns: impl Iterator<Item = TableColumn>,
    head: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> String {
    let mut table = Table::new(columns.map(|column| column.gap(3)));
    table.head(head);
    rows.for_each(|row| table.row(row));
    table.text()
}

/// A fit for programs.
#[derive(Serialize)]
struct Written<'a> {
    shape: &'a str,
    /// None where nothing was searched, as of `explained`.
    misfit: Option<f64>,
    runs: usize,
    finished: bool,
    explained: Option<bool>,
    /// Of what was measured without a migration.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    points: Vec<FitPoint>,
    parameters: Vec<FittedFigure<'a>>,
    candidates: Vec<Kind<'a>>,
    open: &'a [String],
    migrations: Vec<&'a TraceComparison>,
}

/// Different pages by interval.
#[derive(Serialize)]
struct FitPoint {
    interval_ms: f64,
    pages: f64,
}

/// A quantity in its base unit.
#[derive(Serialize)]
struct FittedFigure<'a> {
    key: &'a str,
    unit: &'a str,
    value: f64,
    low: Option<f64>,
    high: Option<f64>,
    determined: bool,
    unseen: Option<&'a str>,
}

#[derive(Serialize)]
struct Kind<'a> {
    shape: &'a str,
    slack: bool,
    misfit: f64,
    as_good: bool,
    rate: f64,
    region: f64,
    cpu: f64,
}

fn figure(parameter: &Parameter) -> FittedFigure<'_> {
    let unit = match parameter.quantity {
        FitQuantity::Rate => "pages/s",
        FitQuantity::Region => "pages",
        FitQuantity::Hot | FitQuantity::HotShare | FitQuantity::Cpu => "1",
        FitQuantity::Bandwidth => "B/s",
    };
    let Parameter { quantity, value, low, high, unseen } = *parameter;
    FittedFigure { key: quantity.key(), unit, value, low, high, determined: parameter.is_determined(), unseen }
}

/// One object.
///
/// # Errors
/// None that can happen: every field is a number, a text or a list of those.
pub fn json(fit: &Fit) -> std::io::Result<String> {
    let kind = |candidate: &FitCandidate| {
        let FitCandidate { shape, slack, misfit, as_good, rate, region, cpu } = *candidate;
        Kind { shape: shape.as_str(), slack, misfit, as_good, rate, region, cpu }
    };
    let written = Written {
        shape: fit.shape.as_str(),
        misfit: Some(fit.misfit),
        runs: fit.runs,
        finished: fit.finished,
        explained: Some(fit.is_explained()),
        points: Vec::new(),
        parameters: fit.parameters.iter().map(figure).collect(),
        candidates: fit.candidates.iter().map(kind).collect(),
        open: &fit.open,
        migrations: fit.traces.iter().map(|fitted| &fitted.comparison).collect(),
    };
    Ok(serde_json::to_string_pretty(&written)? + "\n")
}

fn points(first: &FirstScenario) -> impl Iterator<Item = FitPoint> {
    first.points.iter().map(|(span, pages)| FitPoint { interval_ms: span.seconds() * 1e3, pages: *pages })
}

/// What was measured without a migration, as an object with the fields of a fit: it has `points`, and nothing was searched.
///
/// # Errors
/// None that can happen, as of [`json`].
pub fn first_json(first: &FirstScenario) -> std::io::Result<String> {
    let written = Written {
        shape: if first.points.len() == 1 { "uniform" } else { "curve" },
        misfit: None,
        runs: 0,
        finished: true,
        explained: None,
        points: points(first).collect(),
        parameters: first.parameters.iter().map(figure).collect(),
        candidates: Vec::new(),
        open: &first.warnings,
        migrations: Vec::new(),
    };
    Ok(serde_json::to_string_pretty(&written)? + "\n")
}

/// A row for every point of what was measured without a migration.
///
/// # Errors
/// None that can happen: rows are written to memory.
pub fn first_csv(first: &FirstScenario) -> std::io::Result<String> {
    text_of_rows(points(first))
}

/// A row for every quantity.
///
/// # Errors
/// None that can happen: rows are written to memory.
pub fn csv(fit: &Fit) -> std::io::Result<String> {
    text_of_rows(fit.parameters.iter().map(figure))
}

fn text_of_rows(mut rows: impl Iterator<Item = impl Serialize>) -> std::io::Result<String> {
    let mut writer = crate::sink::csv::writer(Vec::new());
    rows.try_for_each(|row| writer.serialize(row))?;
    let bytes = writer.into_inner().map_err(|error| error.into_error())?;
    String::from_utf8(bytes).map_err(std::io::Error::other)
}
