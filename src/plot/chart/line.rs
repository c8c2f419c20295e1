//! A figure over an axis: a line for each group, a band for the interval over repeats.

use super::along::{Along, sorted};
use super::series::*;
use super::stat::Stat;
use super::{Request, few_names, over, titled};
use crate::plot::PlotError;
use crate::plot::figure::{Figure, Inside, Key, Mark};
use crate::plot::scale::Scale;
use crate::plot::thin;
use crate::results::{Results, column};

/// Draws it.
pub(super) fn figure(results: &Results, request: &Request) -> Result<Figure, PlotError> {
    let first = open_choices(results, request).first().copied();
    let x = chosen(results, &request.x, first)?
        .ok_or_else(|| PlotError::Nothing("nothing varies in these results; name a column with `--x`".to_owned()))?;
    let y = figures(results, &request.y, "total_time_ms")?;
    let (group, facet) = rest(results, request, &[x, y])?;
    let parts = parts(results, facet, group)?;
    let along = Along::of(results, x, request.x_scale);
    if along.scale.has_names() {
        few_names(results, x)?;
    }
    let curves: Vec<Vec<Curve>> = parts
        .iter()
        .map(|part| part.series.iter().map(|series| Curve::of(results, &along, x, y, series)).collect())
        .collect();
    let stats = || curves.iter().flatten().flat_map(|curve| &curve.steps).map(|step| &step.stat);
    let values =
        stats().flat_map(|stat| stat.interval.into_iter().flat_map(|i| [i.p5, i.median, i.p95]).chain(stat.unfinished));
    let name = &results.columns[y];
    let scale = Scale::of(&column::label(name), column::unit(name), values, request.y_scale, true);
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
            points.extend(seen.map(|((step, at, inside), _)| Mark::Point {
                at,
                look: series.look,
                inside,
                says: step.says(results, &along, [x, y], series),
            }));
        }
        marks.extend(points);
        panel(part.title.clone(), scale.clone(), strip, marks)
    });
    let panels = panels.collect();
    let mut legend = legend(results, group, &parts, Key::Line);
    let open = stats().any(|stat| stat.unfinished.is_some());
    name_signs(&mut legend, (open, sign(Inside::Nothing)), stats(), sign(Inside::Half));
    let all: Vec<&Stat> = stats().collect();
    let note = note(results, &[Some(x), group, facet], &[y], &all, |_| true, "median, band from 5 % to 95 %");
    let note = joined(note, thin::note(drawn, places.len()));
    let title = titled(request, over(name, &results.columns[x]));
    Ok(of_panels(title, note, legend, along.scale.clone(), panels))
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
    fn of(results: &Results, along: &Along, x: usize, y: usize, series: &Series) -> Curve {
        let rows = sorted(&series.rows, x, &along.values);
        let steps = rows.iter().enumerate().filter(|(_, rows)| !rows.is_empty()).map(|(value, rows)| Step {
            value,
            place: along.place(value),
            stat: Stat::of(results, rows, y),
        });
        Curve { steps: steps.collect() }
    }

    /// The line, dashed where it leads to runs that did not come to an end, and the band.
    fn lines(&self, series: &Series, x: &Scale) -> Vec<Mark> {
        let height = |step: &Step| step.stat.interval.map(|interval| interval.median).or(step.stat.unfinished);
        // What has no height, as what has no end, breaks the line.
        let places = self.steps.iter().map(|step| (step.place, height(step).unwrap_or(f64::INFINITY)));
        let places: Vec<_> = places.collect();
        let mut seen = thin::line(&places, x).into_iter().peekable();
        let steps = self.steps.iter().zip(&places).filter(|(_, place)| seen.next_if_eq(place).is_some());
        let steps: Vec<&Step> = steps.map(|(step, _)| step).collect();
        let mut marks = Vec::new();
        for stretch in steps.chunk_by(|a, b| a.stat.interval.is_some() == b.stat.interval.is_some()) {
            let band = stretch.iter().filter_map(|step| step.stat.interval.map(|i| (step.place, i.p5, i.p95)));
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
            let median = stat.interval.map(|interval| interval.median);
            let heights = [(median, stat.inside()), (stat.unfinished, Inside::Nothing)];
            heights.into_iter().filter_map(move |(height, inside)| Some((step, (step.place, height?), inside)))
        })
    }
}

impl Step {
    fn says(&self, results: &Results, along: &Along, axes: [usize; 2], series: &Series) -> String {
        let [x, y] = axes.map(|at| results.columns[at].as_str());
        let heading = if series.name.is_empty() { String::new() } else { format!("{}\n", series.name) };
        let at = column::show(x, &along.values[self.value]);
        format!("{heading}{} {at}\n{}", column::label(x), self.stat.says(y))
    }
}
