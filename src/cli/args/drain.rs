//! `precopy drain`

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser};

use super::plan::PlanArgs;
use super::{Common, Jobs};
use crate::drain::AssumedLoad;
use crate::orchestrator::scheduler::QueueOrder;
use crate::scenario::SCHEDULERS;
use crate::units::parse;
use crate::units::{Share, Span};

/// `precopy drain`
#[derive(Debug, Args)]
#[command(
    long_about = "How long until this host is empty?\n\n\
                  Migrates all guests of a host over the link that they share, as the scheduler lets them go, and \
                  tells when the host is empty, who went when, and who stays and why. Of guests that name several hosts, \
                  these are emptied one after another, as for a rolling upgrade.",
    after_help = "Examples:\n  precopy drain fleet.toml\n  precopy drain fleet.toml --search\n  precopy drain guests.csv --link \"25 Gbit/s\" --scheduler all",
    after_long_help = EXAMPLES
)]
pub struct DrainArgs {
    /// Fleet: a scenario file with `[[vm]]` entries (TOML), a table with a row for each guest (`.csv`, `.tsv`), or a list of
    /// guests as a product writes it; `-` for standard input
    ///
    /// Read are `virsh dumpxml`, `virsh domstats` and `virsh dominfo` of one guest or several, `openstack server list --long`
    /// as JSON or CSV, `kubectl get vmi -o json`, and Proxmox's `pvesh get /cluster/resources --output-format json`:
    /// docs/inventories.md.
    #[arg(value_name = "FLEET")]
    pub fleet: PathBuf,

    /// Set any key of the fleet; may be given several times
    ///
    /// `--set guest.zero="20 %"` holds for all guests, `--set vm.0.guest.memory="8 GiB"` for the first entry.
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub sets: Vec<String>,

    /// Bandwidth of the shared link; the same as `--set link.bandwidth=RATE`
    #[arg(long, value_name = "RATE")]
    pub link: Option<String>,

    /// What is above QEMU: a product's name, or the file that it reads its settings from, in place of the scenario's `[orchestrator]`
    ///
    /// Read are `nova.conf`, the `KubeVirt`, `HyperConverged` or `MigrationPolicy` object as YAML or JSON, a policy of oVirt's engine,
    /// Proxmox's `datacenter.cfg` and libvirt's `qemu.conf`: docs/orchestrators.md.
    #[arg(long, value_name = "FILE")]
    pub orchestrator: Option<PathBuf>,

    /// What the words in a table's column `load` stand for, before the program's own table (TOML, docs/inventories.md)
    #[arg(long, value_name = "FILE")]
    pub loads: Option<PathBuf>,

    /// What guests of unknown workload write at worst; the answer then holds from idle to that
    ///
    /// The name of a preset (`precopy presets`), or a rate for each GiB of RAM: `--assume '20 MiB/s per GiB'`.
    #[arg(long, value_name = "LOAD", value_parser = AssumedLoad::parse)]
    pub assume: Option<AssumedLoad>,

    /// Flavors of an OpenStack list: `openstack flavor list --all -f json`
    #[arg(long, value_name = "FILE")]
    pub flavors: Option<PathBuf>,

    /// Of several hosts, take the guests of this one only
    ///
    /// Without it the hosts that guests name (`node` of a `[[vm]]`, the column `host` of a table, a list of a whole cluster) are emptied one
    /// after another, each guest into a host with room: docs/drain.md.
    #[arg(long, value_name = "NAME")]
    pub host: Option<String>,

    /// Take this product's scheduler with its defaults in place of the fleet's; `all` compares them in one table
    ///
    /// With it come the product's rules for each migration, unless the fleet names an `[orchestrator]`.
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(SCHEDULERS.into_iter().chain([ALL])))]
    pub scheduler: Option<String>,

    /// Migrations at once, whatever the scheduler says
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub slots: Option<u32>,

    /// Who comes first, whatever the scheduler says
    #[arg(long, value_name = "ORDER", value_parser = order())]
    pub order: Option<QueueOrder>,

    /// Look for the best settings, the best number of migrations at once and the best order
    ///
    /// Best is that the fewest guests stay, then that window and goals are kept, then that the host is empty soonest. Every number with every order is
    /// tried; then settings are turned, for all guests or for those in the way; then guests change places. The page lists the best answers with what each
    /// costs, the given settings first. Ctrl-C ends it, and the best found so far is reported.
    #[arg(long)]
    pub search: bool,

    /// Most migrations at once that a search tries
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=128))]
    pub most: u32,

    /// Drains that a search spends on settings; 0 leaves them as they are
    #[arg(long, value_name = "N", default_value_t = 200)]
    pub settings: u32,

    /// Drains that a search spends on letting guests change places
    #[arg(long, value_name = "N", default_value_t = 96)]
    pub exchanges: u32,

    /// What each guest is owed; may be given several times, and all must hold
    ///
    /// Comparisons over the fields of the outcome, such as `longest_stall_ms <= 500`; see docs/output.md. Names before a colon
    /// say whose it is: `pg-*: longest_stall_ms <= 200`. A fleet file has its own in `[[sla]]`. Exits with 1 unless all hold and
    /// no guest stays.
    #[arg(long = "goal", value_name = "[NAMES:] GOAL")]
    pub goals: Vec<String>,

    /// The host is to be empty within this time, or it exits with 1
    ///
    /// Attempts, retries and waits between them count; `limits.time` ends a single migration.
    #[arg(long, value_name = "TIME", value_parser = |text: &str| time(text), conflicts_with = "within")]
    pub window: Option<Span>,

    /// Drain N times, with seeds from `--seed` on; 100 times if `--within` or `--in` is given
    ///
    /// Drains differ by what the fleet lets vary (`guest.rate-spread`, `link.spread`, `link.jitter`).
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub repeats: Option<u32>,

    /// Report the chance that the host is empty within this time
    #[arg(long, value_name = "TIME", value_parser = |text: &str| time(text))]
    pub within: Option<Span>,

    /// Exit with 1 unless at least this share of the drains keeps the window and the goals
    #[arg(long = "in", value_name = "SHARE", value_parser = super::share)]
    pub in_share: Option<Share>,

    /// Draw who went when
    ///
    /// The suffix picks the format: `.svg`, `.pdf` or `.png`.
    #[arg(long, value_name = "FILE")]
    pub plot: Option<PathBuf>,

    /// The page to hand on: one HTML file that needs no network, with the answer, the timetable, who stays and why
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,

    /// Heading of that page, where the fleet asks no `question`
    #[arg(long, value_name = "TEXT", requires = "report")]
    pub title: Option<String>,

    /// Of commands that run many migrations.
    #[command(flatten)]
    pub jobs: Jobs,

    /// Flags that all questions share.
    #[command(flatten)]
    pub common: Common,
}

/// The flags alone, for their defaults.
#[derive(Parser)]
struct DrainFlags {
    #[command(flatten)]
    drain: DrainArgs,
}

impl DrainArgs {
    /// The search that a plan of a fleet is.
    pub fn of_plan(plan: &PlanArgs) -> DrainArgs {
        let defaults = DrainFlags::parse_from(["drain", "-", "--search"]).drain;
        DrainArgs {
            fleet: plan.scenario.clone(),
            sets: plan.sets.clone(),
            link: plan.link.clone(),
            orchestrator: plan.orchestrator.clone(),
            scheduler: plan.scheduler.clone(),
            goals: plan.goals.clone(),
            window: plan.window,
            jobs: plan.jobs.clone(),
            common: plan.common.clone(),
            ..defaults
        }
    }
}

/// `--scheduler all`
pub const ALL: &str = "all";

const EXAMPLES: &str = "\
Examples:
  When is this host empty, and who is in the way?
      precopy drain fleet.toml

  The same with three at a time, the guests that write least first:
      precopy drain fleet.toml --slots 3 --order lowest-rate-first

  How do the products' schedulers compare?
      precopy drain fleet.toml --scheduler all

  Which settings, how many at a time, and in which order, would be best?
      precopy drain fleet.toml --search --plot best.png

  Is it empty in 45 minutes, with what guests are owed? Exits with 1 if not:
      precopy drain fleet.toml --window 45min \\
          --goal 'longest_stall_ms <= 500' \\
          --goal 'running_slowdown_pct <= 20'

  The same as a page to hand on:
      precopy drain fleet.toml --window 45min --report host.html \\
          --title 'Can host 17 be emptied in 45 minutes?'

  Some write rates are not known; does the answer hold if they are that high?
      precopy drain guests.csv --link 25G --window 45min \\
          --assume '20 MiB/s per GiB'

  Will it be done in an hour, for 95 of 100 nights? Exits with 1 if not:
      precopy drain fleet.toml --within 1h --in 95% \\
          --set guest.rate-spread.law=log-normal \\
          --set guest.rate-spread.deviation=\"30 %\"

  Four hosts upgraded one after another, within 2 hours? Exits with 1 if not:
      precopy drain rack.toml --window 2h --report rack.html

  A list of guests from somewhere else:
      precopy drain guests.csv --link 25G \\
          --set qemu.auto-converge=true
      virsh domstats --state --balloon --vcpu --dirtyrate | \\
          precopy drain - --link 25G";

fn order() -> impl TypedValueParser<Value = QueueOrder> {
    PossibleValuesParser::new(QueueOrder::ALL.map(|order| order.0))
        .try_map(|word| QueueOrder::ALL.into_iter().find(|order| order.0 == word).map(|o| o.1).ok_or("no such order"))
}

pub(super) fn time(text: &str) -> Result<Span, String> {
    let span = parse::parse::<Span>(text, None).map_err(|error| error.reason)?;
    if span == Span::ZERO { Err("nothing is over in no time".to_owned()) } else { Ok(span) }
}
