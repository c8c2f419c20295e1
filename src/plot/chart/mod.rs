//! Results as figures: a file for each kind of chart.

mod along;
mod band;
mod bars;
mod cdf;
mod frontier;
mod heatmap;
mod line;
mod series;
mod stat;
#[cfg(test)]
#[path = "../../../docs/adding/plot.rs"]
mod worked_example;

pub use self::band::Band;

use std::collections::HashSet;
use std::path::Path;

use super::PlotError;
use super::figure::Figure;
use super::scale::Spread;
use crate::results::{Filter, ResultRow, Results, column};
use crate::sim::Timeline;
use crate::sink::shown;

/// What is to be drawn of the results.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Kind of chart; without one, the results decide.
    pub kind: Option<Kind>,
    /// Column along the x axis.
    pub x: Option<String>,
    /// Column along the y axis.
    pub y: Option<String>,
    /// Column that the colours of a heat map show.
    pub value: Option<String>,
    /// Column whose values are told apart by colour and shape.
    pub group: Option<String>,
    /// Column with a panel for each of its values.
    pub facet: Option<String>,
    /// How values are spread along the x axis.
    pub x_scale: Spread,
    /// How values are spread along the y axis, or over the colours of a heat map.
    pub y_scale: Spread,
    /// What lies around a line; without one, quantiles, and panels where too many would lie over each other.
    pub band: Option<Band>,
    /// Above the figure.
    pub title: Option<String>,
}

/// Values of an axis of a map; fewer are told apart better as lines.
const LONG: usize = 5;

/// Kinds of charts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Migrations through time.
    Timeline,
    /// A figure over an axis.
    Line,
    /// A figure over two axes, with the border of convergence.
    Heatmap,
    /// Shares of the runs that stay below a value.
    Cdf,
    /// Two costs against each other, with the best choices.
    Frontier,
    /// A figure for each of some choices.
    Bars,
}

impl Kind {
    /// The word for it, as in `--kind`.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Timeline => "timeline",
            Kind::Line => "line",
            Kind::Heatmap => "heatmap",
            Kind::Cdf => "cdf",
            Kind::Frontier => "frontier",
            Kind::Bars => "bars",
        }
    }

    /// Options that it has a place for.
    fn takes(self) -> &'static [&'static str] {
        match self {
            Kind::Timeline => &[],
            Kind::Line => &["--x", "--y", "--group", "--facet", "--x-scale", "--y-scale", "--band"],
            Kind::Frontier => &["--x", "--y", "--group", "--facet", "--x-scale", "--y-scale"],
            Kind::Heatmap => &["--x", "--y", "--value", "--group", "--facet", "--y-scale"],
            Kind::Cdf => &["--x", "--group", "--facet", "--x-scale", "--y-scale"],
            Kind::Bars => &["--x", "--y", "--group", "--facet", "--y-scale"],
        }
    }

    /// The kind that shows most of these results.
    pub fn of(results: &Results) -> Kind {
        let axes = results.choices();
        let count = |at: &usize| results.count(*at);
        let numbers = |at: &usize| results.is_of_numbers(*at);
        let long = axes.iter().filter(|at| numbers(at) && (LONG..=heatmap::MOST).contains(&count(at))).count();
        match axes.first() {
            _ if results.is_timeline() => Kind::Timeline,
            None => Kind::Cdf,
            Some(_) if long >= 2 => Kind::Heatmap,
            // Nobody reads so many names.
            Some(first) if count(first) > heatmap::MOST && !numbers(first) => Kind::Cdf,
            // Points that chance has chosen lie on no line.
            Some(first) if numbers(first) && count(first) > heatmap::MOST => Kind::Frontier,
            Some(first) if numbers(first) && count(first) >= 3 => Kind::Line,
            Some(_) => Kind::Bars,
        }
    }
}

impl Request {
    /// Refuses what the kind of chart has no place for.
    ///
    /// # Errors
    /// What it is, and what the kind takes.
    pub(super) fn suits(&self, kind: Kind) -> Result<(), PlotError> {
        let given = [
            ("--x", self.x.is_some()),
            ("--y", self.y.is_some()),
            ("--value", self.value.is_some()),
            ("--group", self.group.is_some()),
            ("--facet", self.facet.is_some()),
            ("--x-scale", self.x_scale != Spread::Auto),
            ("--y-scale", self.y_scale != Spread::Auto),
            ("--band", self.band.is_some()),
        ];
        let takes = kind.takes();
        let Some((option, _)) = given.into_iter().find(|(option, given)| *given && !takes.contains(option)) else {
            return Ok(());
        };
        let takes = if takes.is_empty() { "none of the kind".to_owned() } else { takes.join(", ") };
        let other = match (kind, option) {
            (Kind::Frontier, "--value") => "; the frontier of convergence over two keys is in a `heatmap`",
            _ => "",
        };
        Err(PlotError::Nothing(format!("a `{}` has no place for `{option}`; it takes {takes}{other}", kind.as_str())))
    }
}

impl Results {
    /// Places of columns whose values set rows apart: axes, or else scenarios and releases.
    pub(crate) fn choices(&self) -> Vec<usize> {
        let mut choices = self.axes();
        if choices.is_empty() {
            choices.extend(["scenario", "qemu"].iter().filter_map(|name| self.find(name)));
            choices.retain(|at| self.varies(*at));
        }
        // The longest first: it shows most along an axis. Words last.
        choices.sort_by_cached_key(|at| (!self.is_of_numbers(*at), std::cmp::Reverse(self.count(*at))));
        choices
    }
}

/// The figure of any kind but a timeline.
///
/// # Errors
/// A column that is not there, nothing to draw, or more series than can be told apart.
pub fn figure(results: &Results, request: &Request) -> Result<Figure, PlotError> {
    let refused = results.rows().filter(|row| row.refused()).count();
    if refused == results.len() {
        return Err(PlotError::Nothing("no row of the results is left to draw".to_owned()));
    }
    let mut figure = match refused {
        0 => of_runs(results, request)?,
        _ => of_runs(&results.only(|row| !row.refused()), request)?,
    };
    if refused > 0 {
        let points = refused_points(results);
        figure.subtitle = series::joined(figure.subtitle, format!("points refused and left out: {points}"));
    }
    Ok(figure)
}

/// How many points were refused, each of which has a row for each of its repeats.
fn refused_points(results: &Results) -> usize {
    let rows = results.rows().filter(|row| row.refused());
    match (results.find("point"), results.find("file")) {
        (Some(point), file) => {
            rows.map(|row| (row.cell(point).key(), file.map(|at| row.cell(at).key()))).collect::<HashSet<_>>().len()
        }
        (None, _) => rows.count(),
    }
}

/// Refuses more names along an axis than anybody reads.
fn few_names(results: &Results, at: usize) -> Result<(), PlotError> {
    let (name, count) = (results.name(at), results.count(at));
    if count > heatmap::MOST {
        return Err(PlotError::Nothing(format!(
            "`{name}` has {count} values, and an axis has room for {} names; choose some with `--where`, or draw another \
             `--kind`",
            heatmap::MOST
        )));
    }
    Ok(())
}

fn of_runs(results: &Results, request: &Request) -> Result<Figure, PlotError> {
    let kind = request.kind.unwrap_or_else(|| Kind::of(results));
    request.suits(kind)?;
    match kind {
        Kind::Line => line::figure(results, request),
        Kind::Heatmap => heatmap::figure(results, request),
        Kind::Cdf => cdf::figure(results, request),
        Kind::Frontier => frontier::figure(results, request),
        Kind::Bars => bars::figure(results, request),
        Kind::Timeline => Err(PlotError::Nothing(
            "a timeline is drawn of what `precopy run --timeline FILE` writes; these are results without instants"
                .to_owned(),
        )),
    }
}

/// Figures that are drawn where no other is asked for.
const DRAWN: [&str; 4] = ["verdict", "total_time_ms", "downtime_ms", "guest_slowdown_pct"];

/// Reads result files as one table, their names in a column `file` where there are several: of their figures those that the
/// picture or a filter needs.
///
/// # Errors
/// A file that cannot be read.
pub fn read(paths: &[impl AsRef<Path>], request: &Request, filters: &[Filter]) -> Result<Results, PlotError> {
    let asked = [&request.x, &request.y, &request.value, &request.group, &request.facet].into_iter().flatten();
    let asked: Vec<&String> = asked.chain(filters.iter().map(|filter| &filter.column)).collect();
    let wanted = |name: &str| match column::metric(name) {
        Some(metric) => DRAWN.contains(&metric.key) || asked.iter().any(|asked| column::are_siblings(asked, name)),
        None => true,
    };
    let read = |path: &Path| Results::read_columns(path, &wanted).map(|results| (name(path), results));
    Ok(together(paths.iter().map(|path| read(path.as_ref())).collect::<Result<_, _>>()?))
}

/// Results with their files' names as one table.
pub fn together(files: Vec<(String, Results)>) -> Results {
    let several = files.len() > 1;
    files.into_iter().fold(Results::default(), |mut all, (name, mut results)| {
        if several {
            results.mark("file", &name);
        }
        all.append(results);
        all
    })
}

/// The name under which a file stands in a legend.
pub fn name(path: &Path) -> String {
    shown(&path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy()).into_owned()
}

/// The instants of the migration in `file`, or of the only one.
///
/// # Errors
/// A column is missing, or a value is none that a timeline has.
pub fn timeline(results: &Results, file: Option<&String>) -> Result<Timeline, PlotError> {
    let from = results.find("file");
    let own = |row: &ResultRow| match (from, file) {
        (Some(at), Some(file)) => row.cell(at).word() == Some(file),
        _ => true,
    };
    let header: csv::StringRecord = results.names().collect();
    let rows = results.rows().filter(own).map(|row| {
        let record: csv::StringRecord = row.cells().map(|cell| cell.to_string()).collect();
        record.deserialize(Some(&header))
    });
    let rows = rows.collect::<Result<_, csv::Error>>();
    rows.map(|rows| Timeline { rows, ..Timeline::default() })
        .map_err(|error| PlotError::Nothing(format!("this is no timeline: {error}")))
}

/// With a capital, as titles are.
fn titled(request: &Request, text: String) -> String {
    if let Some(title) = &request.title {
        return shown(title).into_owned();
    }
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => text,
    }
}

/// `total time over link bandwidth`.
fn over(y: &str, x: &str) -> String {
    format!("{} over {}", column::label(y), column::label(x))
}
