//! The words of `precopy fit`.

use std::path::PathBuf;

use clap::Args;

use super::Common;

/// `precopy fit`
#[derive(Debug, Args)]
#[command(
    long_about = "Which scenario explains this real migration?\n\n\
                  Looks for the guest (rate, working set, order of writes, slack) and the link with which the simulated \
                  migration comes closest to what a client saw of the real one, says how well each is determined, and \
                  writes a scenario that runs. Several traces of one guest are explained together. docs/fit.md tells how.",
    after_help = "Examples:\n  precopy fit trace.json -o fitted.toml\n  precopy fit --dirtyrate web1.txt -o web1.toml",
    after_long_help = EXAMPLES
)]
pub struct FitArgs {
    /// Recorded migrations (docs/trace-format.md) and logs (docs/logs.md); `-` is standard input
    #[arg(value_name = "TRACE", required_unless_present_any = ["dirtyrate", "recording"], conflicts_with_all = ["dirtyrate", "recording"])]
    pub traces: Vec<PathBuf>,

    /// Which migration of each log, counted from 1
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), default_value_t = 1)]
    pub nth: u32,

    /// Make a first scenario from dirty rates, without any migration
    ///
    /// The output of `virsh domstats --dirtyrate`, answers of `query-dirty-rate`, or Prometheus' answer about
    /// `kubevirt_vmi_dirty_rate_bytes_per_second`; several measurements in one file are taken together.
    #[arg(long, value_name = "FILE")]
    pub dirtyrate: Option<PathBuf>,

    /// Reduce a recording of writes to different pages by interval, without any migration
    ///
    /// Dirty bitmaps over time, KVM's tracepoints, Valgrind's lackey or DAMON (docs/own-workloads.md). The scenario that is
    /// named by `--scenario` is written with a curve in the place of its workloads.
    #[arg(long, value_name = "FILE", requires = "scenario", conflicts_with = "dirtyrate")]
    pub recording: Option<PathBuf>,

    /// Instructions a second of the program, where a recording has no other clock
    #[arg(long, value_name = "RATE", requires = "recording")]
    pub instructions: Option<String>,

    /// Take the zero pages of RAM from the log of an earlier migration of this guest
    #[arg(long, value_name = "LOG", requires = "dirtyrate", conflicts_with = "zero")]
    pub log: Option<PathBuf>,

    /// How much of RAM is zero, as a share or a size, where dirty rates are all that is known
    #[arg(long, value_name = "SHARE", requires = "dirtyrate")]
    pub zero: Option<String>,

    /// Which guest of several that dirty rates are of
    #[arg(long, value_name = "NAME", requires = "dirtyrate")]
    pub guest: Option<String>,

    /// Take RAM, link and QEMU from this scenario; its workloads are what is looked for
    ///
    /// One for all traces, or one for each, in their order.
    #[arg(long, value_name = "FILE")]
    pub scenario: Vec<PathBuf>,

    /// Draw the first migration, predicted and measured
    ///
    /// The suffix picks the format: `.svg`, `.pdf` or `.png`.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["dirtyrate", "recording"])]
    pub plot: Option<PathBuf>,

    /// Flags that all questions share.
    #[command(flatten)]
    pub common: Common,
}

const EXAMPLES: &str = "\
Examples:
  What guest was that? The scenario goes to a file, the report to the terminal:
      precopy fit trace.json -o fitted.toml

  A log of `query-migrate` says nothing of RAM, link and QEMU; a scenario does:
      precopy fit web1.log --scenario web1.toml -o fitted.toml --plot fit.png

  The fitted guest under another parameter:
      precopy run fitted.toml --set qemu.max-bandwidth=\"64 MiB/s\"

  Two attempts at other settings, explained together:
      precopy fit try.log auto.log --scenario try.toml \\
          --scenario auto.toml -o fitted.toml

  A first scenario without a migration, from dirty rates over 1, 2, 5 and 20 s:
      for s in 1 2 5 20; do
        virsh domdirtyrate-calc web1 --seconds $s; sleep $((s + 1))
        virsh domstats web1 --dirtyrate --balloon --vcpu
      done > web1.txt
      precopy fit --dirtyrate web1.txt --log earlier.log -o web1.toml

  What a program writes, recorded by Valgrind, as the workload of a scenario:
      valgrind --tool=lackey --trace-mem=yes --log-file=lackey.txt ./program
      precopy fit --recording lackey.txt --instructions 2e9/s \\
          --scenario web1.toml -o program.toml

The scenario goes to `-o FILE`, or to standard output with the report on standard error. `--format json` and `csv` are
forms of the report, also of what is made without a search: they have its points. The search always uses the expected memory. Ctrl-C ends the search with the best so far and exit code 130.";
