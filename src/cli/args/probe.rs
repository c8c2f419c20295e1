//! `precopy probe`: its words.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Manners;

/// `precopy probe`
#[derive(Debug, Args)]
#[command(
    long_about = "What does this host do, on which answers hang?\n\n\
                  Measures what one connection carries and how fast one thread finds zero pages, and prints them as the \
                  section [host] of a scenario. Uses two threads and 512 MiB for the time given, and sends to nobody but \
                  itself, unless --to names a peer that runs `precopy probe --listen`.",
    after_help = "Examples:\n  \
                  precopy probe\n  \
                  precopy probe --listen 10.0.0.2:7000      # on the destination, until Ctrl-C\n  \
                  precopy probe --to 10.0.0.2:7000 -o host.toml"
)]
pub struct ProbeArgs {
    /// Time for all measurements
    #[arg(long, value_name = "S", default_value = "10", value_parser = clap::value_parser!(u16).range(1..=600))]
    pub seconds: u16,

    /// Send to a peer instead of over the loopback
    #[arg(long, value_name = "IP:PORT")]
    pub to: Option<SocketAddr>,

    /// Receive what peers send, until Ctrl-C; measures nothing
    #[arg(long, value_name = "IP:PORT", conflicts_with_all = ["to", "seconds", "output", "format"])]
    pub listen: Option<SocketAddr>,

    /// File of the result; `-` is standard output
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    pub output: PathBuf,

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
