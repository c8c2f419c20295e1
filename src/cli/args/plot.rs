//! The words of `precopy plot`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Manners;
use crate::plot::{Size, chart, scale};
use crate::results::Filter;

/// `precopy plot`
#[derive(Debug, Args)]
#[command(
    long_about = "Draws results as charts.\n\n\
                  Takes results of `sweep`, of `run --format csv` or `json`, and timelines of `run --timeline`. Without \
                  flags the results decide what is drawn. Several files are one table, with a column `file`. What did \
                  not converge is drawn open, striped or dashed.",
    after_help = "Examples:\n  precopy plot results.csv -o results.svg\n  \
                  precopy plot results.csv --kind heatmap -o map.png",
    after_long_help = EXAMPLES
)]
pub struct PlotArgs {
    /// Result files (CSV, JSON, JSON lines); `-` is standard input
    #[arg(required = true, value_name = "RESULTS")]
    pub results: Vec<PathBuf>,

    /// Kind of chart; without one, the results decide
    #[arg(long, value_enum, value_name = "KIND")]
    pub kind: Option<ChartKindArg>,

    /// Column along the x axis
    ///
    /// Scenario keys by their dotted names (`link.bandwidth`), or fields of the outcome (docs/output.md).
    #[arg(long, value_name = "COLUMN")]
    pub x: Option<String>,

    /// Column along the y axis
    #[arg(long, value_name = "COLUMN")]
    pub y: Option<String>,

    /// Column that the colours of a heat map show
    #[arg(long, value_name = "COLUMN")]
    pub value: Option<String>,

    /// Column whose values are told apart by colour and shape
    #[arg(long, value_name = "COLUMN")]
    pub group: Option<String>,

    /// Column with a panel for each of its values
    #[arg(long, value_name = "COLUMN")]
    pub facet: Option<String>,

    /// What lies around a line
    ///
    /// Without it: quantiles, and where four of them and more would lie over each other, a panel each.
    #[arg(long, value_enum, value_name = "BAND")]
    pub band: Option<BandArg>,

    /// Draw only rows for which this holds; may be given several times
    ///
    /// `verdict=converged`, `downtime_ms<=500`, `qemu.version>=5.1`. Signs: = != < <= > >=; numbers in base units.
    #[arg(long = "where", value_name = "COMPARISON")]
    pub filters: Vec<Filter>,

    /// Spread of the values along the x axis
    #[arg(long, value_enum, value_name = "SCALE", default_value_t)]
    pub x_scale: ScaleArg,

    /// Spread of the values along the y axis, or over the colours of a heat map
    #[arg(long, value_enum, value_name = "SCALE", default_value_t)]
    pub y_scale: ScaleArg,

    /// `paper` (a column of 89 mm), a journal's column, `slide` (16:9), `page` (900x560), or a width, or width and height
    ///
    /// `acm`, `elsevier`, `ieee`, `nature`, `springer`: a column; with `-wide`, as in `ieee-wide`, the page; `lncs`. `183mm`,
    /// `3.5in`, `89x60mm`, `900x560`: px, mm, cm or in. A width alone is given three quarters of it as height. Letters have 7
    /// points, or as many as the journal asks for, where the size is one of paper, and a caption is printed in place of a
    /// title.
    #[arg(long, value_name = "SIZE")]
    pub size: Option<Size>,

    /// Title of the figure
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,

    /// Print a Python script that draws the same with matplotlib
    ///
    /// The figures are in it. Run it with the name of the picture: `python3 figure.py figure.pdf`.
    #[arg(long)]
    pub script: bool,

    /// Where the picture goes: `.svg`, `.pdf` or `.png`; `-` is SVG on standard output
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    pub output: PathBuf,

    /// What is said beside the result, and how.
    #[command(flatten)]
    pub manners: Manners,
}

const EXAMPLES: &str = "\
Examples:
  Whatever shows most of a sweep:
      precopy plot results.csv -o results.svg

  What converges, over bandwidth and dirty rate, a panel for each release:
      precopy plot results.csv --kind heatmap --x link.bandwidth \\
          --y guest.workload.0.rate --facet qemu.version \\
          --value total_time_ms -o map.png

  Downtime over bandwidth, a line for each throttle, for one column of a paper:
      precopy plot results.csv --kind line --x link.bandwidth --y downtime_ms \\
          --group qemu.cpu-throttle-increment --size paper -o figure.svg

  The price of a short downtime:
      precopy plot results.csv --kind frontier --x guest_slowdown_pct \\
          --y downtime_ms -o price.svg

  The same as a script for matplotlib, to change more than flags can:
      precopy plot results.csv --kind line --script -o figure.py

  Two migrations over each other:
      precopy run guest.toml --timeline old.csv -o old.txt
      precopy run guest.toml --set qemu.version=9.2 \\
          --timeline new.csv -o new.txt
      precopy plot old.csv new.csv --kind timeline -o both.svg";

/// `--kind`
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ChartKindArg {
    /// RAM, throttle and rates of one or several migrations through time
    Timeline,
    /// A figure over an axis, a line for each group, a band over repeats
    Line,
    /// A figure over two axes in colours, with the frontier of convergence
    Heatmap,
    /// Share of the runs that stay below a value
    Cdf,
    /// Two costs against each other, the best choices joined; what converges is in a heat map
    Frontier,
    /// A figure for each of some choices, side by side
    Bars,
}

/// `--band`
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum BandArg {
    /// From the 5 % to the 95 % quantile of the runs, around their median
    Quantiles,
    /// The 95 % confidence interval of the mean, around the mean
    Ci,
    /// Nothing; the line is the median
    None,
}

/// `--x-scale`, `--y-scale`
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum ScaleArg {
    /// Logarithmic where values differ by a factor of 20 or have equal ratios
    #[default]
    Auto,
    /// Equal distances are equal differences
    Linear,
    /// Equal distances are equal factors
    Log,
}

impl From<ScaleArg> for scale::Spread {
    fn from(spread: ScaleArg) -> scale::Spread {
        match spread {
            ScaleArg::Auto => scale::Spread::Auto,
            ScaleArg::Linear => scale::Spread::Linear,
            ScaleArg::Log => scale::Spread::Log,
        }
    }
}

impl PlotArgs {
    /// What is to be drawn.
    pub fn request(&self) -> chart::Request {
        let kind = self.kind.map(|kind| match kind {
            ChartKindArg::Timeline => chart::Kind::Timeline,
            ChartKindArg::Line => chart::Kind::Line,
            ChartKindArg::Heatmap => chart::Kind::Heatmap,
            ChartKindArg::Cdf => chart::Kind::Cdf,
            ChartKindArg::Frontier => chart::Kind::Frontier,
            ChartKindArg::Bars => chart::Kind::Bars,
        });
        chart::Request {
            kind,
            x: self.x.clone(),
            y: self.y.clone(),
            value: self.value.clone(),
            group: self.group.clone(),
            facet: self.facet.clone(),
            x_scale: self.x_scale.into(),
            y_scale: self.y_scale.into(),
            band: self.band.map(|band| match band {
                BandArg::Quantiles => chart::Band::Quantiles,
                BandArg::Ci => chart::Band::Confidence,
                BandArg::None => chart::Band::Nothing,
            }),
            title: self.title.clone(),
        }
    }
}
