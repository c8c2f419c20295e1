//! Rows sorted into panels and series, and summed up.

use crate::plot::PlotError;
use crate::plot::figure::{Figure, Inside, Key, Legend, Look, Mark, Panel};
use crate::plot::scale::Scale;
use crate::plot::style;
use crate::results::{Cell, ResultRow, Results, column};

use super::Request;
use super::stat::Stat;

/// Rows that are told apart from others by a look.
#[derive(Clone, Debug)]
pub(super) struct Series<'a> {
    pub name: String,
    pub look: Look,
    pub rows: Vec<ResultRow<'a>>,
}

/// The rows of a panel, series by series.
#[derive(Clone, Debug)]
pub(super) struct Part<'a> {
    pub title: String,
    pub series: Vec<Series<'a>>,
}

/// Most panels of a figure.
pub(super) const PANELS: usize = 16;

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
                results.name(at)
            )));
        }
    }
    // Rows of each facet and group, one facet after the other.
    let mut rows: Vec<Vec<ResultRow<'a>>> = vec![Vec::new(); facets.len() * groups.len()];
    let [facet_ranks, group_ranks] = [facet, group].map(|at| at.map(|at| results.ranks(at)));
    for row in results.rows() {
        let rank = |ranks: Option<&[u32]>| ranks.map_or(0, |ranks| ranks[row.place()] as usize);
        rows[rank(facet_ranks) * groups.len() + rank(group_ranks)].push(row);
    }
    let mut rows = rows.into_iter();
    let shown = |at: Option<usize>, value: &Cell| at.map_or(String::new(), |at| column::show(results.name(at), *value));
    let part = |title: &Cell| Part {
        title: match facet {
            Some(at) => format!("{} {}", column::label(results.name(at)), shown(facet, title)),
            None => String::new(),
        },
        series: groups
            .iter()
            .enumerate()
            .zip(&mut rows)
            .map(|((at, name), rows)| Series { name: shown(group, name), look: Look::of(at), rows })
            .collect(),
    };
    Ok(facets.iter().map(part).collect())
}

/// Name of the strip for figures that need an end, where there was none.
pub(super) const STRIP: &str = "no end";

/// A panel of the usual height.
pub(super) fn panel(title: String, y: Scale, strip: bool, marks: Vec<Mark>) -> Panel {
    Panel { title, x: None, y, height: 1.0, strip: strip.then_some(STRIP), above: Vec::new(), above_name: "", marks }
}

/// The legend of the series, and of open marks where there are some.
pub(super) fn legend(results: &Results, group: Option<usize>, parts: &[Part], key: fn(Look) -> Key) -> Legend {
    let mut legend = Legend::default();
    if let (Some(at), Some(part)) = (group, parts.first()) {
        legend.heading = column::label(results.name(at));
        legend.entries = part.series.iter().map(|series| (key(series.look), series.name.clone())).collect();
    }
    legend
}

/// Names the signs of what is no figure of all runs, where there are some: `open` marks of runs that did not come to an end,
/// and marks of `stats` that only some of the runs have.
pub(super) fn name_signs<'s>(
    legend: &mut Legend,
    (open, key): (bool, Key),
    stats: impl Iterator<Item = &'s Stat>,
    part_key: Key,
) {
    if open {
        legend.entries.push((key, "not converged".to_owned()));
    }
    let mut partial = stats.filter(|stat| stat.is_partial()).peekable();
    if partial.peek().is_some() {
        let lost = partial.any(|stat| stat.finished < stat.runs);
        let name = if lost { "some runs not converged" } else { "some runs without the figure" };
        legend.entries.push((part_key, name.to_owned()));
    }
}

/// The key of a mark.
pub(super) fn sign(inside: Inside) -> Key {
    Key::Point(Look::plain(style::INK), inside)
}

/// Columns that vary without being shown: they hide in the spread of the runs.
pub(super) fn hidden(results: &Results, shown: &[Option<usize>]) -> Vec<String> {
    let hidden = results.axes().into_iter().filter(|at| !shown.contains(&Some(*at)));
    hidden.map(|at| column::label(results.name(at))).collect()
}

/// What the runs behind a mark are and over how many of them it was taken, for the subtitle, and how many lack one of the
/// `figures` that are drawn. Of `stats`, those count whose interval is `drawn`.
pub(super) fn note(
    results: &Results,
    shown: &[Option<usize>],
    figures: &[usize],
    stats: &[&Stat],
    drawn: fn(&Stat) -> bool,
    form: &str,
) -> String {
    let hidden = hidden(results, shown);
    let most = stats.iter().map(|stat| stat.runs).max().unwrap_or(0);
    let runs = match hidden.is_empty() {
        true => format!("{most} repeats"),
        false => format!("{most} runs, which differ in {}", hidden.join(", ")),
    };
    let taken = || stats.iter().filter(|stat| stat.interval.is_some() && drawn(stat));
    let over = match (taken().map(|stat| stat.of).min(), taken().map(|stat| stat.of).max()) {
        (Some(least), Some(largest)) if taken().any(|stat| stat.of < stat.runs) => {
            let all_that_ended = taken().all(|stat| stat.of == stat.runs || stat.of == stat.finished);
            let which = if all_that_ended { "that ended" } else { "that have the figure" };
            let span = if least < largest { format!("{least} to {largest}") } else { least.to_string() };
            format!("over the runs {which}, {span} of {runs}")
        }
        _ => format!("over {runs}"),
    };
    // A summary says itself which statistic it has.
    let said = match (most, form) {
        (0 | 1, _) => String::new(),
        (_, "") => over,
        _ => format!("{form} {over}"),
    };
    joined(said, left_out(results, figures))
}

/// What a subtitle calls the statistic: of a summary whose rows are not summed up any further, what its columns do not say.
pub(super) fn form<'f>(results: &Results, shown: &[Option<usize>], of_runs: &'f str, of_summary: &'f str) -> &'f str {
    if results.is_summary() && hidden(results, shown).is_empty() { of_summary } else { of_runs }
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
    let name = asked.as_deref().unwrap_or(default);
    let named = if asked.is_some() { results.find(name) } else { None };
    let at = match named.or_else(|| results.figure(name)) {
        Some(at) => at,
        None => results.column(name)?,
    };
    match results.numbers(at).next().is_some() {
        true => Ok(at),
        false => Err(PlotError::Nothing(format!("the column `{}` has no numbers to draw", results.name(at)))),
    }
}

/// Choices that no flag has named, the longest first.
pub(super) fn open_choices(results: &Results, request: &Request) -> Vec<usize> {
    let named = [&request.x, &request.y, &request.group, &request.facet, &request.value];
    let is_named = |at: &usize| named.iter().any(|name| name.as_deref() == Some(results.name(*at)));
    results.choices().into_iter().filter(|at| !is_named(at)).collect()
}

/// Columns for group and facet where none were asked for: the next choices that are few enough.
pub(super) fn rest(
    results: &Results,
    request: &Request,
    taken: &[usize],
) -> Result<(Option<usize>, Option<usize>), PlotError> {
    let few = |most: usize| move |at: &usize| results.count(*at) <= most;
    let mut next = open_choices(results, request).into_iter().filter(|at| !taken.contains(at));
    let group = match &request.group {
        Some(_) => chosen(results, &request.group, None)?,
        None => next.by_ref().find(few(Look::COUNT)),
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
