//! `precopy probe`: what does this host do, on which answers hang?

use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::args::probe::{ProbeArgs, ProbeFormat};
use super::{Failure, interrupt, note, trial};
use crate::probe::{self, HostProbe};
use crate::report::Output;

/// Measures, or receives what another host measures with, or tries a guest.
pub(super) fn probe(args: &ProbeArgs) -> Result<(), Failure> {
    if let Some(guest) = &args.guest {
        return trial::trial(args, guest);
    }
    let say = |text: &str| {
        if !args.manners.quiet {
            note(text);
        }
    };
    if let Some(address) = args.listen {
        let stop = interrupt::flag()?;
        let heard =
            |address| say(&format!("listening at {address} until Ctrl-C; `precopy probe --to {address}` sends"));
        return probe::listen(address, &|| stop.load(Ordering::Relaxed), heard)
            .map_err(|error| Failure::System(format!("cannot listen at {address}: {error}")));
    }
    let peer = args.to.as_deref().map(peer).transpose()?;
    let output = Output::open(args.output.as_deref().unwrap_or(Path::new("-")))?;
    say(&format!("measuring for {} s", args.seconds));
    if cfg!(debug_assertions) {
        say(
            "a debug build finds zero pages far more slowly than QEMU; `cargo build --release --locked` measures the host",
        );
    }
    let probe = HostProbe::measure(Duration::from_secs(args.seconds.into()), peer).map_err(|error| {
        let help = "run `precopy probe --listen IP:PORT` there";
        match peer {
            Some(peer) => Failure::System(format!("cannot send to {peer}: {error}; {help}")),
            None => Failure::System(format!("cannot send over the loopback: {error}")),
        }
    })?;
    let text = match args.format {
        ProbeFormat::Toml => probe.to_string(),
        ProbeFormat::Json => serde_json::to_string_pretty(&probe).unwrap_or_default() + "\n",
    };
    Ok(output.write(text.as_bytes())?)
}

/// Where a stream goes to.
fn peer(text: &str) -> Result<SocketAddr, Failure> {
    text.parse().map_err(|_| {
        let help = "a peer is IP:PORT, as `precopy probe --listen` says it; a libvirt URI goes with `--guest NAME`";
        Failure::Input(format!("`--to {text}` is no address: {help}"))
    })
}
