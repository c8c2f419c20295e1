//! Shares of the runs that stay below a value: a step for each run.

use super::series::*;
use super::{Request, titled};
use crate::metrics::Unit;
use crate::plot::PlotError;
use crate::plot::figure::{Figure, Inside, Key, Look, Mark};
use crate::plot::scale::Scale;
use crate::plot::thin;
use crate::results::{Cell, Results, column};

/// Draws it.
pub(super) fn figure(results: &Results, request: &Request) -> Result<Figure, PlotError> {
    let x = figures(results, &request.x, "downtime_ms")?;
    let (group, facet) = rest(results, request, &[x])?;
    let parts = parts(results, facet, group)?;
    let name = results.name(x);
    let known = || results.rows().filter(|row| row.finished()).filter_map(|row| row.number(x));
    let zero = Scale::reaches_zero(known().fold(f64::INFINITY, f64::min), known().fold(0.0, f64::max));
    let scale = Scale::of(&column::label(name), column::unit(name), known(), request.x_scale, zero);
    let spread = Scale::of("share of the runs", Unit::Percent, [0.0, 100.0].into_iter(), request.y_scale, true);
    let panels = parts.iter().map(|part| {
        let marks = part.series.iter().flat_map(|series| steps(results, x, series, &scale)).collect();
        panel(part.title.clone(), spread.clone(), false, marks)
    });
    let panels = panels.collect();
    let mut legend = legend(results, group, &parts, Key::Curve);
    let open = results.rows().any(|row| !row.finished());
    name_signs(&mut legend, (open, sign(Inside::Nothing)), std::iter::empty(), sign(Inside::Half));
    let hidden = hidden(results, &[group, facet]);
    let over = if hidden.is_empty() { String::new() } else { format!("over {}", hidden.join(", ")) };
    let note = joined(over, left_out(results, &[x]));
    Ok(of_panels(titled(request, format!("distribution of {}", column::label(name))), note, legend, scale, panels))
}

/// The steps of a series. Runs without an end are never reached: the curve stays below 100 %, with an open mark.
fn steps(results: &Results, x: usize, series: &Series, scale: &Scale) -> Vec<Mark> {
    let to = scale.end();
    let name = results.name(x);
    let finished = series.rows.iter().filter(|row| row.finished());
    let mut values: Vec<f64> = finished.filter_map(|row| row.number(x)).collect();
    values.sort_by(f64::total_cmp);
    // A run that ended without such a figure is no run that would still reach one.
    let runs = series.rows.iter().filter(|row| !row.finished() || row.number(x).is_some()).count();
    if runs == 0 {
        return Vec::new();
    }
    let share = |count: usize| 100.0 * count as f64 / runs as f64;
    let mut curve = Vec::new();
    for (at, value) in values.iter().enumerate() {
        curve.extend([(*value, share(at)), (*value, share(at + 1))]);
    }
    curve.push((to, share(values.len())));
    let mut marks = vec![Mark::Line(thin::line(&curve, scale), series.look)];
    let heading = if series.name.is_empty() { String::new() } else { format!("{}\n", series.name) };
    let quantiles = [0.25, 0.5, 0.75].map(|share: f64| (share * runs as f64).ceil() as usize).into_iter();
    let mut marked: Vec<usize> = quantiles.filter(|rank| (1..=values.len()).contains(rank)).collect();
    marked.dedup();
    for rank in marked {
        let value = values[rank - 1];
        let says = format!(
            "{heading}{} %  of {runs} runs: {} at most {}",
            share(rank).round(),
            column::label(name),
            column::show(name, Cell::Number(value))
        );
        marks.push(Mark::Point {
            at: (value, share(rank)),
            look: Look { weight: 0.7, ..series.look },
            inside: Inside::Full,
            says,
        });
    }
    let lost = series.rows.iter().filter(|row| !row.finished()).count();
    if lost > 0 {
        let says = format!("{heading}{lost} of {runs} runs did not converge");
        marks.push(Mark::Point { at: (to, share(values.len())), look: series.look, inside: Inside::Nothing, says });
    }
    marks
}
