//! The values of a column along an axis.

use crate::plot::scale::{Scale, Spread};
use crate::results::{Cell, ResultRow, Results, column};

/// The values of a column along an axis: numbers on a scale, or anything else as names.
pub(super) struct Along<'a> {
    pub scale: Scale,
    pub values: Vec<Cell<'a>>,
}

impl<'a> Along<'a> {
    /// The axis of the column at `at`.
    pub(super) fn of(results: &'a Results, at: usize, spread: Spread) -> Along<'a> {
        let (name, values) = (results.name(at), results.values(at));
        let numbers: Vec<f64> = values.iter().filter_map(|value| value.number()).collect();
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
            Scale::of_names(&column::label(name), values.iter().map(|value| column::show(name, *value)))
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

/// Rows by their value in the column `at`, in the order of [`Results::values`].
pub(super) fn sorted<'a>(results: &Results, rows: &[ResultRow<'a>], at: usize) -> Vec<Vec<ResultRow<'a>>> {
    let mut sorted = vec![Vec::new(); results.count(at)];
    let ranks = results.ranks(at);
    rows.iter().for_each(|row| sorted[ranks[row.place()] as usize].push(*row));
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
