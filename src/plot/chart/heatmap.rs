//! A figure over two axes, in colours, with the border between what converges and what does not.

use super::along::{growth, sorted};
use super::series::*;
use super::stat::Stat;
use super::{Request, titled};
use crate::plot::PlotError;
use crate::plot::axis::{AxisUnit, grouped, tick_label};
use crate::plot::figure::{Figure, Fill, Key, Legend, Look, Mark, Tone};
use crate::plot::scale::{Scale, Spread};
use crate::plot::style;
use crate::results::{Cell, ResultRow, Results, column};

/// Most values along an axis.
pub(super) const MOST: usize = 300;

/// Draws it.
pub(super) fn figure(results: &Results, request: &Request) -> Result<Figure, PlotError> {
    let mut free = open_choices(results, request).into_iter();
    let two =
        || PlotError::Nothing("a heat map needs two columns that vary; name them with `--x` and `--y`".to_owned());
    let x = chosen(results, &request.x, None)?.or_else(|| free.next()).ok_or_else(two)?;
    let y = chosen(results, &request.y, None)?.or_else(|| free.next()).ok_or_else(two)?;
    for at in [x, y] {
        let (name, count) = (results.name(at), results.count(at));
        if column::metric(name).is_some() {
            return Err(PlotError::Nothing(format!(
                "a `heatmap` has what was varied along its axes, and `{name}` was found; `--value {name}` draws it in \
                 colours, and two figures against each other are a `frontier`"
            )));
        }
        if count > MOST {
            return Err(PlotError::Nothing(format!(
                "`{name}` has {count} values, and a heat map has room for {MOST}; draw another `--kind`, or sweep a grid"
            )));
        }
    }
    let value = figures(results, &request.value, "total_time_ms")?;
    let facet = request.facet.as_ref().or(request.group.as_ref());
    let facet = chosen(results, &facet.cloned(), None)?.or_else(|| free.find(|at| results.count(*at) <= 8));
    let parts = parts(results, facet, None)?;
    let grids: Vec<Grid> = parts.iter().map(|part| Grid::of(results, x, y, value, &part.series[0].rows)).collect();
    let stats = || grids.iter().flat_map(|grid| grid.cells.iter().flatten().flatten());
    let name = results.name(value);
    let medians = stats().filter(|stat| stat.mostly_finished()).filter_map(|stat| Some(stat.interval?.middle));
    let medians: Vec<f64> = medians.collect();
    let spread = if request.y_scale == Spread::Auto { telling(&medians) } else { request.y_scale };
    let mut colours = Scale::of(&column::label(name), column::unit(name), medians.into_iter(), spread, false);
    colours.tighten();
    let panels = grids.iter().zip(&parts).map(|(grid, part)| {
        let mut marks = grid.boxes(results, value, &colours);
        marks.push(Mark::Border(grid.border()));
        panel(part.title.clone(), places(results, y), false, marks)
    });
    let panels = panels.collect();
    let mut legend = Legend::default();
    let open = stats().any(|stat| !stat.mostly_finished());
    let part_key = Key::Box(Fill::Partly(Tone::plain(style::amount(0.3))));
    name_signs(&mut legend, (open, Key::Box(STRIPED)), stats().filter(|stat| stat.mostly_finished()), part_key);
    if open && stats().any(Stat::mostly_finished) {
        let look = Look { weight: 1.8, ..Look::plain(style::VERMILLION) };
        legend.entries.push((Key::Curve(look), "frontier of convergence".to_owned()));
    }
    let all: Vec<&Stat> = stats().collect();
    let shown = [Some(x), Some(y), facet];
    let form = form(results, &shown, "median", "");
    let note = note(results, &shown, &[value], &all, Stat::mostly_finished, form);
    let title = format!(
        "{} over {} and {}",
        column::label(name),
        column::label(results.name(x)),
        column::label(results.name(y))
    );
    let figure = of_panels(titled(request, title), note, legend, places(results, x), panels);
    Ok(Figure { colours: stats().any(Stat::mostly_finished).then_some(colours), ..figure })
}

/// The spread in which most of these figures have colours of their own: where more than half of them would be of the darkest
/// tenth, that of equal factors.
fn telling(values: &[f64]) -> Spread {
    let (low, high) =
        values.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), value| (low.min(*value), high.max(*value)));
    let dark = values.iter().filter(|value| **value - low < 0.1 * (high - low)).count();
    if low > 0.0 && 2 * dark > values.len() && high > 2.0 * low { Spread::Log } else { Spread::Auto }
}

const STRIPED: Fill = Fill::Striped(Tone::plain(style::AXIS));

/// Names along an axis that are read one by one.
const NAMES: usize = 12;

/// An axis with a place for each value, in one unit. Values that nobody would write, such as most of a sweep in equal
/// ratios, and long rows of them, are marked at round numbers in their place.
fn places(results: &Results, at: usize) -> Scale {
    let (name, values) = (results.name(at), results.values(at));
    let numbers: Vec<f64> = values.iter().filter_map(|value| value.number()).collect();
    let unit = AxisUnit::of(column::unit(name), numbers.last().map_or(0.0, |largest| largest.max(0.0)));
    let title = unit.title(&column::label(name));
    let numbers: Vec<f64> = numbers.iter().map(|number| number / unit.size).collect();
    let odd = numbers.iter().any(|number| (short(*number) - number).abs() > 1e-6 * number.abs());
    if let Some(growth) = growth(&numbers)
        && numbers.len() == values.len()
        && (odd || numbers.len() > NAMES)
    {
        return Scale::of_cells(&title, &numbers, growth == Spread::Log, unit.binary);
    }
    let label = |cell: Cell| match cell {
        Cell::Number(number) => grouped(&tick_label(short(number / unit.size))),
        _ => column::show(name, cell),
    };
    Scale::of_names(&title, values.into_iter().map(label))
}

/// A number with three digits that count.
fn short(value: f64) -> f64 {
    let magnitude = if value == 0.0 { 0.0 } else { libm::floor(libm::log10(value.abs())) };
    let step = libm::pow(10.0, 2.0 - magnitude);
    (value * step).round() / step
}

/// Runs by their values of both axes.
struct Grid {
    /// Column by column.
    cells: Vec<Vec<Option<Stat>>>,
    says: Vec<Vec<String>>,
}

impl Grid {
    fn of(results: &Results, x: usize, y: usize, value: usize, rows: &[ResultRow]) -> Grid {
        let (xs, ys) = (results.values(x), results.values(y));
        let columns: Vec<_> = sorted(results, rows, x).iter().map(|rows| sorted(results, rows, y)).collect();
        let stat = |rows: &Vec<ResultRow>| (!rows.is_empty()).then(|| Stat::of(results, rows, value));
        let shown = |at: usize, cell: Cell| {
            format!("{} {}", column::label(results.name(at)), column::show(results.name(at), cell))
        };
        Grid {
            cells: columns.iter().map(|column| column.iter().map(stat).collect()).collect(),
            says: xs
                .iter()
                .map(|a| ys.iter().map(|b| format!("{}\n{}", shown(x, *a), shown(y, *b))).collect())
                .collect(),
        }
    }

    fn boxes(&self, results: &Results, value: usize, colours: &Scale) -> Vec<Mark> {
        let mut marks = Vec::new();
        for (column, cells) in self.cells.iter().enumerate() {
            for (line, stat) in cells.iter().enumerate() {
                let Some(stat) = stat else { continue };
                let tone = |median: f64| Tone::plain(style::amount(colours.place(median)));
                let told = if stat.mostly_finished() { *stat } else { stat.without_end() };
                let fill = match stat.interval {
                    Some(interval) if !stat.is_partial() => Fill::Plain(tone(interval.middle)),
                    Some(interval) if stat.mostly_finished() => Fill::Partly(tone(interval.middle)),
                    _ => STRIPED,
                };
                marks.push(Mark::Box {
                    x: (column as f64, column as f64 + 1.0),
                    y: (line as f64, line as f64 + 1.0),
                    fill,
                    says: format!("{}\n{}", self.says[column][line], told.says(results.name(value))),
                });
            }
        }
        marks
    }

    /// Edges between cells that mostly converged and cells that mostly did not.
    fn border(&self) -> Vec<[(f64, f64); 2]> {
        let converged = |column: usize, line: usize| {
            self.cells.get(column).and_then(|cells| cells.get(line)?.as_ref()).map(Stat::mostly_finished)
        };
        let differ = |a: Option<bool>, b: Option<bool>| a.is_some() && b.is_some() && a != b;
        let mut edges = Vec::new();
        for column in 0..self.cells.len() {
            for line in 0..self.cells[column].len() {
                let (left, low) = (column as f64, line as f64);
                if differ(converged(column, line), converged(column + 1, line)) {
                    edges.push([(left + 1.0, low), (left + 1.0, low + 1.0)]);
                }
                if differ(converged(column, line), converged(column, line + 1)) {
                    edges.push([(left, low + 1.0), (left + 1.0, low + 1.0)]);
                }
            }
        }
        edges
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_border_runs_between_converged_and_not() {
        let results = Results::from_csv(
            "link.bandwidth,guest.workload.0.rate,verdict,total_time_ms\n\
             1,1,converged,5\n1,2,not-converged,9\n2,1,converged,3\n2,2,converged,4\n",
        )
        .unwrap();
        let rows: Vec<ResultRow> = results.rows().collect();
        let border = Grid::of(&results, 0, 1, 3, &rows).border();
        assert_eq!(border, [[(0.0, 1.0), (1.0, 1.0)], [(1.0, 1.0), (1.0, 2.0)]]);
    }

    #[test]
    fn no_half_of_a_map_is_of_one_colour() {
        assert_eq!(telling(&[1.0, 1.1, 1.2, 1.3, 15.0, 9.0]), Spread::Log);
        assert_eq!(telling(&[1.0, 3.0, 5.0, 7.0, 9.0]), Spread::Auto);
        assert_eq!(telling(&[0.0, 0.0, 0.0, 7.0]), Spread::Auto, "a logarithmic scale has no zero");
        assert_eq!(telling(&[]), Spread::Auto);
    }

    #[test]
    fn a_place_is_named_with_three_digits() {
        for (value, name) in [
            (2.154_434, "2.15"),
            (15.905, "15.9"),
            (1.25, "1.25"),
            (0.1, "0.1"),
            (21_544.3, "21500"),
            (0.0, "0"),
            (123_456.0, "123000"),
        ] {
            assert_eq!(tick_label(short(value)), name);
        }
    }
}
