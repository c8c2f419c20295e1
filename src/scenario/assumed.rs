//! What the texts leave open, and what it is taken for.

use std::fmt;

use super::Scenario;
use super::tree::{Table, TomlValue};
use crate::guest::{Law, Replay};
use crate::qemu::levers::{COMPRESS, COMPRESSED_CHANNELS, MULTIFD, TLS};
use crate::qemu::{Params, Transport};
use crate::units::{Bytes, Pages, Rate, Span};

/// Something that no key says and that the answer hangs on, with the value that stands in for it.
///
/// Values of one variant are ordered, so that those of many guests can be told as a range.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub enum Assumption {
    /// There is no workload: what the guest writes is unknown, and it is taken for idle.
    Idle,
    /// Nobody sets `max-bandwidth`: the release's own default holds, which does not fill the link.
    MaxBandwidth(Rate),
    /// A list of guests names no `max-bandwidth`: none holds, as where libvirt starts a migration.
    NoMaxBandwidth,
    /// Nobody says whose rules hold while a guest of a fleet migrates: those of the product whose scheduler it has.
    Orchestrator(&'static str),
    /// No page is known to be zero.
    NoZeroPages,
    /// Speed of the scan over zero pages.
    ZeroScan(Rate),
    /// Time of setup.
    Setup(Span),
    /// Time of a sync.
    Sync(Span),
    /// Fixed part of the blackout.
    Switchover(Span),
    /// What one connection carries, where the link and its limits allow more than some hosts can send.
    Stream(Rate),
    /// What each multifd channel carries, likewise.
    Channel(Rate),
    /// What an ssh tunnel carries.
    Ssh(Rate),
    /// What libvirt's own tunnel carries.
    LibvirtTunnel(Rate),
    /// What RDMA carries, with chunks registered as they go.
    Rdma(Rate),
    /// What RDMA carries with all RAM pinned.
    RdmaPinned(Rate),
    /// What TLS lets through on a channel.
    Tls(Rate),
    /// What a thread's compression makes of pages.
    CompressionRatio(f64),
    /// Pages that one thread compresses.
    CompressionBandwidth(Rate),
    /// A recording has accesses: each is taken for a write, so that the guest is the busiest that it may be.
    Accesses,
    /// A recording has intervals, of which the longest is this: pages are written evenly within them.
    EvenlyWithin(Span),
    /// A recording of this length begins again at its end.
    Again(Span),
}

impl Assumption {
    /// The key that would say it, as [`taken_for`](Assumption::taken_for) is written.
    pub fn key(self) -> &'static str {
        self.keys()[0]
    }

    /// Whether that key says it.
    pub fn is_said_by(self, key: &str) -> bool {
        self.keys().contains(&key)
    }

    /// The keys that say it, each alone: the guest's own, and those of hosts.
    pub fn keys(self) -> &'static [&'static str] {
        match self {
            Assumption::Idle => &["guest.workload"],
            Assumption::MaxBandwidth(_) | Assumption::NoMaxBandwidth => &["qemu.max-bandwidth"],
            Assumption::Orchestrator(_) => &["orchestrator.kind"],
            Assumption::NoZeroPages => &["guest.zero"],
            Assumption::ZeroScan(_) => &["host.zero-scan", "guest.zero-scan"],
            Assumption::Setup(_) => &["qemu.setup-time", "host.setup-per-gib", "host.setup"],
            Assumption::Sync(_) => &["qemu.sync-time", "host.sync-per-gib"],
            Assumption::Switchover(_) => &["qemu.switchover-time", "host.switchover"],
            Assumption::Stream(_) => &["host.stream"],
            Assumption::Channel(_) => &["host.stream", "qemu.multifd-channel-bandwidth"],
            Assumption::Tls(_) => &["host.tls", "qemu.tls-bandwidth"],
            Assumption::Ssh(_) => &["host.ssh"],
            Assumption::LibvirtTunnel(_) => &["host.libvirt-tunnel"],
            Assumption::Rdma(_) => &["host.rdma"],
            Assumption::RdmaPinned(_) => &["host.rdma-pinned"],
            Assumption::CompressionRatio(_) => &["qemu.compression-ratio"],
            Assumption::CompressionBandwidth(_) => &["qemu.compression-bandwidth"],
            Assumption::Accesses | Assumption::EvenlyWithin(_) => &["guest.workload.file"],
            Assumption::Again(_) => &["guest.workload.repeat"],
        }
    }

    /// Whether an answer misleads whoever does not know it; the others are constants of a host.
    pub fn misleads(self) -> bool {
        matches!(
            self,
            Assumption::Idle | Assumption::MaxBandwidth(_) | Assumption::Orchestrator(_) | Assumption::Accesses
        )
    }

    /// A word or two for a line that lists several.
    pub fn title(self) -> &'static str {
        match self {
            Assumption::Idle => "workload",
            Assumption::MaxBandwidth(_) | Assumption::NoMaxBandwidth => "max-bandwidth",
            Assumption::Orchestrator(_) => "orchestrator",
            Assumption::NoZeroPages => "zero pages",
            Assumption::ZeroScan(_) => "zero scan",
            Assumption::Setup(_) => "setup",
            Assumption::Sync(_) => "sync",
            Assumption::Switchover(_) => "switchover",
            Assumption::Stream(_) => "one stream at",
            Assumption::Channel(_) => "one channel at",
            Assumption::Ssh(_) => "ssh tunnel at",
            Assumption::LibvirtTunnel(_) => "libvirt's tunnel at",
            Assumption::Rdma(_) | Assumption::RdmaPinned(_) => "RDMA at",
            Assumption::Tls(_) => "TLS per channel at",
            Assumption::CompressionRatio(_) => "compression ratio",
            Assumption::CompressionBandwidth(_) => "compression per thread at",
            Assumption::Accesses => "recorded accesses are",
            Assumption::EvenlyWithin(_) => "recorded pages evenly within",
            Assumption::Again(_) => "recording again after",
        }
    }

    /// What it is taken for, in a spelling that the key takes.
    pub fn taken_for(self) -> String {
        match self {
            Assumption::Idle => "idle".to_owned(),
            Assumption::Orchestrator(kind) => kind.to_owned(),
            Assumption::NoMaxBandwidth => "0".to_owned(),
            Assumption::Accesses => "writes".to_owned(),
            Assumption::EvenlyWithin(span) | Assumption::Again(span) => span.to_string(),
            Assumption::NoZeroPages => "0 %".to_owned(),
            Assumption::MaxBandwidth(rate) | Assumption::Ssh(rate) => format!("{}/s", Bytes(rate.0)),
            Assumption::ZeroScan(rate) | Assumption::Tls(rate) | Assumption::CompressionBandwidth(rate) => {
                decimal(rate)
            }
            Assumption::Setup(span) | Assumption::Sync(span) | Assumption::Switchover(span) => span.to_string(),
            Assumption::Stream(rate)
            | Assumption::Channel(rate)
            | Assumption::LibvirtTunnel(rate)
            | Assumption::Rdma(rate)
            | Assumption::RdmaPinned(rate) => bits(rate),
            Assumption::CompressionRatio(ratio) => ratio.to_string(),
        }
    }
}

impl fmt::Display for Assumption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Assumption::NoMaxBandwidth => f.write_str("no max-bandwidth, as through libvirt"),
            _ => write!(f, "{} {}", self.title(), self.taken_for()),
        }
    }
}

/// What a host does in a second, in decimal units: `1 GB/s`.
fn decimal(rate: Rate) -> String {
    scaled(rate.0 as f64, ["GB/s", "MB/s"])
}

/// What a connection carries, as network people write it: `19.8 Gbit/s`.
fn bits(rate: Rate) -> String {
    scaled(rate.0 as f64 * 8.0, ["Gbit/s", "Mbit/s"])
}

/// An amount in thousands of millions or in millions, to three places.
fn scaled(amount: f64, [giga, mega]: [&str; 2]) -> String {
    let (value, unit) = if amount >= 1e9 { (amount / 1e9, giga) } else { (amount / 1e6, mega) };
    format!("{} {unit}", (value * 1e3).round() / 1e3)
}

/// What every host carries on one connection, by all reports.
const ANY_HOST: Rate = Rate(1_250_000_000);

/// What `table` leaves open of a scenario that was read from it, in the order of the variants. `bandwidth_is_set`: an
/// orchestrator sets `max-bandwidth`.
pub(super) fn of(table: &Table, scenario: &Scenario, bandwidth_is_set: bool) -> Vec<Assumption> {
    let Scenario { guest, link, qemu, .. } = scenario;
    let is_given = |assumption: &Assumption| assumption.keys().iter().any(|key| is_given(table, key));
    let (params, host) = (&qemu.params, &qemu.host);
    let speed = link.steps.iter().map(|(_, rate)| *rate).max().unwrap_or_default();
    let max = Some(params.max_bandwidth).filter(|max| max.0 > 0);
    let reached = max.map_or(speed, |max| max.min(speed));
    let own = Params::defaults(qemu.version).max_bandwidth;
    let limits = !bandwidth_is_set && max == Some(own) && own < speed;
    let (tls, channels) = (TLS.is_on(qemu), MULTIFD.is_on(qemu));
    let (rdma, pinned) = (qemu.transport == Transport::Rdma, qemu.capabilities.rdma_pin_all);
    let compresses = COMPRESS.is_on(qemu) || COMPRESSED_CHANNELS.is_on(qemu);
    let channels_at_least = Rate(ANY_HOST.0.saturating_mul(u64::from(params.multifd_channels)));
    let channel = host.multifd_channel_bandwidth.unwrap_or(host.stream);
    let replays = || {
        guest.workloads.iter().filter_map(|workload| match &workload.law {
            Law::Own(order) => order.replay(),
            _ => None,
        })
    };
    let longest = replays().filter(|replay| replay.origin.has_intervals).map(|replay| replay.longest).max();
    let again = replays().filter(|replay| replay.repeats).map(|replay| replay.length).min();
    let accesses = replays().any(|Replay { origin, .. }| origin.counts_accesses);
    let all = [
        (true, Assumption::Idle),
        (limits, Assumption::MaxBandwidth(own)),
        (true, Assumption::NoZeroPages),
        (guest.zero > Pages(0), Assumption::ZeroScan(scenario.zero_scan())),
        (true, Assumption::Setup(qemu.setup_time)),
        (true, Assumption::Sync(qemu.sync_time)),
        (true, Assumption::Switchover(qemu.switchover_time)),
        (rdma && !pinned, Assumption::Rdma(host.rdma)),
        (rdma && pinned, Assumption::RdmaPinned(host.rdma_pinned)),
        (!rdma && !tls && !channels && reached > ANY_HOST, Assumption::Stream(host.stream)),
        (!rdma && !tls && channels && reached > channels_at_least, Assumption::Channel(channel)),
        (qemu.transport == Transport::Ssh, Assumption::Ssh(host.ssh)),
        (qemu.transport == Transport::LibvirtTunnel, Assumption::LibvirtTunnel(host.libvirt_tunnel)),
        (tls, Assumption::Tls(host.tls_bandwidth)),
        (compresses, Assumption::CompressionRatio(host.compression.ratio)),
        (compresses, Assumption::CompressionBandwidth(host.compression.bandwidth)),
        (accesses, Assumption::Accesses),
        (longest.is_some(), Assumption::EvenlyWithin(longest.unwrap_or_default())),
        (again.is_some() && repeats_unsaid(table), Assumption::Again(again.unwrap_or_default())),
    ];
    let open = all.into_iter().filter(|(matters, assumption)| *matters && !is_given(assumption));
    open.map(|(_, assumption)| assumption).collect()
}

/// Whether a recording does not say whether it begins again.
fn repeats_unsaid(table: &Table) -> bool {
    let sections = |table: &Table, key: &str| match table.get(key).map(|entry| &entry.node.value) {
        Some(TomlValue::List(list)) => list
            .iter()
            .filter_map(|node| if let TomlValue::Table(table) = &node.value { Some(table.clone()) } else { None })
            .collect(),
        _ => Vec::new(),
    };
    let Some(TomlValue::Table(guest)) = table.get("guest").map(|entry| &entry.node.value) else { return false };
    let workloads = sections(guest, "workload");
    let phases = workloads.iter().flat_map(|workload| sections(workload, "phase"));
    let is_recording = |workload: &Table| {
        workload
            .get("kind")
            .is_some_and(|kind| matches!(&kind.node.value, TomlValue::Text(kind) if kind == "recording"))
    };
    workloads.iter().cloned().chain(phases).any(|workload| is_recording(&workload) && workload.get("repeat").is_none())
}

/// Whether there is something at a path; an empty list says nothing.
fn is_given(table: &Table, path: &str) -> bool {
    let (key, rest) = path.split_once('.').map_or((path, None), |(key, rest)| (key, Some(rest)));
    match (table.get(key).map(|entry| &entry.node.value), rest) {
        (Some(TomlValue::Table(table)), Some(rest)) => is_given(table, rest),
        (Some(TomlValue::List(list)), None) => !list.is_empty(),
        (found, rest) => found.is_some() && rest.is_none(),
    }
}

/// What an answer hangs on that takes so many guests for idle: `if the 25 of unknown workload are idle`.
pub fn condition(unknown: usize) -> Option<String> {
    match unknown {
        0 => None,
        1 => Some("if the 1 of unknown workload is idle".to_owned()),
        some => Some(format!("if the {some} of unknown workload are idle")),
    }
}
