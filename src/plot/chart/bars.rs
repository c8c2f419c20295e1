//! A figure for each of some choices, side by side.

use super::along::sorted;
use super::series::*;
use super::stat::Stat;
use super::{Request, few_names, over, titled};
use crate::plot::PlotError;
use crate::plot::figure::{Figure, Fill, Inside, Key, Mark, Tone};
use crate::plot::scale::{Scale, Spread};
use crate::plot::style;
use crate::results::{Results, column};

/// Draws it.
pub(super) fn figure(results: &Results, request: &Request) -> Result<Figure, PlotError> {
    let y = figures(results, &request.y, "total_time_ms")?;
    // Words first: they make no axis.
    let first = open_choices(results, request).last().copied();
    let x = chosen(results, &request.x, first)?
        .ok_or_else(|| PlotError::Nothing("nothing varies in these results; name a column with `--x`".to_owned()))?;
    few_names(results, x)?;
    let (group, facet) = rest(results, request, &[x, y])?;
    let parts = parts(results, facet, group)?;
    let (x_name, name) = (results.name(x), results.name(y));
    let values = results.values(x);
    let mut stats = Vec::new();
    for part in &parts {
        for series in &part.series {
            stats.extend(sorted(results, &series.rows, x).iter().map(|rows| Stat::of(results, rows, y)));
        }
    }
    let tops: Vec<f64> = stats.iter().flat_map(Stat::reach).filter(|top| top.is_finite()).collect();
    let (low, high) = tops.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), top| (low.min(*top), high.max(*top)));
    let points = match request.y_scale {
        Spread::Auto => Scale::is_wide(low, high),
        Spread::Linear => false,
        Spread::Log => low > 0.0,
    };
    // A bar begins at nothing, which a logarithmic axis does not have.
    let spread = if points { Spread::Log } else { Spread::Linear };
    let ends = stats.iter().filter(|stat| points && stat.mostly_finished()).filter_map(|stat| Some(stat.interval?.low));
    let scale = Scale::of(&column::label(name), column::unit(name), tops.into_iter().chain(ends), spread, true);
    let strip = stats.iter().flat_map(Stat::reach).any(f64::is_infinite);
    let mut stats_of = stats.chunks(values.len());
    let panels = parts.iter().map(|part| {
        let mut marks = Vec::new();
        if points {
            // Every second place is shaded, as no bars show which points are side by side.
            marks.extend((0..values.len()).skip(1).step_by(2).map(|at| Mark::Shade(at as f64, at as f64 + 1.0)));
        }
        let width = 0.8 / part.series.len() as f64;
        for (number, series) in part.series.iter().enumerate() {
            for (at, stat) in stats_of.next().unwrap_or_default().iter().enumerate() {
                let left = at as f64 + 0.1 + width * number as f64;
                let heading = if series.name.is_empty() { String::new() } else { format!("{}\n", series.name) };
                let says = format!(
                    "{heading}{} {}\n{}",
                    column::label(x_name),
                    column::show(x_name, values[at]),
                    if stat.mostly_finished() { *stat } else { stat.without_end() }.says(name)
                );
                let place = (left, left + width);
                marks.extend(if points { point(place, stat, series, says) } else { bar(place, stat, series, says) });
            }
        }
        panel(part.title.clone(), scale.clone(), strip, marks)
    });
    let panels = panels.collect();
    let mut legend = legend(
        results,
        group,
        &parts,
        match points {
            true => |look| Key::Point(look, Inside::Full),
            false => |look| Key::Box(Fill::Plain(look.tone())),
        },
    );
    let open = stats.iter().any(|stat| stat.runs > 0 && !stat.mostly_finished());
    let drawn = stats.iter().filter(|stat| stat.mostly_finished());
    let boxes = [Fill::Striped(Tone::plain(style::INK)), Fill::Partly(Tone::plain(style::SOFT_INK))].map(Key::Box);
    let [open_key, part_key] = if points { [sign(Inside::Nothing), sign(Inside::Half)] } else { boxes };
    name_signs(&mut legend, (open, open_key), drawn, part_key);
    let all: Vec<&Stat> = stats.iter().collect();
    let shown = [Some(x), group, facet];
    let of_summary = if all.iter().any(|stat| stat.has_width()) { "whiskers from 5 % to 95 %" } else { "" };
    let form = form(results, &shown, "median, whiskers from 5 % to 95 %", of_summary);
    let note = note(results, &shown, &[y], &all, Stat::mostly_finished, form);
    let names = Scale::of_names(&column::label(x_name), values.iter().map(|value| column::show(x_name, *value)));
    Ok(of_panels(titled(request, over(name, x_name)), note, legend, names, panels))
}

/// A bar as high as the median; striped, and as high as is known, where most runs did not come to an end.
fn bar((left, right): (f64, f64), stat: &Stat, series: &Series, says: String) -> Vec<Mark> {
    let boxed = |top: f64, fill: Fill| Mark::Box { x: (left, right), y: (0.0, top), fill, says: says.clone() };
    let tone = series.look.tone();
    match (stat.interval, stat.unfinished) {
        (Some(interval), _) if stat.mostly_finished() => {
            let fill = if stat.is_partial() { Fill::Partly(tone) } else { Fill::Plain(tone) };
            let mut marks = vec![boxed(interval.middle, fill)];
            if let Some(ends) = interval.whisker() {
                let over = Some((interval.middle, tone.colour));
                marks.push(Mark::Whisker((left + right) / 2.0, ends, over));
            }
            marks
        }
        (_, Some(height)) => vec![boxed(height, Fill::Striped(tone))],
        _ => Vec::new(),
    }
}

/// The same as a point, for figures that no axis from zero shows together.
fn point((left, right): (f64, f64), stat: &Stat, series: &Series, says: String) -> Vec<Mark> {
    let place = (left + right) / 2.0;
    let marked =
        |height: f64, inside: Inside, says| Mark::Point { at: (place, height), look: series.look, inside, says };
    match (stat.interval, stat.unfinished) {
        (Some(interval), _) if stat.mostly_finished() => {
            let whisker = interval.whisker().map(|ends| Mark::Whisker(place, ends, None));
            whisker.into_iter().chain([marked(interval.middle, stat.inside(), says)]).collect()
        }
        (_, Some(height)) => vec![marked(height, Inside::Nothing, says)],
        _ => Vec::new(),
    }
}
