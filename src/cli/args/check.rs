//! `precopy check`

use std::path::PathBuf;

use clap::Args;

use super::{Common, Jobs};

/// `precopy check`
#[derive(Debug, Args)]
#[command(
    long_about = "Did a policy default get worse?\n\n\
                  Runs every scenario of a folder under every policy of its check.toml and holds the outcomes against \
                  its baseline.json. With --a and --b it compares two settings over the same folder instead.",
    after_help = "Examples:\n  precopy check scenarios/defaults\n  precopy check scenarios/defaults --bless",
    after_long_help = EXAMPLES
)]
pub struct CheckArgs {
    /// Folder with scenarios, and with check.toml and baseline.json beside them; without one, this folder
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,

    /// Make what is there now the new baseline: write DIR/baseline.json, whatever the old one says
    #[arg(long, conflicts_with_all = ["a", "b", "only", "sets"])]
    pub bless: bool,

    /// The baseline, if it is not DIR/baseline.json
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,

    /// Only these: a scenario or a folder of them, a policy, or both as `guest/policy`; may be given several times
    ///
    /// `idle` is the scenario `idle.toml` under every policy, `qemu-8.2` every scenario under that policy. `*` is any
    /// text. A word that nothing is called is an error that says what there is.
    #[arg(long, value_name = "PATTERN")]
    pub only: Vec<String>,

    /// Set any key in all scenarios, over their policies; may be given several times
    #[arg(long = "set", value_name = "PATH=VALUE", conflicts_with_all = ["a", "b"])]
    pub sets: Vec<String>,

    /// Compare two settings: the first, as `--set` takes it; without it, the scenarios as they are
    ///
    /// Two products over scenarios that have keys of one: `--a 'orchestrator={ kind = "nova" }'` puts Nova with its defaults in place of
    /// the whole section.
    #[arg(long, value_name = "PATH=VALUE")]
    pub a: Vec<String>,

    /// The second setting; without it, the scenarios as they are
    #[arg(long, value_name = "PATH=VALUE")]
    pub b: Vec<String>,

    /// Draw what the second setting changes for each guest, as SVG or PNG
    #[arg(long, value_name = "FILE")]
    pub plot: Option<PathBuf>,

    /// Write JUnit XML, which CI servers show
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,

    /// Write Markdown, for a comment on a pull request
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,

    /// Of commands that run many migrations.
    #[command(flatten)]
    pub jobs: Jobs,

    /// Flags that all questions share.
    #[command(flatten)]
    pub common: Common,
}

impl CheckArgs {
    /// Whether two settings are compared, and no baseline.
    pub fn is_diff(&self) -> bool {
        !(self.a.is_empty() && self.b.is_empty())
    }
}

const EXAMPLES: &str = "\
Examples:
  Did a change make any guest's migration worse?
      precopy check scenarios/defaults

  It did, and that is accepted:
      precopy check scenarios/defaults --bless

  What would another default do to every class of guests?
      precopy check scenarios/defaults --set qemu.cpu-throttle-increment=5

  Two settings side by side, under one policy, with a picture:
      precopy check scenarios/defaults --only qemu-8.2 --plot diff.svg \\
          --a qemu.downtime-limit=300 --b qemu.downtime-limit=500

  For a CI server:
      precopy check scenarios/defaults --junit check.xml --markdown check.md

In a GitHub workflow, what is worse is also shown as annotations and in the job's summary.";
