//! How far runs differ: which interval a line has around it.

use super::series::figures;
use crate::plot::PlotError;
use crate::results::{Results, column};

/// What lies around a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Band {
    /// From the 5 % to the 95 % quantile of the runs, around their median.
    #[default]
    Quantiles,
    /// The 95 % confidence interval of the mean, around the mean.
    Confidence,
    /// Nothing; the line is the median.
    Nothing,
}

impl Band {
    /// What a subtitle says of it, over raw rows.
    pub(super) fn of_runs(self) -> &'static str {
        match self {
            Band::Quantiles => "median, band from 5 % to 95 %",
            Band::Confidence => "mean, band of its 95 % confidence interval",
            Band::Nothing => "median",
        }
    }

    /// What a subtitle says of it, over a summary, whose columns say which statistic they are.
    pub(super) fn of_summary(self) -> &'static str {
        match self {
            Band::Quantiles => "band from 5 % to 95 %",
            Band::Confidence => "band of the 95 % confidence interval of the mean",
            Band::Nothing => "",
        }
    }

    /// The column that a line of the figure `asked` follows: in a summary, that of the statistic.
    ///
    /// # Errors
    /// There is no such column, or it has no numbers.
    pub(super) fn middle(self, results: &Results, asked: &Option<String>, default: &str) -> Result<usize, PlotError> {
        let name = asked.as_deref().unwrap_or(default);
        let mean = (self == Band::Confidence && results.is_summary()).then(|| column::sibling(name, "mean"));
        figures(results, &mean.or_else(|| asked.clone()), default)
    }
}
