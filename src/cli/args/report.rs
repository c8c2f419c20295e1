//! The words of `precopy report`.

use std::path::PathBuf;

use clap::Args;

use super::Manners;
use crate::results::Filter;

/// `precopy report`
#[derive(Debug, Args)]
#[command(
    long_about = "A report: one HTML page with pictures and tables.\n\n\
                  A single HTML file that needs no network: the question, the verdict, pictures, a table that can be \
                  sorted and filtered, the scenario, and the command that made it. Takes results of `sweep` and `run`, \
                  timelines of `run --timeline`, and the scenario file they come from. A scenario alone is run first.",
    after_help = "Examples:\n  precopy report guest.toml -o guest.html\n  \
                  precopy report guest.toml results.csv -o results.html",
    after_long_help = EXAMPLES
)]
pub struct ReportArgs {
    /// Result files, timelines, and the scenario file (by its suffix `.toml`)
    #[arg(required = true, value_name = "RESULTS")]
    pub inputs: Vec<PathBuf>,

    /// Set any key of the scenario before it is run
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub sets: Vec<String>,

    /// Show only rows for which this holds; may be given several times
    ///
    /// `verdict=converged`, `downtime_ms<=500`, `qemu.version>=5.1`. Signs: = != < <= > >=; numbers in base units.
    #[arg(long = "where", value_name = "COMPARISON")]
    pub filters: Vec<Filter>,

    /// Heading, where the scenario asks no question
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,

    /// Where the page goes; `-` is standard output
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    pub output: PathBuf,

    /// What is said beside the result, and how.
    #[command(flatten)]
    pub manners: Manners,
}

const EXAMPLES: &str = "\
Examples:
  One migration, run for the page:
      precopy report guest.toml -o guest.html

  A sweep, with the scenario it comes from:
      precopy report sweep.toml results.csv -o sweep.html

  A result that was kept, with its timeline:
      precopy run guest.toml --format json -o guest.json --timeline guest.csv
      precopy report guest.json guest.csv -o guest.html";
