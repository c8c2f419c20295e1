//! Post-copy: when the switch is made, what it costs, and how long a page that the guest misses takes
//! (qemu-precopy 8).

use super::{Version, limiter, wire};
use crate::units::{Bytes, PAGE_SIZE, Pages, Rate, Share, Span};

/// Ranges in one discard message.
const RANGES: u64 = 12;
/// A discard message without its ranges and the block's name (`migration/savevm.c`): 5 bytes of command header,
/// version, length of the name, and the zero behind it.
const DISCARD_HEADER: u64 = 8;
/// Start and length of a range.
const RANGE: u64 = 16;

/// The rules of one release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PostCopy {
    /// The switch needs what a switchover needs: with `switchover-ack` the destination's word (8.1+).
    pub waits_for_ack: bool,
    /// A requested switch comes before completion where both are possible (10.1+).
    pub wins_over_completion: bool,
    /// The page phase ends below the threshold and sends the rest in completion (up to 10.0); later ones end at 0.
    pub ends_at_threshold: bool,
    /// `max-postcopy-bandwidth` exists (3.0+); before, the page phase had no limit.
    pub has_limit: bool,
    /// The largest device state that fits into the package of the switch.
    pub package_limit: Bytes,
    /// With `postcopy-preempt`, the thread of the return path sends requested pages (8.0+), not the one that sweeps.
    pub urgent_thread: bool,
}

/// What a step of the loop sees before it decides on the switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// `migrate-start-postcopy` was given.
    pub requested: bool,
    /// The step is about to complete the migration.
    pub completing: bool,
    /// What post-copy cannot send; RAM is not part of it [bytes].
    pub must_precopy: Bytes,
    /// Bytes that fit into the downtime limit [bytes].
    pub threshold: Bytes,
    /// No `switchover-ack`, or the destination has given it.
    pub switchover_allowed: bool,
}

/// How pages go that the guest asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Service {
    /// Speed of the link.
    pub link: Rate,
    /// One way from host to host.
    pub latency: Span,
    /// Page size of the memory behind the guest [bytes].
    pub host_page: Bytes,
    /// What stands in the socket's queue before a page that is sent now; see [`Service::SEND_QUEUE`] [bytes].
    pub queued: Bytes,
    /// The background sweep is going on. At its end nothing is left to be asked for.
    pub sweeping: bool,
}

impl PostCopy {
    /// The rules of a release; it has post-copy from 2.5 on.
    pub fn of(version: Version) -> PostCopy {
        let since = |major, minor| version >= Version::new(major, minor);
        PostCopy {
            waits_for_ack: since(8, 1),
            wins_over_completion: since(10, 1),
            ends_at_threshold: !since(10, 1),
            has_limit: since(3, 0),
            package_limit: Bytes(if since(2, 12) { 4 << 30 } else { 16 << 20 }),
            urgent_thread: since(8, 0),
        }
    }

    /// Whether this step makes the switch.
    pub fn switches(&self, turn: Turn) -> bool {
        turn.requested
            && turn.must_precopy <= turn.threshold
            && (turn.switchover_allowed || !self.waits_for_ack)
            && (self.wins_over_completion || !turn.completing)
    }

    /// Bytes a window in the page phase; 0: no limit. Requested pages are sent whatever the limiter says.
    pub fn quota(&self, max_postcopy_bandwidth: Rate) -> u64 {
        if self.has_limit { limiter::quota(max_postcopy_bandwidth) } else { 0 }
    }

    /// Whether the page phase ends with `remaining` left.
    pub fn completes(&self, remaining: Bytes, threshold: Bytes) -> bool {
        remaining.0 == 0 || (self.ends_at_threshold && remaining < threshold)
    }

    /// From a guest's access to a page that is not there to the page being there.
    ///
    /// ```text
    /// 2 x latency + wait + host page / speed
    /// ```
    ///
    /// On the one connection a page waits behind the socket's queue and, on average, half a host page in flight.
    /// With `preempt` it has a connection of its own and nothing before it; the two are assumed to halve the link
    /// while the sweep goes on. In 7.1 and 7.2 the sweeping thread has to come back from a write of
    /// [`wire::FLUSH_NORMAL`] first, half of it on average.
    pub fn request_latency(&self, preempt: bool, service: &Service) -> Span {
        let page = host_page_bytes(service.host_page);
        let (ahead, shared) = match (service.sweeping, preempt) {
            (false, _) => (0, 1),
            (true, false) => (service.queued.0.saturating_add(page / 2), 1),
            (true, true) => (if self.urgent_thread { 0 } else { wire::FLUSH_NORMAL / 2 }, 2),
        };
        let own = Rate(service.link.0 / shared);
        service.latency * 2 + service.link.time_for(Bytes(ahead)) + own.time_for(Bytes(page))
    }
}

impl Service {
    /// What a busy connection holds ready to send where nothing else is known: 4 MiB, the largest send buffer that
    /// Linux gives a connection by default (tcp(7), `tcp_wmem`).
    pub const SEND_QUEUE: Bytes = Bytes(4 << 20);
}

/// Bytes in the stream of one host page, which goes as so many 4 KiB pages.
fn host_page_bytes(host_page: Bytes) -> u64 {
    (host_page.0 / PAGE_SIZE).max(1) * wire::NORMAL_PAGE
}

/// Bytes of the messages that tell the destination to forget `ranges` ranges of pages of a block with that name.
pub fn discard_bytes(block: &str, ranges: u64) -> u64 {
    ranges.div_ceil(RANGES) * (DISCARD_HEADER + block.len() as u64) + ranges * RANGE
}

/// Ranges to be expected in a stretch of RAM where any page is dirty with the chance `dirty`.
pub fn expected_ranges(stretch: Pages, dirty: Share) -> f64 {
    if stretch.0 == 0 {
        return 0.0;
    }
    // A range begins at a dirty page that follows a clean one, or at the head of the stretch.
    dirty.0 + (stretch.0 - 1) as f64 * dirty.0 * (1.0 - dirty.0)
}

/// Share of pages that remain after the switch, where any page was dirty with the chance `dirty`: a host page that
/// is dirty in part counts as a whole.
pub fn remaining_share(dirty: Share, host_page: Bytes) -> Share {
    let pages = (host_page.0 / PAGE_SIZE).max(1);
    if pages == 1 { dirty } else { Share(1.0 - libm::pow(1.0 - dirty.0, pages as f64)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TURN: Turn = Turn {
        requested: true,
        completing: false,
        must_precopy: Bytes(0),
        threshold: Bytes(0),
        switchover_allowed: true,
    };

    #[test]
    fn the_switch_is_made_as_the_release_makes_it() {
        let cases: [(&str, Turn, [bool; 3]); 6] = [
            ("at once", TURN, [true, true, true]),
            ("not asked for", Turn { requested: false, ..TURN }, [false, false, false]),
            ("while completing", Turn { completing: true, ..TURN }, [false, false, true]),
            ("without the ack", Turn { switchover_allowed: false, ..TURN }, [true, false, false]),
            ("too much else", Turn { must_precopy: Bytes(1), ..TURN }, [false, false, false]),
            ("just enough else", Turn { must_precopy: Bytes(1), threshold: Bytes(1), ..TURN }, [true, true, true]),
        ];
        for (what, turn, expected) in cases {
            let versions = [Version::new(8, 0), Version::new(10, 0), Version::new(10, 1)];
            assert_eq!(versions.map(|version| PostCopy::of(version).switches(turn)), expected, "{what}");
        }
    }

    #[test]
    fn the_page_phase_ends_at_zero_from_10_1_on() {
        for (version, remaining, done) in [
            (Version::new(10, 0), 99, true),
            (Version::new(10, 0), 100, false),
            (Version::new(10, 1), 99, false),
            (Version::new(10, 1), 0, true),
            (Version::new(2, 6), 0, true),
        ] {
            assert_eq!(PostCopy::of(version).completes(Bytes(remaining), Bytes(100)), done, "{version} {remaining}");
        }
    }

    #[test]
    fn limits_came_with_releases() {
        let old = PostCopy::of(Version::new(2, 11));
        assert_eq!((old.package_limit, old.quota(Rate(1000))), (Bytes(16 << 20), 0));
        let new = PostCopy::of(Version::new(3, 0));
        assert_eq!((new.package_limit, new.quota(Rate(1000))), (Bytes(4 << 30), 100));
    }

    #[test]
    fn a_request_waits_for_what_is_ahead_of_it() {
        // 1 byte/ns, so that bytes and ns are the same.
        let service = Service {
            link: Rate(1_000_000_000),
            latency: Span(100_000),
            host_page: Bytes(4096),
            queued: Bytes(1_000_000),
            sweeping: true,
        };
        let huge = Service { host_page: Bytes(2 << 20), ..service };
        let idle = Service { sweeping: false, ..service };
        let (new, old) = (PostCopy::of(Version::new(8, 0)), PostCopy::of(Version::new(7, 2)));
        for (what, rules, preempt, service, ns) in [
            ("one connection", new, false, service, 200_000 + 1_000_000 + 2052 + 4104),
            ("a 2 MiB page", new, false, huge, 200_000 + 1_000_000 + 512 * 4104 * 3 / 2),
            ("its own connection", new, true, service, 200_000 + 2 * 4104),
            ("its own connection, 7.2", old, true, service, 200_000 + 65_664 + 2 * 4104),
            ("a 2 MiB page on its own", new, true, huge, 200_000 + 2 * 512 * 4104),
            ("after the sweep", new, false, idle, 200_000 + 4104),
        ] {
            assert_eq!(rules.request_latency(preempt, &service), Span(ns), "{what}");
        }
    }

    #[test]
    fn the_switch_sends_twelve_ranges_a_message() {
        for (ranges, bytes) in [(0, 0), (1, 14 + 16), (12, 14 + 12 * 16), (13, 28 + 13 * 16)] {
            assert_eq!(discard_bytes("pc.ram", ranges), bytes, "{ranges}");
        }
        assert_eq!(expected_ranges(Pages(101), Share(0.5)), 25.5);
        assert_eq!(expected_ranges(Pages(101), Share(1.0)), 1.0);
        assert_eq!(expected_ranges(Pages(0), Share(1.0)), 0.0);
    }

    #[test]
    fn dirty_host_pages_remain_as_a_whole() {
        assert_eq!(remaining_share(Share(0.3), Bytes(4096)), Share(0.3));
        let huge = remaining_share(Share(0.01), Bytes(2 << 20)).0;
        assert!((huge - 0.994).abs() < 0.001, "{huge}");
    }
}
