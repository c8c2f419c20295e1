//! `precopy sweep`: its words.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Jobs, Manners, MemoryArg};
use crate::disk::Archive;
use crate::scenario::{self, Extent};
use crate::sim;
use crate::sweep::Shard;

/// `precopy sweep`
#[derive(Debug, Args)]
#[command(
    long_about = "How does that change over these ranges?\n\n\
                  Runs the scenario at many points of the keys that its `[sweep]` section or `--vary` leave open, on all \
                  cores, and writes a row for each run, or with --summary for each point. Rows come in a fixed order \
                  and do not depend on the number of threads, on interruptions or on shards.",
    after_help = "Examples:\n  precopy sweep guest.toml -o guest.csv\n  \
                  precopy sweep guest.toml --vary 'link.bandwidth=1..100 Gbit/s/20'",
    after_long_help = EXAMPLES
)]
pub struct SweepArgs {
    /// Scenario file (TOML), or `-` for standard input
    #[arg(value_name = "SCENARIO", required_unless_present = "merge")]
    pub scenario: Option<PathBuf>,

    /// Vary a key: `KEY=A,B,C`, `KEY=FROM..TO/STEPS` or `KEY=FROM..TO/STEPS log`; may be given several times
    ///
    /// Any key of the scenario can be varied. Values of a list are as for `--set`. A range has STEPS values at equal
    /// distances, or with `log` in equal ratios, both ends included; one unit is enough, as in
    /// `link.bandwidth=1..100 Gbit/s/20 log`. Only a grid needs STEPS. A flag replaces the file's values of the same key.
    #[arg(long = "vary", value_name = "KEY=VALUES")]
    pub varies: Vec<String>,

    /// Set any key of the scenario; a key that the file varies is then fixed
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub sets: Vec<String>,

    /// What is above QEMU: a product's name, or the file that it reads its settings from, in place of the scenario's `[orchestrator]`
    ///
    /// Read are `nova.conf`, the `KubeVirt`, `HyperConverged` or `MigrationPolicy` object as YAML or JSON, a policy of oVirt's engine,
    /// Proxmox's `datacenter.cfg` and libvirt's `qemu.conf`: docs/orchestrators.md.
    #[arg(long, value_name = "FILE")]
    pub orchestrator: Option<PathBuf>,

    /// How points are chosen; without it a grid, or with `--points` a Sobol sequence
    ///
    /// Values that do not go together, such as a lever and a release without it, are no fault of the sweep: such a
    /// point has a row with the verdict `refused`, the reason, and no figures. A value that goes with nothing is refused
    /// before anything runs.
    #[arg(long, value_enum, value_name = "DESIGN")]
    pub design: Option<DesignArg>,

    /// How many points, for every design but a grid
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(Extent::MOST)))]
    pub points: Option<u32>,

    /// Runs at each point, with seeds from `--seed` on, the same at every point
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(Extent::MOST)))]
    pub repeats: Option<u32>,

    /// A row for each point: share of each verdict; of each figure the runs that have it, and over these its median, 5 % and
    /// 95 % quantile, mean and 95 % interval
    ///
    /// A figure that no run has is empty, and so is one that `limits.time` cut off.
    #[arg(long)]
    pub summary: bool,

    /// Where the rows go: `.csv`, `.jsonl` or, in a build with the feature `parquet`, `.parquet`
    ///
    /// Until all rows are there they stand in FILE.part. FILE.sweep.json says what they belong to, with checksums.
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    pub output: PathBuf,

    /// Go on with FILE after an interruption; begin if there is nothing to go on with
    ///
    /// The file ends up as if nothing had happened. What was asked for must be the same. Rows that are damaged are told
    /// and run again, also those of a FILE that is complete.
    #[arg(long)]
    pub resume: bool,

    /// Begin anew, and give up what an interrupted sweep has left in FILE.part
    #[arg(long, conflicts_with = "resume")]
    pub restart: bool,

    /// Run only part I of N, I from 1 to N; `--merge` puts the parts together
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,

    /// Put the parts of all shards together
    #[arg(
        long,
        value_name = "PART",
        num_args = 1..,
        conflicts_with_all = ["scenario", "varies", "sets", "orchestrator", "design", "points", "repeats", "summary", "resume", "shard"]
    )]
    pub merge: Vec<PathBuf>,

    /// Of commands that run many migrations.
    #[command(flatten)]
    pub jobs: Jobs,

    /// Root of every random stream
    #[arg(long, value_name = "N", default_value_t = sim::Options::default().seed, help_heading = COMMON)]
    pub seed: u64,

    /// How the guest's memory is modelled
    #[arg(long, value_enum, value_name = "MODEL", default_value_t, help_heading = COMMON)]
    pub memory: MemoryArg,

    /// What is said beside the result, and how.
    #[command(flatten)]
    pub manners: Manners,

    /// What it takes to make the results again; no flag.
    #[arg(skip)]
    pub archive: Archive,
}

const COMMON: &str = "Common options";

const EXAMPLES: &str = "\
Examples:
  The values that the file's [sweep] section names:
      precopy sweep guest.toml -o guest.csv

  20 link speeds in equal ratios, with and without auto-converge:
      precopy sweep guest.toml --vary 'link.bandwidth=1..100 Gbit/s/20 log' \\
          --vary qemu.auto-converge=true,false

  10 000 points that cover two ranges evenly:
      precopy sweep guest.toml \\
          --vary 'guest.workload.0.rate=1000..500000 pages/s' \\
          --vary 'link.bandwidth=1..40 Gbit/s' --points 10000 -o guest.jsonl

  100 runs at each point, summed up:
      precopy sweep guest.toml --repeats 100 --summary -o guest.csv

  Go on after Ctrl-C, a crash or a full disk:
      precopy sweep guest.toml -o guest.csv --resume

  On eight machines:
      precopy sweep guest.toml --shard 3/8 -o part-3.csv
      precopy sweep --merge part-*.csv -o guest.csv

docs/sweep.md has the details.";

/// `--design`
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum DesignArg {
    /// Every combination of the values
    Grid,
    /// Points drawn independently of each other
    Random,
    /// As many layers of each range as points, each hit once
    LatinHypercube,
    /// A scrambled Sobol sequence, which covers the ranges evenly
    Sobol,
}

impl From<DesignArg> for scenario::Design {
    fn from(design: DesignArg) -> scenario::Design {
        match design {
            DesignArg::Grid => scenario::Design::Grid,
            DesignArg::Random => scenario::Design::Random,
            DesignArg::LatinHypercube => scenario::Design::LatinHypercube,
            DesignArg::Sobol => scenario::Design::Sobol,
        }
    }
}
