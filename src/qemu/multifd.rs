//! Pages over several channels: what goes over the wire, and how fast (qemu-precopy 3.1 and 7).

use super::{Compression, MultifdCompression, QemuConfig, Version, ZeroPageDetection, wire};
use crate::units::{PAGE_SIZE, Rate};

/// Most pages that a packet holds.
pub const PACKET_PAGES: u64 = 128;
/// Header of a packet, whatever it holds: 320 bytes, and 8 for each of 128 pages.
pub const PACKET_HEADER: u64 = 320 + 8 * PACKET_PAGES;
/// A full packet of normal pages as they are.
pub const FULL_PACKET: u64 = PACKET_HEADER + PACKET_PAGES * PAGE_SIZE;
/// What a flush once a wrap puts into the main stream.
const FLUSH_MARKER: u64 = 8;

/// When the migration thread waits until all channels are idle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flush {
    /// At the end of each iterate call: machine types up to 8.0.
    EachCall,
    /// When the cursor wraps: machine types from 8.1 on.
    EachWrap,
}

/// The rules of multifd under one release and machine type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Multifd {
    /// When channels are flushed.
    pub flush: Flush,
    /// Who finds zero pages. Before 9.0 that is always the migration thread.
    pub zero_pages: ZeroPageDetection,
    /// What goes over the channels counts against the limiter (4.2+). Before, it bypassed it.
    pub limited: bool,
    /// The limiter counts a packet when its channel has written it (8.2+); before, when it was handed over.
    pub counts_written: bool,
    /// `ram.normal` counts a page when its channel sends it, not when it is queued (9.0+).
    pub counts_sent: bool,
}

/// Bytes by the way they go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MultifdCost {
    /// On the channels, all together.
    pub channels: u64,
    /// In the main stream.
    pub main: u64,
}

impl Multifd {
    /// The rules of a release that runs a machine type of `machine`, with its zero page detection as configured.
    pub fn of(version: Version, machine: Version, detection: ZeroPageDetection) -> Multifd {
        let since = |major, minor| version >= Version::new(major, minor);
        Multifd {
            flush: if machine < Version::new(8, 1) { Flush::EachCall } else { Flush::EachWrap },
            zero_pages: if since(9, 0) { detection } else { ZeroPageDetection::Legacy },
            limited: since(4, 2),
            counts_written: since(8, 2),
            counts_sent: since(9, 0),
        }
    }

    /// What normal and zero pages cost that are queued one after another, in as few packets as hold them.
    pub fn pages(&self, normal: u64, zero: u64, compression: Compression) -> MultifdCost {
        let (queued, normal, main) = match self.zero_pages {
            ZeroPageDetection::None => (normal + zero, normal + zero, 0),
            ZeroPageDetection::Legacy => (normal, normal, zero * wire::ZERO_PAGE),
            ZeroPageDetection::Multifd => (normal + zero, normal, 0),
        };
        let headers = queued.div_ceil(PACKET_PAGES) * PACKET_HEADER;
        MultifdCost { channels: headers + compression.payload(normal * PAGE_SIZE), main }
    }

    /// Pages that are handed over and not yet written when the limiter's quota is used up, on average over windows.
    ///
    /// Between one packet and one a channel is under way then. Measured at 64 MiB/s on 10.0 and 11.1, where 13 packets use a
    /// window's quota up: 14 or 15 with 2 channels, 14 to 21 with 8 (17.7 on average); this gives 14.5 and 17.5.
    pub fn pages_under_way(&self, channels: u8) -> u64 {
        if self.counts_written { (u64::from(channels) + 1) * PACKET_PAGES / 2 } else { 0 }
    }

    /// What one flush costs, beside the wait.
    pub fn flush(&self, channels: u8) -> MultifdCost {
        let main = if self.flush == Flush::EachWrap { FLUSH_MARKER } else { 0 };
        MultifdCost { channels: u64::from(channels) * PACKET_HEADER, main }
    }
}

/// How fast bytes leave the host, over one stream or several channels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Channels {
    /// How many there are.
    pub count: u8,
    /// What one of them sends at most, bytes on the wire.
    pub bandwidth: Rate,
    /// What all of them share beside the link, if they go through a tunnel.
    pub tunnel: Option<Rate>,
    /// What each does to its pages.
    pub compression: Compression,
}

impl Channels {
    /// The channels as configured; the main stream alone without multifd.
    pub fn of(config: &QemuConfig) -> Channels {
        let host = &config.host;
        let tls = !config.params.tls_creds.is_empty();
        let connection = host.connection(config.transport, config.capabilities.rdma_pin_all, tls);
        let tunnel = host.tunnel(config.transport);
        if !config.capabilities.multifd {
            return Channels { count: 1, bandwidth: connection, tunnel, compression: Compression::NONE };
        }
        let compressed = config.params.multifd_compression != MultifdCompression::None;
        // What is said of a channel may be more than what is assumed of any connection, but is not without TLS's price.
        let tls = tls.then_some(host.tls_bandwidth);
        let said = host.multifd_channel_bandwidth.map(|channel| tls.map_or(channel, |tls| tls.min(channel)));
        Channels {
            count: config.params.multifd_channels,
            bandwidth: said.unwrap_or(connection),
            tunnel,
            compression: if compressed { host.compression } else { Compression::NONE },
        }
    }

    /// Bytes on the wire in a second: what the link takes, or what all channels together can do.
    ///
    /// ```text
    /// min(link, tunnel, channels x min(channel, compression / ratio))
    /// ```
    pub fn wire_rate(&self, link: Rate) -> Rate {
        let compressed = self.compression.bandwidth.0 as f64 / self.compression.ratio;
        let each = compressed.min(self.bandwidth.0 as f64);
        let shared = self.tunnel.map_or(link, |tunnel| tunnel.min(link));
        // The cast saturates: a channel without limits is as fast as the link.
        shared.min(Rate((f64::from(self.count) * each) as u64))
    }

    /// Bytes of guest pages in a second at that link, headers left out.
    pub fn goodput(&self, link: Rate) -> Rate {
        Rate((self.wire_rate(link).0 as f64 * self.compression.ratio) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GBIT_10: Rate = Rate(1_250_000_000);

    #[test]
    fn rules_follow_release_and_machine_type() {
        use ZeroPageDetection as Zero;
        let v = Version::new;
        for (version, machine, detection, expected) in [
            (v(4, 1), v(4, 1), Zero::Legacy, (Flush::EachCall, Zero::Legacy, false, false)),
            (v(4, 2), v(4, 2), Zero::Legacy, (Flush::EachCall, Zero::Legacy, true, false)),
            (v(8, 1), v(8, 0), Zero::Legacy, (Flush::EachCall, Zero::Legacy, true, false)),
            (v(8, 1), v(8, 1), Zero::Multifd, (Flush::EachWrap, Zero::Legacy, true, false)),
            (v(9, 0), v(8, 2), Zero::Legacy, (Flush::EachWrap, Zero::Legacy, true, true)),
            (v(9, 0), v(9, 0), Zero::Multifd, (Flush::EachWrap, Zero::Multifd, true, true)),
        ] {
            let Multifd { flush, zero_pages, limited, counts_sent, .. } = Multifd::of(version, machine, detection);
            assert_eq!((flush, zero_pages, limited, counts_sent), expected, "{version} with {machine}");
        }
    }

    #[test]
    fn pages_cost_their_packets() {
        let (none, legacy, multifd) = (ZeroPageDetection::None, ZeroPageDetection::Legacy, ZeroPageDetection::Multifd);
        let half = Compression { ratio: 2.0, ..Compression::NONE };
        for (detection, normal, zero, compression, channels, main) in [
            (multifd, 128, 0, Compression::NONE, 1344 + 128 * 4096, 0),
            (multifd, 129, 0, Compression::NONE, 2 * 1344 + 129 * 4096, 0),
            (multifd, 100, 28, Compression::NONE, 1344 + 100 * 4096, 0),
            (multifd, 0, 128, Compression::NONE, 1344, 0),
            (legacy, 128, 128, Compression::NONE, 1344 + 128 * 4096, 128 * 9),
            (none, 128, 128, Compression::NONE, 2 * 1344 + 256 * 4096, 0),
            (multifd, 128, 0, half, 1344 + 64 * 4096, 0),
            (multifd, 0, 0, Compression::NONE, 0, 0),
        ] {
            let rules = Multifd::of(Version::new(9, 0), Version::new(9, 0), detection);
            let cost = rules.pages(normal, zero, compression);
            assert_eq!(cost, MultifdCost { channels, main }, "{detection:?}, {normal} normal, {zero} zero");
        }
        assert_eq!(FULL_PACKET, 525_632);
    }

    #[test]
    fn a_flush_costs_a_packet_a_channel() {
        let flush = |machine| {
            let newest = Version::NEWEST;
            Multifd::of(newest, machine, ZeroPageDetection::Legacy).flush(8)
        };
        assert_eq!(flush(Version::new(8, 0)), MultifdCost { channels: 10_752, main: 0 });
        assert_eq!(flush(Version::new(8, 1)), MultifdCost { channels: 10_752, main: 8 });
    }

    #[test]
    fn the_slowest_of_link_channels_and_compression_decides() {
        let channels = |count, bandwidth: Option<u64>, ratio, speed| Channels {
            count,
            bandwidth: bandwidth.map_or(Rate(u64::MAX), Rate),
            tunnel: None,
            compression: Compression { ratio, bandwidth: Rate(speed) },
        };
        for (what, channels, wire, goodput) in [
            ("the link", channels(2, None, 1.0, u64::MAX), 1_250_000_000, 1_250_000_000),
            ("two channels", channels(2, Some(500_000_000), 1.0, u64::MAX), 1_000_000_000, 1_000_000_000),
            ("three fill the link", channels(3, Some(500_000_000), 1.0, u64::MAX), 1_250_000_000, 1_250_000_000),
            ("compression", channels(4, None, 2.0, 200_000_000), 400_000_000, 800_000_000),
            ("a full link of compressed pages", channels(16, None, 2.0, 200_000_000), 1_250_000_000, 2_500_000_000),
            (
                "encryption behind compression",
                channels(2, Some(300_000_000), 2.0, 800_000_000),
                600_000_000,
                1_200_000_000,
            ),
        ] {
            assert_eq!((channels.wire_rate(GBIT_10), channels.goodput(GBIT_10)), (Rate(wire), Rate(goodput)), "{what}");
        }
    }
}
