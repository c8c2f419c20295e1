//! Rows sorted into panels and series, and summed up.

use crate::plot::PlotError;
use crate::plot::figure::{Figure, Key, Legend, Look, Mark, Panel};
use crate::plot::scale::Scale;
use crate::plot::style;
use crate::results::{Cell, Results, column};

use super::Request;

/// A row of the results.
pub(super) type Row<'a> = &'a [Cell];

/// Rows that are told apart from others by a look.
#[derive(Clone, Debug)]
pub(super) struct Series<'a> {
    pub name: String,
    pub look: Look,
    pub rows: Vec<Row<'a>>,
}

/// The rows of a panel, series by series.
#[derive(Clone, Debug)]
pub(super) struct Part<'a> {
    pub title: String,
    pub series: Vec<Series<'a>>,
}

/// Most panels of a figure.
const PANELS: usize = 16;

/// Sorts rows into panels by `facet` and series by `group`.
///
/// # Errors
/// More of them than can be told apart.
pub(super) fn parts<'a>(
    results: &'a Results,
    facet: Option<usize>,
    group: Option<usize>,
) -> Result<Vec<Part<'a>>, PlotError> {
    let values = |at: Option<usize>| at.map_or_else(|| vec![Cell::Empty], |at| results.values(at));
    let (facets, groups) = (values(facet), values(group));
    for (flag, at, count, most) in
        [("--facet", facet, facets.len(), PANELS), ("--group", group, groups.len(), Look::COUNT)]
    {
        if let Some(at) = at
            && count > most
        {
            return Err(PlotError::Nothing(format!(
                "`{flag} {}` has {count} values, and {most} can be told apart; choose some with `--where`, or give it \
                 an axis",
                results.columns[at]
            )));
        }
    }
    let shown =
        |at: Option<usize>, value: &Cell| at.map_or(String::new(), |at| column::show(&results.columns[at], value));
    let is = |row: Row, at: Option<usize>, value: &Cell| at.is_none_or(|at| &row[at] == value);
    let part = |title: &Cell| Part {
        title: match facet {
            Some(at) => format!("{} {}", column::label(&results.columns[at]), shown(facet, title)),
            None => String::new(),
        },
        series: groups
            .iter()
            .enumerate()
            .map(|(at, name)| Series {
                name: shown(group, name),
                look: Look::of(at),
                rows: results
                    .rows
                    .iter()
                    .map(Vec::as_slice)
                    .filter(|row| is(row, facet, title) && is(row, group, name))
                    .collect(),
            })
            .collect(),
    };
    Ok(facets.iter().map(part).collect())
}

/// Name of the strip for figures that need an end, where there was none.
pub(super) const STRIP: &str = "no end";

/// A panel of the usual height.
pub(super) fn panel(title: String, y: Scale, strip: bool, marks: Vec<Mark>) -> Panel {
    Panel { title, y, height: 1.0, strip: strip.then_some(STRIP), above: Vec::new(), above_name: "", marks }
}

/// The legend of the series, and of open marks where there are some.
pub(super) fn legend(results: &Results, group: Option<usize>, parts: &[Part], key: fn(Look) -> Key) -> Legend {
    let mut legend = Legend::default();
    if let (Some(at), Some(part)) = (group, parts.first()) {
        legend.heading = column::label(&results.columns[at]);
        legend.entries = part.series.iter().map(|series| (key(series.look), series.name.clone())).collect();
    }
    legend
}

/// Names the open marks of runs that did not come to an end, where there are some.
pub(super) fn name_open(legend: &mut Legend, key: Key, rows: &[Vec<Cell>], results: &Results) {
    let is_open = |row: &Vec<Cell>| !results.finished(row);
    if rows.iter().any(is_open) {
        legend.entries.push((key, "not converged".to_owned()));
    }
}

/// The key of an open mark.
pub(super) fn open_key() -> Key {
    Key::Point(Look::plain(style::INK), true)
}

/// Columns that vary without being shown: they hide in the spread of the runs.
pub(super) fn hidden(results: &Results, shown: &[Option<usize>]) -> Vec<String> {
    let hidden = results.axes().into_iter().filter(|at| !shown.contains(&Some(*at)));
    hidden.map(|at| column::label(&results.columns[at])).collect()
}

/// What the runs behind a mark are, for the subtitle, and how many lack one of the `figures` that are drawn.
pub(super) fn note(results: &Results, shown: &[Option<usize>], figures: &[usize], most: usize, form: &str) -> String {
    let hidden = hidden(results, shown);
    let runs = match (most, hidden.is_empty()) {
        (0 | 1, _) => String::new(),
        (most, true) => format!("{form} over {most} repeats"),
        (most, false) => format!("{form} over {most} runs, which differ in {}", hidden.join(", ")),
    };
    joined(runs, left_out(results, figures))
}

/// How many runs are left out for they have no such figure.
pub(super) fn left_out(results: &Results, figures: &[usize]) -> String {
    match results.without(figures) {
        0 => String::new(),
        count => format!("without such a figure and left out: {count}"),
    }
}

/// Two remarks of a subtitle, of which either may be empty.
pub(super) fn joined(one: String, other: String) -> String {
    [one, other].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
}

/// The place of the column that was asked for, or of the default, if there is one.
pub(super) fn chosen(
    results: &Results,
    asked: &Option<String>,
    default: Option<usize>,
) -> Result<Option<usize>, PlotError> {
    match asked {
        Some(name) => Ok(Some(results.column(name)?)),
        None => Ok(default),
    }
}

/// The place of a column of numbers.
pub(super) fn figures(results: &Results, asked: &Option<String>, default: &str) -> Result<usize, PlotError> {
    // A summary has medians in place of runs.
    let at = match (asked, results.find(&format!("{default}_median"))) {
        (None, Some(median)) => median,
        _ => results.column(asked.as_deref().unwrap_or(default))?,
    };
    match results.rows.iter().any(|row| row[at].number().is_some()) {
        true => Ok(at),
        false => Err(PlotError::Nothing(format!("the column `{}` has no numbers to draw", results.columns[at]))),
    }
}

/// Choices that no flag has named, the longest first.
pub(super) fn open_choices(results: &Results, request: &Request) -> Vec<usize> {
    let named = [&request.x, &request.y, &request.group, &request.facet, &request.value];
    let is_named = |at: &usize| named.iter().any(|name| name.as_ref() == Some(&results.columns[*at]));
    results.choices().into_iter().filter(|at| !is_named(at)).collect()
}

/// Columns for group and facet where none were asked for: the next choices that are few enough.
pub(super) fn rest(
    results: &Results,
    request: &Request,
    taken: &[usize],
) -> Result<(Option<usize>, Option<usize>), PlotError> {
    let few = |most: usize| move |at: &usize| results.values(*at).len() <= most;
    let mut next = open_choices(results, request).into_iter().filter(|at| !taken.contains(at));
    let group = match &request.group {
        Some(_) => chosen(results, &request.group, None)?,
        None => next.by_ref().find(few(style::COLOURS.len() * 2)),
    };
    let facet = match &request.facet {
        Some(_) => chosen(results, &request.facet, None)?,
        None => next.find(few(PANELS / 2)),
    };
    Ok((group, facet))
}

/// A figure of panels that share their axes.
pub(super) fn of_panels(title: String, subtitle: String, legend: Legend, x: Scale, panels: Vec<Panel>) -> Figure {
    Figure { title, subtitle, legend, x, columns: 0, panels, colours: None }
}
