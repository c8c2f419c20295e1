//! A figure over an axis: a line for each group, a band for the interval over repeats.

use std::collections::BTreeMap;

use super::along::{Along, sorted};
use super::band::Band;
use super::series::*;
use super::stat::Stat;
use super::{Request, few_names, over, titled};
use crate::metrics::Unit;
use crate::plot::PlotError;
use crate::plot::figure::{Dot, Figure, Inside, Key, Mark};
use crate::plot::scale::Scale;
use crate::plot::thin;
use crate::results::{Results, column};

/// Draws it.
pub(super) fn figure(results: &Results, request: &Request) -> Result<Figure, PlotError> {
    let first = open_choices(results, request).first().copied();
    let x = chosen(results, &request.x, first)?
        .ok_or_else(|| PlotError::Nothing("nothing varies in these results; name a column with `--x`".to_owned()))?;
    let band = request.band.unwrap_or_default();
    let y = band.middle(results, &request.y, "total_time_ms")?;
    let along = Along::of(results, x, request.x_scale);
    if along.scale.has_names() {
        few_names(results, x)?;
    }
    let curves = |parts: &[Part]| -> Vec<Vec<Curve>> {
        let of_part =
            |part: &Part| part.series.iter().map(|series| Curve::of(results, &along, x, y, band, series)).collect();
        parts.iter().map(of_part).collect()
    };
    let (mut group, mut facet) = rest(results, request, &[x, y])?;
    let mut sorted_in = parts(results, facet, group)?;
    let mut drawn = curves(&sorted_in);
    if let (None, None, Some(at)) = (request.band, facet, group)
        && results.count(at) <= PANELS
        && drawn.iter().any(|curves| overlap(curves))
    {
        (group, facet) = (None, Some(at));
        sorted_in = parts(results, facet, group)?;
        drawn = curves(&sorted_in);
    }
    let (parts, curves) = (sorted_in, drawn);
    let stats = || curves.iter().flatten().flat_map(|curve| &curve.steps).map(|step| &step.stat);
    let known = |stat: &Stat| stat.interval.into_iter().flat_map(|i| [i.low, i.middle, i.high]).chain(stat.unfinished);
    let values: Vec<f64> = stats().flat_map(|stat| known(stat).collect::<Vec<_>>()).collect();
    let (name, unit) = (results.name(y), column::unit(results.name(y)));
    // Of a share it matters how far from nothing it is.
    let zero = unit == Unit::Percent || Scale::reach_zero(values.iter().copied());
    let scale = Scale::of(&column::label(name), unit, values.into_iter(), request.y_scale, zero);
    let strip = stats().any(|stat| stat.unfinished == Some(f64::INFINITY));
    let places: Vec<_> = curves
        .iter()
        .enumerate()
        .flat_map(|(panel, curves)| {
            let series = curves.iter().enumerate();
            series.flat_map(move |(number, curve)| {
                curve.points().map(move |(_, at, inside)| (at, (panel, number, inside)))
            })
        })
        .collect();
    let seen = thin::seen(&places, &along.scale, &scale);
    let drawn = seen.iter().filter(|seen| **seen).count();
    let mut seen = seen.iter();
    let panels = parts.iter().zip(&curves).map(|(part, curves)| {
        let (mut marks, mut points) = (Vec::new(), Vec::new());
        for (series, curve) in part.series.iter().zip(curves) {
            marks.extend(curve.lines(series, &along.scale));
            let seen = curve.points().zip(&mut seen).filter(|(_, seen)| **seen);
            let dots = seen.map(|((step, at, inside), _)| Dot {
                at,
                inside,
                says: step.says(results, &along, [x, y], series),
            });
            points.push(Mark::Dots(dots.collect(), series.look));
        }
        marks.extend(points);
        panel(part.title.clone(), scale.clone(), strip, marks)
    });
    let panels = panels.collect();
    let mut legend = legend(results, group, &parts, Key::Line);
    let open = stats().any(|stat| stat.unfinished.is_some());
    name_signs(&mut legend, (open, sign(Inside::Nothing)), stats(), sign(Inside::Half));
    let all: Vec<&Stat> = stats().collect();
    let shown = [Some(x), group, facet];
    let of_summary = if all.iter().any(|stat| stat.has_width()) { band.of_summary() } else { "" };
    let form = form(results, &shown, band.of_runs(), of_summary);
    let note = note(results, &shown, &[y], &all, |_| true, form);
    let note = joined(note, thin::note(drawn, places.len()));
    let title = titled(request, over(name, results.name(x)));
    Ok(of_panels(title, note, legend, along.scale.clone(), panels))
}

/// So many bands over each other are not told apart.
const CROWD: usize = 4;

/// Whether a crowd of bands lies over each other at a quarter of the places and more.
fn overlap(curves: &[Curve]) -> bool {
    let mut places: BTreeMap<usize, Vec<(f64, f64)>> = BTreeMap::new();
    for step in curves.iter().flat_map(|curve| &curve.steps).filter(|step| step.stat.has_width()) {
        places.entry(step.value).or_default().extend(step.stat.interval.map(|interval| (interval.low, interval.high)));
    }
    // Of bands over each other, one begins within all others.
    let crowded = |bands: &Vec<(f64, f64)>| {
        let over = |(low, _): &(f64, f64)| bands.iter().filter(|band| (band.0..=band.1).contains(low)).count();
        bands.iter().any(|band| over(band) >= CROWD)
    };
    4 * places.values().filter(|bands| crowded(bands)).count() > places.len()
}

/// A series along the axis.
struct Curve {
    steps: Vec<Step>,
}

/// What the runs of a series have at a value of the axis.
struct Step {
    /// Number of the value.
    value: usize,
    place: f64,
    stat: Stat,
}

impl Curve {
    fn of(results: &Results, along: &Along, x: usize, y: usize, band: Band, series: &Series) -> Curve {
        let rows = sorted(results, &series.rows, x);
        let steps = rows.iter().enumerate().filter(|(_, rows)| !rows.is_empty()).map(|(value, rows)| Step {
            value,
            place: along.place(value),
            stat: Stat::within(results, rows, y, band),
        });
        Curve { steps: steps.collect() }
    }

    /// The line, dashed where it leads to runs that did not come to an end, and the band.
    fn lines(&self, series: &Series, x: &Scale) -> Vec<Mark> {
        let height = |step: &Step| step.stat.interval.map(|interval| interval.middle).or(step.stat.unfinished);
        // What has no height, as what has no end, breaks the line.
        let places = self.steps.iter().map(|step| (step.place, height(step).unwrap_or(f64::INFINITY)));
        let places: Vec<_> = places.collect();
        let mut seen = thin::line(&places, x).into_iter().peekable();
        let steps = self.steps.iter().zip(&places).filter(|(_, place)| seen.next_if_eq(place).is_some());
        let steps: Vec<&Step> = steps.map(|(step, _)| step).collect();
        let mut marks = Vec::new();
        for stretch in steps.chunk_by(|a, b| a.stat.interval.is_some() == b.stat.interval.is_some()) {
            let band = stretch.iter().filter_map(|step| step.stat.interval.map(|i| (step.place, i.low, i.high)));
            let band: Vec<_> = band.collect();
            if band.len() > 1 && band.iter().any(|point| point.1 < point.2) {
                marks.push(Mark::Band(band, series.look.colour));
            }
        }
        // Pieces of the same kind are one line, so that dashes run on.
        let mut pieces: Vec<(bool, Vec<(f64, f64)>)> = Vec::new();
        for pair in steps.windows(2) {
            let (Some(from), Some(to)) = (height(pair[0]), height(pair[1])) else { continue };
            if !(from.is_finite() && to.is_finite()) {
                continue;
            }
            let open = pair.iter().any(|step| step.stat.interval.is_none());
            let (start, end) = ((pair[0].place, from), (pair[1].place, to));
            match pieces.last_mut() {
                Some((kind, points)) if *kind == open && points.last() == Some(&start) => points.push(end),
                _ => pieces.push((open, vec![start, end])),
            }
        }
        let look = |open: bool| if open { series.look.dashed() } else { series.look };
        marks.extend(pieces.into_iter().map(|(open, points)| Mark::Line(points, look(open))));
        marks
    }

    /// Where its points are: filled ones for runs that have the figure, half filled ones where only some have it, open ones for
    /// those that did not come to an end.
    fn points(&self) -> impl Iterator<Item = (&Step, (f64, f64), Inside)> {
        self.steps.iter().flat_map(|step| {
            let stat = &step.stat;
            let median = stat.interval.map(|interval| interval.middle);
            let heights = [(median, stat.inside()), (stat.unfinished, Inside::Nothing)];
            heights.into_iter().filter_map(move |(height, inside)| Some((step, (step.place, height?), inside)))
        })
    }
}

impl Step {
    fn says(&self, results: &Results, along: &Along, axes: [usize; 2], series: &Series) -> String {
        let [x, y] = axes.map(|at| results.name(at));
        let heading = if series.name.is_empty() { String::new() } else { format!("{}\n", series.name) };
        let at = column::show(x, along.values[self.value]);
        format!("{heading}{} {at}\n{}", column::label(x), self.stat.says(y))
    }
}
