//! `precopy survey`: its words.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgGroup, Args};

use super::Manners;
use crate::fit::CalcMode;
use crate::units::{Span, parse};

/// `precopy survey`
#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("source").args(["connect", "from"]).required(true),
    long_about = "What do the guests of this host dirty?\n\n\
                  Asks libvirt for all guests that run: RAM, vCPUs, huge pages, what the balloon tells, and the different pages \
                  that each dirties over several lengths of time, and writes a fleet that `precopy drain` empties. Guests are \
                  measured one at a time, guests and lengths in turn, several times over, so that the fleet also says how much the \
                  rates scatter. With --record, all are measured again and again for minutes, into workloads that change over \
                  time. Nothing is migrated, stopped or set. Ctrl-C ends it with what was measured so far and exit code 130. \
                  docs/measure.md tells how to go on.",
    after_help = "Examples:\n  \
                  precopy survey --connect qemu:///system -o fleet.toml\n  \
                  precopy survey --connect qemu:///system --guest web1 --record 5min -o web1.csv",
    after_long_help = EXAMPLES
)]
pub struct SurveyArgs {
    /// The host, as libvirt names it
    #[arg(long, value_name = "URI")]
    pub connect: Option<String>,

    /// A file of answers in place of a host: what `virsh version`, `dumpxml` and `domstats` printed, or what --keep wrote
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,

    /// Only this guest; may be given several times
    #[arg(long, value_name = "NAME")]
    pub guest: Vec<String>,

    /// Lengths of the measurements, in whole seconds [default: 1s,2s,5s, or those of --from]
    #[arg(long, value_name = "TIMES", value_delimiter = ',', value_parser = seconds, conflicts_with = "record")]
    pub periods: Vec<Span>,

    /// How often each length is measured; from three on the fleet says how much it scatters [default: 3]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000), conflicts_with = "record")]
    pub times: Option<u32>,

    /// How dirty pages are counted: contents of samples, or writes, by the dirty log or by each vCPU's ring
    ///
    /// `page-sampling` reads 512 pages of each GiB twice and disturbs no guest; a page that is rewritten with the same bytes counts
    /// as clean. `dirty-bitmap` (KVM, libvirt 8.1) counts writes, and for that time the first write to each page is a fault, huge
    /// pages are split, as while a migration runs. `dirty-ring` needs a guest that was started with it. Guests under TCG are always
    /// sampled.
    #[arg(long, value_name = "MODE", default_value = "page-sampling", value_parser = mode(), hide_possible_values = false)]
    pub mode: CalcMode,

    /// Measure all guests again and again for so long, each time over 1 s
    ///
    /// `-o NAME.csv` is the file of a workload `trace` of one guest; `-o NAME.toml` is a fleet, with such a file beside it for each
    /// guest, NAME-GUEST.csv. At the end comes one measurement of a third of the time, 60 s at most: it tells how many pages the guest
    /// writes again and again.
    #[arg(long, value_name = "TIME", value_parser = record)]
    pub record: Option<Span>,

    /// Time between the beginnings of two measurements of --record
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = every, requires = "record")]
    pub every: Span,

    /// Speed of the link that the fleet gets, such as 25G for 25 Gbit/s; 10 Gbit/s is assumed if not given
    #[arg(long, value_name = "RATE")]
    pub link: Option<String>,

    /// Keep the answers themselves, as virsh would print them; `--from` and `precopy fit --dirtyrate` read them
    #[arg(long, value_name = "FILE")]
    pub keep: Option<PathBuf>,

    /// File of the result; `-` is standard output
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    pub output: PathBuf,

    /// What is said beside the result, and how.
    #[command(flatten)]
    pub manners: Manners,
}

const EXAMPLES: &str = "\
Examples:
  All guests of this host, and how long emptying it takes:
      precopy survey --connect qemu:///system --link 25G -o fleet.toml
      precopy drain fleet.toml

  Writes in place of contents, as a migration sends them (KVM):
      precopy survey --connect qemu:///system --mode dirty-bitmap \\
          -o fleet.toml

  One guest for half an hour, as a workload that changes over time:
      precopy survey --connect qemu:///system --guest web1 \\
          --record 30min --every 5s -o web1.csv

  On a host without precopy; the file is read elsewhere:
      virsh version > host1.txt
      for guest in $(virsh list --name); do
        virsh dumpxml $guest
        for s in 1 2 5 1 2 5 1 2 5; do
          virsh domdirtyrate-calc $guest --seconds $s; sleep $((s + 1))
          virsh domstats $guest --state --balloon --vcpu --dirtyrate
        done
      done >> host1.txt
      precopy survey --from host1.txt -o fleet.toml";

fn mode() -> impl TypedValueParser<Value = CalcMode> {
    PossibleValuesParser::new(CalcMode::ALL.map(CalcMode::word))
        .try_map(|word| CalcMode::of(&word).ok_or("no such mode"))
}

/// Longest measurement that libvirt makes.
const LONGEST: Span = Span::from_ms(60_000);

fn time(text: &str) -> Result<Span, String> {
    parse::parse::<Span>(text, None).map_err(|error| error.reason)
}

fn seconds(text: &str) -> Result<Span, String> {
    let span = time(text)?;
    match span > Span::ZERO && span <= LONGEST && span.0.is_multiple_of(1_000_000_000) {
        true => Ok(span),
        false => Err(
            "libvirt measures whole seconds from 1 to 60; QEMU's own command measures shorter ones: docs/measure.md"
                .to_owned(),
        ),
    }
}

fn record(text: &str) -> Result<Span, String> {
    let span = time(text)?;
    let is_right = (Span::from_ms(3000)..=Span::from_ms(7 * 86_400_000)).contains(&span);
    if is_right { Ok(span) } else { Err("a recording takes from 3 s to 7 days".to_owned()) }
}

fn every(text: &str) -> Result<Span, String> {
    let span = time(text)?;
    let is_right = (Span::from_ms(1000)..=Span::from_ms(3_600_000)).contains(&span);
    if is_right { Ok(span) } else { Err("each measurement takes 1 s; give from 1 s to 1 h".to_owned()) }
}
