//! What pages cost on their way: bytes on the wire and time, at the bandwidth of the moment and with the levers that
//! are on.

use crate::qemu::multifd::{self, Channels, Flush};
use crate::qemu::{Capabilities, Multifd, Profile, QemuConfig, ZeroPageDetection, compress, wire};
use crate::units::{PAGE_SIZE, Rate, Share, Span, real, whole_up};

/// The way from host to host, for each kind of page.
#[derive(Clone)]
pub(super) struct Stream {
    normal: Cost,
    zero: Cost,
    /// Bytes that each iterate call adds on the channels.
    per_call: u64,
    /// Pages that are handed over and that the limiter has not counted when it looks.
    under_way: u64,
    rate: Rate,
}

/// What one page costs.
#[derive(Clone, Copy)]
pub(super) struct Cost {
    /// On the wire; a fraction where a header serves several pages [bytes].
    per_page: f64,
    /// Time [ns].
    ns: f64,
    /// Bytes that the limiter counts at once: one where it counts what is queued, otherwise what goes out together.
    flush: u64,
    /// The limiter counts these pages.
    limited: bool,
    /// How they are counted.
    counts: Counts,
}

/// Where `query-migrate` counts a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counts {
    /// In `ram.normal`.
    Normal,
    /// In `ram.duplicate`.
    Duplicate,
    /// In neither: its bytes are compressed or encoded.
    Encoded,
}

impl Stream {
    /// The way over a link of `bandwidth`, from a host that looks for zero pages at `zero_scan`.
    pub(super) fn new(bandwidth: Rate, zero_scan: Rate, config: &QemuConfig, profile: &Profile) -> Stream {
        let rate = Channels::of(config).wire_rate(bandwidth);
        let plain = Stream::plain(rate, zero_scan, config.params.zero_page_detection, profile);
        match config.capabilities {
            Capabilities { multifd: true, .. } => Stream::multifd(rate, plain, zero_scan, config),
            Capabilities { mapped_ram: true, .. } => Stream::mapped(rate, plain),
            Capabilities { compress: true, .. } => Stream::compressed(rate, plain, config),
            _ => plain,
        }
    }

    /// One stream, pages as they are.
    fn plain(rate: Rate, zero_scan: Rate, detection: ZeroPageDetection, profile: &Profile) -> Stream {
        let flush = |bytes| if profile.limiter_counts_flushed { bytes } else { 1 };
        let normal = Cost::new(wire::NORMAL_PAGE as f64, rate, flush(wire::FLUSH_NORMAL), Counts::Normal);
        let zero = match detection {
            ZeroPageDetection::None => normal,
            _ => Cost::new(wire::ZERO_PAGE as f64, rate, flush(wire::FLUSH_SMALL), Counts::Duplicate)
                .at_least(zero_scan, 1),
        };
        Stream { normal, zero, per_call: 0, under_way: 0, rate }
    }

    /// Pages in packets over several channels; the limiter and the flush count whole packets.
    fn multifd(rate: Rate, plain: Stream, zero_scan: Rate, config: &QemuConfig) -> Stream {
        let channels = Channels::of(config);
        let rules = Multifd::of(config.version, config.machine_type, config.params.zero_page_detection);
        let packet = rules.pages(multifd::PACKET_PAGES, 0, channels.compression);
        let full = (packet.channels + packet.main) as f64;
        let counts = if channels.compression.ratio == 1.0 { Counts::Normal } else { Counts::Encoded };
        let normal = Cost {
            limited: rules.limited,
            ..Cost::new(full / multifd::PACKET_PAGES as f64, rate, full as u64, counts)
        };
        let zero = match rules.zero_pages {
            ZeroPageDetection::None => normal,
            ZeroPageDetection::Legacy => plain.zero,
            // A slot in a packet's header; each channel's thread looks at the pages of its own packets.
            ZeroPageDetection::Multifd => {
                let slot = multifd::PACKET_HEADER as f64 / multifd::PACKET_PAGES as f64;
                Cost::new(slot, rate, multifd::PACKET_HEADER, Counts::Duplicate).at_least(zero_scan, channels.count)
            }
        };
        let flush = rules.flush(config.params.multifd_channels);
        let per_call = if rules.flush == Flush::EachCall { flush.channels + flush.main } else { 0 };
        let under_way = rules.pages_under_way(config.params.multifd_channels);
        Stream { normal, zero, per_call, under_way, rate }
    }

    /// Each page to its place in a file.
    fn mapped(rate: Rate, plain: Stream) -> Stream {
        let normal = Cost::new(wire::MAPPED_PAGE as f64, rate, plain.normal.flush, Counts::Normal);
        let zero = Cost { per_page: wire::MAPPED_ZERO as f64, ..plain.zero };
        Stream { normal, zero, ..plain }
    }

    /// Threads that compress, as far as they keep up.
    fn compressed(rate: Rate, plain: Stream, config: &QemuConfig) -> Stream {
        let waits = compress::waits(config.version, config.params.compress_wait_thread);
        let compression = config.host.compression;
        let (Share(share), rate) = compress::balance(rate, config.params.compress_threads, compression, waits);
        let per_page = share * compress::page_bytes(compression) as f64 + (1.0 - share) * wire::NORMAL_PAGE as f64;
        // The two kinds cannot be told apart in one cost; the more frequent one names the page.
        let counts = if share > 0.5 { Counts::Encoded } else { Counts::Normal };
        Stream { normal: Cost::new(per_page, rate, plain.normal.flush, counts), ..plain }
    }

    /// The cost of a normal or a zero page.
    pub(super) fn cost(&self, zero: bool) -> &Cost {
        if zero { &self.zero } else { &self.normal }
    }

    /// Bytes that leave the host in a second.
    pub(super) fn rate(&self) -> Rate {
        self.rate
    }

    /// Pages that are handed over and that the limiter has not counted when it looks.
    pub(super) fn under_way(&self) -> u64 {
        self.under_way
    }

    /// Bytes that each iterate call adds on the channels.
    pub(super) fn per_call(&self) -> u64 {
        self.per_call
    }
}

impl Cost {
    /// A page that takes as long as its bytes.
    pub(super) fn new(per_page: f64, rate: Rate, flush: u64, counts: Counts) -> Cost {
        Cost { per_page, ns: per_page * rate.ns_per_byte(), flush: flush.max(1), limited: true, counts }
    }

    /// The cost of a page that each of `threads` must first read at `scan`.
    fn at_least(self, scan: Rate, threads: u8) -> Cost {
        let reading = PAGE_SIZE as f64 * scan.ns_per_byte() / f64::from(threads.max(1));
        Cost { ns: self.ns.max(reading), ..self }
    }

    /// How these pages are counted.
    pub(super) fn counts(&self) -> Counts {
        self.counts
    }

    /// Whether the limiter counts these pages.
    pub(super) fn is_limited(&self) -> bool {
        self.limited
    }

    /// Bytes of so many pages, rounded up.
    pub(super) fn bytes(&self, pages: u64) -> u64 {
        whole_up(real(pages) * self.per_page)
    }

    /// Time of so many pages, rounded up.
    pub(super) fn time(&self, pages: u64) -> Span {
        self.time_of(real(pages))
    }

    /// Time of so many pages, of which one may be a part, rounded up.
    pub(super) fn time_of(&self, pages: f64) -> Span {
        Span::rounded_up(pages * self.ns)
    }

    /// Pages that are through after `span`, with the part of the one under way.
    pub(super) fn part_in(&self, span: Span) -> f64 {
        span.0 as f64 / self.ns
    }

    /// Pages after which at least `span` has passed, at least one.
    pub(super) fn pages_to_fill(&self, span: Span) -> u64 {
        whole_up(span.0 as f64 / self.ns).max(1)
    }

    /// Pages until the limiter says stop, with `used` bytes of its quota counted and `waiting` bytes that are queued and
    /// not flushed.
    pub(super) fn pages_to_exceed(&self, quota: u64, used: u64, waiting: u64) -> u64 {
        match quota {
            0 => u64::MAX,
            _ if used > quota => 0,
            _ if !self.limited => u64::MAX,
            _ => {
                let flushes = (quota - used) / self.flush + 1;
                let bytes = (flushes * self.flush).saturating_sub(waiting.saturating_add(1));
                // The cast saturates where pages cost nothing.
                ((bytes as f64 / self.per_page) as u64).saturating_add(1)
            }
        }
    }

    /// Bytes that go out at once.
    pub(super) fn flush(&self) -> u64 {
        self.flush
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::qemu::{Accel, Version};
    use crate::units::Bytes;

    const GB: Rate = Rate(1_000_000_000);

    fn config(version: (u8, u8)) -> QemuConfig {
        QemuConfig::defaults(Version::new(version.0, version.1), Accel::Kvm, Bytes::GIB)
    }

    #[test]
    fn the_limiter_stops_one_page_above_its_quota() {
        let stream = Stream::new(GB, GB, &config((8, 2)), &Profile::of(Version::new(8, 2)));
        let (normal, zero) = (stream.cost(false), stream.cost(true));
        let queued = Stream::new(GB, GB, &config((8, 1)), &Profile::of(Version::new(8, 1))).normal;
        for (what, got, pages) in [
            ("32 MiB/s, as queued", queued.pages_to_exceed(3_355_443, 0, 0), 818),
            ("used up to the last byte", queued.pages_to_exceed(100, 100, 0), 1),
            ("above", normal.pages_to_exceed(100, 101, 0), 0),
            ("no limit", normal.pages_to_exceed(0, 1 << 40, 0), u64::MAX),
            ("32 MiB/s, flushed by 32 pages", normal.pages_to_exceed(3_355_443, 0, 0), 26 * 32),
            ("with 10 pages waiting", normal.pages_to_exceed(3_355_443, 0, 41_040), 26 * 32 - 10),
            ("zero pages, flushed by 32 KiB", zero.pages_to_exceed(40_000, 0, 0), 7282),
        ] {
            assert_eq!(got, pages, "{what}");
        }
    }

    #[test]
    fn time_and_pages_are_each_other_s_inverse() {
        let cost = *Stream::new(GB, GB, &config((8, 2)), &Profile::of(Version::new(8, 2))).cost(false);
        assert_eq!(cost.time(100), Span(410_400));
        assert_eq!((cost.part_in(Span(410_400)), cost.part_in(Span(410_399)) as u64), (100.0, 99));
        assert_eq!((cost.pages_to_fill(Span(410_400)), cost.pages_to_fill(Span(410_401))), (100, 101));
        assert_eq!(cost.bytes(3), 12_312);
    }

    #[test]
    fn levers_change_bytes_and_rate() {
        let with = |version, change: fn(&mut QemuConfig)| {
            let mut config = config(version);
            change(&mut config);
            let stream = Stream::new(GB, GB, &config, &Profile::of(config.version));
            let (normal, zero) = (*stream.cost(false), *stream.cost(true));
            (normal.bytes(128), normal.time(128).0, zero.bytes(128), zero.time(128).0)
        };
        let multifd = |config: &mut QemuConfig| config.capabilities.multifd = true;
        let packet = 1344 + 128 * 4096;
        for (what, got, expected) in [
            ("plain", with((9, 0), |_| ()), (525_312, 525_312, 1152, 524_288)),
            ("9.0 finds zero pages on two channels", with((9, 0), multifd), (packet, packet, 1344, 262_144)),
            ("8.2 on the main thread", with((8, 2), multifd), (packet, packet, 1152, 524_288)),
            (
                "TLS halves the rate",
                with((8, 2), |config| {
                    config.params.tls_creds = "tls0".to_owned();
                    config.host.tls_bandwidth = Rate(500_000_000);
                }),
                (525_312, 1_050_624, 1152, 524_288),
            ),
            (
                "nobody looks for zero pages",
                with((9, 0), |config| config.params.zero_page_detection = ZeroPageDetection::None),
                (525_312, 525_312, 525_312, 525_312),
            ),
            (
                "a file has no headers",
                with((9, 0), |config| config.capabilities.mapped_ram = true),
                (524_288, 524_288, 0, 524_288),
            ),
        ] {
            assert_eq!(got, expected, "{what}");
        }
    }
}
