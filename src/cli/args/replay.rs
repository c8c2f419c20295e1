//! `precopy replay` and `precopy watch`: their words.

use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Manners;
use crate::units::Span;

/// `precopy replay`
#[derive(Debug, Args)]
#[command(
    long_about = "Do it for real through libvirt, record it, hold it against the prediction.\n\n\
                  Migrates a running domain with the scenario's flags and parameters, lets the scenario's orchestrator \
                  act at its own polls on the real host, records what is seen, and ends with predicted beside \
                  measured. Asks before it touches anything, unless --yes. Ctrl-C cancels the migration and keeps the \
                  recording; the guest then runs on at the source.\n\n\
                  With --fleet it drains a host: guests are started as `precopy drain` predicts it, by the fleet's slots, \
                  order and attempts.",
    after_help = "Examples:\n  \
                  precopy replay guest.toml --connect qemu:///system --domain web1 \\\n      \
                  --dest qemu+ssh://host2/system --dry-run\n  \
                  precopy replay guest.toml --connect qemu:///system --domain web1 \\\n      \
                  --dest qemu+ssh://host2/system --plot web1.svg\n  \
                  precopy replay --fleet host1.toml --connect qemu:///system \\\n      \
                  --dest qemu+ssh://host2/system -o host1-recorded"
)]
pub struct ReplayArgs {
    /// Scenario file (TOML), or `-` for standard input
    #[arg(value_name = "SCENARIO", required_unless_present = "fleet")]
    pub scenario: Option<PathBuf>,

    /// Drain a host for real: a fleet as `precopy drain` reads it, whose guests have the names of their domains
    #[arg(long, value_name = "FLEET", conflicts_with_all = ["scenario", "domain", "plot"])]
    pub fleet: Option<PathBuf>,

    /// Set any key of the scenario; may be given several times
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub sets: Vec<String>,

    /// The source, as libvirt names it
    #[arg(long, value_name = "URI")]
    pub connect: String,

    /// The domain to migrate
    #[arg(long, value_name = "NAME", required_unless_present = "fleet")]
    pub domain: Option<String>,

    /// The destination, as the source's libvirt daemon reaches it
    #[arg(long, value_name = "URI")]
    pub dest: String,

    /// Where QEMU connects to, if libvirt is not to choose: tcp://10.0.0.2
    #[arg(long, value_name = "URI")]
    pub migrate_uri: Option<String>,

    /// Show the calls that would be made, and make none
    #[arg(long)]
    pub dry_run: bool,

    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,

    /// Time between two looks
    #[arg(long, value_name = "MS", default_value = "100", value_parser = clap::value_parser!(u32).range(20..=60_000))]
    pub sample_ms: u32,

    /// Where the recording goes; `precopy compare` and `precopy fit` read it. With --fleet a folder for all of them
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Draw prediction and measurement over each other, as SVG or PNG by the suffix
    #[arg(long, value_name = "FILE")]
    pub plot: Option<PathBuf>,

    /// Exit with code 1 if the predicted total time is off by more than PERCENT, or a verdict is wrong
    #[arg(long, value_name = "PERCENT")]
    pub tolerance: Option<f64>,

    /// Root of the prediction's random streams
    #[arg(long, value_name = "N", default_value = "1")]
    pub seed: u64,

    /// What is said beside the result, and how.
    #[command(flatten)]
    pub manners: Manners,
}

/// `precopy watch`
#[derive(Debug, Args)]
#[command(
    long_about = "Which migrations run now, and how will each end?\n\n\
                  Lists the migrations that leave a host: since when each runs, how far it is, its passes and its \
                  throttle, and a forecast from what was seen of it so far, which gets better with each pass.",
    after_help = "Examples:\n  precopy watch --connect qemu:///system\n  \
                  precopy watch --connect qemu:///system --domain web1 --once --format json"
)]
pub struct WatchArgs {
    /// The host, as libvirt names it
    #[arg(long, value_name = "URI")]
    pub connect: String,

    /// Only this domain
    #[arg(long, value_name = "NAME")]
    pub domain: Option<String>,

    /// Look, say, and end
    ///
    /// One look knows only the rate of the last pass; a forecast is better when passes are seen from their beginning.
    #[arg(long)]
    pub once: bool,

    /// Time between two lists; looks are ten a second
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = clap::value_parser!(NonZeroU32))]
    pub every: NonZeroU32,

    /// A scenario with what is known of the migration: levers and limits that libvirt does not show
    #[arg(long, value_name = "FILE")]
    pub scenario: Option<PathBuf>,

    /// How to write: for a person, or a line of JSON for each look
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub format: WatchFormat,

    /// What is said beside the result, and how.
    #[command(flatten)]
    pub manners: Manners,
}

impl WatchArgs {
    /// Between two lists.
    pub fn every(&self) -> Span {
        Span::from_ms(1000 * u64::from(self.every.get()))
    }
}

/// How `precopy watch` writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum WatchFormat {
    /// For a person.
    Text,
    /// An object a line.
    Json,
}
