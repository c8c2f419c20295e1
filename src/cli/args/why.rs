//! The words of `precopy why`.

use std::path::PathBuf;

use clap::Args;

use super::Manners;
use super::plan::taker;
use crate::report::plan::Taker;

/// `precopy why`
#[derive(Debug, Args)]
#[command(
    long_about = "Why did this migration end as it did, and what would have helped?\n\n\
                  Reads the log of a migration in any form that docs/logs.md lists, without a scenario. Says what ended it \
                  and how sure that is, which settings would have helped, in the names of the product that wrote the log, \
                  what was taken for granted, and what to measure to be surer.",
    after_help = "Examples:\n  precopy why nova-compute.log\n  precopy why web1.log --orchestrator kubevirt",
    after_long_help = EXAMPLES
)]
pub struct WhyArgs {
    /// Logs of migrations (docs/logs.md) or recordings; `-` is standard input
    #[arg(required = true, value_name = "LOG")]
    pub logs: Vec<PathBuf>,

    /// Which migration of each log, counted from 1; without it all of them
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub nth: Option<u32>,

    /// The product that steered it, where the log does not show that
    #[arg(long, value_name = "KIND")]
    pub orchestrator: Option<String>,

    /// End with the change as this product takes it; without it as the one does whose log it is
    #[arg(long = "as", value_name = "PRODUCT", value_parser = taker())]
    pub taker: Option<&'static Taker>,

    /// Write the guest that explains the first migration as a scenario
    #[arg(long, value_name = "FILE")]
    pub save: Option<PathBuf>,

    /// Form of the report
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    pub format: WhyFormat,

    /// Where the report goes; a file appears when it is complete
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    pub output: PathBuf,

    /// What it says beside its result.
    #[command(flatten)]
    pub manners: Manners,
}

/// `--format` of `why`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum WhyFormat {
    /// For a person
    #[default]
    Text,
    /// A list with an object for each migration, base units, full precision
    Json,
}

const EXAMPLES: &str = "\
Examples:
  The log of a migration that was given up:
      precopy why nova-compute.log

  What virsh printed while it ran, under KubeVirt's settings:
      precopy why domjobinfo.txt --orchestrator kubevirt

  The change as lines for nova.conf, whichever product wrote the log:
      precopy why domjobinfo.txt --as nova

  The second of several, and its guest as a scenario to try things on:
      precopy why task.log --nth 2 --save guest.toml
      precopy plan guest.toml";
