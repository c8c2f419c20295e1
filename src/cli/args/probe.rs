//! `precopy probe`: its words.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Manners;
use crate::units::{Rate, Span, parse};

/// `precopy probe`
#[derive(Debug, Args)]
#[command(
    long_about = "What does this host do, on which answers hang?\n\n\
                  Measures what one connection carries and how fast one thread finds zero pages, and prints them as the \
                  section [host] of a scenario. Uses two threads and 512 MiB for the time given, and sends to no host but \
                  itself, unless --to names a peer that runs `precopy probe --listen`.\n\n\
                  With --guest it tries a guest: a migration with auto-converge through libvirt whose stream ends here, where it is \
                  thrown away, and which is cancelled after --for. Nothing of the guest arrives at the destination, so it cannot move, \
                  whatever happens; where the migration would arrive within that time, the guest is stopped for a moment and \
                  runs on at the source. Meanwhile it is slowed down as by any such migration. Asks first, unless --yes. Statistics are \
                  recorded for `precopy fit` and `precopy why`. docs/measure.md tells more.",
    after_help = "Examples:\n  \
                  precopy probe\n  \
                  precopy probe --listen 10.0.0.2:7000      # on the destination, until Ctrl-C\n  \
                  precopy probe --to 10.0.0.2:7000 -o host.toml\n  \
                  precopy probe --guest web1 --connect qemu:///system \\\n      \
                  --to qemu+ssh://host2/system"
)]
pub struct ProbeArgs {
    /// Time for all measurements
    #[arg(long, value_name = "S", default_value = "10", value_parser = clap::value_parser!(u16).range(1..=600))]
    pub seconds: u16,

    /// Send to a peer instead of over the loopback; with --guest, the destination as the source's libvirt daemon reaches it
    #[arg(long, value_name = "IP:PORT|URI")]
    pub to: Option<String>,

    /// Receive what peers send, until Ctrl-C; measures nothing
    #[arg(long, value_name = "IP:PORT", conflicts_with_all = ["to", "seconds", "output", "format"])]
    pub listen: Option<SocketAddr>,

    /// Try this guest: a migration with auto-converge that is cancelled
    ///
    /// Its stream ends in this program, which throws it away: nothing of the guest arrives at the destination, so it cannot move,
    /// whatever happens. Where the migration would arrive within the time, the guest is stopped for a moment and runs on at the
    /// source. Meanwhile it is slowed down as by any such migration. Asks first, unless --yes. The statistics are recorded for
    /// `precopy fit` and `precopy why`: docs/measure.md.
    #[arg(long, value_name = "NAME", requires_all = ["connect", "to"], conflicts_with_all = ["listen", "seconds", "format"])]
    pub guest: Option<String>,

    /// Where the guest runs, as libvirt names it
    #[arg(long, value_name = "URI", requires = "guest")]
    pub connect: Option<String>,

    /// How long the guest is tried, after the first pass over its RAM
    #[arg(long = "for", value_name = "TIME", default_value = "20s", value_parser = time, requires = "guest")]
    pub time: Span,

    /// What the trial may send, in whole MiB/s
    #[arg(long, value_name = "RATE", default_value = "128 MiB/s", value_parser = rate, requires = "guest")]
    pub bandwidth: Rate,

    /// Where the source's QEMU reaches this program, which throws the stream away; on the source host itself the loopback will do
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:0", requires = "guest")]
    pub sink: SocketAddr,

    /// Show the calls that would be made, and make none
    #[arg(long, requires = "guest")]
    pub dry_run: bool,

    /// Do not ask
    #[arg(short, long, requires = "guest")]
    pub yes: bool,

    /// File of the result; `-` is standard output [default: -, with --guest NAME.trace.json]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Form of the result
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub format: ProbeFormat,

    /// What is said, and how.
    #[command(flatten)]
    pub manners: Manners,
}

/// Forms of a probe's result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ProbeFormat {
    /// A section of a scenario.
    #[default]
    Toml,
    /// JSON, in bytes a second.
    Json,
}

fn time(text: &str) -> Result<Span, String> {
    let span = parse::parse::<Span>(text, None).map_err(|error| error.reason)?;
    let is_right = (Span::from_ms(1000)..=Span::from_ms(600_000)).contains(&span);
    if is_right { Ok(span) } else { Err("a trial takes from 1 s to 10 min".to_owned()) }
}

fn rate(text: &str) -> Result<Rate, String> {
    let rate = parse::parse::<Rate>(text, None).map_err(|error| error.reason)?;
    if rate.0 >= 1 << 20 { Ok(rate) } else { Err("libvirt's least limit is 1 MiB/s".to_owned()) }
}
