//! A figure over an axis: a line for each group, a band for the interval over repeats.

use super::along::{Along, sorted};
use super::series::*;
use super::stat::Stat;
use super::{Request, over, titled};
use crate::plot::PlotError;
use crate::plot::figure::{Figure, Key, Mark};
use crate::plot::scale::Scale;
use crate::report::results::{Results, column};

/// Draws it.
pub(super) fn figure(results: &Results, request: &Request) -> Result<Figure, PlotError> {
    let first = open_choices(results, request).first().copied();
    let x = chosen(results, &request.x, first)?
        .ok_or_else(|| PlotError::Nothing("nothing varies in these results; name a column with `--x`".to_owned()))?;
    let y = figures(results, &request.y, "total_time_ms")?;
    let (group, facet) = rest(results, request, &[x, y])?;
    let parts = parts(results, facet, group)?;
    let along = Along::of(results, x, request.x_scale);
    let drawn: Vec<(String, Vec<Mark>, Vec<Stat>)> = parts
        .iter()
        .map(|part| {
            let (mut marks, mut points, mut stats) = (Vec::new(), Vec::new(), Vec::new());
            for series in &part.series {
                let curve = Curve::of(results, &along, x, y, series);
                stats.extend(curve.steps.iter().map(|step| step.1));
                marks.extend(curve.lines(series));
                points.extend(curve.points(results, y, series));
            }
            marks.extend(points);
            (part.title.clone(), marks, stats)
        })
        .collect();
    let stats = || drawn.iter().flat_map(|panel| &panel.2);
    let values =
        stats().flat_map(|stat| stat.interval.into_iter().flat_map(|i| [i.p5, i.median, i.p95]).chain(stat.unfinished));
    let name = &results.columns[y];
    let scale = Scale::of(&column::label(name), column::unit(name), values, request.y_scale, true);
    let strip = stats().any(|stat| stat.unfinished == Some(f64::INFINITY));
    let most = stats().map(|stat| stat.runs).max().unwrap_or(0);
    let panels = drawn.iter().map(|(title, marks, _)| panel(title.clone(), scale.clone(), strip, marks.clone()));
    let mut legend = legend(results, group, &parts, Key::Line);
    name_open(&mut legend, open_key(), &results.rows, results);
    let note = note(results, &[Some(x), group, facet], &[y], most, "median, band from 5 % to 95 %");
    let title = titled(request, over(name, &results.columns[x]));
    Ok(of_panels(title, note, legend, along.scale.clone(), panels.collect()))
}

/// A series along the axis: where, and what its runs have there.
struct Curve {
    steps: Vec<(f64, Stat, String)>,
}

impl Curve {
    fn of(results: &Results, along: &Along, x: usize, y: usize, series: &Series) -> Curve {
        let name = &results.columns[x];
        let rows = sorted(&series.rows, x, &along.values);
        let steps = rows.iter().enumerate().filter(|(_, rows)| !rows.is_empty()).map(|(at, rows)| {
            let says = format!("{} {}", column::label(name), column::show(name, &along.values[at]));
            (along.place(at), Stat::of(results, rows, y), says)
        });
        Curve { steps: steps.collect() }
    }

    /// The line, dashed where it leads to runs that did not come to an end, and the band.
    fn lines(&self, series: &Series) -> Vec<Mark> {
        let mut marks = Vec::new();
        for stretch in self.steps.chunk_by(|a, b| a.1.interval.is_some() == b.1.interval.is_some()) {
            let band = stretch.iter().filter_map(|(x, stat, _)| stat.interval.map(|i| (*x, i.p5, i.p95)));
            let band: Vec<_> = band.collect();
            if band.len() > 1 && band.iter().any(|point| point.1 < point.2) {
                marks.push(Mark::Band(band, series.look.colour));
            }
        }
        let height = |stat: &Stat| stat.interval.map(|interval| interval.median).or(stat.unfinished);
        // Pieces of the same kind are one line, so that dashes run on.
        let mut pieces: Vec<(bool, Vec<(f64, f64)>)> = Vec::new();
        for pair in self.steps.windows(2) {
            let (Some(from), Some(to)) = (height(&pair[0].1), height(&pair[1].1)) else { continue };
            if !(from.is_finite() && to.is_finite()) {
                continue;
            }
            let open = pair.iter().any(|step| step.1.interval.is_none());
            let (start, end) = ((pair[0].0, from), (pair[1].0, to));
            match pieces.last_mut() {
                Some((kind, points)) if *kind == open && points.last() == Some(&start) => points.push(end),
                _ => pieces.push((open, vec![start, end])),
            }
        }
        let look = |open: bool| if open { series.look.dashed() } else { series.look };
        marks.extend(pieces.into_iter().map(|(open, points)| Mark::Line(points, look(open))));
        marks
    }

    /// Filled points for runs that came to an end, open ones for those that did not.
    fn points(&self, results: &Results, y: usize, series: &Series) -> Vec<Mark> {
        let mut marks = Vec::new();
        for (place, stat, at) in &self.steps {
            let mut says = at.clone();
            if !series.name.is_empty() {
                says = format!("{}\n{says}", series.name);
            }
            let says = format!("{says}\n{}", stat.says(&results.columns[y]));
            let heights = [(stat.interval.map(|interval| interval.median), false), (stat.unfinished, true)];
            for (height, open) in heights {
                if let Some(height) = height {
                    marks.push(Mark::Point { at: (*place, height), look: series.look, open, says: says.clone() });
                }
            }
        }
        marks
    }
}
