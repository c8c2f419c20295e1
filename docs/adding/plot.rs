//! Every run as a point, over the values of a choice: what `docs/adding/plot.md` shows. It would be
//! `src/plot/chart/strip.rs`.

use super::along::{Along, sorted};
use super::series::*;
use super::{Request, over, titled};
use crate::plot::PlotError;
use crate::plot::figure::{Figure, Inside, Key, Mark};
use crate::plot::scale::Scale;
use crate::results::{Results, column};

/// Draws it.
pub(super) fn figure(results: &Results, request: &Request) -> Result<Figure, PlotError> {
    let y = figures(results, &request.y, "total_time_ms")?;
    let first = open_choices(results, request).first().copied();
    let x = chosen(results, &request.x, first)?
        .ok_or_else(|| PlotError::Nothing("nothing varies in these results; name a column with `--x`".to_owned()))?;
    let (group, facet) = rest(results, request, &[x, y])?;
    let parts = parts(results, facet, group)?;
    let name = results.name(y);
    let along = Along::of(results, x, request.x_scale);
    let known = results.numbers(y);
    let scale = Scale::of(&column::label(name), column::unit(name), known, request.y_scale, true);
    let panels = parts.iter().map(|part| {
        let marks = part.series.iter().flat_map(|series| points(results, series, x, y, &along)).collect();
        panel(part.title.clone(), scale.clone(), false, marks)
    });
    let panels = panels.collect();
    let mut legend = legend(results, group, &parts, |look| Key::Point(look, Inside::Full));
    let open = results.rows().any(|row| !row.finished());
    name_signs(&mut legend, (open, sign(Inside::Nothing)), std::iter::empty(), sign(Inside::Half));
    let title = titled(request, over(name, results.name(x)));
    Ok(of_panels(title, "a point for each run".to_owned(), legend, along.scale, panels))
}

/// A point for each run of a series; open where it did not come to an end.
fn points(results: &Results, series: &Series, x: usize, y: usize, along: &Along) -> Vec<Mark> {
    let name = results.name(y);
    let columns = sorted(results, &series.rows, x);
    let rows = columns.iter().enumerate().flat_map(|(at, rows)| rows.iter().map(move |row| (at, *row)));
    rows.filter_map(|(at, row)| {
        let says = format!("{}\n{} {}", series.name, column::label(name), column::show(name, row.cell(y)));
        let at = (along.place(at), row.number(y)?);
        let inside = if row.finished() { Inside::Full } else { Inside::Nothing };
        Some(Mark::Point { at, look: series.look, inside, says: says.trim().to_owned() })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_run_has_its_point() {
        let results = Results::parse(
            "qemu.max-cpu-throttle,verdict,total_time_ms\n20,not-converged,900\n20,converged,70\n80,converged,50\n",
        );
        let figure = figure(&results.unwrap(), &Request::default()).unwrap();
        let open =
            figure.panels[0].marks.iter().map(|mark| matches!(mark, Mark::Point { inside: Inside::Nothing, .. }));
        assert_eq!(open.collect::<Vec<_>>(), [true, false, false]);
    }
}
