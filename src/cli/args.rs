//! Every word of the command line, with its help.

pub mod check;
pub mod cite;
pub mod drain;
mod files;
pub mod first;
pub mod fit;
pub mod handout;
pub mod manners;
pub mod plan;
pub mod plot;
pub mod probe;
pub mod replay;
pub mod report;
pub mod survey;
pub mod sweep;
pub mod why;

use std::num::NonZeroU16;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use check::CheckArgs;
pub use manners::{Jobs, Manners};
pub use plan::PlanArgs;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::Desk;
use crate::disk::Archive;
use crate::sim;
use crate::units::{Share, parse};

pub use plot::PlotArgs;
pub use report::ReportArgs;

/// Predicts how a live migration of a QEMU guest will go: whether it converges, how long it takes, and what it costs
/// the guest.
#[derive(Debug, Parser)]
#[command(
    name = "precopy",
    version,
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "Exit codes: 0 the question was answered; 1 an expectation did not hold; 2 wrong usage or input; \
                  3 something outside failed, such as the disk; 130 interrupted, with what was finished kept."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: CliCommand,
}

/// The questions that can be asked.
#[derive(Debug, Subcommand)]
pub enum CliCommand {
    /// What happens if I migrate this guest?
    Run(RunArgs),
    /// How well does the model predict these real migrations?
    Compare(CompareArgs),
    /// How does that change over these ranges?
    Sweep(sweep::SweepArgs),
    /// Which scenario explains this real migration?
    Fit(fit::FitArgs),
    /// Why did this migration end as it did, and what would have helped?
    Why(why::WhyArgs),
    /// What is the smallest change that makes it work?
    Plan(plan::PlanArgs),
    /// Did a policy default get worse?
    Check(check::CheckArgs),
    /// Draw results as charts: sweeps, timelines, drains
    Plot(plot::PlotArgs),
    /// Make a report: one HTML page with pictures and tables
    Report(report::ReportArgs),
    /// How long until this host is empty?
    Drain(drain::DrainArgs),
    /// Do it for real through libvirt, record it, hold it against the prediction
    Replay(replay::ReplayArgs),
    /// Which migrations run now, and how will each end?
    Watch(replay::WatchArgs),
    /// Measure this host: the constants that answers depend on
    Probe(probe::ProbeArgs),
    /// What do the guests of this host dirty?
    Survey(survey::SurveyArgs),
    /// What workloads are known by name?
    Presets(first::PresetsArgs),
    /// Write a first scenario, to continue from
    Init(first::InitArgs),
    /// How do I cite this?
    Cite(cite::CiteArgs),
    /// Completions for a shell
    Completions(handout::CompletionsArgs),
    /// Manual pages
    Man(handout::ManArgs),
    /// JSON schemas of what is read and written, for editors and programs
    Schema(handout::SchemaArgs),
}

impl CliCommand {
    /// When to use colours.
    pub fn color(&self) -> Color {
        match self {
            CliCommand::Run(args) => args.common.color,
            CliCommand::Compare(args) => args.common.color,
            CliCommand::Plot(args) => args.manners.color,
            CliCommand::Report(args) => args.manners.color,
            CliCommand::Sweep(args) => args.manners.color,
            CliCommand::Fit(args) => args.common.color,
            CliCommand::Why(args) => args.manners.color,
            CliCommand::Plan(args) => args.common.color,
            CliCommand::Check(args) => args.common.color,
            CliCommand::Drain(args) => args.common.color,
            CliCommand::Replay(args) => args.manners.color,
            CliCommand::Watch(args) => args.manners.color,
            CliCommand::Probe(args) => args.manners.color,
            CliCommand::Survey(args) => args.manners.color,
            CliCommand::Presets(args) => args.manners.color,
            CliCommand::Init(args) => args.manners.color,
            CliCommand::Cite(args) => args.manners.color,
            CliCommand::Completions(_) | CliCommand::Man(_) | CliCommand::Schema(_) => Color::Auto,
        }
    }

    /// Results are kept with what it takes to make them again.
    pub fn keep(&mut self, archive: Archive) {
        match self {
            CliCommand::Run(args) => args.common.archive = archive,
            CliCommand::Plan(args) => args.common.archive = archive,
            CliCommand::Drain(args) => args.common.archive = archive,
            CliCommand::Sweep(args) => args.archive = archive,
            _ => {}
        }
    }

    /// Whether it measures guests, or steers or watches real migrations, and ends them in good order by itself.
    pub fn is_real(&self) -> bool {
        match self {
            CliCommand::Replay(_) | CliCommand::Watch(_) | CliCommand::Survey(_) => true,
            CliCommand::Probe(args) => args.guest.is_some(),
            _ => false,
        }
    }

    /// Threads that many migrations are to be run on, where the flag is given. A sweep has threads of its own.
    pub fn jobs(&self) -> Option<NonZeroU16> {
        match self {
            CliCommand::Run(args) => args.jobs.jobs,
            CliCommand::Plan(args) => args.jobs.jobs,
            CliCommand::Check(args) => args.jobs.jobs,
            CliCommand::Drain(args) => args.jobs.jobs,
            _ => None,
        }
    }
}

/// `precopy run`
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  precopy run guest.toml\n  precopy run guest.toml --plot guest.png",
    after_long_help = RUN_EXAMPLES
)]
pub struct RunArgs {
    /// Scenario file (TOML), or `-` for standard input; with `--ram` and `--link` none is needed
    #[arg(value_name = "SCENARIO", required_unless_present = "ram")]
    pub scenario: Option<PathBuf>,

    /// Flags of a first answer.
    #[command(flatten)]
    pub first: first::FirstArgs,

    /// Of a fleet or a list of guests, the guest of this name, with the link for itself
    #[arg(long, value_name = "NAME", requires = "scenario")]
    pub vm: Option<String>,

    /// Set any key of the scenario; may be given several times
    ///
    /// The value is checked like the file's own: `--set guest.workload.0.rate="20000 pages/s"`.
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub sets: Vec<String>,

    /// What is above QEMU: a product's name, or the file that it reads its settings from, in place of the scenario's `[orchestrator]`
    ///
    /// Read are `nova.conf`, the `KubeVirt`, `HyperConverged` or `MigrationPolicy` object as YAML or JSON, a policy of oVirt's engine,
    /// Proxmox's `datacenter.cfg` and libvirt's `qemu.conf`: docs/orchestrators.md.
    #[arg(long, value_name = "FILE")]
    pub orchestrator: Option<PathBuf>,

    /// Write what happened when as CSV, a row per sync and per sample
    ///
    /// `-` is standard output; the report then needs a file of its own (`-o FILE`).
    #[arg(long, value_name = "FILE")]
    pub timeline: Option<PathBuf>,

    /// Draw remaining RAM, throttle, bandwidth and dirty rate over time
    ///
    /// The suffix picks the format: `.svg`, `.pdf` or `.png`.
    #[arg(long, value_name = "FILE")]
    pub plot: Option<PathBuf>,

    /// Run N times, with seeds from `--seed` on, and report medians, intervals and the share of verdicts
    ///
    /// Runs differ by what the scenario lets vary (`guest.rate-spread`, `time-spread` of phases, `link.spread`,
    /// `link.jitter`) and, with `--memory exact`, by which pages are written. JSON has a summary and a record for each run, CSV a row for each.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000), default_value_t = 1)]
    pub repeats: u32,

    /// Exit with 1 unless the migration ends like this; may be given several times
    ///
    /// A verdict (`converged`, `post-copy`, `paused`, `aborted`, `not-converged`), or comparisons over the fields of
    /// the outcome, such as `downtime_ms <= 500`; see docs/output.md. The report is written all the same.
    #[arg(long, value_name = "GOAL")]
    pub expect: Vec<String>,

    /// Share of the repeats that must end like this
    #[arg(long = "in", value_name = "SHARE", value_parser = share, default_value = "100%", requires = "expect")]
    pub in_share: Share,

    /// Of commands that run many migrations.
    #[command(flatten)]
    pub jobs: Jobs,

    /// Flags that all questions share.
    #[command(flatten)]
    pub common: Common,
}

const RUN_EXAMPLES: &str = "\
Examples:
  See whether a guest can be moved, and what it will feel:
      precopy run guest.toml

  A first answer without a file:
      precopy run --ram 32GiB --dirty-rate 1480MiB/s --link 25G \\
          --orchestrator nova

  The same guest over a slower link, with the throttle allowed:
      precopy run guest.toml --set link.bandwidth=\"1 Gbit/s\" \\
          --set qemu.auto-converge=true

  What will Nova do about it, or KubeVirt, oVirt, Proxmox:
      precopy run guest.toml --set orchestrator.kind=nova

  Fail a script unless the migration converges:
      precopy run guest.toml --expect converged --format json -o guest.json

  The same with a limit to the downtime, and to the time it takes:
      precopy run guest.toml \\
          --expect 'converged, downtime_ms <= 500, total_time_ms <= 10 min'

  How sure is that? 200 runs of a guest whose rate varies; exits with 1 unless
  95 % of them converge:
      precopy run guest.toml --repeats 200 --expect converged --in 95% \\
          --set guest.rate-spread.law=log-normal \\
          --set guest.rate-spread.deviation=\"20 %\"

  Keep everything for a closer look:
      precopy run guest.toml --timeline guest.csv --plot guest.png";

/// `precopy compare`
#[derive(Debug, Args)]
#[command(
    long_about = "How well does the model predict these real migrations?\n\n\
                  Takes workload, memory, link and parameters from each trace's configuration and the guest's write \
                  rate from before the migration, predicts the migration, and prints the prediction beside what \
                  happened.",
    after_help = "Examples:\n  precopy compare trace.json\n  precopy compare traces/*.json --format json -o errors.json",
    after_long_help = COMPARE_EXAMPLES
)]
pub struct CompareArgs {
    /// Recorded migrations (docs/trace-format.md) and logs (docs/logs.md); `-` is standard input
    #[arg(required = true, value_name = "TRACE")]
    pub traces: Vec<PathBuf>,

    /// Which migration of each log, counted from 1
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), default_value_t = 1)]
    pub nth: u32,

    /// Predict with this scenario in place of the traces' own configuration, which logs do not have
    #[arg(long, value_name = "FILE")]
    pub scenario: Option<PathBuf>,

    /// Exit with 1 if a total time is off by more than PCT per cent or a verdict is wrong
    #[arg(long, value_name = "PCT", value_parser = tolerance)]
    pub tolerance: Option<f64>,

    /// Which rate of the guest to predict from: that before the migration, or that under way, which is not known before
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = GuestRate::Before)]
    pub rate: GuestRate,

    /// Also show the time of every sync
    #[arg(long)]
    pub passes: bool,

    /// Flags that all questions share.
    #[command(flatten)]
    pub common: Common,
}

/// Which rate of a recorded guest a prediction begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum GuestRate {
    /// As it was before the migration.
    Before,
    /// As it was during the migration, while the throttle let the guest run.
    UnderWay,
}

const COMPARE_EXAMPLES: &str = "\
Examples:
  Predicted beside measured, with a summary over all traces:
      precopy compare traces/*.json

  The time of every sync of one migration:
      precopy compare trace.json --passes

  A log of `virsh domjobinfo --rawstats`, which says nothing of guest and link:
      precopy compare web1.log --scenario web1.toml

  What is off although the guest's rate under way is known:
      precopy compare traces/*.json --rate under-way

  Fail a script when a prediction is off by more than 8 %:
      precopy compare traces/*.json --tolerance 8";

/// A share in per cent that is not negative.
fn tolerance(text: &str) -> Result<f64, String> {
    let value = text.trim_end_matches('%').trim().parse().ok();
    let value = value.filter(|value: &f64| value.is_finite() && *value >= 0.0);
    value.ok_or_else(|| "a tolerance is a number of per cent from 0 on, like 8".to_owned())
}

/// Flags that all questions share.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Common options")]
pub struct Common {
    /// Root of every random stream; the same scenario and seed give the same bytes
    #[arg(long, value_name = "N", default_value_t = sim::Options::default().seed)]
    pub seed: u64,

    /// How the guest's memory is modelled
    #[arg(long, value_enum, value_name = "MODEL", default_value_t)]
    pub memory: MemoryArg,

    /// Form of the report
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    pub format: OutputFormat,

    /// Where the report goes; a file appears when it is complete
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    pub output: PathBuf,

    /// When to use colours; `NO_COLOR` is honoured
    #[arg(long, value_enum, value_name = "WHEN", default_value_t)]
    pub color: Color,

    /// No warnings and notes, only results and errors
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Tell on standard error what happens during the migration
    #[arg(short, long)]
    pub verbose: bool,

    /// Where the command works; no flag.
    #[arg(skip)]
    pub desk: Desk,

    /// What it takes to make the results again; no flag.
    #[arg(skip)]
    pub archive: Archive,
}

impl Common {
    /// Whether the answer says what made it: JSON itself, rows in a note beside their file.
    pub fn has_origin(&self) -> bool {
        match self.format {
            OutputFormat::Text => false,
            OutputFormat::Json => true,
            OutputFormat::Csv => self.output != Path::new("-"),
        }
    }

    /// How a migration is simulated: without a timeline, and until the watch stops it.
    pub fn options(&self, watch: &Arc<sim::Watch>) -> sim::Options {
        let watch = Some(Arc::clone(watch));
        sim::Options { memory: self.memory.into(), seed: self.seed, watch, ..sim::Options::default() }
    }
}

/// `--memory`
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum MemoryArg {
    /// Expected shares of dirty pages in closed form: fast, whatever the guest's size
    #[default]
    Expected,
    /// One bit per page, every page write drawn: the slow reference
    Exact,
}

/// A share above nothing and up to the whole, as `--in` takes it.
fn share(text: &str) -> Result<Share, String> {
    let share = parse::parse::<Share>(text, Some("%")).map_err(|error| error.to_string())?;
    if parse::is_bare(text) && share > Share(0.0) && share.percent() <= 1.0 {
        let (percent, all) = (share, Share(share.percent()));
        return Err(format!("a share of the whole, or a percentage? write {all} or {percent}"));
    }
    if share > Share(0.0) && share <= Share::ALL { Ok(share) } else { Err("above 0 %, and at most 100 %".to_owned()) }
}

/// `--format`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// For a person
    #[default]
    Text,
    /// One object, base units, full precision
    Json,
    /// A header and a row, base units, full precision
    Csv,
}

/// `--color`
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum Color {
    /// On a terminal
    #[default]
    Auto,
    /// Also into pipes and files
    Always,
    /// Not at all
    Never,
}

impl From<MemoryArg> for sim::Memory {
    fn from(memory: MemoryArg) -> sim::Memory {
        match memory {
            MemoryArg::Expected => sim::Memory::Expected,
            MemoryArg::Exact => sim::Memory::Exact,
        }
    }
}

impl From<Color> for anstream::ColorChoice {
    fn from(color: Color) -> anstream::ColorChoice {
        match color {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definitions_agree_with_each_other() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_tolerance_is_a_share_from_0_on() {
        let parse = |value: &str| {
            Cli::try_parse_from(["precopy", "compare", "a.json", &format!("--tolerance={value}")])
                .map(|cli| match cli.command {
                    CliCommand::Compare(args) => args.tolerance,
                    _ => panic!("it is a comparison"),
                })
                .map_err(|error| error.to_string())
        };
        assert_eq!(parse("8"), Ok(Some(8.0)));
        assert_eq!(parse("2.5%"), Ok(Some(2.5)));
        for bad in ["much", "-1", "nan", "inf"] {
            let message = parse(bad).unwrap_err();
            assert!(message.contains("a tolerance is a number of per cent"), "{message}");
        }
    }
}
