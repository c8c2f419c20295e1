//! The values of a column along an axis.

use super::series::Row;
use crate::plot::scale::{Scale, Spread};
use crate::results::{Cell, Results, column};

/// The values of a column along an axis: numbers on a scale, or anything else as names.
pub(super) struct Along {
    pub scale: Scale,
    pub values: Vec<Cell>,
}

impl Along {
    /// The axis of the column at `at`.
    pub(super) fn of(results: &Results, at: usize, spread: Spread) -> Along {
        let (name, values) = (&results.columns[at], results.values(at));
        let numbers: Vec<f64> = values.iter().filter_map(Cell::number).collect();
        let scale = if numbers.len() == values.len() {
            let spread = if spread == Spread::Auto && in_ratios(&numbers) { Spread::Log } else { spread };
            let (low, high) = (numbers.first().copied().unwrap_or(0.0), numbers.last().copied().unwrap_or(0.0));
            Scale::of(
                &column::label(name),
                column::unit(name),
                numbers.into_iter(),
                spread,
                Scale::reaches_zero(low, high),
            )
        } else {
            Scale::of_names(&column::label(name), values.iter().map(|value| column::show(name, value)))
        };
        Along { scale, values }
    }

    /// Where the value number `at` stands on the scale.
    pub(super) fn place(&self, at: usize) -> f64 {
        match self.values[at].number() {
            Some(number) if !self.scale.has_names() => number,
            _ => at as f64 + 0.5,
        }
    }
}

/// Rows by their value in the column `at`, in the order of `values`.
pub(super) fn sorted<'a>(rows: &[Row<'a>], at: usize, values: &[Cell]) -> Vec<Vec<Row<'a>>> {
    let mut sorted = vec![Vec::new(); values.len()];
    // Numbers come first, in order.
    let numbers = values.iter().take_while(|value| value.number().is_some()).count();
    for row in rows {
        let place = match row[at].number() {
            Some(_) => values[..numbers].binary_search_by(|value| value.by_size(&row[at])).ok(),
            None => values[numbers..].iter().position(|value| *value == row[at]).map(|place| numbers + place),
        };
        if let Some(place) = place {
            sorted[place].push(*row);
        }
    }
    sorted
}

/// Whether values stand at about equal ratios, as those of a sweep on a logarithmic scale.
fn in_ratios(values: &[f64]) -> bool {
    growth(values) == Some(Spread::Log) && values[values.len() - 1] / values[0] >= 8.0
}

/// How four values and more grow, as those of a sweep do: by about equal steps, or by about equal factors.
pub(super) fn growth(values: &[f64]) -> Option<Spread> {
    let alike = |step: fn(f64, f64) -> f64| {
        let steps = || values.windows(2).map(|pair| step(pair[0], pair[1]));
        steps().fold(0.0, f64::max) < 1.6 * steps().fold(f64::INFINITY, f64::min)
    };
    match values {
        [_, _, _, _, ..] if alike(|a, b| b - a) => Some(Spread::Linear),
        [first, _, _, _, ..] if *first > 0.0 && alike(|a, b| b / a) => Some(Spread::Log),
        _ => None,
    }
}
