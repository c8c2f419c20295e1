//! `precopy plan`

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::drain::time;
use super::{Common, Jobs};
use crate::plan::By;
use crate::report::plan::{TAKERS, Taker};
use crate::scenario::SCHEDULERS;
use crate::units::{Share, Span};

/// `precopy plan`
#[derive(Debug, Args)]
#[command(
    long_about = "What is the smallest change that makes it work?\n\n\
                  Runs the scenario, and if it does not do what is wanted, finds for every lever the smallest change that \
                  alone is enough, then the cheapest pairs of changes. Says what each costs the guest, why the \
                  other levers do not help, and how far the guest may be off before the answer is another one. Of a fleet it \
                  is the search of `precopy drain --search`: settings, number at a time and order for the whole host.",
    after_help = "Examples:\n  precopy plan guest.toml\n  precopy plan guest.toml --goal 'downtime_ms <= 500'",
    after_long_help = EXAMPLES
)]
pub struct PlanArgs {
    /// Scenario file (TOML), a fleet or a list of guests as `precopy drain` takes them, or `-` for standard input
    #[arg(value_name = "SCENARIO")]
    pub scenario: PathBuf,

    /// What is wanted; may be given several times, and all must hold
    ///
    /// Comparisons over the fields of the outcome, such as `downtime_ms <= 500`; see docs/output.md. A goal that names no
    /// verdict wants the migration to end `converged` or `post-copy` as well, which is also the default.
    #[arg(long = "goal", value_name = "GOAL")]
    pub goals: Vec<String>,

    /// Try only this lever, or any key with these values; may be given several times
    ///
    /// `link.bandwidth` is one of precopy's own levers; `link.bandwidth=1..40 Gbit/s` and
    /// `qemu.multifd-compression=none,zstd` name the values to try, the nearest to the present one first.
    #[arg(long = "by", value_name = "KEY[=RANGE]", value_parser = by)]
    pub by: Vec<By>,

    /// Pairs of changes to show
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub pairs: usize,

    /// Run everything N times, with seeds from `--seed` on
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000), default_value_t = 1)]
    pub repeats: u32,

    /// Share of the repeats that must meet the goal
    #[arg(long = "in", value_name = "SHARE", value_parser = super::share, default_value = "100%", requires = "repeats")]
    pub share: Share,

    /// End with the changes as this product takes them: a command line, lines of its settings, an object
    ///
    /// What it cannot be told is said with the reason. JSON has the lines with each change.
    #[arg(long = "as", value_name = "PRODUCT", value_parser = taker())]
    pub taker: Option<&'static Taker>,

    /// Of a fleet or a list of guests, the guest of this name, with the link for itself
    #[arg(long, value_name = "NAME")]
    pub vm: Option<String>,

    /// Bandwidth of the link; the same as `--set link.bandwidth=RATE`
    #[arg(long, value_name = "RATE")]
    pub link: Option<String>,

    /// Of a fleet: the host is to be empty within this time
    #[arg(long, value_name = "TIME", value_parser = |text: &str| time(text), conflicts_with = "vm")]
    pub window: Option<Span>,

    /// Of a fleet: take this product's scheduler with its defaults in place of the fleet's
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(SCHEDULERS), conflicts_with = "vm")]
    pub scheduler: Option<String>,

    /// Set any key of the scenario; may be given several times
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub sets: Vec<String>,

    /// What is above QEMU: a product's name, or the file that it reads its settings from, in place of the scenario's `[orchestrator]`
    ///
    /// Read are `nova.conf`, the `KubeVirt`, `HyperConverged` or `MigrationPolicy` object as YAML or JSON, a policy of oVirt's engine,
    /// Proxmox's `datacenter.cfg` and libvirt's `qemu.conf`: docs/orchestrators.md.
    #[arg(long, value_name = "FILE")]
    pub orchestrator: Option<PathBuf>,

    /// Of commands that run many migrations.
    #[command(flatten)]
    pub jobs: Jobs,

    /// Flags that all questions share.
    #[command(flatten)]
    pub common: Common,
}

const EXAMPLES: &str = "\
Examples:
  What would make this guest's migration converge?
      precopy plan guest.toml

  With limits to the downtime and to the time it takes:
      precopy plan guest.toml --goal 'downtime_ms <= 500' \\
          --goal 'total_time_ms <= 10 min'

  How much link would it take, and no other change:
      precopy plan guest.toml --by link.bandwidth

  The answer as lines for nova.conf:
      precopy plan guest.toml --orchestrator nova.conf --as nova

  A key of your own choice:
      precopy plan guest.toml --by 'qemu.vcpu-dirty-limit=400..10 MiB/s'

  Which settings empty this host in 45 minutes:
      precopy plan guests.csv --link 25G --scheduler kubevirt \\
          --window 45min --goal 'longest_stall_ms <= 500'

  Rates that vary: the goal is to hold in 95 % of 200 runs:
      precopy plan guest.toml --repeats 200 --in 95%";

/// Reads the name of a product that takes changes.
pub(super) fn taker() -> impl TypedValueParser<Value = &'static Taker> {
    PossibleValuesParser::new(TAKERS.map(|taker| taker.name))
        .try_map(|name| Taker::find(&name).ok_or("no such product"))
}

fn by(text: &str) -> Result<By, String> {
    By::parse(text).map_err(|error| error.to_string())
}
