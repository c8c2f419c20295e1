//! Rows sorted into panels and series, and summed up.

use crate::plot::PlotError;
use crate::plot::figure::{Figure, Key, Legend, Look, Mark, Panel};
use crate::plot::scale::{Scale, Spread};
use crate::plot::style;
use crate::report::results::{Cell, Results, column};
use crate::sweep::Interval;

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

/// One figure of several runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stat {
    /// All runs.
    pub runs: usize,
    /// Runs that came to their end.
    pub finished: usize,
    /// The figure in those.
    pub interval: Option<Interval>,
    /// Median of the figure in the others, without an end where only the end would give it one.
    pub unfinished: Option<f64>,
}

impl Stat {
    /// Sums up the column at `at`; runs in which it is not known count as runs.
    pub fn of(results: &Results, rows: &[Row], at: usize) -> Stat {
        let (finished, others): (Vec<Row>, Vec<Row>) = rows.iter().partition(|row| results.finished(row));
        let numbers = |rows: &[Row]| rows.iter().filter_map(|row| row[at].number()).collect::<Vec<_>>();
        let interval = |values: Vec<f64>| (!values.is_empty()).then(|| Interval::of(values));
        let unfinished = (!others.is_empty()).then(|| match column::needs_end(&results.columns[at]) {
            true => f64::INFINITY,
            false => interval(numbers(&others)).map_or(f64::INFINITY, |interval| interval.median),
        });
        Stat { runs: rows.len(), finished: finished.len(), interval: interval(numbers(&finished)), unfinished }
    }

    /// Whether at least half of the runs came to their end.
    pub fn mostly_finished(&self) -> bool {
        2 * self.finished >= self.runs && self.interval.is_some()
    }

    /// The values that a mark of most runs reaches.
    pub fn reach(&self) -> impl Iterator<Item = f64> {
        let most = self.mostly_finished();
        let interval = self.interval.filter(|_| most);
        interval.into_iter().flat_map(|i| [i.median, i.p95]).chain(self.unfinished.filter(|_| !most))
    }

    /// What a point says of it.
    pub fn says(&self, name: &str) -> String {
        let shown =
            |value: f64| if value.is_finite() { column::show(name, &Cell::Number(value)) } else { "–".to_owned() };
        let mut text = match (self.interval, self.unfinished) {
            (Some(Interval { p5, median, p95 }), _) if p5 < p95 => {
                format!("{} {} ({} to {})", column::label(name), shown(median), shown(p5), shown(p95))
            }
            (Some(interval), _) => format!("{} {}", column::label(name), shown(interval.median)),
            (None, other) => format!("{} {}", column::label(name), shown(other.unwrap_or(f64::NAN))),
        };
        match (self.runs, self.finished) {
            (1, 1) => {}
            (1, 0) => text += "\nnot converged",
            (runs, finished) => text += &format!("\n{finished} of {runs} runs converged"),
        }
        text
    }
}

/// Name of the strip for figures that need an end, where there was none.
pub(super) const STRIP: &str = "no end";

/// The values of a column along an axis: numbers on a scale, or anything else as names.
pub(super) struct Along {
    pub scale: Scale,
    pub values: Vec<Cell>,
}

impl Along {
    /// The axis of the column at `at`.
    pub fn of(results: &Results, at: usize, spread: Spread) -> Along {
        let (name, values) = (&results.columns[at], results.values(at));
        let numbers: Vec<f64> = values.iter().filter_map(Cell::number).collect();
        let scale = if numbers.len() == values.len() {
            let spread = if spread == Spread::Auto && in_ratios(&numbers) { Spread::Log } else { spread };
            let (low, high) = (numbers.first().copied().unwrap_or(0.0), numbers.last().copied().unwrap_or(0.0));
            Scale::of(&column::label(name), column::unit(name), numbers.into_iter(), spread, low < 0.3 * high)
        } else {
            Scale::of_names(&column::label(name), values.iter().map(|value| column::show(name, value)))
        };
        Along { scale, values }
    }

    /// Where the value number `at` stands on the scale.
    pub fn place(&self, at: usize) -> f64 {
        match self.values[at].number() {
            Some(number) if !self.scale.has_names() => number,
            _ => at as f64 + 0.5,
        }
    }
}

/// Rows by their value in the column `at`, in the order of `values`.
pub(super) fn sorted<'a>(rows: &[Row<'a>], at: usize, values: &[Cell]) -> Vec<Vec<Row<'a>>> {
    let mut sorted = vec![Vec::new(); values.len()];
    // Numbers come first, in order.
    let numbers = values.iter().take_while(|value| value.number().is_some()).count();
    for row in rows {
        let place = match row[at].number() {
            Some(_) => values[..numbers].binary_search_by(|value| value.by_size(&row[at])).ok(),
            None => values[numbers..].iter().position(|value| *value == row[at]).map(|place| numbers + place),
        };
        if let Some(place) = place {
            sorted[place].push(*row);
        }
    }
    sorted
}

/// Whether values stand at about equal ratios, as those of a sweep on a logarithmic scale.
fn in_ratios(values: &[f64]) -> bool {
    let ratios: Vec<f64> = values.windows(2).map(|pair| pair[1] / pair[0]).collect();
    let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
    let most = ratios.iter().copied().fold(0.0, f64::max);
    ratios.len() >= 3 && values[0] > 0.0 && most / least < 1.6 && values[values.len() - 1] / values[0] >= 8.0
}

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

/// What the runs behind a mark are, for the subtitle; empty where each mark is one run.
pub(super) fn note(results: &Results, shown: &[Option<usize>], most: usize, form: &str) -> String {
    let hidden = hidden(results, shown);
    match (most, hidden.is_empty()) {
        (0 | 1, _) => String::new(),
        (most, true) => format!("{form} over {most} repeats"),
        (most, false) => format!("{form} over {most} runs, which differ in {}", hidden.join(", ")),
    }
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
    let at = results.column(asked.as_deref().unwrap_or(default))?;
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
