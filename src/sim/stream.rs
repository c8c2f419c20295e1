//! What pages cost on their way: bytes on the wire and time, at the bandwidth of the moment.

use crate::qemu::wire;
use crate::units::{PAGE_SIZE, Rate, Span, whole_up};

/// The way from host to host, for each kind of page.
pub(super) struct Stream {
    normal: Cost,
    zero: Cost,
}

/// What one page costs.
#[derive(Clone, Copy)]
pub(super) struct Cost {
    /// On the wire; a fraction where a header serves several pages [bytes].
    per_page: f64,
    /// Time [ns].
    ns: f64,
    /// Bytes that go out at once: the limiter that counts flushed bytes counts in these.
    flush: u64,
}

impl Stream {
    pub(super) fn new(bandwidth: Rate, zero_scan: Rate) -> Stream {
        let sending = |bytes: u64| bytes as f64 * bandwidth.ns_per_byte();
        let scanning = PAGE_SIZE as f64 * zero_scan.ns_per_byte();
        let cost = |bytes: u64, ns: f64, flush: u64| Cost { per_page: bytes as f64, ns, flush };
        Stream {
            normal: cost(wire::NORMAL_PAGE, sending(wire::NORMAL_PAGE), wire::FLUSH_NORMAL),
            zero: cost(wire::ZERO_PAGE, scanning.max(sending(wire::ZERO_PAGE)), wire::FLUSH_SMALL),
        }
    }

    /// The cost of a normal or a zero page.
    pub(super) fn cost(&self, zero: bool) -> &Cost {
        if zero { &self.zero } else { &self.normal }
    }
}

impl Cost {
    /// Bytes of so many pages, rounded up.
    pub(super) fn bytes(&self, pages: u64) -> u64 {
        whole_up(pages as f64 * self.per_page)
    }

    /// Time of so many pages, rounded up.
    pub(super) fn time(&self, pages: u64) -> Span {
        Span::rounded_up(pages as f64 * self.ns)
    }

    /// Pages that are through after `span`; a page under way is not.
    pub(super) fn pages_in(&self, span: Span) -> u64 {
        (span.0 as f64 / self.ns) as u64
    }

    /// Pages after which at least `span` has passed, at least one.
    pub(super) fn pages_to_fill(&self, span: Span) -> u64 {
        whole_up(span.0 as f64 / self.ns).max(1)
    }

    /// Pages until the limiter says stop, with `used` bytes of its quota counted; each page counts as it is queued.
    pub(super) fn pages_to_exceed_queued(&self, quota: u64, used: u64) -> u64 {
        match quota {
            0 => u64::MAX,
            _ if used > quota => 0,
            _ => ((quota - used) as f64 / self.per_page) as u64 + 1,
        }
    }

    /// The same for a limiter that counts bytes as they are flushed; `waiting` bytes are queued already.
    pub(super) fn pages_to_exceed_flushed(&self, quota: u64, used: u64, waiting: u64) -> u64 {
        match quota {
            0 => u64::MAX,
            _ if used > quota => 0,
            _ => {
                let flushes = (quota - used) / self.flush + 1;
                whole_up((flushes * self.flush).saturating_sub(waiting) as f64 / self.per_page)
            }
        }
    }

    /// Bytes that are flushed once `queued` are; the rest waits.
    pub(super) fn flushed(&self, queued: u64) -> u64 {
        queued - queued % self.flush
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limiter_stops_one_page_above_its_quota() {
        let stream = Stream::new(Rate(1_000_000_000), Rate(1_000_000_000));
        let (normal, zero) = (stream.cost(false), stream.cost(true));
        for (what, got, pages) in [
            ("32 MiB/s", normal.pages_to_exceed_queued(3_355_443, 0), 818),
            ("used up to the last byte", normal.pages_to_exceed_queued(100, 100), 1),
            ("above", normal.pages_to_exceed_queued(100, 101), 0),
            ("no limit", normal.pages_to_exceed_queued(0, 1 << 40), u64::MAX),
            ("32 MiB/s, flushed by 32 pages", normal.pages_to_exceed_flushed(3_355_443, 0, 0), 26 * 32),
            ("with 10 pages waiting", normal.pages_to_exceed_flushed(3_355_443, 0, 41_040), 26 * 32 - 10),
            ("zero pages, flushed by 32 KiB", zero.pages_to_exceed_flushed(40_000, 0, 0), 7282),
        ] {
            assert_eq!(got, pages, "{what}");
        }
    }

    #[test]
    fn time_and_pages_are_each_other_s_inverse() {
        let cost = *Stream::new(Rate(1_000_000_000), Rate(1_000_000_000)).cost(false);
        assert_eq!(cost.time(100), Span(410_400));
        assert_eq!((cost.pages_in(Span(410_400)), cost.pages_in(Span(410_399))), (100, 99));
        assert_eq!((cost.pages_to_fill(Span(410_400)), cost.pages_to_fill(Span(410_401))), (100, 101));
        assert_eq!(cost.bytes(3), 12_312);
    }
}
