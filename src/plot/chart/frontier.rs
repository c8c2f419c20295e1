//! Two costs against each other: choices that no other choice beats in both are joined.

use super::series::*;
use super::stat::Stat;
use super::{Request, titled};
use crate::plot::PlotError;
use crate::plot::figure::{Figure, Inside, Key, Look, Mark, Shape};
use crate::plot::scale::Scale;
use crate::plot::style;
use crate::plot::thin;
use crate::results::{GroupedRows, ResultRow, Results, column};

/// Draws it.
pub(super) fn figure(results: &Results, request: &Request) -> Result<Figure, PlotError> {
    let x = figures(results, &request.x, "guest_slowdown_pct")?;
    let y = figures(results, &request.y, "downtime_ms")?;
    if results.is_key(x) && results.is_key(y) {
        return Err(PlotError::Nothing(format!(
            "a `frontier` holds two figures against each other, and `{}` and `{}` were varied; the frontier of \
             convergence over them is in a `heatmap`",
            results.name(x),
            results.name(y)
        )));
    }
    // Words first: they make no axis.
    let few = open_choices(results, request).into_iter().rev().find(|at| results.count(*at) <= Look::COUNT);
    let group = chosen(results, &request.group, few)?;
    let facet = chosen(results, &request.facet, None)?;
    let parts = parts(results, facet, group)?;
    let keys = results.choices();
    let numbers = results.combinations(&keys);
    let points: Vec<Vec<Choice>> = parts.iter().map(|part| Choice::all(results, [x, y], &numbers, part)).collect();
    let bests: Vec<Vec<usize>> = points.iter().map(|choices| best(choices)).collect();
    let all = || points.iter().flatten();
    let scale = |at: usize, spread, pick: fn(&Choice) -> f64| {
        let name = results.name(at);
        let zero = Scale::reach_zero(all().map(pick));
        Scale::of(&column::label(name), column::unit(name), all().map(pick), spread, zero)
    };
    let (x_scale, y_scale) = (scale(x, request.x_scale, |choice| choice.at.0), scale(y, request.y_scale, |c| c.at.1));
    let crowded = all().count() > 400;
    let strip = all().any(|choice| choice.at.1.is_infinite());
    let places: Vec<_> = (points.iter().enumerate())
        .flat_map(|(panel, choices)| {
            choices.iter().map(move |choice| (choice.at, (panel, choice.series, choice.inside())))
        })
        .collect();
    let seen = thin::seen(&places, &x_scale, &y_scale);
    let (mut drawn, mut rest) = (0, &seen[..]);
    let panels = parts.iter().zip(points.iter().zip(&bests)).map(|(part, (choices, best))| {
        let seen = rest.split_off(..choices.len()).unwrap_or_default();
        let mut marks = Vec::new();
        if best.len() > 1 {
            marks.push(Mark::Line(best.iter().map(|at| choices[*at].at).collect(), JOINED));
        }
        let mut is_best = vec![false; choices.len()];
        best.iter().for_each(|at| is_best[*at] = true);
        // The best on top of the others.
        for top in [false, true] {
            let on_top = |at: usize| is_best[at] == top && (top || seen[at]);
            for (_, choice) in choices.iter().enumerate().filter(|(at, _)| on_top(*at)) {
                drawn += 1;
                let weight = match (top, crowded) {
                    (true, _) => 1.3,
                    (false, false) => 0.8,
                    (false, true) => 0.45,
                };
                let look = Look { weight, ..part.series[choice.series].look };
                let says = choice.says(results, [x, y], &keys);
                marks.push(Mark::Point { at: choice.at, look, inside: choice.inside(), says });
            }
        }
        panel(part.title.clone(), y_scale.clone(), strip, marks)
    });
    let panels = panels.collect();
    let thinned = thin::note(drawn, places.len());
    let mut legend = legend(results, group, &parts, |look| Key::Point(look, Inside::Full));
    if bests.iter().any(|best| best.len() > 1) {
        legend.entries.push((Key::Curve(JOINED), "best choices".to_owned()));
    } else if bests.iter().any(|best| !best.is_empty()) {
        let look = Look { weight: 1.3, ..JOINED };
        legend.entries.push((Key::Point(look, Inside::Full), "best choice: nothing beats it in either".to_owned()));
    }
    let stats: Vec<&Stat> = all().flat_map(|choice| &choice.stats).collect();
    let partial = all().filter(|choice| !choice.open).flat_map(|choice| &choice.stats);
    let open = all().any(|choice| choice.open);
    name_signs(&mut legend, (open, sign(Inside::Nothing)), partial, sign(Inside::Half));
    let axes: Vec<Option<usize>> = results.axes().into_iter().map(Some).collect();
    let form = form(results, &axes, "median", "");
    // A figure that all runs have is told apart from one that some have.
    let drawn_of = |axis: usize| all().filter(|choice| !choice.open).map(move |choice| &choice.stats[axis]);
    let is_of_all = [0, 1].map(|axis| drawn_of(axis).all(|stat| stat.of == stat.runs));
    let note = match is_of_all.iter().position(|of_all| !of_all) {
        Some(part) if is_of_all[1 - part] => {
            let [part_name, other] = [part, 1 - part].map(|axis| column::label(results.name([x, y][axis])));
            let form = format!("{form} {part_name}");
            let stats: Vec<&Stat> = all().map(|choice| &choice.stats[part]).collect();
            let note = note(results, &axes, &[x, y], &stats, Stat::mostly_finished, form.trim_start());
            joined(note, format!("{other} over all runs"))
        }
        _ => note(results, &axes, &[x, y], &stats, Stat::mostly_finished, form),
    };
    let note = joined(note, thinned);
    let title = format!("{} against {}", column::label(results.name(y)), column::label(results.name(x)));
    Ok(of_panels(titled(request, title), note, legend, x_scale, panels))
}

const JOINED: Look =
    Look { colour: style::SOFT_INK, shape: Shape::Circle, hollow: false, dash: Some((3.0, 2.0)), weight: 0.8 };

/// One point of the sweep: the medians of its repeats.
struct Choice<'a> {
    at: (f64, f64),
    open: bool,
    /// Its number within the panel.
    series: usize,
    /// Both costs.
    stats: [Stat; 2],
    /// The first of its rows.
    row: ResultRow<'a>,
}

impl<'a> Choice<'a> {
    /// Every combination of values of the keys that was varied; rows of one have the same of `numbers`.
    fn all(results: &Results, axes: [usize; 2], numbers: &[u64], part: &Part<'a>) -> Vec<Choice<'a>> {
        let mut all = Vec::new();
        for (number, series) in part.series.iter().enumerate() {
            for rows in GroupedRows::of(&series.rows, numbers).groups() {
                let stats = axes.map(|at| Stat::of(results, rows, at));
                // As converged as most of its runs.
                let open = !stats[1].mostly_finished();
                // Its mark has the place of the same runs that it tells of.
                let stats = if open { stats.map(Stat::without_end) } else { stats };
                let middle = |stat: &Stat| stat.interval.map(|interval| interval.middle).or(stat.unfinished);
                // Without a figure there is no place for it.
                let (Some(across), Some(up)) = (middle(&stats[0]), middle(&stats[1])) else { continue };
                all.push(Choice { at: (across, up), open, series: number, stats, row: rows[0] });
            }
        }
        all
    }

    /// How its mark looks.
    fn inside(&self) -> Inside {
        match self.open {
            true => Inside::Nothing,
            false if self.stats.iter().any(Stat::is_partial) => Inside::Half,
            false => Inside::Full,
        }
    }

    /// Its values of `keys`, and what it costs.
    fn says(&self, results: &Results, axes: [usize; 2], keys: &[usize]) -> String {
        let name = |at: &usize| results.name(*at);
        let key = |at| format!("{} {}", column::label(name(at)), column::show(name(at), self.row.cell(*at)));
        let mut says: Vec<String> = keys.iter().map(key).collect();
        let [x, y] = [0, 1].map(|axis| self.stats[axis].says(name(&axes[axis])));
        says.push(x.lines().next().unwrap_or_default().to_owned());
        says.push(y);
        says.join("\n")
    }
}

/// Places of the choices that no other one beats in one cost without losing in the other, from left to right.
fn best(choices: &[Choice]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..choices.len()).filter(|at| !choices[*at].open).collect();
    order.sort_by(|a, b| {
        let (a, b) = (choices[*a].at, choices[*b].at);
        a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1))
    });
    let mut lowest = f64::INFINITY;
    order.retain(|at| {
        let lower = choices[*at].at.1 < lowest;
        lowest = lowest.min(choices[*at].at.1);
        lower
    });
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn best_is_what_nothing_beats_in_both() {
        let results = Results::from_csv("downtime_ms,total_time_ms\n1,1\n").unwrap();
        let row = results.row(0);
        let stats = [0, 1].map(|at| Stat::of(&results, &[row], at));
        let choice = |x: f64, y: f64, open| Choice { at: (x, y), open, series: 0, stats, row };
        let choices = [
            choice(5.0, 1.0, false),
            choice(1.0, 5.0, false),
            choice(3.0, 3.0, false),
            choice(4.0, 3.0, false),
            choice(0.0, 0.0, true),
            choice(1.0, 6.0, false),
        ];
        assert_eq!(best(&choices), [1, 2, 0]);
    }
}
