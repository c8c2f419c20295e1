//! What a host does, measured on the host itself: the constants of [`HostModel`](crate::qemu::HostModel) that a few seconds
//! show.
//!
//! | constant | measured by |
//! |---|---|
//! | `stream` | pages written into a TCP connection by one thread and read by another, on the loopback or to a peer |
//! | `zero-scan` | RAM that was written with zeros, looked through page by page |
//!
//! [`GuestTrial`] tries a guest: a migration whose stream ends in a [`StreamSink`].
//!
//! Setup, sync and switchover take a guest. A virtual machine of no more than a slot of RAM, made through KVM's own calls, would
//! give the time that KVM takes to hand over a log in which nothing is dirty: less than QEMU's sync, which also merges the log into
//! its bitmap, and less than any sync of a guest that writes. Such a figure would be taken for what it is not, so the section says
//! where a migration's own log has it.

mod sink;
mod stream;
mod trial;
mod zero_scan;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use serde::Serialize;

use crate::units::Rate;

pub use sink::StreamSink;
pub use stream::listen;
pub use trial::{GuestTrial, TrialOptions};

/// Several measurements of one speed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MeasuredSpeed {
    /// The one in the middle.
    pub median: Rate,
    /// The slowest.
    pub slowest: Rate,
    /// The fastest.
    pub fastest: Rate,
    /// How many there are.
    pub runs: usize,
}

/// What was measured.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct HostProbe {
    /// What one connection carries.
    pub stream: MeasuredSpeed,
    /// Where it went to; `None`: the loopback.
    pub peer: Option<SocketAddr>,
    /// Speed at which zero pages are found.
    pub zero_scan: MeasuredSpeed,
}

/// Times that each speed is measured.
const RUNS: u32 = 5;

impl HostProbe {
    /// What is above the section: what is not measured, why, and where else it is seen.
    const HEAD: &str = "\
# Measured by `precopy probe`.
# Not measured: setup, sync and switchover. They need a guest under KVM whose dirty log is on, and that of a guest which
# writes nothing is the cheapest there is. The log of a migration has them: its `setup-time`; the time between QEMU's trace
# events `migration_bitmap_sync_start` and `migration_bitmap_sync_end`, by the guest's GiB; the downtime of a quiet guest.
# `precopy compare LOG --scenario FILE` holds such a log against what is assumed, `precopy fit LOG` finds the guest in it.
[host]
";

    /// Measures for about `time` in all.
    ///
    /// # Errors
    /// No connection, or one that breaks.
    pub fn measure(time: Duration, peer: Option<SocketAddr>) -> io::Result<HostProbe> {
        let each = time / (2 * RUNS);
        let zero_scan = MeasuredSpeed::of(zero_scan::speeds(each, RUNS));
        let stream = (0..RUNS).map(|_| stream::speed(each, peer)).collect::<io::Result<Vec<Rate>>>()?;
        Ok(HostProbe { stream: MeasuredSpeed::of(stream), peer, zero_scan })
    }
}

impl MeasuredSpeed {
    /// Of at least one measurement.
    fn of(mut speeds: Vec<Rate>) -> MeasuredSpeed {
        speeds.sort_unstable();
        let at = |index: usize| speeds.get(index).copied().unwrap_or_default();
        let last = speeds.len().saturating_sub(1);
        MeasuredSpeed { median: at(last / 2), slowest: at(0), fastest: at(last), runs: speeds.len() }
    }

    /// Bytes a second in whole megabytes, as a scenario takes it.
    fn written(rate: Rate) -> String {
        format!("{} MB/s", (rate.0 as f64 / 1e6).round().max(1.0))
    }

    fn line(&self, key: &str, how: &str) -> String {
        let MeasuredSpeed { median, slowest, fastest, runs } = self;
        let [median, slowest, fastest] = [median, slowest, fastest].map(|rate| MeasuredSpeed::written(*rate));
        format!("{key} = \"{median}\" # {how}: {slowest} to {fastest} in {runs} runs\n")
    }
}

/// The section `[host]` of a scenario.
impl fmt::Display for HostProbe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let way = match self.peer {
            Some(peer) => format!("one connection to {peer}"),
            None => "one connection over the loopback, where one host does the work of two".to_owned(),
        };
        f.write_str(HostProbe::HEAD)?;
        f.write_str(&self.stream.line("stream", &way))?;
        f.write_str(&self.zero_scan.line("zero-scan", "one thread over touched RAM"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Input;

    #[test]
    fn what_was_measured_is_a_section_that_the_loader_reads() {
        let speeds = |bytes: [u64; 3]| MeasuredSpeed::of(bytes.map(Rate).to_vec());
        let probe = HostProbe {
            stream: speeds([2_100_000_000, 1_900_000_000, 2_000_400_000]),
            peer: None,
            zero_scan: speeds([12_000_000_000, 11_000_000_000, 13_000_000_000]),
        };
        let file = format!("[guest]\nmemory = \"4 GiB\"\n[link]\nbandwidth = \"100 Gbit/s\"\n{probe}");
        let host = Input::new("a.toml", &file, &[]).unwrap().load().unwrap().scenario.qemu.host;
        assert_eq!((host.stream, host.zero_scan), (Rate(2_000_000_000), Rate(12_000_000_000)), "{file}");
    }

    #[test]
    fn a_short_probe_finds_both_speeds() {
        let probe = HostProbe::measure(Duration::from_millis(200), None).unwrap();
        assert!(probe.stream.slowest > Rate(0) && probe.zero_scan.slowest > Rate(0), "{probe:?}");
        assert!(probe.stream.slowest <= probe.stream.median && probe.stream.median <= probe.stream.fastest);
    }
}
